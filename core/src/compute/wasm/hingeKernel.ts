import { fail } from '../../errors.js';
import type { HingeRows, HingeSums, HingeVariation } from '../hinge.js';
import { type Arena, makeArena } from './arena.js';
import { type GatherLayout, type HingeData, type HingeLayout, layoutHinges, prepareHinges } from './hingeLayout.js';
import { compileHingeModule, type HingeExports, type HingeModule } from './hingeModule.js';
import { type Packing, placeWords, pointBytes, vectorsOf } from './hingeShape.js';
import type { PairsJob, Team } from './team.js';

/** Pairs whose signs are kept: more would take more than 30 megabytes. */
const mostPairs = 1 << 25;
/** Coordinates that code is written out for. */
const widest = 32;
/** Larger numbers might overflow on the way to a sign, smaller ones vanish. */
const [smallest, largest] = [1e-140, 1e150];
const isOrdinary = (x: number): boolean => x === 0 || (Math.abs(x) >= smallest && Math.abs(x) < largest);
/** Pairs times their vectors, some 30 microseconds of every task: below, one thread is as fast. */
const workForTeam = 1 << 19;
/** Places in a row after which another's memory is taken over. */
const patience = 8;
/** Chunks that the points are shared out in. */
const placeChunks = 8;

/** What hinge sums of one backend share: a memory that threads see, which one of them has at a time. */
export interface HingeHost {
  readonly shared: boolean;
  /** The memory that threads see. */
  readonly arena: () => Arena;
  readonly team: () => Team | null;
  readonly tenancy: Tenancy;
  readonly modules: Map<string, HingeModule>;
}

/** Sums that have the memory that threads see. */
interface Tenant {
  /** Moves to a memory of its own, with the points that are placed. */
  leave(): void;
}

/** Who has the memory that threads see. */
export interface Tenancy {
  tenant: Tenant | null;
  /** Places by others since the tenant's last. */
  waiting: number;
}

/** A host of one thread. */
const alone = (): HingeHost => ({
  shared: false,
  arena: makeArena,
  team: () => null,
  tenancy: { tenant: null, waiting: 0 },
  modules: new Map(),
});

/**
 * Sums over pairs that are active or not, by the signs of their inner products alone: four or six items at a time, from a
 * table of the sums of their subsets ("four Russians" [ArlazarovEtAl1970]). A sign can only change when a
 * point has moved by its distance to the hyperplane, so signs are computed anew only for eight rows one of which may have
 * changed; they are those of the inner products as they round, whatever was placed before. Items are summed in parts, as
 * many as the sizes ask for, and parts are added up in their order: the bits do not depend on the number of threads.
 * Cost at most n L width / 2 additions per pair of sums where signs stay, 2 n L width more where all are computed; n L/2 bytes
 * of bits and as many of thresholds.
 *
 * @returns null where there are more than 32 coordinates, or numbers that are not finite, huge or tiny.
 */
export function compileHingeSums(rows: HingeRows, host: HingeHost = alone()): HingeSums | null {
  const { width, coordinates, count } = rows;
  if (width > widest || !coordinates.every(isOrdinary)) return null;
  const atom = rows.atom ?? { dim: width, offsets: Array.from({ length: width }, (_, k) => k) };
  const data: HingeData = { coordinates, count, width, atom };
  const module = moduleFor(data, host);
  const siteFor = sitesOf(host, module);
  let machine: Machine | null = null;
  const settle = (site: Site, points: number): boolean => {
    const layout = layoutHinges(data, points, module.bytes.length);
    machine = null;
    if (!site.arena.reserve(layout.end)) return false;
    prepareHinges(data, layout, site.arena);
    new Uint8Array(site.arena.memory.buffer).set(module.bytes, layout.module);
    machine = { ...site, data, layout, module };
    return true;
  };
  const tenant: Tenant = {
    leave() {
      if (machine === null || machine.arena !== siteFor(true).arena) return;
      const { layout, arena } = machine;
      const atoms = arena.numbers().slice(layout.atoms / 8, layout.atoms / 8 + layout.count * atom.dim);
      if (settle(siteFor(false), layout.count) && machine !== null) placePoints(machine, atoms);
    },
  };
  return {
    place(atoms, pointCount) {
      if (count * pointCount > mostPairs || pointCount === 0 || count === 0) return false;
      const isLarge = host.shared && pointCount * count * vectorsOf(width) >= workForTeam;
      const site = siteFor(isLarge && isTenant(tenant, host.tenancy));
      const stays = machine !== null && machine.arena === site.arena && machine.layout.count === pointCount;
      if (!stays && !settle(site, pointCount)) return false;
      if (machine !== null && placePoints(machine, atoms)) return true;
      machine = null;
      return false;
    },
    overPointsInto(out, weights) {
      sumOverPoints(machine ?? notPlaced(), out, weights);
    },
    overRowsInto(out, weights, scales) {
      sumOverRows(machine ?? notPlaced(), out, { weights, scales });
    },
  };
}

/** The memory of its own of hinge sums, and the one that threads see: each when it is first asked for. */
function sitesOf(host: HingeHost, module: HingeModule): (isShared: boolean) => Site {
  const make = (arena: Arena, team: Site['team']): Site => ({ arena, team, exports: module.instantiate(arena) });
  let own: Site | undefined;
  let common: Site | undefined;
  return (isShared) => {
    if (isShared) return (common ??= make(host.arena(), host.team));
    return (own ??= make(makeArena(host.shared), () => null));
  };
}

