import { type Energy, type FormulaUnit, fail, type Measure, show } from '@muflow/core';
import { unitJet } from '../theory/unitJet.js';

export interface ExpandedRiskOptions {
  /** A unit of one output. */
  readonly unit: FormulaUnit;
  /** L*d inputs, row-major. */
  readonly inputs: Float64Array;
  /** L targets. */
  readonly targets: Float64Array;
}

/** The square risk as an energy of interacting particles. */
export interface ExpandedRisk extends Energy {
  /** `C = (1/2L) sum_l y_l^2`. */
  readonly constant: number;
  /** `F(u) = -(1/L) sum_l y_l Phi(x_l, u)` at `count` points. */
  externalFieldInto(out: Float64Array, points: Float64Array, count: number): void;
  /** `K(u_i, v_j) = (1/L) sum_l Phi(x_l, u_i) Phi(x_l, v_j)`, row-major in (i, j). */
  kernelInto(out: Float64Array, u: ParticlePoints, v: ParticlePoints): void;
}

/** Points as rows of coordinates. */
export interface ParticlePoints {
  readonly points: Float64Array;
  readonly count: number;
}

/**
 * The square risk in its expanded form,
 *
 *     (1/2L) sum_l (f_mu(x_l) - y_l)^2 = C + int F dmu + (1/2) int int K(u, v) dmu(u) dmu(v),
 *     V(u) = F(u) + int K(u, .) dmu,
 *
 * computed by pairs of particles, each pair by itself: what the theory of n interacting particles speaks of, equal to
 * `risk({ unit, inputs, targets })` as a law. For training use `risk`: here an evaluation costs O(n^2 L), with gradients
 * O(n^2 L d), and stores n L numbers. Source: [RotskoffVandenEijnden2018].
 *
 * @throws `shape-mismatch` for data that do not fit, `not-finite` for data that are no numbers.
 * @example
 * const energy = expandedRisk({ unit: networkUnit({ activation: 'tanh', inputs: 1 }), inputs, targets });
 * energy.kernelInto(gram, { points: mu.positions, count: mu.count }, { points: mu.positions, count: mu.count });
 */
export function expandedRisk({ unit, inputs, targets }: ExpandedRiskOptions): ExpandedRisk {
  const rows = targets.length;
  const inputDim = checkData(unit, inputs, targets);
  const unitAt = unitJet(unit, inputDim, 1);
  const { dim, jet } = unitAt;

  /** `Phi(x_l, u_i)`, count*L row-major. */
  const featuresOf = ({ points, count }: ParticlePoints): Float64Array => {
    const features = new Float64Array(count * rows);
    for (let i = 0; i < count; i++) {
      for (let l = 0; l < rows; l++) {
        unitAt.evaluate(points, i * dim, inputs, l * inputDim);
        features[i * rows + l] = jet[0];
      }
    }
    return features;
  };
  const meanProduct = (a: Float64Array, aStart: number, b: Float64Array, bStart: number): number => {
    let sum = 0;
    for (let l = 0; l < rows; l++) sum += a[aStart + l] * b[bStart + l];
    return sum / rows;
  };
  /** `F(u_i)` from the features. */
  const fieldOf = (features: Float64Array, i: number): number => -meanProduct(features, i * rows, targets, 0);
  /** `F(u_i) + sum_j m_j K(u_i, u_j)` of the rows of `at`. */
  const potentialInto = (
    out: Float64Array,
    at: Float64Array,
    count: number,
    mu: Measure,
    atoms: Float64Array,
  ): void => {
    for (let i = 0; i < count; i++) {
      out[i] = fieldOf(at, i);
      for (let j = 0; j < mu.count; j++) out[i] += mu.masses[j] * meanProduct(at, i * rows, atoms, j * rows);
    }
  };
  const atomsOf = (mu: Measure): Float64Array => {
    checkDim(mu, dim);
    return featuresOf({ points: mu.positions, count: mu.count });
  };
  const constant = meanProduct(targets, 0, targets, 0) / 2;
  const slopes = new Float64Array(dim * rows);

  return {
    name: 'expanded square risk',
    dim,
    smooth: true,
    constant,
    externalFieldInto(out, points, count) {
      const features = featuresOf({ points, count });
      for (let i = 0; i < count; i++) out[i] = fieldOf(features, i);
    },
    kernelInto(out, u, v) {
      const [left, right] = [featuresOf(u), featuresOf(v)];
      for (let i = 0; i < u.count; i++) {
        for (let j = 0; j < v.count; j++) out[i * v.count + j] = meanProduct(left, i * rows, right, j * rows);
      }
    },
    value(mu) {
      const features = atomsOf(mu);
      let total = constant;
      for (let i = 0; i < mu.count; i++) {
        total += mu.masses[i] * fieldOf(features, i);
        for (let j = 0; j < mu.count; j++) {
          total += 0.5 * mu.masses[i] * mu.masses[j] * meanProduct(features, i * rows, features, j * rows);
        }
      }
      return total;
    },
    firstVariationInto({ potential, gradient }, mu) {
      const features = atomsOf(mu);
      potentialInto(potential, features, mu.count, mu, features);
      for (let i = 0; i < mu.count; i++) {
        for (let l = 0; l < rows; l++) {
          unitAt.evaluate(mu.positions, i * dim, inputs, l * inputDim);
          for (let k = 0; k < dim; k++) slopes[k * rows + l] = jet[1 + k];
        }
        for (let k = 0; k < dim; k++) {
          let sum = -meanProduct(slopes, k * rows, targets, 0);
          for (let j = 0; j < mu.count; j++) sum += mu.masses[j] * meanProduct(slopes, k * rows, features, j * rows);
          gradient[i * dim + k] = sum;
        }
      }
    },
    potentialAt: (out, points, count, mu) => potentialInto(out, featuresOf({ points, count }), count, mu, atomsOf(mu)),
  };
}

function checkData({ outputs = 1 }: FormulaUnit, inputs: Float64Array, targets: Float64Array): number {
  const inputDim = inputs.length / targets.length;
  const refuse = (code: 'shape-mismatch' | 'not-finite', problem: string, got: string, expected: string): never =>
    fail({ code, where: 'expandedRisk', problem, got, expected, fix: `pass ${expected}` });
  if (outputs !== 1) refuse('shape-mismatch', 'the unit is a vector', `${outputs} outputs`, 'a unit of one output');
  if (targets.length === 0 || !Number.isInteger(inputDim) || inputDim < 1) {
    const got = `${inputs.length} input numbers for ${targets.length} targets`;
    refuse('shape-mismatch', 'inputs and targets do not fit', got, 'L >= 1 targets and L times d input numbers');
  }
  for (const values of [inputs, targets]) {
    const wrong = values.find((value) => !Number.isFinite(value));
    if (wrong !== undefined) refuse('not-finite', 'a number of the data is not finite', show(wrong), 'finite numbers');
  }
  return inputDim;
}

function checkDim(mu: Measure, dim: number): void {
  if (mu.dim === dim) return;
  fail({
    code: 'shape-mismatch',
    where: 'expandedRisk',
    problem: 'the measure has atoms of another dimension',
    got: `${mu.dim} coordinates`,
    expected: `${dim}`,
    fix: 'use a measure on a space of that dimension',
  });
}
