import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Checkpoint,
  checkpointFromBytes,
  checkpointToBytes,
  type Frame,
  fail,
  measureFromParts,
  type NpyArray,
  npyArray,
  type Profile,
  readStoredNpz,
  toFloat64,
  writeNpz,
} from '@muflow/core';
import { writeFileAtomically } from './files.js';

/** A run that has not ended: where it stands, and the frames recorded so far. */
export interface SavedRun {
  readonly checkpoint: Checkpoint;
  readonly frames: readonly Frame[];
}

const fileName = 'checkpoint.npz';

/** Writes both into one file, so that they can never belong to different moments. */
export function saveRun(folder: string, configHash: string, { checkpoint, frames }: SavedRun): void {
  const arrays: Record<string, NpyArray> = {
    config: words(new TextEncoder().encode(configHash)),
    checkpoint: words(checkpointToBytes(checkpoint)),
    columns: words(new TextEncoder().encode(JSON.stringify(Object.keys(frames[0]?.values ?? {})))),
    steps: npyArray(Float64Array.from(frames.flatMap(({ step, time, dt }) => [step, time, dt])), [frames.length, 3]),
    values: npyArray(Float64Array.from(frames.flatMap(({ values }) => Object.values(values)))),
  };
  frames.forEach(({ profile }, k) => {
    profile.forEach((mu, player) => {
      const place = `frame-${k}/${player}`;
      arrays[`${place}/positions`] = npyArray(mu.positions.slice(), [mu.count, mu.dim]);
      arrays[`${place}/logMasses`] = npyArray(mu.logMasses.slice());
      arrays[`${place}/ids`] = npyArray(mu.ids.slice());
      arrays[`${place}/nextId`] = npyArray(Float64Array.of(mu.nextId));
    });
  });
  writeFileAtomically(join(folder, fileName), writeNpz(arrays));
}

/** The run saved in a folder, null where there is none; one of another config is refused. */
export function loadRun(folder: string, configHash: string): SavedRun | null {
  const path = join(folder, fileName);
  if (!existsSync(path)) return null;
  const npz = readStoredNpz(new Uint8Array(readFileSync(path)));
  const array = (name: string): NpyArray => {
    const found = npz.get(name);
    if (found !== undefined) return found;
    return damaged(path, `no array ${name}`);
  };
  const text = (name: string): string => new TextDecoder().decode(bytesOf(array(name)));
  if (text('config') !== configHash) {
    fail({
      code: 'invalid-argument',
      where: 'muflow run --resume',
      problem: 'the folder holds a checkpoint of another config',
      got: path,
      expected: 'the config, seed and settings that the checkpoint was taken with',
      fix: 'repeat the command that was interrupted, or leave out --resume to start anew',
    });
  }
  const checkpoint = checkpointFromBytes(bytesOf(array('checkpoint')));
  const columns = JSON.parse(text('columns')) as string[];
  const steps = toFloat64(array('steps'));
  const values = toFloat64(array('values'));
  const frames = Array.from({ length: steps.length / 3 }, (_, k): Frame => {
    const profile = checkpoint.profile.map((mu, player) => readMeasure(array, `frame-${k}/${player}`, mu));
    const own = values.subarray(k * columns.length, (k + 1) * columns.length);
    return {
      step: steps[3 * k],
      time: steps[3 * k + 1],
      dt: steps[3 * k + 2],
      profile,
      values: Object.fromEntries(columns.map((name, c) => [name, own[c]])),
      last: false,
    };
  });
  return { checkpoint, frames };
}

/** Removes the checkpoint of a run that has ended. */
export function forgetRun(folder: string): void {
  rmSync(join(folder, fileName), { force: true });
}

function readMeasure(array: (name: string) => NpyArray, place: string, like: Profile[number]): Profile[number] {
  return measureFromParts({
    space: like.space,
    kind: like.kind,
    positions: toFloat64(array(`${place}/positions`)),
    logMasses: toFloat64(array(`${place}/logMasses`)),
    ids: Uint32Array.from(toFloat64(array(`${place}/ids`))),
    nextId: toFloat64(array(`${place}/nextId`))[0],
  });
}

/** Bytes as an array that the npz format has a type for. */
const words = (bytes: Uint8Array): NpyArray => npyArray(Uint32Array.from(bytes));
const bytesOf = (array: NpyArray): Uint8Array => Uint8Array.from(toFloat64(array));

function damaged(path: string, what: string): never {
  return fail({
    code: 'file',
    where: 'muflow run --resume',
    problem: 'the checkpoint cannot be used',
    got: `${path} (${what})`,
    expected: 'a file that muflow run wrote',
    fix: 'leave out --resume to start anew',
  });
}
