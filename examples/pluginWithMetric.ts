// A plugin that brings a metric: Kalman-Wasserstein, in which the shape of a well does not matter.
import {
  covariance,
  defineEntry,
  definePlugin,
  fail,
  gaussian,
  gradientFlow,
  type Measure,
  type Metric,
  potentialEnergy,
  rk4,
  simulate,
  solvePositiveDefinite,
  z,
} from '@muflow/core';
import { checkPlugin } from '@muflow/core/testing';

function spread(mu: Measure, eps: number): Float64Array {
  if (mu.space.kind === 'euclidean') return covariance(mu).map((c, k) => (k % (mu.dim + 1) === 0 ? c + eps : c));
  const [where, got, expected] = ['kalmanWasserstein', mu.space.name, 'R^d'];
  return fail({ code: 'unsupported', where, problem: 'the space is not flat', got, expected, fix: 'take R^d' });
}

/** Steepest descent `v = -(C + eps I) grad V`, C the covariance; squared length `int <v, (C + eps I)^-1 v> dmu`. */
const kalmanWasserstein = (eps: number): Metric => ({
  name: 'kalmanWasserstein',
  transports: true,
  reacts: false,
  conservesMass: () => true,
  descendInto({ velocity }, { gradient }, mu) {
    const [c, d] = [spread(mu, eps), mu.dim];
    velocity?.fill(0).forEach((_, k) => {
      for (let l = 0; l < d; l++) velocity[k] -= c[(k % d) * d + l] * gradient[k - (k % d) + l];
    });
  },
  norm2(mu, { velocity }) {
    if (velocity === null) return 0;
    const [c, d] = [spread(mu, eps), mu.dim];
    const length2 = (v: Float64Array) => solvePositiveDefinite(c, v, d).reduce((sum, x, k) => sum + x * v[k], 0);
    return mu.masses.reduce((sum, m, i) => sum + m * length2(velocity.slice(i * d, (i + 1) * d)), 0);
  },
});

const entry = defineEntry({
  id: 'ensemble/kalman-wasserstein',
  title: 'Kalman-Wasserstein metric: descent preconditioned by the covariance of the atoms',
  reference: 'GarbunoInigoEtAl2020, section 2',
  params: z.strictObject({ eps: z.number().positive().default(0.1) }),
  create: ({ eps }) => kalmanWasserstein(eps),
});
const reports = await checkPlugin(definePlugin({ id: 'ensemble', version: '0.1.0', metrics: [entry] }), { seed: 1 });
console.log(reports.every(({ holds }) => holds)); // => true
// In a quadratic well C(t)^-1 = C(0)^-1 + 2 t Hess W, however narrow it is.
const precision = (mu: Measure): number => solvePositiveDefinite(covariance(mu), Float64Array.of(0, 1), 2)[1];
const flow = gradientFlow(potentialEnergy({ potential: 'x[0]^2/2 + 50*x[1]^2', dim: 2 }), kalmanWasserstein(1e-12));
const initial = gaussian({ dim: 2, n: 10, key: 1 });
const end = simulate({ flow, initial }, { stepper: rk4(), dt: 0.002, maxTime: 2 }).profile[0];
console.log((precision(end) - precision(initial)).toFixed(2)); // => 400.00
