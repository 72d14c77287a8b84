import {
  activationFormula,
  compileFunction,
  deriveKey,
  euclidean,
  euler,
  fillNormal,
  fillUniform,
  gradientFlow,
  measure,
  networkUnit,
  parseFormula,
  type RandomKey,
  randomKey,
  risk,
  type Study,
  type StudyContext,
  wasserstein,
} from '@muflow/core';
import { z } from 'zod';
import {
  type Approximation,
  approximationClaims,
  approximationFigures,
  approximationTables,
  type Trained,
} from './universalApproximationReport.js';

const params = z.strictObject({
  inputs: z.int().min(1).max(5).default(2).describe('dimension d of the inputs'),
  rows: z.int().min(100).max(5000).default(400).describe('rows, uniform on the cube [-1, 1]^d'),
  widths: z
    .array(z.int().min(2).max(512))
    .min(2)
    .default([4, 8, 16, 32, 64, 128])
    .describe('numbers of units, ascending'),
  degrees: z.array(z.int().min(1).max(6)).min(1).default([1, 2, 3, 4]).describe('degrees k of the units z^k'),
  activations: z
    .array(z.string())
    .min(1)
    .default(['relu', 'tanh', 'cos', 'step', 'exp(-z^2)'])
    .describe('units that are no polynomials'),
  draws: z.int().min(2).max(50).default(5).describe('sets of directions and biases for every unit and width'),
  frequency: z.number().positive().max(20).default(3).describe('the target is cos of this times the sum of the inputs'),
  steps: z
    .int()
    .min(0)
    .max(100_000)
    .default(1500)
    .describe('steps that train all weights of 32 units; 0 leaves it out'),
});

type Params = z.output<typeof params>;

/** What is approximated, on the rows. */
interface Problem {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly rows: number;
  readonly d: number;
  /** `|y|^2`. */
  readonly square: number;
}

function problemOf({ inputs: d, rows, frequency }: Params, seed: StudyContext['seed']): Problem {
  const inputs = new Float64Array(rows * d);
  fillUniform(inputs, deriveKey(randomKey(seed), 'rows'));
  for (let k = 0; k < inputs.length; k++) inputs[k] = 2 * inputs[k] - 1;
  const targets = new Float64Array(rows);
  let square = 0;
  for (let l = 0; l < rows; l++) {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += inputs[l * d + k];
    targets[l] = Math.cos(frequency * sum);
    square += targets[l] ** 2;
  }
  return { inputs, targets, rows, d, square };
}

/** Columns that keep less than this of their length beside those before them count as dependent. */
const dependent = 1e-9;

/**
 * `|y - P_m y|^2 / |y|^2` for the projections P_m on the first m columns (count*rows, column by column), m =
 * 1..count, by Gram-Schmidt done twice, which keeps columns orthogonal to rounding. Overwrites the columns. Cost 4
 * rows count rank.
 */
export function residualsAlong(columns: Float64Array, rows: number, targets: Float64Array): Float64Array {
  const count = columns.length / rows;
  const out = new Float64Array(count);
  const rest = targets.slice();
  const square = productOf(rest, 0, rest, 0, rows);
  let rank = 0;
  for (let m = 0; m < count; m++) {
    const own = m * rows;
    const length = Math.sqrt(productOf(columns, own, columns, own, rows));
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < rank; k++) removeFrom(columns, own, columns, k * rows, rows);
    }
    const left = Math.sqrt(productOf(columns, own, columns, own, rows));
    if (left > dependent * length) {
      // Kept columns lie one after the other.
      for (let l = 0; l < rows; l++) columns[rank * rows + l] = columns[own + l] / left;
      removeFrom(rest, 0, columns, rank * rows, rows);
      rank++;
    }
    out[m] = productOf(rest, 0, rest, 0, rows) / square;
  }
  return out;
}

function productOf(a: Float64Array, from: number, b: Float64Array, start: number, rows: number): number {
  let sum = 0;
  for (let l = 0; l < rows; l++) sum += a[from + l] * b[start + l];
  return sum;
}

/** Takes the part along a unit vector off. */
function removeFrom(a: Float64Array, from: number, unit: Float64Array, start: number, rows: number): void {
  const along = productOf(a, from, unit, start, rows);
  for (let l = 0; l < rows; l++) a[from + l] -= along * unit[start + l];
}

/** Values of all monomials of degree at most k, column by column: what sums of units of degree k are made of. */
export function monomials(inputs: Float64Array, d: number, degree: number): Float64Array {
  const rows = inputs.length / d;
  let exponents: number[][] = [[]];
  for (let k = 0; k < d; k++) {
    exponents = exponents.flatMap((head) => {
      const room = degree - head.reduce((sum, power) => sum + power, 0);
      return Array.from({ length: room + 1 }, (_, power) => [...head, power]);
    });
  }
  const out = new Float64Array(exponents.length * rows);
  exponents.forEach((powers, column) => {
    for (let l = 0; l < rows; l++) {
      out[column * rows + l] = powers.reduce((product, power, k) => product * inputs[l * d + k] ** power, 1);
    }
  });
  return out;
}

