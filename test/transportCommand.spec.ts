import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseNumericCsv } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { inFolder, muflow } from '../apps/cli/src/testing/command.js';
import { csv, type Rows, told } from '../apps/cli/src/testing/distance.js';

interface Vector {
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expect: Readonly<Record<string, number>>;
}
const { vectors } = JSON.parse(readFileSync(new URL('./vectors/transport.json', import.meta.url), 'utf8')) as {
  readonly vectors: readonly Vector[];
};

/** Vectors that the command has been asked for. */
const asked = new Set<string>();
const found = (id: string): Vector => {
  asked.add(id);
  const vector = vectors.find((one) => one.id === id);
  if (vector === undefined) throw new Error(`no vector ${id}`);
  return vector;
};

/** The two tables of a vector: clouds, two Diracs, or masses on shared points. */
function tables({ input }: Vector, weighted = true): [string, string] {
  const { x, y, a, b, d, m0, m1, p, q } = input as Readonly<Record<string, never>>;
  if (d !== undefined) return [csv([[0]], [m0]), csv([[d]], [m1])];
  if (p !== undefined) {
    const places = (p as readonly number[]).map((_, i) => [i]);
    return [csv(places, p), csv(places, q)];
  }
  return weighted ? [csv(x, a), csv(y, b)] : [csv(x), csv(y)];
}

