import { expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { unaryOperations } from './expression.js';
import { domainCode, domainNames, intervalSlots, setInterval } from './intervalArithmetic.js';
import { kinkIntervals, powerInto, unaryIntervals } from './intervalElementary.js';
import { unaryFunctions } from './operations.js';

const random = randomStream(randomKey('interval elementary'));
const slots = intervalSlots(2);

type Bounds = readonly [lower: number, upper: number, domain: string];

function apply(operation: keyof typeof unaryIntervals, lower: number, upper: number): Bounds {
  setInterval(slots, 0, lower, upper);
  slots.domain[0] = domainCode.inside;
  unaryIntervals[operation](slots, 1, 0);
  return [slots.lower[1] + 0, slots.upper[1] + 0, domainNames[slots.domain[1]]];
}

function power(lower: number, upper: number, exponent: number): Bounds {
  setInterval(slots, 0, lower, upper);
  slots.domain[0] = domainCode.inside;
  powerInto(slots, 1, 0, exponent);
  return [slots.lower[1] + 0, slots.upper[1] + 0, domainNames[slots.domain[1]]];
}

// Fixed-point reference: the integer n stands for n / 2^bits. Rounding errors stay below 2^-450.
const bits = 500n;
const unit = 1n << bits;
const times = (a: bigint, b: bigint): bigint => (a * b) >> bits;
const over = (a: bigint, b: bigint): bigint => (a << bits) / b;

function fixed(x: number): bigint {
  let exponent = 0;
  let y = x;
  while (!Number.isInteger(y)) {
    y *= 2;
    exponent++;
  }
  return exponent <= Number(bits) ? BigInt(y) << (bits - BigInt(exponent)) : BigInt(y) >> (BigInt(exponent) - bits);
}

/** `sum_k term_k`, each term from the one before, until it vanishes. */
function series(first: bigint, next: (term: bigint, k: number) => bigint): bigint {
  let sum = 0n;
  for (let k = 1, term = first; term !== 0n && term !== -1n; k++) {
    sum += term;
    term = next(term, k);
  }
  return sum;
}

const arctanOfInverse = (n: bigint): bigint => {
  let power = unit / n;
  let sum = 0n;
  for (let k = 0n; power !== 0n; k++, power /= n * n) sum += (k % 2n === 0n ? power : -power) / (2n * k + 1n);
  return sum;
};
const pi = 4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n));

function expFixed(x: bigint): bigint {
  // e^x = (e^(x / 1024))^1024; ten squarings lose ten bits.
  let value = series(unit, (term, k) => times(term, x >> 10n) / BigInt(k));
  for (let k = 0; k < 10; k++) value = times(value, value);
  return value;
}

function logFixed(y: bigint, start: number): bigint {
  let value = fixed(start);
  // Halley: the number of right bits triples.
  for (let k = 0; k < 3; k++) {
    const e = expFixed(value);
    value += over(2n * (y - e), y + e);
  }
  return value;
}

function sinFixed(x: bigint): bigint {
  const reduced = x - (x / (2n * pi)) * 2n * pi;
  const square = times(reduced, reduced);
  return series(reduced, (term, k) => -times(term, square) / BigInt(2 * k * (2 * k + 1)));
}

function rootFixed(x: bigint): bigint {
  let value = unit;
  for (let k = 0; k < 20; k++) value = (value + over(x, value)) >> 1n;
  return value;
}

function erfFixed(x: bigint): bigint {
  const square = times(x, x);
  const sum = series(x, (term, k) => (2n * times(term, square)) / BigInt(2 * k + 1));
  return over(2n * times(sum, expFixed(-square)), rootFixed(pi));
}

const reference: Readonly<Record<string, (x: number) => bigint>> = {
  exp: (x) => expFixed(fixed(x)),
  log: (x) => logFixed(fixed(x), Math.log(x)),
  sin: (x) => sinFixed(fixed(x)),
  cos: (x) => sinFixed(fixed(x) + pi / 2n),
  tanh: (x) => over(expFixed(fixed(2 * x)) - unit, expFixed(fixed(2 * x)) + unit),
  sigmoid: (x) => over(unit, unit + expFixed(-fixed(x))),
  softplus: (x) => logFixed(unit + expFixed(fixed(x)), Math.log1p(Math.exp(x))),
  erf: (x) => erfFixed(fixed(x)),
};

