import {
  adaptive,
  type Claim,
  claimAtMost,
  claimWithin,
  dopri5,
  energyRecorder,
  gradientFlow,
  massRecorder,
  networkUnit,
  type Recorder,
  type Risk,
  type RunResult,
  randomKey,
  risk,
  type Study,
  type StudyContext,
  type StudyResult,
  speedRecorder,
  wassersteinFisherRao,
} from '@muflow/core';
import { planetsCsv } from '../data/planets.js';
import { type Dataset, makeDataset, type Part } from '../dataset.js';
import { meanSlopes, symmetricStart } from '../network.js';
import { modelFiles } from '../predict/model.js';
import { modelOfDataset } from '../predict/modelOfDataset.js';
import { readTable } from '../table.js';
import { balanceClaims, balanceTable } from './energyBalance.js';
import { regressionFigures } from './regressionFigures.js';
import { keplerColumns, type RegressionParams, regressionParams, settled } from './regressionParams.js';
import { errorsOf, medianDeviation, type RegressionErrors, regressionTables } from './regressionReport.js';

/**
 * A shallow network `f(x) = int a sigma(<w, x> + b) dmu(a, w, b)` trained by the Wasserstein-Fisher-Rao flow of its
 * mean squared error on a table, and checked on rows it has not seen.
 *
 * Why these defaults. The two inputs of the orbits table are correlated (0.83 to 0.88), so the error has a fast
 * direction, along both, and a slow one, between them: at time 40 the slow one is not learned (exponent of the
 * semi-major axis 1.44, median deviation from Kepler's law 8.5 % with seed 1), at time 400 it is. The fast direction
 * makes explicit steps above about 0.4 unstable; a largest step of 0.25 lets it die out instead of ringing at the
 * tolerance, and the error control keeps other tables stable, whose fast direction is not known beforehand.
 *
 * Measured with the defaults, lowest / median / highest over seeds 1 to 24, which change the split and the start:
 * - share of the variance left on held-out rows: 3.6e-6 / 8.0e-5 / 1.1e-3,
 * - median deviation of held-out rows from Kepler's law: 0.30 / 0.91 / 1.77 %,
 * - mean exponent of the semi-major axis: 1.451 / 1.474 / 1.483, always below 1.5, the more so the earlier one stops,
 * - mean exponent of the central mass: -0.496 / -0.488 / -0.476,
 * - fall of the energy not accounted for by the dissipation: 3.1e-4 / 5.8e-4 / 2.2e-3.
 *
 * Every claim held with every one of these seeds; seed 10 is nearest to a bound (1.451 against 1.45).
 *
 * With softplus (tolerance 1e-6) the balance closes to the end of training, but 2 of seeds 1 to 12 fail a claim of
 * accuracy: 1.449 for the semi-major axis with seed 7, 6.0 % off the law with seed 8.
 *
 * Cost: width times rows units per evaluation and about 11500 evaluations, a few seconds for the orbits table. With
 * relu and rows that scatter, the kinks make the error control take many more steps.
 */
export const regressionStudy: Study<Parameters<typeof settled>[0]> = {
  id: 'supervised/regression',
  title: "A shallow network learns a table by a WFR flow: by default, Kepler's third law from 64 orbits",
  reference: 'ChizatBach2018, section 2; LieroMielkeSavare2018',
  params: regressionParams,
  async run(given, context): Promise<StudyResult> {
    const values = settled(given);
    const table = readTable(values.table);
    const data = makeDataset(table, { ...values, key: randomKey(context.seed) });
    const energy = riskOn(data.train, data, { values, context, lambda: values.lambda });
    // The law is read before training, so that a mistake in it is told at once.
    const untrained = symmetricStart(data.inputDim, values.width, randomKey(context.seed));
    errorsOf(table, data, values, { risk: energy, mu: untrained });
    const run = await train(energy, data, values, context);
    const errors = errorsOf(table, data, values, { risk: energy, mu: run.profile[0] });
    const origin = `supervised/regression, seed ${context.seed}`;
    return {
      claims: [
        ...accuracyClaims(errors, values),
        ...exponentClaims(energy, data, run, values),
        ...balanceClaims(run.frames),
      ],
      tables: [...regressionTables(table, errors, values), balanceTable(run.frames)],
      figures: regressionFigures(errors, run, values),
      metrics: {
        step: run.frames.map((frame) => frame.step),
        time: run.frames.map((frame) => frame.time),
        energy: run.frames.map((frame) => frame.values.energy),
        heldOutLoss: run.frames.map((frame) => frame.values.heldOutLoss),
        totalMass: run.frames.map((frame) => frame.values.mass),
      },
      profiles: { initial: run.frames[0].profile, trained: run.profile },
      files: { ...modelFiles(modelOfDataset(data, { ...values, measure: run.profile[0], origin })) },
      notes: notesOf(data, run, values),
    };
  },
};

interface RiskChoice {
  readonly values: RegressionParams;
  readonly context: StudyContext;
  readonly lambda: number;
}

function riskOn(part: Part, data: Dataset, { values, context, lambda }: RiskChoice): Risk {
  return risk({
    unit: networkUnit({ activation: values.activation, inputs: data.inputDim }),
    inputs: part.inputs,
    targets: part.targets,
    backend: context.backend,
    ...(lambda > 0 ? { penalty: { kind: 'pathNorm' as const, lambda } } : {}),
  });
}

