import { fail, show } from '@muflow/core';
import type { Floor, Hypothesis } from '../probe/index.js';
import type { OscillatoryTarget } from '../targets/index.js';
import { type WindowMass, windowMass } from './windowMass.js';

/** What depth two cannot do with an oscillatory target, for every width at once. */
export interface TubeCertificate {
  readonly dim: number;
  /** The enclosure of Q for each coordinate, equal ones shared. */
  readonly factors: readonly WindowMass[];
  /** An upper bound, at most 1, of the share of `|F[g phi]|^2` in any one tube, relative to `E|g|^2`. */
  readonly tubeShare: number;
  /** A lower bound of `E|g|^2`: 1 for the complex target. */
  readonly energy: number;
  readonly hypotheses: readonly Hypothesis[];
  /** The floor `max(0, 1 - M tubeShare)` of the relative squared error for M >= 1 units. */
  floor(units: number): Floor;
  /** The least number of units for which the floor is at most `level`, in [0, 1); infinite where no number is known. */
  unitsAt(level: number): number;
}

/** Options of {@link tubeCertificate}. */
export interface TubeOptions {
  /** The band r > 0 of the data, default 1. */
  readonly band?: number;
  /** Cells per r of each enclosure, default 256. */
  readonly resolution?: number;
}

/**
 * The tube certificate: a lower bound for every sum of M ridge functions that approximates an oscillatory target.
 *
 * Let `phi^2` be the density of `y = U x`, with `phi` of Fourier support in `[-r, r]^d`. The transform of
 * `f phi`, `f = sum_j f_j(<v_j, y>)`, lives in M tubes `T_v = { xi : |xi - t v|_inf <= r for some t }`, so
 *
 *     E|f - g|^2 >= sum of |F[g phi]|^2 outside them >= E|g|^2 - M sup_v mass(T_v).
 *
 * With `max|v_j| = |v_k| = 1` the line is cut where `t v_k` is a multiple of 2r; in one piece every coordinate j keeps to a
 * window of width 4r at most, and a value of coordinate k lies in at most two pieces. The mass of a product law is thus
 * at most `2 prod_{j != k} Q_j <= 2 prod_j Q_j / min_j Q_j`, each Q_j enclosed by {@link windowMass}. For the real part, whose
 * transform is the mean of two mirrored halves and whose mean square is `(1 + Re E g^2)/2`, the share is divided by a
 * lower bound of that, and about doubles. [VenturiEtAl2022] prove such a bound without computing it; this one was derived here.
 *
 * Cost: one enclosure for each distinct pair of frequency and bias, about 10 ms at w = 10 r.
 *
 * @throws as {@link windowMass}.
 *
 * @example
 * const certificate = tubeCertificate(oscillatoryTarget({ dim: 12, omega: 10 }));
 * certificate.floor(1036).value; // 0.5223
 */
export function tubeCertificate(target: OscillatoryTarget, options: TubeOptions = {}): TubeCertificate {
  return tubeCertificates([target], options)[0];
}

/** {@link tubeCertificate} of several targets, with one enclosure for each distinct pair of frequency and bias in all. */
export function tubeCertificates(
  targets: readonly OscillatoryTarget[],
  options: TubeOptions = {},
): readonly TubeCertificate[] {
  const { band = 1, resolution = 256 } = options;
  const known = new Map<string, WindowMass>();
  return targets.map((target) => {
    const factors = Array.from(target.omega, (omega, j) => {
      const bias = target.bias[j];
      const mass = known.get(`${omega} ${bias}`) ?? windowMass({ omega, bias, band, resolution });
      known.set(`${omega} ${bias}`, mass);
      return mass;
    });
    return certificateOf(target, factors, band);
  });
}

function certificateOf(target: OscillatoryTarget, factors: readonly WindowMass[], band: number): TubeCertificate {
  const { dim } = target;
  const energy = target.complex ? 1 : realEnergy(target, band);
  const least = Math.min(...factors.map(({ high }) => high));
  // A product of 64 factors is off by 1e-14 of itself.
  const product = factors.reduce((share, { high }) => share * high, 1) * (1 + 1e-12);
  const tubeShare = energy > 0 ? Math.min(1, (2 * product) / least / energy) : 1;
  const hypotheses = hypothesesOf(target, band, energy);
  return {
    dim,
    factors,
    tubeShare,
    energy,
    hypotheses,
    floor(units) {
      if (!(Number.isInteger(units) && units >= 1)) refuse('M >= 1', show(units), 'a whole number of units from 1');
      return { value: Math.max(0, 1 - units * tubeShare), units, norm: null, hypotheses };
    },
    unitsAt(level) {
      if (!(level >= 0 && level < 1)) refuse('0 <= level < 1', show(level), 'a level from 0 to below 1');
      return Math.ceil((1 - level) / tubeShare);
    },
  };
}

/** Upper bound of `sup phi_1^2` plus its total variation, in units of r: 3/4 pi times 3.011. */
const variation = 0.72;

/**
 * `E cos^2 >= (1 - prod_j |E exp(2 i w_j relu(y_j + b_j))|)/2`. Each factor is at most the share of the half line that stands
 * still, `1/2 + max(0, -b) sup density`, plus what integration by parts leaves of the other, `variation r / 2 w`.
 */
function realEnergy({ omega, bias }: OscillatoryTarget, band: number): number {
  let product = 1;
  for (let j = 0; j < omega.length; j++) {
    const still = Math.min(1, 0.5 + (Math.max(0, -bias[j]) * 3 * band) / (4 * Math.PI));
    product *= Math.min(1, still + (variation * band) / (2 * omega[j]));
  }
  return (1 - product) / 2;
}

function hypothesesOf(target: OscillatoryTarget, band: number, energy: number): readonly Hypothesis[] {
  const y = target.rotation ? 'U x, U orthogonal,' : 'x';
  return [
    {
      name: 'class',
      statement:
        'sums of M ridge functions f_j(<v_j, x>), each f_j any function of one variable, locally integrable and of polynomial growth',
    },
    { name: 'weights', statement: 'no bound of any kind' },
    { name: 'data', statement: `${y} has the density prod_j (3r/4pi) sinc(r x_j/2)^4 with r = ${band}` },
    {
      name: 'target',
      statement: `${target.name} with every omega_j > 0${target.complex ? '' : `, whose mean square is at least ${Math.floor(1000 * energy) / 1000}`}`,
    },
    {
      name: 'question',
      statement: 'approximation in mean square over that law by the best directions and functions, not learning',
    },
  ];
}

function refuse(hypothesis: string, got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where: 'tubeCertificate',
    problem: `the hypothesis ${JSON.stringify(hypothesis)} is not met`,
    got,
    expected,
    fix: `pass ${expected}`,
  });
}
