import { checkFlowProfile } from '../flow/checkFlow.js';
import { allocateTangents } from '../flow/tangents.js';
import { profileOf } from '../measure/profile.js';
import { checkBounds, checkFinite, checkRecords } from '../run/checkProblem.js';
import { valuesOf } from '../run/journal.js';
import { makeLoop } from '../run/loop.js';
import type { Plan, Problem } from '../run/problem.js';
import { checkStepper } from '../stepper/checkStepper.js';

/** Runs a check and keeps what it refuses under a config path; true where it passed. */
export type Attempt = (path: string, check: () => void) => boolean;

/**
 * What a run would refuse at its door, told under the paths of the config: whether the parts go together, whether
 * the energy, every recorder, the stopping rule and the jumps can take the first profile. Costs what a first tangent,
 * frame and jumps cost.
 */
export function rehearse(problem: Problem, plan: Plan, attempt: Attempt): void {
  const profile = profileOf(problem.initial);
  const initial = profile.length === 1 ? 'problem.initial' : 'problem.initials';
  const { flow } = problem;
  if (!attempt(initial, () => checkFlowProfile(flow, profile))) return;
  const fits = [
    ...flow.jumps.map((jump, k) => attempt(`problem.jumps[${k}]`, () => jump.check?.(profile))),
    attempt(initial, () => checkFinite(profile)),
    attempt('maxTime', () => checkBounds(plan, problem.time ?? 0)),
    attempt('record.recorders', () => checkRecords(plan)),
  ];
  if (fits.includes(false) || !attempt('stepper', () => checkStepper(plan.stepper, flow, profile))) return;
  const { view } = makeLoop(problem, plan, profile, { keepFrames: false });
  const driver = flow.game ? 'problem.game' : 'problem.energy';
  if (!attempt(driver, () => flow.tangentInto(allocateTangents(flow, profile), profile, view))) return;
  const recorders = plan.record?.recorders ?? [];
  const values: Record<string, number> = {};
  const reads = recorders.map((recorder, k) =>
    attempt(`record.recorders[${k}]`, () => void Object.assign(values, valuesOf(recorder, recorder.start(), view))),
  );
  if (!reads.includes(false)) attempt('stop', () => void plan.stop?.start()({ ...view, values }));
  for (const [k, jump] of flow.jumps.entries()) {
    attempt(`problem.jumps[${k}]`, () => void jump.apply(profile, flow, { ...view, dt: plan.dt }));
  }
}
