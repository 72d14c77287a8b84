import type { Measure } from '@muflow/core';
import type { FiniteStrategy } from './games/knownGame.js';

/**
 * W1 between a strategy in one dimension and a finite one: `int |F - G| dx` on a line; on a circle of
 * period p, `min_c int |F - G - c| dx`, attained at the weighted median of F - G. Both have mass 1.
 * Comparing equilibria this way forgives atoms that split or lie slightly off.
 */
export function wasserstein1(mu: Measure, target: FiniteStrategy, period?: number): number {
  const events = [
    ...Array.from({ length: mu.count }, (_, i) => [mu.positions[i], mu.masses[i]] as const),
    ...target.at.map(([at], k) => [at, -target.mass[k]] as const),
  ].sort((a, b) => a[0] - b[0]);
  const pieces: { readonly height: number; readonly width: number }[] = [];
  let height = 0;
  events.forEach(([at, mass], k) => {
    height += mass;
    const next = k + 1 < events.length ? events[k + 1][0] : period === undefined ? at : events[0][0] + period;
    pieces.push({ height, width: next - at });
  });
  const level = period === undefined ? 0 : weightedMedian(pieces);
  return pieces.reduce((sum, piece) => sum + piece.width * Math.abs(piece.height - level), 0);
}

function weightedMedian(pieces: readonly { readonly height: number; readonly width: number }[]): number {
  const sorted = [...pieces].sort((a, b) => a.height - b.height);
  const half = sorted.reduce((sum, piece) => sum + piece.width, 0) / 2;
  let sum = 0;
  for (const { height, width } of sorted) {
    sum += width;
    if (sum >= half) return height;
  }
  return sorted[sorted.length - 1].height;
}
