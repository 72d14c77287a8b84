import { createWorkbench, type StudyResult } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { plugin } from '../index.js';

const workbench = createWorkbench({ plugins: [plugin] });
const run = (id: string, params: unknown = {}): Promise<StudyResult> => workbench.runStudy(id, params, { seed: 1 });

const failing = ({ claims }: StudyResult): string[] =>
  claims
    .filter(({ verdict }) => verdict !== 'holds')
    .map(({ statement, prediction, measurement }) => `${statement}: ${measurement}, predicted ${prediction}`);

describe('at its default parameters', () => {
  test.each([
    ['zero-sum/penalty-kick', 8],
    ['zero-sum/double-well', 7],
    ['zero-sum/guessing', 4],
    ['zero-sum/formula-game', 5],
  ])('%s makes %i claims and all hold', async (id, count) => {
    const result = await run(id);
    expect(failing(result)).toEqual([]);
    expect(result.claims).toHaveLength(count);
    expect(result.figures.length).toBeGreaterThanOrEqual(2);
    expect(result.tables.length).toBeGreaterThanOrEqual(1);
    expect(result.notes?.length).toBeGreaterThanOrEqual(1);
  });
});

describe('penalty kick', () => {
  test('the table agrees: published, closed form and found by three dynamics', async () => {
    const [{ rows }] = (await run('zero-sum/penalty-kick', { steps: 2000, duration: 1000 })).tables;
    expect(rows.map(([method]) => method)).toEqual([
      'published',
      'closed form',
      'mirror-prox, last iterate',
      'Fisher-Rao flow, time average',
      'Hedge, average',
    ]);
    for (const [, kicker, goalkeeper] of rows) {
      expect(Math.abs(Number(kicker) - 38.54)).toBeLessThan(1);
      expect(Math.abs(Number(goalkeeper) - 41.99)).toBeLessThan(1);
    }
  });
});

describe('formula game', () => {
  const formula = (params: object): Promise<StudyResult> => run('zero-sum/formula-game', params);
  const last = ({ metrics }: StudyResult, name: string): number => metrics?.[name].at(-1) ?? Number.NaN;

  test('the guessing game by replicator on a grid: value 1, x in the middle, y at the ends', async () => {
    const params = { payoff: '(x - y)^2', x: '[-1,1]', y: '[-1,1]', dynamics: 'replicator', atoms: 11, steps: 300 };
    const result = await formula({ ...params, massStep: 0.3 });
    expect(failing(result)).toEqual([]);
    // The last iterate of the replicator circles, so only the bracket is asserted: it holds the value at every step.
    const { valueLower = [], valueUpper = [] } = result.metrics ?? {};
    expect(valueLower).not.toHaveLength(0);
    for (const [k, lower] of valueLower.entries()) {
      expect(lower).toBeLessThanOrEqual(1 + 1e-12);
      expect(valueUpper[k]).toBeGreaterThanOrEqual(1 - 1e-12);
    }
    const [x, y] = result.profiles?.replicator ?? [];
    const share = (mu: typeof x, near: (at: number) => boolean): number =>
      mu.masses.reduce((sum, mass, i) => sum + (near(mu.positions[i]) ? mass : 0), 0);
    expect(share(y, (at) => Math.abs(at) === 1)).toBeGreaterThan(0.99);
    expect(Math.abs(share(x, (at) => at > 0) - share(x, (at) => at < 0))).toBeLessThan(0.05);
  });

  test('a polynomial game with a pure equilibrium by mirror-prox: both masses gather at the known points', async () => {
    const params = { payoff: '2*y*x^2 - y^2 - x', x: '[-1,1]', y: '[-1,1]', atoms: 9, steps: 400 };
    const result = await formula({ ...params, massStep: 0.5, positionStep: 0.2 });
    expect(failing(result)).toEqual([]);
    expect(last(result, 'nikaidoIsoda')).toBeLessThan(1e-6);
    expect(last(result, 'valueLower')).toBeCloseTo(4 ** (-4 / 3) - 4 ** (-1 / 3), 5);
    const [x, y] = result.profiles?.['mirror-prox'] ?? [];
    const mean = (mu: typeof x): number => mu.masses.reduce((sum, mass, i) => sum + mass * mu.positions[i], 0);
    expect(mean(x)).toBeCloseTo(4 ** (-1 / 3), 3);
    expect(mean(y)).toBeCloseTo(4 ** (-2 / 3), 3);
  });

  test('a payoff that jumps runs by the replicator and is refused by the schemes that move atoms', async () => {
    const duel = { payoff: 'sign(y - x)', x: '[0,1]', y: '[0,1]', atoms: 5, steps: 60 };
    const result = await formula({ ...duel, dynamics: 'replicator', massStep: 0.5 });
    expect(failing(result)).toEqual([]);
    await expect(formula({ ...duel, dynamics: 'wfr' })).rejects.toThrow('use the replicator dynamics');
    await expect(formula({ ...duel, dynamics: 'mirror-prox' })).rejects.toThrow('use the replicator dynamics');
  });

  test('strategies on spheres and in squares give tables with one coordinate per axis, and no stems', async () => {
    const params = { payoff: 'x[0]*y[0] + x[1]*y[1]', x: 'sphere(2)', y: 'sphere(2)', atoms: 6, steps: 10 };
    const result = await formula(params);
    expect(result.figures.map(({ id }) => id)).toEqual(['error']);
    for (const [, at] of result.tables[0].rows) expect(String(at).split(', ')).toHaveLength(2);
  });

  test('wrong parameters are told with their place: a formula, a space, the name of a scheme', async () => {
    await expect(formula({ payoff: 'x +* y' })).rejects.toThrow('a value is missing at column 4');
    await expect(formula({ x: 'ring(1)' })).rejects.toThrow('ring');
    await expect(formula({ dynamics: 'replicater' })).rejects.toThrow('params.dynamics');
  });
});
