// A plugin that brings a metric: Kalman-Wasserstein, in which the shape of a well does not matter.
import {
  covariance,
  createWorkbench,
  defineEntry,
  definePlugin,
  gaussian,
  gradientFlow,
  type Metric,
  potentialEnergy,
  rk4,
  simulate,
  solvePositiveDefinite,
  z,
} from '@muflow/core';

/** Steepest descent `v = -C grad V` in R^d, C the covariance of mu; squared length `int <v, C^-1 v> dmu`. */
const kalmanWasserstein: Metric = {
  name: 'kalmanWasserstein',
  transports: true,
  reacts: false,
  conservesMass: () => true,
  descendInto({ velocity }, { gradient }, mu) {
    const [c, d] = [covariance(mu), mu.dim];
    velocity?.fill(0).forEach((_, k) => {
      for (let l = 0; l < d; l++) velocity[k] -= c[(k % d) * d + l] * gradient[k - (k % d) + l];
    });
  },
  norm2(mu, { velocity }) {
    if (velocity === null) return 0;
    const [c, d] = [covariance(mu), mu.dim];
    return mu.masses.reduce((sum, mass, i) => {
      const v = velocity.slice(i * d, (i + 1) * d);
      return sum + mass * solvePositiveDefinite(c, v, d).reduce((s, x, k) => s + x * v[k], 0);
    }, 0);
  },
};

const entry = defineEntry({
  id: 'ensemble/kalman-wasserstein',
  title: 'Kalman-Wasserstein metric: descent preconditioned by the covariance of the atoms',
  reference: 'GarbunoInigoEtAl2020, section 2',
  params: z.strictObject({}),
  create: () => kalmanWasserstein,
});
const workbench = createWorkbench({ plugins: [definePlugin({ id: 'ensemble', version: '0.1.0', metrics: [entry] })] });
const metric = workbench.create('metric', 'ensemble/kalman-wasserstein');

// A round well and one a thousand times narrower along an axis give the same run, up to the scale of that axis.
const run = (scale: number): Float64Array => {
  const energy = potentialEnergy({ potential: `(x[0]^2 + (${scale}*x[1])^2) / 2`, dim: 2 });
  const initial = gaussian({ dim: 2, n: 10, key: 1, std: [1, 1 / scale] });
  const flow = gradientFlow(energy, metric);
  return simulate({ flow, initial }, { stepper: rk4(), dt: 0.1, maxTime: 50 }).profile[0].positions;
};
const [round, narrow] = [run(1), run(1000)];
const apart = round.map((x, k) => Math.abs(x - narrow[k] * (k % 2 === 1 ? 1000 : 1)));
console.log(Math.max(...round.map(Math.abs)) < 0.5); // => true
console.log(Math.max(...apart) < 1e-9); // => true
