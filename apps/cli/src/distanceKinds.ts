import {
  boundedLipschitzDistance,
  type CertifiedDistance,
  covariance,
  energyDistance,
  exactDistance,
  fail,
  fisherRaoDistance,
  fisherRaoGeodesic,
  gaussianHellinger,
  gaussianW2Squared,
  type Measure,
  mean,
  measure,
  mmdDistance,
  nearest,
  type SlicedDistance,
  sharedSupport,
  show,
  sinkhornDistance,
  sinkhornDivergence,
  slicedWasserstein,
  sphericalGeodesic,
  sphericalHellingerKantorovich,
  unbalancedTransport,
  wassersteinDistance,
  wassersteinGeodesic,
  wfrDistance,
  wfrGeodesic,
} from '@muflow/core';
import { coneOf, costOf, type DistanceFlags, number } from './distanceFlags.js';
import { readDirections } from './measureFile.js';
import { wholeNumber } from './settings.js';

/** A distance computed, with the path between the ends where there is one. */
export interface Measured {
  /** What was computed, in words. */
  readonly title: string;
  readonly distance: CertifiedDistance;
  /** A further line, such as the standard error of an estimate. */
  readonly note?: string;
  /** The ends that the plan and the figure speak of. */
  readonly ends: readonly [Measure, Measure];
  /** Times from 0 to 1. */
  readonly geodesic?: () => (t: number) => Measure;
}

interface Kind {
  readonly flags: readonly (keyof DistanceFlags)[];
  /** `plan`: whether a plan is asked for. */
  readonly measure: (mu: Measure, nu: Measure, flags: DistanceFlags, plan: boolean) => Measured;
}

const kinds: Readonly<Record<string, Kind>> = {
  w2: { flags: ['p', 'cost'], measure: wasserstein },
  wfr: { flags: ['alpha', 'cone'], measure: wfr },
  fr: { flags: ['alpha', 'cone'], measure: fisherRao },
  sinkhorn: { flags: ['eps', 'p', 'cost', 'rho', 'debiased', 'tol'], measure: sinkhorn },
  sliced: { flags: ['directions', 'seed'], measure: sliced },
  mmd: { flags: ['width', 'kernel', 'unbiased'], measure: mmd },
  energy: { flags: [], measure: energy },
  bures: { flags: [], measure: bures },
  gh: { flags: ['rho'], measure: gaussianHellingerOf },
  bl: { flags: [], measure: boundedLipschitz },
};

/** The distance of this kind between two positive measures; a flag that it has no use for is refused. */
export function measured(
  kind: string,
  [mu, nu]: readonly [Measure, Measure],
  flags: DistanceFlags,
  plan = false,
): Measured {
  const found = Object.hasOwn(kinds, kind) ? kinds[kind] : refuseKind(kind);
  for (const [flag, value] of Object.entries(flags)) {
    if (value === undefined || (found.flags as readonly string[]).includes(flag)) continue;
    const users = Object.keys(kinds).filter((name) => (kinds[name].flags as readonly string[]).includes(flag));
    fail({
      code: 'invalid-argument',
      where: `muflow distance --${flag}`,
      problem: `the distance ${kind} does not depend on it`,
      got: show(value),
      expected: `this flag with ${users.join(' or ')}`,
      fix: `leave out --${flag}`,
    });
  }
  return found.measure(mu, nu, flags, plan);
}

function wasserstein(mu: Measure, nu: Measure, flags: DistanceFlags): Measured {
  const { cost } = costOf(flags);
  if (cost !== undefined) {
    return { title: `least cost of ${cost}`, distance: wassersteinDistance(mu, nu, { cost }), ends: [mu, nu] };
  }
  const p = number(flags.p, '--p', 2);
  return {
    title: `Wasserstein distance of order ${p}`,
    distance: wassersteinDistance(mu, nu, { p }),
    ends: [mu, nu],
    geodesic: () => wassersteinGeodesic(mu, nu, { p }),
  };
}

function wfr(mu: Measure, nu: Measure, flags: DistanceFlags): Measured {
  const alpha = number(flags.alpha, '--alpha', 1);
  const ends = [mu, nu] as const;
  if (coneOf(flags.cone ?? 'positive', ends) === 'probability') {
    return {
      title: `spherical Hellinger-Kantorovich distance, alpha = ${alpha}`,
      distance: sphericalHellingerKantorovich(mu, nu, { alpha }),
      ends,
      geodesic: () => sphericalGeodesic(mu, nu, { alpha }),
    };
  }
  return {
    title: `Wasserstein-Fisher-Rao distance, alpha = ${alpha}`,
    distance: wfrDistance(mu, nu, { alpha }),
    ends,
    geodesic: () => wfrGeodesic(mu, nu, { alpha }),
  };
}

