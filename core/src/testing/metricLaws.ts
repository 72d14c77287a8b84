import { allocateFirstVariation } from '../energy/checks.js';
import type { FirstVariation } from '../energy/energy.js';
import type { RandomStream } from '../math/random.js';
import type { Measure, Tangent } from '../measure/measure.js';
import { allocateTangent } from '../measure/tangent.js';
import { pushInto, workingCopy } from '../measure/working.js';
import type { Metric } from '../metric/metric.js';
import { type Landscape, landscapesFor } from './battery.js';
import type { Law, LawOptions, LawOutcome } from './law.js';
import { largestAbs, movedBy, permuted, randomMeasure, randomPermutation, showMeasure, splitAtom } from './measures.js';
import { type CaseReport, overCases } from './samples.js';

const rounding = 1e-10;
/** Of `int r dmu` relative to the largest rate: masses of conserved total drift by rounding alone. */
const massRounding = 1e-12;
/** Central differences of fourth order at this step are exact to about 1e-8 here. */
const differenceStep = 1e-3;
const differenceTolerance = 1e-6;

/** One random situation of a metric: a measure on a landscape, its first variation, and the descent there. */
interface Situation extends Landscape {
  readonly mu: Measure;
  readonly at: FirstVariation;
  readonly tangent: Tangent;
  readonly random: RandomStream;
}

/**
 * Laws of every metric: descent is linear, goes down, and loses energy at the rate of its squared length; lengths are
 * quadratic; mass, numbering and isometries are respected. Tested on energies over flat, curved, periodic and finite
 * spaces, on probabilities and positive measures in turn. Deterministic for a seed; no law is statistical.
 */
