import type { Noise } from './flow.js';

/** Noise of every player from a temperature, or the entries as given; temperatures of 0 are dropped. */
export function noiseOf(noise: number | readonly Noise[] | undefined, players: number): readonly Noise[] {
  if (noise === undefined) return [];
  const entries =
    typeof noise === 'number'
      ? Array.from({ length: players }, (_, player) => ({ player, temperature: noise }))
      : noise;
  return entries.filter(({ temperature }) => temperature !== 0);
}

/** One entry per player: variances add, so temperatures do. */
export function mergeNoise(noise: readonly Noise[]): readonly Noise[] {
  const byPlayer = new Map<number, number>();
  for (const { player, temperature } of noise) byPlayer.set(player, (byPlayer.get(player) ?? 0) + temperature);
  return [...byPlayer].map(([player, temperature]) => ({ player, temperature }));
}
