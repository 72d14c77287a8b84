import { describe, expect, test } from 'vitest';
import { type FormulaLossOptions, formulaLoss } from './formulaLoss.js';
import { hingeLoss, type Loss, logisticLoss, squareLoss } from './loss.js';

const places = [-3.1, -1, -0.2, 0, 0.7, 2.4];

describe('a loss by formula', () => {
  test.each<[string, Loss, FormulaLossOptions]>([
    ['square', squareLoss, { formula: '(f - y)^2 / 2' }],
    ['logistic', logisticLoss, { formula: 'softplus(-y * f)' }],
    ['hinge', hingeLoss, { formula: 'relu(1 - y * f)' }],
  ])('is the %s loss where it is written as one, with its derivative', (_, known, options) => {
    const loss = formulaLoss(options);
    for (const f of places) {
      for (const y of [-1, 1]) {
        expect(loss.value(f, y)).toBeCloseTo(known.value(f, y), 14);
        expect(loss.derivative(f, y)).toBeCloseTo(known.derivative(f, y), 14);
      }
    }
  });

  test.each([
    ['log(exp(f - y) + exp(y - f))', 1e-8],
    ['(f - y)^4 / 4 + abs(f - y)', 1e-6],
    ['max(0.9 * (y - f), 0.1 * (f - y))', 1e-8],
  ])('%s has the slope of its values as derivative', (formula, tolerance) => {
    const { value, derivative } = formulaLoss({ formula });
    for (const f of places) {
      const slope = (value(f + 1e-5, 0.5) - value(f - 1e-5, 0.5)) / 2e-5;
      expect(Math.abs(derivative(f, 0.5) - slope)).toBeLessThan(tolerance * (1 + Math.abs(slope)));
    }
  });

  test('convexity is proven by intervals where there are no corners, else sampled', () => {
    expect(formulaLoss({ formula: '(f - y)^2' }).convexity).toBe('proven');
    expect(formulaLoss({ formula: '(f - y)^4 + f' }).convexity).toBe('proven');
    expect(formulaLoss({ formula: 'exp(-y * f)', predictions: [-3, 3], targets: [-1, 1] }).convexity).toBe('proven');
    expect(formulaLoss({ formula: 'abs(f - y)' }).convexity).toBe('sampled');
  });

  test.each([
    ['a concave one', '-(f - y)^2'],
    ['a concave corner, whose second derivative is 0 where there is one', '-abs(f - y)'],
    ['a truncated one', 'min((f - y)^2, 1)'],
    ['one convex for some targets only', 'y * f^2'],
    ['a narrow dent', '(f - y)^2 + 2 * exp(-4 * (f - y - 3)^2)'],
    ['one that jumps', 'step(-y * f)'],
    ['one without f', 'y^2'],
    ['one that is no number', 'log(f)'],
  ])('%s is refused', (_, formula) => {
    expect(() => formulaLoss({ formula })).toThrow(/\[formulaLoss\] the formula is no convex loss/);
  });

  test('ranges state where it is used', () => {
    const loss = formulaLoss({ formula: 'y * f^2', targets: [0, 2], name: 'weighted' });
    expect([loss.name, loss.value(3, 2), loss.derivative(3, 2)]).toEqual(['weighted', 18, 12]);
    expect(formulaLoss({ formula: '-log(f)', predictions: [0.1, 1] }).derivative(0.5, 0)).toBeCloseTo(-2, 14);
  });

  test('a formula in other names is refused with its place', () => {
    expect(() => formulaLoss({ formula: '(g - y)^2' })).toThrow(/"g" is unknown/);
  });
});