const magnitude = (low: number, high: number): number => 2 ** (low + (high - low) * random.uniform());
const signed = (size: number): number => (random.uniform() < 0.5 ? -size : size);
const draw: Readonly<Record<string, () => number>> = {
  exp: () => signed(magnitude(-30, 6.5)),
  log: () => (random.uniform() < 0.3 ? 1 + signed(magnitude(-30, -1)) : magnitude(-80, 80)),
  sin: () => signed(magnitude(-30, random.uniform() < 0.2 ? 30 : 5)),
  cos: () => signed(magnitude(-30, random.uniform() < 0.2 ? 30 : 5)),
  tanh: () => signed(magnitude(-30, 5)),
  sigmoid: () => signed(magnitude(-30, 6)),
  softplus: () => signed(magnitude(-30, 5)),
  erf: () => signed(magnitude(-30, 2.5)),
};

test.each(Object.keys(reference))(
  'the bound of %s at a point holds its value to 400 bits and every computed value',
  (name) => {
    const operation = name as keyof typeof unaryIntervals;
    for (let i = 0; i < 150; i++) {
      const x = draw[name]();
      const truth = reference[name](x);
      const [lower, upper] = apply(operation, x, x);
      const slack = 1n << 100n;
      if (!(fixed(lower) <= truth + slack && truth - slack <= fixed(upper)))
        throw new Error(`${name}(${x}) leaves [${lower}, ${upper}]`);
      const computed = unaryFunctions[operation](x);
      expect(lower <= computed && computed <= upper).toBe(true);
      expect(upper - lower).toBeLessThanOrEqual(100 * 2 ** -52 * Math.max(Math.abs(computed), 2 ** -1000));
    }
  },
);

const edges = [
  -Infinity,
  -1e308,
  -1e10,
  -800,
  -745.2,
  -40,
  -2,
  -1,
  -0.5,
  -1e-300,
  -5e-324,
  -0,
  0,
  5e-324,
  2 ** -1022,
  1e-300,
  0.5,
  1,
  2,
  Math.PI,
];
const allEdges = [...edges, 40, 709.78, 710, 800, 1e10, 2 ** 53, 1e308, Infinity];

/** Points of a box: its finite ends, edge values within, and random ones. */
function samples(lower: number, upper: number): number[] {
  const low = Math.max(lower, -1e300);
  const high = Math.min(upper, 1e300);
  const spread = [0.1, 0.5, 0.9].map((t) => low + t * (high - low));
  return [...allEdges, ...spread].filter((x) => x >= lower && x <= upper && Number.isFinite(x));
}

test.each(unaryOperations)(
  'no value of %s leaves its bound on any box between edge cases, and no bound is NaN',
  (operation) => {
    for (const lower of allEdges) {
      for (const upper of allEdges) {
        if (!(lower <= upper && lower < Infinity && upper > -Infinity)) continue;
        const [low, high, domain] = apply(operation, lower, upper);
        expect(domain === 'outside' ? low > high : low <= high && low < Infinity && high > -Infinity).toBe(true);
        for (const x of samples(lower, upper)) {
          const value = unaryFunctions[operation](x);
          const undefinedThere = Number.isNaN(value) || (operation === 'log' && x === 0);
          if (undefinedThere) expect(domain).not.toBe('inside');
          else if (!(low <= value && value <= high))
            throw new Error(`${operation}(${x}) leaves [${low}, ${high}] of [${lower}, ${upper}]`);
        }
      }
    }
  },
);

test.each([2, 3, 4, 7, 0, 1, -1, -2, -3, 0.5, 1.5, -0.5, -1.5, 1 / 3, 60, 61])(
  'no power %d leaves its bound, and no bound is NaN',
  (exponent) => {
    for (const lower of allEdges) {
      for (const upper of allEdges) {
        if (!(lower <= upper && lower < Infinity && upper > -Infinity)) continue;
        const [low, high, domain] = power(lower, upper, exponent);
        expect(domain === 'outside' ? low > high : low <= high && low < Infinity && high > -Infinity).toBe(true);
        for (const x of samples(lower, upper)) {
          const value = x ** exponent;
          if (Number.isNaN(value) || (x === 0 && exponent < 0)) expect(domain).not.toBe('inside');
          else if (!(low <= value && value <= high))
            throw new Error(`${x}^${exponent} leaves [${low}, ${high}] of [${lower}, ${upper}]`);
        }
      }
    }
  },
);

