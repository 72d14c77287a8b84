import {
  euclidean,
  gameFlow,
  gradientFlow,
  heun,
  interactionEnergy,
  measure,
  simulate,
  wassersteinFisherRao,
} from '@muflow/core';
import { assertLaws, recorderLaws } from '@muflow/core/testing';
import { expect, test } from 'vitest';
import { doubleWellGame } from '../games/knownGames.js';
import { gridStart } from '../starts.js';
import { certificateRecorder } from './certificateRecorder.js';

test('the proven bracket follows a run: it holds the value of the game at every frame, and shrinks', () => {
  const { game } = doubleWellGame();
  const { frames } = simulate(
    {
      flow: gameFlow(game, wassersteinFisherRao({ alpha: 1 })),
      initial: game.spaces.map((space) => gridStart(space, 9)),
    },
    { stepper: heun(), dt: 0.05, maxSteps: 100, record: { every: 20, recorders: [certificateRecorder()] } },
  );
  for (const { values } of frames) {
    expect(values.certified).toBe(1);
    expect(values.valueLower).toBeLessThanOrEqual(0);
    expect(values.valueUpper).toBeGreaterThanOrEqual(0);
    expect(values.niUpper).toBeGreaterThanOrEqual(values.niLower);
    expect(Math.abs(values.valueUpper - values.valueLower - values.niUpper)).toBeLessThan(1e-9);
  }
  const [first, last] = [frames[0], frames[frames.length - 1]];
  expect(last.values.niUpper).toBeLessThan(first.values.niLower / 2);
});

test('it keeps the laws of recorders', () => assertLaws(certificateRecorder(), recorderLaws, { seed: 3, runs: 8 }));

test('a flow without a game is refused', () => {
  const space = euclidean(1);
  const flow = gradientFlow(interactionEnergy({ kernel: 'exp(-norm2(x - y))', dim: 1 }), wassersteinFisherRao());
  const plan = { stepper: heun(), dt: 0.1, maxSteps: 1, record: { recorders: [certificateRecorder()] } };
  expect(() => simulate({ flow, initial: measure({ space, positions: [0, 1] }) }, plan)).toThrow(
    /\[certificateRecorder\] the flow is not that of a game/,
  );
});