export const metricLaws: readonly Law<Metric>[] = [
  {
    id: 'descent-direction',
    title: 'the energy does not grow along steepest descent: int V r + <grad V, v> dmu <= 0',
    check: (metric, options) =>
      inSituations(metric, options, 'descent-direction', ({ mu, at, tangent }) => {
        const slope = pairing(mu, at, tangent);
        return { error: Math.max(0, slope), tolerance: rounding * (1 + Math.abs(slope)), detail: `slope ${slope}` };
      }),
  },
  {
    id: 'dissipation-identity',
    title: 'along the push by steepest descent dF/dt = -norm2 at t = 0',
    check: (metric, options) =>
      inSituations(metric, options, 'dissipation-identity', ({ energy, mu, tangent }) => {
        const length = metric.norm2(mu, tangent);
        const slope = slopeAlong((t) => energy.value(pushed(mu, tangent, t)), differenceStep / (1 + speedOf(tangent)));
        const detail = `dF/dt ${slope.toPrecision(8)}, -norm2 ${(-length).toPrecision(8)}`;
        return { error: Math.abs(slope + length), tolerance: differenceTolerance * (1 + Math.abs(length)), detail };
      }),
  },
  {
    id: 'norm2-is-quadratic',
    title: 'norm2 is a positive quadratic form: the parallelogram law and norm2(-3 T) = 9 norm2(T)',
    check: (metric, options) =>
      inSituations(metric, options, 'norm2-is-quadratic', ({ mu, tangent, random }) => {
        const other = descent(metric, randomVariation(mu, random), mu);
        const [a, b] = [metric.norm2(mu, tangent), metric.norm2(mu, other)];
        const sum = metric.norm2(mu, combination(tangent, 1, other, 1));
        const difference = metric.norm2(mu, combination(tangent, 1, other, -1));
        const tripled = metric.norm2(mu, combination(tangent, -3, other, 0));
        const negative = b > 0 && a >= 0 ? 0 : 1;
        const error = Math.abs(sum + difference - 2 * a - 2 * b) + Math.abs(tripled - 9 * a) + negative;
        return { error, tolerance: rounding * (1 + a + b), detail: `norm2 ${a} and ${b}` };
      }),
  },
  {
    id: 'mass-is-conserved',
    title: 'where the metric declares so, total mass does not change: int r dmu = 0',
    skip: (metric) => (metric.reacts ? null : 'the metric leaves masses alone'),
    check: (metric, options) =>
      inSituations(metric, options, 'mass-is-conserved', ({ mu, tangent: { growth } }) => {
        if (growth === null || !metric.conservesMass(mu.kind)) return { error: 0, tolerance: 1, detail: '' };
        const change = mu.masses.reduce((sum, mass, i) => sum + mass * growth[i], 0);
        return {
          error: Math.abs(change),
          tolerance: massRounding * (1 + largestAbs(growth)),
          detail: `int r dmu = ${change}`,
        };
      }),
  },
  {
    id: 'descent-is-linear',
    title: 'steepest descent is linear in the first variation',
    check: (metric, options) =>
      inSituations(metric, options, 'descent-is-linear', ({ mu, at, tangent, random }) => {
        const other = randomVariation(mu, random);
        const [a, b] = [random.normal(), random.normal()];
        const mixed: FirstVariation = {
          potential: at.potential.map((value, i) => a * value + b * other.potential[i]),
          gradient: at.gradient.map((value, k) => a * value + b * other.gradient[k]),
        };
        const expected = combination(tangent, a, descent(metric, other, mu), b);
        return { ...distance(descent(metric, mixed, mu), expected), detail: `factors ${a} and ${b}` };
      }),
  },
  {
    id: 'constants-do-not-move',
    title: 'a constant added to V moves no probability measure',
    check: (metric, options) =>
      inSituations(metric, options, 'constants-do-not-move', ({ mu, at, tangent }) => {
        if (mu.kind !== 'probability') return { error: 0, tolerance: 1, detail: '' };
        const shifted = { potential: at.potential.map((value) => value + 3), gradient: at.gradient };
        return { ...distance(descent(metric, shifted, mu), tangent), detail: 'V + 3' };
      }),
  },
  {
    id: 'isometry',
    title: 'steepest descent commutes with isometries of the space',
    skip: (metric) => (metric.transports && metric.mobility === undefined ? 'coordinates move at several rates' : null),
    check: (metric, options) =>
      inSituations(metric, options, 'isometry', ({ space, mu, at, tangent, random }) => {
        const isometry = space.isometry(random);
        const forward = (vectors: Float64Array): Float64Array => {
          const out = new Float64Array(vectors.length);
          isometry.pushForwardInto(out, mu.positions, vectors, mu.count);
          return out;
        };
        const gradient = new Float64Array(at.gradient.length);
        space.projectTangentInto(gradient, mu.positions, at.gradient, mu.count);
        const found = descent(metric, { potential: at.potential, gradient: forward(gradient) }, movedBy(mu, isometry));
        const expected = { velocity: tangent.velocity && forward(tangent.velocity), growth: tangent.growth };
        return { ...distance(found, expected), detail: isometry.name };
      }),
  },
  {
    id: 'permutation-of-atoms',
    title: 'steepest descent does not depend on how atoms are numbered',
    check: (metric, options) =>
      inSituations(metric, options, 'permutation-of-atoms', ({ mu, at, tangent, random }) => {
        const order = randomPermutation(mu.count, random);
        const variation = {
          potential: rowsInOrder(at.potential, order, 1),
          gradient: rowsInOrder(at.gradient, order, mu.dim),
        };
        const expected = {
          velocity: tangent.velocity && rowsInOrder(tangent.velocity, order, mu.dim),
          growth: tangent.growth && rowsInOrder(tangent.growth, order, 1),
        };
        return {
          ...distance(descent(metric, variation, permuted(mu, order)), expected),
          detail: `order ${order.join(' ')}`,
        };
      }),
  },
  {
    id: 'splitting-an-atom',
    title: 'an atom split in two at its place descends as one, and its parts have the length of the whole',
    check: (metric, options) =>
      inSituations(metric, options, 'splitting-an-atom', ({ mu, at, tangent, random }) => {
        const parents = [...Array.from({ length: mu.count }, (_, i) => i), 0];
        const doubled = ({ potential, gradient }: FirstVariation): FirstVariation => ({
          potential: rowsInOrder(potential, parents, 1),
          gradient: rowsInOrder(gradient, parents, mu.dim),
        });
        const split = splitAtom(mu, 0, 0.1 + 0.8 * random.uniform());
        const found = descent(metric, doubled(at), split);
        const expected = {
          velocity: tangent.velocity && rowsInOrder(tangent.velocity, parents, mu.dim),
          growth: tangent.growth && rowsInOrder(tangent.growth, parents, 1),
        };
        const [before, after] = [metric.norm2(mu, tangent), metric.norm2(split, found)];
        const apart = distance(found, expected);
        const error = apart.error + Math.abs(after - before);
        return { error, tolerance: apart.tolerance * (1 + before), detail: `norm2 ${before}, then ${after}` };
      }),
  },
  {
    id: 'frozen-parts',
    title: 'a part left out is null and has length 0, and leaving it out does not change the other',
    check: (metric, options) =>
      inSituations(metric, options, 'frozen-parts', ({ mu, at, tangent }) => {
        const masses = { velocity: null, growth: tangent.growth && new Float64Array(mu.count) };
        const motion = { velocity: tangent.velocity && new Float64Array(mu.count * mu.dim), growth: null };
        const nothing = { velocity: null, growth: null };
        for (const out of [masses, motion, nothing]) metric.descendInto(out, at, mu);
        const kept = distance({ velocity: motion.velocity, growth: masses.growth }, tangent);
        const parts = metric.norm2(mu, masses) + metric.norm2(mu, motion);
        const whole = metric.norm2(mu, tangent);
        const error = kept.error + metric.norm2(mu, nothing) + Math.abs(parts - whole);
        return { error, tolerance: kept.tolerance * (1 + whole), detail: `norm2 ${whole}, of its parts ${parts}` };
      }),
  },
];

