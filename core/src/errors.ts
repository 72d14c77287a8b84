/** What went wrong, as a stable machine-readable word. */
export type ErrorCode =
  | 'invalid-argument'
  | 'shape-mismatch'
  | 'not-finite'
  | 'unknown-id'
  | 'duplicate-id'
  | 'missing-requirement'
  | 'version-mismatch'
  | 'parse'
  | 'invalid-config'
  | 'unsupported'
  | 'file'
  | 'aborted'
  | 'internal';

/** The parts of one error message; see {@link failure} for how they are put together. */
export interface Failure {
  readonly code: ErrorCode;
  /** Where: the public name that refuses, e.g. `torus` or `parseFormula`. */
  readonly where: string;
  /** What is wrong, without the value. */
  readonly problem: string;
  /** The value or shape received, sizes always printed. */
  readonly got: string;
  readonly expected: string;
  /** An action the reader can take. */
  readonly fix: string;
  /** Config path (`flow.metric.alpha`) or `column 7` of a formula. */
  readonly path?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error class of muflow: every refusal at the door is one of these. */
export class MuflowError extends Error {
  readonly code: ErrorCode;
  readonly where: string;
  readonly path: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  /** The parts the message was built from, for callers that say where they were. */
  readonly failure: Failure;

  constructor(failure: Failure) {
    const at = failure.path === undefined ? '' : ` at ${failure.path}`;
    super(
      `[${failure.where}] ${failure.problem}${at}, got ${failure.got}, expected ${failure.expected}. Fix: ${failure.fix}${/[.?]$/.test(failure.fix) ? '' : '.'}`,
      failure.cause === undefined ? undefined : { cause: failure.cause },
    );
    this.name = 'MuflowError';
    this.code = failure.code;
    this.where = failure.where;
    this.path = failure.path;
    this.details = failure.details ?? {};
    this.failure = failure;
  }
}

/** Throws the {@link MuflowError} with these parts. */
export function fail(failure: Failure): never {
  throw new MuflowError(failure);
}

/** True for errors raised by {@link fail}, across copies of the package. */
export function isMuflowError(error: unknown): error is MuflowError {
  return error instanceof Error && error.name === 'MuflowError' && 'code' in error;
}

/** Prints a value for an error message in at most about 60 characters, with its size. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const text = JSON.stringify(value);
    return text.length > 60 ? `${text.slice(0, 56)}…" (${value.length} characters)` : text;
  }
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const array = value as ArrayLike<unknown>;
    const name = Array.isArray(value) ? 'array' : value.constructor.name;
    const head = Array.from({ length: Math.min(4, array.length) }, (_, i) => showScalar(array[i]));
    return `${name}(${array.length}) [${head.join(', ')}${array.length > 4 ? ', …' : ''}]`;
  }
  return showScalar(value);
}

function showScalar(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `object {${Object.keys(value).slice(0, 6).join(', ')}}`;
  if (typeof value === 'function') return 'a function';
  const text = String(value);
  return text.length > 40 ? `${text.slice(0, 36)}… (${text.length} characters)` : text;
}

/** Ids nearest to a mistyped one, for did-you-mean hints: edit distance, at most `count`. */
export function nearest(id: string, known: readonly string[], count = 3): readonly string[] {
  const farthest = (candidate: string): number => Math.max(3, candidate.length / 2);
  return known
    .filter((candidate) => id.length - candidate.length <= farthest(candidate))
    .map((candidate) => ({ candidate, distance: editDistance(id, candidate) }))
    .filter(({ candidate, distance }) => distance <= farthest(candidate) || candidate.includes(id))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    previous = row;
  }
  return previous[b.length] as number;
}
