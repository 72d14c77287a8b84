import {
  asSmooth,
  compileFunction,
  type Expression,
  fail,
  formula,
  type SmoothGame,
  type Space,
  sphere,
  zeroSumGame,
} from '@muflow/core';
import type { FiniteStrategy, KnownGame } from './knownGame.js';

export interface MomentMatchingOptions {
  /** Where generator and data live: a torus or a box. */
  readonly space: Space;
  /** The law that the generator has to learn. */
  readonly data: FiniteStrategy;
  /** Moments up to this total degree (box), or waves up to this frequency along every axis (torus); default 2. */
  readonly degree?: number;
}

/**
 * Generative moment matching as a game: a generator draws x, a discriminator is a unit vector y of moments and earns
 *
 *     l(x, y) = <y, E_data phi - phi(x)>,
 *
 * its advantage in telling data from draws by the function `<y, phi>`. With mixed strategies the discriminator may use
 * any mean of unit vectors, that is the unit ball, so `max_y` is the distance `|E_data phi - E_mu phi|` of moments. The
 * value is 0: the data law, and any law with its moments, is an equilibrium strategy of x, and any law of mean zero is
 * one of y. phi are monomials (box, by coordinates scaled to [-1, 1]) or waves (torus). Source: [LiSwerskyZemel2015],
 * with a discriminator in place of the kernel.
 * @throws `unsupported` on other spaces, `invalid-argument` where there are not 2 to 100 moments.
 */
export function momentMatchingGame({ space, data, degree = 2 }: MomentMatchingOptions): KnownGame<SmoothGame> {
  const x = formula.row('x', space.dim);
  // The cube of exponents is searched for the moments of the degree.
  const candidates = (2 * degree + 1) ** space.dim;
  const moments = candidates <= 100_000 ? momentsOf(space, x, degree) : [];
  if (moments.length < 2 || moments.length > 100) {
    fail({
      code: 'invalid-argument',
      where: 'momentMatchingGame',
      problem: 'the number of moments is not usable',
      got: `${candidates <= 100_000 ? moments.length : 'far too many'} moments of degree ${degree} on ${space.name}`,
      expected: '2 to 100',
      fix: 'change the degree',
    });
  }
  const y = formula.column('y', moments.length);
  const gaps = moments.map((moment) => {
    const value = compileFunction(moment, [{ name: 'x', size: space.dim }]);
    const mean = data.at.reduce((sum, point, i) => sum + data.mass[i] * value(point), 0);
    return formula.subtract(mean, moment);
  });
  const payoff = gaps
    .map((gap, k) => formula.multiply(formula.component(y, k), gap))
    .reduce((a, b) => formula.add(a, b));
  const discriminators = sphere(moments.length);
  const name = `moment matching, ${moments.length} moments on ${space.name}`;
  const axis = (sign: number): number[] => moments.map((_, k) => (k === 0 ? sign : 0));
  return {
    game: asSmooth('momentMatchingGame', zeroSumGame({ name, payoff, spaces: [space, discriminators] })),
    equilibrium: {
      value: 0,
      x: null,
      y: null,
      someX: data,
      someY: { at: [axis(1), axis(-1)], mass: [0.5, 0.5] },
    },
  };
}

/** The moments that are compared, without the constant, whose gap is always 0. */
function momentsOf(space: Space, x: Expression, degree: number): Expression[] {
  const coordinates = Array.from({ length: space.dim }, (_, k) => formula.component(x, k));
  if (space.kind === 'torus') {
    const unit = (2 * Math.PI) / space.volume ** (1 / space.dim);
    return exponents(space.dim, -degree, degree)
      .filter((k) => (k.find((part) => part !== 0) ?? 0) > 0)
      .flatMap((k) => {
        const angle = coordinates
          .flatMap((xk, axis) => (k[axis] === 0 ? [] : [formula.multiply(unit * k[axis], xk)]))
          .reduce((a, b) => formula.add(a, b));
        return [formula.cos(angle), formula.sin(angle)];
      });
  }
  if (space.kind !== 'box') {
    fail({
      code: 'unsupported',
      where: 'momentMatchingGame',
      problem: 'there are no moments for this space',
      got: space.name,
      expected: 'a torus or a box',
      fix: 'use torus(1) or [-1,1]',
    });
  }
  const low = new Float64Array(space.dim).fill(-Number.MAX_VALUE);
  const high = new Float64Array(space.dim).fill(Number.MAX_VALUE);
  space.projectInto(low, low, 1);
  space.projectInto(high, high, 1);
  const scaled = coordinates.map((xk, k) =>
    formula.multiply(2 / (high[k] - low[k]), formula.subtract(xk, (low[k] + high[k]) / 2)),
  );
  return exponents(space.dim, 0, degree)
    .filter((k) => k.some((part) => part > 0) && k.reduce((a, b) => a + b, 0) <= degree)
    .map((k) => scaled.map((z, axis) => formula.power(z, k[axis])).reduce((a, b) => formula.multiply(a, b)));
}

/** All integer vectors with entries from low to high, last axis fastest. */
function exponents(d: number, low: number, high: number): number[][] {
  const side = high - low + 1;
  return Array.from({ length: side ** d }, (_, i) =>
    Array.from({ length: d }, (_, k) => (Math.floor(i / side ** (d - 1 - k)) % side) + low),
  );
}
