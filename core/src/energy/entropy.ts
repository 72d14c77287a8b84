import { fail, show } from '../errors.js';
import { digamma, logGamma } from '../math/special.js';
import type { Measure } from '../measure/measure.js';
import { finite } from '../space/finite.js';
import { checkBuffers, checkDim, checkMeasure, checkNumber } from './checks.js';
import type { Energy } from './energy.js';
import { type PotentialEnergyOptions, potentialEnergy } from './potentialEnergy.js';
import { sumEnergy } from './sumEnergy.js';

export interface MassEntropyOptions {
  /**
   * The reference q: a measure, whose atoms are the sites, or the masses of the sites 0, ..., n - 1 of
   * `finite(n)`. All of its masses are > 0.
   */
  readonly reference: Measure | ArrayLike<number>;
}

/**
 * Relative entropy of the masses on fixed sites, `F(mu) = sum_s p_s log(p_s / q_s)`, with
 * `V = log(p_s / q_s) + 1`; p_s is the mass that mu has at site s. An atom off the sites has F = Infinity.
 * It is no functional of moving atoms (`smooth` is false: metrics that transport refuse it); for those see
 * {@link diffusion}. Cost O(n log n).
 *
 * @throws `invalid-argument` where a reference mass is not positive and finite.
 * @example
 * const towardsUniform = entropyOfMasses({ reference: [1 / 3, 1 / 3, 1 / 3] });
 */
export function entropyOfMasses({ reference }: MassEntropyOptions): Energy {
  return massEntropy('entropyOfMasses', reference, false);
}

/**
 * Kullback-Leibler divergence on fixed sites with the mass terms of positive measures,
 * `F(mu) = sum_s p_s log(p_s / q_s) - p_s + q_s >= 0`, with `V = log(p_s / q_s)`.
 * Otherwise as {@link entropyOfMasses}.
 */
export function kullbackLeiblerEnergy({ reference }: MassEntropyOptions): Energy {
  return massEntropy('kullbackLeiblerEnergy', reference, true);
}

export interface DiffusionOptions {
  /** `1/beta >= 0`. */
  readonly temperature: number;
  readonly dim: number;
}

/**
 * The term `(1/beta) int log mu dmu`, which a sum of Diracs cannot have and only noise can follow: a flow
 * adds `sqrt(2/beta) dB`. Its value and first variation count as 0 here, so that the energies of a sum stay
 * consistent with each other; {@link entropyEstimate} estimates what is left out.
 *
 * @throws `invalid-argument` for a negative temperature.
 */
export function diffusion({ temperature, dim }: DiffusionOptions): Energy {
  checkDim('diffusion', dim);
  checkNumber('diffusion', 'temperature', temperature, 0);
  return {
    name: `diffusion(${temperature})`,
    dim,
    smooth: true,
    temperature,
    value(mu) {
      checkMeasure('diffusion', mu, dim);
      return 0;
    },
    firstVariationInto(out, mu) {
      checkMeasure('diffusion', mu, dim);
      checkBuffers('diffusion', out, mu);
      out.potential.fill(0, 0, mu.count);
      out.gradient.fill(0, 0, mu.count * dim);
    },
    potentialAt: (out, _points, count) => void out.fill(0, 0, count),
  };
}

/**
 * `(1/beta) KL(mu | exp(-beta W) dx / Z)` up to the constant `(1/beta) log Z`: the potential energy of W and a
 * {@link diffusion} of the given temperature. Its Wasserstein flow is the Langevin equation with potential W.
 *
 * Source: [JordanKinderlehrerOtto1998], equation 4.
 * @example
 * const langevin = klToReference({ potential: 'x^4/4 - x^2/2', dim: 1, temperature: 0.1 });
 */
export function klToReference(options: PotentialEnergyOptions & DiffusionOptions): Energy {
  return sumEnergy(potentialEnergy(options), diffusion(options));
}

/**
 * Kozachenko-Leonenko estimate of `int log mu dmu` (minus the differential entropy) from the distance of
 * each atom to its nearest neighbour: `-(d/n) sum log rho_i - log c_d - psi(n) + psi(1)`, c_d the volume of
 * the unit ball. An estimate with a standard error of order `n^(-1/2)`, for n equal masses in d coordinates of
 * Euclidean space; -Infinity for fewer than two atoms counts as unknown (NaN), +Infinity where two atoms
 * coincide. Cost O(n^2 d).
 *
 * Source: [KozachenkoLeonenko1987], equation 2.
 * @throws `unsupported` where the masses differ.
 */
