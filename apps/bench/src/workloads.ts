import {
  type Backend,
  euclidean,
  extragradient,
  gameFlow,
  gradientFlow,
  heun,
  interactionEnergy,
  measure,
  networkUnit,
  parseFormula,
  risk,
  simulate,
  wassersteinFisherRao,
  zeroSumGame,
} from '@muflow/core';
import { numbers } from './data.js';

/** One workload, ready to run again and again; `check` gives a few numbers to compare with peers. */
export interface Prepared {
  run(): void;
  check(): readonly number[];
}

/** What is timed, here and by peers that know the same name and parameters. */
export interface Workload {
  readonly name: string;
  readonly kind: string;
  readonly params: Readonly<Record<string, number | string>>;
  /** Largest relative difference between the results of two programs. */
  readonly tolerance: number;
  prepare(backend: Backend): Prepared;
}

const checksum = (values: Float64Array): readonly number[] => {
  let sum = 0;
  let weighted = 0;
  for (let k = 0; k < values.length; k++) {
    sum += values[k];
    weighted += values[k] * Math.cos(k);
  }
  return [values[0], values[values.length - 1], sum / values.length, weighted / values.length];
};

/** Value, potential and gradients of the risk of a shallow network: n neurons, L rows, d inputs. */
function networkStep(activation: 'relu' | 'tanh', d: number, n: number, rows: number): Workload {
  return {
    name: `network step ${activation}, d ${d}, n ${n}, L ${rows}`,
    kind: 'network',
    params: { activation, d, n, rows },
    tolerance: 1e-9,
    prepare(backend) {
      const inputs = numbers(rows * d, 1);
      const targets = numbers(rows, 2);
      const positions = numbers(n * (d + 2), 3);
      const energy = risk({ unit: networkUnit({ activation, inputs: d }), inputs, targets, backend });
      const mu = measure({ space: euclidean(d + 2), positions });
      const out = { potential: new Float64Array(n), gradient: new Float64Array(n * (d + 2)) };
      return {
        run: () => energy.firstVariationInto(out, mu),
        check: () => [...checksum(out.potential), ...checksum(out.gradient)],
      };
    },
  };
}

/** Potential and gradient of an interaction by a kernel, N atoms in d dimensions. */
function interaction(kind: 'gaussian' | 'cosine', d: number, n: number): Workload {
  const kernel =
    kind === 'gaussian'
      ? 'exp(-norm2(x - y))'
      : d === 1
        ? 'cos(2*pi*(x - y))'
        : Array.from({ length: d }, (_, k) => `cos(2*pi*(x[${k}] - y[${k}]))`).join(' + ');
  return {
    name: `${kind} interaction with gradient, d ${d}, N ${n}`,
    kind: 'interaction',
    params: { kernel: kind, d, n },
    tolerance: 1e-9,
    prepare(backend) {
      const energy = interactionEnergy({ kernel, dim: d, backend });
      const mu = measure({ space: euclidean(d), positions: numbers(n * d, 4) });
      const out = { potential: new Float64Array(n), gradient: new Float64Array(n * d) };
      return {
        run: () => energy.firstVariationInto(out, mu),
        check: () => [...checksum(out.potential), ...checksum(out.gradient)],
      };
    },
  };
}

/** `f_i = -eps log sum_j exp((g_j - |x_i - y_j|^2)/eps) / n`, one half of a Sinkhorn iteration in the log domain. */
function sinkhorn(n: number): Workload {
  const eps = 0.05;
  return {
    name: `log-domain Sinkhorn iteration, n ${n}, d 2`,
    kind: 'sinkhorn',
    params: { n, eps },
    tolerance: 1e-9,
    prepare(backend) {
      const variables = {
        x: { role: 'row', size: 2 },
        y: { role: 'column', size: 2 },
        g: { role: 'column' },
        e: { role: 'uniform' },
      } as const;
      const expression = parseFormula('(g - norm2(x - y))*e', { variables });
      const kernel = backend.compile({ outputs: [{ name: 'f', expression, reduce: 'logSumExp' }] });
      const inputs = { x: numbers(2 * n, 5), y: numbers(2 * n, 6), g: numbers(n, 7), e: Float64Array.of(1 / eps) };
      const f = new Float64Array(n);
      return {
        run() {
          kernel.run({ rows: n, columns: n, inputs, out: { f } });
          for (let i = 0; i < n; i++) f[i] = -eps * (f[i] - Math.log(n));
        },
        check: () => checksum(f),
      };
    },
  };
}

/** One step of mirror-prox on a payoff that does not separate, n atoms for each player. */
function gameStep(n: number): Workload {
  return {
    name: `game step, mirror-prox, exp(-(x - y)^2) + x y, ${n} + ${n} atoms`,
    kind: 'game',
    params: { n },
    tolerance: 1e-9,
    prepare(backend) {
      const spaces = [euclidean(1), euclidean(1)] as const;
      const game = zeroSumGame({ payoff: 'exp(-(x - y)^2) + x*y', spaces, backend });
      const flow = gameFlow(game, wassersteinFisherRao({ alpha: 0.1, gamma: 0.1 }));
      const initial = [8, 9].map((seed) => measure({ space: euclidean(1), positions: numbers(n, seed) }));
      const plan = { stepper: extragradient(), dt: 1, maxSteps: 1, record: { every: 1_000_000 } };
      let last = initial;
      return {
        run() {
          last = [...simulate({ flow, initial }, plan).profile];
        },
        check: () => [...checksum(last[0].positions), ...checksum(last[1].positions), ...checksum(last[0].masses)],
      };
    },
  };
}

/** A whole run: steps of Heun's method for a WFR flow of the cosine interaction on the torus. */
function wholeRun(n: number, steps: number): Workload {
  return {
    name: `whole WFR run, ${steps} steps of Heun, relu network, d 2, n ${n}, L 500`,
    kind: 'run',
    params: { n, steps },
    tolerance: 1e-6,
    prepare(backend) {
      const rows = 500;
      const energy = risk({
        unit: networkUnit({ activation: 'relu', inputs: 2 }),
        inputs: numbers(rows * 2, 1),
        targets: numbers(rows, 2),
        backend,
      });
      const initial = measure({ space: euclidean(4), positions: numbers(n * 4, 3) });
      const flow = gradientFlow(energy, wassersteinFisherRao({ alpha: 1 }));
      let last = initial;
      return {
        run() {
          [last] = simulate(
            { flow, initial },
            { stepper: heun(), dt: 0.01, maxSteps: steps, record: { every: steps } },
          ).profile;
        },
        check: () => [...checksum(last.positions), ...checksum(last.masses)],
      };
    },
  };
}

export const workloads: readonly Workload[] = [
  ...(['relu', 'tanh'] as const).flatMap((activation) => [
    networkStep(activation, 2, 1000, 500),
    networkStep(activation, 10, 1000, 1000),
    networkStep(activation, 100, 1000, 1000),
    networkStep(activation, 20, 10_000, 1000),
  ]),
  ...[1, 2, 3, 10].flatMap((d) => [interaction('gaussian', d, 1000), interaction('gaussian', d, 10_000)]),
  interaction('gaussian', 3, 30_000),
  interaction('cosine', 1, 10_000),
  interaction('cosine', 2, 10_000),
  sinkhorn(1000),
  sinkhorn(2000),
  gameStep(1000),
  wholeRun(1000, 1000),
];
