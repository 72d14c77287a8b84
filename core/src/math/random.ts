import { fail, show } from '../errors.js';
import { philoxInto } from './philox.js';

/** A key of the counter-based generator: two unsigned 32-bit words. Keys are values; deriving never changes one. */
export interface RandomKey {
  readonly high: number;
  readonly low: number;
}

/** Last counter word: what the numbers are for, so that no two uses of one key ever share a counter. */
export const purpose = { derive: 1, uniform: 2, normal: 3, stream: 4 } as const;
/** Third counter word of a derivation: the kind of label, so that 1, '1' and the end of a text differ. */
const label = { number: 1, text: 2, end: 3 } as const;

const words = new Uint32Array(4);
const bytes = new DataView(new ArrayBuffer(8));

/**
 * The key of a seed.
 *
 * @param seed a whole number from 0 to 2^53 - 1, or any text; 1 and '1' are different seeds.
 * @throws `invalid-argument` for any other number.
 *
 * @example
 * const key = randomKey(42);
 * uniformAt(key, 0, 0); // the same number on every machine
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
 * Splits a key: the key reached from `key` along a path of labels. Different paths give unrelated keys, and
 * deriving one never touches another, so numbers do not depend on the order in which keys are asked for.
 * `deriveKey(key, 'a', 1)` equals `deriveKey(deriveKey(key, 'a'), 1)`. Cost: one Philox block per number,
 * one per four characters of text.
 *
 * @param labels texts and numbers (fractions allowed, -0 equals 0).
 * @throws `invalid-argument` if a label is NaN.
 *
 * @example
 * const noise = deriveKey(randomKey(42), 'noise', step);
 * normalsInto(buffer, 0, d, noise, atom);
 */
export function deriveKey(key: RandomKey, ...labels: readonly (number | string)[]): RandomKey {
  words[0] = key.low;
  words[1] = key.high;
  for (const part of labels) {
    if (typeof part === 'number') absorbNumber(part);
    else absorbText(part);
  }
  return { high: words[1], low: words[0] };
}

/** The running key is words 0 and 1; it becomes the first half of the block of (a, b, kind) under itself. */
function absorb(a: number, b: number, kind: number): void {
  const low = words[0];
  const high = words[1];
  words[0] = a;
  words[1] = b;
  words[2] = kind;
  words[3] = purpose.derive;
  philoxInto(words, words, low, high);
}

function absorbNumber(value: number): void {
  if (Number.isNaN(value)) {
    fail({
      code: 'invalid-argument',
      where: 'deriveKey',
      problem: 'a label is not usable',
      got: 'NaN',
      expected: 'a number or a text',
      fix: 'look for the computation that made this label',
    });
  }
  bytes.setFloat64(0, value + 0);
  absorb(bytes.getUint32(4), bytes.getUint32(0), label.number);
}

function absorbText(text: string): void {
  const code = (i: number): number => (i < text.length ? text.charCodeAt(i) : 0);
  for (let i = 0; i < text.length; i += 4) {
    absorb(code(i) + code(i + 1) * 0x10000, code(i + 2) + code(i + 3) * 0x10000, label.text);
  }
  absorb(text.length, 0, label.end);
}

function generate(key: RandomKey, index: number, block: number, use: number): void {
  words[0] = index >>> 0;
  words[1] = (index / 0x100000000) >>> 0;
  words[2] = block;
  words[3] = use;
  philoxInto(words, words, key.low, key.high);
}

/** 53 bits of two words as a multiple of 2^-53; the one cell that would be 0 becomes 2^-54. */
function unit(a: number, b: number): number {
  const bits = (a >>> 5) * 0x4000000 + (b >>> 6);
  return (bits === 0 ? 0.5 : bits) * 1.1102230246251565e-16;
}

/**
 * The uniform number in (0, 1), with 53 random bits, that `key` assigns to (index, component): a pure function.
 * One Philox block per call; independent of the numbers of {@link normalAt} and {@link randomStream}.
 *
 * @param index integer from 0 to 2^53 - 1, for instance the id of an atom.
 * @param component integer from 0 to 2^32 - 1.
 */
export function uniformAt(key: RandomKey, index: number, component: number): number {
  generate(key, index, component >>> 1, purpose.uniform);
  return component & 1 ? unit(words[2], words[3]) : unit(words[0], words[1]);
}

/**
 * Two uniforms for each of many indices: `first[i] = uniformAt(key, indices[i], 0)` and
 * `second[i] = uniformAt(key, indices[i], 1)`, at one Philox block per index.
 */
