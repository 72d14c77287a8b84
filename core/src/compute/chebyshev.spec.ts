import { describe, expect, test } from 'vitest';
import * as f from '../formula/build.js';
import { gradient } from '../formula/differentiate.js';
import type { Expression } from '../formula/expression.js';
import { type RandomStream, randomKey, randomStream } from '../math/random.js';
import type { Reduction } from './backend.js';
import { type FastSumReport, fastSum } from './chebyshev.js';
import { defaultBackend } from './defaultBackend.js';
import { referenceBackend } from './reference.js';

const w = f.column('w');

/** The value and the gradient in x of `w k(x, y)`. */
function valueAndGradient(kernel: (x: Expression, y: Expression) => Expression, dim: number): Reduction {
  const [x, y] = [f.row('x', dim), f.column('y', dim)];
  const summand = f.multiply(w, kernel(x, y));
  return {
    outputs: [
      { name: 'value', expression: summand, reduce: 'sum' },
      { name: 'gradient', expression: gradient(summand, x), reduce: 'sum' },
    ],
  };
}

const square = (x: Expression, y: Expression): Expression => f.norm2(f.subtract(x, y));
const gaussian =
  (width: number) =>
  (x: Expression, y: Expression): Expression =>
    f.exp(f.divide(f.negate(square(x, y)), 2 * width * width));

/** Smooth kernels of very different kinds: of the difference or not, products over the coordinates or not. */
function randomKernel(random: RandomStream): (x: Expression, y: Expression) => Expression {
  const scale = 2 ** (2 - 5 * random.uniform());
  const near = (x: Expression, y: Expression): Expression => f.divide(square(x, y), scale * scale);
  const kinds: ((x: Expression, y: Expression) => Expression)[] = [
    gaussian(scale),
    (x, y) => f.divide(1, f.add(1, near(x, y))),
    (x, y) => f.sqrt(f.add(1, near(x, y))),
    (x, y) => f.log(f.add(1.5, near(x, y))),
    (x, y) => f.exp(f.multiply(f.sin(f.component(x, 0)), f.cos(f.component(y, 0)))),
    (x, y) => f.tanh(f.multiply(0.5 / scale, f.dot(x, y))),
    (x, y) => f.multiply(f.erf(f.divide(f.sum(f.subtract(x, y)), scale)), f.component(x, 0)),
    (x, y) => f.softplus(f.divide(f.add(f.sum(x), f.component(y, 0)), scale)),
    (x, y) => f.multiply(gaussian(scale)(x, y), f.cos(f.divide(f.sum(f.subtract(x, y)), scale))),
  ];
  return kinds[random.integer(kinds.length)];
}

interface Points {
  readonly rows: number;
  readonly columns: number;
  readonly inputs: Readonly<Record<string, Float64Array>>;
}

function randomPoints(random: RandomStream, dim: number, counts: { rows: number; columns: number }): Points {
  const cloud = (count: number): Float64Array => {
    const center = Array.from({ length: dim }, () => random.normal());
    const width = Array.from({ length: dim }, () => 2 ** (1 - 4 * random.uniform()));
    return Float64Array.from({ length: count * dim }, (_, i) => center[i % dim] + width[i % dim] * random.uniform());
  };
  const weights = Float64Array.from({ length: counts.columns }, () => random.normal() / counts.columns);
  return { ...counts, inputs: { x: cloud(counts.rows), y: cloud(counts.columns), w: weights } };
}

const outputsOf = (reduction: Reduction, rows: number): Record<string, Float64Array> =>
  Object.fromEntries(reduction.outputs.map(({ name, expression }) => [name, new Float64Array(rows * expression.size)]));

/** Runs both and checks that they differ by no more than what is proved of both together. */
function compare(reduction: Reduction, points: Points, tolerance: number): FastSumReport {
  const [fast, slow] = [outputsOf(reduction, points.rows), outputsOf(reduction, points.rows)];
  const report = fastSum(reduction, { tolerance, weight: 'w' }).run({ ...points, out: fast });
  defaultBackend()
    .compile(reduction)
    .run({ ...points, out: slow });
  // The direct sum rounds too; a tolerance that no expansion meets shows its bound.
  const direct = fastSum(reduction, { tolerance: 1e-300, weight: 'w' }).run({
    ...points,
    out: outputsOf(reduction, points.rows),
  });
  expect(direct.method).toBe('direct');
  for (const { name } of reduction.outputs) {
    const error = fast[name].reduce((most, value, i) => Math.max(most, Math.abs(value - slow[name][i])), 0);
    expect(error).toBeLessThanOrEqual(report.errorBounds[name] + direct.errorBounds[name]);
  }
  return report;
}

