// Rock, paper, scissors with a heavier rock, by the Fisher-Rao flow: the replicator equation of both players.
import { customRecorder, diracs, fisherRao, gameFlow, matrixGame, rk4, simulate } from '@muflow/core';

const payoff = [
  [0, 1, -2],
  [-1, 0, 1],
  [2, -1, 0],
];
const game = matrixGame(payoff);
const flow = gameFlow(game, fisherRao());
const start = (masses: number[]) => diracs([0, 1, 2], masses, { space: game.spaces[0] });

// At the equilibrium all actions cost the same: (1, 2, 1) / 4 here, and the value is 0.
const equilibrium = [0.25, 0.5, 0.25];

// The flow does not converge, it circles: sum_k KL(p* | p_k) is conserved. Its time average converges.
const divergence = customRecorder('divergence', ({ profile }) =>
  profile.reduce((sum, mu) => sum + equilibrium.reduce((s, p, i) => s + p * Math.log(p / mu.masses[i]), 0), 0),
);
const initial = [start([0.6, 0.2, 0.2]), start([0.3, 0.3, 0.4])];
const plan = { stepper: rk4(), dt: 0.01, maxTime: 400, record: { every: 10, recorders: [divergence] } };
const { frames } = simulate({ flow, initial }, plan);

const first = frames[0].values.divergence;
const drift = Math.max(...frames.map(({ values }) => Math.abs(values.divergence - first)));
console.log(`conserved to 1e-6: ${drift < 1e-6}`); // => conserved to 1e-6: true
const average = equilibrium.map(
  (_, i) => frames.reduce((sum, { profile }) => sum + profile[0].masses[i], 0) / frames.length,
);
console.log(`average of x ${average.map((p) => p.toFixed(2)).join(' ')}`); // => average of x 0.25 0.50 0.25
