import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithin,
  type Figure,
  type Frame,
  linearFit,
  type Measure,
} from '@muflow/core';
import { type DualityGap, dualityGap } from '../certificate/dualityGap.js';
import type { PenalizedProblem } from '../certificate/penalizedProblem.js';
import { type DeconvolutionCase, optimalEnergies, spikes } from './deconvolutionCard.js';

/** One run with its certified gaps. */
export interface Outcome {
  readonly one: DeconvolutionCase;
  readonly label: string;
  readonly frames: readonly Frame[];
  readonly end: Measure;
  /** At the end; null without a penalty, where the dual bound is 0. */
  readonly certificate: DualityGap | null;
}

export const energyAt = ({ frames }: Outcome, step: number): number =>
  frames.find((frame) => frame.step === step)?.values.energy ?? Number.NaN;

export const lastEnergy = ({ frames }: Outcome): number => frames[frames.length - 1].values.energy;

export const gapOf = (problem: PenalizedProblem, mu: Measure): DualityGap =>
  dualityGap(problem, mu, { tolerance: 1e-11 });

/** Slope of `-log(J - J*)` per step over the records of a window. */
export function rateOf(
  { frames }: Outcome,
  optimum: number,
  { from, to }: { readonly from: number; readonly to: number },
) {
  const window = frames.filter(({ step, values }) => step >= from && step <= to && values.energy > optimum);
  if (window.length < 2) return Number.NaN;
  const logs = window.map(({ values }) => Math.log(values.energy - optimum));
  return -linearFit(
    window.map(({ step }) => step),
    logs,
  ).slope;
}

/** Within 1e-6 of the value, or within half a unit of its last printed digit where that is coarser. */
export function energyClaims(outcome: Outcome): Claim[] {
  const { one, label } = outcome;
  const reached = one.energies.filter(({ step }) => Number.isFinite(energyAt(outcome, step)));
  return reached.map(({ step, value, digits }) =>
    claimWithin({
      statement: `Energy of ${label} at step ${step}`,
      predicted: value,
      tolerance: Math.max(1e-6 * value, 1.01 * digits),
      measured: energyAt(outcome, step),
    }),
  );
}

/** Claims on what the runs with one penalty reach, and how fast; `optimum` is measured, not predicted. */
export function limitClaims(outcome: Outcome, optimum: number, steps: number): Claim[] {
  const { one, label, certificate } = outcome;
  const claims: Claim[] = [];
  const { value, to } = one.rate;
  if (steps >= to) {
    claims.push(
      claimWithin({
        statement: `Decay of log(J - J*) per step of ${label}, steps ${one.rate.from} to ${to}`,
        predicted: value,
        tolerance: 0.1 * value,
        measured: rateOf(outcome, optimum, one.rate),
      }),
    );
  }
  if (certificate === null || steps < 2999) return claims;
  const known = optimalEnergies[one.lambda];
  claims.push(
    claimAtMost({
      statement: `${label} ends at J* = ${known}: relative distance`,
      bound: 1e-9,
      measured: Math.abs(lastEnergy(outcome) / known - 1),
    }),
    claimAtMost({
      statement: `Duality gap of ${label} at the end, certified`,
      bound: 1e-9,
      measured: certified(certificate),
    }),
  );
  return claims;
}

/** The gap where it is proven. */
const certified = ({ gap, status }: DualityGap): number => (status === 'certified' ? gap : Number.NaN);

/** With a penalty and one atom too many the rate stays; without one it falls. */
export function rateClaims(outcomes: readonly Outcome[], optima: ReadonlyMap<number, number>, steps: number): Claim[] {
  if (steps < 2500) return [];
  const slowing = (outcome: Outcome): number => {
    const optimum = optima.get(outcome.one.lambda) ?? 0;
    const [early, late] = [
      rateOf(outcome, optimum, { from: 200, to: 600 }),
      rateOf(outcome, optimum, { from: 1500, to: 2500 }),
    ];
    return late / early;
  };
  return outcomes.flatMap((outcome) => {
    const { lambda, atoms } = outcome.one;
    const ratio = { statement: `Late over early rate of ${outcome.label}`, measured: slowing(outcome) };
    if (lambda === 0 && atoms > 3) {
      return [
        claimAtMost({ ...ratio, statement: `${ratio.statement}: slower than linear without a penalty`, bound: 0.5 }),
      ];
    }
    if (lambda === 1 && atoms === 4) {
      return [claimAtLeast({ ...ratio, statement: `${ratio.statement}: linear with a penalty`, bound: 0.8 })];
    }
    return [];
  });
}

/** The grid start with penalty 1: descent, then near atoms merged and small ones dropped, then descent again. */
export interface Sparse {
  readonly before: Measure;
  readonly after: Measure;
  readonly gapBefore: DualityGap;
  readonly gapAfter: DualityGap;
  readonly energies: readonly [number, number];
}

export function sparseClaims(
  { after, gapAfter, energies }: Sparse,
  { steps, polish }: { readonly steps: number; readonly polish: number },
): Claim[] {
  if (steps < 2999 || polish < 200) return [];
  return [
    claimWithin({
      statement: 'From 100 atoms and lambda 1, as many spikes are left after merging as were planted',
      predicted: spikes().count,
      tolerance: 0,
      measured: after.count,
    }),
    claimAtMost({
      statement: 'They end at the same J*: relative distance',
      bound: 1e-9,
      measured: Math.abs(energies[1] / optimalEnergies[1] - 1),
    }),
    claimAtMost({ statement: 'Their duality gap, certified', bound: 1e-9, measured: certified(gapAfter) }),
  ];
}

export function deconvolutionFigures(
  outcomes: readonly Outcome[],
  optima: ReadonlyMap<number, number>,
  gaps: readonly GapSeries[],
): Figure[] {
  return [
    {
      id: 'excess',
      title: 'Excess energy against step',
      caption:
        'As many atoms as spikes: fast linear convergence. One atom more: linear with a penalty, slower than linear without. The floor is rounding.',
      x: { label: 'step' },
      y: { label: 'J - J*', scale: 'log' },
      marks: outcomes.map((outcome) => {
        const optimum = optima.get(outcome.one.lambda) ?? 0;
        const shown = outcome.frames.filter(({ values }) => values.energy - optimum > 1e-14);
        return {
          type: 'line' as const,
          label: outcome.label,
          x: shown.map(({ step }) => step),
          y: shown.map(({ values }) => values.energy - optimum),
        };
      }),
    },
    {
      id: 'gap',
      title: 'Certified duality gap against step',
      caption:
        'A proven bound of the excess that needs no knowledge of the optimum; it is of first order in the distance from it where the excess is of second, and so it is larger.',
      x: { label: 'step' },
      y: { label: 'primal - dual', scale: 'log' },
      marks: gaps.map(({ label, steps, values }) => ({ type: 'line' as const, label, x: steps, y: values })),
    },
  ];
}

export interface GapSeries {
  readonly label: string;
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** Gaps at every tenth step up to 90, then at every 150th; zeros have no logarithm and are left out. */
export function gapSeries({ label, frames }: Outcome, problem: PenalizedProblem): GapSeries {
  const chosen = frames.filter((_, k) => k < 10 || k % 15 === 0);
  const shown = chosen
    .map(({ step, profile }) => ({ step, gap: gapOf(problem, profile[0]).gap }))
    .filter(({ gap }) => gap > 0);
  return { label, steps: shown.map(({ step }) => step), values: shown.map(({ gap }) => gap) };
}