export function uniformPairsInto(
  first: Float64Array,
  second: Float64Array,
  key: RandomKey,
  indices: Uint32Array,
): void {
  for (let i = 0; i < indices.length; i++) {
    generate(key, indices[i], 0, purpose.uniform);
    first[i] = unit(words[0], words[1]);
    second[i] = unit(words[2], words[3]);
  }
}

/**
 * The standard normal number that `key` assigns to (index, component): a pure function. Components 2k and 2k + 1
 * are the two of one Box-Muller pair, `sqrt(-2 log u) (cos, sin)(2 pi v)`; sizes reach 8.65.
 * Ranges as in {@link uniformAt}.
 */
export function normalAt(key: RandomKey, index: number, component: number): number {
  generate(key, index, component >>> 1, purpose.normal);
  const radius = Math.sqrt(-2 * Math.log(unit(words[0], words[1])));
  const angle = 2 * Math.PI * unit(words[2], words[3]);
  return radius * (component & 1 ? Math.sin(angle) : Math.cos(angle));
}

/**
 * Writes the `count` normals of one index: `out[start + k] = normalAt(key, index, k)`, at half its cost.
 *
 * @example
 * for (let i = 0; i < n; i++) normalsInto(noise, i * d, d, key, ids[i]);
 */
export function normalsInto(out: Float64Array, start: number, count: number, key: RandomKey, index: number): void {
  for (let k = 0; k < count; k += 2) {
    generate(key, index, k / 2, purpose.normal);
    const radius = Math.sqrt(-2 * Math.log(unit(words[0], words[1])));
    const angle = 2 * Math.PI * unit(words[2], words[3]);
    out[start + k] = radius * Math.cos(angle);
    if (k + 1 < count) out[start + k + 1] = radius * Math.sin(angle);
  }
}

/** Fills with uniforms in (0, 1): `out[i] = uniformAt(key, 0, offset + i)`, so long arrays can be filled in parts. */
export function fillUniform(out: Float64Array, key: RandomKey, offset = 0): void {
  for (let i = 0; i < out.length; ) {
    const component = offset + i;
    generate(key, 0, component >>> 1, purpose.uniform);
    if ((component & 1) === 0) out[i++] = unit(words[0], words[1]);
    if (i < out.length) out[i++] = unit(words[2], words[3]);
  }
}

/** Fills with standard normals: `out[i] = normalAt(key, 0, i)`. */
export function fillNormal(out: Float64Array, key: RandomKey): void {
  normalsInto(out, 0, out.length, key, 0);
}

/** A sequence of numbers drawn from one key, for code that consumes an amount not known beforehand. */
export interface RandomStream {
  readonly key: RandomKey;
  /** Uniform in (0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform on {0, …, n - 1} without bias, by rejection; n from 1 to 2^32. */
  integer(n: number): number;
  /** Exponential of mean 1. */
  exponential(): number;
  /** Gamma of the given shape > 0 and scale 1. */
  gamma(shape: number): number;
}

/**
 * Opens the stream of a key; two streams of one key give the same numbers, independent of the pure functions
 * of that key. Each draw costs one Philox block (gamma about 2.1).
 *
 * @example
 * const random = randomStream(deriveKey(randomKey(42), 'initial'));
 * const x = random.normal();
 */
export function randomStream(key: RandomKey): RandomStream {
  let drawn = 0;
  const draw = (): void => generate(key, drawn++, 0, purpose.stream);
  const uniform = (): number => {
    draw();
    return unit(words[0], words[1]);
  };
  const normal = (): number => {
    draw();
    return Math.sqrt(-2 * Math.log(unit(words[0], words[1]))) * Math.cos(2 * Math.PI * unit(words[2], words[3]));
  };
  const integer = (n: number): number => {
    if (!(Number.isInteger(n) && n >= 1 && n <= 2 ** 32)) {
      refuse('RandomStream.integer', 'the range is not usable', show(n), 'an integer from 1 to 2^32');
    }
    const limit = 2 ** 32 - (2 ** 32 % n);
    do {
      draw();
    } while (words[0] >= limit);
    return words[0] % n;
  };
  return {
    key,
    uniform,
    normal,
    integer,
    exponential: () => -Math.log(uniform()),
    gamma: (shape) => gamma(shape, uniform, normal),
  };
}

/** Marsaglia and Tsang's rejection from a cubed normal [MarsagliaTsang2000]; shapes below 1 by the power of a uniform. */
function gamma(shape: number, uniform: () => number, normal: () => number): number {
  if (!(shape > 0 && Number.isFinite(shape))) {
    refuse('RandomStream.gamma', 'the shape is not usable', show(shape), 'a finite number above 0');
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

function refuse(where: string, problem: string, got: string, expected: string): never {
  return fail({ code: 'invalid-argument', where, problem, got, expected, fix: `pass ${expected}` });
}
