import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import file from '../../../test/vectors/transport.json' with { type: 'json' };
import { measure, rescale } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import { totalMass } from '../measure/profile.js';
import { euclidean } from '../space/euclidean.js';
import { exactDistance } from './certifiedDistance.js';
import {
  bhattacharyya,
  chiSquared,
  hellinger,
  hellingerSquared,
  jensenShannon,
  kullbackLeibler,
  totalVariation,
} from './divergences.js';
import { fisherRaoDistance, fisherRaoGeodesic, fisherRaoPath } from './fisherRao.js';
import {
  buresSquared,
  gaussianGeodesic,
  gaussianMap,
  gaussianW2Squared,
  jkoGaussianStep,
  ornsteinUhlenbeck,
} from './gaussian.js';
import { wfrDirac, wfrDiracGeodesic, wfrDiracSquared } from './wfrDirac.js';

interface Vector<Input = unknown, Expect = Readonly<Record<string, unknown>>> {
  readonly id: string;
  readonly kind: string;
  readonly input: Input;
  readonly expect: Expect;
  readonly tol: number;
}
interface DiracInput {
  readonly d: number;
  readonly m0: number;
  readonly m1: number;
  readonly alpha: number;
}
interface GaussianInput {
  readonly m0: number[];
  readonly m1: number[];
  readonly S0: number[][];
  readonly S1: number[][];
}
interface Geodesic {
  readonly WFR: number;
  readonly points: readonly { readonly t: number; readonly mass: number; readonly position: number }[];
}

function vectors<Input, Expect = Readonly<Record<string, unknown>>>(kind: string): readonly Vector<Input, Expect>[] {
  const found = (file.vectors as unknown as readonly Vector<Input, Expect>[]).filter((vector) => vector.kind === kind);
  expect(found.length, `vectors of kind ${kind}`).toBeGreaterThan(0);
  return found;
}
const numbers = (values: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((entry, k) => [`${name} ${k}`, Number(entry)]) : [[name, Number(value)]],
    ),
  );
/** Every expected figure, and no other, to the tolerance of the vector. */
function agree(vector: Vector, found: Readonly<Record<string, unknown>>): void {
  const [expected, got] = [numbers(vector.expect), numbers(found)];
  expect(Object.keys(got).sort(), vector.id).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    const near = got[name] === value || Math.abs(got[name] - value) <= vector.tol;
    expect(near, `${vector.id}: ${name} is ${got[name]}, expected ${value}`).toBe(true);
  }
}

const mass = fc.double({ min: 0, max: 3, noNaN: true });
const masses = fc.integer({ min: 1, max: 6 }).chain((n) => {
  const family = fc.array(mass, { minLength: n, maxLength: n });
  return fc.tuple(family, family, family);
});
const toProbability = (values: readonly number[]): number[] => {
  const total = values.reduce((sum, value) => sum + value + 1e-3, 0);
  return values.map((value) => (value + 1e-3) / total);
};

