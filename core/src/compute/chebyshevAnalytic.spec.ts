import { expect, test } from 'vitest';
import * as f from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';
import { type RandomStream, randomKey, randomStream } from '../math/random.js';
import { analyticProgram, roughOperation } from './chebyshevAnalytic.js';

type Complex = readonly [re: number, im: number];

const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const inverse = ([a, b]: Complex): Complex => [a / (a * a + b * b), -b / (a * a + b * b)];
const exp = ([a, b]: Complex): Complex => [Math.exp(a) * Math.cos(b), Math.exp(a) * Math.sin(b)];
const log = ([a, b]: Complex): Complex => [Math.log(Math.hypot(a, b)), Math.atan2(b, a)];
const plus = ([a, b]: Complex, [c, d]: Complex): Complex => [a + c, b + d];
const scaled = (s: number, [a, b]: Complex): Complex => [s * a, s * b];
const sigmoid = (z: Complex): Complex => inverse(plus([1, 0], exp(scaled(-1, z))));

/** The power series, good to about 1e-9 for |z| <= 3. */
function erf(z: Complex): Complex {
  let term: Complex = z;
  let sum: Complex = z;
  for (let n = 1; n < 80; n++) {
    term = scaled(-1 / n, times(term, times(z, z)));
    sum = plus(sum, scaled(1 / (2 * n + 1), term));
  }
  return scaled(2 / Math.sqrt(Math.PI), sum);
}

const functions: Readonly<Record<string, (z: Complex) => Complex>> = {
  negate: (z) => scaled(-1, z),
  exp,
  log,
  sqrt: (z) => exp(scaled(0.5, log(z))),
  sin: ([a, b]) => [Math.sin(a) * Math.cosh(b), Math.cos(a) * Math.sinh(b)],
  cos: ([a, b]) => [Math.cos(a) * Math.cosh(b), -Math.sin(a) * Math.sinh(b)],
  tanh: (z) => plus(scaled(2, sigmoid(scaled(2, z))), [-1, 0]),
  sigmoid,
  softplus: (z) => log(plus([1, 0], exp(z))),
  erf,
};

/** The analytic value of a scalar graph, and the largest modulus met on the way. */
function complexValue(expression: Expression, at: Readonly<Record<string, Complex>>): { value: Complex; most: number } {
  const values = new Map<Expression, Complex>();
  let most = 0;
  for (const node of nodesOf(expression)) {
    let value: Complex;
    if (node.kind === 'constant') value = [node.value, 0];
    else if (node.kind === 'variable') value = at[node.variable.name];
    else {
      const [a, b] = node.args.map((arg) => values.get(arg) as Complex);
      if (node.operation === 'add') value = plus(a, b);
      else if (node.operation === 'subtract') value = plus(a, scaled(-1, b));
      else if (node.operation === 'multiply') value = times(a, b);
      else if (node.operation === 'divide') value = times(a, inverse(b));
      else if (node.operation === 'power') {
        const p = node.parameter as number;
        value = [1, 0];
        for (let k = 0; k < Math.abs(p); k++) value = times(value, a);
        if (!Number.isInteger(p)) value = exp(scaled(p, log(a)));
        else if (p < 0) value = inverse(value);
      } else value = functions[node.operation](a);
    }
    most = Math.max(most, Math.hypot(...value));
    values.set(node, value);
  }
  return { value: values.get(expression) as Complex, most };
}

const [x, y] = [f.row('x'), f.column('y')];
const unary = [f.negate, f.exp, f.log, f.sqrt, f.sin, f.cos, f.tanh, f.sigmoid, f.softplus, f.erf];

