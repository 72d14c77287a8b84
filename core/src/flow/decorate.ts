import { checkJumps, checkNoise } from './checkFlow.js';
import type { Flow, Jump, Noise } from './flow.js';
import { mergeNoise, noiseOf } from './noise.js';

/**
 * The same flow with diffusion added: `sqrt(2 temperature) dB` on the atoms of each named player, on top of what is
 * there. Its dissipation is no longer predicted.
 *
 * @param noise - a temperature for all players, or one entry per noisy player.
 * @throws `invalid-argument` for a negative temperature or an unknown player.
 */
export function withNoise(flow: Flow, noise: number | readonly Noise[]): Flow {
  const added = noiseOf(noise, flow.dims.length);
  checkNoise('withNoise', added, flow.dims.length);
  if (added.length === 0) return flow;
  const { dissipation: _, ...rest } = flow;
  return { ...rest, noise: mergeNoise([...flow.noise, ...added]) };
}

/**
 * The same flow with jumps after every step, in the order given, after those that are there.
 *
 * @throws `missing-requirement` for a jump that needs a field where the flow has none; `duplicate-id` for two jumps of
 * one name on one player.
 */
export function withJumps(flow: Flow, ...jumps: readonly Jump[]): Flow {
  const all = [...flow.jumps, ...jumps];
  checkJumps('withJumps', all, flow.dims.length, flow.field !== undefined);
  return { ...flow, jumps: all };
}
