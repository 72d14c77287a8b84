import type { Flow } from '../flow/flow.js';
import { freezeMasses, freezePositions } from '../flow/freeze.js';
import type { Profile } from '../measure/measure.js';
import { copyProfileInto } from '../measure/working.js';
import { advance, type Spent } from './advance.js';
import { type ResultBuffers, resultBuffers } from './buffers.js';
import type { Stepper } from './stepper.js';

/** One turn per player that moves: its own flow and the state of its stepper. */
export interface AlternatingState {
  readonly turns: readonly Turn[];
  readonly results: ResultBuffers;
}

interface Turn {
  readonly flow: Flow;
  readonly state: unknown;
}

/**
 * Players step one after the other, each by `stepper` over the whole interval while the others stand still: player 1
 * answers what player 0 has just done. Lie splitting by players, so the order is at most 1.
 *
 * Cost: as many evaluations of the whole flow as there are moving players, times those of `stepper`. With one player it
 * is `stepper` itself. Source: [Strang1968].
 *
 * @example
 * ```ts
 * import { alternating, euler } from '@muflow/core';
 * console.log(alternating(euler()).name); // => alternating euler
 * ```
 */
export function alternating(stepper: Stepper): Stepper<AlternatingState> {
  const open = (flow: Flow, profile: Profile): readonly Flow[] =>
    profile.flatMap((_, k) => (moves(flow, k) ? [turnOf(flow, k)] : []));
  const memoryOf = (state: unknown): readonly number[] => stepper.memory?.(state) ?? [];
  return {
    name: `alternating ${stepper.name}`,
    order: Math.min(1, stepper.order),
    accepts: stepper.accepts,
    conservesMass: stepper.conservesMass,
    init: (flow, profile) => ({
      turns: open(flow, profile).map((own) => ({ flow: own, state: stepper.init(own, profile) })),
      results: resultBuffers(profile),
    }),
    ...(stepper.memory && {
      // Lengths first: a turn may remember any number of numbers.
      memory: ({ turns }) => turns.flatMap(({ state }) => [memoryOf(state).length, ...memoryOf(state)]),
      recall: (flow: Flow, profile: Profile, memory: readonly number[]) => {
        let at = 0;
        return {
          turns: open(flow, profile).map((own) => {
            const count = memory[at] ?? 0;
            const numbers = memory.slice(at + 1, at + 1 + count);
            at += 1 + count;
            return { flow: own, state: stepper.recall?.(own, profile, numbers) ?? stepper.init(own, profile) };
          }),
          results: resultBuffers(profile),
        };
      },
    }),
    step: (_flow, profile, context, state) => {
      const spent: Spent = { evaluations: 0, rejected: 0, status: 'ok' };
      let current = profile;
      for (const turn of state.turns) {
        current = advance({ stepper, flow: turn.flow, state: turn.state }, current, context, spent);
        if (spent.status !== 'ok') break;
      }
      const next = state.results.target(profile);
      copyProfileInto(next, current);
      return { next, dt: context.dt, state, ...spent, changedSupport: false };
    },
  };
}

const moves = (flow: Flow, player: number): boolean =>
  flow.transports[player] || flow.reacts[player] || flow.noise.some((noise) => noise.player === player);

/** The flow in which one player moves alone; jumps belong to the run, not to a turn. */
function turnOf(flow: Flow, player: number): Flow {
  const others = flow.dims.map((_, k) => k).filter((k) => k !== player);
  const alone = others.length === 0 ? flow : freezeMasses(freezePositions(flow, others), others);
  return { ...alone, jumps: [] };
}
