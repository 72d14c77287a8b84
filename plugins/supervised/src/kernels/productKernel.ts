import { type Backend, defaultBackend, fail, parseFormula, show } from '@muflow/core';
import type { DotKernel } from '../population/dotKernels.js';
import { drawnUnits } from './drawnUnits.js';
import type { FeatureKernel, KernelInto, UnitLaw } from './featureKernel.js';

/** Where a segment of a row lies and what belongs to it. */
export interface Segment {
  /** Inner products, from `from` on. */
  readonly products: Float64Array;
  from: number;
  /** Where kernel values go, from `at` on. */
  readonly values: Float64Array;
  at: number;
  count: number;
  /** The number of the row. */
  own: number;
  /** The numbers of the columns. */
  readonly others: Float64Array;
}

/**
 * A kernel that is a function of an inner product and of one number of each point. Sums of products are matrix
 * products of points that are scaled once, so that what remains for every entry is the loop of `applyTo` over a
 * segment of a row.
 */
export interface ProductKernel {
  /** Coordinates of the points that are multiplied, for d inputs. */
  coordinates(d: number): number;
  /** Writes them for the input (d numbers at `from`) with `q = |x|^2`; returns the number that belongs to the point. */
  placeInto(out: Float64Array, at: number, inputs: Float64Array, from: number, shape: PointShape): number;
  /** `k(x, x)`, which rounding of inner products would miss by the root of a rounding where k has a kink. */
  atEqual(q: number): number;
  /** The kernel value as a formula of the product t and the numbers p and q of row and column, for backends that compile it. */
  readonly formula: string;
  /** The same in a loop. */
  applyTo(segment: Segment): void;
}

/** Size d and squared length q of an input. */
export interface PointShape {
  readonly d: number;
  readonly q: number;
}

/**
 * Rows that are multiplied at once: enough for all threads of the product, and their products stay in the last cache.
 */
const blockRows = 256;
/** Side of the squares in which a half is copied to the other. */
const tile = 32;

/**
 * Gram matrices of a kernel of inner products, by one compiled product where the backend has it, else by a product and a loop. Cost
 * `rows others d` products and one application for each entry, half of both where rows and others are the same.
 */
export function productGram(kernel: ProductKernel, inputDim: number, backend: Backend = defaultBackend()): KernelInto {
  const run = blockRunner(kernel, kernel.coordinates(inputDim), backend);
  return (out, inputs, rows, others, otherRows) => {
    const isSymmetric = inputs === others && rows === otherRows;
    const columns = placed(kernel, others, otherRows, inputDim);
    const own = isSymmetric ? columns : placed(kernel, inputs, rows, inputDim);
    for (let first = 0; first < rows; first += blockRows) {
      const count = Math.min(blockRows, rows - first);
      run(out, { first, count, width: isSymmetric ? first + count : otherRows, stride: otherRows, own, columns });
    }
    if (!isSymmetric) return;
    for (let l = 0; l < rows; l++) out[l * rows + l] = kernel.atEqual(squareOf(inputs, l, inputDim));
    mirrorInto(out, rows);
  };
}

/** Rows `first..first + count` with the first `width` others. */
interface GramBlock {
  readonly first: number;
  readonly count: number;
  readonly width: number;
  readonly stride: number;
  readonly own: Placed;
  readonly columns: Placed;
}

function blockRunner(kernel: ProductKernel, size: number, backend: Backend) {
  const variables = { t: { role: 'row' }, p: { role: 'row' }, q: { role: 'row' } } as const;
  const compiled = backend.compileProduct?.(parseFormula(kernel.formula, { variables })) ?? null;
  let products = new Float64Array(0);
  return (out: Float64Array, { first, count, width, stride, own, columns }: GramBlock): void => {
    const points = own.points.subarray(first * size, (first + count) * size);
    const numbers = own.numbers.subarray(first, first + count);
    const [shape, to] = [{ n: count, k: size, m: width }, out.subarray(first * stride)];
    const sides = { a: points, b: columns.points, p: numbers, q: columns.numbers };
    if (compiled?.tryRun({ ...shape, ...sides, out: to, stride })) return;
    if (products.length < count * width) products = new Float64Array(count * width);
    backend.matmulInto(products, points, columns.points, { ...shape, transposeB: true });
    const segment: Segment = {
      ...{ products, from: 0, values: to, at: 0, count: width, own: 0, others: columns.numbers },
    };
    for (let l = 0; l < count; l++) {
      segment.from = l * width;
      segment.at = l * stride;
      segment.own = numbers[l];
      kernel.applyTo(segment);
    }
  };
}

