import { type Measure, networkUnit } from '@muflow/core';
import type { Dataset, Standardization } from '../dataset.js';
import type { ModelColumn, ModelParts } from './model.js';

/** What was trained on a dataset, and what its columns are called. */
export interface TrainedOnDataset {
  readonly target: string;
  readonly features: readonly string[];
  readonly logarithmic: readonly string[];
  readonly activation: string;
  readonly measure: Measure;
  /** The study and its seed. */
  readonly origin: string;
}

/** The parts of a model of a network `int a sigma(<w, x> + b) dmu` that was trained on a dataset. */
export function modelOfDataset(data: Dataset, trained: TrainedOnDataset): ModelParts {
  const { target, features, logarithmic, activation, measure, origin } = trained;
  const column = (name: string, { mean, deviation }: Standardization): ModelColumn => ({
    name,
    logarithmic: logarithmic.includes(name),
    mean,
    deviation,
  });
  return {
    unit: networkUnit({ activation, inputs: data.inputDim }),
    features: features.map((name, k) => column(name, data.featureScale[k])),
    target: column(target, data.targetScale),
    measure,
    origin: `${origin}, ${data.train.rows.length} training rows`,
  };
}