describe('the fast sum', () => {
  test.each([1, 2])(
    'equals the direct sum within its bound, on random kernels, boxes and tolerances, d = %i',
    (dim) => {
      const random = randomStream(randomKey(`fast sum ${dim}`));
      let expanded = 0;
      let sharp = 0;
      for (let i = 0; i < 24; i++) {
        const reduction = valueAndGradient(randomKernel(random), dim);
        const counts = { rows: 100 + random.integer(1000), columns: 200 + random.integer(1500) };
        const tolerance = 10 ** -(3 + 7 * random.uniform());
        const report = compare(reduction, randomPoints(random, dim, counts), tolerance);
        if (report.method === 'direct') {
          expect(report.reason).toMatch(/./);
          continue;
        }
        expanded++;
        expect(report.errorBound).toBeLessThanOrEqual(tolerance * report.totalWeight);
        if (report.errorBound > 1e-3 * tolerance * report.totalWeight) sharp++;
      }
      expect(expanded).toBeGreaterThan(dim === 1 ? 18 : 8);
      // No more is spent than the tolerance asks for, most of the time.
      expect(sharp).toBeGreaterThan(expanded / 2);
    },
  );

  test.each([
    [1, 0.1],
    [1, 0.3],
    [1, 1],
    [1, 3],
    [2, 0.1],
    [2, 0.3],
    [2, 1],
    [2, 3],
  ])('expands Gaussians of 10,000 points in the unit box, d = %i, width %d', (dim, width) => {
    const reduction = valueAndGradient(gaussian(width), dim);
    const random = randomStream(randomKey('gaussian'));
    const y = Float64Array.from({ length: 10_000 * dim }, () => random.uniform());
    const weights = new Float64Array(10_000).fill(1e-4);
    const inputs = { x: y.slice(0, 300 * dim), y, w: weights };
    // A few rows are enough to compare; what is planned for is all of them.
    const all = outputsOf(reduction, 10_000);
    const report = fastSum(reduction, { tolerance: 1e-9, weight: 'w' }).run({
      rows: 10_000,
      columns: 10_000,
      inputs: { ...inputs, x: y },
      out: all,
    });
    expect(report.method).toBe('chebyshev');
    expect(report.errorBound).toBeLessThanOrEqual(1e-9);
    const some = outputsOf(reduction, 300);
    defaultBackend().compile(reduction).run({ rows: 300, columns: 10_000, inputs, out: some });
    for (const { name } of reduction.outputs) {
      const error = some[name].reduce((most, value, i) => Math.max(most, Math.abs(value - all[name][i])), 0);
      expect(error).toBeLessThanOrEqual(report.errorBounds[name] + 1e-11);
    }
  });

  test('gives the same bits on every call and on both backends within the bounds', () => {
    const random = randomStream(randomKey('bits'));
    const points = randomPoints(random, 2, { rows: 900, columns: 900 });
    const reduction = valueAndGradient(gaussian(1), 2);
    const runs = [defaultBackend(), defaultBackend(), referenceBackend()].map((backend) => {
      const out = outputsOf(reduction, points.rows);
      const report = fastSum(reduction, { tolerance: 1e-7, weight: 'w', backend }).run({ ...points, out });
      return { out, report };
    });
    expect(runs[0].report.method).toBe('chebyshev');
    expect(runs[1].out).toEqual(runs[0].out);
    runs[2].out.value.forEach((value, i) => {
      expect(Math.abs(value - runs[0].out.value[i])).toBeLessThanOrEqual(2 * runs[0].report.errorBounds.value);
    });
  });

  test('takes uniforms, weights of 1, and outputs that are the memory of inputs', () => {
    const [x, y, c] = [f.row('x'), f.column('y'), f.uniform('c', 2)];
    const expression = f.exp(f.multiply(f.component(c, 0), f.negate(square(x, f.add(y, f.component(c, 1))))));
    const reduction: Reduction = { outputs: [{ name: 'value', expression, reduce: 'sum' }] };
    const random = randomStream(randomKey('uniforms'));
    const inputs = {
      x: Float64Array.from({ length: 1000 }, () => random.uniform()),
      y: Float64Array.from({ length: 1000 }, () => random.uniform()),
      c: Float64Array.of(2, 0.3),
    };
    const slow = outputsOf(reduction, 1000);
    defaultBackend().compile(reduction).run({ rows: 1000, columns: 1000, inputs, out: slow });
    const call = { rows: 1000, columns: 1000, inputs, out: { value: inputs.x } };
    const report = fastSum(reduction, { tolerance: 1e-8 }).run(call);
    expect(report).toMatchObject({ method: 'chebyshev', totalWeight: 1000 });
    slow.value.forEach((value, i) => {
      expect(Math.abs(value - inputs.x[i])).toBeLessThanOrEqual(report.errorBound + 1e-10);
    });
  });
});

