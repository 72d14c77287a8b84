import type { ZodType } from 'zod';
import type { Backend } from '../compute/backend.js';
import type { Profile } from '../measure/measure.js';
import type { Plan, Problem, RunResult } from '../run/problem.js';

/** A statement that a study tests, with what was predicted and what was measured. */
export interface Claim {
  readonly statement: string;
  readonly prediction: string;
  readonly measurement: string;
  readonly verdict: 'holds' | 'fails' | 'undecided';
}

export type Cell = string | number | boolean | null;

export interface Table {
  readonly title: string;
  /** Small, and what a reader wants to see first: shown on a terminal too. */
  readonly summary?: boolean;
  readonly columns: readonly { readonly name: string; readonly unit?: string }[];
  readonly rows: readonly (readonly Cell[])[];
}

/** One layer of a figure; all arrays of one mark have the same length. */
export type Mark =
  | {
      readonly type: 'line' | 'dot' | 'stem';
      readonly x: readonly number[];
      readonly y: readonly number[];
      readonly label?: string;
      readonly size?: readonly number[];
    }
  | {
      readonly type: 'band';
      readonly x: readonly number[];
      readonly low: readonly number[];
      readonly high: readonly number[];
      readonly label?: string;
    }
  | { readonly type: 'rule'; readonly axis: 'x' | 'y'; readonly at: number; readonly label?: string }
  | {
      readonly type: 'text';
      readonly x: readonly number[];
      readonly y: readonly number[];
      readonly text: readonly string[];
    };

/** A figure as plain data; drawing it belongs to apps. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
}

export interface Axis {
  readonly label: string;
  readonly scale?: 'linear' | 'log';
}

export interface StudyResult {
  readonly claims: readonly Claim[];
  readonly tables: readonly Table[];
  readonly figures: readonly Figure[];
  /** Series written to metrics.csv: equal-length columns. */
  readonly metrics?: Readonly<Record<string, readonly number[]>>;
  /** Named profiles written to frames.npz. */
  readonly profiles?: Readonly<Record<string, Profile>>;
  /** Further files for the folder of the run, by name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Paragraphs for the report: what the study does and the honest notes. */
  readonly notes?: readonly string[];
}

/** Progress of a study, for a terminal line. */
export interface StudyProgress {
  /** Which of the study's runs this is. */
  readonly label: string;
  readonly step: number;
  /** In [0, 1] within the labelled run, where a bound is known. */
  readonly fraction?: number;
  readonly time?: number;
  readonly values?: Readonly<Record<string, number>>;
}

/** Which steps of a longer run a piece of it takes. */
export interface RunPart {
  /** Steps before this piece. */
  readonly stepsBefore: number;
  /** Steps of all pieces together. */
  readonly stepsInAll: number;
}

/** What a study may use. */
export interface StudyContext {
  readonly seed: number | string;
  readonly backend: Backend;
  readonly signal?: AbortSignal;
  /**
   * Runs a problem in slices, reports its progress under `label`, honors the signal. With a `part` it is told as some
   * steps of a longer run, which a study may take in several pieces.
   */
  simulate(label: string, problem: Problem, plan: Plan, part?: RunPart): Promise<RunResult>;
  progress(progress: StudyProgress): void;
  /**
   * To be awaited between pieces of work that are no `simulate`: reports, and gives the host a turn every 10 ms.
   *
   * @throws `aborted` when the signal has fired.
   */
  pause(progress: StudyProgress): Promise<void>;
}

/** An experiment with typed parameters and checkable claims. */
export interface Study<Params = unknown> {
  readonly id: string;
  readonly title: string;
  /** Key of docs/references.bib, with section or equation. */
  readonly reference: string;
  /** Defaults make `{}` valid. */
  readonly params: ZodType<Params>;
  run(params: Params, context: StudyContext): Promise<StudyResult>;
}
