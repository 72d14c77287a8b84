import { activationFormula, fail, show } from '@muflow/core';
import { type SetNetwork, setNetwork } from '../network/setNetwork.js';
import { evaluateSets } from '../network/setPass.js';
import { degreeOfUnit } from '../norms/degreeOfUnit.js';
import type { SetBatch } from '../sets/setBatch.js';

/** What a bound of generalization needs to know of the unit ball of a class on given sets. */
export interface SetComplexity {
  /** At least the empirical Rademacher complexity `E sup_f (1/L) sum_l epsilon_l f(mu_l)` over the ball of radius 1. */
  readonly complexity: number;
  /** At least `|f(mu_l)|` for all of them and all sets given. */
  readonly featureBound: number;
}

/**
 * Bounds of the Rademacher complexity and of the size of the unit ball of the norm of a class, on L sets, for mean pooling,
 * inner relu^p and outer relu. With `|x|~^2 = |x_1|^2 + ... + |x_k|^2 + 1` for tuples of points, and
 * `r^2 = (1/L) sum_l int |x|~^2 dmu_l^k`, `q = max |x|~`:
 *
 *     S1 (path norm):     4 r / sqrt L for p = 1,  8 q r / sqrt L for p = 2,    |f| <= q^p
 *     S2 (group norm):    2 sqrt(mean_l |Phi(mu_l)|^2 / m1) / sqrt L,           |f| <= max_l |Phi(mu_l)| / sqrt(m1)
 *     S3 (density norm):  sqrt(mean_l |Z(mu_l)|^2 / m2) / sqrt L,               |f| <= max_l |Z(mu_l)| / sqrt(m2)
 *
 * with the features Phi and the neurons Z. In S3 f is linear in Z; in S2 the outer relu costs a factor 2, by contraction and
 * both signs of a neuron; in S1 a second factor 2 p q^(p-1) does the same for the inner unit, after the supremum has gone
 * below the mean over the points. Derived here with the contraction principle as in [BartlettMendelson2002]. Scaling the
 * sets given is what makes it empirical: a bound of the mean for all draws takes r and q of the law.
 *
 * @param network - its class says which norm; parameters matter for S2 and S3, whose frozen layers they hold.
 * @throws `unsupported` for other poolings or units, or several outputs, `shape-mismatch` for sets of another dimension.
 */
export function setComplexity(network: SetNetwork, parameters: Float64Array, batch: SetBatch): SetComplexity {
  const power = checkedPower(network);
  const root = Math.sqrt(batch.count);
  if (network.class === 'S1') {
    const { mean, largest } = tupleSquares(network.order, batch);
    const slope = power * Math.sqrt(largest) ** (power - 1);
    return { complexity: (4 * slope * Math.sqrt(mean)) / root, featureBound: Math.sqrt(largest) ** power };
  }
  // Rows of features, or of neurons, read off as outputs of a network that stops there.
  const { dim, order, innerWidth, outerWidth, inner, outer, backend, parts } = network;
  const isMiddle = network.class === 'S3';
  const [width, factor] = isMiddle ? [outerWidth, 1] : [innerWidth, 2];
  const read = setNetwork({
    ...{ dim, order, innerWidth, inner, backend },
    outerWidth: width,
    outputs: width,
    outer: isMiddle ? outer : 'z',
  });
  const all = new Float64Array(read.parameterCount);
  all.set(parameters.subarray(0, isMiddle ? parts.middle[1] : parts.inner[1]));
  if (!isMiddle) identityInto(all.subarray(...read.parts.middle), width);
  identityInto(all.subarray(...read.parts.outer), width);
  const { mean, largest } = rowSquares(evaluateSets(read, all, batch), width);
  return { complexity: (factor * Math.sqrt(mean / width)) / root, featureBound: Math.sqrt(largest / width) };
}

/** Mean over the sets and largest value of `|x|~^2`. */
function tupleSquares(order: number, { dim, offsets, points, masses, count }: SetBatch): Squares {
  let [sum, largest] = [0, 0];
  for (let i = 0; i < offsets[count]; i++) {
    let square = 0;
    for (let k = 0; k < dim; k++) square += points[i * dim + k] ** 2;
    sum += masses[i] * square;
    largest = Math.max(largest, square);
  }
  return { mean: (order * sum) / count + 1, largest: order * largest + 1 };
}

interface Squares {
  readonly mean: number;
  readonly largest: number;
}

function rowSquares(rows: Float64Array, width: number): Squares {
  let [sum, largest] = [0, 0];
  for (let at = 0; at < rows.length; at += width) {
    let square = 0;
    for (let k = at; k < at + width; k++) square += rows[k] * rows[k];
    sum += square;
    largest = Math.max(largest, square);
  }
  return { mean: (sum * width) / rows.length, largest };
}

function identityInto(out: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) out[i * (size + 1)] = 1;
}

/** The p of an inner relu^p. */
function checkedPower({ inner, outer, outputs, pooling }: SetNetwork): number {
  const isRectified = ['relu', 'squared-relu'].some((name) => activationFormula(name) === activationFormula(inner));
  const isOuter = activationFormula(outer) === activationFormula('relu');
  if (!(isRectified && isOuter && outputs === 1 && pooling === 'mean')) {
    fail({
      code: 'unsupported',
      where: 'setComplexity',
      problem: 'there is no bound for these units, outputs or this pooling',
      got: `inner ${show(inner)}, outer ${show(outer)}, ${outputs} outputs, pooling ${show(pooling)}`,
      expected: 'inner relu or squared-relu, outer relu, one output, mean pooling',
      fix: 'build the network with these',
    });
  }
  return degreeOfUnit(inner) ?? 1;
}
