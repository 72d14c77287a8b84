import { describe, expect, test } from 'vitest';
import { evaluateFormula } from '../compute/evaluate.js';
import { parseFormula } from '../formula/parse.js';
import { erf } from '../math/special.js';
import { type FormulaUnit, networkUnit, scaledUnit, scalingFactor } from './units.js';

/** `Phi(x, u)` of a unit of two inputs at one point, all its outputs. */
const valuesOf = ({ formula, atom }: FormulaUnit, values: Record<string, number | number[]>): number[] => {
  const parts = Object.entries(atom).map(([name, size]) => [name, { role: 'row', size }] as const);
  const variables = { ...Object.fromEntries(parts), x: { role: 'column', size: 2 } as const };
  const expression = typeof formula === 'string' ? parseFormula(formula, { variables }) : formula;
  return [...evaluateFormula(expression, values)];
};

const x = [0.3, -1.2];
const w = [0.7, 0.4];
const z = 0.3 * 0.7 - 1.2 * 0.4;

describe('units of networks', () => {
  test.each<[string, (z: number) => number]>([
    ['relu', (t) => Math.max(0, t)],
    ['leaky-relu', (t) => Math.max(t, 0.01 * t)],
    ['squared-relu', (t) => Math.max(0, t) ** 2],
    ['sigmoid', (t) => 1 / (1 + Math.exp(-t))],
    ['tanh', Math.tanh],
    ['erf', erf],
    ['cos', Math.cos],
    ['z * sigmoid(z)', (t) => t / (1 + Math.exp(-t))],
    ['exp(-z^2)', (t) => Math.exp(-t * t)],
  ])('%s is the activation of its name, with and without bias, on both sides of 0', (activation, sigma) => {
    for (const b of [-0.2, 0.9]) {
      const biased = networkUnit({ activation, inputs: 2 });
      expect(valuesOf(biased, { x, w, b, a: -1.5 })[0]).toBeCloseTo(-1.5 * sigma(z + b), 15);
    }
    const plain = networkUnit({ activation, inputs: 2, bias: false });
    expect(Object.keys(plain.atom)).toEqual(['a', 'w']);
    expect(valuesOf(plain, { x, w, a: 2 })[0]).toBeCloseTo(2 * sigma(z), 15);
  });

  test('several outputs have a vector of output weights', () => {
    const unit = networkUnit({ activation: 'tanh', inputs: 2, outputs: 3 });
    expect([unit.atom, unit.outputs]).toEqual([{ a: 3, w: 2, b: 1 }, 3]);
    const values = valuesOf(unit, { x, w, b: 0.1, a: [1, -2, 0] });
    [1, -2, 0].forEach((a, c) => {
      expect(values[c]).toBeCloseTo(a * Math.tanh(z + 0.1), 15);
    });
  });

  test('a relu unit is 2-homogeneous in its atom; in the conic lift 1-homogeneous in what the sphere carries', () => {
    const r = 1.7;
    const unit = networkUnit({ activation: 'relu', inputs: 2 });
    const at = (scale: number): number =>
      valuesOf(unit, { x, w: w.map((v) => scale * v), b: 0.9 * scale, a: 0.6 * scale })[0];
    expect(at(r)).toBeCloseTo(r * r * at(1), 14);
    const conic = networkUnit({ activation: 'relu', inputs: 2, homogeneity: 2 });
    const on = (scale: number): number => valuesOf(conic, { x, w: w.map((v) => scale * v), b: 0.9 * scale, s: -1 })[0];
    expect(on(r)).toBeCloseTo(r * on(1), 14);
    expect(on(1)).toBeCloseTo(-at(1) / 0.6, 14);
  });

  test('scalings multiply the mean over n units: by 1, by the root of n, by n', () => {
    expect((['mean', 'square-root', 'sum'] as const).map((scaling) => scalingFactor(scaling, 16))).toEqual([1, 4, 16]);
    const unit = networkUnit({ activation: 'tanh', inputs: 2 });
    expect(scaledUnit(1, unit)).toBe(unit);
    const values = { x, w, b: 0.1, a: 2 };
    expect(valuesOf(scaledUnit(4, unit), values)[0]).toBeCloseTo(4 * valuesOf(unit, values)[0], 14);
    expect(() => scalingFactor('sum', 0)).toThrow(/\[scalingFactor\].*the width is not usable, got 0/);
  });

  test.each([
    [{ activation: 'rellu', inputs: 2 }, /did you mean relu/],
    [{ activation: 'norm2', inputs: 2 }, /the unit is not usable/],
    [{ activation: 'z +', inputs: 2 }, /ends too early/],
    [{ activation: 'z * q', inputs: 2 }, /"q" is unknown/],
    [{ activation: 'relu', inputs: 0 }, /0 inputs/],
    [{ activation: 'relu', inputs: 2, outputs: 1.5 }, /1.5 outputs/],
  ])('%o is refused', (options, message) => {
    expect(() => networkUnit(options)).toThrow(message);
  });
});
