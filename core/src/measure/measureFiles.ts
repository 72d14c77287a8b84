import { fail } from '../errors.js';
import { euclidean } from '../space/euclidean.js';
import type { Space } from '../space/space.js';
import { measure, measureFromParts } from './createMeasure.js';
import { type NumericTable, parseNumericCsv, writeCsv } from './csv.js';
import type { Measure, MeasureKind, Profile } from './measure.js';
import { type NpyArray, npyArray, toFloat64 } from './npy.js';
import { arrayOf, type Npz, readNpz, writeNpz } from './npz.js';
import { isProfile } from './profile.js';

/** How a file without kind is understood. */
export interface MeasureFileOptions {
  /** Default Euclidean space of as many coordinates as the file has. */
  readonly space?: Space;
  /** Default: what the file says, else `probability`. */
  readonly kind?: MeasureKind;
}

/** The arrays of a measure, under names that begin with `prefix`. */
export function measureArrays(mu: Measure, prefix = ''): Record<string, NpyArray> {
  return {
    [`${prefix}positions`]: npyArray(mu.positions, [mu.count, mu.dim]),
    [`${prefix}masses`]: npyArray(mu.masses),
    [`${prefix}log_masses`]: npyArray(mu.logMasses),
    [`${prefix}ids`]: npyArray(mu.ids),
    [`${prefix}next_id`]: npyArray(BigInt64Array.of(BigInt(mu.nextId)), []),
    [`${prefix}probability`]: npyArray(Uint8Array.of(mu.kind === 'probability' ? 1 : 0), []),
  };
}

/**
 * A `.npz` file: `positions` (n, d), `masses`, `log_masses`, `ids`, `next_id` and the flag `probability`; for a
 * profile the names begin with `player0/`, `player1/`, ... Reading it back gives the same bits.
 */
export function measureToNpz(state: Measure | Profile): Uint8Array {
  if (!isProfile(state)) return writeNpz(measureArrays(state));
  return writeNpz(Object.assign({}, ...state.map((mu, k) => measureArrays(mu, `player${k}/`))));
}

/**
 * Reads one measure from a `.npz` file of {@link measureToNpz}, or of NumPy with `positions` (n or n, d) and
 * optionally `masses`.
 *
 * @throws `unknown-id` without positions, `shape-mismatch` where shapes do not fit, and what {@link measure} refuses.
 */
export async function measureFromNpz(bytes: Uint8Array, options: MeasureFileOptions = {}): Promise<Measure> {
  return measureFromArrays(await readNpz(bytes), options);
}

/** Reads a profile, one space per player; a file of one measure is a profile of one. */
export async function profileFromNpz(bytes: Uint8Array, spaces: readonly Space[]): Promise<Profile> {
  const npz = await readNpz(bytes);
  if (spaces.length === 1 && npz.has('positions')) return [measureFromArrays(npz, { space: spaces[0] })];
  const players = [...npz.keys()].filter((name) => /^player\d+\/positions$/.test(name)).length;
  if (players !== spaces.length) {
    fail({
      code: 'shape-mismatch',
      where: 'profileFromNpz',
      problem: 'the file holds another number of players',
      got: `${players} players`,
      expected: `${spaces.length}, one per space`,
      fix: 'pass one space per player of the file',
    });
  }
  return spaces.map((space, k) => measureFromArrays(npz, { space }, `player${k}/`));
}

/** The measure in the arrays whose names begin with `prefix`; see {@link measureFromNpz}. */
export function measureFromArrays(npz: Npz, options: MeasureFileOptions = {}, prefix = ''): Measure {
  const positions = arrayOf(npz, `${prefix}positions`);
  const space = spaceOf(positions.shape, options.space);
  const vector = (name: string): Float64Array | undefined => {
    const array = npz.get(prefix + name);
    return array && toFloat64(array, `readNpz ${prefix}${name}`);
  };
  const flag = vector('probability');
  const kind = options.kind ?? (flag === undefined || flag[0] === 1 ? 'probability' : 'positive');
  const logMasses = vector('log_masses');
  const masses = logMasses ? undefined : vector('masses');
  const ids = vector('ids');
  const nextId = vector('next_id')?.[0];
  const checked = measure({
    space,
    positions: toFloat64(positions, `readNpz ${prefix}positions`),
    kind,
    ...(masses && { masses }),
    ...(logMasses && { logMasses }),
    ...(ids && { ids }),
    ...(nextId !== undefined && { nextId }),
  });
  // Log-masses are taken bit for bit: renormalizing them again could move the last one.
  return logMasses ? measureFromParts({ ...checked, logMasses: logMasses.slice() }) : checked;
}

/** Comma-separated values: columns `x0`, `x1`, ..., `mass`. Masses below 1e-308 become 0: `.npz` keeps logarithms. */
export function measureToCsv(mu: Measure): string {
  const header = [...Array.from({ length: mu.dim }, (_, k) => `x${k}`), 'mass'];
  const rows = Array.from({ length: mu.count }, (_, i) => [
    ...mu.positions.subarray(i * mu.dim, (i + 1) * mu.dim),
    mu.masses[i],
  ]);
  return writeCsv(header, rows);
}

/**
 * Reads a measure from comma-separated values: a row per atom with its coordinates, and its mass if the last column
 * is headed `mass`; equal masses otherwise.
 *
 * @throws `parse` with line and column, and what {@link measure} refuses.
 *
 * @example
 * ```ts
 * import { measureFromCsv } from '@muflow/core';
 * const mu = measureFromCsv('x,y,mass\n0,0,0.25\n1,2,0.75\n');
 * console.log(mu.count, mu.dim); // => 2 2
 * ```
 */
export function measureFromCsv(text: string | Uint8Array, options: MeasureFileOptions = {}): Measure {
  const table = parseNumericCsv(text, 'measureFromCsv');
  const { header, count, values } = table;
  const columns = header.length;
  const weighted = isWeighted(table);
  const dim = columns - Number(weighted);
  const positions = Float64Array.from(
    { length: count * dim },
    (_, k) => values[Math.floor(k / dim) * columns + (k % dim)],
  );
  const masses = Float64Array.from({ length: count }, (_, i) => values[i * columns + dim]);
  return measure({
    space: spaceOf([count, dim], options.space),
    positions,
    kind: options.kind ?? 'probability',
    ...(weighted && { masses }),
  });
}

function isWeighted({ header, count }: NumericTable): boolean {
  const at = header.findIndex((name) => name.toLowerCase() === 'mass');
  const [columns, last] = [header.length, header.length - 1];
  if (count > 0 && (at < 0 || (at === last && columns > 1))) return at === last;
  return fail({
    code: 'parse',
    where: 'measureFromCsv',
    problem: count === 0 ? 'the table has no rows' : 'the mass is not the last column after coordinates',
    got: `columns ${header.join(', ')}, ${count} rows`,
    expected: 'coordinates, and a last column mass where atoms have masses',
    fix: 'write x0,x1,mass in the first line, and a row per atom',
  });
}

function spaceOf(shape: readonly number[], space: Space | undefined): Space {
  const dim = shape.length === 1 ? 1 : shape[1];
  if ((shape.length === 1 || shape.length === 2) && dim > 0 && (space === undefined || space.dim === dim)) {
    return space ?? euclidean(dim);
  }
  return fail({
    code: 'shape-mismatch',
    where: 'measureFromArrays',
    problem: 'the positions do not fit the space',
    got: `positions (${shape.join(', ')})`,
    expected: space ? `(n, ${space.dim}) for ${space.name}` : '(n, d) with d >= 1',
    fix: 'reshape the positions, a row per atom',
  });
}
