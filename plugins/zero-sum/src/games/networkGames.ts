import {
  asSmooth,
  box,
  type Expression,
  fail,
  finite,
  formula,
  product,
  randomKey,
  randomStream,
  type SmoothGame,
  type Space,
  sphere,
  zeroSumGame,
} from '@muflow/core';

/** Labelled points of the plane, or of any R^p. */
export interface LabelledPoints {
  readonly points: readonly (readonly number[])[];
  /** -1 or 1 for every point. */
  readonly labels: readonly number[];
}

export interface NetworkGameOptions {
  readonly data: LabelledPoints;
  /** The activation is `max(0, t)^power`; default 3, which is twice differentiable. */
  readonly power?: number;
}

/**
 * Maximal margin of two-layer networks as a game [ChizatBach2020; WangChizat2022]: x picks a data point, y a neuron
 * (sign a and unit direction theta, the last coordinate acting on a constant 1), and
 *
 *     l = label_x a max(0, <theta, (z_x, 1)>)^power.
 *
 * A law of y is a network `f = int a sigma(<theta, .>) dnu` of variation norm 1, a law of x weighs the data, and the
 * value is the largest smallest margin `max_f min_i label_i f(z_i)`; a network with all margins positive separates the
 * data. The data are a finite space, so that x is a mass for every point; a neuron is `finite(2) x sphere(p + 1)`, so
 * that signs never change and the players' gradients move directions only. No equilibrium is known in closed form.
 */
export function maxMarginGame({ data, power = 3 }: NetworkGameOptions): SmoothGame {
  const { points, labels } = data;
  const p = checkData('maxMarginGame', data, power);
  const neurons = neuronSpace(p);
  const x = formula.row('x');
  const payoff = total(
    points.map((point, i) =>
      formula.multiply(chosen(x, i), marginAt(point.map(formula.constant), labels[i], power, p)),
    ),
  );
  const name = `maximal margin of ${points.length} points`;
  return asSmooth('maxMarginGame', zeroSumGame({ name, payoff, spaces: [finite(points.length), neurons] }));
}

export interface RobustNetworkGameOptions extends NetworkGameOptions {
  /** Every coordinate of a data point may be moved by at most this much, default 0.2. */
  readonly radius?: number;
}

/**
 * Distributionally robust training of a two-layer network as a game [WangChizat2022]: as {@link maxMarginGame}, but x
 * also moves its point, by delta in the cube [-radius, radius]^p. A law of x is a mixture of perturbed data, and the
 * value the largest margin that a network of norm 1 keeps against all perturbations. The cube is the ball of the maximum
 * norm (the papers use the Euclidean one): a space that knows its own projection and whose cells can be bounded.
 */
export function robustNetworkGame({ data, power = 3, radius = 0.2 }: RobustNetworkGameOptions): SmoothGame {
  const { points, labels } = data;
  const p = checkData('robustNetworkGame', data, power);
  const moved = product([finite(points.length), box(points[0].map(() => [-radius, radius]))]);
  const x = formula.row('x', p + 1);
  const terms = points.map((point, i) => {
    const at = point.map((z, k) => formula.add(z, formula.component(x, k + 1)));
    return formula.multiply(chosen(formula.component(x, 0), i), marginAt(at, labels[i], power, p));
  });
  const name = `robust margin of ${points.length} points, radius ${radius}`;
  return asSmooth('robustNetworkGame', zeroSumGame({ name, payoff: total(terms), spaces: [moved, neuronSpace(p)] }));
}

/** Points uniform on [-1, 1]^p with labels that a random line with a margin of 0.1 tells apart, by seed. */
export function separablePoints(count: number, p: number, seed: number): LabelledPoints {
  const random = randomStream(randomKey(seed));
  const normal = Array.from({ length: p }, () => random.normal());
  const length = Math.hypot(...normal);
  const points: number[][] = [];
  const labels: number[] = [];
  while (points.length < count) {
    const point = Array.from({ length: p }, () => 2 * random.uniform() - 1);
    const side = point.reduce((sum, z, k) => sum + (z * normal[k]) / length, 0);
    if (Math.abs(side) < 0.1) continue;
    points.push(point);
    labels.push(Math.sign(side));
  }
  return { points, labels };
}

/** A neuron: sign 0 or 1 for -1 and 1, then the direction. */
const neuronSpace = (p: number): Space => product([finite(2), sphere(p + 1)]);

/** 1 where x is the index i, 0 at the other indices: a hat, since formulas have no tables. */
const chosen = (x: Expression, i: number): Expression =>
  formula.subtract(1, formula.minimum(1, formula.abs(formula.subtract(x, i))));

function marginAt(point: readonly Expression[], label: number, power: number, p: number): Expression {
  const y = formula.column('y', p + 2);
  const sign = formula.subtract(formula.multiply(2, formula.component(y, 0)), 1);
  const inner = total([...point, formula.constant(1)].map((z, k) => formula.multiply(z, formula.component(y, k + 1))));
  return formula.multiply(formula.multiply(label, sign), formula.power(formula.relu(inner), power));
}

const total = (terms: readonly Expression[]): Expression => terms.reduce((a, b) => formula.add(a, b));

function checkData(where: string, { points, labels }: LabelledPoints, power: number): number {
  const p = points[0]?.length ?? 0;
  const fits =
    p >= 1 &&
    labels.length === points.length &&
    points.every((point) => point.length === p && point.every(Number.isFinite)) &&
    labels.every((label) => label === 1 || label === -1);
  if (!fits || !(Number.isInteger(power) && power >= 1)) {
    fail({
      code: 'invalid-argument',
      where,
      problem: 'the data are not usable',
      got: `${points.length} points of dimension ${p}, labels ${labels.slice(0, 4).join(', ')}, power ${power}`,
      expected: 'points of one dimension with finite coordinates, a label -1 or 1 for each, and a whole power >= 1',
      fix: 'pass { points: [[0.5, 1]], labels: [1] }',
    });
  }
  return p;
}
