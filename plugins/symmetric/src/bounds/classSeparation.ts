import { fail, harmonicCount, legendreInto, reluFunkHecke, show, sphereRule } from '@muflow/core';

/**
 * The separation of S1 from S2 as published, read as it must be,
 *
 *     max(0, 1/d - c delta 2^(-d/2)):
 *
 * the distance to a ball cannot grow with the ball, so the printed absolute value is wrong where delta is large. The
 * constant c is not given, and nothing here proves this form; {@link classSeparationFloor} is what can be proved with
 * constants. Source: [ZweigBruna2021], corrected.
 *
 * @param constant - c > 0, default 1.
 */
export function classSeparationForm(dim: number, delta: number, constant = 1): number {
  return Math.max(0, 1 / dim - constant * delta * 2 ** (-dim / 2));
}

/** A floor under the distance of S1 to a ball of S2, with the degree that gives it. */
export interface ClassSeparationFloor {
  readonly floor: number;
  /** Degree k of the harmonic that tells the classes apart. */
  readonly degree: number;
}

/**
 * A proven floor under the distance from `f(mu) = int relu(<w, x>) dmu(x)`, |w| = 1, of norm 1 in S1, to every f' of group
 * norm at most delta in S2 (test features relu(<v, x>), v uniform on the sphere, any outer unit of Lipschitz constant 1),
 * in the largest value over the probability measures on the unit sphere of R^d:
 *
 *     sup_mu |f(mu) - f'(mu)| >= max_k (|lambda_k| / E|P_k|) max(0, 1 - delta / sqrt(N(d, k))).
 *
 * Proof. Let nu = mu - mu' have the density 2 P_k(<w, .>)/E|P_k|, k >= 1. Then `f(mu) - f(mu') = 2 lambda_k/E|P_k|`, and
 * `|f'(mu) - f'(mu')| <= sum_j |a_j| |int phi_j dnu| <= delta 2 |lambda_k| / (sqrt(N(d, k)) E|P_k|)`, as the test functions
 * phi_j lie in balls of F2 in which degree k is the image of an L2 function under lambda_k and |P_k|_L2 = N(d, k)^(-1/2).
 * Half the difference is a floor under the larger of the errors at mu and mu'. Derived here.
 *
 * With k = d the first factor is near d^(-3/2)/4 (0.252 d^(-3/2) at d = 8, 0.225 at 64) and `sqrt(N(d, d))` near 2^d/5
 * (0.268 2^d at d = 8, 0.162 at 64): exponential, with a power of d that is weaker than that of {@link classSeparationForm}. The law of
 * the features is the uniform one itself; finitely many features drawn from it have another kernel.
 *
 * @param delta - group norm, >= 0.
 * @param degree - largest k tried, default 2 d.
 * @returns floor 0 where no degree gives more. Cost O((degree + d) degree).
 * @example
 * console.log(classSeparationFloor(16, 1000).floor > 0, classSeparationFloor(8, 1000).floor > 0); // => true true
 */
export function classSeparationFloor(dim: number, delta: number, degree = 2 * dim): ClassSeparationFloor {
  checkNumber('classSeparationFloor', 'norm', delta, delta >= 0);
  let best: ClassSeparationFloor = { floor: 0, degree: 0 };
  for (const { k, size, root } of probes(dim, degree)) {
    const floor = size * (1 - delta / root);
    if (floor > best.floor) best = { floor, degree: k };
  }
  return best;
}

/**
 * The group norm below which the floor of {@link classSeparationFloor} stays above a distance: no function of S2 with a
 * smaller norm comes that near, `max_k sqrt(N(d, k)) (1 - distance E|P_k| / |lambda_k|)`; 0 where no degree tells.
 *
 * @param distance - in the largest value over the measures, > 0.
 * @param degree - largest k tried, default 2 d.
 */
export function classSeparationBudget(dim: number, distance: number, degree = 2 * dim): number {
  checkNumber('classSeparationBudget', 'distance', distance, distance > 0);
  return probes(dim, degree).reduce((best, { size, root }) => Math.max(best, root * (1 - distance / size)), 0);
}

/** For k = 1..K: `size = |lambda_k| / E|P_k|` and `root = sqrt(N(d, k))`. */
function probes(dim: number, degree: number): { readonly k: number; readonly size: number; readonly root: number }[] {
  const lambda = reluFunkHecke(dim, degree);
  const means = legendreMeans(dim, degree);
  const all = Array.from(lambda, (value, k) => ({
    k,
    size: Math.abs(value) / means[k],
    root: Math.sqrt(harmonicCount(dim, k)),
  }));
  return all.filter(({ k, size }) => k > 0 && size > 0);
}

function checkNumber(where: string, name: string, value: number, holds: boolean): void {
  if (holds) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: `the ${name} is not usable`,
    got: show(value),
    expected: 'a positive number',
    fix: `pass a positive ${name}`,
  });
}

/** `E|P_k(t)|`, k = 0..K; the zeros of P_k are kinks, so the rule is finer than for a polynomial, to about 1e-4. */
function legendreMeans(dim: number, degree: number): Float64Array {
  const { nodes, weights } = sphereRule({ dim, degree: 16 * degree });
  const out = new Float64Array(degree + 1);
  const values = new Float64Array(degree + 1);
  for (let i = 0; i < nodes.length; i++) {
    legendreInto(values, dim, nodes[i]);
    for (let k = 0; k <= degree; k++) out[k] += weights[i] * Math.abs(values[k]);
  }
  return out;
}
