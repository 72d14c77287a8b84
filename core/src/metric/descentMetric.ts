import type { FirstVariation } from '../energy/energy.js';
import { fail, show } from '../errors.js';
import type { Measure, MeasureKind, Tangent } from '../measure/measure.js';
import type { Space } from '../space/space.js';
import { type CoordinateBlock, checkBlocks, checkBlocksFit, coordinateRates } from './blocks.js';
import type { Metric } from './metric.js';

/** Rates of a metric of transport (gamma, per block) and reaction (alpha); 0 switches a part off. */
export interface DescentRates {
  readonly name: string;
  readonly gamma: number;
  readonly alpha: number;
  readonly blocks: readonly CoordinateBlock[];
}

/**
 * Steepest descent for transport at rate gamma and reaction at rate alpha: the one implementation behind
 * the named metrics. Velocity `v = -gamma P(grad V)`, P the projection on the tangent space; growth
 * `r = -alpha V` on positive measures, `r = -alpha (V - Vbar)` on probabilities, `Vbar = int V dmu / int dmu`.
 *
 * @throws `invalid-argument` for a rate that is not a finite number >= 0, or if nothing would move.
 */
export function descentMetric({ name, gamma, alpha, blocks }: DescentRates): Metric {
  checkRate(name, 'gamma', gamma);
  checkRate(name, 'alpha', alpha);
  checkBlocks(name, blocks);
  const transports = gamma > 0;
  const reacts = alpha > 0;
  if (!transports && !reacts) refuseRates(name, 'nothing would move', 'gamma 0 and alpha 0');
  // A metric meets one space over and over: the rates are laid out when it changes.
  let space: Space | null = null;
  let rates: Float64Array = new Float64Array(0);
  const ratesOn = (next: Space): Float64Array => {
    if (next !== space) {
      checkBlocksFit(name, blocks, next);
      rates = coordinateRates(gamma, blocks, next.dim);
      space = next;
    }
    return rates;
  };
  return {
    name,
    transports,
    reacts,
    ...(blocks.length === 0 ? { mobility: gamma } : {}),
    ...(transports && { rates: (dim: number) => coordinateRates(gamma, blocks, dim) }),
    conservesMass: (kind: MeasureKind) => !reacts || kind === 'probability',
    descendInto: (out, firstVariation, mu) => {
      if (out.velocity !== null) velocityInto(out.velocity, firstVariation.gradient, mu, ratesOn(mu.space));
      if (out.growth !== null) growthInto(out.growth, alpha, firstVariation, mu);
    },
    norm2: (mu, tangent) => kineticEnergy(mu, tangent, ratesOn(mu.space)) + reactionEnergy(mu, tangent, alpha),
  };
}

/** `v_ik = -rate_k (grad V)_ik`, projected on the tangent spaces. */
function velocityInto(velocity: Float64Array, gradient: Float64Array, mu: Measure, rates: Float64Array): void {
  const { count, dim } = mu;
  if (dim === 1) {
    const factor = -rates[0];
    for (let i = 0; i < count; i++) velocity[i] = factor * gradient[i];
  } else {
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < dim; k++) velocity[i * dim + k] = -rates[k] * gradient[i * dim + k];
    }
  }
  mu.space.projectTangentInto(velocity, mu.positions, velocity, count);
}

function growthInto(growth: Float64Array, alpha: number, { potential }: FirstVariation, mu: Measure): void {
  const mean = mu.kind === 'probability' ? meanByMasses(potential, mu) : 0;
  const { count } = mu;
  for (let i = 0; i < count; i++) growth[i] = -alpha * (potential[i] - mean);
}

/** Masses below this lose digits, and so would their sum. */
const leastTotal = 1e-290;

/** {@link meanPotential} by the masses themselves, which whoever evaluated the potential has computed. */
function meanByMasses(potential: Float64Array, mu: Measure): number {
  const { count, masses } = mu;
  let total = 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const mass = masses[i];
    if (mass === 0) continue;
    total += mass;
    sum += mass * potential[i];
  }
  return total > leastTotal && total < Number.POSITIVE_INFINITY ? sum / total : meanPotential(potential, mu);
}

/**
 * `Vbar = int V dmu / int dmu`, by weights `exp(log m_i - max log m)`, so that it survives masses below underflow.
 * Atoms of no mass do not count, whatever their potential.
 */
export function meanPotential(potential: Float64Array, { logMasses }: Pick<Measure, 'logMasses'>): number {
  const count = logMasses.length;
  let equal = 1;
  while (equal < count && logMasses[equal] === logMasses[0]) equal++;
  if (equal === count && logMasses[0] > Number.NEGATIVE_INFINITY) return meanOf(potential, count);
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) if (logMasses[i] > top) top = logMasses[i];
  if (top === Number.NEGATIVE_INFINITY) return 0;
  let total = 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const weight = logMasses[i] === top ? 1 : Math.exp(logMasses[i] - top);
    if (weight === 0) continue;
    total += weight;
    sum += weight * potential[i];
  }
  return sum / total;
}

/** The mean where all weights are 1, in the order of the weighted sum. */
function meanOf(potential: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += potential[i];
  return sum / count;
}

/** `sum_i m_i sum_k v_ik^2 / rate_k`; motion along a frozen coordinate has infinite length. */
function kineticEnergy(mu: Measure, { velocity }: Tangent, rates: Float64Array): number {
  if (velocity === null) return 0;
  const { count, dim, masses } = mu;
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (masses[i] === 0) continue;
    let squared = 0;
    for (let k = 0; k < dim; k++) {
      const v = velocity[i * dim + k];
      if (v !== 0) squared += (v * v) / rates[k];
    }
    total += masses[i] * squared;
  }
  return total;
}

/** `sum_i m_i r_i^2 / alpha`; growth under a metric without reaction has infinite length. */
function reactionEnergy(mu: Measure, { growth }: Tangent, alpha: number): number {
  if (growth === null) return 0;
  const { count, masses } = mu;
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (growth[i] !== 0 && masses[i] !== 0) total += (masses[i] * growth[i] * growth[i]) / alpha;
  }
  return total;
}

function checkRate(where: string, rate: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value))) refuseRates(where, `${rate} is not a rate`, show(value));
}

function refuseRates(where: string, problem: string, got: string): never {
  return fail({
    code: 'invalid-argument',
    where,
    problem,
    got,
    expected: 'finite rates >= 0, one of them above 0',
    fix: 'pass for instance { alpha: 1, gamma: 1 }',
  });
}
