import { describe, expect, test } from 'vitest';
import { column, dot, multiply, row, tanh } from '../formula/build.js';
import { fillNormal, randomKey } from '../math/random.js';
import { linearFit } from '../math/slopes.js';
import { measure } from '../measure/createMeasure.js';
import { euclidean } from '../space/euclidean.js';
import { checkFirstVariation } from './checkFirstVariation.js';
import { allocateFirstVariation } from './checks.js';
import { losses } from './loss.js';
import type { Penalty } from './penalty.js';
import { type Risk, risk } from './risk.js';
import { networkUnit } from './units.js';

const normals = (n: number, seed: string): Float64Array => {
  const out = new Float64Array(n);
  fillNormal(out, randomKey(seed));
  return out;
};
const inputs = normals(30, 'inputs');
const targets = normals(15, 'targets');
const unit = networkUnit({ activation: 'tanh', inputs: 2 });
const mu = measure({ space: euclidean(4), positions: normals(20, 'atoms'), masses: [0.1, 0.3, 0.2, 0.25, 0.15] });
const variation = (energy: Risk) => {
  const out = allocateFirstVariation(mu.count, mu.dim);
  energy.firstVariationInto(out, mu);
  return out;
};
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 13): void => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], digits);
};

describe('losses', () => {
  test('derivatives are slopes of values, without overflow', () => {
    for (const loss of Object.values(losses)) {
      for (const y of [-1, 1]) {
        for (const f of [-3.2, -0.4, 0.3, 2.1]) {
          const h = 1e-6;
          expect(loss.derivative(f, y)).toBeCloseTo((loss.value(f + h, y) - loss.value(f - h, y)) / (2 * h), 8);
        }
      }
      expect(Number.isFinite(loss.value(-1e4, 1) + loss.derivative(1e4, -1))).toBe(true);
    }
    expect(losses.logistic.value(0, 1)).toBeCloseTo(Math.LN2, 15);
    expect([losses.hinge.value(0.25, 1), losses.hinge.derivative(1, 1), losses.square.value(3, 1)]).toEqual([
      0.75, 0, 2,
    ]);
  });
});

