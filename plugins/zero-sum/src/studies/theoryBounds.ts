import {
  claimAtMost,
  deriveKey,
  euler,
  extragradient,
  fisherRao,
  type Game,
  gameFlow,
  matrixGame,
  measure,
  randomKey,
  randomStream,
  rk4,
  type Study,
  type StudyContext,
  torus,
  totalMass,
  wassersteinFisherRao,
  zeroSumGame,
} from '@muflow/core';
import { z } from 'zod';
import { ergodicAverage } from '../dynamics/ergodicAverage.js';
import { nikaidoIsodaOnGrid } from '../nikaidoIsoda.js';
import { betaPathReport } from './betaPath.js';
import { divergenceTo, mixedProfile, plantedMatrixGame, positiveShares, randomMatrix } from './randomMatrices.js';
import { seriesFigure } from './series.js';

const params = z.strictObject({
  matrices: z.int().min(1).max(10_000).default(200).describe('random matrices with normal entries'),
  actions: z.int().min(2).max(100).default(8).describe('largest number of rows and of columns'),
  steps: z.int().min(10).max(100_000).default(300).describe('T, for both schemes'),
  games: z.int().min(1).max(100).default(5).describe('planted games for the conservation laws'),
  paths: z.int().min(1).max(100).default(3).describe('planted games for the path of entropic equilibria'),
  pathAtoms: z.int().min(8).max(1000).default(64).describe('points of the grid of each player on that path'),
});

type Params = z.output<typeof params>;

/** Error of the averaged strategies over its bound; the half steps are averaged for mirror-prox. */
function shareOfBound(game: Game, scheme: 'Hedge' | 'mirror-prox', steps: number, bounds: MatrixBounds): number {
  const eta = scheme === 'Hedge' ? bounds.hedgeStep(steps) : 1 / bounds.largest;
  const flow = gameFlow(game, fisherRao({ alpha: eta }));
  const averages = game.spaces.map((space) => ergodicAverage(space.volume));
  let profile = mixedProfile(
    game,
    game.spaces.map(({ volume }) => new Array(volume).fill(1 / volume)),
  );
  const context = (step: number) => ({ time: step, step, dt: 1, key: randomKey(0) });
  if (scheme === 'Hedge') {
    const stepper = euler();
    let state = stepper.init(flow, profile);
    for (let step = 0; step < steps; step++) {
      averages.forEach((average, k) => void average.add(profile[k].masses));
      const result = stepper.step(flow, profile, context(step), state);
      [profile, state] = [result.next, result.state];
    }
  } else {
    const stepper = extragradient();
    let state = stepper.init(flow, profile);
    for (let step = 0; step < steps; step++) {
      const result = stepper.step(flow, profile, context(step), state);
      [profile, state] = [result.next, result.state];
      averages.forEach((average, k) => void average.add(result.state.half[k].masses));
    }
  }
  const averaged = mixedProfile(
    game,
    averages.map((average) => average.masses()),
  );
  const bound = scheme === 'Hedge' ? bounds.hedge(eta, steps) : bounds.mirrorProx(steps);
  return nikaidoIsodaOnGrid(game, averaged).error / bound;
}

interface MatrixBounds {
  readonly largest: number;
  hedgeStep(steps: number): number;
  hedge(eta: number, steps: number): number;
  mirrorProx(steps: number): number;
}

/** `(log n + log m)/(eta T) + eta R^2/4` for Hedge and `max|A| (log n + log m)/T` for mirror-prox. */
function matrixBounds(payoff: readonly (readonly number[])[]): MatrixBounds {
  const entries = payoff.flat();
  const range = Math.max(...entries) - Math.min(...entries);
  const largest = Math.max(...entries.map(Math.abs));
  const entropy = Math.log(payoff.length) + Math.log(payoff[0].length);
  return {
    largest,
    hedgeStep: (steps) => Math.sqrt((4 * entropy) / (steps * range * range)),
    hedge: (eta, steps) => entropy / (eta * steps) + (eta * range * range) / 4,
    mirrorProx: (steps) => (largest * entropy) / steps,
  };
}

interface Shares {
  readonly hedge: readonly number[];
  readonly mirrorProx: readonly number[];
}

async function boundShares({ matrices, actions, steps }: Params, context: StudyContext): Promise<Shares> {
  const random = randomStream(deriveKey(randomKey(context.seed), 'theory-bounds', 'matrices'));
  const hedge: number[] = [];
  const mirrorProx: number[] = [];
  for (let k = 0; k < matrices; k++) {
    await context.pause({ label: 'random matrices', step: k, fraction: k / matrices });
    const payoff = randomMatrix(2 + random.integer(actions - 1), 2 + random.integer(actions - 1), random);
    const game = matrixGame(payoff);
    const bounds = matrixBounds(payoff);
    hedge.push(shareOfBound(game, 'Hedge', steps, bounds));
    mirrorProx.push(shareOfBound(game, 'mirror-prox', steps, bounds));
  }
  return { hedge, mirrorProx };
}

