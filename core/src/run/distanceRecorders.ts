import { fail } from '../errors.js';
import { measureFromParts } from '../measure/createMeasure.js';
import type { Measure, Profile } from '../measure/measure.js';
import { snapshot } from '../measure/working.js';
import type { CertifiedDistance } from '../transport/certifiedDistance.js';
import { wassersteinDistance } from '../transport/exactWasserstein.js';
import type { Recorder, RunView } from './problem.js';
import { speedReader } from './speed.js';

/**
 * The length of the path so far in the metrics of the flow, against the distance of its ends. Columns
 * - `pathLength`: `int sqrt(sum_k norm2_k) dt` by the trapezoidal rule over the recorded steps,
 * - `distanceFromStart`: `sqrt(sum_k distance_k^2)` to the profile of the first frame, never above the length of the path.
 *
 * Costs one tangent and one distance of each player per frame.
 *
 * @throws `missing-requirement` in a run whose metrics do not measure (none, or rates by blocks).
 */
export function pathLengthRecorder(): Recorder {
  return {
    name: 'pathLength',
    columns: ['pathLength', 'distanceFromStart'],
    start: (memory) => {
      const read = speedReader();
      let past = memory === undefined || memory.length === 0 ? undefined : memory;
      const record = (view: RunView): readonly number[] => {
        const speed = Math.sqrt(read(view));
        const [time, before, length] = past ?? [view.time, speed, 0];
        const grown = length + ((view.time - time) * (speed + before)) / 2;
        const start = past === undefined ? view.profile.map(snapshot) : profileFrom(past.slice(3), view.profile);
        past = [view.time, speed, grown, ...(past === undefined ? numbersOf(start) : past.slice(3))];
        return [grown, distanceBetween(view, start)];
      };
      return Object.assign(record, { memory: () => past ?? [] });
    },
  };
}

export interface DistanceRecorderOptions {
  /** The measure compared with, or the one at a time: a reference run. */
  readonly reference: Measure | ((time: number) => Measure);
  /** Default {@link wassersteinDistance}. */
  readonly distance?: (mu: Measure, nu: Measure) => CertifiedDistance;
  /** Whose measure, default 0. */
  readonly player?: number;
}

/** Columns `distance`, `distanceLower` and `distanceUpper`: from a player's measure to a reference, with proven bounds. */
export function distanceRecorder(options: DistanceRecorderOptions): Recorder {
  const { reference, distance = wassersteinDistance, player = 0 } = options;
  return {
    name: 'distance',
    columns: ['distance', 'distanceLower', 'distanceUpper'],
    start:
      () =>
      ({ profile, time }) => {
        const nu = typeof reference === 'function' ? reference(time) : reference;
        const { value, lower, upper } = distance(profile[player] ?? missingPlayer(player, profile.length), nu);
        return [value, lower, upper];
      },
  };
}

function distanceBetween({ flow, profile }: RunView, start: Profile): number {
  let squared = 0;
  for (let k = 0; k < profile.length; k++) {
    const metric = flow.metrics?.[k];
    if (metric?.distance === undefined) return missingDistance(metric?.name);
    squared += metric.distance(start[k], profile[k]).squared;
  }
  return Math.sqrt(squared);
}

/** Per player the number of atoms, positions and log-masses: what a resumed run needs to know the start again. */
function numbersOf(profile: Profile): readonly number[] {
  return profile.flatMap(({ count, positions, logMasses }) => [count, ...positions, ...logMasses]);
}

function profileFrom(numbers: readonly number[], like: Profile): Profile {
  let at = 0;
  const take = (length: number): Float64Array => Float64Array.from(numbers.slice(at, (at += length)));
  return like.map(({ space, kind, dim }) => {
    const [count] = take(1);
    const positions = take(count * dim);
    const ids = Uint32Array.from({ length: count }, (_, i) => i);
    return measureFromParts({ space, kind, positions, logMasses: take(count), ids, nextId: count });
  });
}

function missingDistance(name: string | undefined): never {
  return fail({
    code: 'missing-requirement',
    where: 'pathLengthRecorder',
    problem: 'a metric of the flow measures no distances',
    got: name ?? 'no metric',
    expected: 'wasserstein, fisherRao or wassersteinFisherRao without rates by blocks',
    fix: 'leave the recorder out, or record the speed',
  });
}

function missingPlayer(player: number, players: number): never {
  return fail({
    code: 'invalid-argument',
    where: 'distanceRecorder',
    problem: 'there is no such player',
    got: `player ${player}`,
    expected: `0 to ${players - 1}`,
    fix: 'pass { player: 0 }',
  });
}
