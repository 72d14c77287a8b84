import { fail } from '../errors.js';
import type { Flow, StepContext } from '../flow/flow.js';
import { freezeMasses, freezePositions } from '../flow/freeze.js';
import type { Profile } from '../measure/measure.js';
import { copyProfileInto } from '../measure/working.js';
import { advance, type Spent } from './advance.js';
import { type ResultBuffers, resultBuffers } from './buffers.js';
import { euler, heun } from './rungeKutta.js';
import type { Stepper } from './stepper.js';

export interface SplittingOptions {
  /** Follows the flow with masses frozen. */
  readonly transport: Stepper;
  /** Follows the flow with positions frozen. */
  readonly reaction: Stepper;
}

interface Part {
  readonly stepper: Stepper;
  readonly flow: Flow;
  readonly state: unknown;
}

/** Both parts of the flow with their states, and buffers for the result. */
export interface SplittingState {
  readonly transport: Part;
  readonly reaction: Part;
  readonly results: ResultBuffers;
}

/**
 * Lie splitting `R(dt) T(dt)`: transport with masses frozen, then reaction with positions frozen. Order 1. The
 * transport stepper may follow noise (`eulerMaruyama`). Default: `euler` for both.
 *
 * @throws `unsupported` for a reaction stepper that cannot react, or a transport stepper that cannot transport.
 */
export function lieSplitting(
  options: SplittingOptions = { transport: euler(), reaction: euler() },
): Stepper<SplittingState> {
  return splitting('lie', 1, options, ({ transport, reaction }, profile, context, spent) =>
    advance(reaction, advance(transport, profile, context, spent), context, spent),
  );
}

/**
 * Strang splitting `R(dt/2) T(dt) R(dt/2)`. Order 2 if both parts have it. Default: `heun` for both.
 * Source: [Strang1968].
 *
 * @throws as {@link lieSplitting}.
 *
 * @example
 * ```ts
 * import { mirror, rk4, strangSplitting } from '@muflow/core';
 * console.log(strangSplitting({ transport: rk4(), reaction: rk4() }).order); // => 2
 * console.log(strangSplitting({ transport: rk4(), reaction: mirror() }).order); // => 1
 * ```
 */
export function strangSplitting(
  options: SplittingOptions = { transport: heun(), reaction: heun() },
): Stepper<SplittingState> {
  return splitting('strang', 2, options, ({ transport, reaction }, profile, context, spent) => {
    const half = context.dt / 2;
    const first = advance(reaction, profile, { ...context, dt: half }, spent);
    const moved = advance(transport, first, context, spent);
    return advance(reaction, moved, { ...context, time: context.time + half, dt: half }, spent);
  });
}

type Composition = (parts: SplittingState, profile: Profile, context: StepContext, spent: Spent) => Profile;

function splitting(
  name: string,
  order: number,
  { transport, reaction }: SplittingOptions,
  compose: Composition,
): Stepper<SplittingState> {
  if (!transport.accepts.transport || !reaction.accepts.reaction || reaction.accepts.noise) {
    fail({
      code: 'unsupported',
      where: `${name}Splitting`,
      problem: 'the parts cannot follow their halves of the flow',
      got: `transport by ${transport.name}, reaction by ${reaction.name}`,
      expected: 'a stepper that accepts transport, and a deterministic one that accepts reaction',
      fix: 'exchange the two, or use rk4 for the reaction',
    });
  }
  return {
    name: `${name}(${transport.name}, ${reaction.name})`,
    order: Math.min(order, transport.order, reaction.order),
    accepts: { noise: transport.accepts.noise, transport: true, reaction: true },
    conservesMass: transport.conservesMass && reaction.conservesMass,
    init: (flow, profile) => assemble(flow, profile, [transport, reaction], [[], []]),
    memory: (state) => {
      const [first, second] = [remembered(state.transport), remembered(state.reaction)];
      return [first.length, ...first, ...second];
    },
    recall: (flow, profile, [cut, ...numbers]) =>
      assemble(flow, profile, [transport, reaction], [numbers.slice(0, cut), numbers.slice(cut)]),
    step: (_flow, profile, context, state) => {
      const spent: Spent = { evaluations: 0, rejected: 0, status: 'ok' };
      const end = compose(state, profile, context, spent);
      const next = state.results.target(profile);
      copyProfileInto(next, end);
      return { next, dt: context.dt, state, changedSupport: false, ...spent };
    },
  };
}

type Pair<Value> = readonly [transport: Value, reaction: Value];

function assemble(
  flow: Flow,
  profile: Profile,
  steppers: Pair<Stepper>,
  memories: Pair<readonly number[]>,
): SplittingState {
  return {
    transport: partOf(freezeMasses(flow), profile, steppers[0], memories[0]),
    reaction: partOf(freezePositions(flow), profile, steppers[1], memories[1]),
    results: resultBuffers(profile),
  };
}

function partOf(flow: Flow, profile: Profile, stepper: Stepper, memory: readonly number[]): Part {
  const recalled = memory.length > 0 ? stepper.recall?.(flow, profile, memory) : undefined;
  return { stepper, flow, state: recalled ?? stepper.init(flow, profile) };
}

function remembered({ stepper, state }: Part): readonly number[] {
  return stepper.memory?.(state) ?? [];
}
