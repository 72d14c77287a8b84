import {
  asSmooth,
  compileFunction,
  deriveKey,
  type Expression,
  fail,
  formula,
  type RandomKey,
  randomKey,
  randomStream,
  type SmoothGame,
  type Space,
  show,
  singularValues,
  zeroSumGame,
} from '@muflow/core';
import type { FiniteStrategy, KnownGame } from './knownGame.js';
import { checkPlantable, featuresOf, vanishingAt } from './plantedParts.js';

export interface PlantedGameOptions {
  /** The space of both players, or one each: torus, sphere, box, simplex, or products of these. */
  readonly space: Space | readonly [Space, Space];
  /** The equilibrium strategies, or how many atoms to draw for them. */
  readonly atomsX: number | FiniteStrategy;
  readonly atomsY: number | FiniteStrategy;
  /** Value of the game, default 0. */
  readonly value?: number;
  /** How far the worst reply of either player lies from the value when the other keeps to the plan, default 1. */
  readonly margin?: number;
  /** Size of the terms that tie the players together, default 1; 0 leaves two separate minimizations. */
  readonly coupling?: number;
  /** How many such terms, default the larger number of atoms. */
  readonly features?: number;
  readonly seed?: number;
}

/**
 * A game with a chosen equilibrium in mixed strategies: with P, Q >= 0 that vanish exactly at the atoms of mu*, nu*,
 *
 *     l(x, y) = value + c P(x) - c Q(y) + sum_k s_k (u_k(x) - E_{mu*} u_k)(v_k(y) - E_{nu*} v_k),
 *
 * so `int l dnu* = value + c P` and `int l dmu* = value - c Q` whatever u, v, s are. P and Q are scaled to a maximum
 * of 1 over 4096 draws, c is the `margin`. Products of sin^2 on the torus, of 1 - <x, a> on the sphere, of |x - a|^2
 * elsewhere; u, v are waves on the torus and polynomials elsewhere, so the game is trigonometric or polynomial.
 *
 * Every equilibrium lives on the planted atoms. The strategies are reported as unique (`equilibrium.x`, `.y`) where
 * both have n atoms and the coupling at the atoms has rank n - 1; otherwise as `someX`, `someY`. P is flat where atoms
 * are many: compare strategies by W1, never atom by atom. The constants E are rounded, so the value of the game as
 * written differs from `value` by rounding, about 1e-16 times the coupling. Source: the idea of [GaleGross1958].
 * @throws `unsupported` on unbounded and finite spaces; `invalid-argument` for numbers and strategies out of range.
 * @example
 * const { game, equilibrium } = plantedGame({ space: torus(1), atomsX: 3, atomsY: 3, value: 2, seed: 1 });
 */
export function plantedGame(options: PlantedGameOptions): KnownGame<SmoothGame> {
  const { value = 0, margin = 1, coupling = 1, seed = 0 } = options;
  const spaces = 'kind' in options.space ? ([options.space, options.space] as const) : options.space;
  checkOptions(options, spaces, value, margin, coupling);
  const key = randomKey(seed);
  const plan = [options.atomsX, options.atomsY].map((atoms, k) =>
    typeof atoms === 'number' ? drawStrategy(spaces[k], atoms, deriveKey(key, 'atoms', k)) : atoms,
  );
  const variables = [formula.row('x', spaces[0].dim), formula.column('y', spaces[1].dim)];
  const count = options.features ?? Math.max(...plan.map(({ mass }) => mass.length));
  const parts = spaces.map((space, k) => ({
    wall: scaledToOne(vanishingAt(space, variables[k], plan[k].at), space, variables[k]),
    features: featuresOf(space, variables[k], count, randomStream(deriveKey(key, 'features', k))).map((feature) =>
      centered(feature, variables[k], plan[k]),
    ),
  }));
  const random = randomStream(deriveKey(key, 'coupling'));
  const scales = Array.from(
    { length: count },
    () => coupling * (0.5 + random.uniform()) * (random.uniform() < 0.5 ? -1 : 1),
  );
  const terms = scales.map((scale, k) =>
    formula.multiply(formula.multiply(scale, parts[0].features[k]), parts[1].features[k]),
  );
  const walls = formula.multiply(margin, formula.subtract(parts[0].wall, parts[1].wall));
  const payoff = terms.reduce((sum, term) => formula.add(sum, term), formula.add(value, walls));
  const name = `planted ${plan.map(({ mass }) => mass.length).join(' x ')} on ${spaces[0].name}, seed ${seed}`;
  const game = asSmooth('plantedGame', zeroSumGame({ name, payoff, spaces }));
  const [x, y] = plan;
  const strategies = isUnique(plan, scales, parts, variables) ? { x, y } : { x: null, y: null, someX: x, someY: y };
  return { game, equilibrium: { value, ...strategies } };
}

