import { type Expression, fail, formula, type RandomStream, type Space } from '@muflow/core';

type Point = readonly number[];

/**
 * Refuses spaces on which no game can be planted.
 * @throws `unsupported` on spaces that are not bounded manifolds.
 */
export function checkPlantable(space: Space): void {
  if (space.kind === 'product') for (const factor of space.factors ?? []) checkPlantable(factor);
  else if (!['torus', 'sphere', 'box', 'simplex'].includes(space.kind)) refuse(space);
}

/**
 * A function that is 0 at the given points and positive elsewhere: the product over the points of `sin^2` of the
 * half-turns (torus, averaged over coordinates), `(1 - <x, a>/r^2)/2` (sphere), `|x - a|^2/diameter^2` (box, simplex),
 * and for products the mean over the factors.
 */
export function vanishingAt(space: Space, x: Expression, points: readonly Point[]): Expression {
  const components = Array.from({ length: space.dim }, (_, k) => formula.component(x, k));
  return points.map((point) => distanceTo(space, components, point)).reduce((a, b) => formula.multiply(a, b));
}

function distanceTo(space: Space, x: readonly Expression[], point: Point): Expression {
  switch (space.kind) {
    case 'torus': {
      const period = space.volume ** (1 / space.dim);
      const halfTurns = x.map((xk, k) => {
        const angle = formula.multiply((2 * Math.PI) / period, xk);
        const at = (2 * Math.PI * point[k]) / period;
        // sin^2(a/2) = (1 - cos a)/2, in waves of x alone so that the payoff stays recognizably trigonometric.
        const wave = formula.add(
          formula.multiply(Math.cos(at), formula.cos(angle)),
          formula.multiply(Math.sin(at), formula.sin(angle)),
        );
        return formula.multiply(0.5, formula.subtract(1, wave));
      });
      return mean(halfTurns);
    }
    case 'sphere': {
      const radius = space.diameter / Math.PI;
      const inner = total(x.map((xk, k) => formula.multiply(point[k] / (radius * radius), xk)));
      return formula.multiply(0.5, formula.subtract(1, inner));
    }
    case 'box':
    case 'simplex': {
      const squares = x.map((xk, k) =>
        formula.power(formula.divide(formula.subtract(xk, point[k]), space.diameter), 2),
      );
      return total(squares);
    }
    case 'product': {
      let start = 0;
      const parts = (space.factors ?? []).map((factor) => {
        const own = x.slice(start, start + factor.dim);
        const at = point.slice(start, start + factor.dim);
        start += factor.dim;
        return distanceTo(factor, own, at);
      });
      return mean(parts);
    }
    default:
      return refuse(space);
  }
}

/**
 * Random smooth functions of size about 1: waves with whole frequencies on the torus, Chebyshev polynomials of random
 * linear forms elsewhere; on a line the degrees 1, 2, 3, … in turn.
 */
export function featuresOf(space: Space, x: Expression, count: number, random: RandomStream): Expression[] {
  const components = Array.from({ length: space.dim }, (_, k) => formula.component(x, k));
  return Array.from({ length: count }, (_, i) => feature(space, components, i, random));
}

function feature(space: Space, x: readonly Expression[], index: number, random: RandomStream): Expression {
  if (space.kind === 'torus') return wave(space, x, index, random);
  if (space.kind === 'product') {
    let start = 0;
    const parts = (space.factors ?? []).map((factor) => {
      const own = x.slice(start, start + factor.dim);
      start += factor.dim;
      return feature(factor, own, index, random);
    });
    return parts.reduce((a, b) => formula.multiply(a, b));
  }
  return chebyshev(linearForm(space, x, random), space.dim === 1 ? index + 1 : (index % 3) + 1);
}

function wave(space: Space, x: readonly Expression[], index: number, random: RandomStream): Expression {
  const period = space.volume ** (1 / space.dim);
  const frequencies = x.map(() => random.integer(5) - 2);
  if (x.length === 1 || frequencies.every((k) => k === 0)) {
    frequencies.fill(0);
    frequencies[index % x.length] = 1 + Math.floor(index / (2 * x.length));
  }
  const phase = 2 * Math.PI * random.uniform();
  const terms = x.flatMap((xk, k) =>
    frequencies[k] === 0 ? [] : [formula.multiply((2 * Math.PI * frequencies[k]) / period, xk)],
  );
  const angle = total(terms);
  return formula.add(
    formula.multiply(Math.cos(phase), formula.cos(angle)),
    formula.multiply(Math.sin(phase), formula.sin(angle)),
  );
}

/** A random linear form of the space, with values in [-1, 1]. */
function linearForm(space: Space, x: readonly Expression[], random: RandomStream): Expression {
  const direction = x.map(() => random.normal());
  const length = Math.hypot(...direction);
  const [center, reach] = extentOf(space);
  return total(x.map((xk, k) => formula.multiply(direction[k] / length / reach, formula.subtract(xk, center[k]))));
}

/** A center of the space and the largest distance of its points from it. */
function extentOf(space: Space): readonly [Float64Array, number] {
  const center = new Float64Array(space.dim);
  if (space.kind === 'sphere') return [center, space.diameter / Math.PI];
  if (space.kind === 'simplex') return [center.fill(1 / space.dim), Math.sqrt(1 - 1 / space.dim)];
  if (space.kind !== 'box') return refuse(space);
  // The corners are the projections of far points.
  const low = new Float64Array(space.dim).fill(-Number.MAX_VALUE);
  const high = new Float64Array(space.dim).fill(Number.MAX_VALUE);
  space.projectInto(low, low, 1);
  space.projectInto(high, high, 1);
  for (let k = 0; k < space.dim; k++) center[k] = (low[k] + high[k]) / 2;
  return [center, space.diameter / 2];
}

/** Chebyshev polynomial `T_degree` of an expression, by its recursion. */
function chebyshev(t: Expression, degree: number): Expression {
  let [previous, current]: [Expression, Expression] = [formula.constant(1), t];
  for (let k = 1; k < degree; k++) {
    const next = formula.subtract(formula.multiply(formula.multiply(2, t), current), previous);
    [previous, current] = [current, next];
  }
  return current;
}

const total = (terms: readonly Expression[]): Expression => terms.reduce((a, b) => formula.add(a, b));

const mean = (terms: readonly Expression[]): Expression => formula.multiply(1 / terms.length, total(terms));

function refuse(space: Space): never {
  return fail({
    code: 'unsupported',
    where: 'plantedGame',
    problem: 'no game can be planted on this space',
    got: space.name,
    expected: 'a torus, sphere, box, simplex, or a product of these',
    fix: space.kind === 'euclidean' ? 'bound the space, for instance [-10,10]' : 'choose one of these spaces',
  });
}
