import { activationFormula, parseFormula } from '@muflow/core';
import type { SetBatch } from '../sets/setBatch.js';
import { polynomialOf } from './polynomialUnit.js';
import { type PooledFeatures, poolingScale } from './pooling.js';
import { type Projections, projections } from './projections.js';
import type { SetNetwork } from './setNetwork.js';

/**
 * Means over all k-tuples of a polynomial unit of degree q by the moments of the inner products,
 *
 *     E[(b + T_1 + ... + T_k)^r] by convolution of E[T_l^s] = sum_a m_a t_{l,a}^s, s <= q,
 *
 * so that a set costs O(m1 k q (N + k q)) where its tuples would cost O(m1 N^k). Null where the unit is no polynomial.
 */
export function momentPooling(network: SetNetwork, batch: SetBatch): PooledFeatures | null {
  const formula = parseFormula(activationFormula(network.inner), { variables: { z: { role: 'row' } } });
  const coefficients = polynomialOf(formula);
  if (coefficients === null) return null;
  const { order, innerWidth: units } = network;
  const { offsets, count, masses } = batch;
  const places = projections(network, batch);
  const tables = momentTables(coefficients, order);
  const setOf = (s: number): MomentSet => ({
    units,
    points: offsets[s + 1] - offsets[s],
    scale: poolingScale(network, batch, s),
    masses: masses.subarray(offsets[s], offsets[s + 1]),
  });
  return {
    run(rows, features) {
      places.place(rows);
      for (let s = 0; s < count; s++) {
        const set = setOf(s);
        places.project(s);
        for (let i = 0; i < units; i++) features[s * units + i] = set.scale * takeMoments(tables, places, set, i);
      }
    },
    gradientInto(out, rows, cotangents) {
      places.place(rows);
      out.fill(0);
      for (let s = 0; s < count; s++) {
        const set = setOf(s);
        places.project(s);
        for (let i = 0; i < units; i++) {
          takeMoments(tables, places, set, i);
          takeMarginals(tables, places, { ...set, scale: set.scale * cotangents[s * units + i] }, i);
        }
        places.addInto(out, s);
      }
    },
  };
}

interface MomentTables {
  readonly order: number;
  /** Of the unit and of its derivative, from the constant on. */
  readonly coefficients: readonly number[];
  readonly slope: readonly number[];
  /** Binomial coefficients, (q + 1)*(q + 1). */
  readonly binomials: Float64Array;
  /** Moments of `T_l`, one row of q + 1 for each l. */
  readonly moments: Float64Array;
  /** Moments of a sum of some of them. */
  readonly sums: Float64Array;
  /** Coefficients of a polynomial in one `t`. */
  readonly conditional: Float64Array;
}

interface MomentSet {
  readonly units: number;
  readonly points: number;
  readonly scale: number;
  readonly masses: Float64Array;
}

function momentTables(coefficients: readonly number[], order: number): MomentTables {
  const size = coefficients.length;
  const binomials = new Float64Array(size * size);
  for (let r = 0; r < size; r++) {
    binomials[r * size] = 1;
    for (let s = 1; s <= r; s++) {
      binomials[r * size + s] = binomials[(r - 1) * size + s - 1] + binomials[(r - 1) * size + s];
    }
  }
  return {
    order,
    coefficients,
    slope: coefficients.slice(1).map((c, r) => (r + 1) * c),
    binomials,
    moments: new Float64Array(order * size),
    sums: new Float64Array(size),
    conditional: new Float64Array(size),
  };
}

/** Fills the moments of unit i and returns the mean of its values over the tuples. */
function takeMoments(tables: MomentTables, places: Projections, set: MomentSet, i: number): number {
  const { order, moments, coefficients, sums } = tables;
  const size = coefficients.length;
  moments.fill(0);
  for (let l = 0; l < order; l++) {
    const from = (l * set.units + i) * set.points;
    for (let a = 0; a < set.points; a++) {
      let power = set.masses[a];
      for (let r = 0; r < size; r++, power *= places.values[from + a]) moments[l * size + r] += power;
    }
  }
  momentsOfSum(tables, places.biases[i], -1);
  let mean = 0;
  for (let r = 0; r < size; r++) mean += coefficients[r] * sums[r];
  return mean;
}

/** Moments of `b + sum_l T_l`, without the term `left`. */
function momentsOfSum({ order, moments, sums, binomials }: MomentTables, bias: number, left: number): void {
  const size = sums.length;
  sums[0] = 1;
  for (let r = 1; r < size; r++) sums[r] = sums[r - 1] * bias;
  for (let l = 0; l < order; l++) {
    if (l === left) continue;
    // From the highest, which needs the lower ones as they were.
    for (let r = size - 1; r >= 0; r--) {
      let sum = 0;
      for (let s = 0; s <= r; s++) sum += binomials[r * size + s] * sums[s] * moments[l * size + r - s];
      sums[r] = sum;
    }
  }
}

/** `D_{l,a} = scale m_a E[inner'(b + t_{l,a} + sum of the others)]`, the mean a polynomial in `t_{l,a}`. */
function takeMarginals(
  tables: MomentTables,
  { values, biases, marginals }: Projections,
  set: MomentSet,
  i: number,
): void {
  const { order, slope, sums, binomials, conditional, coefficients } = tables;
  const size = coefficients.length;
  for (let l = 0; l < order; l++) {
    momentsOfSum(tables, biases[i], l);
    conditional.fill(0);
    for (let r = 0; r < slope.length; r++) {
      for (let s = 0; s <= r; s++) conditional[s] += slope[r] * binomials[r * size + s] * sums[r - s];
    }
    const from = (l * set.units + i) * set.points;
    for (let a = 0; a < set.points; a++) {
      let value = 0;
      for (let s = slope.length - 1; s >= 0; s--) value = value * values[from + a] + conditional[s];
      marginals[from + a] = set.scale * set.masses[a] * value;
    }
  }
}
