import { type Measure, measureFromParts, type Profile, type Space } from '@muflow/core';

/** Coordinates of the profiles near a given one: log-odds of its masses and tangent coordinates of its atoms. */
export interface LocalChart {
  readonly size: number;
  /** The profile at coordinates z (the first `size` numbers of it). */
  at(z: Float64Array): Profile;
  /** Coordinates of a profile of the same atoms; first order in the distance. */
  read(profile: Profile): Float64Array;
}

/** What a flow changes, per player. */
export interface Freedoms {
  readonly masses: readonly boolean[];
  readonly positions: readonly boolean[];
}

/** One player's coordinates: log-odds against its last atom, then tangent directions atom by atom. */
interface Part {
  readonly odds: number;
  readonly periods: readonly number[];
  /** For every free direction its atom, and dim numbers. */
  readonly directions: readonly { readonly atom: number; readonly vector: Float64Array }[];
}

/** The chart at a profile. Directions along which a border is near do not count. */
export function localChart(center: Profile, { masses, positions }: Freedoms): LocalChart {
  const parts = center.map((mu, k): Part => {
    const probability = mu.kind === 'probability';
    return {
      periods: periodsOf(mu.space),
      odds: masses[k] ? mu.count - (probability ? 1 : 0) : 0,
      directions: positions[k]
        ? Array.from({ length: mu.count }, (_, atom) => atom).flatMap((atom) =>
            freeDirections(mu.space, mu.positions.slice(atom * mu.dim, (atom + 1) * mu.dim)).map((vector) => ({
              atom,
              vector,
            })),
          )
        : [],
    };
  });
  const size = parts.reduce((sum, { odds, directions }) => sum + odds + directions.length, 0);
  return {
    size,
    at: (z) => {
      let offset = 0;
      return center.map((mu, k) => {
        const moved = pushed(mu, parts[k], z, offset);
        offset += parts[k].odds + parts[k].directions.length;
        return moved;
      });
    },
    read: (profile) => {
      const out = new Float64Array(size);
      let offset = 0;
      profile.forEach((mu, k) => {
        offset = readInto(out, offset, mu, { center: center[k], part: parts[k] });
      });
      return out;
    },
  };
}

function pushed(mu: Measure, { odds, directions }: Part, z: Float64Array, offset: number): Measure {
  const { dim, count, space } = mu;
  const logMasses = mu.logMasses.slice();
  for (let i = 0; i < odds; i++) logMasses[i] += z[offset + i];
  if (mu.kind === 'probability' && odds > 0) {
    let total = 0;
    for (const logMass of logMasses) total += Math.exp(logMass);
    for (let i = 0; i < count; i++) logMasses[i] -= Math.log(total);
  }
  const velocity = new Float64Array(count * dim);
  directions.forEach(({ atom, vector }, k) => {
    for (let c = 0; c < dim; c++) velocity[atom * dim + c] += z[offset + odds + k] * vector[c];
  });
  const positions = mu.positions.slice();
  space.retractInto(positions, mu.positions, velocity, 1, count);
  return measureFromParts({ space, kind: mu.kind, positions, logMasses, ids: mu.ids, nextId: mu.nextId });
}

function readInto(
  out: Float64Array,
  start: number,
  mu: Measure,
  { center, part }: { readonly center: Measure; readonly part: Part },
): number {
  const { odds, directions } = part;
  const { dim, count } = mu;
  const last = count - 1;
  const gauge = mu.kind === 'probability' ? mu.logMasses[last] - center.logMasses[last] : 0;
  for (let i = 0; i < odds; i++) out[start + i] = mu.logMasses[i] - center.logMasses[i] - gauge;
  directions.forEach(({ atom, vector }, k) => {
    let sum = 0;
    for (let c = 0; c < dim; c++) {
      const at = atom * dim + c;
      const gap = mu.positions[at] - center.positions[at];
      // The short way around a circle.
      sum += vector[c] * (part.periods[c] < Infinity ? gap - part.periods[c] * Math.round(gap / part.periods[c]) : gap);
    }
    out[start + odds + k] = sum;
  });
  return start + odds + directions.length;
}

/** The period of every coordinate, Infinity where it does not close. */
function periodsOf(space: Space): readonly number[] {
  if (space.factors !== undefined) return space.factors.flatMap(periodsOf);
  const period = space.kind === 'torus' ? space.volume ** (1 / space.dim) : Infinity;
  return new Array<number>(space.dim).fill(period);
}

/** Tangent directions at a point in which it can move both ways. */
function freeDirections(space: Space, point: Float64Array): Float64Array[] {
  const probe = 1e-4;
  return tangentBasis(space, point).filter(
    (vector) => goes(space, point, vector, probe) && goes(space, point, vector, -probe),
  );
}

/** Orthonormal tangent directions at a point, from projected axes: `intrinsicDim` vectors of `dim` numbers. */
export function tangentBasis(space: Space, point: Float64Array): Float64Array[] {
  const { dim } = space;
  const found: Float64Array[] = [];
  for (let axis = 0; axis < dim && found.length < space.intrinsicDim; axis++) {
    const vector = new Float64Array(dim);
    vector[axis] = 1;
    space.projectTangentInto(vector, point, vector, 1);
    for (const other of found) {
      let overlap = 0;
      for (let c = 0; c < dim; c++) overlap += other[c] * vector[c];
      for (let c = 0; c < dim; c++) vector[c] -= overlap * other[c];
    }
    const length = Math.hypot(...vector);
    if (length < 1e-6) continue;
    for (let c = 0; c < dim; c++) vector[c] /= length;
    found.push(vector);
  }
  return found;
}

/** True if a short move along the vector is made, and not stopped at a border. */
function goes(space: Space, point: Float64Array, vector: Float64Array, t: number): boolean {
  const moved = new Float64Array(space.dim);
  space.retractInto(moved, point, vector, t, 1);
  return Math.abs(space.distance(moved, 0, point, 0) - Math.abs(t)) < 0.01 * Math.abs(t);
}
