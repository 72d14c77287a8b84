import { describe, expect, it } from 'vitest';
import { measure } from '../measure/createMeasure.js';
import { euclidean } from '../space/euclidean.js';
import { transportSides } from './sides.js';

const line = euclidean(1);
const mu = measure({ space: line, positions: [0, 1, 2], masses: [0.5, 0, 0.5] });

describe('transportSides', () => {
  it('drops atoms without mass and remembers where the others come from', () => {
    const [source] = transportSides('test', [mu, mu], { balanced: true });
    expect([source.count, ...source.positions, ...source.masses, ...source.atoms]).toEqual([2, 0, 2, 0.5, 0.5, 0, 2]);
  });

  it('makes balanced totals equal to rounding', () => {
    const nu = measure({ space: line, positions: [0, 1], masses: [0.5, 0.5 + 1e-10], kind: 'positive' });
    const [source, target] = transportSides('test', [mu, nu], { balanced: true });
    expect(target.masses[0] + target.masses[1]).toBeCloseTo(source.total, 15);
  });

  it('refuses different spaces, different totals and no mass where masses must match', () => {
    const heavy = measure({ space: line, positions: [0], masses: [2], kind: 'positive' });
    const empty = measure({ space: line, positions: [0], masses: [0], kind: 'positive' });
    const plane = measure({ space: euclidean(2), positions: [0, 0] });
    expect(() => transportSides('w2', [mu, plane], { balanced: true })).toThrow(/euclidean\(1\) with 3 atoms/);
    expect(() => transportSides('w2', [mu, heavy], { balanced: true })).toThrow(/1 \(2 atoms with mass\) and 2 \(1\)/);
    expect(() => transportSides('w2', [empty, empty], { balanced: true })).toThrow(/positive masses/);
    expect(transportSides('wfr', [mu, empty], { balanced: false })[1].count).toBe(0);
  });
});
