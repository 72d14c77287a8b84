import { type Energy, euclidean, fail, gaussLegendre, type Measure, measure } from '@muflow/core';
import type { DotKernel } from './dotKernels.js';

/** Units of the teacher on an axis: `f*(x) = sum_k weights_k sigma(poles_k x_1)`. */
export interface AxialTeacher {
  readonly weights: readonly number[];
  /** Signed lengths of the rows along the axis. */
  readonly poles: readonly number[];
}

/** The population loss on laws that are symmetric around an axis. */
export interface AxisymmetricPopulation extends Energy {
  /** `E[f_mu f_nu]` of two symmetric laws, each given by atoms (a, p, q). */
  innerProduct(mu: Measure, nu: Measure): number;
}

/**
 * The population square loss of a network on laws of (a, w) that are symmetric around the first axis: an atom
 * (a, p, q) is the law of `(a, (p, q xi))` with xi uniform on the unit sphere of R^(d-1). Rotations around the
 * teacher's axis are symmetries of the loss, so a symmetric start stays symmetric, its Wasserstein flow is that of
 * this energy in three coordinates, and the mean-field limit is computed without drawing atoms. The kernel is
 *
 *     Kbar((p, q), (p', q')) = c int_0^pi K(p^2 + q^2, p'^2 + q'^2, p p' + q q' cos psi) sin^(d-3) psi dpsi,
 *
 * by Gauss-Legendre in psi. The distance to a network (a_i, w_i) is exact too: against a symmetric law only
 * `(w_i1, |w_i - w_i1 e_1|)` counts. Cost O(n^2 nodes / 2).
 *
 * @param inputs - d, at least 3.
 * @param nodes - number of nodes in psi, default 24.
 * @throws `invalid-argument` for fewer than 3 inputs or a teacher whose lists differ in length.
 */
export function axisymmetricPopulation(
  kernel: DotKernel,
  inputs: number,
  teacher: AxialTeacher,
  nodes = 24,
): AxisymmetricPopulation {
  checkAxial(inputs, teacher);
  const angles = polarRule(nodes, inputs - 3);
  const target = measure({
    space: euclidean(3),
    positions: teacher.weights.flatMap((weight, k) => [weight, teacher.poles[k], 0]),
    masses: teacher.weights.map(() => 1),
    kind: 'positive',
  });
  const local = new Float64Array(3);
  const out4 = new Float64Array(4);
  /** Adds `charge Kbar` and its derivatives in (p, q) to `local`. */
  const addKernel = (p: number, q: number, charge: number, p2: number, q2: number): void => {
    const [q11, q22] = [p * p + q * q, p2 * p2 + q2 * q2];
    for (let k = 0; k < angles.cosines.length; k++) {
      const cosine = angles.cosines[k];
      kernel.evaluateInto(out4, q11, q22, p * p2 + q * q2 * cosine);
      const weight = charge * angles.weights[k];
      local[0] += weight * out4[0];
      local[1] += weight * (out4[1] * p + out4[3] * p2);
      local[2] += weight * (out4[1] * q + out4[3] * q2 * cosine);
    }
  };
  const addMeasure = (p: number, q: number, nu: Measure, sign: number): void => {
    const u = nu.positions;
    for (let j = 0; j < nu.count; j++) {
      addKernel(p, q, sign * nu.masses[j] * u[3 * j], u[3 * j + 1], u[3 * j + 2]);
    }
  };
  const innerProduct = (mu: Measure, nu: Measure): number => {
    let sum = 0;
    for (let i = 0; i < mu.count; i++) {
      local.fill(0);
      addMeasure(mu.positions[3 * i + 1], mu.positions[3 * i + 2], nu, 1);
      sum += mu.masses[i] * mu.positions[3 * i] * local[0];
    }
    return sum;
  };
  const targetSquared = innerProduct(target, target);
  return {
    name: `axisymmetric population (${kernel.name})`,
    dim: 3,
    space: euclidean(3),
    smooth: kernel.smooth,
    innerProduct,
    value: (mu) => 0.5 * (innerProduct(mu, mu) + targetSquared) - innerProduct(mu, target),
    firstVariationInto(out, mu) {
      for (let i = 0; i < mu.count; i++) {
        const a = mu.positions[3 * i];
        local.fill(0);
        addMeasure(mu.positions[3 * i + 1], mu.positions[3 * i + 2], mu, 1);
        addMeasure(mu.positions[3 * i + 1], mu.positions[3 * i + 2], target, -1);
        out.potential[i] = a * local[0];
        out.gradient[3 * i] = local[0];
        out.gradient[3 * i + 1] = a * local[1];
        out.gradient[3 * i + 2] = a * local[2];
      }
    },
    potentialAt(out, points, count, mu) {
      for (let i = 0; i < count; i++) {
        local.fill(0);
        addMeasure(points[3 * i + 1], points[3 * i + 2], mu, 1);
        addMeasure(points[3 * i + 1], points[3 * i + 2], target, -1);
        out[i] = points[3 * i] * local[0];
      }
    },
  };
}

/** A network in d dimensions as atoms (a, p, q): `p = w_1`, `q = |w - w_1 e_1|`; its law averaged over rotations. */
export function aroundAxis(mu: Measure): Measure {
  const positions = new Float64Array(3 * mu.count);
  for (let i = 0; i < mu.count; i++) {
    const start = i * mu.dim;
    let square = 0;
    for (let k = 2; k < mu.dim; k++) square += mu.positions[start + k] ** 2;
    positions.set([mu.positions[start], mu.positions[start + 1], Math.sqrt(square)], 3 * i);
  }
  return measure({ space: euclidean(3), positions, masses: mu.masses, kind: mu.kind });
}

/**
 * The law of a = -1 or 1 and w uniform on the unit sphere, symmetric around the axis: `2 nodes` atoms
 * `(+-1, cos phi, sin phi)`, phi by Gauss-Legendre against its density `sin^(d-2) phi`.
 */
export function axialSphere(inputs: number, nodes: number): Measure {
  const rule = polarRule(nodes, inputs - 2);
  const positions: number[] = [];
  const masses: number[] = [];
  for (const sign of [-1, 1]) {
    for (let k = 0; k < nodes; k++) {
      positions.push(sign, rule.cosines[k], Math.sqrt(1 - rule.cosines[k] ** 2));
      masses.push(rule.weights[k] / 2);
    }
  }
  return measure({ space: euclidean(3), positions, masses });
}

/** Nodes `cos psi` and weights, of sum 1, of `c int_0^pi f(cos psi) sin^power psi dpsi`. */
function polarRule(count: number, power: number): { readonly cosines: Float64Array; readonly weights: Float64Array } {
  const { nodes, weights } = gaussLegendre(count);
  const angles = nodes.map((node) => (Math.PI / 2) * (1 + node));
  const raw = weights.map((weight, k) => weight * Math.sin(angles[k]) ** power);
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return { cosines: angles.map(Math.cos), weights: raw.map((weight) => weight / total) };
}

function checkAxial(inputs: number, { weights, poles }: AxialTeacher): void {
  if (Number.isInteger(inputs) && inputs >= 3 && weights.length === poles.length && weights.length > 0) return;
  fail({
    code: 'invalid-argument',
    where: 'axisymmetricPopulation',
    problem: 'the teacher does not fit',
    got: `${weights.length} weights and ${poles.length} poles, for ${inputs} inputs`,
    expected: 'one pole for each weight, at least one, and an integer inputs >= 3',
    fix: 'give each unit of the teacher its weight and its pole',
  });
}
