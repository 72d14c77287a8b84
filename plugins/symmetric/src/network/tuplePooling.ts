import { type Activation, compileActivation, fail } from '@muflow/core';
import type { SetBatch } from '../sets/setBatch.js';
import { type PooledFeatures, poolingScale } from './pooling.js';
import { type Projections, projections } from './projections.js';
import type { Pooling, SetNetwork } from './setNetwork.js';

/** Tuples of one set at once: beyond it a mean over all of them is not a thing to ask for. */
const mostTuples = 1 << 24;
/** Values of test functions that are computed together, so that they stay in cache. */
const blockSize = 1 << 13;

/**
 * Any order and any pooling, exactly, over all N^k tuples of a set: `inner(b + sum_l <w_l, x_{a_l}>)` from the k N inner
 * products, so that a tuple costs one unit and no inner product. Cost `m1 N^k` units and `2 m1 N k d` multiplications a set.
 *
 * @throws `unsupported` where a set has more than 2^24 tuples.
 */
export function tuplePooling(network: SetNetwork, batch: SetBatch): PooledFeatures {
  const { order, innerWidth: units, pooling } = network;
  const { offsets, count } = batch;
  const activation = compileActivation(network.inner, network.backend);
  const largest = offsets.subarray(1).reduce((most, end, s) => Math.max(most, end - offsets[s]), 0);
  const tuples = largest ** order;
  if (tuples > mostTuples) tooMany(largest, order);
  const block = Math.max(1, Math.min(units, Math.floor(blockSize / tuples)));
  const scratch: Scratch = {
    arguments: new Float64Array(block * tuples),
    slopes: new Float64Array(block * tuples),
    masses: new Float64Array(tuples),
  };
  const places = projections(network, batch);
  /** Goes over the units of every set, with values and slopes of a block of them. */
  const overUnits = (
    rows: Float64Array,
    isSlope: boolean,
    take: (set: TupleSet, i: number, at: number) => void,
  ): void => {
    places.place(rows);
    for (let s = 0; s < count; s++) {
      const points = offsets[s + 1] - offsets[s];
      const set = { s, units, points, order, tuples: points ** order, scale: poolingScale(network, batch, s) };
      places.project(s);
      tupleMasses(scratch.masses, batch, s, order);
      for (let first = 0; first < units; first += block) {
        const last = Math.min(units, first + block);
        fillArguments(scratch.arguments, places, set, [first, last]);
        evaluate(activation, scratch, (last - first) * set.tuples, isSlope);
        for (let i = first; i < last; i++) take(set, i, (i - first) * set.tuples);
      }
    }
  };
  return {
    run(rows, features) {
      overUnits(rows, false, (set, i, at) => {
        features[set.s * units + i] = pooledValue(scratch, at, set, pooling);
      });
    },
    gradientInto(out, rows, cotangents) {
      out.fill(0);
      overUnits(rows, true, (set, i, at) => {
        weighSlopes(scratch, at, { ...set, scale: set.scale * cotangents[set.s * units + i] }, pooling);
        takeMarginals(places, scratch.slopes, at, { ...set, unit: i });
        if (i === units - 1) places.addInto(out, set.s);
      });
    },
  };
}

interface Scratch {
  /** Arguments of units, then values, one row of N^k for each unit of a block. */
  readonly arguments: Float64Array;
  /** Slopes, then what an infinitesimal change of the arguments changes in the pooled value. */
  readonly slopes: Float64Array;
  /** Mass of each tuple, N^k. */
  readonly masses: Float64Array;
}

interface TupleSet {
  /** Its place in the batch. */
  readonly s: number;
  readonly units: number;
  readonly points: number;
  readonly order: number;
  readonly tuples: number;
  readonly scale: number;
}

/** Products of masses, the last index running fastest. */
function tupleMasses(out: Float64Array, { masses, offsets }: SetBatch, s: number, order: number): void {
  const points = offsets[s + 1] - offsets[s];
  out[0] = 1;
  let filled = 1;
  for (let l = 0; l < order; l++) {
    // From the end, so that what is read has not been written over.
    for (let c = filled - 1; c >= 0; c--) {
      const mass = out[c];
      for (let a = points - 1; a >= 0; a--) out[c * points + a] = mass * masses[offsets[s] + a];
    }
    filled *= points;
  }
}

