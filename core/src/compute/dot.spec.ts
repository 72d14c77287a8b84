import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as f from '../formula/build.js';
import { fillUniform, randomKey } from '../math/random.js';
import { referenceBackend } from './reference.js';

describe('dot products over lanes', () => {
  test('sum the components in their order, bit by bit, for every length', () => {
    const sizes = fc.integer({ min: 1, max: 23 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (d, rows, columns) => {
        const x = f.row('x', d);
        const y = f.column('y', d);
        const difference = f.subtract(x, y);
        const inputs = { x: new Float64Array(rows * d), y: new Float64Array(columns * d) };
        fillUniform(inputs.x, randomKey(d));
        fillUniform(inputs.y, randomKey('y'));
        const expressions = {
          plain: f.dot(x, y),
          left: f.dot(difference, y),
          right: f.dot(x, difference),
          square: f.norm2(difference),
        };
        const out = Object.fromEntries(Object.keys(expressions).map((name) => [name, new Float64Array(rows)]));
        const outputs = Object.entries(expressions).map(([name, expression]) => ({
          name,
          expression,
          reduce: 'sum' as const,
        }));
        referenceBackend().compile({ outputs }).run({ rows, columns, inputs, out });
        for (let i = 0; i < rows; i++) {
          const total = (term: (a: number, b: number) => number): number => {
            let sum = 0;
            for (let j = 0; j < columns; j++) {
              let inner = term(inputs.x[i * d], inputs.y[j * d]);
              for (let k = 1; k < d; k++) inner += term(inputs.x[i * d + k], inputs.y[j * d + k]);
              sum += inner;
            }
            return sum;
          };
          expect(out.plain[i]).toBe(total((a, b) => a * b));
          expect(out.left[i]).toBe(total((a, b) => (a - b) * b));
          expect(out.right[i]).toBe(total((a, b) => a * (a - b)));
          expect(out.square[i]).toBe(total((a, b) => (a - b) * (a - b)));
        }
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});
