import { logLogSlope } from '../math/slopes.js';
import type { Measure } from '../measure/measure.js';
import { totalMass } from '../measure/profile.js';
import { snapshot } from '../measure/working.js';
import { checkpointFromBytes, checkpointToBytes } from '../run/checkpoint.js';
import { open } from '../run/integrator.js';
import { resume, simulate } from '../run/simulate.js';
import { type ExactProblem, follow, profileDistance } from '../stepper/order.js';
import type { Stepper } from '../stepper/stepper.js';
import type { Law, LawOutcome } from './law.js';
import { movedBy, permuted, randomPermutation, sameBytes, showProfile, splitAtom } from './measures.js';
import { choosesSteps, dt, exactFlowsFor, inRuns, steps } from './stepperRuns.js';

/** How far a fitted order may lie from the declared one. */
const orderBand = 0.15;
/** Errors at or below this are rounding: a stepper that is exact on a flow has no order there. */
const rounding = 1e-12;
/** Where a solution is expected within this of the exact one, from steppers that choose their steps. */
const accuracy = 1e-3;
/** Sums of a field are taken in another order: rounding, then at most the growth of the flow itself. */
const reordered = 1e-9;

/**
 * Laws of every stepper: its order on flows in closed form, conservation, and that a path depends on the problem and the
 * seed alone: not on pauses, numbering, or what the stepper did before.
 *
 * Orders are fitted slopes on fixed problems, without chance. Other laws are exact for every seed; none is statistical.
 */
export const stepperLaws: readonly Law<Stepper>[] = [
  {
    id: 'declared-order',
    title: `the measured order on closed-form flows is the declared one, to ${orderBand}`,
    skip: (stepper) =>
      choosesSteps(stepper)
        ? 'it chooses its own steps'
        : exactFlowsFor(stepper).length === 0
          ? 'it accepts no flow in closed form'
          : null,
    check: (stepper) => orderLaw(stepper),
  },
  {
    id: 'follows-exact-flows',
    title: `left to choose its steps, it ends within ${accuracy} of the exact flows`,
    skip: (stepper) => (choosesSteps(stepper) ? null : 'it takes the steps it is given'),
    check: (stepper) => {
      const errors = exactFlowsFor(stepper).map((problem) => ({ problem, error: errorAfter(stepper, problem, 40) }));
      const worst = errors.reduce((a, b) => (b.error <= a.error ? a : b));
      const measurement = `largest error ${worst.error.toExponential(2)}`;
      return worst.error <= accuracy
        ? { holds: true, measurement }
        : { holds: false, measurement, counterexample: worst.problem.name };
    },
  },
  {
    id: 'stays-inside',
    title: 'atoms stay in the space and masses stay finite and positive',
    check: (stepper, options) =>
      inRuns(stepper, options, { law: 'stays-inside' }, ({ path }) => {
        const wrong = path().filter((mu) => {
          const outside = Array.from({ length: mu.count }, (_, i) => i).some(
            (i) => !mu.space.contains(mu.positions, i * mu.dim, 1e-9),
          );
          return outside || !mu.masses.every((mass) => mass > 0 && Number.isFinite(mass));
        });
        return { error: wrong.length, tolerance: 0.5, detail: showProfile(wrong) };
      }),
  },
  {
    id: 'mass-is-conserved',
    title: 'total mass stays to 1e-12 relative, where stepper and flow declare so',
    skip: (stepper) => (stepper.conservesMass ? null : 'the stepper does not declare it'),
    check: (stepper, options) =>
      inRuns(stepper, options, { law: 'mass-is-conserved' }, ({ flow, initial, path }) => {
        const conserved = path().filter((mu, k) => flow.conservesMass(k % initial.length, mu.kind));
        const drift = conserved.reduce(
          (largest, mu) => Math.max(largest, Math.abs(totalMass(mu) / totalMass(initial[0]) - 1)),
          0,
        );
        return { error: drift, tolerance: rounding, detail: `drift ${drift} of ${flow.name}` };
      }),
  },
  {
    id: 'takes-what-is-asked',
    title: 'a step covers a positive time, no more than asked for, and leaves the profile it starts from as it was',
    check: (stepper, options) =>
      inRuns(stepper, options, { law: 'takes-what-is-asked' }, ({ flow, initial, key }) => {
        const before = initial.map(snapshot);
        const result = stepper.step(flow, initial, { time: 0, step: 0, key, dt }, stepper.init(flow, initial));
        const fine = result.dt > 0 && result.dt <= dt && result.evaluations > 0 && sameBytes(before, initial);
        return {
          error: fine ? 0 : 1,
          tolerance: 0.5,
          detail: `took ${result.dt} of ${dt} with ${result.evaluations} evaluations`,
        };
      }),
  },
  {
    id: 'same-seed-same-bytes',
    title: 'the same seed gives the same bytes, whatever the stepper followed before',
    check: (stepper, options) =>
      inRuns(stepper, options, { law: 'same-seed-same-bytes' }, ({ plan, flow, initial }) => {
        const [first, second] = [simulate({ flow, initial }, plan), simulate({ flow, initial }, plan)];
        return { error: sameBytes(first.profile, second.profile) ? 0 : 1, tolerance: 0.5, detail: flow.name };
      }),
  },
  {
    id: 'pause-and-resume',
    title: 'a run paused, written to bytes, read back and resumed equals the run straight through, bit for bit',
    check: (stepper, options) =>
      inRuns(stepper, options, { law: 'pause-and-resume' }, ({ plan, flow, initial }) => {
        const problem = { flow, initial };
        const run = open(problem, plan);
        for (let k = 0; k < steps / 2; k++) run.step();
        const saved = checkpointFromBytes(
          checkpointToBytes(run.checkpoint()),
          initial.map(({ space }) => space),
        );
        const same = sameBytes(resume(problem, plan, saved).profile, simulate(problem, plan).profile);
        return { error: same ? 0 : 1, tolerance: 0.5, detail: flow.name };
      }),
  },
  {
    id: 'permutation-of-atoms',
    title: 'numbering the atoms otherwise numbers the result otherwise, noise included',
    check: (stepper, options) =>
      inRuns(stepper, options, { law: 'permutation-of-atoms' }, ({ plan, flow, initial, random }) => {
        const orders = initial.map((mu) => randomPermutation(mu.count, random));
        const other = initial.map((mu, k) => permuted(mu, orders[k]));
        const straight = simulate({ flow, initial }, plan).profile.map((mu, k) => permuted(mu, orders[k]));
        const error = profileDistance(simulate({ flow, initial: other }, plan).profile, straight);
        return { error, tolerance: reordered, detail: flow.name };
      }),
  },
  {
    id: 'splitting-an-atom',
    title: 'without noise, an atom split in two at its place moves as one',
    skip: stepsFollowScales,
    check: (stepper, options) =>
      inRuns(stepper, options, { law: 'splitting-an-atom', on: 'withoutNoise' }, ({ plan, flow, initial, random }) => {
        const share = 0.1 + 0.8 * random.uniform();
        const split = (mu: Measure): Measure => splitAtom(mu, 0, share);
        const found = simulate({ flow, initial: initial.map(split) }, plan).profile;
        const error = profileDistance(found, simulate({ flow, initial }, plan).profile.map(split));
        return { error, tolerance: reordered, detail: `${flow.name} from ${showProfile(initial)}` };
      }),
  },
  {
    id: 'isometry',
    title: 'on energies that isometries keep, a run from the image of a measure is the image of the run',
    skip: stepsFollowScales,
    check: (stepper, options) =>
      inRuns(stepper, options, { law: 'isometry', on: 'symmetric' }, ({ plan, flow, initial, random }) => {
        const isometry = initial[0].space.isometry(random);
        const moved = (mu: Measure): Measure => movedBy(mu, isometry);
        const found = simulate({ flow, initial: initial.map(moved) }, plan).profile;
        const error = profileDistance(found, simulate({ flow, initial }, plan).profile.map(moved));
        return { error, tolerance: reordered, detail: `${isometry.name}, ${flow.name} from ${showProfile(initial)}` };
      }),
  },
];

