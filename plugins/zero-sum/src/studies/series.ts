import type { Axis, Figure, RunResult } from '@muflow/core';

/** The recorded values of one column, by step. */
export const column = (run: RunResult, name: string): number[] => run.frames.map((frame) => frame.values[name]);

export const steps = (run: RunResult): number[] => run.frames.map((frame) => frame.step);

/** The value of a column at the last frame whose step is at most `step`. */
export function valueAt(run: RunResult, name: string, step: number): number {
  const frame = run.frames.findLast((candidate) => candidate.step <= step);
  return frame === undefined ? Number.NaN : frame.values[name];
}

/** One or more series over a common axis. */
export function seriesFigure(
  id: string,
  text: { readonly title: string; readonly caption: string },
  axes: { readonly x: Axis; readonly y: Axis },
  lines: readonly { readonly label: string; readonly x: readonly number[]; readonly y: readonly number[] }[],
): Figure {
  return { id, ...text, ...axes, marks: lines.map((line) => ({ type: 'line' as const, ...line })) };
}

/** Errors as they are drawn on a logarithmic axis: rounding may take them to zero or below, which has no place there. */
export const positive = (values: readonly number[]): number[] =>
  values.map((value) => (value > 0 ? value : Number.NaN));