/** Atoms well apart (the distance asked for shrinks until it can be had), with masses within a factor 3. */
function drawStrategy(space: Space, count: number, key: RandomKey): FiniteStrategy {
  const random = randomStream(key);
  const at: Float64Array[] = [];
  let apart = space.diameter;
  for (let tries = 1; at.length < count; tries++) {
    const point = new Float64Array(space.dim);
    space.sampleInto(point, 1, random);
    if (at.every((other) => space.distance(point, 0, other, 0) >= apart)) at.push(point);
    else if (tries % 20 === 0) apart *= 0.9;
  }
  const raw = at.map(() => 0.5 + random.uniform());
  const total = raw.reduce((sum, m) => sum + m, 0);
  return { at: at.map((point) => Array.from(point)), mass: raw.map((m) => m / total) };
}

function valuesAt(expression: Expression, variable: Expression, points: readonly (readonly number[])[]): number[] {
  const { name, size } = (variable as Extract<Expression, { kind: 'variable' }>).variable;
  const value = compileFunction(expression, [{ name, size }]);
  return points.map((point) => value(point));
}

function centered(feature: Expression, variable: Expression, { at, mass }: FiniteStrategy): Expression {
  const values = valuesAt(feature, variable, at);
  return formula.subtract(
    feature,
    values.reduce((sum, value, i) => sum + mass[i] * value, 0),
  );
}

function scaledToOne(wall: Expression, space: Space, variable: Expression): Expression {
  const count = 4096;
  const points = new Float64Array(count * space.dim);
  space.sampleInto(points, count, randomStream(randomKey('planted walls')));
  const rows = Array.from({ length: count }, (_, i) => Array.from(points.subarray(i * space.dim, (i + 1) * space.dim)));
  return formula.divide(wall, Math.max(...valuesAt(wall, variable, rows)));
}

/** Both strategies have n atoms and the coupling matrix at the atoms has rank n - 1. */
function isUnique(
  plan: readonly FiniteStrategy[],
  scales: readonly number[],
  parts: readonly { readonly features: readonly Expression[] }[],
  variables: readonly Expression[],
): boolean {
  const n = plan[0].mass.length;
  if (plan[1].mass.length !== n) return false;
  const [u, v] = parts.map(({ features }, k) => features.map((one) => valuesAt(one, variables[k], plan[k].at)));
  const matrix = new Float64Array(n * n);
  scales.forEach((scale, k) => {
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j] += scale * u[k][i] * v[k][j];
  });
  const values = singularValues(matrix, n, n);
  return n === 1 || values[n - 2] > 1e-8 * (values[0] + Number.MIN_VALUE);
}

function checkOptions(
  { atomsX, atomsY }: PlantedGameOptions,
  spaces: readonly [Space, Space],
  value: number,
  margin: number,
  coupling: number,
): void {
  for (const space of spaces) {
    if (space.dim > 100) refuse('the space has too many coordinates', space.name, 'a space of at most 100 coordinates');
    checkPlantable(space);
  }
  for (const [name, number, least] of [
    ['value', value, Number.NEGATIVE_INFINITY],
    ['margin', margin, Number.MIN_VALUE],
    ['coupling', coupling, 0],
  ] as const) {
    if (Number.isFinite(number) && number >= least) continue;
    refuse(`the ${name} is not usable`, show(number), name === 'value' ? 'a finite number' : 'a finite number above 0');
  }
  for (const atoms of [atomsX, atomsY]) {
    if (typeof atoms === 'number' && !(Number.isInteger(atoms) && atoms >= 1 && atoms <= 50))
      refuse('the number of atoms is not usable', show(atoms), 'an integer from 1 to 50, or a strategy');
  }
  for (const [k, atoms] of [atomsX, atomsY].entries()) {
    if (typeof atoms === 'number') continue;
    const outside = atoms.at.find(
      (point) => point.length !== spaces[k].dim || !spaces[k].contains(Float64Array.from(point)),
    );
    if (outside) refuse('an atom does not lie in its space', show(outside), `a point of ${spaces[k].name}`);
    const total = atoms.mass.reduce((sum, m) => sum + m, 0);
    if (atoms.mass.length !== atoms.at.length || !(Math.abs(total - 1) < 1e-12) || atoms.mass.some((m) => !(m > 0)))
      refuse('the masses are not usable', show(atoms.mass), `${atoms.at.length} numbers above 0 with sum 1`);
  }
}

function refuse(problem: string, got: string, expected: string): never {
  return fail({ code: 'invalid-argument', where: 'plantedGame', problem, got, expected, fix: `pass ${expected}` });
}
