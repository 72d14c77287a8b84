import {
  compileFunction,
  type Expression,
  fail,
  formula,
  gaussLegendre,
  parseFormula,
  type Space,
  substitute,
  zeroSumGame,
} from '@muflow/core';
import type { KnownGame, SpreadStrategy } from './knownGame.js';

export interface GroupGameOptions {
  /** A torus or a sphere; both players play on it. */
  readonly space: Space;
  /** `h` as a formula in `t`: the difference x - y on the torus, the cosine of the angle on the sphere. */
  readonly h: string;
}

/**
 * A game that the isometries of its space keep: `l = h(x - y)` on a torus, `l = h(<x, y>/r^2)` on a sphere of radius
 * r. Uniform strategies are an equilibrium, whatever h, and the value is the mean of h; it is the only one if no
 * Fourier (Gegenbauer) coefficient of h beyond the constant vanishes, and one of a continuum otherwise.
 * The mean is by quadrature: 256 nodes on a line, 64 per axis else (at most three), exact to rounding for h of
 * moderate degree.
 * @example
 * const { equilibrium } = groupGame({ space: torus(1), h: 'exp(cos(2*pi*t))' }); // value 1.2660658778
 */
export function groupGame({ space, h }: GroupGameOptions): KnownGame {
  const onTorus = space.kind === 'torus';
  if (!onTorus && space.kind !== 'sphere') {
    fail({
      code: 'invalid-argument',
      where: 'groupGame',
      problem: 'the space is no torus and no sphere',
      got: space.name,
      expected: 'a torus or a sphere, whose isometries take every point to every other',
      fix: "use torus(1) or sphere(3), or the game 'zero-sum/formula'",
    });
  }
  const most = onTorus ? 3 : 1000;
  if (space.dim > most) {
    fail({
      code: 'invalid-argument',
      where: 'groupGame',
      problem: 'the space has too many coordinates',
      got: space.name,
      expected: `at most ${most}, since the mean of h is taken on a grid`,
      fix: 'lower the dimension',
    });
  }
  const size = onTorus ? space.dim : 1;
  const shape = parseFormula(h, { variables: { t: { role: 'row', size } } });
  const [x, y] = [formula.row('x', space.dim), formula.column('y', space.dim)];
  const argument = onTorus ? formula.subtract(x, y) : formula.divide(formula.dot(x, y), radiusOf(space) ** 2);
  const payoff = substitute(shape, new Map([[formula.row('t', size), argument]]));
  const game = zeroSumGame({ name: `group game on ${space.name}`, payoff, spaces: [space, space] });
  const law = onTorus ? uniformOnTorus(space) : uniformOnSphere(space);
  const value = onTorus ? meanOnTorus(shape, space) : meanOnSphere(shape, space.dim);
  return { game, equilibrium: { value, x: null, y: null, spreadX: law, spreadY: law } };
}

const radiusOf = (space: Space): number => space.diameter / Math.PI;

const periodOf = (space: Space): number => space.volume ** (1 / space.dim);

function meanOnTorus(h: Expression, space: Space): number {
  const { dim } = space;
  const perAxis = dim === 1 ? 256 : 64;
  const value = compileFunction(h, [{ name: 't', size: dim }]);
  const point = new Float64Array(dim);
  const count = perAxis ** dim;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    let rest = i;
    for (let k = 0; k < dim; k++) {
      point[k] = ((rest % perAxis) / perAxis) * periodOf(space);
      rest = Math.floor(rest / perAxis);
    }
    sum += value(point);
  }
  return sum / count;
}

/** `int_0^pi f(cos a) sin^{d-2} a da` up to its factor, over angles from `low` on: smooth at both poles. */
function overAngles(f: (t: number) => number, d: number, low: number): number {
  const { nodes, weights } = gaussLegendre(64);
  const half = (Math.PI - low) / 2;
  return nodes.reduce((sum, node, i) => {
    const angle = low + half * (node + 1);
    return sum + half * weights[i] * f(Math.cos(angle)) * Math.sin(angle) ** (d - 2);
  }, 0);
}

function meanOnSphere(h: Expression, d: number): number {
  const value = compileFunction(h, [{ name: 't', size: 1 }]);
  return overAngles((t) => value([t]), d, 0) / overAngles(() => 1, d, 0);
}

function uniformOnTorus(space: Space): SpreadStrategy {
  const period = periodOf(space);
  return {
    statement: `uniform on ${space.name}`,
    range: [0, period],
    density: (t) => (t >= 0 && t <= period ? 1 / period : 0),
    distribution: (t) => Math.min(1, Math.max(0, t / period)),
    sampleInto: space.sampleInto,
  };
}

/** A coordinate of a uniform point of the sphere has density `(1 - t^2)^{(d-3)/2}` up to its factor. */
function uniformOnSphere(space: Space): SpreadStrategy {
  const radius = radiusOf(space);
  const total = overAngles(() => 1, space.dim, 0);
  return {
    statement: `uniform on ${space.name}`,
    range: [-radius, radius],
    density: (s) => (Math.abs(s) < radius ? (1 - (s / radius) ** 2) ** ((space.dim - 3) / 2) / (total * radius) : 0),
    distribution: (s) => {
      const t = Math.min(1, Math.max(-1, s / radius));
      return overAngles(() => 1, space.dim, Math.acos(t)) / total;
    },
    sampleInto: space.sampleInto,
  };
}