function formula(random: RandomStream, depth: number): Expression {
  if (depth === 0) return [x, y, x, y, f.constant(random.normal())][random.integer(5)];
  const kind = random.integer(8);
  const sub = (): Expression => formula(random, random.integer(depth));
  if (kind < 3) return unary[random.integer(unary.length)](sub());
  if (kind === 3) return f.power(sub(), [2, 2, 3, 5, -1, -2, 1.5][random.integer(7)]);
  if (kind === 4) return f.divide(sub(), f.add(2, f.power(sub(), 2)));
  return [f.add, f.subtract, f.multiply][kind - 5](sub(), sub());
}

test('no sampled modulus leaves the bound on rectangles of the complex plane', () => {
  const random = randomStream(randomKey('analytic'));
  let checked = 0;
  for (let i = 0; i < 4_000; i++) {
    const expression = formula(random, 1 + random.integer(4));
    if (expression.kind === 'constant') continue;
    const program = analyticProgram([expression]);
    const size = 2 ** -random.integer(6);
    program.inputs.forEach((_, k) => {
      for (const slot of [2 * k, 2 * k + 1]) {
        program.lower[slot] = (slot % 2 === 0 ? 1 : 0.3 * random.integer(3)) * random.normal();
        program.upper[slot] = program.lower[slot] + random.integer(3) * size * random.uniform();
      }
    });
    const bound = new Float64Array(1);
    program.boundInto(bound);
    if (bound[0] === Infinity) continue;
    for (let s = 0; s < 6; s++) {
      const draw = (slot: number): number => {
        const part = s < 3 ? random.integer(2) : random.uniform();
        return program.lower[slot] + part * (program.upper[slot] - program.lower[slot]);
      };
      const at = Object.fromEntries(program.inputs.map((name, k) => [name, [draw(2 * k), draw(2 * k + 1)] as const]));
      const { value, most } = complexValue(expression, at);
      // The series of erf is good for moderate arguments, and huge values in between leave nothing to compare.
      if (!(most < 3)) continue;
      checked++;
      const modulus = Math.hypot(...value);
      if (!(modulus <= bound[0] + 1e-8))
        throw new Error(`formula ${i} at ${JSON.stringify(at)}: ${modulus} > ${bound[0]}`);
    }
  }
  expect(checked).toBeGreaterThan(6_000);
});

test('poles and branch points inside a rectangle are seen', () => {
  const bound = (expression: Expression, re: [number, number], im: [number, number]): number => {
    const program = analyticProgram([expression]);
    [program.lower[0], program.upper[0]] = re;
    [program.lower[1], program.upper[1]] = im;
    const out = new Float64Array(1);
    program.boundInto(out);
    return out[0];
  };
  const runge = f.divide(1, f.add(1, f.power(x, 2)));
  const near = bound(runge, [-0.1, 0.1], [0, 0.9]);
  expect(near).toBeGreaterThanOrEqual(1 / (1 - 0.81));
  expect(near).toBeLessThan(1.5 / (1 - 0.81));
  expect(bound(runge, [-0.1, 0.1], [0, 1.1])).toBe(Infinity);
  expect(bound(f.sqrt(x), [-0.1, 1], [0, 0])).toBe(Infinity);
  expect(bound(f.log(x), [0.1, 1], [0, 1])).toBeLessThan(4);
  expect(bound(f.tanh(x), [-1, 1], [0, 0.7])).toBeLessThan(20);
  expect(bound(f.tanh(x), [-1, 1], [0, 1.6])).toBe(Infinity);
  const gauss = bound(f.exp(f.negate(f.power(x, 2))), [-1, 1], [0, 1]);
  expect(gauss).toBeGreaterThanOrEqual(Math.exp(1));
  expect(gauss).toBeLessThan(1.5 * Math.exp(1));
});

test('operations with kinks or jumps are named', () => {
  expect(roughOperation(f.exp(f.abs(f.subtract(x, y))))).toBe('abs');
  expect(roughOperation(f.add(f.tanh(x), f.minimum(x, y)))).toBe('min');
  expect(roughOperation(f.exp(x), f.sqrt(y))).toBe(undefined);
});
