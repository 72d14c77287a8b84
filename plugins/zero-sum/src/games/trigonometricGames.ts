import {
  asSmooth,
  type Expression,
  fail,
  formula,
  normalAt,
  randomKey,
  type SmoothGame,
  show,
  torus,
  zeroSumGame,
} from '@muflow/core';

export interface TrigonometricGameOptions {
  /** Largest frequency K along every axis: k and l run over the integer vectors in [-K, K]^d. */
  readonly degree: number;
  /** Dimension of the torus of either player, default [1, 1]. */
  readonly dims?: readonly [number, number];
  /**
   * Re and Im of C_kl, row k (first axis slowest, from -K to K) and column l, each (2K+1)^dims[0] x (2K+1)^dims[1].
   */
  readonly real: ArrayLike<number>;
  readonly imaginary: ArrayLike<number>;
  readonly name?: string;
}

/**
 * The trigonometric game `l(x, y) = Re sum_{k, l} C_kl exp(2 pi i (<k, x> + <l, y>))` on unit tori. The formula
 * collects k with -k, which leaves ((2K+1)^d) real waves of either player and one real matrix between them, summed
 * wave of x by wave of x: separable with (2K+1)^dims[0] terms.
 * @throws `invalid-argument` if the number of coefficients does not fit, or there are more than 5000.
 */
export function trigonometricGame(options: TrigonometricGameOptions): SmoothGame {
  const { degree, dims = [1, 1], real, imaginary, name = 'trigonometric game' } = options;
  const [rows, columns] = dims.map((d) => (2 * degree + 1) ** d);
  checkCoefficients(degree, dims, rows * columns, real.length, imaginary.length);
  const [fx, fy] = dims.map((d) => frequencies(degree, d));
  const waves = dims.map((d, player) => {
    const variable = player === 0 ? formula.row('x', d) : formula.column('y', d);
    return wavesOf([fx, fy][player], variable);
  });
  const matrix = Array.from({ length: rows }, () => new Float64Array(columns));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const [re, im] = [real[i * columns + j], imaginary[i * columns + j]];
      const [s, t] = [fx[i].sign, fy[j].sign];
      const [ci, si, cj, sj] = [fx[i].cosine, fx[i].sine, fy[j].cosine, fy[j].sine];
      // Re C cos(a + b) - Im C sin(a + b), with a = s a+, b = t b+ for the collected frequencies a+, b+.
      matrix[ci][cj] += re;
      if (s !== 0 && t !== 0) matrix[si][sj] -= re * s * t;
      if (s !== 0) matrix[si][cj] -= im * s;
      if (t !== 0) matrix[ci][sj] -= im * t;
    }
  }
  const sumOf = (terms: readonly Expression[]): Expression => terms.reduce((a, b) => formula.add(a, b));
  const payoff = sumOf(
    waves[0].map((wave, i) =>
      formula.multiply(wave, sumOf(waves[1].map((other, j) => formula.multiply(matrix[i][j], other)))),
    ),
  );
  return asSmooth('trigonometricGame', zeroSumGame({ name, payoff, spaces: [torus(dims[0]), torus(dims[1])] }));
}

export interface RandomTrigonometricGameOptions {
  /** Largest frequency along every axis, default 3. */
  readonly degree?: number;
  readonly dims?: readonly [number, number];
  readonly seed?: number;
}

/**
 * A trigonometric game with independent complex normal coefficients of variance 1 (real and imaginary parts of
 * variance 1/2), the random game of [WangChizat2022]; its numbers come from muflow's own generator, so the games are
 * not those of the paper.
 */
export function randomTrigonometricGame(options: RandomTrigonometricGameOptions = {}): SmoothGame {
  const { degree = 3, dims = [1, 1], seed = 0 } = options;
  const count = (2 * degree + 1) ** (dims[0] + dims[1]);
  checkCoefficients(degree, dims, count, count, count);
  const key = randomKey(seed);
  const part = (which: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => Math.SQRT1_2 * normalAt(key, i, which));
  const name = `random trigonometric game, degree ${degree}, seed ${seed}`;
  return trigonometricGame({ degree, dims, real: part(0), imaginary: part(1), name });
}