/** Values of units `sigma(<w, x> + b)`, column by column, with w ~ N(0, 4 I) and b ~ N(0, 4). */
function unitColumns(activation: string, count: number, { inputs, rows, d }: Problem, key: RandomKey): Float64Array {
  const sigma = compileFunction(
    parseFormula(activationFormula(activation), { variables: { z: { role: 'uniform' } } }),
    [{ name: 'z', size: 1 }],
  );
  const [weights, biases] = [new Float64Array(count * d), new Float64Array(count)];
  fillNormal(weights, deriveKey(key, 'weights'));
  fillNormal(biases, deriveKey(key, 'biases'));
  const out = new Float64Array(count * rows);
  for (let j = 0; j < count; j++) {
    for (let l = 0; l < rows; l++) {
      const at = j * rows + l;
      out[at] = 2 * biases[j];
      for (let k = 0; k < d; k++) out[at] += 2 * weights[j * d + k] * inputs[l * d + k];
      out[at] = sigma(out, at);
    }
  }
  return out;
}

async function approximate(
  given: { readonly activation: string; readonly degree: number | null },
  problem: Problem,
  { widths, draws }: Params,
  context: StudyContext,
): Promise<Approximation> {
  const { activation, degree } = given;
  const most = widths[widths.length - 1];
  const residuals: number[][] = widths.map(() => []);
  for (let index = 0; index < draws; index++) {
    const key = deriveKey(randomKey(context.seed), 'units', activation, index);
    const along = residualsAlong(unitColumns(activation, most, problem, key), problem.rows, problem.targets);
    widths.forEach((width, k) => {
      residuals[k].push(along[width - 1]);
    });
    await context.pause({ label: `units ${activation}`, step: index + 1, fraction: (index + 1) / draws });
  }
  if (degree === null) return { activation, degree, dimension: null, floor: null, residuals };
  const columns = monomials(problem.inputs, problem.d, degree);
  const dimension = columns.length / problem.rows;
  const floor = residualsAlong(columns, problem.rows, problem.targets)[dimension - 1];
  return { activation, degree, dimension, floor, residuals };
}

const trainedWidth = 32;

/** Descends the mean square over all weights of a network and gives `|y - f|^2 / |y|^2` at the end. */
async function train(activation: string, problem: Problem, { steps }: Params, context: StudyContext): Promise<number> {
  const { inputs, targets, rows, d, square } = problem;
  const unit = networkUnit({ activation, inputs: d });
  const energy = risk({ unit, inputs, targets, backend: context.backend });
  const positions = new Float64Array(trainedWidth * (d + 2));
  fillNormal(positions, deriveKey(randomKey(context.seed), 'start', activation));
  const initial = measure({ space: euclidean(d + 2), positions });
  const { profile } = await context.simulate(
    `training all weights, ${activation}`,
    { flow: gradientFlow(energy, wasserstein()), initial },
    { stepper: euler(), dt: 0.05, maxSteps: steps, record: { every: Math.max(1, steps) } },
  );
  return (2 * rows * energy.value(profile[0])) / square;
}

/** Polynomial units span polynomials alone, at any width; all others approximate whatever is continuous. */
export const universalApproximationStudy: Study<Params> = {
  id: 'supervised/universal-approximation',
  title: 'Units that approximate every function, and polynomial units that do not',
  reference: 'LeshnoEtAl1993',
  params,
  async run(given, context) {
    const problem = problemOf(given, context.seed);
    const kinds = [
      ...given.degrees.map((degree) => ({ activation: degree === 1 ? 'z' : `z^${degree}`, degree })),
      ...given.activations.map((activation) => ({ activation, degree: null })),
    ];
    const found: Approximation[] = [];
    for (const kind of kinds) found.push(await approximate(kind, problem, given, context));
    const trained: Trained[] = [];
    const polynomial = found.find(({ degree }) => degree === 2);
    if (given.steps > 0 && polynomial !== undefined) {
      for (const activation of [polynomial.activation, 'relu']) {
        trained.push({
          activation,
          share: await train(activation, problem, given, context),
          floor: polynomial.floor ?? 0,
        });
      }
    }
    return {
      claims: approximationClaims(found, trained, given.widths),
      notes: [
        `The target is cos(${given.frequency} (x_1 + ... + x_d)) on ${given.rows} rows, uniform on [-1, 1]^${given.inputs}. Errors are squared, over the sum of squares of the target. Directions and biases are normal with deviation 2; the output weights are those of least squares, so no method of training can do better with these units.`,
        'Units z^k of an affine function span the polynomials of degree at most k, whatever their number, so the projection on these is a floor for every width and every choice of weights. It is computed from monomials, independently of any unit.',
        'That the other units approximate everything is a theorem about all widths and all continuous functions. What is measured is one target and the widths of the table.',
      ],
      tables: approximationTables(found, trained, given.widths),
      figures: approximationFigures(found, given.widths),
    };
  },
};