/** `z_i(a_1, ..., a_k) = b_i + t_{1,i,a_1} + ... + t_{k,i,a_k}` for the units of a block. */
function fillArguments(
  z: Float64Array,
  { values, biases }: Projections,
  { units, points, order, tuples }: TupleSet,
  [first, last]: readonly [number, number],
): void {
  for (let i = first; i < last; i++) {
    const at = (i - first) * tuples;
    z[at] = biases[i];
    let filled = 1;
    for (let l = 0; l < order; l++) {
      const from = (l * units + i) * points;
      for (let c = filled - 1; c >= 0; c--) {
        const base = z[at + c];
        for (let a = points - 1; a >= 0; a--) z[at + c * points + a] = base + values[from + a];
      }
      filled *= points;
    }
  }
}

function evaluate(activation: Activation, { arguments: z, slopes }: Scratch, size: number, isSlope: boolean): void {
  if (isSlope) activation.slopeInto(z, slopes, z, size);
  else activation.valueInto(z, z, size);
}

/** The pooled value of the unit whose values begin at `at`. */
function pooledValue(scratch: Scratch, at: number, { tuples, scale }: TupleSet, pooling: Pooling): number {
  const { arguments: h, masses } = scratch;
  if (pooling === 'mean' || pooling === 'sum') {
    let sum = 0;
    for (let c = 0; c < tuples; c++) sum += masses[c] * h[at + c];
    return scale * sum;
  }
  const top = h[at + largestOf(h, at, tuples)];
  if (pooling === 'max') return top;
  let sum = 0;
  for (let c = 0; c < tuples; c++) sum += masses[c] * Math.exp((h[at + c] - top) / pooling.logMeanExp);
  return top + pooling.logMeanExp * Math.log(sum);
}

/** Multiplies slopes by what the pooled value, times `scale`, changes with the value of each tuple. */
function weighSlopes(scratch: Scratch, at: number, { tuples, scale }: TupleSet, pooling: Pooling): void {
  const { arguments: h, slopes, masses } = scratch;
  if (pooling === 'mean' || pooling === 'sum') {
    for (let c = 0; c < tuples; c++) slopes[at + c] *= scale * masses[c];
    return;
  }
  const largest = largestOf(h, at, tuples);
  if (pooling === 'max') {
    for (let c = 0; c < tuples; c++) slopes[at + c] *= c === largest ? scale : 0;
    return;
  }
  let sum = 0;
  for (let c = 0; c < tuples; c++) {
    const weight = masses[c] * Math.exp((h[at + c] - h[at + largest]) / pooling.logMeanExp);
    sum += weight;
    slopes[at + c] *= weight;
  }
  for (let c = 0; c < tuples; c++) slopes[at + c] *= scale / sum;
}

/** The first tuple with the largest value. */
function largestOf(h: Float64Array, at: number, tuples: number): number {
  let largest = 0;
  for (let c = 1; c < tuples; c++) if (h[at + c] > h[at + largest]) largest = c;
  return largest;
}

/** `D_{l,a} = sum of the slopes of the tuples with a_l = a`, for every l. */
function takeMarginals(
  { marginals }: Projections,
  slopes: Float64Array,
  at: number,
  { units, points, order, tuples, unit }: TupleSet & { readonly unit: number },
): void {
  let stride = tuples;
  for (let l = 0; l < order; l++) {
    const outer = tuples / stride;
    stride /= points;
    const to = (l * units + unit) * points;
    for (let a = 0; a < points; a++) {
      let sum = 0;
      for (let c = 0; c < outer; c++) {
        const from = at + (c * points + a) * stride;
        for (let r = 0; r < stride; r++) sum += slopes[from + r];
      }
      marginals[to + a] = sum;
    }
  }
}

function tooMany(points: number, order: number): never {
  return fail({
    code: 'unsupported',
    where: 'allocateSetPass',
    problem: 'a set has too many tuples',
    got: `${points} points, order ${order}`,
    expected: `at most 2^24 tuples, ${Math.floor(mostTuples ** (1 / order))} points`,
    fix: 'take a lower order, smaller sets, or a polynomial inner unit such as z^2, which goes by moments',
  });
}
