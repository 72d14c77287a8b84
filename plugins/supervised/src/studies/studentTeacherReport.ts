import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  type Figure,
  quantiles,
  type StudyResult,
  type Table,
} from '@muflow/core';

export const methods = [
  'gradient flow',
  'Fisher-Rao masses',
  'systematic resampling',
  'birth-death',
  're-injection',
] as const;
export type Method = (typeof methods)[number];

/** One run: energies at the records, counted in published steps, and what the jumps did. */
export interface Series {
  readonly steps: readonly number[];
  readonly energies: readonly number[];
  readonly deaths: number;
  /** Effective number of atoms at the end. */
  readonly effective: number;
}

/** Columns of metrics.csv. */
const columnOf: Readonly<Record<Method, string>> = {
  'gradient flow': 'gradientFlow',
  'Fisher-Rao masses': 'fisherRaoMasses',
  'systematic resampling': 'systematicResampling',
  'birth-death': 'birthDeath',
  're-injection': 'reinjection',
};

export type Runs = readonly Readonly<Record<Method, Series>>[];

/** Largest ratio to the gradient flow that counts as no harm. */
const noHarm = 1.1;

const endOf = ({ energies }: Series): number => energies[energies.length - 1];

const spreadAt = (runs: Runs, method: Method, k: number) => quantiles(runs.map((run) => run[method].energies[k]));

/** Ratios of the energy at the end to that of the gradient flow from the same start, low, median and high. */
const ratiosOf = (runs: Runs, method: Method) =>
  quantiles(runs.map((run) => endOf(run[method]) / endOf(run['gradient flow'])));

function claimsOf(runs: Runs): Claim[] {
  const last = runs[0]['gradient flow'].steps.length - 1;
  const ofFlow = spreadAt(runs, 'gradient flow', last).median;
  const ratio = (method: Method): number => spreadAt(runs, method, last).median / ofFlow;
  const statement = (method: Method, what: string): string =>
    `${method} ${what}: median energy at the end over that of the gradient flow`;
  return [
    claimAtMost({
      statement: 'The gradient flow learns: median energy at the end over that at the start',
      bound: 0.5,
      measured: ofFlow / spreadAt(runs, 'gradient flow', 0).median,
    }),
    claimAtLeast({ statement: statement('birth-death', 'does not help'), bound: 1, measured: ratio('birth-death') }),
    claimAtLeast({
      statement: statement('re-injection', 'helps by no more than a tenth'),
      bound: 0.9,
      measured: ratio('re-injection'),
    }),
    claimAtMost({
      statement: statement('Fisher-Rao masses', 'do no harm'),
      bound: noHarm,
      measured: ratio('Fisher-Rao masses'),
    }),
    claimAtMost({
      statement: statement('systematic resampling', 'does no harm'),
      bound: noHarm,
      measured: ratio('systematic resampling'),
    }),
  ];
}

function endTable(runs: Runs): Table {
  const last = runs[0]['gradient flow'].steps.length - 1;
  const median = (method: Method, read: (series: Series) => number): number =>
    quantiles(runs.map((run) => read(run[method]))).median;
  return {
    title: `At published step ${runs[0]['gradient flow'].steps[last]}, ${runs.length} teachers`,
    columns: [
      { name: 'method' },
      { name: 'median energy' },
      { name: 'lowest' },
      { name: 'highest' },
      { name: 'over the flow, median' },
      { name: 'lowest ratio' },
      { name: 'highest ratio' },
      { name: 'deaths, median' },
      { name: 'effective atoms, median' },
    ],
    rows: methods.map((method) => {
      const energies = runs.map((run) => endOf(run[method]));
      const ratios = runs.map((run) => endOf(run[method]) / endOf(run['gradient flow']));
      return [
        method,
        quantiles(energies).median,
        Math.min(...energies),
        Math.max(...energies),
        ratiosOf(runs, method).median,
        Math.min(...ratios),
        Math.max(...ratios),
        median(method, ({ deaths }) => deaths),
        median(method, ({ effective }) => effective),
      ];
    }),
  };
}

function courseTable(runs: Runs): Table {
  const { steps } = runs[0]['gradient flow'];
  const last = steps.length - 1;
  const shown = [0, 0.1, 0.2, 0.4, 0.6, 0.8, 1].map((share) => Math.round(share * last));
  return {
    title: 'Median energy',
    columns: [{ name: 'published step' }, ...methods.map((name) => ({ name }))],
    rows: [...new Set(shown)].map((k) => [steps[k], ...methods.map((method) => spreadAt(runs, method, k).median)]),
  };
}

function figureOf(runs: Runs): Figure {
  const { steps } = runs[0]['gradient flow'];
  const x = [...steps];
  return {
    id: 'energy',
    title: 'Energy against published step',
    caption:
      'Medians over the teachers. Every teacher gives all methods one start; none of the methods that move mass gets ahead of the gradient flow.',
    x: { label: 'published step' },
    y: { label: 'energy', scale: 'log' },
    marks: methods.map((method) => ({
      type: 'line' as const,
      label: method,
      x,
      y: x.map((_, k) => spreadAt(runs, method, k).median),
    })),
  };
}

/** What the runs say of every method beside the gradient flow. */
export function studentTeacherReport(
  runs: Runs,
  given: { readonly inputs: number; readonly teacherUnits: number; readonly width: number; readonly dt: number },
): StudyResult {
  const { inputs, teacherUnits, width, dt } = given;
  return {
    claims: claimsOf(runs),
    notes: [
      `A student of ${width} ReLU units learns a teacher of ${teacherUnits}, of weights -1 and 1 on unit rows, on the unit sphere of dimension ${inputs}. The published training is stochastic gradient descent on the plain sum of the units with learning rate 0.02 on the mean square error and 100 fresh samples a step. Here it is the flow of the loss over the whole sphere, in closed form: with output weights and rows multiplied by sqrt(n), the sum becomes a mean and the published descent the Wasserstein flow, in which a published step is 0.04 of time. Steps of ${dt} were taken.`,
      'In this form the published birth-death rate alpha = 1 at 50 units is the rate 1 of the Fisher-Rao flow, and alpha = 0.01, of deaths followed by re-injection with no output weight, is the rate 0.01. The published rule strikes by V; here it is V - Vbar, which keeps the mass.',
      'So birth-death is no general accelerator. In dimension 50 a student of 50 units has no direction to spare: an atom killed takes one away and a clone adds none, and deaths at the published rate of re-injection are rare or absent. Masses that move lower the effective number of atoms, and with it the rate at which the rest is learned: see the last column.',
      'Harm grows with the horizon. Three teachers (seed 1) followed to the published end, step 100 000, in steps of 1, have median energies 1.11e-3 by the gradient flow, 1.44e-3 with Fisher-Rao masses, 4.2e-3 with systematic resampling after every step, 6.9e-3 with birth-death and 1.11e-3 with re-injection. That exact masses and systematic resampling do no harm here does not hold to the end.',
    ],
    tables: [endTable(runs), courseTable(runs)],
    figures: [figureOf(runs)],
    metrics: {
      step: runs[0]['gradient flow'].steps,
      ...Object.fromEntries(
        methods.map((method) => [
          columnOf[method],
          runs[0][method].steps.map((_, k) => spreadAt(runs, method, k).median),
        ]),
      ),
    },
  };
}