describe('risk', () => {
  test('prediction, risk and potential are their defining sums', () => {
    const energy = risk({ unit, inputs, targets, penalty: { kind: 'weightDecay', lambda: 0.2 } });
    const phi = (l: number, p: ArrayLike<number>, i: number): number =>
      p[i] * Math.tanh(p[i + 1] * inputs[2 * l] + p[i + 2] * inputs[2 * l + 1] + p[i + 3]);
    const f = Array.from(targets, (_, l) => mu.masses.reduce((sum, m, i) => sum + m * phi(l, mu.positions, 4 * i), 0));
    const predicted = new Float64Array(15);
    energy.predictInto(predicted, inputs, 15, mu);
    close(predicted, f);
    const decay = (p: ArrayLike<number>, i: number): number =>
      (p[i] ** 2 + p[i + 1] ** 2 + p[i + 2] ** 2 + p[i + 3] ** 2) / 2;
    const mean = f.reduce((sum, value, l) => sum + (value - targets[l]) ** 2 / 2, 0) / 15;
    expect(energy.meanLoss(mu)).toBeCloseTo(mean, 13);
    expect(energy.value(mu)).toBeCloseTo(
      mean + 0.2 * mu.masses.reduce((sum, m, i) => sum + m * decay(mu.positions, 4 * i), 0),
      13,
    );
    const point = Float64Array.of(0.3, -1, 0.5, 0.2);
    const v =
      f.reduce((sum, value, l) => sum + (value - targets[l]) * phi(l, point, 0), 0) / 15 + 0.2 * decay(point, 0);
    const out = new Float64Array(1);
    energy.potentialAt(out, point, 1, mu);
    expect(out[0]).toBeCloseTo(v, 13);
  });

  test('with equal masses 1/n, n times the gradient in one atom is grad V there', () => {
    const energy = risk({ unit, inputs, targets });
    const at = (positions: ArrayLike<number>) => measure({ space: euclidean(4), positions });
    const out = allocateFirstVariation(5, 4);
    energy.firstVariationInto(out, at(mu.positions));
    const h = 1e-6;
    for (let k = 0; k < 20; k++) {
      const shifted = (by: number): number => energy.value(at(mu.positions.map((x, j) => (j === k ? x + by : x))));
      expect((5 * (shifted(h) - shifted(-h))) / (2 * h)).toBeCloseTo(out.gradient[k], 7);
    }
  });

  test('text, expression in either reading and functions give the same risk', () => {
    const atom = { a: 1, w: 2 };
    const byText = risk({ unit: { formula: 'a*tanh(dot(w, x))', atom }, inputs, targets });
    const expression = multiply(row('a'), tanh(dot(row('w', 2), column('x', 2))));
    const byGraph = risk({ unit: { formula: expression, atom }, inputs, targets });
    const byFunction = risk({
      unit: {
        atom,
        value: (u, i, x, j) => u[i] * Math.tanh(u[i + 1] * x[j] + u[i + 2] * x[j + 1]),
        gradientInto(out, o, u, i, x, j) {
          const t = Math.tanh(u[i + 1] * x[j] + u[i + 2] * x[j + 1]);
          out[o] = t;
          for (let k = 0; k < 2; k++) out[o + 1 + k] = u[i] * (1 - t * t) * x[j + k];
        },
      },
      inputs,
      targets,
    });
    const nu = measure({ space: euclidean(3), positions: normals(12, 'other') });
    const [a, b, c] = [byText, byGraph, byFunction].map((energy) => {
      const out = allocateFirstVariation(4, 3);
      energy.firstVariationInto(out, nu);
      return { value: energy.value(nu), ...out };
    });
    expect(b).toEqual(a);
    expect(c.value).toBeCloseTo(a.value, 13);
    close(c.potential, a.potential);
    close(c.gradient, a.gradient);
    expect(checkFirstVariation(byFunction, nu)).toMatchObject({ holds: true });
  });

  test('the risk is convex along mixtures of measures', () => {
    const labels = targets.map((y) => (y > 0 ? 1 : -1));
    for (const loss of ['square', 'logistic', 'hinge'] as const) {
      const energy = risk({ unit, inputs, targets: labels, loss });
      const values = [0, 0.25, 0.5, 0.75, 1].map((t) =>
        energy.value(
          measure({
            space: mu.space,
            positions: mu.positions,
            masses: [0.5 * t, 0.5 * t, 0.5 - 0.5 * t, 0.5 - 0.5 * t, 0],
          }),
        ),
      );
      for (let k = 1; k < 4; k++) expect(values[k - 1] + values[k + 1] - 2 * values[k]).toBeGreaterThanOrEqual(-1e-14);
    }
  });

  test('a subset of rows is the risk of those rows, and rows in equal shares average to the whole', () => {
    const energy = risk({ unit, inputs, targets, penalty: { kind: 'mass', lambda: 0.1 } });
    const rows = Uint32Array.of(3, 7, 7, 0);
    const direct = risk({
      unit,
      inputs: Float64Array.from([...rows].flatMap((l) => [inputs[2 * l], inputs[2 * l + 1]])),
      targets: Float64Array.from(rows, (l) => targets[l]),
      penalty: { kind: 'mass', lambda: 0.1 },
    });
    const out = allocateFirstVariation(5, 4);
    energy.firstVariationOnRowsInto(out, mu, rows);
    expect(out).toEqual(variation(direct));
    expect(variation(energy.withRows(rows))).toEqual(out);
    expect(energy.withRows(rows).value(mu)).toBe(direct.value(mu));
    const average = allocateFirstVariation(5, 4);
    for (let part = 0; part < 3; part++) {
      energy.firstVariationOnRowsInto(
        out,
        mu,
        Uint32Array.from({ length: 5 }, (_, l) => 3 * l + part),
      );
      for (let i = 0; i < 5; i++) average.potential[i] += out.potential[i] / 3;
      for (let i = 0; i < 20; i++) average.gradient[i] += out.gradient[i] / 3;
    }
    close(average.potential, variation(energy).potential);
    close(average.gradient, variation(energy).gradient);
  });

  test('what a caller does to the data afterwards has no effect', () => {
    const mine = targets.slice();
    const energy = risk({ unit, inputs, targets: mine });
    const before = energy.value(mu);
    mine.fill(0);
    expect(energy.value(mu)).toBe(before);
  });

  test('data, labels, layouts and rows that do not fit are refused', () => {
    expect(() => risk({ unit, inputs, targets: new Float64Array(7) })).toThrow(/30 input numbers for 7 targets/);
    expect(() => risk({ unit, inputs: inputs.map((x, k) => (k === 4 ? Number.NaN : x)), targets })).toThrow(
      /inputs entry 4/,
    );
    expect(() => risk({ unit, inputs, targets, loss: 'logistic' })).toThrow(/not a label/);
    expect(() => risk({ unit: { formula: 'a*x', atom: { a: 0 } }, inputs: targets, targets })).toThrow(/layout/);
    expect(() => risk({ unit: { formula: 'c*x', atom: { a: 1 } }, inputs: targets, targets })).toThrow(/c/);
    expect(() => risk({ unit, inputs, targets, space: euclidean(3) })).toThrow(/euclidean\(3\)/);
    expect(() =>
      risk({ unit, inputs, targets }).firstVariationOnRowsInto(
        variation(risk({ unit, inputs, targets })),
        mu,
        Uint32Array.of(15),
      ),
    ).toThrow(/row 0.*15/);
    expect(() => risk({ unit, inputs, targets }).withRows([])).toThrow(/no rows/);
    expect(() => networkUnit({ activation: 'relu(', inputs: 1 })).toThrow(/activation/);
  });
});