/** Largest relative drift of `KL(mu*|mu) + KL(nu*|nu)` along the Fisher-Rao flow of planted games. */
async function divergenceDrift({ games }: Params, context: StudyContext): Promise<number> {
  let drift = 0;
  for (let k = 0; k < games; k++) {
    const random = randomStream(deriveKey(randomKey(context.seed), 'theory-bounds', 'planted', k));
    const [p, q] = [positiveShares(2 + random.integer(4), random), positiveShares(2 + random.integer(4), random)];
    const game = plantedMatrixGame(p, q, random.normal(), random);
    const initial = mixedProfile(game, [positiveShares(p.length, random), positiveShares(q.length, random)]);
    const { frames } = await context.simulate(
      `planted game ${k + 1} of ${games}`,
      { flow: gameFlow(game, fisherRao()), initial },
      { stepper: rk4(), dt: 0.02, maxTime: 20, seed: context.seed, record: { every: 25 } },
    );
    const sums = frames.map(
      ({ profile }) => divergenceTo(p, profile[0].logMasses) + divergenceTo(q, profile[1].logMasses),
    );
    drift = Math.max(drift, ...sums.map((sum) => Math.abs(sum / sums[0] - 1)));
  }
  return drift;
}

/** Drift of the total of both masses on positive measures, and by how much each moves. */
async function massDrift(context: StudyContext): Promise<{ readonly drift: number; readonly moved: number }> {
  const circle = torus(1);
  const payoff = 'cos(2*pi*(x - y)) + 0.5*sin(4*pi*x)*cos(2*pi*y) + 0.2';
  const game = zeroSumGame({ payoff, spaces: [circle, circle], backend: context.backend });
  const random = randomStream(deriveKey(randomKey(context.seed), 'theory-bounds', 'positive'));
  const initial = [6, 7].map((count) =>
    measure({
      space: circle,
      positions: Array.from({ length: count }, () => random.uniform()),
      masses: positiveShares(count, random),
      kind: 'positive',
    }),
  );
  const { frames } = await context.simulate(
    'positive measures',
    { flow: gameFlow(game, wassersteinFisherRao({ alpha: 1, gamma: 0.02 })), initial },
    { stepper: rk4(), dt: 0.01, maxTime: 4, seed: context.seed, record: { every: 20 } },
  );
  const totals = frames.map(({ profile }) => totalMass(profile[0]) + totalMass(profile[1]));
  return {
    drift: Math.max(...totals.map((total) => Math.abs(total / totals[0] - 1))),
    moved: Math.max(...frames.map(({ profile }) => Math.abs(totalMass(profile[0]) - 1))),
  };
}

/** Theorems on regret and the conservation laws of the flows, tested on random games. */
export const theoryBoundsStudy: Study<Params> = {
  id: 'zero-sum/theory-bounds',
  title: 'What theory promises of Hedge, mirror-prox and the flows, on random games',
  reference: 'FreundSchapire1999; Nemirovski2004; HofbauerSigmund1998, chapter 11; McKelveyPalfrey1995',
  params,
  async run(values, context) {
    const shares = await boundShares(values, context);
    const divergence = await divergenceDrift(values, context);
    const mass = await massDrift(context);
    const path = betaPathReport({ games: values.paths, atoms: values.pathAtoms }, context);
    const order = shares.hedge.map((_, k) => (k + 1) / shares.hedge.length);
    const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
    return {
      claims: [
        claimAtMost({
          statement: `Hedge on ${values.matrices} random matrices: largest NI(average) over (log n + log m)/(eta T) + eta R^2/4`,
          bound: 1,
          measured: Math.max(...shares.hedge),
        }),
        claimAtMost({
          statement: `Mirror-prox on ${values.matrices} random matrices: largest NI(average of half steps) over max|A| (log n + log m)/T`,
          bound: 1,
          measured: Math.max(...shares.mirrorProx),
        }),
        claimAtMost({
          statement: 'The Fisher-Rao flow conserves KL(mu*|mu) + KL(nu*|nu) at an equilibrium of full support: drift',
          bound: 1e-6,
          measured: divergence,
        }),
        claimAtMost({
          statement: `The flow on positive measures conserves m_x + m_y while each mass moves by ${mass.moved.toPrecision(3)}: drift`,
          bound: 1e-8,
          measured: mass.drift,
        }),
        ...path.claims,
      ],
      notes: [
        'Both bounds are theorems, so a share above 1 would be a fault of the implementation; how near a share comes to 1 says how sharp the bound is on such games.',
        'NI_beta is the error of the game with payoff l + KL(mu | rho)/beta - KL(nu | rho)/beta. In exact arithmetic it is 0 along the path; the error of the game itself falls as beta grows, to that of the grid.',
      ],
      tables: [
        {
          title: 'Share of the bound that was used',
          columns: [{ name: 'scheme' }, { name: 'median' }, { name: 'largest' }],
          rows: [
            ['Hedge', sorted(shares.hedge)[Math.floor(order.length / 2)], Math.max(...shares.hedge)],
            ['mirror-prox', sorted(shares.mirrorProx)[Math.floor(order.length / 2)], Math.max(...shares.mirrorProx)],
          ],
        },
        path.table,
      ],
      figures: [
        seriesFigure(
          'shares',
          {
            title: 'Share of the bound used, over the random matrices',
            caption: 'Cumulative distributions: none may pass 1.',
          },
          { x: { label: 'error over its bound' }, y: { label: 'share of the matrices' } },
          [
            { label: 'Hedge', x: sorted(shares.hedge), y: order },
            { label: 'mirror-prox', x: sorted(shares.mirrorProx), y: order },
          ],
        ),
        path.figure,
      ],
      metrics: { hedge: shares.hedge, mirrorProx: shares.mirrorProx },
    };
  },
};
