import { expect, test } from 'vitest';
import { planetsCsv } from './data/planets.js';
import { numericColumn, readTable } from './table.js';

const table = readTable(planetsCsv, 'planets');
const column = (name: string): string[] =>
  Array.from({ length: table.count }, (_, row) => table.cell(row, table.header.indexOf(name)));
const [bodies, centers, kinds] = ['body', 'central_body', 'kind'].map(column);
const [axes, periods, masses] = ['semi_major_axis_km', 'period_days', 'central_mass_kg'].map((name) =>
  numericColumn(table, name, {}),
);

test('at least 40 orbits around several centers, each body once', () => {
  expect(table.count).toBeGreaterThanOrEqual(40);
  expect(new Set(bodies).size).toBe(bodies.length);
  expect(new Set(centers).size).toBeGreaterThanOrEqual(8);
  expect([...new Set(kinds)].sort()).toEqual(['dwarf planet', 'moon', 'planet']);
  expect(kinds.filter((kind) => kind === 'planet')).toHaveLength(8);
});

test.each(bodies.map((body, i) => [body, i] as const))("%s keeps Kepler's third law within 2 per cent", (_, i) => {
  // T = 2 pi sqrt(a^3 / (G M)), in SI units.
  const days = (2 * Math.PI * Math.sqrt((1000 * axes[i]) ** 3 / (6.6743e-11 * masses[i]))) / 86400;
  expect(Math.abs(periods[i] / days - 1)).toBeLessThan(0.02);
});

test('bodies around one center have one central mass', () => {
  for (const center of new Set(centers)) {
    const around = [...masses].filter((_, i) => centers[i] === center);
    expect(new Set(around).size, center).toBe(1);
  }
});