describe('units and penalties', () => {
  test('lifts: relu in (a, w, b) is 2-homogeneous, the conic lift puts the size into the mass', () => {
    const first = risk({ unit: networkUnit({ activation: 'relu', inputs: 2 }), inputs, targets });
    const out = [new Float64Array(15), new Float64Array(15)];
    first.predictInto(out[0], inputs, 15, mu);
    first.predictInto(
      out[1],
      inputs,
      15,
      measure({ space: mu.space, positions: mu.positions.map((x) => 3 * x), masses: mu.masses }),
    );
    close(
      out[1],
      out[0].map((f) => 9 * f),
      12,
    );
    const conic = networkUnit({ activation: 'relu', inputs: 2, homogeneity: 2, bias: false });
    expect(conic).toEqual({ formula: 's * relu(dot(w, x))', atom: { s: 1, w: 2 } });
  });

  test('one input needs no vector', () => {
    const energy = risk({
      unit: networkUnit({ activation: 'relu', inputs: 1 }),
      inputs: Float64Array.of(-1, 2),
      targets: Float64Array.of(0, 1),
    });
    const one = measure({ space: euclidean(3), positions: [2, 1, -0.5] });
    const out = new Float64Array(2);
    energy.predictInto(out, Float64Array.of(-1, 2), 2, one);
    expect([...out]).toEqual([0, 3]);
  });

  test('penalties charge lambda int v dmu', () => {
    const none = risk({ unit, inputs, targets }).value(mu);
    const integral = (v: (i: number) => number): number => mu.masses.reduce((sum, m, i) => sum + m * v(4 * i), 0);
    const p = mu.positions;
    const table: readonly (readonly [Penalty, number])[] = [
      [{ kind: 'mass', lambda: 0.7 }, 0.7],
      [
        { kind: 'pathNorm', lambda: 2, inner: ['w'] },
        2 * integral((i) => Math.abs(p[i]) * Math.hypot(p[i + 1], p[i + 2])),
      ],
      [{ kind: 'pathNorm', lambda: 2 }, 2 * integral((i) => Math.abs(p[i]) * Math.hypot(p[i + 1], p[i + 2], p[i + 3]))],
      [{ kind: 'weightDecay', lambda: 1, parts: ['a', 'b'] }, integral((i) => (p[i] ** 2 + p[i + 3] ** 2) / 2)],
      [
        { kind: 'formula', lambda: 3, formula: 'a*dot(w, w)' },
        3 * integral((i) => p[i] * (p[i + 1] ** 2 + p[i + 2] ** 2)),
      ],
    ];
    for (const [penalty, expected] of table) {
      const energy = risk({ unit, inputs, targets, penalty });
      expect(energy.value(mu) - none, penalty.kind).toBeCloseTo(expected, 12);
      expect(checkFirstVariation(energy, mu), penalty.kind).toMatchObject({ holds: true });
    }
    expect(() => risk({ unit, inputs, targets, penalty: { kind: 'pathNorm', lambda: 1, inner: ['v'] } })).toThrow(
      /got v, expected one of a, w, b/,
    );
    expect(() => risk({ unit, inputs, targets, penalty: { kind: 'mass', lambda: -1 } })).toThrow(/lambda/);
  });

  test('the path norm has gradient 0 where a or w vanishes', () => {
    const energy = risk({ unit, inputs, targets, penalty: { kind: 'pathNorm', lambda: 1 } });
    const zero = measure({ space: euclidean(4), positions: [0, 0, 0, 0, 2, 0, 0, 0] });
    const out = allocateFirstVariation(2, 4);
    energy.firstVariationInto(out, zero);
    expect(out.gradient.every(Number.isFinite)).toBe(true);
  });

  test('gradient descent on the particles fits a plane to rounding of the problem', () => {
    // A linear unit: the risk is least squares, whose closed form the descent must reach.
    const x = Float64Array.of(-1, 0, 1, 2);
    const y = Float64Array.of(1.1, 2.9, 5.2, 6.8);
    const energy = risk({ unit: { formula: 'u*x + c', atom: { u: 1, c: 1 } }, inputs: x, targets: y });
    let positions = Float64Array.of(0.3, -0.2, 1, 0.5);
    for (let k = 0; k < 400; k++) {
      const out = allocateFirstVariation(2, 2);
      energy.firstVariationInto(out, measure({ space: euclidean(2), positions }));
      positions = positions.map((p, i) => p - 0.4 * out.gradient[i]);
    }
    const fit = linearFit(x, y);
    expect((positions[0] + positions[2]) / 2).toBeCloseTo(fit.slope, 10);
    expect((positions[1] + positions[3]) / 2).toBeCloseTo(fit.intercept, 10);
  });
});