export function entropyEstimate(mu: Measure): number {
  const { count, dim, positions, masses } = mu;
  if (count < 2) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (Math.abs(masses[i] - masses[0]) > 1e-9 * masses[0]) unequalMasses(masses);
    let nearest2 = Number.POSITIVE_INFINITY;
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      let distance2 = 0;
      for (let c = 0; c < dim; c++) distance2 += (positions[i * dim + c] - positions[j * dim + c]) ** 2;
      if (distance2 < nearest2) nearest2 = distance2;
    }
    sum += Math.log(nearest2) / 2;
  }
  const logBall = (dim / 2) * Math.log(Math.PI) - logGamma(dim / 2 + 1);
  return -(dim * sum) / count - logBall - digamma(count) + digamma(1);
}

function massEntropy(name: string, reference: Measure | ArrayLike<number>, massTerms: boolean): Energy {
  const sites = sitesOf(name, reference);
  const { dim, count } = sites;
  const siteMasses = new Float64Array(count);
  let where = new Int32Array(0);
  /** Finds the site of every atom (-1 off the sites) and sums the masses on each site. */
  const gather = (mu: Measure): void => {
    checkMeasure(name, mu, dim);
    if (where.length < mu.count) where = new Int32Array(mu.count);
    siteMasses.fill(0);
    for (let i = 0; i < mu.count; i++) {
      where[i] = sites.find(mu.positions, i * dim);
      if (where[i] >= 0) siteMasses[where[i]] += mu.masses[i];
    }
  };
  const potential = (site: number): number =>
    site < 0 ? Number.POSITIVE_INFINITY : Math.log(siteMasses[site] / sites.masses[site]) + (massTerms ? 0 : 1);
  return {
    name: massTerms ? 'Kullback-Leibler divergence' : 'entropy of masses',
    dim,
    ...(sites.space && { space: sites.space }),
    smooth: false,
    value(mu) {
      gather(mu);
      for (let i = 0; i < mu.count; i++) if (where[i] < 0 && mu.masses[i] > 0) return Number.POSITIVE_INFINITY;
      let sum = 0;
      for (let s = 0; s < count; s++) {
        const [p, q] = [siteMasses[s], sites.masses[s]];
        if (p > 0) sum += p * Math.log(p / q);
        if (massTerms) sum += q - p;
      }
      return sum;
    },
    firstVariationInto(out, mu) {
      checkBuffers(name, out, mu);
      gather(mu);
      for (let i = 0; i < mu.count; i++) out.potential[i] = potential(where[i]);
      out.gradient.fill(0, 0, mu.count * dim);
    },
    potentialAt(out, points, n, mu) {
      gather(mu);
      for (let i = 0; i < n; i++) out[i] = potential(sites.find(points, i * dim));
    },
  };
}

/** The sites in lexicographic order of their coordinates, equal ones joined, with a search among them. */
function sitesOf(name: string, reference: Measure | ArrayLike<number>) {
  const measured = 'space' in reference ? reference : undefined;
  const given = measured ? measured.masses : Float64Array.from(reference as ArrayLike<number>);
  const space = measured ? measured.space : finite(given.length);
  const dim = space.dim;
  const coordinates = measured ? measured.positions : Float64Array.from(given, (_, i) => i);
  given.forEach((mass, i) => {
    if (!(mass > 0 && Number.isFinite(mass))) badReference(name, i, mass);
  });
  const order = Array.from(given, (_, i) => i).sort(
    (i, j) => compare(coordinates, i * dim, coordinates, j * dim, dim) || i - j,
  );
  const first = order.filter(
    (i, k) => k === 0 || compare(coordinates, order[k - 1] * dim, coordinates, i * dim, dim) !== 0,
  );
  const points = Float64Array.from(first.flatMap((i) => Array.from(coordinates.subarray(i * dim, (i + 1) * dim))));
  const find = (at: Float64Array, start: number): number => {
    let [low, high] = [0, first.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const side = compare(points, middle * dim, at, start, dim);
      if (side === 0) return middle;
      if (side < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  };
  const masses = new Float64Array(first.length);
  for (let i = 0; i < given.length; i++) masses[find(coordinates, i * dim)] += given[i];
  return { space: measured ? undefined : space, dim, count: first.length, masses, find };
}

function compare(a: Float64Array, aStart: number, b: Float64Array, bStart: number, dim: number): number {
  for (let c = 0; c < dim; c++) {
    if (a[aStart + c] !== b[bStart + c]) return a[aStart + c] < b[bStart + c] ? -1 : 1;
  }
  return 0;
}

function badReference(where: string, i: number, mass: number): never {
  fail({
    code: 'invalid-argument',
    where,
    problem: `the reference mass ${i} is not positive`,
    got: show(mass),
    expected: 'finite masses > 0, one per site',
    fix: 'leave sites without mass out of the reference',
  });
}

function unequalMasses(masses: Float64Array): never {
  fail({
    code: 'unsupported',
    where: 'entropyEstimate',
    problem: 'the masses differ',
    got: show(masses),
    expected: 'equal masses',
    fix: 'resample to equal masses first',
  });
}