function sinkhorn(mu: Measure, nu: Measure, flags: DistanceFlags, plan: boolean): Measured {
  if (flags.eps === undefined) {
    fail({
      code: 'invalid-argument',
      where: 'muflow distance --eps',
      problem: 'the weight of the entropy is missing',
      got: 'nothing',
      expected: 'a number above 0 in the units of the cost, the distance to the power p',
      fix: 'pass for instance --eps 0.1, or ask for w2',
    });
  }
  const options = {
    epsilon: number(flags.eps, '--eps', 0.1),
    p: number(flags.p, '--p', 2),
    ...costOf(flags),
    tolerance: number(flags.tol, '--tol', 1e-9),
    plan,
  };
  const about = `epsilon = ${options.epsilon}${flags.cost === undefined ? '' : `, cost ${flags.cost}`}`;
  const ends = [mu, nu] as const;
  if (flags.debiased && (flags.rho !== undefined || plan)) {
    fail({
      code: 'unsupported',
      where: 'muflow distance --debiased',
      problem: `the divergence has no ${plan ? 'plan' : 'unbalanced form'} here`,
      got: plan ? '--plan' : `--rho ${flags.rho}`,
      expected: '--debiased alone',
      fix: 'leave one of the two out',
    });
  }
  if (flags.debiased)
    return { title: `Sinkhorn divergence, ${about}`, distance: sinkhornDivergence(mu, nu, options), ends };
  if (flags.rho !== undefined) {
    const rho = number(flags.rho, '--rho', 1);
    const distance = unbalancedTransport(mu, nu, { ...options, rho });
    return { title: `unbalanced entropic transport, ${about}, rho = ${rho}`, distance, ends };
  }
  const distance = sinkhornDistance(mu, nu, options);
  const { lower, upper } = distance.plainCost;
  return {
    title: `entropic transport, ${about}`,
    distance,
    note: `without entropy the cost is between ${lower} and ${upper}`,
    ends,
  };
}

function sliced(mu: Measure, nu: Measure, { directions = '100', seed }: DistanceFlags): Measured {
  const isFile = /\.(csv|npy)$/i.test(directions);
  const found: SlicedDistance = slicedWasserstein(mu, nu, {
    directions:
      directions === 'all'
        ? 'all'
        : isFile
          ? readDirections(directions, mu.dim)
          : wholeNumber(directions, 'distance --directions', 1),
    ...(seed !== undefined && { seed: wholeNumber(seed, 'distance --seed', 0) }),
  });
  const { directions: count, standardError } = found;
  return {
    title: `sliced Wasserstein distance, ${Number.isFinite(count) ? `${count} directions` : 'mean over all directions'}`,
    distance: found,
    ...(standardError > 0 && {
      note: `standard error of the square as a mean over all directions: ${standardError.toPrecision(2)}`,
    }),
    ends: [mu, nu],
  };
}

function mmd(mu: Measure, nu: Measure, { width, kernel, unbiased }: DistanceFlags): Measured {
  if (width !== undefined && kernel !== undefined) {
    fail({
      code: 'invalid-argument',
      where: 'muflow distance --width',
      problem: 'the width belongs to the Gaussian kernel, and another kernel is given',
      got: `--width ${width} --kernel ${show(kernel)}`,
      expected: 'one of the two',
      fix: 'write the width into the kernel',
    });
  }
  const shape = kernel === undefined ? { width: number(width, '--width', 1) } : { kernel };
  const name = kernel ?? `Gaussian kernel of width ${shape.width}`;
  return {
    title: `maximum mean discrepancy${unbiased ? ', unbiased' : ''}, ${name}`,
    distance: mmdDistance(mu, nu, { ...shape, ...(unbiased && { estimator: 'unbiased' }) }),
    ends: [mu, nu],
  };
}

function energy(mu: Measure, nu: Measure): Measured {
  return { title: 'energy distance', distance: energyDistance(mu, nu), ends: [mu, nu] };
}

