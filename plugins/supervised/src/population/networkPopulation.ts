import { type Energy, euclidean, type FirstVariation, fail, type Measure, show } from '@muflow/core';
import type { DotKernel } from './dotKernels.js';
import { allocateForces, type PairForces, pairForcesInto } from './pairForces.js';

/** A network `f*(x) = sum_k weights_k sigma(<rows_k, x>)`; `rows` is row-major, one row of `inputs` numbers per unit. */
export interface Teacher {
  readonly weights: readonly number[];
  readonly rows: ArrayLike<number>;
}

/** A target that is no network of the same units, known by its correlations with them. */
export interface PopulationTarget {
  readonly inputs: number;
  /** `E f*(x)^2`. */
  readonly square: number;
  /**
   * Returns `E[f*(x) phi(x, w)]` for the row of `inputs` numbers of `points` that starts at `start`, and fills
   * `gradient` with its gradient in w.
   */
  correlationInto(gradient: Float64Array, points: Float64Array, start: number): number;
}

/** The energy of {@link networkPopulation} with the geometry of its functions in L2 of the data. */
export interface NetworkPopulation extends Energy {
  /** `E[f_mu f_nu]`. O(n m d), no allocation. */
  innerProduct(mu: Measure, nu: Measure): number;
  /**
   * `int E[Phi(x, u)^2] dmu(u) - E[f_mu^2]`: n times the mean square error of a network of n units drawn from mu,
   * the Monte-Carlo level of fluctuations [ChenEtAl2020].
   */
  resamplingVariance(mu: Measure): number;
}

/**
 * Population square loss of a network without bias against a teacher of the same units, in closed form: atoms are
 * `u = (a, w)`, `f_mu(x) = int a sigma(<w, x>) dmu(a, w)` and, with `K(w, v) = E[sigma(<w, x>) sigma(<v, x>)]`,
 *
 *     F(mu) = (1/2) E|f_mu - f*|^2,   V(a, w) = a S(w),   S(w) = int a' K(w, w') dmu(a', w') - sum_k b_k K(w, v_k).
 *
 * Positions are n*(1 + inputs), row-major (a, w). Cost O(n^2 d / 2), each pair once; no allocation after the first
 * call of a size. Source: [ChoSaul2009] for K, [ChizatBach2018] for the lift.
 *
 * @param inputs - length of x and w, at least 1.
 * @param teacher - a network of the same units, or any target given by its correlations with them.
 * @throws `invalid-argument` for a teacher whose rows do not fit its weights, or that is not finite.
 *
 * @example
 * const teacher = { weights: [1], rows: [1, 0, 0] };
 * const energy = networkPopulation(reluKernel('unit-sphere', 3), 3, teacher);
 * const silent = measure({ space: euclidean(4), positions: [0, 1, 0, 0] });
 * energy.value(silent); // (1/2) E relu(x_1)^2 = 1/12
 */
export function networkPopulation(
  kernel: DotKernel,
  inputs: number,
  teacher: Teacher | PopulationTarget,
): NetworkPopulation {
  const stride = inputs + 1;
  const target = 'weights' in teacher ? targetOfTeacher(kernel, inputs, teacher) : teacher;
  if (target.inputs !== inputs) refuseInputs(inputs, target.inputs);
  const slope = new Float64Array(inputs);
  let buffers = allocateForces(0, inputs);
  const buffersFor = (n: number): PairForces => {
    if (buffers.sums.length < n) buffers = allocateForces(n, inputs);
    return buffers;
  };
  return {
    name: `network population (${kernel.name})`,
    dim: stride,
    space: euclidean(stride),
    smooth: kernel.smooth,
    value(mu) {
      const own = sourcesOf(mu);
      let product = 0;
      for (let i = 0; i < mu.count; i++) {
        product += own.charges[i] * target.correlationInto(slope, mu.positions, i * stride + 1);
      }
      return 0.5 * (pairSum(kernel, inputs, own, own) + target.square) - product;
    },
    firstVariationInto(out, mu) {
      const { count, positions, masses } = mu;
      const work = buffersFor(count);
      for (let i = 0; i < count; i++) work.charges[i] = masses[i] * positions[i * stride];
      pairForcesInto(work, kernel, { count, d: inputs, positions });
      takeTarget(target, mu, work, slope);
      writeVariation(inputs, mu, work, out);
    },
    potentialAt(out, points, count, mu) {
      const own = sourcesOf(mu);
      for (let i = 0; i < count; i++) {
        const sum = sumAt(kernel, inputs, points, i * stride + 1, own);
        out[i] = points[i * stride] * (sum - target.correlationInto(slope, points, i * stride + 1));
      }
    },
    innerProduct: (mu, nu) => pairSum(kernel, inputs, sourcesOf(mu), sourcesOf(nu)),
    resamplingVariance(mu) {
      const own = sourcesOf(mu);
      const out = new Float64Array(4);
      let single = 0;
      for (let i = 0; i < mu.count; i++) {
        const q = squareAt(own.points, own.offset + i * stride, inputs);
        kernel.evaluateInto(out, q, q, q);
        single += mu.masses[i] * mu.positions[i * stride] ** 2 * out[0];
      }
      return single - pairSum(kernel, inputs, own, own);
    },
  };
}

