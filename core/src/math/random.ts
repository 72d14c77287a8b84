import { fail, show } from '../errors.js';
import { philoxInPlace } from './philox.js';

/** A key of the counter-based generator: two unsigned 32-bit words. Keys are values; deriving never changes one. */
export interface RandomKey {
  readonly high: number;
  readonly low: number;
}

const words = new Uint32Array(4);
const toUnit = 2 ** -52;

/** Domain words keep key derivation and number generation apart: the same counter never serves both. */
const domain = { derive: 0x6d75666c, numbers: 0x6f770001 } as const;

/**
 * The key of a seed: an integer of at most 53 bits, or any text.
 * @throws `invalid-argument` if a numeric seed is not a safe non-negative integer.
 */
export function randomKey(seed: number | string): RandomKey {
  if (typeof seed === 'number' && !(Number.isSafeInteger(seed) && seed >= 0)) {
    fail({
      code: 'invalid-argument',
      where: 'randomKey',
      problem: 'the seed is not usable',
      got: show(seed),
      expected: 'an integer from 0 to 2^53 - 1, or a text',
      fix: 'pass a whole number such as 42',
    });
  }
  return deriveKey({ high: 0, low: 0 }, seed);
}

/**
 * The key reached from `key` by a path of labels. Different paths give unrelated keys, and deriving
 * one never touches another, so streams do not depend on the order in which they are asked for.
 */
export function deriveKey(key: RandomKey, ...labels: readonly (number | string)[]): RandomKey {
  let { high, low } = key;
  for (const label of labels) {
    if (typeof label === 'number') {
      absorb(label >>> 0, Math.floor(label / 2 ** 32) >>> 0, 1);
    } else {
      for (let i = 0; i < label.length; i += 2) {
        absorb(label.charCodeAt(i), i + 1 < label.length ? label.charCodeAt(i + 1) : 0x10000, 2);
      }
      absorb(label.length, 0, 3);
    }
  }
  return { high, low };

  function absorb(a: number, b: number, kind: number): void {
    words[0] = a;
    words[1] = b;
    words[2] = kind;
    words[3] = domain.derive;
    philoxInPlace(words, low, high);
    low = words[0];
    high = words[1];
  }
}

function generate(key: RandomKey, index: number, block: number): void {
  words[0] = index >>> 0;
  words[1] = Math.floor(index / 2 ** 32) >>> 0;
  words[2] = block;
  words[3] = domain.numbers;
  philoxInPlace(words, key.low, key.high);
}

/** 52 bits of two words as the middle of a cell of width 2^-52: exact in double precision, never 0, never 1. */
const unit = (a: number, b: number): number => ((a >>> 6) * 67108864 + (b >>> 6) + 0.5) * toUnit;

/** The uniform number in (0, 1) that `key` assigns to (index, component); a pure function. */
export function uniformAt(key: RandomKey, index: number, component: number): number {
  generate(key, index, component >>> 1);
  return component & 1 ? unit(words[2], words[3]) : unit(words[0], words[1]);
}

/** The standard normal number that `key` assigns to (index, component): Box-Muller on a pair of uniforms. */
export function normalAt(key: RandomKey, index: number, component: number): number {
  generate(key, index, component >>> 1);
  const radius = Math.sqrt(-2 * Math.log(unit(words[0], words[1])));
  const angle = 2 * Math.PI * unit(words[2], words[3]);
  return radius * (component & 1 ? Math.sin(angle) : Math.cos(angle));
}

/** Writes the `count` normals of one index, equal to `normalAt(key, index, 0..count-1)`. */
export function normalsInto(out: Float64Array, start: number, count: number, key: RandomKey, index: number): void {
  for (let component = 0; component < count; component += 2) {
    generate(key, index, component >>> 1);
    const radius = Math.sqrt(-2 * Math.log(unit(words[0], words[1])));
    const angle = 2 * Math.PI * unit(words[2], words[3]);
    out[start + component] = radius * Math.cos(angle);
    if (component + 1 < count) out[start + component + 1] = radius * Math.sin(angle);
  }
}

/** Fills with uniforms in (0, 1): entry i is `uniformAt(key, i, 0)`. */
export function fillUniform(out: Float64Array, key: RandomKey): void {
  for (let i = 0; i < out.length; i++) out[i] = uniformAt(key, i, 0);
}

/** Fills with standard normals: entry i is `normalAt(key, i, 0)`. */
export function fillNormal(out: Float64Array, key: RandomKey): void {
  for (let i = 0; i < out.length; i++) out[i] = normalAt(key, i, 0);
}

/** A sequence of numbers drawn from one key, for code that consumes an unknown amount. */
export interface RandomStream {
  readonly key: RandomKey;
  /** Uniform in (0, 1). */
  uniform(): number;
  normal(): number;
  /** Uniform on {0, …, n - 1}, without bias. */
  integer(n: number): number;
  /** Standard exponential. */
  exponential(): number;
  /** Gamma with the given shape > 0 and scale 1. */
  gamma(shape: number): number;
}

/** Opens the stream of a key; two streams of one key give the same numbers. */
export function randomStream(key: RandomKey): RandomStream {
  let next = 0;
  const uniform = (): number => uniformAt(key, next++, 0);
  const normal = (): number => normalAt(key, next++, 0);
  const integer = (n: number): number => {
    if (!(Number.isInteger(n) && n >= 1 && n <= 2 ** 32)) {
      fail({
        code: 'invalid-argument',
        where: 'RandomStream.integer',
        problem: 'the range is not usable',
        got: show(n),
        expected: 'an integer from 1 to 2^32',
        fix: 'pass the number of choices',
      });
    }
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      generate(key, next++, 0);
      if (words[0] < limit) return words[0] % n;
    }
  };
  return { key, uniform, normal, integer, exponential: () => -Math.log(uniform()), gamma: (shape) => gamma(shape, uniform, normal) };
}

/** Marsaglia and Tsang's rejection [MarsagliaTsang2000]; shapes below 1 by the power of a uniform. */
function gamma(shape: number, uniform: () => number, normal: () => number): number {
  if (!(shape > 0 && Number.isFinite(shape))) {
    fail({
      code: 'invalid-argument',
      where: 'RandomStream.gamma',
      problem: 'the shape is not usable',
      got: show(shape),
      expected: 'a finite number above 0',
      fix: 'pass a positive shape',
    });
  }
  if (shape < 1) return gamma(shape + 1, uniform, normal) * uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
