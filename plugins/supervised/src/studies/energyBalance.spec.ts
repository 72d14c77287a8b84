import { euclidean, type Frame, logLogSlope, measure } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { balanceClaims, balanceOf, unaccountedShare } from './energyBalance.js';

/** Frames of `F(t) = exp(-2 t)`, whose dissipation is `2 exp(-2 t)` times `error`, at uneven times up to 2. */
function frames(count: number, error = 1): Frame[] {
  const profile = [measure({ space: euclidean(1), positions: [0] })];
  return Array.from({ length: count + 1 }, (_, k) => {
    const time = 2 * (k / count) ** 1.3;
    const energy = Math.exp(-2 * time);
    const values = { energy, speed: Math.sqrt(2 * energy * error), mass: 1 };
    return { step: k, time, dt: 0, profile, values, last: k === count };
  });
}

describe('energy balance', () => {
  test('an exact flow closes to at least third order in the distance of the frames', () => {
    const counts = [20, 40, 80, 160];
    const shares = counts.map((count) => unaccountedShare(balanceOf(frames(count))));
    expect(logLogSlope(counts, shares)).toBeLessThan(-2.8);
    expect(shares[3]).toBeLessThan(1e-6);
  });

  test('a dissipation 3 % too large is seen as 3 %, and fails the claim', () => {
    expect(unaccountedShare(balanceOf(frames(200, 1.03)))).toBeCloseTo(0.03, 5);
    const [mass, balance] = balanceClaims(frames(200, 1.03));
    expect([mass.verdict, balance.verdict]).toEqual(['holds', 'fails']);
    expect(balanceClaims(frames(200))[1].verdict).toBe('holds');
  });

  test('errors of opposite sign do not cancel', () => {
    const swung = frames(200).map((frame, k) => ({
      ...frame,
      values: { ...frame.values, energy: frame.values.energy + (k % 2 === 1 ? 0.001 : 0) },
    }));
    expect(unaccountedShare(balanceOf(swung))).toBeGreaterThan(0.1);
  });

  test('mass that drifts fails its claim', () => {
    const leaking = frames(10).map((frame, k) => ({ ...frame, values: { ...frame.values, mass: 1 - 1e-9 * k } }));
    expect(balanceClaims(leaking)[0]).toMatchObject({ verdict: 'fails', measurement: '1e-8' });
  });
});
