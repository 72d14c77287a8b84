import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as build from '../../formula/build.js';
import { row } from '../../formula/build.js';
import type { Expression } from '../../formula/expression.js';
import { wasmBackend } from './wasmBackend.js';

/** Arguments with correctly rounded values, computed with 200 bits. */
const vectors = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/elementary.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, readonly (readonly [number, number])[]>>;

const functions: Readonly<Record<string, (x: Expression) => Expression>> = {
  exp: build.exp,
  log: build.log,
  sin: build.sin,
  cos: build.cos,
  tanh: build.tanh,
  sigmoid: build.sigmoid,
  softplus: build.softplus,
  erf: build.erf,
};

const backend = wasmBackend();

function evaluate(apply: (x: Expression) => Expression, x: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  const outputs = [{ name: 'out', expression: apply(row('x')), reduce: 'sum' as const }];
  backend.compile({ outputs }).run({ rows: x.length, columns: 1, inputs: { x }, out: { out } });
  return out;
}

/** Distance in units in the last place of the exact value. */
function ulps(found: number, exact: number): number {
  if (Object.is(found, exact)) return 0;
  const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(exact))));
  return Math.abs(found - exact) / 2 ** (exponent - 52);
}

describe('elementary functions in two lanes', () => {
  test.each(Object.keys(functions))('%s is within 2 units in the last place', (name) => {
    const table = vectors[name];
    const values = evaluate(
      functions[name],
      Float64Array.from(table, ([x]) => x),
    );
    const worst = table
      .map(([x, exact], i) => ({ x, exact, found: values[i], error: ulps(values[i], exact) }))
      .reduce((a, b) => (b.error > a.error || Number.isNaN(b.error) ? b : a));
    expect(table.length).toBeGreaterThan(100);
    expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(2);
  });

  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  test.each([
    ['exp', Math.exp, [0, -0, inf, -inf, nan, 709.7, 710, 1000, -708, -740, -745.2, -746, -1e9, 1e-320]],
    ['log', Math.log, [0, -0, 1, inf, -inf, nan, -1, 5e-324, 1e-310, 2.2250738585072014e-308, 1.7976931348623157e308]],
    ['sin', Math.sin, [0, -0, inf, -inf, nan, 1e6, -3e15, 1e300, 1e-310]],
    ['cos', Math.cos, [0, -0, inf, -inf, nan, 1e6, -3e15, 1e300, 1e-310]],
    ['tanh', Math.tanh, [0, -0, inf, -inf, nan, 1e-310, -1e-300, 25, -710, 1e5]],
    ['erf', Math.sign, [0, -0, inf, -inf, nan, 6, -7, 1e300]],
    ['sigmoid', (x: number) => 1 / (1 + Math.exp(-x)), [0, -0, inf, -inf, nan, 40, -40, 1e4]],
    ['softplus', (x: number) => (x > 30 ? x : Math.log1p(Math.exp(x))), [0, -0, inf, -inf, nan, 1e3, -30]],
  ] as const)(
    '%s of zeros, infinities, NaN and the ends of its range is that of the language',
    (name, exact, points) => {
      const values = evaluate(functions[name], Float64Array.from(points));
      points.forEach((x, i) => {
        const wanted = exact(x);
        // A sum begins with 0, and 0 + (-0) is 0.
        if (Number.isFinite(wanted) && wanted !== 0)
          expect(ulps(values[i], wanted), `${name}(${x})`).toBeLessThanOrEqual(3);
        else expect(values[i], `${name}(${x})`).toBe(wanted === 0 ? 0 : wanted);
      });
    },
  );
});