/** Points that are multiplied, and their numbers. */
interface Placed {
  readonly points: Float64Array;
  readonly numbers: Float64Array;
}

function placed(kernel: ProductKernel, inputs: Float64Array, rows: number, d: number): Placed {
  const size = kernel.coordinates(d);
  const points = new Float64Array(rows * size);
  const numbers = new Float64Array(rows);
  for (let l = 0; l < rows; l++) {
    numbers[l] = kernel.placeInto(points, l * size, inputs, l * d, { d, q: squareOf(inputs, l, d) });
  }
  return { points, numbers };
}

/** Copies the lower triangle of a matrix (n*n) to the upper one. */
export function mirrorInto(a: Float64Array, n: number): void {
  for (let top = 0; top < n; top += tile) {
    const bottom = Math.min(n, top + tile);
    for (let left = 0; left <= top; left += tile) {
      for (let i = top; i < bottom; i++) {
        const right = Math.min(i, left + tile);
        for (let j = left; j < right; j++) a[j * n + i] = a[i * n + j];
      }
    }
  }
}

/** A unit `sigma` with the closed form of its kernel. */
export interface Unit {
  readonly name: string;
  /** Replaces arguments by values of sigma. */
  applyTo(values: Float64Array, count: number): void;
  /** For inner products of what units see, `z = (weight x, bias)`. */
  product(law: Required<UnitLaw>): ProductKernel;
  /** For gradients; absent where there is none. */
  readonly dots?: DotKernel;
}

/**
 * The kernel of units `sigma(<w, x> + b)` under a Gaussian law.
 *
 * @throws `invalid-argument` for a dimension that is no count or standard deviations that are negative, or both 0.
 */
export function unitKernel(unit: Unit, inputDim: number, law: UnitLaw, backend?: Backend): FeatureKernel {
  const { weight = 1, bias = 0 } = law;
  checkLaw(unit.name, inputDim, weight, bias);
  const product = unit.product({ weight, bias });
  const gramInto = productGram(product, inputDim, backend);
  const { dots } = unit;
  const scale = weight * weight;
  const shift = bias * bias;
  return {
    name: unit.name,
    inputDim,
    gramInto,
    diagonalInto(out, { inputs, rows }) {
      for (let l = 0; l < rows; l++) out[l] = product.atEqual(squareOf(inputs, l, inputDim));
    },
    ...(dots && {
      gradientInto: (out, points, others, coefficients) => {
        const value = new Float64Array(4);
        const d = inputDim;
        const otherSquares = Float64Array.from({ length: others.rows }, (_, j) => squareOf(others.inputs, j, d));
        out.fill(0, 0, points.rows * d);
        for (let l = 0; l < points.rows; l++) {
          const q11 = scale * squareOf(points.inputs, l, d) + shift;
          for (let j = 0; j < others.rows; j++) {
            let q12 = shift;
            for (let k = 0; k < d; k++) q12 += scale * points.inputs[l * d + k] * others.inputs[j * d + k];
            dots.evaluateInto(value, q11, scale * otherSquares[j] + shift, q12);
            const [own, cross] = [coefficients[j] * scale * value[1], coefficients[j] * scale * value[3]];
            for (let k = 0; k < d; k++) {
              out[l * d + k] += own * points.inputs[l * d + k] + cross * others.inputs[j * d + k];
            }
          }
        }
      },
    }),
    draw: (count, key) =>
      drawnUnits({ weight, bias }, { count, key, inputDim, ...(backend && { backend }) }, unit.applyTo),
  };
}

/** `|x|^2` of row l. */
export function squareOf(inputs: Float64Array, l: number, d: number): number {
  let sum = 0;
  for (let k = 0; k < d; k++) sum += inputs[l * d + k] * inputs[l * d + k];
  return sum;
}

function checkLaw(name: string, inputDim: number, weight: number, bias: number): void {
  const isCount = Number.isSafeInteger(inputDim) && inputDim >= 1;
  if (isCount && weight >= 0 && bias >= 0 && weight + bias > 0 && weight + bias < Infinity) return;
  fail({
    code: 'invalid-argument',
    where: name,
    problem: 'the law of the features is none',
    got: `inputDim ${show(inputDim)}, weight ${show(weight)}, bias ${show(bias)}`,
    expected: 'a dimension of at least 1 and standard deviations >= 0, not both 0',
    fix: 'pass the dimension of the inputs and the standard deviations of weights and biases',
  });
}
