import {
  type Claim,
  claimAtMost,
  deriveKey,
  randomKey,
  type Study,
  type StudyContext,
  type StudyResult,
} from '@muflow/core';
import { landmarkFeatures, linearFeatures, randomFeatures, type StartLaw } from '../baselines/features.js';
import { type FeatureMap, fitRidge, type RidgeFit } from '../baselines/ridge.js';
import { type Dataset, makeDataset } from '../dataset.js';
import { type Trained, trainNetwork } from '../fit/trainNetwork.js';
import { arcCosineKernel } from '../kernels/unitKernels.js';
import { modelFiles } from '../predict/model.js';
import { modelOfDataset } from '../predict/modelOfDataset.js';
import { type TabularParams, type Task, tabularParams, taskOf } from './tabularParams.js';
import { type Predictor, tabularFigures, tabularTables, unexplained } from './tabularReport.js';

/**
 * A shallow network trained by the Wasserstein-Fisher-Rao flow on any table of numbers, beside linear ridge regression
 * and kernel ridge regression with the kernel of the network's own neurons at the start (the lazy limit of training
 * output weights alone). The same rows train all three, the same rows choose penalties and the time to stop, and the
 * same rows, seen by none, tell how good they are. The trained measure is left as model.json and model.npz, for
 * `muflow predict`.
 *
 * Measured with the defaults over seeds 1 to 8: share of the variance left on held-out rows 0.027 to 0.034 for the
 * network (the noise alone leaves about 0.027), 0.16 to 0.23 for kernel ridge regression, 1.00 for ridge regression.
 *
 * What is claimed: of tables with one bent direction that the network does with half the error of both others. Of
 * other tables only that it does better than the mean; the table of the report says who wins.
 */
export const tabularStudy: Study<TabularParams> = {
  id: 'supervised/tabular',
  title: 'A network, ridge regression and kernel ridge regression side by side on the held-out rows of a table',
  reference: 'ChizatBach2018, section 2; Bach2017',
  params: tabularParams,
  async run(params, context): Promise<StudyResult> {
    const key = randomKey(context.seed);
    await context.pause({ label: 'reading the table', step: 0 });
    const task = taskOf(params, key);
    const { heldOut, validation } = params;
    const data = makeDataset(task.table, { ...task, heldOut, validation, key });
    const law = startLawOf(params, data.inputDim);
    const origin = `supervised/tabular, seed ${context.seed}`;
    const trained = await trainNetwork(data, { ...params, law }, context);
    const ridge = await fitted('ridge regression', linearFeatures(data.inputDim), data, context);
    const kernel = await fitted('kernel ridge regression', kernelFeatures(data, law, params, context), data, context);
    const predictors: Predictor[] = [
      { name: 'network', setting: `step ${trained.best.step}`, predict: networkPredictor(trained) },
      { name: 'ridge regression', setting: penaltyOf(ridge), predict: ridge.predict },
      { name: 'kernel ridge regression', setting: penaltyOf(kernel), predict: kernel.predict },
    ];
    return {
      claims: claimsOf(task, data, predictors),
      tables: tabularTables(data, predictors, task),
      figures: tabularFigures(data, predictors, { task, curve: trained.curve }),
      metrics: {
        step: trained.curve.map(({ step }) => step),
        time: trained.curve.map(({ time }) => time),
        dt: trained.curve.map(({ dt }) => dt),
        trainLoss: trained.curve.map(({ trainLoss }) => trainLoss),
        validationLoss: trained.curve.map(({ validationLoss }) => validationLoss),
      },
      profiles: { trained: [trained.measure] },
      files: { ...modelFiles(modelOfDataset(data, { ...task, ...law, measure: trained.measure, origin })) },
      notes: notesOf(task, data, trained, params),
    };
  },
};

/** Neurons of unit size on standardized inputs. */
const startLawOf = ({ activation }: TabularParams, inputDim: number): StartLaw => ({
  activation,
  weight: 1 / Math.sqrt(inputDim),
  bias: 1,
});

function kernelFeatures(
  data: Dataset,
  law: StartLaw,
  params: TabularParams,
  { seed, backend }: StudyContext,
): FeatureMap {
  const key = deriveKey(randomKey(seed), 'kernel');
  if (law.activation !== 'relu') return randomFeatures(data.inputDim, law, { count: params.landmarks, key, backend });
  const { weight, bias } = law;
  const { gramInto } = arcCosineKernel(data.inputDim, { order: 1, weight, bias, backend });
  return landmarkFeatures(gramInto, data.train, params.landmarks, key);
}

function fitted(label: string, map: FeatureMap, data: Dataset, context: StudyContext): Promise<RidgeFit> {
  const pause = (fraction: number) => context.pause({ label, step: Math.round(100 * fraction), fraction });
  return fitRidge(map, data.train, data.validation, { backend: context.backend, pause });
}

const penaltyOf = ({ lambda }: RidgeFit): string => `penalty ${lambda.toExponential(0)}`;

const networkPredictor =
  ({ network, measure }: Trained): Predictor['predict'] =>
  (inputs, rows) => {
    const out = new Float64Array(rows);
    network.predictInto(out, inputs, rows, measure);
    return out;
  };

function claimsOf({ law }: Task, data: Dataset, [network, ridge, kernel]: readonly Predictor[]): Claim[] {
  const left = (predictor: Predictor): number => unexplained(predictor, data.test, data.train);
  const claims = [
    claimAtMost({
      statement: 'The network predicts held-out rows better than the mean: share of the variance left',
      measured: left(network),
      bound: 1,
    }),
  ];
  if (law !== 'single-index') return claims;
  const against = (other: Predictor): Claim =>
    claimAtMost({
      statement: `Held-out error of the network over that of ${other.name}`,
      measured: left(network) / left(other),
      bound: 0.5,
    });
  return [...claims, against(ridge), against(kernel)];
}

function notesOf(task: Task, data: Dataset, trained: Trained, params: TabularParams): string[] {
  const { train, validation, test } = data;
  const last = trained.curve[trained.curve.length - 1];
  const kernel =
    params.activation !== 'relu'
      ? `${params.landmarks} neurons drawn from the start law`
      : params.landmarks < train.rows.length
        ? `${params.landmarks} training rows as landmarks (Nystrom)`
        : 'every training row';
  const notes = [
    `${train.rows.length} rows train, ${validation.rows.length} choose penalties and the time to stop, ${test.rows.length} are held out from everything. The network has ${params.width} ${params.activation} units on ${data.inputDim} standardized columns and starts at 0. Kernel ridge regression has the kernel of these units at the start, on ${kernel}.`,
    `The measure of least validation loss was reached at step ${trained.best.step} of ${last.step}${trained.best.step === last.step ? ', the last one: more steps may do better' : ''}.`,
  ];
  if (task.law === 'orbits') {
    notes.push(
      "In logarithms Kepler's law is linear: ridge regression assumes what the network has to find, and is closer.",
    );
  }
  if (task.law === 'three-spin' || task.law === 'sparse-spikes' || task.law === 'circles') {
    notes.push(
      'A smooth target in few dimensions, of which no direction stands out, is what kernels are good at: nothing is claimed.',
    );
  }
  return notes;
}