describe('muflow distance, on recorded values', () => {
  test.each([
    ['w2-3x4', 'w2', [], 'W2sq', 'W2', 1e-9],
    ['w2-assign-5', 'w2', [], 'W2sq', undefined, 1e-9],
    ['wfr-3x4-alpha4', 'wfr', ['--alpha', '4'], 'WFRsq', 'WFR', 1e-8],
    ['wfr-3x4-alpha1', 'wfr', [], 'WFRsq', 'WFR', 1e-8],
    ['wfr-3x4-prob', 'wfr', ['--alpha', '4'], 'WFRsq', 'WFR', 1e-8],
    ['wfr-dirac-d0.7-m1.0-1.0-alpha4', 'wfr', ['--alpha', '4'], 'WFRsq', 'WFR', 1e-9],
    ['wfr-dirac-d1.4-m0.3-1.2-alpha4', 'wfr', ['--alpha', '4'], 'WFRsq', 'WFR', 1e-9],
    ['wfr-dirac-d2.0-m0.5-2.0-alpha4', 'wfr', ['--alpha', '4'], 'WFRsq', 'WFR', 1e-9],
    ['wfr-dirac-d0.4-m0.5-2.0-alpha16', 'wfr', ['--alpha', '16'], 'WFRsq', 'WFR', 1e-9],
    ['wfr-3x4-prob', 'wfr', ['--alpha', '4', '--cone', 'probability'], undefined, 'SHK', 1e-8],
    ['sliced-3x4', 'sliced', ['--directions', 'all'], 'SW2sq_full_circle', undefined, 1.3e-7],
    ['mmd-3x4', 'mmd', ['--width', '0.8'], 'MMDsq_weighted', undefined, 1e-9],
    ['mmd-3x4', 'energy', [], 'energy_sq_weighted', undefined, 1e-9],
    ['sinkhorn-3x4-eps1.0', 'sinkhorn', ['--eps', '1'], 'OT_eps_KL', undefined, 1e-9],
    ['sinkhorn-3x4-eps0.1', 'sinkhorn', ['--eps', '0.1'], 'OT_eps_KL', undefined, 1e-9],
    ['sinkhorn-3x4-eps1.0', 'sinkhorn', ['--eps', '1', '--debiased'], 'divergence', undefined, 1e-9],
    // The recorded divergence is itself 6.3e-9 from the fixed point: see sinkhorn.spec.ts.
    [
      'sinkhorn-3x4-eps0.1',
      'sinkhorn',
      ['--eps', '0.1', '--debiased', '--tol', '1e-12'],
      'divergence',
      undefined,
      1e-8,
    ],
    ['uot-3x4-eps0.1-rho1.0', 'sinkhorn', ['--eps', '0.1', '--rho', '1'], 'value', undefined, 1e-9],
    ['uot-3x4-eps0.5-rho0.5', 'sinkhorn', ['--eps', '0.5', '--rho', '0.5'], 'value', undefined, 1e-9],
    ['fr-prob-4', 'fr', [], undefined, 'FR_P', 1e-9],
    ['fr-prob-4', 'fr', ['--cone', 'positive'], undefined, 'FR_Mplus', 1e-9],
    ['fr-mplus-4', 'fr', [], undefined, 'FR_Mplus', 1e-12],
  ] as readonly [string, string, readonly string[], string | undefined, string | undefined, number][])(
    '%s by %s %j',
    async (id, kind, flags, squared, distance, tolerance) => {
      const vector = found(id);
      const document = await told(kind, tables(vector, vector.input.a !== undefined), ...flags);
      if (squared) expect(Math.abs(document.squared - vector.expect[squared])).toBeLessThan(tolerance);
      if (distance) expect(Math.abs(document.distance - vector.expect[distance])).toBeLessThan(tolerance);
    },
  );

  test.each([
    [[], 'MMDsq_uniform_biased'],
    [['--unbiased'], 'MMDsq_uniform_unbiased'],
    [['--kernel', 'exp(-norm2(x - y) / 1.28)'], 'MMDsq_uniform_biased'],
  ] as readonly [readonly string[], string][])('mmd-3x4 with equal masses, %j is its %s', async (flags, key) => {
    const vector = found('mmd-3x4');
    const width = flags[0] === '--kernel' ? [] : ['--width', '0.8'];
    const { squared } = await told('mmd', tables(vector, false), ...width, ...flags);
    expect(Math.abs(squared - vector.expect[key])).toBeLessThan(1e-9);
  });

  test('sliced-3x4 by sliced, along the directions of a file', async () => {
    const vector = found('sliced-3x4');
    await inFolder(async (folder) => {
      const path = join(folder, 'directions.csv');
      writeFileSync(path, csv(vector.input.directions as Rows));
      const { squared } = await told('sliced', tables(vector), '--directions', path);
      expect(Math.abs(squared - vector.expect.SW2sq_mean)).toBeLessThan(1e-9);
    });
  });

  test.each([
    ['sinkhorn-3x4-eps1.0', []],
    ['uot-3x4-eps0.5-rho0.5', ['--rho', '0.5']],
    ['w2-3x4', []],
  ] as readonly [string, readonly string[]][])('%s has the plan recorded', async (id, flags) => {
    await inFolder(async (folder) => {
      const vector = found(id);
      const path = join(folder, 'plan.csv');
      const eps = vector.input.eps === undefined ? [] : ['--eps', String(vector.input.eps)];
      await told(eps.length > 0 ? 'sinkhorn' : 'w2', tables(vector), ...eps, ...flags, '--plan', path);
      const { header, count, values } = parseNumericCsv(readFileSync(path, 'utf8'));
      const plan = (vector.expect as unknown as { readonly plan: Rows }).plan.map((row) => row.slice());
      for (let k = 0; k < count; k++) {
        const [i, j, mass] = values.subarray(header.length * k);
        plan[i][j] -= mass;
      }
      expect(Math.max(...plan.flat().map(Math.abs))).toBeLessThan(1e-9);
    });
  });

  test('wfr-geodesic-dirac: the path of two Diracs at three times', async () => {
    const { input, expect: expected } = found('wfr-geodesic-dirac');
    await inFolder(async (folder) => {
      const path = join(folder, 'path.csv');
      const flags = ['--alpha', String(input.alpha), '--geodesic', path, '--times', '5'];
      const { distance } = await told('wfr', tables(found('wfr-geodesic-dirac')), ...flags);
      expect(Math.abs(distance - expected.WFR)).toBeLessThan(1e-9);
      const { values } = parseNumericCsv(readFileSync(path, 'utf8'));
      const points = expected.points as unknown as readonly { t: number; mass: number; position: number }[];
      expect(points).toHaveLength(3);
      for (const { t, mass, position } of points) {
        const row = values.subarray(3 * 4 * t);
        expect(row[0]).toBe(t);
        expect(Math.abs(row[1] - position)).toBeLessThan(1e-9);
        expect(Math.abs(row[2] - mass)).toBeLessThan(1e-9);
      }
    });
  });
});

