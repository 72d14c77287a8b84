/** What checking one law found. */
export interface LawOutcome {
  readonly holds: boolean;
  /** Measured figures in words, e.g. `slope 2.01, expected 2 +- 0.15`. */
  readonly measurement: string;
  /** Smallest failing case found, printed. */
  readonly counterexample?: string;
}

/** A law that every subject of one kind must hold; plain data, so that tests and `muflow check` share it. */
export interface Law<Subject> {
  /** Kebab-case, e.g. `dissipation-identity`. */
  readonly id: string;
  /** The law in words, used as the title of its test. */
  readonly title: string;
  /** Says why the law is silent about this subject, or null where it speaks. */
  readonly skip?: (subject: Subject) => string | null;
  check(subject: Subject, options: LawOptions): LawOutcome | Promise<LawOutcome>;
}

export interface LawOptions {
  readonly seed: number;
  /** Number of random cases, default 50. */
  readonly runs?: number;
}