test('sine and cosine keep their extrema on boxes that barely hold one', () => {
  for (let i = 0; i < 20_000; i++) {
    const turns = random.integer(2 ** (1 + random.integer(26)));
    const extremum = (turns - 2 ** 10) * (Math.PI / 2);
    const lower = extremum - signed(magnitude(-50, 1)) * Math.max(1, Math.abs(extremum));
    const upper = lower + magnitude(-50, 2.5);
    for (const operation of ['sin', 'cos'] as const) {
      const [low, high] = apply(operation, lower, upper);
      for (const x of [lower, upper, (lower + upper) / 2, extremum]) {
        if (x < lower || x > upper) continue;
        const value = unaryFunctions[operation](x);
        if (!(low <= value && value <= high))
          throw new Error(`${operation}(${x}) leaves [${low}, ${high}] of [${lower}, ${upper}]`);
      }
    }
  }
  expect(apply('sin', 0.1, 1.5)[1]).toBeLessThan(1);
  expect(apply('sin', 1.5, 1.6)[1]).toBe(1);
  expect(apply('cos', 3, 3.2).slice(0, 2)).toEqual([-1, expect.closeTo(Math.cos(3), 14)]);
  expect(apply('sin', 1e300, 1e300).slice(0, 2)).toEqual([-1, 1]);
});

test('values that are exact stay exact', () => {
  expect(
    [apply('exp', 0, 0), apply('log', 1, 1), apply('sin', 0, 0), apply('cos', 0, 0)].map(([p, q]) => [p, q]),
  ).toEqual([
    [1, 1],
    [0, 0],
    [0, 0],
    [1, 1],
  ]);
  expect(apply('tanh', 0, Infinity).slice(0, 2)).toEqual([0, 1]);
  expect(apply('erf', -Infinity, 0).slice(0, 2)).toEqual([-1, 0]);
  expect(apply('sigmoid', -Infinity, Infinity).slice(0, 2)).toEqual([0, 1]);
  expect(apply('sqrt', 4, 9).slice(0, 2)).toEqual([2, 3]);
  expect(apply('exp', -Infinity, 0).slice(0, 2)).toEqual([0, 1]);
  expect(power(-1, 2, 2)).toEqual([0, 4, 'inside']);
  expect(power(-3, -2, 2)).toEqual([4, 9, 'inside']);
});

test('a function says where it is not defined', () => {
  expect(apply('log', -1, 0)).toEqual([Infinity, -Infinity, 'outside']);
  expect(apply('log', 0, 1)).toEqual([-Infinity, 0, 'partial']);
  expect(apply('sqrt', -4, -1)).toEqual([Infinity, -Infinity, 'outside']);
  expect(apply('sqrt', -4, 4)).toEqual([0, 2, 'partial']);
  expect(apply('sqrt', 0, 4)).toEqual([0, 2, 'inside']);
  expect(power(0, 0, -1)[2]).toBe('outside');
  expect(power(-1, 1, -1)).toEqual([-Infinity, Infinity, 'partial']);
  expect(power(-1, 1, -2)).toEqual([1, Infinity, 'partial']);
  expect(power(-8, -1, 1 / 3)[2]).toBe('outside');
});

test('set-valued derivatives at a kink hold both one-sided values', () => {
  setInterval(slots, 0, 0, 0);
  kinkIntervals.step(slots, 1, 0);
  expect([slots.lower[1], slots.upper[1]]).toEqual([0, 1]);
  kinkIntervals.sign(slots, 1, 0);
  expect([slots.lower[1], slots.upper[1]]).toEqual([-1, 1]);
  setInterval(slots, 0, 0.1, 1);
  kinkIntervals.sign(slots, 1, 0);
  expect([slots.lower[1], slots.upper[1]]).toEqual([1, 1]);
});
