import {
  type Claim,
  claimAtMost,
  claimWithin,
  dissipationRecorder,
  energyRecorder,
  gradientFlow,
  heun,
  massRecorder,
  networkUnit,
  parseCsv,
  type Risk,
  type RunResult,
  randomKey,
  risk,
  type Study,
  type StudyResult,
  wassersteinFisherRao,
} from '@muflow/core';
import { planetsCsv } from '../data/planets.js';
import { type Dataset, makeDataset } from '../dataset.js';
import { meanSlopes, symmetricStart } from '../network.js';
import { regressionFigures } from './regressionFigures.js';
import { type RegressionParams, regressionParams } from './regressionParams.js';
import { errorsOf, keplerColumns, referenceLaw, regressionTables } from './regressionReport.js';

/** A shallow network trained by a WFR flow on a table, checked on rows it has not seen. */
export const regressionStudy: Study<RegressionParams> = {
  id: 'supervised/regression',
  title: "A shallow network learns a table by a WFR flow: by default, Kepler's third law from 64 orbits",
  reference: 'ChizatBach2018, section 2; LieroMielkeSavare2018',
  params: regressionParams,
  async run(values, context): Promise<StudyResult> {
    const table = parseCsv(values.table, 'table');
    const key = randomKey(context.seed);
    const data = makeDataset(table, { ...values, key });
    const energy = risk({
      unit: networkUnit({ activation: values.activation, inputs: data.inputDim }),
      inputs: data.train.inputs,
      targets: data.train.targets,
      backend: context.backend,
      ...(values.lambda > 0 ? { penalty: { kind: 'pathNorm' as const, lambda: values.lambda } } : {}),
    });
    const held = risk({
      unit: networkUnit({ activation: values.activation, inputs: data.inputDim }),
      inputs: data.test.inputs,
      targets: data.test.targets,
      backend: context.backend,
    });
    const metric = wassersteinFisherRao({ alpha: values.alpha, gamma: values.gamma });
    const count = Math.ceil(values.duration / values.stepSize);
    const run = await context.simulate(
      'training',
      { flow: gradientFlow(energy, metric), initial: symmetricStart(data.inputDim, values.width, key) },
      {
        stepper: heun(),
        dt: values.stepSize,
        maxTime: values.duration,
        seed: context.seed,
        record: {
          every: Math.max(1, Math.floor(count / 400)),
          recorders: [energyRecorder(energy), heldOutRecorder(held), massRecorder(), dissipationRecorder()],
        },
      },
    );
    const errors = errorsOf(table, data, energy, run.profile[0], values);
    return {
      claims: [...accuracyClaims(errors, values), ...slopeClaims(energy, data, run, values), ...balanceClaims(run)],
      tables: regressionTables(table, data, errors, values),
      figures: regressionFigures(data, errors, run, values),
      metrics: {
        step: run.frames.map((frame) => frame.step),
        time: run.frames.map((frame) => frame.time),
        energy: run.frames.map((frame) => frame.values.energy),
        heldOutLoss: run.frames.map((frame) => frame.values.heldOutLoss),
        totalMass: run.frames.map((frame) => frame.values.mass),
      },
      profiles: { initial: run.frames[0].profile, trained: run.profile },
      notes: [
        `${data.train.rows.length} rows train a network of ${values.width} ${values.activation} units, (1/n) sum_i a_i sigma(<w_i, x> + b_i), and ${data.test.rows.length} rows chosen by the seed are held out. Positions move by the Wasserstein part of the flow, masses by the Fisher-Rao part.`,
        ...(values.table === planetsCsv
          ? [
              "The table holds planets, dwarf planets and larger moons. The small moons of Pluto lie up to 1.7 % off Kepler's law for one central mass, because Pluto and Charon are two.",
            ]
          : []),
      ],
    };
  },
};

function heldOutRecorder(held: Risk) {
  return {
    name: 'heldOutLoss',
    columns: ['heldOutLoss'],
    start: () => (view: { readonly profile: RunResult['profile'] }) => [held.meanLoss(view.profile[0])],
  };
}

function accuracyClaims(errors: ReturnType<typeof errorsOf>, values: RegressionParams): Claim[] {
  const claims = [
    claimAtMost({
      statement: 'The network predicts held-out rows better than their mean: share of the variance left',
      bound: 0.01,
      measured: errors.heldOutUnexplained,
    }),
  ];
  if (values.law !== null) {
    claims.push(
      claimAtMost({
        statement: 'On held-out rows the network agrees with the reference law: median relative deviation',
        bound: 0.05,
        measured: referenceLaw.medianDeviation(errors),
      }),
    );
  }
  return claims;
}

/** Exponents of Kepler's law as mean slopes of the network, for the default columns only. */
function slopeClaims(energy: Risk, data: Dataset, run: RunResult, values: RegressionParams): Claim[] {
  if (!keplerColumns(values)) return [];
  const slopes = meanSlopes(energy, run.profile[0], data.train.inputs, data.train.rows.length);
  const inUnits = (k: number): number => (slopes[k] * data.targetScale.deviation) / data.featureScale[k].deviation;
  return [
    claimWithin({
      statement: 'Mean exponent of the semi-major axis',
      predicted: 1.5,
      tolerance: 0.05,
      measured: inUnits(0),
    }),
    claimWithin({
      statement: 'Mean exponent of the central mass',
      predicted: -0.5,
      tolerance: 0.05,
      measured: inUnits(1),
    }),
  ];
}

/** Mass is conserved, and the energy falls by what the metric dissipates. */
function balanceClaims(run: RunResult): Claim[] {
  const masses = run.frames.map((frame) => frame.values.mass);
  const last = run.frames[run.frames.length - 1].values;
  return [
    claimAtMost({
      statement: 'Total mass is conserved: largest relative drift',
      bound: 1e-12,
      measured: Math.max(...masses.map((mass) => Math.abs(mass / masses[0] - 1))),
    }),
    claimAtMost({
      statement: 'The energy falls by the dissipation of the metric: relative imbalance over the run',
      bound: 0.02,
      measured: Math.abs(last.dissipationImbalance),
    }),
  ];
}
