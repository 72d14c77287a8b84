import { binaryLoops, scalarRightLoops } from './lanes.js';
import type { Operand } from './operand.js';

/**
 * `out = sum_k a_k b_k` over lanes, k in order: the first two components in one pass, then four at a time, so that
 * long vectors read and write the running sum a quarter as often. `a` has lanes; `b` has lanes or is one number
 * per component.
 */
export function dotLanes(a: Operand, b: Operand, out: Operand, lanes: number): void {
  const { size } = a;
  if (size === 1) {
    const loop = b.varies ? binaryLoops.multiply : scalarRightLoops.multiply;
    loop(a.memory, a.offset, b.memory, b.offset, out.memory, out.offset, lanes);
    return;
  }
  const [first, one, four] = b.varies ? [firstTwo, addOne, addFour] : [scalarFirstTwo, scalarAddOne, scalarAddFour];
  first(a, b, out, lanes);
  let k = 2;
  for (; k + 4 <= size; k += 4) four(a, b, out, lanes, k);
  for (; k < size; k++) one(a, b, out, lanes, k);
}

function firstTwo(a: Operand, b: Operand, out: Operand, lanes: number): void {
  const x = a.memory;
  const y = b.memory;
  const z = out.memory;
  const zo = out.offset;
  const x0 = a.offset;
  const x1 = x0 + a.stride;
  const y0 = b.offset;
  const y1 = y0 + b.stride;
  for (let l = 0; l < lanes; l++) z[zo + l] = x[x0 + l] * y[y0 + l] + x[x1 + l] * y[y1 + l];
}

function addOne(a: Operand, b: Operand, out: Operand, lanes: number, k: number): void {
  const x = a.memory;
  const y = b.memory;
  const z = out.memory;
  const zo = out.offset;
  const x0 = a.offset + k * a.stride;
  const y0 = b.offset + k * b.stride;
  for (let l = 0; l < lanes; l++) z[zo + l] += x[x0 + l] * y[y0 + l];
}

function addFour(a: Operand, b: Operand, out: Operand, lanes: number, k: number): void {
  const x = a.memory;
  const y = b.memory;
  const z = out.memory;
  const zo = out.offset;
  const x0 = a.offset + k * a.stride;
  const x1 = x0 + a.stride;
  const x2 = x1 + a.stride;
  const x3 = x2 + a.stride;
  const y0 = b.offset + k * b.stride;
  const y1 = y0 + b.stride;
  const y2 = y1 + b.stride;
  const y3 = y2 + b.stride;
  for (let l = 0; l < lanes; l++) {
    z[zo + l] =
      z[zo + l] + x[x0 + l] * y[y0 + l] + x[x1 + l] * y[y1 + l] + x[x2 + l] * y[y2 + l] + x[x3 + l] * y[y3 + l];
  }
}

function scalarFirstTwo(a: Operand, b: Operand, out: Operand, lanes: number): void {
  const x = a.memory;
  const z = out.memory;
  const zo = out.offset;
  const x0 = a.offset;
  const x1 = x0 + a.stride;
  const s0 = b.memory[b.offset];
  const s1 = b.memory[b.offset + b.stride];
  for (let l = 0; l < lanes; l++) z[zo + l] = x[x0 + l] * s0 + x[x1 + l] * s1;
}

function scalarAddOne(a: Operand, b: Operand, out: Operand, lanes: number, k: number): void {
  const x = a.memory;
  const z = out.memory;
  const zo = out.offset;
  const x0 = a.offset + k * a.stride;
  const s = b.memory[b.offset + k * b.stride];
  for (let l = 0; l < lanes; l++) z[zo + l] += x[x0 + l] * s;
}

function scalarAddFour(a: Operand, b: Operand, out: Operand, lanes: number, k: number): void {
  const x = a.memory;
  const z = out.memory;
  const zo = out.offset;
  const x0 = a.offset + k * a.stride;
  const x1 = x0 + a.stride;
  const x2 = x1 + a.stride;
  const x3 = x2 + a.stride;
  const start = b.offset + k * b.stride;
  const s0 = b.memory[start];
  const s1 = b.memory[start + b.stride];
  const s2 = b.memory[start + 2 * b.stride];
  const s3 = b.memory[start + 3 * b.stride];
  for (let l = 0; l < lanes; l++) {
    z[zo + l] = z[zo + l] + x[x0 + l] * s0 + x[x1 + l] * s1 + x[x2 + l] * s2 + x[x3 + l] * s3;
  }
}