/**
 * A random trigonometric game on torus(1) that any language can repeat bit by bit: `s <- 16807 s mod 2147483647`
 * [ParkMiller1988], `u = s/2147483647 - 1/2`; for k = -K..K, for l = -K..K: Re C_kl = u, Im C_kl = the next u.
 * @param seed the first s, an integer from 1 to 2147483646.
 */
export function portableTrigonometricGame(seed: number, degree = 3): SmoothGame {
  if (!(Number.isInteger(seed) && seed >= 1 && seed < 2147483647)) {
    fail({
      code: 'invalid-argument',
      where: 'portableTrigonometricGame',
      problem: 'the seed is not usable',
      got: show(seed),
      expected: 'an integer from 1 to 2147483646',
      fix: 'pass a seed such as 20240',
    });
  }
  let state = seed;
  const next = (): number => {
    state = (16807 * state) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  const count = (2 * degree + 1) ** 2;
  checkCoefficients(degree, [1, 1], count, count, count);
  const [real, imaginary] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    real[i] = next();
    imaginary[i] = next();
  }
  return trigonometricGame({ degree, real, imaginary, name: `portable trigonometric game, seed ${seed}` });
}

/** A frequency with its sign against the one that stands for both, and where the waves of that one are. */
interface Frequency {
  readonly vector: readonly number[];
  readonly sign: number;
  readonly cosine: number;
  /** Meaningless for the zero frequency, whose sign is 0. */
  readonly sine: number;
}

/** All integer vectors of the cube, first axis slowest; wave 0 is the constant, then cosine and sine by turns. */
function frequencies(degree: number, d: number): Frequency[] {
  const side = 2 * degree + 1;
  const count = side ** d;
  const middle = (count - 1) / 2;
  return Array.from({ length: count }, (_, i) => {
    const vector = Array.from({ length: d }, (_, k) => (Math.floor(i / side ** (d - 1 - k)) % side) - degree);
    // Index i and count - 1 - i are opposite vectors; the later one stands for both.
    const pair = Math.abs(i - middle);
    return { vector, sign: Math.sign(i - middle), cosine: pair === 0 ? 0 : 2 * pair - 1, sine: 2 * pair };
  });
}

function wavesOf(all: readonly Frequency[], variable: Expression): Expression[] {
  const waves: Expression[] = [formula.constant(1)];
  for (const { vector, sign, cosine, sine } of all) {
    if (sign <= 0) continue;
    const angle = vector
      .flatMap((k, axis) => (k === 0 ? [] : [formula.multiply(2 * Math.PI * k, formula.component(variable, axis))]))
      .reduce((a, b) => formula.add(a, b));
    waves[cosine] = formula.cos(angle);
    waves[sine] = formula.sin(angle);
  }
  return waves;
}

const mostCoefficients = 5_000;

function checkCoefficients(
  degree: number,
  dims: readonly [number, number],
  expected: number,
  real: number,
  imaginary: number,
): void {
  const fits = Number.isInteger(degree) && degree >= 1 && dims.every((d) => Number.isInteger(d) && d >= 1);
  if (fits && expected <= mostCoefficients && real === expected && imaginary === expected) return;
  fail({
    code: 'invalid-argument',
    where: 'trigonometricGame',
    problem: 'the coefficients do not fit',
    got: `degree ${show(degree)}, dimensions ${dims.join(' and ')}, ${real} real and ${imaginary} imaginary parts`,
    expected: `a degree >= 1 and (2K+1)^(dx + dy) <= ${mostCoefficients} numbers of either kind`,
    fix: 'lower the degree or the dimensions',
  });
}