describe('muflow distance bures', () => {
  test('bures-2d: of clouds with the mean and covariance of two laws, m and m +- sqrt(2) L_k for L L^T = S', async () => {
    const { input, expect: expected } = found('bures-2d');
    const { m0, m1, S0, S1 } = input as Readonly<Record<string, never>>;
    const cloud = (m: readonly number[], [[a, b], [, c]]: Rows): string => {
      const columns = [
        [Math.sqrt(a), b / Math.sqrt(a)],
        [0, Math.sqrt(c - (b * b) / a)],
      ];
      const at = (sign: number) => (L: readonly number[]) => L.map((l, k) => m[k] + sign * Math.SQRT2 * l);
      return csv([...columns.map(at(1)), ...columns.map(at(-1))]);
    };
    const { squared } = await told('bures', [cloud(m0, S0), cloud(m1, S1)]);
    expect(Math.abs(squared - expected.W2sq)).toBeLessThan(1e-9);
  });
});

/** Where the atoms of a config end, and their masses: rows of mass and place, the heaviest first. */
async function endOf(energy: object, metric: object, initial: object, plan: object): Promise<readonly number[][]> {
  return inFolder(async (folder) => {
    const path = join(folder, 'config.json');
    const named = (id: string, params: object) => ({ id, params });
    const problem = {
      energy: named('potential', energy),
      metric: named('alpha' in metric ? 'wasserstein-fisher-rao' : 'fisher-rao', metric),
      initial: named('diracs', initial),
    };
    writeFileSync(path, JSON.stringify({ problem, ...plan }));
    const { code, out } = await muflow('run', path, '--json');
    expect(code).toBe(0);
    return JSON.parse(out).tables[1].rows;
  });
}

describe('muflow run, on recorded values', () => {
  const numbers = ({ input }: Vector) => input as Readonly<Record<string, never>>;

  test('flow-wfr-quadratic', async () => {
    const vector = found('flow-wfr-quadratic');
    const { alpha, T: maxTime, x0, m0 } = numbers(vector);
    const [[mass, ...place]] = await endOf(
      { potential: 'norm2(x)/2', dim: 2 },
      { alpha },
      { points: [x0], masses: [m0], kind: 'positive' },
      { stepper: { id: 'dopri5-adaptive', params: { rtol: 1e-11, atol: 1e-12 } }, dt: 0.01, maxTime },
    );
    const { x, m } = vector.expect as unknown as { readonly x: readonly number[]; readonly m: number };
    [mass, ...place].forEach((value, k) => {
      expect(Math.abs(value - [m, ...x][k])).toBeLessThan(1e-9);
    });
  });

  test.each([
    ['prox-kl-linear', 'kl', 'positive', 'w_Mplus'],
    ['prox-kl-linear', 'kl', 'probability', 'w_P'],
    ['prox-hellinger-linear', 'hellinger', 'positive', 'w_Mplus'],
  ])('%s by one %s mirror step of a %s measure', async (id, divergence, kind, key) => {
    const vector = found(id);
    const { w0, V, alphaTau } = numbers(vector) as unknown as { w0: number[]; V: number[]; alphaTau: number };
    // Newton's form of the cubic through (k, V_k).
    const [a, b, c, d] = V;
    const potential = `${a} + x*(${b - a}) + x*(x-1)*(${(c - 2 * b + a) / 2}) + x*(x-1)*(x-2)*(${(d - 3 * c + 3 * b - a) / 6})`;
    const rows = await endOf(
      { potential, dim: 1 },
      {},
      { points: w0.map((_, k) => [k]), masses: w0, kind },
      { stepper: { id: 'mirror', params: { divergence } }, dt: alphaTau, maxSteps: 1 },
    );
    const expected = vector.expect[key] as unknown as readonly number[];
    expect(rows).toHaveLength(4);
    for (const [mass, place] of rows) expect(Math.abs(mass - expected[place])).toBeLessThan(1e-12);
  });
});

test('the command reaches every recorded value but the closed form of a JKO step of a density', () => {
  // Of particles the entropy is infinite, so that a command on atoms has no such step; see jko.spec.ts.
  const others = vectors.map(({ id }) => id).filter((id) => !asked.has(id));
  expect(others).toEqual(['jko-ou-1d']);
});
