import { fail, show } from '../errors.js';
import type { Space } from '../space/space.js';

/** Coordinates `start <= k < end` of an atom that move at their own rate (>= 0, relative to the metric's). */
export interface CoordinateBlock {
  readonly start: number;
  readonly end: number;
  readonly rate: number;
}

/** Refuses blocks that are empty, overlap, or have a rate that is not a finite number >= 0. */
export function checkBlocks(where: string, blocks: readonly CoordinateBlock[]): void {
  blocks.forEach(({ start, end, rate }, b) => {
    const ordered = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end;
    const apart = b === 0 || blocks[b - 1].end <= start;
    if (ordered && apart && rate >= 0 && Number.isFinite(rate)) return;
    fail({
      code: 'invalid-argument',
      where,
      problem: `block ${b} is not usable`,
      got: `start ${show(start)}, end ${show(end)}, rate ${show(rate)}`,
      expected: 'integers start < end in increasing order without overlap, and a finite rate >= 0',
      fix: 'write { start: 0, end: 1, rate: 0.5 }; a rate of 0 freezes the coordinates',
    });
  });
}

/** The rate of every coordinate of an atom: `base`, times the rate of the block it lies in. */
export function coordinateRates(base: number, blocks: readonly CoordinateBlock[], dim: number): Float64Array {
  const rates = new Float64Array(dim).fill(base);
  for (const { start, end, rate } of blocks) for (let k = start; k < end; k++) rates[k] = base * rate;
  return rates;
}

/**
 * Refuses blocks that end past the coordinates of a space, or that cut through a curved factor (sphere, simplex):
 * there the rates would not commute with the projection on the tangent space.
 */
export function checkBlocksFit(where: string, blocks: readonly CoordinateBlock[], space: Space): void {
  const last = blocks.at(-1);
  if (last === undefined) return;
  if (last.end > space.dim) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'a block ends past the coordinates of the space',
      got: `end ${last.end} on ${space.name} with ${space.dim} coordinates`,
      expected: `ends up to ${space.dim}`,
      fix: 'give blocks in the stored coordinates of the space',
    });
  }
  const rates = coordinateRates(1, blocks, space.dim);
  for (const [start, factor] of curvedFactors(space, 0)) {
    for (let k = start + 1; k < start + factor.dim; k++) {
      if (rates[k] === rates[start]) continue;
      fail({
        code: 'invalid-argument',
        where,
        problem: 'the rates differ inside a curved space',
        got: `rates ${show(rates.slice(start, start + factor.dim))} on ${factor.name}`,
        expected: 'one rate for all coordinates of a sphere or simplex',
        fix: 'let blocks begin and end at the borders of the factors of the product',
      });
    }
  }
}

/** Start and space of every factor whose stored coordinates are more than its dimension. */
function curvedFactors(space: Space, start: number): readonly (readonly [number, Space])[] {
  if (space.factors === undefined)
    return space.intrinsicDim < space.dim && space.intrinsicDim > 0 ? [[start, space]] : [];
  let at = start;
  return space.factors.flatMap((factor) => {
    const found = curvedFactors(factor, at);
    at += factor.dim;
    return found;
  });
}
