import type { Energy, Field, Game } from '../energy/energy.js';
import { fieldFlow, gameFlow } from '../flow/fieldFlow.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { fisherRao } from '../metric/fisherRao.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import type { ExactProblem } from '../stepper/order.js';

/** Flows whose solutions are known in closed form: the problems on which steppers prove their order. */

/** The energy `int W dmu` of a function W with gradient, one atom at a time: `W(x, start)`, `grad(out, x, start)`. */
export function functionEnergy(
  name: string,
  dim: number,
  value: (x: Float64Array, start: number) => number,
  gradientInto: (out: Float64Array, x: Float64Array, start: number) => void,
): Energy {
  return {
    name,
    dim,
    smooth: true,
    value: ({ positions, masses, count }) => {
      let total = 0;
      for (let i = 0; i < count; i++) total += masses[i] * value(positions, i * dim);
      return total;
    },
    firstVariationInto: ({ potential, gradient }, { positions, count }) => {
      for (let i = 0; i < count; i++) {
        potential[i] = value(positions, i * dim);
        gradientInto(gradient, positions, i * dim);
      }
    },
    potentialAt: (out, points, count) => {
      for (let i = 0; i < count; i++) out[i] = value(points, i * dim);
    },
  };
}

/** `V(x) = |x|^2 / 2` on R^d. */
export function quadraticEnergy(dim: number): Energy {
  return functionEnergy(
    'quadratic',
    dim,
    (x, start) => {
      let squared = 0;
      for (let k = 0; k < dim; k++) squared += x[start + k] * x[start + k];
      return squared / 2;
    },
    (out, x, start) => {
      for (let k = 0; k < dim; k++) out[start + k] = x[start + k];
    },
  );
}

/** `F = sum_i (k m_i^2 / 2 - b_i m_i)` on the points of a finite space: `V_i = k m_i - b_i`. */
export function crowdingEnergy(crowding: number, supply: readonly number[]): Energy {
  const potentialOf = (mu: Measure, i: number): number => crowding * mu.masses[i] - supply[i];
  return {
    name: 'crowding',
    dim: 1,
    space: finite(supply.length),
    smooth: true,
    value: (mu) => mu.masses.reduce((total, m, i) => total + (crowding * m * m) / 2 - supply[i] * m, 0),
    firstVariationInto: ({ potential, gradient }, mu) => {
      for (let i = 0; i < mu.count; i++) potential[i] = potentialOf(mu, i);
      gradient.fill(0);
    },
    potentialAt: (out, points, count, mu) => {
      for (let i = 0; i < count; i++) out[i] = potentialOf(mu, points[i]);
    },
  };
}

const planePoints = [1.2, -0.7, -0.4, 0.9, 0.3, 0.1];
const planeMasses = [0.2, 0.5, 0.3];

/** `x(t) = x0 exp(-t)` in the Wasserstein metric. */
export function wassersteinQuadratic(): ExactProblem {
  const space = euclidean(2);
  const at = (t: number) => [
    measure({ space, positions: planePoints.map((x) => x * Math.exp(-t)), masses: planeMasses }),
  ];
  return {
    name: 'Wasserstein flow of a quadratic',
    flow: gradientFlow(quadraticEnergy(2), wasserstein()),
    initial: at(0),
    time: 1,
    exact: at,
  };
}

/** `m_i(t) proportional to m_i exp(-alpha t V_i)`, V fixed, on a finite space; every exponential step is exact. */
export function fisherRaoFrozen(potential: readonly number[] = [1, -0.5, 0.25, 2], alpha = 0.7): ExactProblem {
  const space = finite(potential.length);
  const positions = potential.map((_, i) => i);
  const energy = {
    ...functionEnergy(
      'frozen',
      1,
      (x, start) => potential[x[start]],
      (out, _, start) => {
        out[start] = 0;
      },
    ),
    space,
  };
  const at = (t: number) => {
    const weights = potential.map((value, i) => (i + 1) * Math.exp(-alpha * t * value));
    const total = weights.reduce((a, b) => a + b, 0);
    return [measure({ space, positions, masses: weights.map((weight) => weight / total) })];
  };
  return {
    name: 'Fisher-Rao flow of a frozen potential',
    flow: gradientFlow(energy, fisherRao({ alpha })),
    initial: at(0),
    time: 1,
    exact: at,
  };
}

