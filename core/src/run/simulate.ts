import type { Checkpoint } from './checkpoint.js';
import { type Integrator, open } from './integrator.js';
import type { Plan, Problem, RunResult } from './problem.js';

/**
 * Integrates a flow of measures from its initial profile until a stopping rule or a bound is met.
 * The numerical outcome is data; misuse throws before the first step.
 *
 * @param problem - the flow, the initial measure or profile, and the start time (default 0).
 * @param plan - stepper, step size, at least one bound, and what to record.
 * @returns the last good profile, the frames, and why the run ended; the same seed gives the same bytes.
 * @throws `shape-mismatch`, `unsupported`, `not-finite` or `invalid-argument`, before anything is computed.
 *
 * @example
 * const energy = potentialEnergy({ potential: 'norm2(x) / 2', dim: 2 });
 * const flow = gradientFlow(energy, wasserstein());
 * const initial = diracs([[1, 0], [0, 2]]);
 * const { profile } = simulate({ flow, initial }, { stepper: heun(), dt: 0.01, maxTime: 1 });
 */
export function simulate(problem: Problem, plan: Plan): RunResult {
  return finish(open(problem, plan));
}

/**
 * Goes on from a checkpoint; its frames are those of the straight run after it, bit for bit. Bounds may be
 * extended; seed, flow and stepper must be those of the checkpoint.
 *
 * @throws `invalid-argument` where the checkpoint belongs to another run.
 */
export function resume(problem: Problem, plan: Plan, checkpoint: Checkpoint): RunResult {
  return finish(open(problem, plan, { from: checkpoint }));
}

function finish(run: Integrator): RunResult {
  while (run.step() === 'running');
  return run.result();
}
