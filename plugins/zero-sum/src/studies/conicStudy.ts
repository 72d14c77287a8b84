import {
  type Claim,
  claimAtMost,
  type Game,
  type Profile,
  type RunResult,
  type StudyContext,
  type StudyResult,
} from '@muflow/core';
import { type DynamicsName, dynamics } from '../dynamics/dynamics.js';
import type { KnownGame } from '../games/knownGame.js';
import { nikaidoIsodaOnGrid, nikaidoIsodaRecorder } from '../nikaidoIsoda.js';
import { gridStart } from '../starts.js';
import { wasserstein1 } from '../wasserstein1.js';
import { column, positive, seriesFigure, steps } from './series.js';
import { stemFigure } from './stems.js';

/** What a study of particle dynamics on a known game runs. */
export interface ConicRun {
  readonly label: string;
  readonly game: Game;
  readonly dynamics: DynamicsName;
  readonly atoms: readonly [number, number];
  readonly massStep: number;
  readonly positionStep: number;
  readonly steps: number;
  readonly every: number;
}

export function runConic(run: ConicRun, context: StudyContext): Promise<RunResult> {
  const { flow, stepper, start } = dynamics(run.game, run.dynamics, { mass: run.massStep, position: run.positionStep });
  return context.simulate(
    run.label,
    { flow, initial: start(run.game.spaces.map((space, k) => gridStart(space, run.atoms[k]))) },
    {
      stepper,
      dt: 1,
      maxSteps: run.steps,
      seed: context.seed,
      record: { every: run.every, recorders: [nikaidoIsodaRecorder(run.game)] },
    },
  );
}

/** Claims on the equilibrium found: W1 of each unique strategy, and the value. */
export function equilibriumClaims({ game, equilibrium }: KnownGame, profile: Profile, tolerance: number): Claim[] {
  const { lower, upper } = nikaidoIsodaOnGrid(game, profile);
  const claims = [
    claimAtMost({
      statement: `Both ends of the value's bracket lie at ${equilibrium.value}: largest distance (estimated)`,
      bound: tolerance,
      measured: Math.max(Math.abs(lower - equilibrium.value), Math.abs(upper - equilibrium.value)),
    }),
  ];
  for (const [k, name] of (['x', 'y'] as const).entries()) {
    const strategy = equilibrium[name];
    if (strategy === null) continue;
    const period = game.spaces[k].kind === 'torus' ? game.spaces[k].volume : undefined;
    claims.push(
      claimAtMost({
        statement: `The strategy of ${name} is the known one: distance W1`,
        bound: tolerance,
        measured: wasserstein1(profile[k], strategy, period),
      }),
    );
  }
  return claims;
}

/** Tables, figures and series that every such study shows. */
export function conicResult(
  known: KnownGame,
  runs: readonly { readonly label: string; readonly result: RunResult }[],
  claims: readonly Claim[],
  notes: readonly string[],
): StudyResult {
  const [main] = runs;
  return {
    claims,
    notes,
    tables: [strategyTable(main.result.profile)],
    figures: [
      seriesFigure(
        'error',
        {
          title: 'Nikaido-Isoda error against step',
          caption:
            'Estimated by a grid and golden sections; gaps are steps where rounding takes the estimate to zero or below.',
        },
        { x: { label: 'step' }, y: { label: 'Nikaido-Isoda error (estimated)', scale: 'log' } },
        runs.map(({ label, result }) => ({ label, x: steps(result), y: positive(column(result, 'nikaidoIsoda')) })),
      ),
      ...(known.game.spaces.every((space) => space.dim === 1)
        ? [
            stemFigure('x-stems', known.game, main.result.profile, 0),
            stemFigure('y-stems', known.game, main.result.profile, 1),
          ]
        : []),
    ],
    metrics: {
      step: steps(main.result),
      nikaidoIsoda: column(main.result, 'nikaidoIsoda'),
      valueLower: column(main.result, 'valueLower'),
      valueUpper: column(main.result, 'valueUpper'),
    },
    profiles: Object.fromEntries(runs.map(({ label, result }) => [label, result.profile])),
  };
}

const shownAtoms = 12;

/** Mirrored atoms weigh the same up to rounding, and rounding must not choose their order. */
const shownMass = (mass: number): number => Number(mass.toPrecision(6));

/** The heaviest atoms of both players. */
function strategyTable(profile: Profile): StudyResult['tables'][number] {
  const rows = profile.flatMap((mu, k) =>
    Array.from({ length: mu.count }, (_, i) => i)
      .sort(
        (i, j) =>
          shownMass(mu.masses[j]) - shownMass(mu.masses[i]) || mu.positions[i * mu.dim] - mu.positions[j * mu.dim],
      )
      .slice(0, shownAtoms)
      .filter((i) => mu.masses[i] > 1e-6)
      .map((i) => [
        k === 0 ? 'x' : 'y',
        Array.from(mu.positions.slice(i * mu.dim, (i + 1) * mu.dim), (p) => p.toPrecision(8)).join(', '),
        mu.masses[i],
      ]),
  );
  return {
    title: 'Strategies found: atoms of mass above 1e-6, heaviest first',
    columns: [{ name: 'player' }, { name: 'at' }, { name: 'mass' }],
    rows,
  };
}
