import {
  fail,
  type Game,
  nearest,
  parseFormula,
  parseSpace,
  type Space,
  show,
  type Workbench,
  zeroSumGame,
} from '@muflow/core';
import { nfgMatrixGame, readNfg } from '@muflow/zero-sum';
import { readTextFile } from './files.js';
import { applySettings } from './settings.js';

/** What says which game is meant. */
export interface TargetOptions {
  readonly x?: string;
  readonly y?: string;
  readonly set: readonly string[];
}

/**
 * The game of `muflow solve <target>`: a Gambit file (`game.nfg`), the id of a registered game (`zero-sum/bell`, with
 * `--set` for its parameters), or a payoff formula in x and y with the spaces of `--x` and `--y`.
 */
export function gameOf(target: string, options: TargetOptions, workbench: Workbench): Game {
  const ids = workbench.registry.entries('game').map(({ id }) => id);
  if (/\.nfg$/i.test(target)) {
    refuseSpaces(options, 'a file');
    return nfgMatrixGame(readNfg(readTextFile(target, 'muflow solve')));
  }
  const plain = /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/.test(target) && options.x === undefined && options.y === undefined;
  if (ids.includes(target) || plain) return registeredGame(target, options, { workbench, ids });
  return formulaGame(target, options, workbench);
}

function registeredGame(
  id: string,
  options: TargetOptions,
  { workbench, ids }: { readonly workbench: Workbench; readonly ids: readonly string[] },
): Game {
  if (!ids.includes(id)) {
    const near = nearest(id, ids);
    fail({
      code: 'unknown-id',
      where: 'muflow solve',
      problem: 'there is no game of this id',
      got: show(id),
      expected: 'a registered game, a .nfg file, or a payoff formula with --x and --y',
      fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see muflow list games',
    });
  }
  refuseSpaces(options, 'a registered game');
  const params: Record<string, unknown> = {};
  applySettings(params, options.set);
  return workbench.create('game', id, params);
}

function refuseSpaces({ x, y }: TargetOptions, what: string): void {
  const given = x !== undefined ? '--x' : y !== undefined ? '--y' : undefined;
  if (given === undefined) return;
  fail({
    code: 'invalid-argument',
    where: `muflow solve ${given}`,
    problem: `${what} brings its own spaces`,
    got: show(x ?? y),
    expected: `no ${given}`,
    fix: `leave ${given} out`,
  });
}

function formulaGame(payoff: string, options: TargetOptions, workbench: Workbench): Game {
  if (options.set.length > 0) {
    fail({
      code: 'invalid-argument',
      where: 'muflow solve --set',
      problem: 'a payoff formula has no parameters',
      got: show(options.set[0]),
      expected: 'a registered game with --set',
      fix: 'write the numbers into the formula',
    });
  }
  const [x, y] = [spaceOf('x', options.x), spaceOf('y', options.y)];
  const formula = parseFormula(payoff, {
    variables: { x: { role: 'row', size: x.dim }, y: { role: 'column', size: y.dim } },
  });
  return zeroSumGame({ payoff: formula, spaces: [x, y], name: payoff, backend: workbench.backend });
}

function spaceOf(player: 'x' | 'y', text: string | undefined): Space {
  if (text === undefined) {
    return fail({
      code: 'invalid-argument',
      where: `muflow solve --${player}`,
      problem: `the space of ${player} is missing`,
      got: 'nothing',
      expected: 'intervals such as "[-1,1]" or "[-1,1],[0,2]", torus(1), sphere(3), simplex(3), or products of these',
      fix: `add --${player} "[-1,1]"`,
    });
  }
  return parseSpace(text);
}
