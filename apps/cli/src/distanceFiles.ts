import { type Figure, fail, type Mark, type Measure, writeCsv } from '@muflow/core';
import type { Measured } from './distanceKinds.js';

/** Rows `from, to, mass` of the plan: atoms by their row in the files, from 0; then where they are. */
export function planCsv(kind: string, { distance: { plan }, ends: [mu, nu] }: Measured): string {
  if (plan === undefined) return refuse('--plan', kind, 'a plan', 'w2, wfr or sinkhorn');
  const coordinates = ['x', 'y'].flatMap((name) => Array.from({ length: mu.dim }, (_, c) => `${name}${c}`));
  const rows = Array.from(plan.masses, (mass, k) => {
    const [i, j] = [plan.rows[k], plan.columns[k]];
    return [i, j, mass, ...at(mu, i), ...at(nu, j)];
  });
  return writeCsv(['from', 'to', 'mass', ...coordinates], rows);
}

/** Rows `t, x0, ..., mass`: the atoms of the shortest path at equally spaced times from 0 to 1. */
export function geodesicCsv(kind: string, { geodesic, ends: [mu] }: Measured, times: number): string {
  if (geodesic === undefined) return refuse('--geodesic', kind, 'a shortest path of measures', 'w2, wfr or fr');
  const path = geodesic();
  const header = ['t', ...Array.from({ length: mu.dim }, (_, c) => `x${c}`), 'mass'];
  const rows = Array.from({ length: times }, (_, k) => k / (times - 1)).flatMap((t) => {
    const there = path(t);
    return Array.from(there.masses, (mass, i) => [t, ...at(there, i), mass]).filter((row) => row[row.length - 1] > 0);
  });
  return writeCsv(header, rows);
}

/**
 * The shortest path at equally spaced times: on the line places against time, else the first two coordinates with a
 * color for each time; sizes are masses.
 */
export function geodesicFigure(kind: string, { title, geodesic, ends: [mu] }: Measured, times: number): Figure {
  if (geodesic === undefined) return refuse('--geodesic', kind, 'a shortest path of measures', 'w2, wfr or fr');
  const path = geodesic();
  const flat = mu.dim === 1;
  const frames = Array.from({ length: times }, (_, k) => [k / (times - 1), path(k / (times - 1))] as const);
  const shown = frames.map(([t, there]): Mark => {
    const atoms = Array.from(there.masses.keys()).filter((i) => there.masses[i] > 0);
    return {
      type: 'dot',
      ...(!flat && { label: `t = ${Number(t.toPrecision(3))}` }),
      x: atoms.map((i) => there.positions[i * mu.dim]),
      y: atoms.map((i) => (flat ? t : there.positions[i * mu.dim + 1])),
      size: atoms.map((i) => there.masses[i]),
    };
  });
  return {
    id: 'geodesic',
    title: `Shortest path: ${title}`,
    caption: `The measures on the way at ${times} times from 0 to 1; sizes are masses.${hiddenCoordinates(mu)}`,
    x: { label: mu.dim > 1 ? 'x0' : 'x' },
    y: { label: flat ? 't' : 'x1' },
    marks: shown,
  };
}

const hiddenCoordinates = ({ dim }: Measure): string =>
  dim > 2 ? ` Only the first two of ${dim} coordinates are shown.` : '';

/**
 * Both measures and what goes from where to where: on the line stems of the masses with the second measure below, else
 * the first two coordinates with a segment for each entry of the plan.
 */
export function distanceFigure({ title, distance, ends }: Measured): Figure {
  const bounds = `The distance is ${distance.value}, between ${distance.lower} and ${distance.upper}.`;
  const [mu, nu] = ends;
  const flat = mu.dim === 1;
  return {
    id: 'distance',
    title,
    caption: `${bounds}${hiddenCoordinates(mu)}`,
    x: { label: mu.dim > 1 ? 'x0' : 'x' },
    y: { label: flat ? 'mass (second measure below)' : 'x1' },
    marks: flat ? [stems(mu, 'first measure', 1), stems(nu, 'second measure', -1)] : planes(distance, [mu, nu]),
  };
}

function stems(mu: Measure, label: string, sign: 1 | -1): Mark {
  return { type: 'stem', label, x: Array.from(mu.positions), y: Array.from(mu.masses, (m) => sign * m) };
}

function planes({ plan }: Measured['distance'], [mu, nu]: readonly [Measure, Measure]): Mark[] {
  const dots = (measure: Measure, label: string): Mark => ({
    type: 'dot',
    label,
    x: Array.from(measure.masses, (_, i) => measure.positions[i * measure.dim]),
    y: Array.from(measure.masses, (_, i) => measure.positions[i * measure.dim + 1]),
    size: Array.from(measure.masses),
  });
  const clouds = [dots(mu, 'first measure'), dots(nu, 'second measure')];
  if (plan === undefined) return clouds;
  // A gap after each segment keeps them apart in one line.
  const segments = (axis: 0 | 1): number[] =>
    Array.from(plan.rows, (i, k) => [
      mu.positions[i * mu.dim + axis],
      nu.positions[plan.columns[k] * nu.dim + axis],
      Number.NaN,
    ]).flat();
  return [{ type: 'line', label: 'plan', x: segments(0), y: segments(1) }, ...clouds];
}

const at = ({ positions, dim }: Measure, i: number): Float64Array => positions.subarray(i * dim, (i + 1) * dim);

function refuse(flag: string, kind: string, what: string, users: string): never {
  return fail({
    code: 'unsupported',
    where: `muflow distance ${flag}`,
    problem: `the distance ${kind} has not got ${what}`,
    got: kind,
    expected: users,
    fix: `leave out ${flag}`,
  });
}
