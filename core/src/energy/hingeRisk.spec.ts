import { describe, expect, test } from 'vitest';
import { referenceBackend } from '../compute/reference.js';
import { wasmBackend } from '../compute/wasm/wasmBackend.js';
import { parseFormula } from '../formula/parse.js';
import { fillNormal, randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { euclidean } from '../space/euclidean.js';
import { allocateFirstVariation } from './checks.js';
import { readHingeUnit } from './hingeRisk.js';
import { risk } from './risk.js';
import { type FormulaUnit, networkUnit, scaledUnit } from './units.js';

const normals = (n: number, seed: string): Float64Array => {
  const out = new Float64Array(n);
  fillNormal(out, randomKey(seed));
  return out;
};

const units: Readonly<Record<string, FormulaUnit>> = {
  'a network': networkUnit({ activation: 'relu', inputs: 3 }),
  'without bias': networkUnit({ activation: 'relu', inputs: 3, bias: false }),
  scaled: scaledUnit(-2.5, networkUnit({ activation: 'relu', inputs: 3 })),
  'with its parts in another order': { formula: 'relu(c + dot(x, v)) * s', atom: { c: 1, s: 1, v: 3 } },
};

describe('the first variation of a rectified network by signs', () => {
  for (const [name, unit] of Object.entries(units)) {
    test(`is that of the reference along a path: ${name}`, () => {
      const [count, rows] = [70, 90];
      const dim = Object.values(unit.atom).reduce((sum, size) => sum + size, 0);
      const [inputs, targets] = [normals(3 * rows, 'inputs'), normals(rows, 'targets')];
      const backends = [wasmBackend(), referenceBackend()];
      const energies = backends.map((backend) =>
        risk({ unit, inputs, targets, backend, penalty: { kind: 'weightDecay', lambda: 0.01 } }),
      );
      const positions = normals(count * dim, 'atoms');
      const masses = normals(count, 'masses').map((z) => Math.exp(z));
      for (let step = 0; step < 5; step++) {
        const mu = measure({ space: euclidean(dim), kind: 'positive', positions, masses });
        const [ours, expected] = energies.map((energy) => {
          const out = allocateFirstVariation(count, dim);
          energy.firstVariationInto(out, mu);
          return [...out.potential, ...out.gradient];
        });
        const scale = Math.max(...expected.map(Math.abs));
        for (let k = 0; k < expected.length; k++) expect(Math.abs(ours[k] - expected[k])).toBeLessThan(1e-13 * scale);
        for (let k = 0; k < positions.length; k++) positions[k] -= 0.1 * expected[count + k];
      }
    });
  }

  test('a measure with an atom that is not finite gives what the sums pair by pair give', () => {
    const unit = networkUnit({ activation: 'relu', inputs: 3 });
    const energy = risk({ unit, inputs: normals(300, 'inputs'), targets: normals(100, 'targets') });
    const mu = measure({ space: euclidean(5), positions: normals(500, 'atoms') });
    const variation = (): number[] => {
      const out = allocateFirstVariation(100, 5);
      energy.firstVariationInto(out, mu);
      return [...out.potential, ...out.gradient];
    };
    const before = variation();
    const kept = mu.positions[7];
    mu.positions[7] = Number.NaN;
    expect(variation().some(Number.isNaN)).toBe(true);
    mu.positions[7] = kept;
    expect(variation()).toEqual(before);
  });

  test('other units are not read as such', () => {
    const parts = [
      { name: 'a', size: 1 },
      { name: 'w', size: 3 },
      { name: 'b', size: 1 },
    ];
    const variables = {
      a: { role: 'row' },
      w: { role: 'row', size: 3 },
      b: { role: 'row' },
      x: { role: 'column', size: 3 },
    } as const;
    const read = (text: string) => readHingeUnit(parseFormula(text, { variables }), parts, 3);
    expect(read('a*relu(dot(w, x) + b)')).toEqual({ factor: 1, output: 0, weights: 1, bias: 4, dim: 5 });
    for (const text of [
      'a*tanh(dot(w, x) + b)',
      'a*relu(dot(w, x))',
      'b*relu(dot(w, x) + b)',
      'a*relu(dot(w, w) + b)',
      'a*relu(dot(w, x) - b)',
      'a*relu(dot(w, x) + 1)',
      'a*b*relu(dot(w, x) + b)',
      'relu(dot(w, x) + b)',
      'a*relu(dot(w, x) + b)*relu(dot(w, x) + b)',
      'a*relu(dot(w, x) + b) + b',
      'a*relu(dot(w, x) + b + a)',
      'a*relu(2*dot(w, x) + b)',
    ]) {
      expect(read(text), text).toBeNull();
    }
  });
});
