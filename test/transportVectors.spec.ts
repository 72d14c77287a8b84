import {
  adaptive,
  bhattacharyya,
  buresSquared,
  chiSquared,
  dopri5,
  energyDistance,
  euclidean,
  finite,
  fisherRao,
  fisherRaoDistance,
  fisherRaoPath,
  gaussianMap,
  gaussianW2Squared,
  gradientFlow,
  hellinger,
  hellingerSquared,
  jensenShannon,
  jkoGaussianStep,
  kullbackLeibler,
  type Measure,
  measure,
  mirror,
  mmdDistance,
  ornsteinUhlenbeck,
  potentialEnergy,
  simulate,
  sinkhornDistance,
  sinkhornDivergence,
  slicedWasserstein,
  sphericalHellingerKantorovich,
  type TransportPlan,
  totalVariation,
  unbalancedTransport,
  wassersteinDistance,
  wassersteinFisherRao,
  wfrDirac,
  wfrDiracSquared,
  wfrDistance,
  wfrGeodesic,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import file from './vectors/transport.json' with { type: 'json' };

/** One number (`"Infinity"` in the file), or any nest of them. */
type Figures = number | string | readonly Figures[] | { readonly [name: string]: Figures };
type Found = Readonly<Record<string, Figures>>;
type Rows = readonly (readonly number[])[];
interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expect: Found;
  readonly tol: number;
}
const vectors = file.vectors as unknown as readonly Vector[];

/** What no function computes, and where another tolerance is right. */
const leftOut: Readonly<Record<string, string>> = {
  'uot-3x4-eps0.1-rho1.0: POT082_counting_ref': 'the entropy against the counting measure: another problem',
  'uot-3x4-eps0.5-rho0.5: POT082_counting_ref': 'the entropy against the counting measure: another problem',
  'sliced-3x4: full_circle_error_est': 'the error of the figure before it, used as its tolerance',
};
const tolerances: Readonly<Record<string, number>> = {
  'sliced-3x4: SW2sq_full_circle': 1.3e-7,
  // The oracle stopped 6.3e-9 before its fixed point: see sinkhorn.spec.ts.
  'sinkhorn-3x4-eps0.1: divergence': 1e-8,
  // Entries of a plan have the square root of the accuracy of its cost.
  'wfr-3x4-alpha4: LET_plan': 1e-7,
  'wfr-3x4-alpha1: LET_plan': 1e-7,
};

const cloud = (rows: unknown, masses?: unknown): Measure => {
  const points = rows as Rows;
  return measure({
    space: euclidean(points[0].length),
    positions: points.flat(),
    kind: 'positive',
    masses: (masses as readonly number[] | undefined) ?? points.map(() => 1 / points.length),
  });
};
const clouds = ({ x, y, a, b }: Vector['input']): readonly [Measure, Measure] => [cloud(x, a), cloud(y, b)];
const numbers = (input: Vector['input']) => input as Readonly<Record<string, number>>;

function dense(plan: TransportPlan | undefined, [mu, nu]: readonly [Measure, Measure]): number[][] {
  const out = Array.from({ length: mu.count }, () => new Array<number>(nu.count).fill(0));
  plan?.rows.forEach((i, k) => {
    out[i][plan.columns[k]] += plan.masses[k];
  });
  return out;
}

/** One step of the Fisher-Rao flow of a frozen potential, `alpha dt = alphaTau`. */
function masses({ w0, V, alphaTau }: Vector['input'], divergence: 'kl' | 'hellinger', kind: Measure['kind']): number[] {
  const start = w0 as readonly number[];
  const space = finite(start.length);
  const energy = potentialEnergy({
    dim: 1,
    space,
    potential: { value: (x, at) => (V as readonly number[])[x[at]] },
  });
  const initial = measure({ space, kind, positions: start.map((_, i) => i), masses: start });
  const flow = gradientFlow(energy, fisherRao({ alpha: 2 }));
  const plan = { stepper: mirror({ divergence }), dt: (alphaTau as number) / 2, maxSteps: 1 };
  return Array.from(simulate({ flow, initial }, plan).profile[0].masses);
}