/** Charged points `sum_j charge_j delta_{w_j}`: rows of `inputs` coordinates at `offset + j stride`. */
interface Sources {
  readonly count: number;
  readonly charges: ArrayLike<number>;
  readonly points: Float64Array;
  readonly offset: number;
  readonly stride: number;
}

function sourcesOf(mu: Measure): Sources {
  const charges = new Float64Array(mu.count);
  for (let i = 0; i < mu.count; i++) charges[i] = mu.masses[i] * mu.positions[i * mu.dim];
  return { count: mu.count, charges, points: mu.positions, offset: 1, stride: mu.dim };
}

/** `E[f* phi(., w)] = sum_k b_k K(w, v_k)`, with its gradient. */
function targetOfTeacher(kernel: DotKernel, inputs: number, teacher: Teacher): PopulationTarget {
  checkTeacher(inputs, teacher);
  const rows = Float64Array.from(teacher.rows);
  const { weights } = teacher;
  const sources: Sources = { count: weights.length, charges: weights, points: rows, offset: 0, stride: inputs };
  const squares = weights.map((_, k) => squareAt(rows, k * inputs, inputs));
  return {
    inputs,
    square: pairSum(kernel, inputs, sources, sources),
    correlationInto(gradient, points, start) {
      const q11 = squareAt(points, start, inputs);
      let [sum, radial] = [0, 0];
      gradient.fill(0);
      for (let m = 0; m < weights.length; m++) {
        const row = m * inputs;
        let q12 = 0;
        for (let k = 0; k < inputs; k++) q12 += points[start + k] * rows[row + k];
        kernel.evaluateInto(scratch, q11, squares[m], q12);
        sum += weights[m] * scratch[0];
        radial += weights[m] * scratch[1];
        const pull = weights[m] * scratch[3];
        for (let k = 0; k < inputs; k++) gradient[k] += pull * rows[row + k];
      }
      for (let k = 0; k < inputs; k++) gradient[k] += radial * points[start + k];
      return sum;
    },
  };
}

function squareAt(points: Float64Array, at: number, d: number): number {
  let sum = 0;
  for (let k = 0; k < d; k++) sum += points[at + k] * points[at + k];
  return sum;
}

const scratch = new Float64Array(4);

/** `sum_j charge_j K(w, v_j)` at the row of `points` that starts at `at`. */
function sumAt(kernel: DotKernel, d: number, points: Float64Array, at: number, sources: Sources): number {
  const q11 = squareAt(points, at, d);
  let sum = 0;
  for (let j = 0; j < sources.count; j++) {
    const start = sources.offset + j * sources.stride;
    let [q22, q12] = [0, 0];
    for (let k = 0; k < d; k++) {
      const v = sources.points[start + k];
      q22 += v * v;
      q12 += points[at + k] * v;
    }
    kernel.evaluateInto(scratch, q11, q22, q12);
    sum += sources.charges[j] * scratch[0];
  }
  return sum;
}

/** `sum_ij charge_i charge_j K(w_i, v_j)`. */
function pairSum(kernel: DotKernel, d: number, left: Sources, right: Sources): number {
  let sum = 0;
  for (let i = 0; i < left.count; i++) {
    sum += left.charges[i] * sumAt(kernel, d, left.points, left.offset + i * left.stride, right);
  }
  return sum;
}

/** Takes the target's part `E[f* phi(., w_i)]` off S, and its gradient off that of S. */
function takeTarget(target: PopulationTarget, mu: Measure, { sums, slopes }: PairForces, slope: Float64Array): void {
  const d = target.inputs;
  for (let i = 0; i < mu.count; i++) {
    sums[i] -= target.correlationInto(slope, mu.positions, i * (d + 1) + 1);
    for (let k = 0; k < d; k++) slopes[i * d + k] -= slope[k];
  }
}

/** `V = a S(w)`, `dV/da = S(w)`, `dV/dw = a grad S(w)`. */
function writeVariation(d: number, mu: Measure, { sums, radial, slopes }: PairForces, out: FirstVariation): void {
  const u = mu.positions;
  const stride = d + 1;
  for (let i = 0; i < mu.count; i++) {
    const start = i * stride;
    const a = u[start];
    out.potential[i] = a * sums[i];
    out.gradient[start] = sums[i];
    for (let k = 0; k < d; k++) {
      out.gradient[start + 1 + k] = a * (slopes[i * d + k] + radial[i] * u[start + 1 + k]);
    }
  }
}

function refuseInputs(inputs: number, got: number): never {
  return fail({
    code: 'shape-mismatch',
    where: 'networkPopulation',
    problem: 'the target has other inputs',
    got: `${show(got)} inputs of the target, ${show(inputs)} of the network`,
    expected: 'as many',
    fix: 'build the target for the inputs of the network',
  });
}

function checkTeacher(inputs: number, { weights, rows }: Teacher): void {
  const fits = Number.isInteger(inputs) && inputs >= 1 && rows.length === weights.length * inputs;
  if (fits && weights.every(Number.isFinite) && Array.from(rows).every(Number.isFinite)) return;
  fail({
    code: 'invalid-argument',
    where: 'networkPopulation',
    problem: 'the teacher does not fit',
    got: `${weights.length} weights and ${rows.length} numbers in rows, for ${show(inputs)} inputs`,
    expected: 'one row of `inputs` finite numbers for each finite weight, and an integer inputs >= 1',
    fix: 'give each unit of the teacher its weight and its row',
  });
}