describe('the sum is direct, with a reason,', () => {
  const random = randomStream(randomKey('direct'));
  const run = (kernel: (x: Expression, y: Expression) => Expression, dim: number, count = 400): FastSumReport => {
    const points = randomPoints(random, dim, { rows: count, columns: count });
    return compare(
      valueAndGradient(kernel, dim),
      { ...points, inputs: { ...points.inputs, y: points.inputs.x } },
      1e-6,
    );
  };

  test('in three dimensions', () => {
    expect(compareThree().reason).toMatch(/more than two coordinates/);
  });

  const compareThree = (): FastSumReport => {
    const reduction = valueAndGradient(gaussian(1), 3);
    const points = randomPoints(random, 3, { rows: 50, columns: 50 });
    return fastSum(reduction, { tolerance: 1e-6, weight: 'w' }).run({ ...points, out: outputsOf(reduction, 50) });
  };

  test.each<[string, RegExp, (x: Expression, y: Expression) => Expression]>([
    ['abs', /abs is not smooth/, (x, y) => f.exp(f.negate(f.abs(f.subtract(x, y))))],
    ['relu', /relu is not smooth/, (x, y) => f.relu(f.add(x, y))],
    ['min', /min is not smooth/, (x, y) => f.minimum(x, f.exp(f.multiply(x, y)))],
  ])('for %s', (_, reason, kernel) => {
    const reduction: Reduction = {
      outputs: [{ name: 'value', expression: f.multiply(w, kernel(f.row('x'), f.column('y'))), reduce: 'sum' }],
    };
    const points = randomPoints(random, 1, { rows: 40, columns: 40 });
    const [out, slow] = [outputsOf(reduction, 40), outputsOf(reduction, 40)];
    const report = fastSum(reduction, { tolerance: 1e-6, weight: 'w' }).run({ ...points, out });
    expect(report).toMatchObject({ method: 'direct', errorBound: Infinity });
    expect(report.reason).toMatch(reason);
    defaultBackend()
      .compile(reduction)
      .run({ ...points, out: slow });
    expect(out).toEqual(slow);
  });

  test('for a distance that vanishes', () => {
    const distance = f.norm(f.subtract(f.row('x', 2), f.column('y', 2)));
    const value = { name: 'value', expression: f.multiply(w, f.exp(f.negate(distance))), reduce: 'sum' } as const;
    const points = randomPoints(random, 2, { rows: 1000, columns: 1000 });
    const inputs = { ...points.inputs, y: points.inputs.x };
    expect(compare({ outputs: [value] }, { ...points, inputs }, 1e-6).reason).toMatch(/not proved analytic/);
  });

  test('for a pole between the points', () => {
    const inverse = f.divide(w, f.subtract(f.row('x'), f.column('y')));
    const reduction: Reduction = { outputs: [{ name: 'value', expression: inverse, reduce: 'sum' }] };
    const line = (from: number): Float64Array => Float64Array.from({ length: 1000 }, (_, i) => from + i / 1000);
    const inputs = { x: line(0), y: line(-0.5), w: line(1) };
    const across = fastSum(reduction, { tolerance: 1e-6, weight: 'w' }).run({
      rows: 1000,
      columns: 1000,
      inputs,
      out: outputsOf(reduction, 1000),
    });
    expect(across.reason).toMatch(/may be undefined/);
    expect(compare(reduction, { rows: 1000, columns: 1000, inputs: { ...inputs, y: line(3) } }, 1e-6).method).toBe(
      'chebyshev',
    );
  });

  test('for few points, and for a tolerance below rounding', () => {
    expect(run(gaussian(1), 1, 5).reason).toMatch(/less work/);
    const reduction = valueAndGradient(gaussian(1), 1);
    const points = randomPoints(random, 1, { rows: 2000, columns: 2000 });
    const kernel = fastSum(reduction, { tolerance: 1e-16, weight: 'w' });
    const report = kernel.run({ ...points, out: outputsOf(reduction, 2000) });
    expect(report.reason).toMatch(/rounding/);
    expect(report.errorBound).toBeGreaterThan(0);
    expect(report.errorBound).toBeLessThan(1e-9);
  });

  test('for formulas that separate exactly, other reducers, and weights that do not factor out', () => {
    expect(run((x, y) => f.cos(f.sum(f.subtract(x, y))), 2).reason).toMatch(/separate exactly/);
    const [x, y] = [f.row('x'), f.column('y')];
    const reason = (expression: Expression, reduce: 'sum' | 'max' = 'sum'): string | undefined =>
      fastSum({ outputs: [{ name: 'v', expression, reduce }] }, { tolerance: 1e-6, weight: 'w' }).run({
        rows: 1,
        columns: 1,
        inputs: { x: Float64Array.of(0), y: Float64Array.of(0), w: Float64Array.of(1) },
        out: { v: new Float64Array(1) },
      }).reason;
    expect(reason(f.multiply(w, f.exp(f.multiply(x, y))), 'max')).toMatch(/no sum but max/);
    expect(reason(f.exp(f.multiply(f.multiply(x, y), w)))).toMatch(/proportional to w/);
    expect(reason(f.exp(f.multiply(x, y)))).toMatch(/called w/);
  });

  test('for points, weights or uniforms that are not finite, as the direct sum has them', () => {
    const reduction = valueAndGradient(gaussian(1), 1);
    for (const [name, value] of [
      ['x', Number.NaN],
      ['y', Infinity],
      ['w', Number.NaN],
    ] as const) {
      const points = randomPoints(random, 1, { rows: 2000, columns: 2000 });
      points.inputs[name][7] = value;
      const [out, slow] = [outputsOf(reduction, 2000), outputsOf(reduction, 2000)];
      const report = fastSum(reduction, { tolerance: 1e-6, weight: 'w' }).run({ ...points, out });
      expect(report).toMatchObject({ method: 'direct', reason: 'a number is not finite', errorBound: Infinity });
      defaultBackend()
        .compile(reduction)
        .run({ ...points, out: slow });
      expect(out).toEqual(slow);
    }
  });

  test('without pairs', () => {
    const reduction = valueAndGradient(gaussian(1), 1);
    const inputs = { x: Float64Array.of(1), y: new Float64Array(0), w: new Float64Array(0) };
    const out = { value: Float64Array.of(7), gradient: Float64Array.of(7) };
    const report = fastSum(reduction, { tolerance: 1e-6, weight: 'w' }).run({ rows: 1, columns: 0, inputs, out });
    expect([out.value[0], out.gradient[0], report.errorBound]).toEqual([0, 0, 0]);
  });
});

