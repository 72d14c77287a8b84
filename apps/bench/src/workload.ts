/** What one workload is asked with: sizes and choices, the same for every program. */
export type Params = Readonly<Record<string, number | string>>;

/** What is timed, here and by peers that know the same kind and parameters. */
export interface Workload {
  readonly name: string;
  readonly kind: string;
  readonly params: Params;
  /** Largest relative difference between the results of two programs in float64. */
  readonly tolerance: number;
  /** A number proportional to the work, to foresee how long a program takes from how long it took on a smaller row. */
  readonly work: number;
  /** Why no other program is asked, where only muflow has an answer. */
  readonly alone?: string;
}