/** Logistic growth of positive masses: `m' = alpha m (b - k m)`, `m(t) = b / (k + (b / m0 - k) exp(-alpha b t))`. */
export function fisherRaoLogistic(): ExactProblem {
  const [alpha, crowding, supply, start] = [0.8, 1.5, [1, 2, 0.5], [0.3, 0.5, 0.7]];
  const space = finite(3);
  const at = (t: number) => {
    const masses = supply.map((b, i) => b / (crowding + (b / start[i] - crowding) * Math.exp(-alpha * b * t)));
    return [measure({ space, positions: [0, 1, 2], masses, kind: 'positive' })];
  };
  return {
    name: 'Fisher-Rao logistic growth',
    flow: gradientFlow(crowdingEnergy(crowding, supply), fisherRao({ alpha })),
    initial: at(0),
    time: 1,
    exact: at,
  };
}

/** Two crowded points under the replicator equation: with `u = log(m_0 / m_1)`, `sinh(u/2)` decays like `exp(-alpha k t / 2)`. */
export function fisherRaoReplicator(): ExactProblem {
  const [alpha, crowding, u0] = [1.2, 2, 3];
  const space = finite(2);
  const at = (t: number) => {
    const u = 2 * Math.asinh(Math.sinh(u0 / 2) * Math.exp((-alpha * crowding * t) / 2));
    return [measure({ space, positions: [0, 1], logMasses: [-Math.log1p(Math.exp(-u)), -Math.log1p(Math.exp(u))] })];
  };
  return {
    name: 'Fisher-Rao replicator',
    flow: gradientFlow(crowdingEnergy(crowding, [0, 0]), fisherRao({ alpha })),
    initial: at(0),
    time: 2,
    exact: at,
  };
}

/** `x(t) = x0 exp(-t)`, `m(t)` as `m0 exp(-alpha |x0|^2 (1 - exp(-2t)) / 4)`, normalized on probabilities. */
export function wfrQuadratic(kind: 'probability' | 'positive', alpha = 4): ExactProblem {
  const space = euclidean(2);
  const at = (t: number) => {
    const raw = planeMasses.map((m, i) => {
      const squared = planePoints[2 * i] ** 2 + planePoints[2 * i + 1] ** 2;
      return m * Math.exp((alpha / 4) * squared * Math.expm1(-2 * t));
    });
    const total = kind === 'probability' ? raw.reduce((a, b) => a + b, 0) : 1;
    const positions = planePoints.map((x) => x * Math.exp(-t));
    return [measure({ space, positions, masses: raw.map((m) => m / total), kind })];
  };
  const flow = gradientFlow(quadraticEnergy(2), wassersteinFisherRao({ alpha }));
  return { name: `Wasserstein-Fisher-Rao flow of a quadratic, ${kind}`, flow, initial: at(0), time: 1, exact: at };
}

/** Descent of the height `b.x` on the unit sphere: the height is `tanh(atanh z0 - t)` and the longitude stays (b = e_3). */
export function sphereHeight(): ExactProblem {
  const space = sphere(3);
  const energy = functionEnergy(
    'height',
    3,
    (x, start) => x[start + 2],
    (out, _, start) => {
      out[start] = 0;
      out[start + 1] = 0;
      out[start + 2] = 1;
    },
  );
  const [heights, longitudes] = [
    [0.8, -0.2, 0.1],
    [0.3, 2, -1],
  ];
  const at = (t: number) => {
    const positions = heights.flatMap((z0, i) => {
      const z = Math.tanh(Math.atanh(z0) - t);
      const radius = Math.sqrt(1 - z * z);
      return [radius * Math.cos(longitudes[i]), radius * Math.sin(longitudes[i]), z];
    });
    return [measure({ space, positions })];
  };
  return {
    name: 'Wasserstein flow of the height on a sphere',
    flow: gradientFlow(energy, wasserstein()),
    initial: at(0),
    time: 2,
    exact: at,
  };
}