/** Runs a law over the landscapes the metric can act on, in turn. */
function inSituations(
  metric: Metric,
  options: LawOptions,
  law: string,
  run: (situation: Situation) => CaseReport,
): LawOutcome {
  const landscapes = landscapesFor(metric);
  if (landscapes.length === 0) {
    return {
      holds: false,
      measurement: 'no space to test on',
      counterexample: `${metric.name} refuses every space of the tests`,
    };
  }
  return overCases(options, law, (random, k) => {
    const landscape = landscapes[k % landscapes.length];
    const kind = Math.floor(k / landscapes.length) % 2 === 0 ? 'probability' : 'positive';
    const mu = randomMeasure(landscape.space, 2 + Math.floor(5 * random.uniform()), kind, random);
    const at = allocateFirstVariation(mu.count, mu.dim);
    landscape.energy.firstVariationInto(at, mu);
    const report = run({ ...landscape, mu, at, tangent: descent(metric, at, mu), random });
    return { ...report, detail: `${report.detail} for ${landscape.energy.name}, ${showMeasure(mu)}` };
  });
}

function descent(metric: Metric, at: FirstVariation, mu: Measure): Tangent {
  const out = allocateTangent(metric.transports, metric.reacts, mu.count, mu.dim);
  metric.descendInto(out, at, mu);
  return out;
}

function randomVariation(mu: Measure, random: RandomStream): FirstVariation {
  return {
    potential: Float64Array.from({ length: mu.count }, () => random.normal()),
    gradient: Float64Array.from({ length: mu.count * mu.dim }, () => random.normal()),
  };
}

/** `int V r + <grad V, v> dmu`. */
function pairing(
  { masses, count, dim }: Measure,
  { potential, gradient }: FirstVariation,
  { velocity, growth }: Tangent,
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (growth !== null) sum += masses[i] * growth[i] * potential[i];
    for (let c = 0; velocity !== null && c < dim; c++) sum += masses[i] * velocity[i * dim + c] * gradient[i * dim + c];
  }
  return sum;
}

function pushed(mu: Measure, tangent: Tangent, t: number): Measure {
  const out = workingCopy(mu);
  pushInto(out, mu, tangent, t);
  return out;
}

/** Derivative at 0 by the central difference of fourth order. */
function slopeAlong(value: (t: number) => number, h: number): number {
  return (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h);
}

const speedOf = ({ velocity, growth }: Tangent): number =>
  Math.max(velocity === null ? 0 : largestAbs(velocity), growth === null ? 0 : largestAbs(growth));

function combination(first: Tangent, a: number, second: Tangent, b: number): Tangent {
  const mix = (x: Float64Array | null, y: Float64Array | null): Float64Array | null =>
    x === null || y === null ? null : x.map((value, k) => a * value + b * y[k]);
  return { velocity: mix(first.velocity, second.velocity), growth: mix(first.growth, second.growth) };
}

/** Largest difference of two tangents against rounding at their size; infinite where one lacks a part of the other. */
function distance(a: Tangent, b: Tangent): { readonly error: number; readonly tolerance: number } {
  let error = 0;
  let size = 1;
  for (const part of ['velocity', 'growth'] as const) {
    const [x, y] = [a[part], b[part]];
    if ((x === null) !== (y === null)) return { error: Number.POSITIVE_INFINITY, tolerance: 1 };
    if (x === null || y === null) continue;
    size += largestAbs(y);
    for (let k = 0; k < x.length; k++) error = Math.max(error, Math.abs(x[k] - y[k]));
  }
  return { error, tolerance: rounding * size };
}

function rowsInOrder(values: Float64Array, order: readonly number[], width: number): Float64Array {
  return Float64Array.from(
    { length: order.length * width },
    (_, k) => values[order[Math.floor(k / width)] * width + (k % width)],
  );
}
