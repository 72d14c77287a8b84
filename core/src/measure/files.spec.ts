import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import numpy from '../../../test/vectors/numpy.json' with { type: 'json' };
import { randomKey, uniformAt } from '../math/random.js';
import { euclidean } from '../space/euclidean.js';
import { torus } from '../space/torus.js';
import { measure } from './createMeasure.js';
import { parseCsv, parseNumericCsv, writeCsv } from './csv.js';
import type { Measure } from './measure.js';
import { measureFromCsv, measureFromNpz, measureToCsv, measureToNpz, profileFromNpz } from './measureFiles.js';
import { npyArray } from './npy.js';
import { writeNpz } from './npz.js';

const bitsOf = (mu: Measure): unknown[] => [mu.kind, mu.nextId, mu.positions, mu.logMasses, mu.ids];
const anyMeasure = fc
  .record({
    atoms: fc.array(
      fc.tuple(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.double(),
        fc.double({ min: -2000, max: 5, noNaN: true }),
      ),
      { minLength: 1, maxLength: 6 },
    ),
    nextId: fc.integer({ min: 10, max: 2 ** 32 }),
  })
  .map(({ atoms, nextId }) =>
    measure({
      space: euclidean(2),
      kind: 'positive',
      positions: atoms.flatMap(([x, y]) => [x, Number.isFinite(y) ? y : 0]),
      logMasses: atoms.map(([, , logMass]) => logMass),
      nextId,
    }),
  );

describe('measures as npz', () => {
  property.prop([anyMeasure], { seed: 31 })('come back bit for bit', async (mu) => {
    const back = await measureFromNpz(measureToNpz(mu));
    expect(bitsOf(back)).toEqual(bitsOf(mu));
    expect(back.space.name).toBe('euclidean(2)');
  });

  test('of kind probability come back bit for bit, also where normalizing twice moves a bit', async () => {
    const key = randomKey(35);
    let moved = 0;
    for (let n = 1; n <= 60; n++) {
      const masses = Array.from({ length: n }, (_, i) => Math.exp(10 * uniformAt(key, n, i)));
      const total = masses.reduce((sum, mass) => sum + mass, 0);
      const positions = Array.from({ length: n }, (_, i) => i / n);
      const mu = measure({ space: torus(1), positions, masses: masses.map((mass) => mass / total) });
      expect(bitsOf(await measureFromNpz(measureToNpz(mu), { space: torus(1) }))).toEqual(bitsOf(mu));
      const again = measure({ space: torus(1), positions, logMasses: mu.logMasses });
      if (again.logMasses.some((logMass, i) => logMass !== mu.logMasses[i])) moved++;
    }
    expect(moved).toBeGreaterThan(0);
  });

  test('of several players come back as the same profile', async () => {
    const profile = [
      measure({ space: torus(1), positions: [0.25, 0.5] }),
      measure({ space: euclidean(2), positions: [1, 2], kind: 'positive', masses: [3] }),
    ];
    const back = await profileFromNpz(measureToNpz(profile), [torus(1), euclidean(2)]);
    expect(back.map(bitsOf)).toEqual(profile.map(bitsOf));
    await expect(profileFromNpz(measureToNpz(profile), [torus(1)])).rejects.toThrow(/got 2 players, expected 1/);
    expect(await profileFromNpz(measureToNpz(profile[0]), [torus(1)])).toHaveLength(1);
  });

  test('written by NumPy are read, compressed or not', async () => {
    for (const name of ['stored', 'deflated'] as const) {
      const mu = await measureFromNpz(new Uint8Array(Buffer.from(numpy.files[name], 'base64')));
      expect([mu.count, mu.dim, mu.kind, mu.masses[2]]).toEqual([3, 2, 'probability', expect.closeTo(0.5, 15)]);
    }
  });

  test('of one axis are points of the line', async () => {
    const mu = await measureFromNpz(writeNpz({ positions: npyArray(Int32Array.of(1, 2, 3)) }));
    expect([mu.dim, Array.from(mu.positions)]).toEqual([1, [1, 2, 3]]);
  });

  test('that do not fit are refused with their shape', async () => {
    const file = (arrays: Parameters<typeof writeNpz>[0]) => measureFromNpz(writeNpz(arrays), { space: torus(1) });
    const two = Float64Array.of(0.5, 0.25);
    await expect(file({ masses: npyArray(two) })).rejects.toThrow(/no array positions, got arrays masses/);
    await expect(file({ positions: npyArray(two, [1, 2]) })).rejects.toThrow(/positions \(1, 2\), expected \(n, 1\)/);
    await expect(file({ positions: npyArray(two, [2, 1, 1]) })).rejects.toThrow(/\(2, 1, 1\)/);
    await expect(file({ positions: npyArray(two), masses: npyArray(two) })).rejects.toThrow(/a sum of 0\.75/);
  });
});

