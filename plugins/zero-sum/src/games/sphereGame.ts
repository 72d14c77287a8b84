import {
  asSmooth,
  type Expression,
  fail,
  formula,
  normalAt,
  randomKey,
  type SmoothGame,
  show,
  sphere,
  zeroSumGame,
} from '@muflow/core';

export interface SphereGameOptions {
  /** Both players play on the unit sphere of R^d, d from 2 to 50. */
  readonly d: number;
  readonly seed?: number;
}

/**
 * The random polynomial game of [DomingoEnrichEtAl2020] on the unit sphere of R^d,
 *
 *     l(x, y) = x'A0 x + x'A1 y + y'A2 y + y'A3 (x*x) + a0'x + a1'y,
 *
 * with `x*x` by components and independent normal entries of variance 1/d in every matrix and vector (the scaling is
 * ours: it keeps the range of l of order 1 as d grows). No equilibrium is known. Separable with d + 2 terms.
 */
export function sphereGame({ d, seed = 0 }: SphereGameOptions): SmoothGame {
  if (!(Number.isInteger(d) && d >= 2 && d <= 50)) {
    fail({
      code: 'invalid-argument',
      where: 'sphereGame',
      problem: 'the dimension is not usable',
      got: show(d),
      expected: 'an integer from 2 to 50',
      fix: 'pass { d: 3 }',
    });
  }
  const key = randomKey(seed);
  const entry = (matrix: number, i: number, j: number): number => normalAt(key, matrix, i * d + j) / Math.sqrt(d);
  const axes = Array.from({ length: d }, (_, k) => k);
  const x = axes.map((k) => formula.component(formula.row('x', d), k));
  const y = axes.map((k) => formula.component(formula.column('y', d), k));
  const quadratic = (z: readonly Expression[], matrix: number): Expression =>
    total(axes.map((i) => formula.multiply(z[i], total(axes.map((j) => formula.multiply(entry(matrix, i, j), z[j]))))));
  const linear = (z: readonly Expression[], vector: number): Expression =>
    total(axes.map((i) => formula.multiply(entry(vector, 0, i), z[i])));
  // x'A1 y + y'A3 (x*x), collected by the components of y.
  const mixed = total(
    axes.map((j) =>
      formula.multiply(
        y[j],
        total(
          axes.map((i) => formula.multiply(x[i], formula.add(entry(1, i, j), formula.multiply(entry(3, j, i), x[i])))),
        ),
      ),
    ),
  );
  const payoff = total([quadratic(x, 0), linear(x, 4), mixed, quadratic(y, 2), linear(y, 5)]);
  const name = `sphere game, d = ${d}, seed ${seed}`;
  return asSmooth('sphereGame', zeroSumGame({ name, payoff, spaces: [sphere(d), sphere(d)] }));
}

const total = (terms: readonly Expression[]): Expression => terms.reduce((a, b) => formula.add(a, b));