/** Whether the memory that threads see is the tenant's; it takes it over where it has been unused for long enough. */
function isTenant(tenant: Tenant, tenancy: Tenancy): boolean {
  if (tenancy.tenant !== tenant) {
    if (tenancy.tenant !== null && ++tenancy.waiting < patience) return false;
    tenancy.tenant?.leave();
    tenancy.tenant = tenant;
  }
  tenancy.waiting = 0;
  return true;
}

/** A memory with the code bound to it, and the threads that see it. */
interface Site {
  readonly arena: Arena;
  readonly exports: HingeExports;
  readonly team: () => Team | null;
}

interface Machine extends Site {
  readonly data: HingeData;
  readonly layout: HingeLayout;
  readonly module: HingeModule;
}

function notPlaced(): never {
  return fail({
    code: 'internal',
    where: 'hinge sums',
    problem: 'no points are placed',
    got: 'a sum',
    expected: 'a call of place that returned true',
    fix: 'place the points first, and sum pair by pair where they do not suit',
  });
}

function moduleFor(data: HingeData, { modules, shared }: HingeHost): HingeModule {
  const key = [data.width, data.atom.dim, ...data.atom.offsets].join();
  const known = modules.get(key);
  if (known !== undefined) return known;
  const made = compileHingeModule(data, shared);
  modules.set(key, made);
  return made;
}

interface Task {
  /** 0 takes points, others gather sums. */
  readonly task: Packing['task'] | 0;
  readonly words: number;
  readonly pieces: number;
  readonly piecesPerChunk: number;
}

/** Does a task, on all threads where the memory is one that they see. */
function share(machine: Machine, { task, words, pieces, piecesPerChunk }: Task): void {
  const { exports, layout, module } = machine;
  const team = machine.team();
  const run = (first: number, last: number): void => exports.pairs(first, last, words, task, 0, 0, 0, 0);
  if (team === null) {
    run(0, pieces);
    return;
  }
  const job: PairsJob = {
    kernel: module.id,
    moduleAddress: layout.module,
    moduleBytes: module.bytes.length,
    memory: 1,
    panels: pieces,
    panelsPerChunk: piecesPerChunk,
    row: 0,
    rowPanel: 1,
    state: words,
    statePanel: 0,
    column: task,
    columnEnd: 0,
    rest: 0,
    fixed: 0,
    firstColumn: 0,
  };
  team.run(job, run);
}

/** The place of a number by its address; whole, so that loops count in integers. */
const numberAt = (address: number): number => address >>> 3;

/** Brings points and signs up to date. False where a point is not finite or huge. */
function placePoints(machine: Machine, atoms: Float64Array): boolean {
  const { arena, layout, data } = machine;
  write(arena, layout.atoms, atoms, layout.count * data.atom.dim);
  const piecesPerChunk = Math.ceil(layout.blocks / placeChunks);
  share(machine, { task: 0, words: layout.words, pieces: layout.blocks, piecesPerChunk });
  return arena.integers()[layout.words / 4 + placeWords.failed] === 0;
}

function sumOverPoints(machine: Machine, out: Float64Array, weights: Float64Array): void {
  const { arena, exports, layout, data } = machine;
  const { overPoints, overRows, products } = layout;
  const { sumsEnd, sumsPerPart } = overPoints;
  write(arena, overPoints.factors, weights, layout.count);
  gather(machine, overPoints);
  const [first, last] = [overPoints.sums, overPoints.sums + data.count * pointBytes(data.width)];
  exports.project(first, last, sumsEnd, sumsPerPart, overRows.items, products);
  readPairs(out, arena, { from: products, count: data.count });
}

interface Factors {
  readonly weights: Float64Array;
  readonly scales: Float64Array;
}

function sumOverRows(machine: Machine, out: HingeVariation, { weights, scales }: Factors): void {
  const { arena, exports, layout, data } = machine;
  const { overRows, products, gradients, points } = layout;
  const { sums, sumsEnd, sumsPerPart } = overRows;
  write(arena, overRows.factors, weights, data.count);
  write(arena, layout.scales, scales, layout.count);
  gather(machine, overRows);
  const last = sums + layout.count * pointBytes(data.width);
  exports.spread(sums, last, sumsEnd, sumsPerPart, points, products, gradients, layout.scales);
  readPairs(out.values, arena, { from: products, count: layout.count });
  const numbers = arena.numbers();
  const start = numberAt(gradients);
  const length = layout.count * data.atom.dim;
  out.gradients.set(numbers.subarray(start, start + length));
}

/** The sums of all parts of the items, times a factor each. */
function gather(machine: Machine, { words, parts, packing }: GatherLayout): void {
  share(machine, { task: packing.task, words, pieces: parts, piecesPerChunk: 1 });
}

/** Copies the first numbers to an address. */
function write(arena: Arena, address: number, values: Float64Array, count: number): void {
  arena.numbers().set(values.length === count ? values : values.subarray(0, count), numberAt(address));
}

/** Numbers that are left as two that add up to them. */
function readPairs(out: Float64Array, arena: Arena, { from, count }: { from: number; count: number }): void {
  const numbers = arena.numbers();
  const first = numberAt(from);
  for (let k = 0; k < count; k++) out[k] = numbers[first + 2 * k] + numbers[first + 2 * k + 1];
}