describe('divergences on a shared support', () => {
  test('agree with the vectors', () => {
    for (const vector of vectors<{ p: number[]; q: number[] }>('FR/Hellinger/KL')) {
      const { p, q } = vector.input;
      const common = {
        HeSq: hellingerSquared(p, q),
        He: hellinger(p, q),
        FR_Mplus: fisherRaoDistance(p, q, 'positive'),
        KL_pq: kullbackLeibler(p, q),
        KL_qp: kullbackLeibler(q, p),
      };
      agree(
        vector,
        'FR_P' in vector.expect
          ? {
              ...common,
              bhattacharyya_coefficient: bhattacharyya(p, q),
              hellinger_normalised: hellinger(p, q) / Math.SQRT2,
              angle: fisherRaoDistance(p, q) / 2,
              FR_P: fisherRaoDistance(p, q),
              JS: jensenShannon(p, q),
              chi2_pq: chiSquared(p, q),
              TV: totalVariation(p, q),
              geodesic_half_FR_P: [...fisherRaoPath(p, q)(0.5)],
            }
          : common,
      );
    }
  });

  property.prop([masses], { seed: 51 })('hold the known inequalities', ([a, b]) => {
    const [p, q] = [toProbability(a), toProbability(b)];
    const [tv, kl, squared] = [totalVariation(p, q), kullbackLeibler(p, q), hellingerSquared(p, q)];
    const slack = 1e-14;
    expect(2 * tv * tv).toBeLessThanOrEqual(kl + slack); // Pinsker
    expect(squared / 2).toBeLessThanOrEqual(tv + slack); // Le Cam
    expect(squared).toBeLessThanOrEqual(kl + slack);
    expect(kl).toBeLessThanOrEqual(Math.log1p(chiSquared(p, q)) + slack);
    expect(jensenShannon(p, q)).toBeLessThanOrEqual(Math.LN2 + slack);
    expect(Math.abs(squared - 2 * (1 - bhattacharyya(p, q)))).toBeLessThan(slack);
  });

  test('keep relative accuracy between close masses', () => {
    const h = 1e-7;
    // KL = h^2 / (2 p) (1 + O(h)) per atom: the direct formula would have an error of 1e-2 here.
    expect(kullbackLeibler([0.5 + h, 0.5 - h], [0.5, 0.5]) / (2 * h * h)).toBeCloseTo(1, 6);
    expect(fisherRaoDistance([0.5 + h, 0.5 - h], [0.5, 0.5]) / (2 * h)).toBeCloseTo(1, 6);
  });

  test('are zero exactly between equal masses and infinite where mass has no counterpart', () => {
    const p = [0.3, 0, 0.7];
    for (const divergence of [kullbackLeibler, chiSquared, jensenShannon, totalVariation, hellinger]) {
      expect(divergence(p, p)).toBe(0);
    }
    expect(kullbackLeibler([0.5, 0.5], [1, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(chiSquared([0.5, 0.5], [1, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(kullbackLeibler([5e-324], [1])).toBe(1);
  });
});

describe('the Fisher-Rao distance', () => {
  property.prop([masses], { seed: 52 })('is a distance on both cones', ([a, b, c]) => {
    for (const kind of ['positive', 'probability'] as const) {
      const [p, q, r] = kind === 'positive' ? [a, b, c] : [a, b, c].map(toProbability);
      const direct = fisherRaoDistance(p, q, kind);
      expect(fisherRaoDistance(q, p, kind)).toBe(direct);
      expect(direct).toBeLessThanOrEqual(fisherRaoDistance(p, r, kind) + fisherRaoDistance(r, q, kind) + 1e-7);
    }
  });

  property.prop([masses, fc.double({ min: 0, max: 1, noNaN: true })], { seed: 53 })(
    'grows at constant speed along its geodesics, which stay in their cone',
    ([a, b], t) => {
      for (const kind of ['positive', 'probability'] as const) {
        const [p, q] = kind === 'positive' ? [a, b] : [toProbability(a), toProbability(b)];
        const total = fisherRaoDistance(p, q, kind);
        const middle = fisherRaoPath(p, q, kind)(t);
        expect(Math.abs(fisherRaoDistance(p, middle, kind) - t * total)).toBeLessThan(1e-7);
        if (kind === 'probability') expect(Math.abs(middle.reduce((sum, m) => sum + m, 0) - 1)).toBeLessThan(1e-12);
      }
    },
  );

  test('is the length of its geodesic in the metric sum mdot^2 / m', () => {
    const [p, q] = [
      [0.1, 0.2, 0.3, 0.4],
      [0.25, 0.25, 0.4, 0.1],
    ];
    const path = fisherRaoPath(p, q);
    let length = 0;
    const steps = 2000;
    for (let k = 0; k < steps; k++) {
      const [before, after] = [path(k / steps), path((k + 1) / steps)];
      length += Math.sqrt(before.reduce((sum, m, i) => sum + (after[i] - m) ** 2 / (0.5 * (m + after[i])), 0));
    }
    expect(Math.abs(length - fisherRaoDistance(p, q))).toBeLessThan(1e-6);
  });

  test('reads measures with the same atoms, their kind included', () => {
    const mu = diracs([0, 1], [0.25, 0.75]);
    const nu = diracs([0, 1], [0.5, 0.5]);
    expect(fisherRaoDistance(mu, nu)).toBeCloseTo(fisherRaoDistance([0.25, 0.75], [0.5, 0.5]), 14);
    expect(fisherRaoDistance(rescale(mu, 2), nu)).toBeCloseTo(
      fisherRaoDistance([0.5, 1.5], [0.5, 0.5], 'positive'),
      14,
    );
    const half = fisherRaoGeodesic(mu, nu)(0.5);
    expect([half.kind, totalMass(half)]).toEqual(['probability', expect.closeTo(1, 14)]);
    expect(Array.from(half.positions)).toEqual([0, 1]);
  });

  test('splits equally: an atom cut in two halves on both sides changes nothing', () => {
    const whole = fisherRaoDistance([0.2, 0.8], [0.6, 0.4]);
    expect(fisherRaoDistance([0.1, 0.1, 0.8], [0.3, 0.3, 0.4])).toBeCloseTo(whole, 14);
  });
});

describe('the Wasserstein-Fisher-Rao distance of two Diracs', () => {
  const pairs = fc.record({
    distance: fc.double({ min: 0, max: 5, noNaN: true }),
    massFrom: mass,
    massTo: mass,
    alpha: fc.double({ min: 0.1, max: 20, noNaN: true }),
  });

  test('agrees with the vectors', () => {
    for (const vector of vectors<DiracInput>('WFR-dirac')) {
      const { d, m0, m1, alpha } = vector.input;
      const pair = { distance: d, massFrom: m0, massTo: m1, alpha };
      agree(vector, { WFRsq: wfrDiracSquared(pair), WFR: wfrDirac(pair) });
    }
    for (const vector of vectors<DiracInput, Geodesic>('WFR-geodesic')) {
      const { d, m0, m1, alpha } = vector.input;
      const pair = { distance: d, massFrom: m0, massTo: m1, alpha };
      expect(wfrDirac(pair)).toBeCloseTo(vector.expect.WFR, 10);
      for (const point of vector.expect.points) {
        const [atom] = wfrDiracGeodesic(pair)(point.t);
        agree({ ...vector, expect: point }, { t: point.t, ...atom });
      }
    }
  });

  property.prop([pairs, fc.double({ min: 0, max: 1, noNaN: true })], { seed: 54 })(
    'grows at constant speed along its geodesic',
    (pair, t) => {
      const atoms = wfrDiracGeodesic(pair)(t);
      const total = wfrDirac(pair);
      if (atoms.length === 1) {
        const [{ position, mass: massTo }] = atoms;
        expect(Math.abs(wfrDirac({ ...pair, distance: position, massTo }) - t * total)).toBeLessThan(1e-7);
      } else {
        // Beyond the cut-off only reaction acts, so the Fisher-Rao distance of both masses is the WFR distance.
        const path = atoms.map((atom) => atom.mass);
        const reaction = fisherRaoDistance([pair.massFrom, 0], path, 'positive') / Math.sqrt(pair.alpha);
        expect(Math.abs(reaction - t * total)).toBeLessThan(1e-12);
      }
    },
  );

  property.prop([pairs, fc.double({ min: 0.1, max: 3, noNaN: true }), fc.double({ min: 0.1, max: 3, noNaN: true })], {
    seed: 55,
  })('scales with masses as math demands', (pair, s, t) => {
    const scaled = wfrDiracSquared({ ...pair, massFrom: s * s * pair.massFrom, massTo: t * t * pair.massTo });
    const law =
      s * t * wfrDiracSquared(pair) +
      (4 / pair.alpha) * ((s * s - s * t) * pair.massFrom + (t * t - s * t) * pair.massTo);
    expect(Math.abs(scaled - law)).toBeLessThan(1e-10 * (1 + Math.abs(law)));
  });

  test('is Fisher-Rao in place, and W2 for unit masses as alpha goes to 0', () => {
    const there = { distance: 0, massFrom: 0.4, massTo: 1.3 };
    expect(wfrDirac(there)).toBeCloseTo(fisherRaoDistance([0.4], [1.3], 'positive'), 14);
    expect(wfrDirac({ distance: 2, massFrom: 1, massTo: 1, alpha: 1e-8 })).toBeCloseTo(2, 7);
  });

  test('carries an exact certificate', () => {
    expect(exactDistance(wfrDirac({ distance: 0, massFrom: 1, massTo: 4 }))).toEqual({
      value: 2,
      squared: 4,
      lower: 2,
      upper: 2,
      status: 'exact',
      iterations: 0,
    });
  });
});

describe('Gaussians', () => {
  test('have the W2 distance and map of the vectors', () => {
    for (const vector of vectors<GaussianInput, { W2sq: number; bures_sq: number; map: number[][] }>('W2-gaussian')) {
      const { m0, m1, S0, S1 } = vector.input;
      const [from, to] = [
        { mean: m0, covariance: S0.flat() },
        { mean: m1, covariance: S1.flat() },
      ];
      agree(
        { ...vector, expect: { ...vector.expect, map: vector.expect.map.flat() } },
        {
          W2sq: gaussianW2Squared(from, to),
          bures_sq: buresSquared(S0.flat(), S1.flat(), 2),
          map: [...gaussianMap(from, to)],
        },
      );
    }
  });

  const covariance = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 9, maxLength: 9 }).map((a) =>
    Float64Array.from({ length: 9 }, (_, at) => {
      const [i, j] = [Math.floor(at / 3), at % 3];
      return (i === j ? 0.2 : 0) + a[3 * i] * a[3 * j] + a[3 * i + 1] * a[3 * j + 1] + a[3 * i + 2] * a[3 * j + 2];
    }),
  );
  property.prop([covariance, covariance, fc.double({ min: 0, max: 1, noNaN: true })], { seed: 56 })(
    'are carried onto each other by the map, at constant speed along the geodesic',
    (s0, s1, t) => {
      const [from, to] = [
        { mean: [0, 1, 2], covariance: s0 },
        { mean: [1, -1, 0], covariance: s1 },
      ];
      const end = gaussianGeodesic(from, to)(1);
      const apart = Array.from(end.covariance).map((value, k) => Math.abs(value - s1[k]));
      expect(Math.max(...apart)).toBeLessThan(1e-9);
      const total = Math.sqrt(gaussianW2Squared(from, to));
      expect(Math.abs(Math.sqrt(gaussianW2Squared(from, gaussianGeodesic(from, to)(t))) - t * total)).toBeLessThan(
        1e-6,
      );
      expect(Math.abs(buresSquared(s0, s1, 3) - buresSquared(s1, s0, 3))).toBeLessThan(1e-10);
    },
  );

  test('on the line differ by mean and deviation, and by their size from a Dirac', () => {
    expect(gaussianW2Squared({ mean: [0], covariance: [1] }, { mean: [3], covariance: [4] })).toBeCloseTo(10, 12);
    expect(gaussianW2Squared({ mean: [0], covariance: [0] }, { mean: [0], covariance: [4] })).toBeCloseTo(4, 12);
  });

  test('take the JKO step of the vectors', () => {
    for (const vector of vectors<{ tau: number; mean: number; sigma: number }>('JKO')) {
      const { tau, mean, sigma } = vector.input;
      const next = jkoGaussianStep({ mean, std: sigma }, tau);
      const flow = ornsteinUhlenbeck({ mean, std: sigma }, tau);
      agree(vector, {
        mean: next.mean,
        sigma: next.std,
        W2sq_step: gaussianW2Squared(
          { mean: [mean], covariance: [sigma ** 2] },
          { mean: [next.mean], covariance: [next.std ** 2] },
        ),
        exact_flow_mean: flow.mean,
        exact_flow_sigma: flow.std,
      });
    }
  });

  test('follow the Ornstein-Uhlenbeck flow by JKO steps to first order', () => {
    const errors = [20, 40, 80].map((steps) => {
      let law = { mean: 1.5, std: 0.4 };
      for (let k = 0; k < steps; k++) law = jkoGaussianStep(law, 1 / steps);
      return Math.abs(law.std - ornsteinUhlenbeck({ mean: 1.5, std: 0.4 }, 1).std);
    });
    expect(Math.log2(errors[0] / errors[1])).toBeCloseTo(1, 1);
    expect(Math.log2(errors[1] / errors[2])).toBeCloseTo(1, 1);
  });
});

describe('misuse is refused', () => {
  const mu = diracs([0, 1]);
  const cases: readonly [string, () => unknown, RegExp][] = [
    ['supports of different sizes', () => hellinger([1], [0.5, 0.5]), /\[hellinger\].*1 and 2 atoms/],
    ['measures on different atoms', () => fisherRaoDistance(mu, diracs([0, 2])), /different atoms.*atom 1 differs/],
    [
      'measures of different dimension',
      () => hellinger(mu, measure({ space: euclidean(2), positions: [0, 1, 2, 3] })),
      /1 and 2 coordinates/,
    ],
    ['a measure and an array', () => kullbackLeibler(mu, [0.5, 0.5]), /a measure and an array/],
    ['a negative mass', () => totalVariation([1, -1], [1, 0]), /mass 1.*got -1/],
    ['a NaN mass', () => chiSquared([1, 0], [Number.NaN, 1]), /mass 0.*got NaN/],
    ['a probability of mass 2', () => fisherRaoDistance([1, 1], [0.5, 0.5]), /got 2, expected 1 within/],
    ['a time beyond the geodesic', () => fisherRaoPath([1], [1])(1.5), /got 1\.5/],
    ['a negative distance', () => wfrDirac({ distance: -1, massFrom: 1, massTo: 1 }), /distance.*got -1/],
    ['alpha 0', () => wfrDirac({ distance: 1, massFrom: 1, massTo: 1, alpha: 0 }), /alpha.*got 0/],
    ['a WFR time of -1', () => wfrDiracGeodesic({ distance: 1, massFrom: 1, massTo: 1 })(-1), /got -1/],
  ];
  test.each(cases)('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
