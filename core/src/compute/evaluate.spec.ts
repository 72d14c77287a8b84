import { describe, expect, test } from 'vitest';
import * as f from '../formula/build.js';
import { compileFunction, evaluateFormula, pointFunction } from './evaluate.js';

const x = f.row('x', 2);
const y = f.column('y');
const t = f.uniform('t');
const formula = f.add(f.multiply(t, f.norm2(x)), f.exp(y));

describe('evaluation at a point', () => {
  test('gives the value whatever the roles, from numbers or components', () => {
    expect(evaluateFormula(formula, { x: [3, 4], y: 0, t: 2 })).toEqual(Float64Array.of(51));
    expect(evaluateFormula(f.multiply(y, x), { x: Float64Array.of(3, 4), y: 2 })).toEqual(Float64Array.of(6, 8));
    expect(evaluateFormula(f.constant(7), {})).toEqual(Float64Array.of(7));
    expect(evaluateFormula(f.broadcast(y, 3), { y: 5 })).toEqual(Float64Array.of(5, 5, 5));
  });

  test('says which variable has no fitting value', () => {
    expect(() => evaluateFormula(formula, { x: [1, 2], t: 1 })).toThrow(
      /the variable "y" has no fitting value, got nothing/,
    );
    expect(() => evaluateFormula(formula, { x: 3, y: 1, t: 1 })).toThrow(/"x" .* got 1 number, expected 2 numbers/);
    expect(() => evaluateFormula(f.add(f.row('z'), f.column('z')), { z: 1 })).toThrow(/stands for two things/);
  });

  test('a point function follows its inputs', () => {
    const point = pointFunction(formula);
    point.inputs.x.set([1, 2]);
    point.inputs.t[0] = 3;
    point.run();
    expect(point.value[0]).toBe(16);
    point.inputs.y[0] = 1;
    point.run();
    expect(point.value[0]).toBe(15 + Math.E);
  });

  test('two functions of one formula do not disturb each other', () => {
    const [one, two] = [pointFunction(formula), pointFunction(formula)];
    one.inputs.t[0] = 1;
    one.inputs.x[0] = 1;
    two.run();
    one.run();
    expect([one.value[0], two.value[0]]).toEqual([2, 1]);
  });
});

describe('a compiled function', () => {
  const variables = [
    { name: 'y', size: 1 },
    { name: 'unused', size: 2 },
    { name: 't', size: 1 },
    { name: 'x', size: 2 },
  ];
  const value = compileFunction(formula, variables);

  test('reads coordinates in the order of its variables, from an offset', () => {
    expect(value([0, 9, 9, 2, 3, 4])).toBe(51);
    expect(value(Float64Array.of(-1, 0, 9, 9, 2, 3, 4), 1)).toBe(51);
  });

  test('refuses short points, vectors and formulas with other variables', () => {
    expect(() => value([0, 9, 9, 2, 3])).toThrow(
      /the point is too short, got 5 numbers, offset 0, expected at least 6/,
    );
    expect(() => compileFunction(x, [{ name: 'x', size: 2 }])).toThrow(/the expression is a vector, got size 2/);
    expect(() => compileFunction(formula, variables.slice(0, 3))).toThrow(/"x" of size 2 is not a coordinate/);
    expect(() => compileFunction(formula, [...variables.slice(0, 3), { name: 'x', size: 3 }])).toThrow(/x \(3\)/);
  });
});