/** `V = A cos(2 pi x)` on the circle of length 1: `tan(pi x)` grows like `exp(4 pi^2 A t)`; atoms cross the cut. */
export function torusCosine(): ExactProblem {
  const space = torus(1);
  const amplitude = -0.03;
  const energy = functionEnergy(
    'cosine',
    1,
    (x, start) => amplitude * Math.cos(2 * Math.PI * x[start]),
    (out, x, start) => {
      out[start] = -2 * Math.PI * amplitude * Math.sin(2 * Math.PI * x[start]);
    },
  );
  const speed = 0.4;
  // A uniform rotation on top carries atoms through the cut at 0 without spoiling the closed form of the relative motion.
  const moving: Field = {
    name: 'rotating cosine',
    dims: [1],
    smooth: true,
    evaluateInto: ([{ potential, gradient }], [mu], { time }) => {
      for (let i = 0; i < mu.count; i++) {
        const x = 2 * Math.PI * (mu.positions[i] - speed * time);
        potential[i] = amplitude * Math.cos(x);
        gradient[i] = -2 * Math.PI * amplitude * Math.sin(x) - speed;
      }
    },
    potentialAt: (_player, out, points, count, [mu]) => energy.potentialAt(out, points, count, mu),
  };
  const starts = [0.15, 0.35, 0.8];
  const at = (t: number) => {
    const positions = starts.map((x0) => {
      const centered = x0 > 0.5 ? x0 - 1 : x0;
      const relative = Math.atan(Math.tan(Math.PI * centered) * Math.exp(4 * Math.PI ** 2 * amplitude * t)) / Math.PI;
      const x = relative + speed * t;
      return x - Math.floor(x);
    });
    return [measure({ space, positions })];
  };
  return {
    name: 'Wasserstein flow on a torus, carried around',
    flow: fieldFlow(moving, wasserstein()),
    initial: at(0),
    time: 2,
    exact: at,
  };
}

/** The game `l(x, y) = x y` on two lines, one atom each: the pair turns, `(x, y)(t) = R(t) (x0, y0)`. */
export function rotationGame(): ExactProblem {
  const line = euclidean(1);
  const mean = ({ positions, masses }: Measure): number => masses.reduce((total, m, i) => total + m * positions[i], 0);
  const game: Game = {
    name: 'bilinear',
    dims: [1, 1],
    spaces: [line, line],
    smooth: true,
    zeroSum: true,
    evaluateInto: (out, profile) => {
      [mean(profile[1]), -mean(profile[0])].forEach((slope, k) => {
        for (let i = 0; i < profile[k].count; i++) {
          out[k].potential[i] = slope * profile[k].positions[i];
          out[k].gradient[i] = slope;
        }
      });
    },
    potentialAt: (player, out, points, count, profile) => {
      const slope = player === 0 ? mean(profile[1]) : -mean(profile[0]);
      for (let i = 0; i < count; i++) out[i] = slope * points[i];
    },
    costsInto: (out, profile) => {
      out[0] = mean(profile[0]) * mean(profile[1]);
      out[1] = -out[0];
    },
  };
  const at = (t: number) => {
    const [c, s] = [Math.cos(t), Math.sin(t)];
    const [x0, y0] = [0.6, -0.8];
    return [c * x0 - s * y0, s * x0 + c * y0].map((x) => measure({ space: line, positions: [x] }));
  };
  return {
    name: 'rotation of a bilinear game',
    flow: gameFlow(game, wasserstein()),
    initial: at(0),
    time: 1,
    exact: at,
  };
}

/** All closed-form problems on which a deterministic stepper of order p shows order p. */
export function closedFlows(): readonly ExactProblem[] {
  return [
    wassersteinQuadratic(),
    fisherRaoLogistic(),
    fisherRaoReplicator(),
    wfrQuadratic('positive'),
    wfrQuadratic('probability'),
    sphereHeight(),
    torusCosine(),
    rotationGame(),
  ];
}
