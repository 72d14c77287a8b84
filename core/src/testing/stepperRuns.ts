import type { Flow } from '../flow/flow.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import type { RandomKey, RandomStream } from '../math/random.js';
import type { Measure, MeasureKind, Profile } from '../measure/measure.js';
import { fisherRao } from '../metric/fisherRao.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import type { Plan } from '../run/problem.js';
import { simulate } from '../run/simulate.js';
import type { ExactProblem } from '../stepper/order.js';
import type { Stepper } from '../stepper/stepper.js';
import { type Landscape, landscapes, symmetricLandscapes } from './battery.js';
import { closedFlows } from './closedFlows.js';
import type { LawOptions, LawOutcome } from './law.js';
import { randomMeasure } from './measures.js';
import { type CaseReport, caseKey, overCases } from './samples.js';

/** Flows and short runs that the laws of steppers are asked on. */

/** Step size and number of steps of a short run. */
export const dt = 0.05;
export const steps = 6;

/** The flows with known solution that a stepper accepts. */
export function exactFlowsFor(stepper: Stepper): readonly ExactProblem[] {
  return closedFlows().filter(({ flow }) => accepts(stepper, flow));
}

function accepts({ accepts: can }: Stepper, { noise, transports, reacts }: Flow): boolean {
  return (
    (can.noise || noise.length === 0) &&
    (can.transport || !transports.includes(true)) &&
    (can.reaction || !reacts.includes(true))
  );
}

/** True where, asked for a step far too long, it takes less or tries again. */
export function choosesSteps(stepper: Stepper): boolean {
  return exactFlowsFor(stepper).some(({ flow, initial, time }) => {
    const context = { time: 0, dt: time, step: 0, key: caseKey({ seed: 0 }, 'chooses steps', 0) };
    const result = stepper.step(flow, initial, context, stepper.init(flow, initial));
    return result.dt < time || result.rejected > 0;
  });
}

/** A short run from a random start. */
export interface Run {
  readonly flow: Flow;
  readonly initial: Profile;
  readonly plan: Plan;
  /** Follows the flow: the measures at the start and after every step. */
  path(): readonly Measure[];
  readonly key: RandomKey;
  readonly random: RandomStream;
}

/** Which flows a law is asked on: all of them, those without noise, or those that isometries of the space keep. */
export type RunKind = 'any' | 'withoutNoise' | 'symmetric';

/** Runs a law over short runs from random starts, on the flows that a stepper accepts, in turn. */
export function inRuns(
  stepper: Stepper,
  options: LawOptions,
  { law, on = 'any' }: { readonly law: string; readonly on?: RunKind },
  check: (run: Run) => CaseReport,
): LawOutcome {
  const cases = flowsOn(on === 'symmetric' ? symmetricLandscapes : landscapes, on === 'any' ? [0, 0.1] : [0]).filter(
    ({ flow }) => accepts(stepper, flow),
  );
  if (cases.length === 0)
    return {
      holds: false,
      measurement: 'no flow to follow',
      counterexample: `${stepper.name} accepts no flow of the tests`,
    };
  // A stride prime to the number of cases: few runs see all kinds of flows.
  const stride = [7, 5, 3, 1].find((candidate) => cases.length % candidate !== 0) ?? 1;
  return overCases(options, law, (random, k) => {
    const { space, flow } = cases[(stride * k) % cases.length];
    const kind: MeasureKind = k % 2 === 0 ? 'probability' : 'positive';
    const initial = [randomMeasure(space, 2 + random.integer(5), kind, random)];
    const plan: Plan = { stepper, dt, maxSteps: steps, seed: k };
    const path = (): readonly Measure[] =>
      simulate({ flow, initial }, { ...plan, record: { every: 1 } }).frames.flatMap(({ profile }) => profile);
    return check({ flow, initial, plan, path, key: caseKey(options, law, k), random });
  });
}

function flowsOn(places: readonly Landscape[], noises: readonly number[]) {
  const metrics = [wassersteinFisherRao({ alpha: 0.5 }), wasserstein(), fisherRao()];
  return places.flatMap(({ space, energy }) =>
    metrics
      .filter(({ transports }) => !transports || space.intrinsicDim > 0)
      .flatMap((metric) =>
        noises
          .filter((noise) => noise === 0 || metric.transports)
          .map((noise) => ({ space, flow: gradientFlow(energy, metric, { noise }) })),
      ),
  );
}
