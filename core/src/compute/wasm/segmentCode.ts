import type { SegmentMode } from '../backend.js';
import { type Assembly, type AssemblyOptions, assembly, type Local } from './assembly.js';
import {
  pairSignature,
  panelBytes,
  panelLanes,
  stateTaker,
  tileValues,
  totalBytes,
  vectorBytes,
} from './kernelCode.js';
import { doubleLanes } from './laneType.js';
import { type DefinedFunction, types } from './module.js';
import type { KernelPlan } from './plan.js';

const { i32, v128 } = types;

/** Bytes of an entry of the table of segments: addresses where its panels begin, where whole ones end, where its columns end. */
export const segmentEntryBytes = 12;

/** Bytes of the states of a panel of rows with so many segments, see {@link segmentCode}. */
export function segmentStateBytes(plan: KernelPlan, mode: SegmentMode, segments: number): number {
  if (mode === 'each') return segments * totalBytes(plan);
  return 2 * totalBytes(plan) + segments * weightBytes(plan);
}

const weightBytes = (plan: KernelPlan): number => panelLanes(plan, 'row') * doubleLanes.bytes;

/**
 * `pairs(row, rowEnd, state, table, tableEnd, stride, fixed, _)`: for every panel of rows and every segment of the table, the sums
 * over the columns of the segment, which begin at 0. The states of a panel lie `stride` bytes from those of the one before:
 * the sums of each segment, or the totals, the sums of one segment, and a weight for each row of each segment, with which
 * the sums of a segment are added to the totals.
 */
export function segmentCode(plan: KernelPlan, mode: SegmentMode, options: AssemblyOptions = {}): DefinedFunction {
  const asm = assembly(pairSignature, { ...options, lane: doubleLanes });
  const [row, rowEnd, state, table, tableEnd, stride, fixed, first] = asm.params;
  const [pointer, end, entry, sums, weight] = Array.from({ length: 5 }, () => asm.local(i32));
  const valuesOf = tileValues(asm, plan, { row, column: pointer, fixed });
  asm.loop(row, rowEnd, panelBytes(plan, 'row'), () => {
    asm.assign(sums, mode === 'each' ? state : asm.integer('add', state, totalBytes(plan)));
    asm.assign(weight, asm.integer('add', sums, totalBytes(plan)));
    asm.assign(entry, table);
    asm.loop(entry, tableEnd, segmentEntryBytes, () => {
      for (let at = 0; at < totalBytes(plan); at += vectorBytes) asm.storeVector(sums, at, asm.constant(0));
      const taker = stateTaker(asm, plan, sums);
      taker.begin(first);
      asm.assign(pointer, asm.loadInteger(entry, 0));
      asm.assign(end, asm.loadInteger(entry, 4));
      asm.loop(pointer, end, panelBytes(plan, 'column'), () => {
        taker.take(valuesOf(plan.tile.columns), plan.tile.columns);
      });
      asm.assign(end, asm.loadInteger(entry, 8));
      asm.loop(pointer, end, doubleLanes.bytes, () => taker.take(valuesOf(1), 1));
      taker.finish();
      if (mode === 'each') {
        asm.assign(sums, asm.integer('add', sums, totalBytes(plan)));
      } else {
        addWeighted(asm, plan, { state, sums, weight });
        asm.assign(weight, asm.integer('add', weight, weightBytes(plan)));
      }
    });
    asm.assign(state, asm.integer('add', state, stride));
  });
  return { name: 'pairs', signature: pairSignature, locals: asm.locals, code: asm.code };
}

/** Adds the sums of a segment, times its weights, to the totals. */
function addWeighted(
  asm: Assembly,
  plan: KernelPlan,
  { state, sums, weight }: { readonly state: Local; readonly sums: Local; readonly weight: Local },
): void {
  const panel = weightBytes(plan);
  const weights = Array.from({ length: panel / vectorBytes }, (_, v) => asm.loadVector(weight, v * vectorBytes));
  const total = asm.local(v128);
  for (let register = 0; register < plan.stateCount; register++) {
    weights.forEach((factor, v) => {
      const at = register * panel + v * vectorBytes;
      asm.assign(total, asm.loadVector(state, at));
      asm.storeVector(state, at, asm.multiplyAdd(factor, asm.loadVector(sums, at), total));
    });
  }
}
