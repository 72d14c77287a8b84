import { type Backend, defaultBackend, fail, show } from '@muflow/core';
import type { KernelInto } from '../kernels/featureKernel.js';
import type { DotKernel } from '../population/dotKernels.js';
import { activationKernel } from './activationKernel.js';

export interface InfiniteNetworkOptions {
  /** Length d of an input. */
  readonly inputs: number;
  /** Hidden layers L >= 0. */
  readonly depth: number;
  /** A name or a formula in z; or the Gaussian kernel of a unit. */
  readonly activation: string | DotKernel;
  /** tau_w^2, default 1. */
  readonly weightVariance?: number;
  /** tau_b^2, default 0. */
  readonly biasVariance?: number;
  readonly backend?: Backend;
}

/** A pair of Gram blocks (rows*others) to be filled. */
export interface KernelBlocks {
  readonly nngp: Float64Array;
  readonly ntk: Float64Array;
}

/** The kernels of a fully connected network of infinite width. */
export interface InfiniteNetwork {
  readonly options: InfiniteNetworkOptions;
  /** Covariance of the outputs at the start. */
  readonly nngp: KernelInto;
  /** Tangent kernel at the start, in the `ntk` parameterization. */
  readonly ntk: KernelInto;
  /** Both at the cost of one. Rows as in {@link KernelInto}. */
  bothInto(blocks: KernelBlocks, ...rows: KernelRows): void;
}

type KernelRows = [inputs: Float64Array, rows: number, others: Float64Array, otherRows: number];

/**
 * The limit of `deepNetwork` as all widths grow: with (u, v) Gaussian of covariance `S_l(x, x'), S_l(x, x), S_l(x', x')`,
 *
 *     S_0(x, x') = tau_w^2 <x, x'>/d + tau_b^2,       S_{l+1} = tau_w^2 E[sigma(u) sigma(v)] + tau_b^2,
 *     T_0 = S_0,                                      T_{l+1} = S_{l+1} + tau_w^2 E[sigma'(u) sigma'(v)] T_l,
 *
 * for l < L: the outputs are a Gaussian process of covariance `S_L` (NNGP), and their tangent kernel is `T_L` (NTK). The
 * width is in the factor `tau_w / sqrt(n_{l-1})` of every layer, the first (by sqrt d) and the last too; without it a
 * kernel of a network `sum_j a_j sigma(<w_j, x>)/sqrt(n)` is this one at x sqrt(d). Cost O(rows others (d + L)) with 20 to
 * 50 ns a layer in closed form; a symmetric block half.
 *
 * Source: [JacotGabrielHongler2018], theorem 1; [LeeEtAl2019], appendix E.
 *
 * @throws `invalid-argument` for sizes or variances out of range; `unsupported` for the NTK of step units, which have no slope.
 * @example
 * const { ntk } = infiniteNetwork({ inputs: 2, depth: 1, activation: 'relu', weightVariance: 2 });
 * const out = new Float64Array(1);
 * ntk(out, Float64Array.of(1, 1), 1, Float64Array.of(1, 1), 1);
 * console.log(out[0].toFixed(12)); // => 4.000000000000
 */
export function infiniteNetwork(options: InfiniteNetworkOptions): InfiniteNetwork {
  const { inputs: d, depth, activation, weightVariance = 1, biasVariance = 0, backend = defaultBackend() } = options;
  checkOptions(d, depth, weightVariance, biasVariance);
  const kernel = typeof activation === 'string' ? activationKernel(activation, backend) : activation;
  const variances = (inputs: Float64Array, rows: number): Float64Array[] => {
    const layers = [new Float64Array(rows)];
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += inputs[r * d + k] ** 2;
      layers[0][r] = (weightVariance * sum) / d + biasVariance;
    }
    const jet = new Float64Array(4);
    for (let l = 1; l < depth; l++) {
      layers.push(
        layers[l - 1].map((q) => {
          kernel.evaluateInto(jet, q, q, q);
          return weightVariance * jet[0] + biasVariance;
        }),
      );
    }
    return layers;
  };
  const fill = (
    nngp: Float64Array,
    ntk: Float64Array | null,
    ...[inputs, rows, others, otherRows]: KernelRows
  ): void => {
    checkRows(d, inputs, rows, others, otherRows);
    backend.matmulInto(nngp, inputs, others, { n: rows, k: d, m: otherRows, transposeB: true });
    const isSymmetric = inputs === others && rows === otherRows;
    const own = variances(inputs, rows);
    const their = isSymmetric ? own : variances(others, otherRows);
    const jet = new Float64Array(4);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < (isSymmetric ? i + 1 : otherRows); j++) {
        const at = i * otherRows + j;
        let covariance = (weightVariance * nngp[at]) / d + biasVariance;
        let tangent = covariance;
        for (let l = 0; l < depth; l++) {
          kernel.evaluateInto(jet, own[l][i], their[l][j], covariance);
          covariance = weightVariance * jet[0] + biasVariance;
          tangent = covariance + weightVariance * jet[3] * tangent;
        }
        nngp[at] = covariance;
        if (ntk !== null) ntk[at] = tangent;
        if (!isSymmetric) continue;
        nngp[j * rows + i] = covariance;
        if (ntk !== null) ntk[j * rows + i] = tangent;
      }
    }
  };
  const bothInto = ({ nngp, ntk }: KernelBlocks, ...rows: KernelRows): void => {
    if (!kernel.smooth && depth > 0) refuseStep(kernel.name);
    fill(nngp, ntk, ...rows);
  };
  return {
    options,
    nngp: (out, ...rows) => fill(out, null, ...rows),
    ntk: (out, ...rows) => bothInto({ nngp: new Float64Array(out.length), ntk: out }, ...rows),
    bothInto,
  };
}

function checkOptions(inputs: number, depth: number, weightVariance: number, biasVariance: number): void {
  const whole = Number.isInteger(inputs) && inputs >= 1 && Number.isInteger(depth) && depth >= 0;
  if (whole && weightVariance > 0 && biasVariance >= 0 && Number.isFinite(weightVariance + biasVariance)) return;
  fail({
    code: 'invalid-argument',
    where: 'infiniteNetwork',
    problem: 'the network is not usable',
    got: `${show(inputs)} inputs, depth ${show(depth)}, weightVariance ${show(weightVariance)}, biasVariance ${show(biasVariance)}`,
    expected: 'whole inputs from 1 and depth from 0, a finite weightVariance > 0 and a finite biasVariance >= 0',
    fix: "write { inputs: 2, depth: 2, activation: 'relu', weightVariance: 2 }",
  });
}

function checkRows(d: number, ...[inputs, rows, others, otherRows]: KernelRows): void {
  if (inputs.length >= rows * d && others.length >= otherRows * d) return;
  fail({
    code: 'shape-mismatch',
    where: 'infiniteNetwork',
    problem: 'the inputs are too short',
    got: `${inputs.length} and ${others.length} numbers`,
    expected: `${rows * d} and ${otherRows * d}: ${rows} and ${otherRows} rows of ${d}`,
    fix: 'pass rows of the length of the inputs',
  });
}

function refuseStep(name: string): never {
  return fail({
    code: 'unsupported',
    where: 'infiniteNetwork',
    problem: 'the tangent kernel of units without slope does not exist',
    got: name,
    expected: 'a continuous activation',
    fix: 'use the nngp of step units, or the ntk of a steep sigmoid',
  });
}
