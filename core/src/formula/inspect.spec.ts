import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formulaArbitrary } from '../testing/formulaArbitraries.js';
import * as f from './build.js';
import { dependsOn, nodesOf, rebuild, substitute, variablesOf } from './inspect.js';
import { parseFormula } from './parse.js';

const [x, y, s] = [f.row('x', 2), f.column('y', 2), f.row('s')];
const formulas = formulaArbitrary({ variables: [x, y, s] });

test('nodes come once each, arguments before what uses them', () => {
  fc.assert(
    fc.property(formulas, (expression) => {
      const order = nodesOf(expression);
      expect(new Set(order).size).toBe(order.length);
      expect(order.at(-1)).toBe(expression);
      for (const [k, node] of order.entries()) {
        if (node.kind === 'operation') for (const arg of node.args) expect(order.indexOf(arg)).toBeLessThan(k);
      }
    }),
    { seed: 10, numRuns: 200 },
  );
});

test('rebuilding a node from its own arguments gives the node', () => {
  fc.assert(
    fc.property(formulas, (expression) => {
      for (const node of nodesOf(expression))
        if (node.kind === 'operation') expect(rebuild(node, node.args)).toBe(node);
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('replacing nothing gives the same object; replacing there and back too', () => {
  const z = f.uniform('z');
  fc.assert(
    fc.property(formulas, (expression) => {
      expect(substitute(expression, new Map())).toBe(expression);
      const there = substitute(expression, new Map([[s, z]]));
      expect(dependsOn(there, s)).toBe(false);
      expect(substitute(there, new Map([[z, s]]))).toBe(expression);
    }),
    { seed: 12, numRuns: 300 },
  );
});

test('replacements happen at once, and identities are applied to what comes of them', () => {
  const swapped = substitute(
    f.subtract(f.sum(x), f.sum(y)),
    new Map([
      [x, y],
      [y, x],
    ]),
  );
  expect(swapped).toBe(f.subtract(f.sum(y), f.sum(x)));
  expect(substitute(f.multiply(s, f.norm2(x)), new Map([[s, f.constant(0)]]))).toBe(f.constant(0));
});

test('variables are listed once, by name, over all expressions', () => {
  expect(variablesOf(f.dot(x, y), f.multiply(s, f.sum(x))).map(({ name }) => name)).toEqual(['s', 'x', 'y']);
  expect(variablesOf(f.constant(1))).toEqual([]);
  expect(dependsOn(f.dot(x, y), x)).toBe(true);
  expect(dependsOn(f.multiply(0, s), s)).toBe(false);
});

test('the order of nodes depends on the structure only', () => {
  const text = 'exp(-norm2(x - y)) + s*dot(x, y)';
  const scope = {
    variables: { x: { role: 'row', size: 2 }, y: { role: 'column', size: 2 }, s: { role: 'row' } },
  } as const;
  const keys = nodesOf(parseFormula(text, scope)).map(({ key }) => key);
  const built = f.add(f.exp(f.negate(f.norm2(f.subtract(x, y)))), f.multiply(s, f.dot(x, y)));
  expect(nodesOf(built).map(({ key }) => key)).toEqual(keys);
});