describe('measures as csv', () => {
  property.prop([anyMeasure], { seed: 32 })('keep every position and mass exactly', (mu) => {
    const back = measureFromCsv(measureToCsv(mu), { kind: 'positive' });
    expect(Array.from(back.positions)).toEqual(Array.from(mu.positions));
    back.masses.forEach((mass, i) => {
      expect(Math.abs(mass - mu.masses[i])).toBeLessThanOrEqual(1e-12 * mu.masses[i]);
    });
  });

  test.each([
    ['plain', 'x0,mass\n0,0.25\n1,0.75\n'],
    ['a byte order mark and CRLF', '\uFEFFx0,mass\r\n0,0.25\r\n1,0.75\r\n'],
    ['old line ends and no last one', 'x0,mass\r0,0.25\r1,0.75'],
    ['quotes, spaces and blank lines at the end', ' "x0" , "mass"\n "0" ,.25\n+1e0, "75e-2" \n\n\n'],
    ['the bytes of the text', new TextEncoder().encode('\uFEFFx0,Mass\n0,0.25\n1,0.75\n')],
  ])('are read from %s', (_, text) => {
    const mu = measureFromCsv(text);
    expect([mu.count, mu.dim, Array.from(mu.positions)]).toEqual([2, 1, [0, 1]]);
    expect(mu.masses[1]).toBeCloseTo(0.75, 15);
  });

  test('without masses or header have equal masses', () => {
    for (const text of ['a,b\n1,2\n3,4\n', '1,2\n3,4']) {
      const mu = measureFromCsv(text);
      expect([Array.from(mu.positions), mu.masses[0]]).toEqual([[1, 2, 3, 4], expect.closeTo(0.5, 15)]);
    }
  });

  const cases: readonly [string, string | Uint8Array, RegExp][] = [
    ['nothing', '', /table is empty/],
    ['only blank lines', '\n\n', /table is empty/],
    ['only a header', 'x0,mass\n', /no rows, got columns x0, mass, 0 rows/],
    ['a ragged row', 'x,y\n1,2\n1,2,3\n', /line 3 has another number of columns.*got 3 columns, expected 2 \(x, y\)/],
    ['a row cut by a trailing comma', 'x,y\n1,2,\n', /line 2.*got 3 columns/],
    ['a blank row inside', 'x,y\n1,1\n\n2,2\n', /line 3 is blank, got 0 columns, expected 2/],
    ['a blank row inside one column', 'x\n1\n\n2\n', /line 3, column x is empty/],
    ['NaN', 'x,y\n1,2\n3,NaN\n', /line 3, column y is no finite number, got "NaN"/],
    ['an infinite number', 'x\n1\n1e999\n', /line 3, column x.*"1e999"/],
    ['a number in another base', 'x\n0x10\n', /line 2, column x.*"0x10"/],
    ['an empty field', 'x,y\n1,\n', /line 2, column y is empty/],
    ['words', 'x,y\n1,left\n', /line 2, column y.*"left"/],
    ['words in a table without header', '1,2\n3,four\n', /line 2, column x1.*"four"/],
    ['semicolons', 'x;y\n1;2\n', /separated by commas/],
    ['a quote never closed', 'x\n"1\n2\n', /never closed \(line 2\)/],
    ['text after a quote', 'x\n"1"2\n', /text follows a closed quote \(line 2\)/],
    ['a column twice', 'x,x\n1,2\n', /column x is there twice/],
    ['a column without name', 'x,,mass\n1,2,1\n', /column 2 has no name/],
    ['the mass first', 'mass,x\n1,2\n', /not the last column/],
    ['nothing but masses', 'mass\n1\n', /not the last column/],
    ['masses that do not sum to 1', 'x,mass\n1,0.5\n', /a sum of 0\.5/],
    ['another encoding', Uint8Array.of(0xff, 0xfe, 0x78, 0x00), /not text in UTF-8/],
  ];
  test.each(cases)('%s is refused with its place', (_, text, message) => {
    expect(() => measureFromCsv(text)).toThrow(message);
  });
});

describe('tables', () => {
  const word = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é'), minLength: 1, maxLength: 6 });
  property.prop([fc.array(fc.tuple(word, word), { minLength: 1 })], { seed: 33 })('of any text come back', (rows) => {
    const { rows: back } = parseCsv(writeCsv(['one', 'two'], rows));
    expect(back).toEqual(rows);
  });

  test('count lines through line breaks in quotes', () => {
    expect(parseCsv('name,x\n"a\nb",1\n"c\r\nd",2\n').lines).toEqual([2, 4]);
    expect(() => parseNumericCsv('x,y\n"1\n",2\n')).toThrow(/line 2, column x/);
  });

  property.prop([fc.float64Array({ minLength: 1, noNaN: true, noDefaultInfinity: true })], { seed: 34 })(
    'of numbers keep every bit, the sign of zero included',
    (values) => {
      const text = writeCsv(
        ['x'],
        Array.from(values, (value) => [value]),
      );
      expect(parseNumericCsv(text).values).toEqual(values);
    },
  );
});