/** About as many frames as fit a report and resolve the energy balance; fewer for very long runs. */
const mostFrames = 2000;

/** A run ends, and says so, when the error control has made it this many times longer than planned. */
const mostShortening = 20;

function train(energy: Risk, data: Dataset, values: RegressionParams, context: StudyContext): Promise<RunResult> {
  const { alpha, gamma, stepSize, tolerance, duration, width } = values;
  const held = riskOn(data.test, data, { values, context, lambda: 0 });
  return context.simulate(
    'training',
    {
      flow: gradientFlow(energy, wassersteinFisherRao({ alpha, gamma })),
      initial: symmetricStart(data.inputDim, width, randomKey(context.seed)),
    },
    {
      stepper: adaptive(dopri5(), { rtol: tolerance, atol: tolerance }),
      dt: stepSize,
      maxTime: duration,
      maxSteps: mostShortening * Math.max(50, Math.ceil(duration / stepSize)),
      seed: context.seed,
      record: {
        every: Math.max(1, Math.floor(duration / stepSize / mostFrames)),
        recorders: [energyRecorder(energy), heldOutRecorder(held), massRecorder(), speedRecorder()],
      },
    },
  );
}

function heldOutRecorder(held: Risk): Recorder {
  return {
    name: 'heldOutLoss',
    columns: ['heldOutLoss'],
    start: () => (view) => [held.meanLoss(view.profile[0])],
  };
}

/**
 * What a reader would call learned. With a law behind the data: 1 % of the variance left, half of the held-out rows
 * within 5 % of the law over a target that spans decades. Without one: better than the mean.
 */
function accuracyClaims(errors: RegressionErrors, values: RegressionParams): Claim[] {
  const left = {
    statement: 'The network predicts held-out rows better than the mean: share of the variance left',
    measured: errors.unexplained('predicted', true),
  };
  if (values.law === null) return [claimAtMost({ ...left, bound: 1 })];
  return [
    claimAtMost({ ...left, bound: 0.01 }),
    claimAtMost({
      statement: 'On held-out rows the network agrees with the reference law: median relative deviation',
      bound: 0.05,
      measured: medianDeviation(errors, true, (row) => [row.predicted, row.law]),
    }),
  ];
}

/**
 * Exponents of Kepler's law as mean slopes of the network at the training rows, for its columns only. A fit of the
 * values alone does not give them: all planets share one central mass, so there the slope in it is extrapolated.
 */
function exponentClaims(energy: Risk, data: Dataset, run: RunResult, values: RegressionParams): Claim[] {
  if (!keplerColumns(values)) return [];
  const slopes = meanSlopes(energy, run.profile[0], data.train.inputs, data.train.rows.length);
  const exponent = (name: string): number => {
    const k = values.features.indexOf(name);
    return (slopes[k] * data.targetScale.deviation) / data.featureScale[k].deviation;
  };
  return [
    claimWithin({
      statement: 'Mean exponent of the semi-major axis',
      predicted: 1.5,
      tolerance: 0.05,
      measured: exponent('semi_major_axis_km'),
    }),
    claimWithin({
      statement: 'Mean exponent of the central mass',
      predicted: -0.5,
      tolerance: 0.05,
      measured: exponent('central_mass_kg'),
    }),
  ];
}

function notesOf(data: Dataset, run: RunResult, values: RegressionParams): string[] {
  const notes = [
    `${data.train.rows.length} rows train a network of ${values.width} ${values.activation} units, (1/n) sum_i a_i sigma(<w_i, x> + b_i), and ${data.test.rows.length} rows chosen by the seed are held out. Positions move by the Wasserstein part of the flow, masses by the Fisher-Rao part.`,
  ];
  if (run.status !== 'maxTime') {
    notes.push(
      `Training ended early, at time ${run.time} of ${values.duration}: ${run.reason}. The claims are about the network at that time.`,
    );
  }
  if (values.activation === 'relu') {
    notes.push(
      'The energy balance closes to the accuracy of the integral while the energy is large, and misses 1 to 50 per cent, depending on the seed, of the little that is left late; with one seed, steps five times smaller did not change that. With activation softplus or tanh and tolerance 1e-6 it closed to the end. A likely reason, which has not been proved: the gradient of a relu network jumps where the kink of a neuron crosses a row, and late in training neurons may stay on such kinks. Where rows scatter about every smooth curve this can take a large part of the fall, and the claim then fails.',
    );
  }
  if (values.table === planetsCsv && values.law !== null) {
    notes.push(
      "The table holds planets, dwarf planets and larger moons. The small moons of Pluto lie up to 1.7 % off Kepler's law for one central mass, because Pluto and Charon are two.",
      'Over seeds 1 to 24 all claims held at the default parameters; the exponent of the semi-major axis came out between 1.451 and 1.483, always below 1.5, and held-out rows lay between 0.3 and 1.8 % (median) off the law.',
      "In logarithms Kepler's law is linear, so least squares, which assumes that, is closer than the network, which has to find it.",
    );
  }
  return notes;
}
