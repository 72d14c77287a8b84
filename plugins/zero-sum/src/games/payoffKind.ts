import { type Expression, type Game, isSmooth, nodesOf, type Space, separate } from '@muflow/core';

/**
 * What a payoff is, as far as its formula tells: the first of these that fits.
 * - `matrix`: both spaces are finite;
 * - `function`: plain functions, of which nothing is known;
 * - `discontinuous`: it has sign or step;
 * - `trigonometric`: polynomial in the sines and cosines of whole frequencies, both spaces tori;
 * - `polynomial`: polynomial in the coordinates;
 * - `continuous`: it has kinks (abs, min, max, relu, roots);
 * - `separable`: smooth, a sum of at most 32 products `u(x) v(y)`;
 * - `smooth`: anything else.
 */
export type PayoffKind =
  | 'matrix'
  | 'function'
  | 'discontinuous'
  | 'trigonometric'
  | 'polynomial'
  | 'continuous'
  | 'separable'
  | 'smooth';

/**
 * The kind of a game's payoff, read off its formula graph (values are never computed, so `cos(x)^2 + sin(x)^2` on an
 * interval is `separable`, not `polynomial`). Linear in the size of the graph but for the separation.
 * @example
 * payoffKind(torusCounterexample().game); // 'trigonometric'
 */
export function payoffKind(game: Game): PayoffKind {
  if (game.spaces.every(({ kind }) => kind === 'finite')) return 'matrix';
  if (game.formula === undefined) return 'function';
  if (!isSmooth(game)) return 'discontinuous';
  const nodes = nodesOf(game.formula);
  if (isTrigonometric(game.formula, game.spaces)) return 'trigonometric';
  if (isPolynomial(game.formula)) return 'polynomial';
  if (nodes.some(hasKink)) return 'continuous';
  return separate(game.formula) === null ? 'smooth' : 'separable';
}

const kinks = new Set(['abs', 'min', 'max', 'relu', 'sqrt']);

function hasKink(node: Expression): boolean {
  if (node.kind !== 'operation') return false;
  if (node.operation === 'power') {
    const exponent = node.parameter as number;
    return !Number.isInteger(exponent);
  }
  return kinks.has(node.operation);
}

/** True if the operation keeps polynomials in the given leaves polynomials. */
function keepsPolynomials(node: Extract<Expression, { kind: 'operation' }>): boolean {
  switch (node.operation) {
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'negate':
    case 'dot':
    case 'sum':
    case 'norm2':
    case 'component':
    case 'broadcast':
    case 'scatter':
    case 'pack':
      return true;
    case 'divide':
      return isConstant(node.args[1]);
    case 'power':
      return Number.isInteger(node.parameter) && (node.parameter as number) >= 0;
    default:
      return isConstant(node);
  }
}

const isConstant = (node: Expression): boolean => nodesOf(node).every(({ kind }) => kind !== 'variable');

/** True if the expression is a polynomial in its variables. */
export function isPolynomial(expression: Expression): boolean {
  return nodesOf(expression).every((node) => node.kind !== 'operation' || keepsPolynomials(node));
}

/**
 * True if, on tori, the expression is a polynomial in sines and cosines of sums of coordinates times whole multiples
 * of `2 pi/period`; then it is periodic in every coordinate and its potentials are trigonometric polynomials.
 */
export function isTrigonometric(expression: Expression, spaces: readonly Space[]): boolean {
  if (spaces.some(({ kind }) => kind !== 'torus')) return false;
  const units = new Map(
    spaces.map((space, k) => [k === 0 ? 'x' : 'y', (2 * Math.PI) / space.volume ** (1 / space.dim)]),
  );
  const stack = [expression];
  const seen = new Set<Expression>();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === 'constant') continue;
    if (node.kind === 'variable') return false;
    if ((node.operation === 'sin' || node.operation === 'cos') && hasWholeFrequencies(node.args[0], units)) continue;
    if (!keepsPolynomials(node)) return false;
    stack.push(...node.args);
  }
  return true;
}

/** True if every component is affine in the variables with coefficients that are whole multiples of the units. */
function hasWholeFrequencies(angle: Expression, units: ReadonlyMap<string, number>): boolean {
  for (let k = 0; k < angle.size; k++) {
    const coefficients = affineCoefficients(angle, k);
    if (coefficients === null) return false;
    for (const [leaf, coefficient] of coefficients) {
      const unit = units.get(leaf.slice(0, leaf.indexOf('[')));
      const turns = unit === undefined ? Number.NaN : coefficient / unit;
      if (!(Math.abs(turns - Math.round(turns)) <= 1e-12 * Math.max(1, Math.abs(turns)))) return false;
    }
  }
  return true;
}

/** Coefficients by coordinate `name[k]`, without the constant. */
type Affine = ReadonlyMap<string, number>;

/** Component k of an affine expression; null if it is not affine. */
function affineCoefficients(node: Expression, k: number): Affine | null {
  if (isConstant(node)) return new Map();
  if (node.kind === 'variable') return new Map([[`${node.variable.name}[${k}]`, 1]]);
  if (node.kind === 'constant') return new Map();
  const part = (arg: Expression, index = k): Affine | null => affineCoefficients(arg, arg.size === 1 ? 0 : index);
  const [a, b] = node.args;
  switch (node.operation) {
    case 'add':
      return combined(part(a), part(b), 1);
    case 'subtract':
      return combined(part(a), part(b), -1);
    case 'negate':
      return combined(new Map(), part(a), -1);
    case 'multiply':
      if (isConstant(a)) return combined(new Map(), part(b), constantEntry(a, k));
      return isConstant(b) ? combined(new Map(), part(a), constantEntry(b, k)) : null;
    case 'divide':
      return isConstant(b) ? combined(new Map(), part(a), 1 / constantEntry(b, k)) : null;
    case 'component':
      return part(a, node.parameter as number);
    case 'broadcast':
      return part(a);
    case 'pack':
      return part(node.args[k]);
    case 'sum':
      return range(a.size).reduce<Affine | null>((sum, i) => combined(sum, part(a, i), 1), new Map());
    case 'dot': {
      const [fixed, moving] = isConstant(a) ? [a, b] : [b, a];
      if (!isConstant(fixed)) return null;
      return range(a.size).reduce<Affine | null>(
        (sum, i) => combined(sum, part(moving, i), constantEntry(fixed, i)),
        new Map(),
      );
    }
    default:
      return null;
  }
}

const range = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

function combined(a: Affine | null, b: Affine | null, factor: number): Affine | null {
  if (a === null || b === null) return null;
  const sum = new Map(a);
  for (const [leaf, coefficient] of b) sum.set(leaf, (sum.get(leaf) ?? 0) + factor * coefficient);
  return sum;
}

/** Entry k of a constant expression; NaN, which is no whole multiple, where it was not folded to numbers. */
function constantEntry(node: Expression, k: number): number {
  if (node.kind === 'constant') return node.value;
  if (node.kind === 'operation' && node.operation === 'pack') return constantEntry(node.args[k], 0);
  if (node.kind === 'operation' && node.operation === 'broadcast') return constantEntry(node.args[0], 0);
  return Number.NaN;
}
