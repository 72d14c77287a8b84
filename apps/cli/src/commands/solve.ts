import { createWorkbench, fail, nearest, show } from '@muflow/core';
import { type DynamicsName, dynamicsNames, type Solution, type SolveOptions, solving } from '@muflow/zero-sum';
import { loadPlugins, ownPlugins } from '../plugins.js';
import { wholeNumber } from '../settings.js';
import { solutionText, solveLine } from '../solveReport.js';
import { gameOf, type TargetOptions } from '../solveTarget.js';
import { statusLine } from '../statusLine.js';
import type { Terminal } from '../terminal.js';

/** Flags of `muflow solve`. */
export interface SolveFlags extends TargetOptions {
  readonly tol: string;
  readonly dynamics?: string;
  readonly seed?: string;
  readonly steps?: string;
  readonly budget?: string;
  readonly json?: boolean;
  readonly plugin: readonly string[];
}

/**
 * `muflow solve <payoff | game.nfg | game id>`: the value of a zero-sum game with a proven bracket, and strategies.
 * @returns 0 certified to the tolerance, 1 not within the budget.
 */
export async function solve(target: string, flags: SolveFlags, terminal: Terminal): Promise<number> {
  const tolerance = positive(flags.tol, '--tol');
  const controller = new AbortController();
  const options: SolveOptions = {
    tolerance,
    signal: controller.signal,
    ...(flags.dynamics !== undefined && { dynamics: dynamicsOf(flags.dynamics) }),
    ...(flags.seed !== undefined && { seed: wholeNumber(flags.seed, 'solve --seed', 0) }),
    ...(flags.steps !== undefined && { maxSteps: wholeNumber(flags.steps, 'solve --steps', 1) }),
    ...(flags.budget !== undefined && { seconds: positive(flags.budget, '--budget') }),
  };
  const loaded = await loadPlugins(flags.plugin, process.cwd());
  const workbench = createWorkbench({ plugins: [...ownPlugins, ...loaded] });
  const onInterrupt = (): void => controller.abort();
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  try {
    const game = gameOf(target, flags, workbench);
    const solution = await finishedSolution(solving(game, options), terminal);
    const told = controller.signal.aborted ? { ...solution, interrupted: true } : solution;
    if (flags.json) terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    else terminal.out(solutionText(solution, tolerance, terminal.columns));
    if (controller.signal.aborted) terminal.log.write('interrupted: this is the best so far\n');
    return solution.status === 'certified' ? 0 : 1;
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
    await workbench.dispose();
  }
}

/** Runs the solver round by round, so that signals are heard in between. */
async function finishedSolution(rounds: ReturnType<typeof solving>, terminal: Terminal): Promise<Solution> {
  const line = statusLine(terminal.log);
  try {
    for (;;) {
      const { value, done } = rounds.next();
      if (done) return value;
      line.update(solveLine(value));
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    line.done();
  }
}

function dynamicsOf(name: string): DynamicsName {
  const known = dynamicsNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  const near = nearest(name, dynamicsNames);
  return fail({
    code: 'unknown-id',
    where: 'muflow solve --dynamics',
    problem: 'there are no such dynamics',
    got: show(name),
    expected: `one of ${dynamicsNames.join(', ')}`,
    fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'leave it out to let muflow choose',
  });
}

function positive(text: string, flag: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && Number.isFinite(value)) return value;
  return fail({
    code: 'invalid-argument',
    where: `muflow solve ${flag}`,
    problem: 'the number is not usable',
    got: JSON.stringify(text),
    expected: 'a number above 0',
    fix: `pass for instance ${flag} ${flag === '--tol' ? '1e-6' : '10'}`,
  });
}
