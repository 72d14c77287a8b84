import {
  type Claim,
  claimAtMost,
  deriveKey,
  type Figure,
  type Game,
  type Measure,
  measure,
  type Profile,
  type RandomStream,
  randomKey,
  randomStream,
  type StudyContext,
  type StudyResult,
  torus,
} from '@muflow/core';
import { nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { entropicError, entropicPath } from '../dynamics/entropic.js';
import { plantedGame } from '../games/plantedGame.js';
import { gridStart } from '../starts.js';
import { positiveShares } from './randomMatrices.js';
import { seriesFigure } from './series.js';

const betas = [1, 2, 5, 10, 20, 40, 80, 160];
/** Profiles at which both forms of the regularized error are compared. */
const samples = 10;

interface Path {
  /** Certified error at each beta, by its proven ends. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** Largest regularized error on the path, which is 0 in exact arithmetic. */
  readonly residual: number;
  /** Largest error on the atoms over `(log n + log m)/beta`. */
  readonly share: number;
  /** Largest relative difference of both forms of NI_beta at random profiles. */
  readonly difference: number;
}

/** What the study says of the path of entropic equilibria. */
export interface BetaPathReport {
  readonly claims: readonly Claim[];
  readonly table: StudyResult['tables'][number];
  readonly figure: Figure;
}

/** The entropic equilibria of planted games on the circle, on a grid of `atoms` points for each player, in beta. */
export function betaPathReport(
  { games, atoms }: { readonly games: number; readonly atoms: number },
  context: StudyContext,
): BetaPathReport {
  const paths = Array.from({ length: games }, (_, k) => {
    context.progress({ label: 'beta path', step: k, fraction: k / games });
    return pathOf(k, atoms, context);
  });
  const steepest = Math.max(...paths.flatMap(({ lower, upper }) => upper.slice(1).map((end, k) => end / lower[k])));
  return {
    claims: [
      claimAtMost({
        statement: `NI_beta in free energies is (KL(mu|mu^) + KL(nu|nu^))/beta at ${games * samples} random profiles: relative difference`,
        bound: 1e-10,
        measured: Math.max(...paths.map(({ difference }) => difference)),
      }),
      claimAtMost({
        statement: 'The entropic equilibria have NI_beta = 0: largest value on the paths',
        bound: 1e-12,
        measured: Math.max(...paths.map(({ residual }) => residual)),
      }),
      claimAtMost({
        statement: 'The certified error falls along every path: largest ratio of neighbors',
        bound: 1,
        measured: steepest,
      }),
      claimAtMost({
        statement: 'The error on the atoms is at most (log n + log m)/beta: largest share of the bound',
        bound: 1,
        measured: Math.max(...paths.map(({ share }) => share)),
      }),
    ],
    table: {
      title: 'Certified error of the entropic equilibrium of the first planted game',
      columns: [{ name: 'beta' }, { name: 'NI, lower end' }, { name: 'NI, upper end' }],
      rows: betas.map((beta, k) => [beta, paths[0].lower[k], paths[0].upper[k]]),
    },
    figure: seriesFigure(
      'beta-path',
      {
        title: 'Certified Nikaido-Isoda error of entropic equilibria',
        caption: `Planted games with three atoms for each player, on grids of ${atoms} points.`,
      },
      { x: { label: 'beta', scale: 'log' }, y: { label: 'Nikaido-Isoda error', scale: 'log' } },
      paths.map(({ upper }, k) => ({ label: `game ${k + 1}`, x: betas, y: upper })),
    ),
  };
}

function pathOf(k: number, atoms: number, context: StudyContext): Path {
  const { game } = plantedGame({ space: torus(1), atomsX: 3, atomsY: 3, seed: k });
  const reference = game.spaces.map((space) => gridStart(space, atoms));
  const entropy = reference.reduce((sum, { count }) => sum + Math.log(count), 0);
  const found = Array.from(entropicPath(game, reference, betas));
  const intervals = found.map(({ profile }) => nikaidoIsoda(game, profile));
  const random = randomStream(deriveKey(randomKey(context.seed), 'theory-bounds', 'beta', k));
  return {
    lower: intervals.map(({ lower, certified }) => (certified ? lower : Number.NaN)),
    upper: intervals.map(({ upper, certified }) => (certified ? upper : Number.NaN)),
    residual: Math.max(...found.map(({ error }) => Math.abs(error))),
    share: Math.max(...found.map(({ profile, beta }) => (errorOnAtoms(game, profile) * beta) / entropy)),
    difference: Math.max(
      ...Array.from({ length: samples }, () => {
        const beta = 0.1 + 20 * random.uniform();
        const profile = reference.map((mu) => withRandomMasses(mu, random));
        const closed = entropicError(game, profile, reference, beta);
        return Math.abs(freeEnergyError(game, profile, reference, beta) / closed - 1);
      }),
    ),
  };
}

const withRandomMasses = ({ space, positions, count }: Measure, random: RandomStream): Measure =>
  measure({ space, positions, masses: positiveShares(count, random) });

function potentials(game: Game, profile: Profile): Float64Array[] {
  return profile.map(({ positions, count }, k) => {
    const out = new Float64Array(count);
    game.potentialAt(k, out, positions, count, profile);
    return out;
  });
}

/** `max_j` and `min_i` over the atoms only. */
const errorOnAtoms = (game: Game, profile: Profile): number =>
  potentials(game, profile).reduce((sum, values) => sum - Math.min(...values), 0);

/**
 * `NI_beta = sum_k beta^-1 [KL(mu_k | rho_k) + log int exp(-beta V_k) drho_k]`, each player's loss against its own
 * best regularized reply; the cross terms `L` of both players cancel.
 */
function freeEnergyError(game: Game, profile: Profile, reference: Profile, beta: number): number {
  return potentials(game, profile).reduce((sum, values, k) => {
    const { masses, logMasses } = profile[k];
    const rho = reference[k];
    const entropy = masses.reduce((total, mass, i) => total + mass * (logMasses[i] - rho.logMasses[i]), 0);
    const low = Math.min(...values);
    const partition = values.reduce((total, value, i) => total + rho.masses[i] * Math.exp(-beta * (value - low)), 0);
    return sum + (entropy + Math.log(partition)) / beta - low;
  }, 0);
}