/** Why a change of coordinates or of atoms may change a path: a tolerance per number is relative to both. */
function stepsFollowScales(stepper: Stepper): string | null {
  return choosesSteps(stepper) ? 'its steps depend on the size and number of coordinates' : null;
}

/** Numbers of steps: fine enough to be asymptotic, coarse enough to stay above rounding. */
function stepCounts(order: number): readonly number[] {
  if (order <= 1) return [100, 200, 400];
  if (order <= 2) return [64, 128, 256];
  return order <= 4 ? [16, 32, 64] : [40, 56, 80];
}

/** A stepper may be better than declared on an easy flow, never worse on any, and must show its order on one. */
function orderLaw(stepper: Stepper): LawOutcome {
  const counts = stepCounts(stepper.order);
  const found = exactFlowsFor(stepper).map((problem) => {
    const errors = counts.map((count) => errorAfter(stepper, problem, count));
    const exact = errors.every((error) => error <= rounding);
    const order = exact
      ? Number.POSITIVE_INFINITY
      : logLogSlope(
          counts.map((count) => problem.time / count),
          errors.map((error) => Math.max(error, rounding / 100)),
        );
    return { order, name: problem.name };
  });
  const least = found.reduce((a, b) => (b.order >= a.order ? a : b));
  const measurement = `order ${least.order.toFixed(3)} on ${least.name}, declared ${stepper.order} +- ${orderBand}`;
  const exactEverywhere = least.order === Number.POSITIVE_INFINITY;
  const holds = exactEverywhere || Math.abs(least.order - stepper.order) <= orderBand;
  return holds ? { holds, measurement } : { holds, measurement, counterexample: least.name };
}

function errorAfter(stepper: Stepper, problem: ExactProblem, count: number): number {
  return profileDistance(follow(stepper, problem, count), problem.exact(problem.time));
}
