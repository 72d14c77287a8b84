import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npyArray, parseNumericCsv, writeNpy } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { inFolder, muflow } from './testing/command.js';
import { told } from './testing/distance.js';

/** A folder with a weighted table, an array and a table of broken lines. */
const withFiles = (use: (at: (name: string) => string) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('a.csv'), 'x0,x1,mass\n0,0,0.25\n1,2,0.75\n');
    writeFileSync(at('b.npy'), writeNpy(npyArray(Float64Array.of(0, 1, 2, 2), [2, 2])));
    writeFileSync(at('heavy.csv'), 'x0,x1,mass\n0,0,1\n1,2,0.75\n');
    writeFileSync(at('line.csv'), '0\n1\n');
    writeFileSync(at('origin.csv'), 'x0,x1\n0,0\n');
    writeFileSync(at('nan.csv'), 'x0,x1\n0,1\n2,NaN\n');
    writeFileSync(at('minus.csv'), 'x0,x1,mass\n0,0,-0.25\n1,2,1.25\n');
    writeFileSync(at('three.npy'), writeNpy(npyArray(new Float64Array(8), [2, 2, 2])));
    await use(at);
  });

describe('muflow distance', () => {
  test('tells the distance, its square and its bracket in words', async () => {
    await withFiles(async (at) => {
      const { code, out, err } = await muflow('distance', 'w2', at('a.csv'), at('b.npy'));
      expect(code).toBe(0);
      // 1/4 from (0,0) to (0,1), 1/4 from (1,2) to (0,1), 1/2 from (1,2) to (2,2).
      expect(out).toMatch(
        /^Wasserstein distance of order 2\ndistance +1\.118\d+\nsquared +1\.25\d*\nbracket +\[1\.118/,
      );
      expect(err).toBe('w2 of 2 and 2 atoms\n');
    });
  });

  test('writes a plan with the marginals of both files, whose cost is the squared distance', async () => {
    await withFiles(async (at) => {
      const { code, out } = await muflow('distance', 'w2', at('a.csv'), at('b.npy'), '--plan', at('plan.csv'));
      expect(code).toBe(0);
      expect(out).toContain(`wrote ${at('plan.csv')}`);
      const { header, count, values } = parseNumericCsv(readFileSync(at('plan.csv'), 'utf8'));
      expect(header).toEqual(['from', 'to', 'mass', 'x0', 'x1', 'y0', 'y1']);
      const [leaving, arriving, cost] = [[0, 0], [0, 0], [0]];
      for (let k = 0; k < count; k++) {
        const [i, j, mass, x0, x1, y0, y1] = values.subarray(7 * k);
        leaving[i] += mass;
        arriving[j] += mass;
        cost[0] += mass * ((x0 - y0) ** 2 + (x1 - y1) ** 2);
      }
      [...leaving, ...arriving, ...cost].forEach((value, k) => {
        expect(Math.abs(value - [0.25, 0.75, 0.5, 0.5, 1.25][k])).toBeLessThan(1e-15);
      });
    });
  });

  test('the path of w2 moves every piece of the plan straight ahead', async () => {
    const path = (folder: string): string => join(folder, 'path.csv');
    await inFolder(async (folder) => {
      await told('w2', ['x\n0\n2\n', 'x\n4\n8\n'], '--geodesic', path(folder), '--times', '3');
      const { values } = parseNumericCsv(readFileSync(path(folder), 'utf8'));
      expect(Array.from(values)).toEqual(
        [
          [0, 0, 0.5],
          [0, 2, 0.5],
          [0.5, 2, 0.5],
          [0.5, 5, 0.5],
          [1, 4, 0.5],
          [1, 8, 0.5],
        ].flat(),
      );
    });
  });

  test('draws both measures, in the plane and on the line', async () => {
    await withFiles(async (at) => {
      expect((await muflow('distance', 'w2', at('a.csv'), at('b.npy'), '--out', at('plane.svg'))).code).toBe(0);
      expect(readFileSync(at('plane.svg'), 'utf8')).toMatch(/^<svg.*first measure.*second measure/s);
      expect((await muflow('distance', 'wfr', at('line.csv'), at('line.csv'), '--out', at('line.svg'))).code).toBe(0);
      expect(readFileSync(at('line.svg'), 'utf8')).toMatch(/^<svg.*first measure.*second measure/s);
    });
  });

  test('draws the path, in the plane with a legend of times, on the line against time', async () => {
    await withFiles(async (at) => {
      const draw = (kind: string, a: string, b: string, name: string) =>
        muflow('distance', kind, at(a), at(b), '--geodesic', at(name));
      expect((await draw('wfr', 'a.csv', 'b.npy', 'plane.svg')).code).toBe(0);
      expect(readFileSync(at('plane.svg'), 'utf8')).toMatch(/^<svg.*t = 0<.*t = 0\.25.*t = 0\.5.*t = 0\.75.*t = 1</s);
      expect((await draw('w2', 'line.csv', 'line.csv', 'line.svg')).code).toBe(0);
      // Two atoms at five times.
      expect(readFileSync(at('line.svg'), 'utf8').match(/<circle/g)).toHaveLength(10);
    });
  });

  test('fr matches atoms by their places, in any order, and adds up those at one place', async () => {
    await told('fr', ['x,mass\n0,0.1\n1,0.5\n2,0.4\n', 'x,mass\n2,0.4\n0,0.1\n1,0.25\n1,0.25\n']).then((document) =>
      expect(document.distance).toBeLessThan(1e-7),
    );
    const { distance } = await told('fr', ['x\n0\n', 'x\n1\n']);
    expect(Math.abs(distance - Math.PI)).toBeLessThan(1e-15);
  });

  test('the path of fr has the ends at its ends and the total 1 in between', async () => {
    await withFiles(async (at) => {
      writeFileSync(at('p.csv'), 'x0,x1,mass\n0,0,0.5\n2,2,0.5\n');
      const argv = ['distance', 'fr', at('a.csv'), at('p.csv'), '--geodesic', at('path.csv'), '--times', '5'];
      expect((await muflow(...argv)).code).toBe(0);
      const { header, count, values } = parseNumericCsv(readFileSync(at('path.csv'), 'utf8'));
      expect(header).toEqual(['t', 'x0', 'x1', 'mass']);
      const rows = Array.from({ length: count }, (_, k) => Array.from(values.subarray(4 * k, 4 * k + 4)));
      for (const t of [0, 0.25, 0.5, 0.75, 1]) {
        const total = rows.filter((row) => row[0] === t).reduce((sum, row) => sum + row[3], 0);
        expect(Math.abs(total - 1)).toBeLessThan(1e-14);
      }
      expect(rows.filter((row) => row[0] === 0)).toHaveLength(2);
    });
  });

  test('w2 by a cost: that of leaving the place is the total variation, and a squared distance that of w2', async () => {
    const ends = ['x,mass\n0,0.25\n1,0.5\n5,0.25\n', 'x,mass\n1,0.25\n0,0.375\n3,0.375\n'] as const;
    const { distance, lower, upper } = await told('w2', ends, '--cost', 'min(1, abs(x - y))');
    expect(distance).toBeCloseTo(0.5, 14);
    expect(lower <= 0.5 && 0.5 <= upper).toBe(true);
    const plain = await told('w2', ends);
    expect((await told('w2', ends, '--cost', '(x - y)^2')).distance).toBeCloseTo(plain.squared, 13);
    const entropic = await told('sinkhorn', ends, '--eps', '0.2');
    expect((await told('sinkhorn', ends, '--eps', '0.2', '--cost', '(x - y)^2')).distance).toBeCloseTo(
      entropic.squared,
      8,
    );
  });

  test('bures, gh and bl of two Diracs are known', async () => {
    const ends = ['x\n0\n', 'x\n0.5\n'] as const;
    expect((await told('bures', ends)).distance).toBe(0.5);
    expect((await told('bl', ends)).distance).toBe(0.5);
    // Of clouds on one line through the plane, whose covariances are singular, it is that of the line.
    const line = ['x,y\n0,0\n1,2\n', 'x,y\n1,2\n4,8\n'] as const;
    const { squared: flat, lower, upper } = await told('bures', line);
    const expected = 5 * (2 ** 2 + (1.5 - 0.5) ** 2);
    expect(flat).toBeCloseTo(expected, 6);
    expect(lower ** 2 <= expected && expected <= upper ** 2 && upper - lower < 1e-5).toBe(true);
    const { squared } = await told('gh', ends, '--rho', '2');
    expect(squared).toBeCloseTo(4 * -Math.expm1(-0.25 / 4), 13);
  });

  test('a torus is nearer across its seam', async () => {
    const near = await told('w2', ['x\n0.05\n', 'x\n0.95\n'], '--space', 'torus(1)');
    expect(Math.abs(near.distance - 0.1)).toBeLessThan(1e-15);
  });

  test.each([
    ['an unknown distance', ['w3', 'a.csv', 'b.npy'], /no such distance, got "w3".*did you mean w2/],
    ['a missing file', ['w2', 'none.csv', 'b.npy'], /cannot read the file, got .*ENOENT/],
    ['moments of different totals', ['bures', 'heavy.csv', 'b.npy'], /cannot be compared, got totals 1\.75 and 1/],
    ['moments on a torus', ['bures', 'line.csv', 'line.csv', '--space', 'torus(1)'], /torus\(1\).*expected.*Euclidean/],
    ['a third kind of file', ['w2', 'a.txt', 'b.npy'], /the kind of file is not known, got .*\.csv or \.npy/],
    ['different totals', ['w2', 'heavy.csv', 'b.npy'], /totals differ.*got 1\.75 \(2 atoms with mass\) and 1/],
    [
      'different dimensions',
      ['w2', 'line.csv', 'b.npy'],
      /different spaces, got euclidean\(1\) with 2 atoms and euclidean\(2\)/,
    ],
    ['a NaN', ['w2', 'a.csv', 'nan.csv'], /nan\.csv\] line 3, column x1 is no finite number, got "NaN"/],
    ['a negative mass', ['wfr', 'minus.csv', 'b.npy'], /minus\.csv\].*negative/],
    ['an array of three axes', ['w2', 'a.csv', 'three.npy'], /three\.npy\].*positions \(2, 2, 2\)/],
    [
      'a flag of another distance',
      ['w2', 'a.csv', 'b.npy', '--alpha', '2'],
      /w2 does not depend on it.*with wfr or fr/,
    ],
    ['a rate of zero', ['wfr', 'a.csv', 'b.npy', '--alpha', '0'], /--alpha\] the number is not usable, got "0"/],
    ['a direction of zero', ['sliced', 'a.csv', 'b.npy', '--directions', 'origin.csv'], /directions?.*got/],
    ['directions of a line', ['sliced', 'a.csv', 'b.npy', '--directions', 'line.csv'], /got 1 columns, expected 2/],
    ['a kernel that is no formula', ['mmd', 'a.csv', 'b.npy', '--kernel', 'exp(z)'], /the name "z" is unknown/],
    ['a kernel and a width', ['mmd', 'a.csv', 'b.npy', '--kernel', '1', '--width', '2'], /another kernel is given/],
    ['a cost and an exponent', ['w2', 'a.csv', 'b.npy', '--cost', '1', '--p', '2'], /another cost is given/],
    ['a cost that is no formula', ['w2', 'a.csv', 'b.npy', '--cost', 'x - z'], /the name "z" is unknown/],
    ['a path of a cost', ['w2', 'a.csv', 'b.npy', '--cost', '1', '--geodesic', 'p.csv'], /has not got a shortest path/],
    ['a path of mmd', ['mmd', 'a.csv', 'b.npy', '--geodesic', 'p.csv'], /mmd has not got a shortest path/],
    ['other paths', ['wfr', 'a.csv', 'b.npy', '--cone', 'signed'], /--cone\] there are no such measures/],
    ['entropy without its weight', ['sinkhorn', 'a.csv', 'b.npy'], /--eps\] the weight of the entropy is missing/],
    [
      'a divergence of different masses',
      ['sinkhorn', 'a.csv', 'b.npy', '--eps', '1', '--debiased', '--rho', '1'],
      /--debiased\].*got --rho 1/,
    ],
    ['a plan of fr', ['fr', 'a.csv', 'b.npy', '--plan', 'p.csv'], /fr has not got a plan/],
    ['a figure that is no .svg', ['w2', 'a.csv', 'b.npy', '--out', 'f.png'], /a name that ends in \.svg/],
    ['a path that is no table', ['w2', 'a.csv', 'b.npy', '--geodesic', 'p.txt'], /ends in \.csv or \.svg/],
    ['a space that is none', ['w2', 'a.csv', 'b.npy', '--space', 'ball(2)'], /got.*ball/],
    ['one time', ['fr', 'a.csv', 'b.npy', '--geodesic', 'g.csv', '--times', '1'], /--times\].*an integer >= 2/],
  ] as readonly [string, readonly string[], RegExp][])(
    '%s is one line on stderr and exit code 2',
    async (_, argv, message) => {
      await withFiles(async (at) => {
        const paths = argv.map((text) => (/\.\w{3}$/.test(text) ? at(text) : text));
        const { code, out, err } = await muflow('distance', ...paths);
        const last = err.replace(/^\w+ of \d+ and \d+ atoms\n/, '');
        expect(last).toMatch(message);
        expect(last).toMatch(/^\[[^\]]+\] .+, got .+, expected .+\. Fix: .+\n$/);
        expect([code, out]).toEqual([2, '']);
        expect(existsSync(at('p.csv')) || existsSync(at('f.png'))).toBe(false);
      });
    },
  );
});
