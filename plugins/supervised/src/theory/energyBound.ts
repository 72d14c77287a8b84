import { type Energy, fail, type Measure, type Recorder, type RunView, show, withMasses } from '@muflow/core';

export interface EnergyBoundOptions {
  /** Convex in the measure. */
  readonly energy: Energy;
  /** Reaction rate of the metric. */
  readonly alpha: number;
  /** The start of the run. */
  readonly initial: Measure;
  /** Masses q of the comparison on the atoms of the start, of the kind of the start. */
  readonly masses: ArrayLike<number>;
}

/**
 * The 1/t bound of the Wasserstein-Fisher-Rao flow of a convex energy, along a run without jumps. A comparison nu
 * starts on the atoms of mu_0 with masses q, is carried by the same velocities and keeps its masses; then
 * `d/dt KL(nu_t | mu_t) = alpha int V d(nu_t - mu_t) <= alpha (F(nu_t) - F(mu_t))`, and as F decreases,
 *
 *     F(mu_t) <= (1/t) int_0^t F(nu_s) ds + KL(nu_0 | mu_0) / (alpha t),   KL(q | m) = sum q log(q/m) - q + m.
 *
 * Without transport and with q optimal on the atoms this is `F(mu_t) - F* <= KL(q | m) / (alpha t)`. Columns
 * - `comparison`: F(nu_t),
 * - `energyBound`: the right side, the integral by the trapezoidal rule over recorded steps; NaN at the start.
 * Each costs one value of F. Sources: [Chizat2019], section 4, for the comparison; [RotskoffEtAl2019] for the rate.
 *
 * @throws `invalid-argument` for masses or a rate that do not fit, and during a run whose atoms change in number.
 * @example
 * const recorder = energyBoundRecorder({ energy, alpha: 1, initial, masses: [0.5, 0.5, 0] });
 */
export function energyBoundRecorder(options: EnergyBoundOptions): Recorder {
  const { energy, alpha, initial } = options;
  const masses = Float64Array.from(options.masses);
  checkOptions(alpha, initial, masses);
  const divergence = divergenceOf(masses, initial.masses) / alpha;
  return {
    name: 'energyBound',
    columns: ['comparison', 'energyBound'],
    start: (memory) => {
      let [startTime, time, value, integral] = memory ?? [Number.NaN, 0, 0, 0];
      const record = (view: RunView): readonly number[] => {
        const mu = view.profile[0];
        if (mu.count !== masses.length || view.births > 0 || view.deaths > 0) refuseJumps(mu.count, masses.length);
        const now = energy.value(withMasses(mu, masses));
        if (Number.isNaN(startTime)) startTime = view.time;
        else integral += ((view.time - time) / 2) * (value + now);
        [time, value] = [view.time, now];
        const elapsed = time - startTime;
        return [now, elapsed > 0 ? (integral + divergence) / elapsed : Number.NaN];
      };
      return Object.assign(record, { memory: () => [startTime, time, value, integral] });
    },
  };
}

/** `sum q log(q/m) - q + m`; terms of q = 0 are m. */
function divergenceOf(q: Float64Array, m: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < q.length; i++) sum += (q[i] > 0 ? q[i] * Math.log(q[i] / m[i]) - q[i] : 0) + m[i];
  return sum;
}

function checkOptions(alpha: number, initial: Measure, masses: Float64Array): void {
  const total = masses.reduce((sum, q) => sum + q, 0);
  const fits = masses.length === initial.count && masses.every((q) => q >= 0 && Number.isFinite(q)) && total > 0;
  const ofKind = initial.kind === 'positive' || Math.abs(total - 1) < 1e-9;
  if (alpha > 0 && Number.isFinite(alpha) && fits && ofKind) return;
  fail({
    code: 'invalid-argument',
    where: 'energyBoundRecorder',
    problem: 'the comparison or the rate does not fit',
    got: `${masses.length} masses of total ${show(total)}, alpha ${show(alpha)}`,
    expected: `${initial.count} masses >= 0${initial.kind === 'probability' ? ' of total 1' : ''}, and alpha > 0`,
    fix: 'pass one mass for each atom of the start',
  });
}

function refuseJumps(count: number, expected: number): never {
  fail({
    code: 'unsupported',
    where: 'energyBoundRecorder',
    problem: 'the bound is one of runs without jumps',
    got: `${count} atoms, ${expected} at the start, some born or gone`,
    expected: 'the atoms of the start throughout',
    fix: 'leave out jumps, merging and pruning',
  });
}
