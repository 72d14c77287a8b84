import { deriveKey, fail, type RandomKey, type Risk, type RowEnergy, show } from '@muflow/core';
import type { SampleLaw } from './freshSamples.js';

/** Rows of a population: as many as a 32-bit index tells apart. */
const populationRows = 2 ** 32;

export interface PopulationRiskOptions {
  /** Unit, loss and penalties; its own rows are the fixed sample on which values and exact gradients are taken. */
  readonly risk: Risk;
  readonly law: SampleLaw;
  readonly key: RandomKey;
}

/**
 * The risk of a population of 2^32 rows of a law that are computed when they are asked for and never stored: `minibatch`
 * of it draws new rows at every step, as `freshSamples` does, and can be asked for in a config. Row l is a pure function
 * of the key and l. `value`, `firstVariationInto` and `potentialAt` are those of the given risk on its fixed sample.
 *
 * @throws `shape-mismatch` for a law whose rows do not fit the risk.
 * @example
 * const energy = populationRisk({ risk, law, key: randomKey(1) });
 * const flow = gradientFlow(energy, wasserstein(), { estimate: minibatch(energy, { size: 64 }) });
 */
export function populationRisk({ risk, law, key }: PopulationRiskOptions): RowEnergy {
  const { inputDim, outputs } = law;
  if (inputDim !== risk.inputDim || outputs !== risk.outputs) {
    fail({
      code: 'shape-mismatch',
      where: 'populationRisk',
      problem: 'the rows of the law do not fit the risk',
      got: `${show(inputDim)} inputs and ${show(outputs)} targets per row`,
      expected: `${risk.inputDim} and ${risk.outputs}`,
      fix: 'state law and risk for rows of one shape',
    });
  }
  const root = deriveKey(key, 'population');
  const [x, y] = [new Float64Array(inputDim), new Float64Array(outputs)];
  let samples = { inputs: new Float64Array(0), targets: new Float64Array(0), count: 0 };
  return {
    ...risk,
    name: `${risk.name} in the population, ${law.name}`,
    rowCount: populationRows,
    firstVariationOnRowsInto(out, mu, rows) {
      const count = rows.length;
      if (samples.count !== count) {
        samples = { inputs: new Float64Array(count * inputDim), targets: new Float64Array(count * outputs), count };
      }
      for (let l = 0; l < count; l++) {
        law.rowsInto(x, y, 1, deriveKey(root, rows[l]));
        samples.inputs.set(x, l * inputDim);
        samples.targets.set(y, l * outputs);
      }
      risk.firstVariationOnSamplesInto(out, mu, samples);
    },
  };
}
