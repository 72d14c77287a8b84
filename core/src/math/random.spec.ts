import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deriveKey,
  fillNormal,
  fillUniform,
  normalAt,
  normalsInto,
  type RandomKey,
  randomKey,
  randomStream,
  uniformAt,
} from './random.js';
import { erf, normalCdf } from './special.js';

/** Kolmogorov's distance to a law times sqrt(n). */
function kolmogorov(sample: Float64Array, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(sample).sort();
  const n = sorted.length;
  let distance = 0;
  for (let i = 0; i < n; i++) {
    const p = cdf(sorted[i]);
    distance = Math.max(distance, (i + 1) / n - p, p - i / n);
  }
  return distance * Math.sqrt(n);
}

/** P(sqrt(n) D > 2.7) <= 2 exp(-2 * 2.7^2) = 9.3e-7: the false-alarm rate of every such test here. */
const kolmogorovLimit = 2.7;
/** P(|Z| > 5) = 5.7e-7. */
const normalLimit = 5;
const n = 40_000;
const draw = (make: (i: number) => number): Float64Array => Float64Array.from({ length: n }, (_, i) => make(i));

/** sqrt(n) times the sample correlation, standard normal for independent samples. */
function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (v: Float64Array): number => v.reduce((s, x) => s + x, 0) / v.length;
  const ma = mean(a);
  const mb = mean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  }
  return (Math.sqrt(a.length) * ab) / Math.sqrt(aa * bb);
}

const uniform = (x: number): number => x;
const key = randomKey(2026);

describe('laws', () => {
  test.each([
    ['uniformAt over indices', draw((i) => uniformAt(key, i, 0)), uniform],
    ['uniformAt over components', draw((i) => uniformAt(key, 7, i)), uniform],
    ['uniformAt over derived keys', draw((i) => uniformAt(deriveKey(key, i), 0, 0)), uniform],
    ['uniformAt over seeds', draw((i) => uniformAt(randomKey(i), 0, 0)), uniform],
    ['uniformAt over text labels', draw((i) => uniformAt(deriveKey(key, `atom ${i}`), 0, 1)), uniform],
    ['normalAt over indices, even component', draw((i) => normalAt(key, i, 2)), normalCdf],
    ['normalAt over indices, odd component', draw((i) => normalAt(key, i, 3)), normalCdf],
  ])('%s follows its law', (_, sample, cdf) => {
    expect(kolmogorov(sample, cdf)).toBeLessThan(kolmogorovLimit);
  });

  const half = (x: number): number => erf(Math.sqrt(x));
  const threeHalves = (x: number): number => half(x) - 2 * Math.sqrt(x / Math.PI) * Math.exp(-x);
  const laws: readonly [string, (random: ReturnType<typeof randomStream>) => number, (x: number) => number][] = [
    ['uniform', (random) => random.uniform(), uniform],
    ['normal', (random) => random.normal(), normalCdf],
    ['exponential', (random) => random.exponential(), (x) => -Math.expm1(-x)],
    ['gamma(1/2)', (random) => random.gamma(0.5), half],
    ['gamma(1)', (random) => random.gamma(1), (x) => -Math.expm1(-x)],
    ['gamma(3/2)', (random) => random.gamma(1.5), threeHalves],
    ['gamma(3)', (random) => random.gamma(3), (x) => 1 - Math.exp(-x) * (1 + x + (x * x) / 2)],
  ];
  test.each(laws)('%s of a stream follows its law', (name, make, cdf) => {
    const random = randomStream(deriveKey(key, name));
    expect(
      kolmogorov(
        draw(() => make(random)),
        cdf,
      ),
    ).toBeLessThan(kolmogorovLimit);
  });

  test('the squared length of d normals of one index follows chi-square with d = 4', () => {
    const buffer = new Float64Array(4);
    const sample = draw((i) => {
      normalsInto(buffer, 0, 4, key, i);
      return buffer.reduce((s, x) => s + x * x, 0);
    });
    expect(kolmogorov(sample, (x) => 1 - Math.exp(-x / 2) * (1 + x / 2))).toBeLessThan(kolmogorovLimit);
  });

  test('integer(n) is uniform on its n values', () => {
    const random = randomStream(deriveKey(key, 'integers'));
    const counts = new Float64Array(10);
    for (let i = 0; i < n; i++) counts[random.integer(10)]++;
    const chiSquare = counts.reduce((s, c) => s + (c - n / 10) ** 2 / (n / 10), 0);
    // P(chi-square with 9 degrees of freedom > 45.1) = 9e-7.
    expect(chiSquare).toBeLessThan(45.1);
  });

  test('integer(n) has no bias for n = 3 * 2^30, where a plain remainder favors small values twofold', () => {
    const random = randomStream(deriveKey(key, 'wide'));
    const range = 3 * 2 ** 30;
    const sample = draw(() => (random.integer(range) + 0.5) / range);
    expect(kolmogorov(sample, uniform)).toBeLessThan(kolmogorovLimit);
  });
});