test('points far from the origin, at one place, or on a line are summed within the bound', () => {
  const random = randomStream(randomKey('degenerate'));
  for (const [shift, width0, width1] of [
    [1e6, 1, 1],
    [0, 0, 1],
    [3, 0, 0],
    [1e3, 1e-3, 2],
  ]) {
    const y = Float64Array.from({ length: 4000 }, (_, i) => shift + (i % 2 === 0 ? width0 : width1) * random.uniform());
    const inputs = { x: y, y, w: Float64Array.from({ length: 2000 }, () => random.normal()) };
    const report = compare(valueAndGradient(gaussian(0.7), 2), { rows: 2000, columns: 2000, inputs }, 1e-7);
    expect(report.method).toBe('chebyshev');
  }
});

test('a sum of kernels in one coordinate each is summed on boxes of any shape', () => {
  const random = randomStream(randomKey('sum of kernels'));
  const along = (x: Expression, y: Expression, k: number): Expression =>
    f.subtract(f.component(x, k), f.component(y, k));
  const reduction = valueAndGradient(
    (x, y) => f.add(f.exp(f.negate(f.power(along(x, y, 0), 2))), f.tanh(along(x, y, 1))),
    2,
  );
  const cloud = (width: number): Float64Array =>
    Float64Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? width : 1 / width) * random.uniform());
  const inputs = { x: cloud(0.5), y: cloud(2), w: Float64Array.from({ length: 2000 }, () => random.normal()) };
  expect(compare(reduction, { rows: 2000, columns: 2000, inputs }, 1e-6).method).toBe('chebyshev');
});

test.each([1, 2])('powers of differences keep their digits far from the origin, d = %i', (dim) => {
  const random = randomStream(randomKey('powers'));
  const y = Float64Array.from({ length: 2000 * dim }, () => 1e4 + random.uniform());
  const inputs = { x: y, y, w: Float64Array.from({ length: 2000 }, () => random.uniform() / 2000) };
  for (const power of [1, 2]) {
    const reduction = valueAndGradient((a, b) => f.power(square(a, b), power), dim);
    // Multiplied out, x^2 - 2xy + y^2 would be off by 1e-8 here.
    const report = compare(reduction, { rows: 2000, columns: 2000, inputs }, 1e-10);
    expect(report.method).toBe('chebyshev');
    expect(report.errorBound).toBeLessThanOrEqual(1e-10);
  }
});

test('a tolerance that is no positive number is refused', () => {
  const reduction = valueAndGradient(gaussian(1), 1);
  for (const tolerance of [0, -1, Number.NaN, Infinity]) {
    expect(() => fastSum(reduction, { tolerance })).toThrow(/\[fastSum\] the tolerance is not usable/);
  }
});
