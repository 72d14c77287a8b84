// A function of sets of any size: a network on measures learns the spread of a set, with its norm and its Lipschitz constant.
import { randomKey } from '@muflow/core';
import {
  boxSets,
  drawSetParameters,
  drawSets,
  evaluateSets,
  lipschitzBound,
  setNetwork,
  setNorm,
  setVariance,
  trainSetNetwork,
} from '@muflow/symmetric';

// Two hundred sets of 4 to 16 points of the square [-1, 1]^2, ragged in one flat batch, and their variances.
const law = boxSets({ dim: 2, radius: 1 });
const batch = drawSets(law, { sets: 200, size: [4, 16], key: randomKey('sets') });
const spread = setVariance();
const targets = spread.values(batch);

// f(mu) = sum_j A_j relu(<v_j, Phi(mu)>), Phi_i(mu) = int relu(<w_i, (x, 1)>)^2 dmu(x): all layers are trained.
const network = setNetwork({ dim: 2, innerWidth: 32, outerWidth: 32, inner: 'squared-relu' });
const start = drawSetParameters(network, randomKey('start'));
/** The error on sets of `size` points as a share of the variance of the targets there. */
function unexplained(parameters: Float64Array, size: number): number {
  const fresh = drawSets(law, { sets: 500, size, key: randomKey(size) });
  const [f, y] = [evaluateSets(network, parameters, fresh), spread.values(fresh)];
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const squares = (of: (s: number) => number): number => y.reduce((sum, _, s) => sum + of(s) ** 2, 0);
  return squares((s) => f[s] - y[s]) / squares((s) => y[s] - mean);
}

// Adam on half the mean square error plus 1e-4 times the path norm.
const rule = { kind: 'adam', rate: 1e-2 } as const;
const { parameters } = trainSetNetwork({ network, batch, targets, start, steps: 500, rule, lambda: 1e-4 });

const [before, after] = [start, parameters].map((of) => setNorm(network).value(of));
console.log(`path norm ${before.toFixed(1)} at the start, ${after.toFixed(1)} after`); // => path norm 21.2 at the start, 7.4 after
console.log(`sets of 10: under 5 % unexplained, ${unexplained(parameters, 10) < 0.05}`); // => sets of 10: under 5 % unexplained, true
console.log(`sets of 100: under 25 %, ${unexplained(parameters, 100) < 0.25}`); // => sets of 100: under 25 %, true

// |f(mu) - f(nu)| <= L W1(mu, nu) on the ball that holds the square; the variance itself has 4 sqrt(2).
const slope = lipschitzBound(network, parameters, Math.SQRT2);
console.log(`L = ${slope.toFixed(1)}, of the target ${spread.lipschitz(Math.SQRT2).toFixed(1)}`); // => L = 10.4, of the target 5.7