describe('independence', () => {
  const u = (k: RandomKey): Float64Array => draw((i) => uniformAt(k, i, 0));
  const base = u(deriveKey(key, 0));
  const random = randomStream(deriveKey(key, 0));
  test.each([
    ['neighboring labels', u(deriveKey(key, 1))],
    ['number and text of one label', u(deriveKey(key, '0'))],
    ['parent and child', u(key)],
    ['neighboring seeds', u(deriveKey(randomKey(2027), 0))],
    ['neighboring components', draw((i) => uniformAt(deriveKey(key, 0), i, 1))],
    ['neighboring indices', draw((i) => uniformAt(deriveKey(key, 0), i + 1, 0))],
    ['blocks of components', draw((i) => uniformAt(deriveKey(key, 0), i, 2))],
    ['uniforms and normals of one key', draw((i) => normalAt(deriveKey(key, 0), i, 0))],
    ['pure numbers and stream of one key', draw(() => random.uniform())],
  ])('%s are uncorrelated, and so are their squares', (_, other) => {
    const squared = (v: Float64Array): Float64Array => v.map((x) => (x - 0.5) ** 2);
    expect(Math.abs(correlation(base, other))).toBeLessThan(normalLimit);
    expect(Math.abs(correlation(squared(base), squared(other)))).toBeLessThan(normalLimit);
  });

  test('different paths of labels give different keys', () => {
    const paths: (string | number)[][] = [
      [],
      [0],
      [1],
      [0, 0],
      [0, 1],
      [1, 0],
      ['0'],
      ['1'],
      [''],
      ['', ''],
      ['a'],
      ['a', 'b'],
      ['ab'],
      ['ba'],
      ['a\0'],
      ['abcd'],
      ['abcd', ''],
      ['abcde'],
      ['abc', 'de'],
      [0.5],
      [-1],
      [-0.5],
      [2 ** 32],
      [2 ** 53],
      [1e300],
      [Number.POSITIVE_INFINITY],
      ['é'],
      ['e'],
    ];
    const names = paths.map((path) => {
      const { high, low } = deriveKey(key, ...path);
      return `${high} ${low}`;
    });
    expect(new Set(names).size).toBe(paths.length);
  });

  test('a path can be walked in parts, in any order relative to other paths', () => {
    const whole = deriveKey(key, 'noise', 3, 'atom');
    deriveKey(key, 'something else');
    expect(deriveKey(deriveKey(deriveKey(key, 'noise'), 3), 'atom')).toEqual(whole);
    expect(deriveKey(key, -0)).toEqual(deriveKey(key, 0));
    expect(deriveKey(key)).toEqual(key);
  });
});

describe('reproducibility', () => {
  test('the numbers are frozen', () => {
    // Computed apart from this code, by a few lines of Python with integers of any size.
    expect(randomKey(0)).toEqual({ high: 2400822362, low: 3739037121 });
    expect(randomKey('muflow')).toEqual({ high: 855851295, low: 2936571841 });
    const own = randomKey(42);
    const uniforms = [0.1553025847629258, 0.2759177295499261, 0.3323327823393144];
    expect([0, 1, 2].map((k) => uniformAt(own, 5, k))).toEqual(uniforms);
    // The last bit of log, sin and cos belongs to the engine.
    const normals = [-0.25601193538736605, -0.4764272536853358, -0.8383565580633539];
    normals.forEach((value, k) => {
      expect(normalAt(own, 5, k)).toBeCloseTo(value, 14);
    });
    expect(normalAt(own, 2 ** 32 + 5, 1)).toBeCloseTo(-1.3866693540466433, 14);
    const random = randomStream(own);
    expect(random.uniform()).toBe(0.013103109479444042);
    expect(random.normal()).toBeCloseTo(-0.07317821652757878, 14);
    expect(random.integer(1000)).toBe(335);
    expect(random.exponential()).toBeCloseTo(1.0184199256116682, 14);
    expect(random.gamma(2.5)).toBeCloseTo(1.8780527450954156, 13);
  });

  test('every block form equals its pointwise form, bit for bit', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(2 ** 31),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        (seed, index, count, offset) => {
          const own = randomKey(seed);
          const out = new Float64Array(count + 2).fill(9);
          normalsInto(out, 1, count, own, index);
          expect(Array.from(out)).toEqual([9, ...Array.from({ length: count }, (_, k) => normalAt(own, index, k)), 9]);
          fillUniform(out, own, offset);
          expect(Array.from(out)).toEqual(Array.from(out, (_, k) => uniformAt(own, 0, offset + k)));
          fillNormal(out, own);
          expect(Array.from(out)).toEqual(Array.from(out, (_, k) => normalAt(own, 0, k)));
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  test('two streams of one key agree, whatever runs between their draws', () => {
    const take = (disturb: () => void): number[] => {
      const random = randomStream(key);
      return Array.from({ length: 50 }, (_, i) => {
        disturb();
        return [random.uniform, random.normal, random.exponential, () => random.gamma(0.7), () => random.integer(9)][
          i % 5
        ]();
      });
    };
    expect(take(() => normalAt(key, 1, 1))).toEqual(take(() => {}));
  });

  test('indices above 2^32 are told apart', () => {
    expect(uniformAt(key, 2 ** 32 + 1, 0)).not.toBe(uniformAt(key, 1, 0));
  });
});

describe('refusals', () => {
  test.each([-1, 0.5, Number.NaN, 2 ** 53])('seed %s', (seed) => {
    expect(() => randomKey(seed)).toThrow(/\[randomKey\] the seed is not usable, got /);
  });
  test.each([0, 1.5, 2 ** 32 + 1, Number.NaN])('integer(%s)', (range) => {
    expect(() => randomStream(key).integer(range)).toThrow(/\[RandomStream.integer\]/);
  });
  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('gamma(%s)', (shape) => {
    expect(() => randomStream(key).gamma(shape)).toThrow(/\[RandomStream.gamma\]/);
  });
  test('a label that is NaN', () => {
    expect(() => deriveKey(key, Number.NaN)).toThrow(/\[deriveKey\] a label is not usable, got NaN/);
  });
});