const byKind: Readonly<Record<string, (vector: Vector) => Found>> = {
  W2: ({ input }) => {
    const ends = clouds(input);
    const { value, squared, plan } = wassersteinDistance(...ends);
    return { W2: value, W2sq: squared, plan: dense(plan, ends) };
  },
  'W2-assignment': ({ input }) => {
    const { squared, plan } = wassersteinDistance(...clouds(input));
    return { W2sq: squared, permutation: Array.from(plan?.columns ?? []) };
  },
  'W2-gaussian': ({ input }) => {
    const { m0, m1, S0, S1 } = input as { m0: number[]; m1: number[]; S0: number[][]; S1: number[][] };
    const laws = [
      { mean: m0, covariance: S0.flat() },
      { mean: m1, covariance: S1.flat() },
    ] as const;
    const [a, b, c, d] = gaussianMap(...laws);
    return {
      W2sq: gaussianW2Squared(...laws),
      bures_sq: buresSquared(S0.flat(), S1.flat(), 2),
      map: [
        [a, b],
        [c, d],
      ],
    };
  },
  Sinkhorn: ({ input }) => {
    const ends = clouds(input);
    const options = { epsilon: numbers(input).eps, tolerance: 1e-13, plan: true };
    const { entropicCost, negentropyCost, transportCost, plan } = sinkhornDistance(...ends, options);
    return {
      transport: transportCost,
      OT_eps_KL: entropicCost,
      OT_eps_negentropy: negentropyCost,
      divergence: sinkhornDivergence(...ends, options).squared,
      plan: dense(plan, ends),
    };
  },
  'UOT-entropic': ({ input }) => {
    const ends = clouds(input);
    const { eps: epsilon, rho } = numbers(input);
    const found = unbalancedTransport(...ends, { epsilon, rho, tolerance: 1e-13, plan: true });
    const { squared, transportCost, mass, plan } = found;
    return { value: squared, transport: transportCost, mass, plan: dense(plan, ends) };
  },
  WFR: ({ input }) => {
    const ends = clouds(input);
    const { value, squared, lower, plan } = wfrDistance(...ends, { alpha: numbers(input).alpha });
    return { WFR: value, WFRsq: squared, certified_lower: lower ** 2, LET_plan: dense(plan, ends) };
  },
  'WFR+SHK': ({ input }) => {
    const [mu, nu] = clouds(input);
    const { alpha } = numbers(input);
    const { value, squared } = wfrDistance(mu, nu, { alpha });
    return { WFR: value, WFRsq: squared, SHK: sphericalHellingerKantorovich(mu, nu, { alpha }).value };
  },
  'WFR-dirac': ({ input }) => {
    const { d, m0, m1, alpha } = numbers(input);
    const pair = { distance: d, massFrom: m0, massTo: m1, alpha };
    const { value, squared } = wfrDistance(cloud([[0]], [m0]), cloud([[d]], [m1]), { alpha });
    expect(Math.abs(wfrDirac(pair) - value)).toBeLessThan(1e-14);
    expect(Math.abs(wfrDiracSquared(pair) - squared)).toBeLessThan(1e-14);
    return { WFR: value, WFRsq: squared };
  },
  'WFR-geodesic': ({ input, expect: expected }) => {
    const { d, m0, m1, alpha } = numbers(input);
    const ends = [cloud([[0]], [m0]), cloud([[d]], [m1])] as const;
    const path = wfrGeodesic(...ends, { alpha });
    const points = (expected.points as readonly { readonly t: number }[]).map(({ t }) => {
      const { count, masses: there, positions } = path(t);
      expect(count).toBe(1);
      return { t, mass: there[0], position: positions[0] };
    });
    return { points, WFR: wfrDistance(...ends, { alpha }).value };
  },
  'FR/Hellinger/KL': ({ input, id }) => {
    const [p, q] = [input.p as readonly number[], input.q as readonly number[]];
    const shared = {
      HeSq: hellingerSquared(p, q),
      He: hellinger(p, q),
      FR_Mplus: fisherRaoDistance(p, q, 'positive'),
      KL_pq: kullbackLeibler(p, q),
      KL_qp: kullbackLeibler(q, p),
    };
    if (id === 'fr-mplus-4') return shared;
    return {
      ...shared,
      bhattacharyya_coefficient: bhattacharyya(p, q),
      hellinger_normalised: hellinger(p, q) / Math.SQRT2,
      angle: fisherRaoDistance(p, q) / 2,
      FR_P: fisherRaoDistance(p, q),
      JS: jensenShannon(p, q),
      chi2_pq: chiSquared(p, q),
      TV: totalVariation(p, q),
      geodesic_half_FR_P: Array.from(fisherRaoPath(p, q)(0.5)),
    };
  },
  SlicedW2: ({ input }) => {
    const [mu, nu] = clouds(input);
    const { squared, squaredByDirection } = slicedWasserstein(mu, nu, {
      directions: (input.directions as Rows).flat(),
    });
    return {
      perDirectionSq: Array.from(squaredByDirection),
      SW2sq_mean: squared,
      SW2sq_full_circle: slicedWasserstein(mu, nu, { directions: 'all' }).squared,
    };
  },
  MMD: ({ input }) => {
    const { sigma: width } = numbers(input);
    const equal = clouds({ x: input.x, y: input.y });
    return {
      MMDsq_weighted: mmdDistance(...clouds(input), { width }).squared,
      MMDsq_uniform_biased: mmdDistance(...equal, { width }).squared,
      MMDsq_uniform_unbiased: mmdDistance(...equal, { width, estimator: 'unbiased' }).squared,
      energy_sq_weighted: energyDistance(...clouds(input)).squared,
    };
  },
  'WFR-flow': ({ input }) => {
    const { alpha, T: maxTime } = numbers(input);
    const flow = gradientFlow(potentialEnergy({ potential: 'norm2(x) / 2', dim: 2 }), wassersteinFisherRao({ alpha }));
    const stepper = adaptive(dopri5(), { rtol: 1e-11, atol: 1e-12 });
    const initial = cloud([input.x0], [input.m0]);
    const [end] = simulate({ flow, initial }, { stepper, dt: 0.01, maxTime }).profile;
    return { x: Array.from(end.positions), m: end.masses[0] };
  },
  JKO: ({ input }) => {
    const { tau, mean, sigma } = numbers(input);
    const start = { mean, std: sigma };
    const [next, exact] = [jkoGaussianStep(start, tau), ornsteinUhlenbeck(start, tau)];
    const [from, to] = [start, next].map((law) => ({ mean: [law.mean], covariance: [law.std ** 2] }));
    return {
      mean: next.mean,
      sigma: next.std,
      W2sq_step: gaussianW2Squared(from, to),
      exact_flow_mean: exact.mean,
      exact_flow_sigma: exact.std,
    };
  },
  MirrorProx: ({ input }) => ({
    w_Mplus: masses(input, 'kl', 'positive'),
    w_P: masses(input, 'kl', 'probability'),
  }),
  HellingerProx: ({ input }) => ({ w_Mplus: masses(input, 'hellinger', 'positive') }),
};

/** Every number in a nest, by the way to it. */
function flat(figures: Figures, path = ''): readonly (readonly [string, number])[] {
  if (typeof figures !== 'object') return [[path, Number(figures)]];
  return Object.entries(figures).flatMap(([name, inner]) => flat(inner as Figures, `${path} ${name}`));
}

describe('the recorded distances, plans, flows and proximal steps', () => {
  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s, every figure', (id, vector) => {
    const found = byKind[vector.kind](vector);
    const named = Object.keys(vector.expect).filter((name) => !(`${id}: ${name}` in leftOut));
    expect(Object.keys(found).sort()).toEqual(named.sort());
    for (const name of named) {
      const [got, expected] = [flat(found[name]), flat(vector.expect[name])];
      expect(
        got.map(([path]) => path),
        name,
      ).toEqual(expected.map(([path]) => path));
      got.forEach(([path, value], k) => {
        const tolerance = tolerances[`${id}: ${name}`] ?? vector.tol;
        const error = value === expected[k][1] ? 0 : Math.abs(value - expected[k][1]);
        expect(error, `${name}${path}`).toBeLessThanOrEqual(tolerance);
      });
    }
  });
});
