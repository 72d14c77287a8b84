import { deriveKey, randomKey, type Study, type StudyContext } from '@muflow/core';
import { z } from 'zod';
import { neuronScales, scaleCriterion } from '../lazy/scaleCriterion.js';
import { type Cell, phaseClaims, phaseFigures, phaseTables } from './lazyPhaseDiagramReport.js';
import {
  drawNeurons,
  relativeSquare,
  type ScaledProblem,
  scaledMeasure,
  scaledProblem,
  tangentValues,
  trainScaled,
} from './scaledNetworks.js';

const params = z.strictObject({
  inputs: z.int().min(2).max(200).default(10).describe('dimension d of the inputs'),
  rows: z.int().min(4).max(1000).default(64),
  testRows: z.int().min(4).max(5000).default(100),
  frequency: z
    .number()
    .positive()
    .max(20)
    .default(5)
    .describe('the teacher is sin of this times one hidden coordinate'),
  activation: z.string().default('tanh').describe('a smooth one, for the slopes that are claimed'),
  widths: z
    .array(
      z
        .int()
        .min(2)
        .max(4096)
        .refine((width) => width % 2 === 0, 'even, for pairs'),
    )
    .min(1)
    .default([8, 24, 64])
    .describe('widths m, ascending'),
  scales: z
    .array(z.number().positive().max(1e4))
    .min(4)
    .refine((scales) => scales.every((scale, k) => k === 0 || scale > scales[k - 1]), 'ascending')
    .default([0.3, 1, 3, 10, 30, 100, 300])
    .describe('output scales alpha, ascending; slopes are those of the last three'),
  draws: z.int().min(1).max(100).default(2).describe('starts of every width'),
  horizon: z.number().positive().max(1e5).default(100).describe('time of training times alpha'),
});

type Params = z.output<typeof params>;

interface Start {
  readonly problem: ScaledProblem;
  readonly width: number;
  readonly paired: boolean;
  readonly draw: number;
}

/** Every scale of one start. */
async function runScales(given: Params, start: Start, context: StudyContext): Promise<Cell[]> {
  const { inputs: inputDim, scales, horizon } = given;
  const { problem, width, paired, draw } = start;
  const key = deriveKey(randomKey(context.seed), 'lazy-phase-diagram', 'neurons', width, draw);
  const positions = drawNeurons(inputDim, width, key, paired);
  const tangent = tangentValues(problem, positions, width, horizon);
  const { unit, inputs, targets } = problem;
  const mean = neuronScales({ unit, inputs, inputDim, tolerance: 1e-4 }, scaledMeasure(positions, width, 1));
  // Of f - f_0, whose derivatives are those of f: the scale goes into |Dh| and |D2h| alike.
  const kappa = scaleCriterion({ ...mean, values: new Float64Array(targets.length) }, targets);
  const cells: Cell[] = [];
  for (const scale of scales) {
    const label = `width ${width}, scale ${scale}, draw ${draw + 1}`;
    const run = await trainScaled({ problem, positions, width, factor: scale, horizon, label, context });
    cells.push({
      width,
      scale,
      paired,
      train: run.train,
      test: run.test,
      tangentTest: tangent.test,
      displacement: run.displacement,
      distance: Math.sqrt(relativeSquare(run.watched, tangent.watched)),
      kappa: kappa / scale,
    });
  }
  return cells;
}

/** Width by scale: where networks follow their tangent model, and where they learn features. */
export const lazyPhaseDiagramStudy: Study<Params> = {
  id: 'supervised/lazy-phase-diagram',
  title: 'Width by scale: from networks that learn features to their tangent models',
  reference: 'ChizatOyallonBach2019, theorem 2.3',
  params,
  async run(given, context) {
    const { inputs, rows, testRows, frequency, activation, widths, draws, scales, horizon } = given;
    const key = deriveKey(randomKey(context.seed), 'lazy-phase-diagram');
    const problem = scaledProblem({ activation, inputDim: inputs, rows, testRows, frequency, key });
    const cells: Cell[] = [];
    for (const width of widths) {
      for (let draw = 0; draw < draws; draw++) {
        await context.pause({ label: `width ${width}`, step: draw });
        cells.push(...(await runScales(given, { problem, width, paired: false, draw }, context)));
      }
    }
    const widest = widths[widths.length - 1];
    for (let draw = 0; draw < draws; draw++) {
      cells.push(...(await runScales(given, { problem, width: widest, paired: true, draw }, context)));
    }
    return {
      claims: phaseClaims(cells, widths, scales),
      notes: [
        `Networks alpha/m sum_i a_i ${activation}(<w_i, x> + b_i), all weights N(0, 1) at the start, less their value at the start; flow of the square risk over ${rows} rows uniform on the unit sphere of dimension ${inputs} up to the time ${horizon}/alpha, by an adaptive method of order 5. The teacher is sin(${frequency} <theta, x>) of a hidden direction theta.`,
        'In this time the tangent model of a start is the same for every alpha, and known in closed form. The distance to it is taken over the test rows, relative to its own size.',
        'Where neurons come in pairs of opposite output weight the second derivatives of the network cancel along the flow, so that the distance is of second order in 1/alpha.',
        'Theory bounds the distance by kappa times a factor that depends on the time of training; the table has the ratio.',
      ],
      tables: phaseTables(cells, widths, scales),
      figures: phaseFigures(cells, widths, scales),
    };
  },
};
