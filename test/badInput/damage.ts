import type { RandomStream } from '@muflow/core';
import { chance, pick } from './random.js';
import { damagedText } from './texts.js';

interface Slot {
  readonly owner: Record<string, unknown>;
  readonly key: string;
}

const deep = (levels: number): unknown => {
  let value: unknown = 1;
  for (let k = 0; k < levels; k++) value = k % 2 === 0 ? [value] : { a: value };
  return value;
};

/** What no reader of configs expects; made anew each time, since configs are damaged in place. */
const strangeValues: readonly (() => unknown)[] = [
  ...[null, undefined, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true, false].map(
    (value) => () => value,
  ),
  ...[0, -0, -1, 1, 2, 0.5, -1e-300, 5e-324, 1e-9, 1e9, 1e15, 2 ** 53, 1e300, 1.797e308, -1e300, 700].map(
    (value) => () => value,
  ),
  ...[
    '',
    ' ',
    'x',
    '0',
    'heun',
    'core/',
    '/',
    '../core/heun',
    '__proto__',
    'constructor',
    'toString',
    '\u0000',
    '😀',
    'a'.repeat(20_000),
  ].map((value) => () => value),
  ...[
    'torus(2)',
    'sphere(3)',
    'R^99999',
    'finite(100000)',
    '[1,-1]',
    '[0,1e400]',
    'torus(1e9)',
    'simplex(3) x [0,1]',
    'x^',
  ].map((value) => () => value),
  () => [],
  () => ({}),
  () => [[]],
  () => [null],
  () => [[1], [1, 2]],
  () => [[Number.NaN]],
  () => new Array(10_000).fill(0),
  () => new Array(3000).fill('heun'),
  () => new Array(1000).fill({ id: 'nothing' }),
  () => deep(5),
  () => deep(3000),
  () => JSON.parse('{"__proto__": {"id": "heun"}}'),
  () => JSON.parse('{"id": "heun", "params": {"__proto__": {"polluted": 1}, "constructor": {}}}'),
  () => Object.create(null),
  () => new Date(0),
  () => new Map([['id', 'heun']]),
  () => new Float64Array(3),
  () => Symbol('s'),
  () => 10n,
  () => () => 1,
  () => new Proxy({}, {}),
];

/** Numbers at the ends of what there is; 1e7, which is allowed for atoms, would only take long. */
export const extremeNumbers = [
  1e9,
  1e15,
  2 ** 53,
  1e300,
  1.797e308,
  -1,
  0,
  0.5,
  5e-324,
  Number.NaN,
  Number.POSITIVE_INFINITY,
];

export const extremeTexts = [
  '',
  'torus(1e9)',
  'R^100000',
  'finite(100000)',
  '[0,1e400]',
  'x'.repeat(10_000),
  '1/0',
  'log(-1)',
  '[1]',
  'exp(',
];

const strangeKeys = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'params',
  'id',
  '',
  ' ',
  'seed',
  'space',
  'dim',
  'x'.repeat(5000),
];

/** Puts one to three faults into a config, in place. */
export function damage(random: RandomStream, config: Record<string, unknown>): void {
  for (let k = pick(random, [1, 1, 1, 2, 3]); k > 0; k--) damageOnce(random, config);
}

function damageOnce(random: RandomStream, config: Record<string, unknown>): void {
  const slots = slotsOf(config);
  if (slots.length === 0) return;
  const { owner, key } = pick(random, slots);
  const value = owner[key];
  switch (random.integer(8)) {
    case 0:
      delete owner[key];
      return;
    case 1:
      delete owner[key];
      set(owner, misspelled(random, key), value);
      return;
    case 2:
      set(owner, pick(random, strangeKeys), pick(random, strangeValues)());
      return;
    case 3:
      if (typeof value === 'string') owner[key] = damagedText(random, value);
      else if (typeof value === 'number')
        owner[key] = pick(random, [-value, 1e300, 1e15, 1e9, 500, 0, Number.NaN, 0.5]);
      return;
    case 4:
      if (typeof value === 'string') owner[key] = misspelled(random, value);
      else owner[key] = chance(random, 0.5) ? [value] : { value };
      return;
    case 5:
      if (Array.isArray(value)) owner[key] = chance(random, 0.5) ? value.concat(value) : value.slice(1);
      else owner[key] = typeof value === 'object' ? '{"id": "heun"}' : String(value);
      return;
    default:
      owner[key] = pick(random, strangeValues)();
  }
}

/** An own property, of the name `__proto__` too. */
function set(owner: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(owner, key, { value, enumerable: true, configurable: true, writable: true });
}

function misspelled(random: RandomStream, name: string): string {
  const at = random.integer(name.length + 1);
  return pick(random, [
    name.slice(0, at) + name.slice(at + 1),
    `${name.slice(0, at)}e${name.slice(at)}`,
    name.toUpperCase(),
    `${name}s`,
    name.split('/').at(-1) ?? name,
  ]);
}

/** Every place of a tree where a value stands; trees are small before they are damaged. */
export function slotsOf(value: unknown, depth = 0): Slot[] {
  if (
    typeof value !== 'object' ||
    value === null ||
    ArrayBuffer.isView(value) ||
    depth > 8 ||
    Object.getOwnPropertyNames(value).length > 100
  )
    return [];
  const owner = value as Record<string, unknown>;
  return Object.keys(owner).flatMap((key) => [{ owner, key }, ...slotsOf(owner[key], depth + 1)]);
}