/** The Gaussians with the means and covariances of both measures: a lower bound of w2, known in machine learning as Frechet distance. */
function bures(mu: Measure, nu: Measure): Measured {
  const totals = [mu, nu].map(({ masses }) => masses.reduce((sum, m) => sum + m, 0));
  const flat = mu.space.name === nu.space.name && ['euclidean', 'box'].includes(mu.space.kind);
  if (!(flat && totals[0] > 0 && Math.abs(totals[0] - totals[1]) <= 1e-9 * totals[0])) {
    fail({
      code: 'invalid-argument',
      where: 'muflow distance bures',
      problem: 'the moments of the two measures cannot be compared',
      got: `totals ${totals[0]} and ${totals[1]}, ${mu.space.name} and ${nu.space.name}`,
      expected: 'equal positive totals within 1e-9 on one Euclidean space or box',
      fix: 'divide the masses by their sums, or use w2',
    });
  }
  const laws = [mu, nu].map((end) => ({ mean: mean(end), covariance: covariance(end) }));
  const squared = totals[0] * gaussianW2Squared(laws[0], laws[1]);
  const slack = totals[0] * roundingOfMoments(laws, mu.count + nu.count);
  return {
    title: 'Wasserstein distance of the Gaussians with the same means and covariances',
    distance: {
      ...exactDistance(Math.sqrt(squared)),
      squared,
      lower: Math.sqrt(Math.max(0, squared - slack)),
      upper: Math.sqrt(squared + slack),
    },
    ends: [mu, nu],
  };
}

/**
 * What rounding may do to the squared distance: moments are off by `e = (n + m + 16 d) 2^-53` of their sizes, and where an
 * eigenvalue vanishes, its root by the root of that (Powers and Stormer's inequality), `4 d sqrt(e tr S0 tr S1)` in all.
 */
function roundingOfMoments(laws: readonly { mean: Float64Array; covariance: Float64Array }[], count: number): number {
  const d = laws[0].mean.length;
  const error = (count + 16 * d) * 2 ** -53;
  const [first, second] = laws.map(({ covariance: s }) =>
    s.reduce((sum, x, k) => (k % (d + 1) === 0 ? sum + x : sum), 0),
  );
  const gap = Math.hypot(...laws[0].mean.map((x, k) => x - laws[1].mean[k]));
  const sizes = first + second + gap * (gap + 2 * Math.hypot(...laws[0].mean) + 2 * Math.hypot(...laws[1].mean));
  return 4 * d * Math.sqrt(error * first * second) + error * sizes;
}

function gaussianHellingerOf(mu: Measure, nu: Measure, flags: DistanceFlags): Measured {
  const rho = number(flags.rho, '--rho', 1);
  return {
    title: `Gaussian-Hellinger discrepancy, rho = ${rho}`,
    distance: gaussianHellinger(mu, nu, { rho }),
    ends: [mu, nu],
  };
}

function boundedLipschitz(mu: Measure, nu: Measure): Measured {
  return { title: 'bounded-Lipschitz distance', distance: boundedLipschitzDistance(mu, nu), ends: [mu, nu] };
}

/** Atoms are matched by their positions; one that a file lacks has no mass there. */
function fisherRao(mu: Measure, nu: Measure, flags: DistanceFlags): Measured {
  const alpha = number(flags.alpha, '--alpha', 1);
  const shared = sharedSupport(mu, nu);
  const kind = coneOf(flags.cone, shared);
  const ends = kind === 'positive' ? shared : ([probability(shared[0]), probability(shared[1])] as const);
  const value = fisherRaoDistance(...ends, kind) / Math.sqrt(alpha);
  // Roots of masses are rounded, and so are their differences: sqrt(p) - sqrt(q) is off by 2^-52 (sqrt(p) + sqrt(q)), the
  // root of the sum of squares by as much of all masses, the arc by less than three times that.
  const size = ends.reduce((sum, { masses }) => sum + Math.sqrt(masses.reduce((all, m) => all + m, 0)), 0);
  const slack = 2 ** -52 * ((8 * size) / Math.sqrt(alpha) + (ends[0].count + 8) * value);
  return {
    title: `Fisher-Rao distance of ${kind === 'positive' ? 'positive' : 'probability'} measures, alpha = ${alpha}`,
    distance: { ...exactDistance(value), lower: Math.max(0, value - slack), upper: value + slack },
    ends,
    geodesic: () => fisherRaoGeodesic(...ends),
  };
}

const probability = ({ space, positions, masses }: Measure): Measure => measure({ space, positions, masses });

function refuseKind(kind: string): never {
  const names = Object.keys(kinds);
  const near = nearest(kind, names);
  return fail({
    code: 'unknown-id',
    where: 'muflow distance',
    problem: 'there is no such distance',
    got: show(kind),
    expected: `one of ${names.join(', ')}`,
    fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see muflow distance --help',
  });
}
