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
  referenceBackend,
  risk,
  simulate,
  wasmBackend,
  wassersteinFisherRao,
  zeroSumGame,
} from '@muflow/core';
import { certificate, solving } from '../certified.js';
import { numbers } from '../data.js';
import { deepStep } from '../deep.js';
import { distanceOf } from '../distances.js';
import { entropicOf } from '../entropic.js';
import { gameRun } from '../games.js';
import { gramOf } from '../grams.js';
import { matrixGameOf } from '../matrixGames.js';
import { checksum, type Prepared, serve } from '../serve.js';
import { setStep } from '../sets.js';
import { training } from '../training.js';
import type { Params } from '../workload.js';

/** muflow as a program like its peers: `node ours.js THREADS MODE`, with a mode of wasm, reference, relaxed, float32, fast. */
const [threads, mode] = [Number(process.argv[2]), process.argv[3]];
const options = {
  threads,
  relaxed: mode === 'relaxed',
  ...(mode === 'float32' ? { precision: 'float32' as const } : {}),
};
const backend: Backend = mode === 'reference' ? referenceBackend() : wasmBackend(options);

/** Smooth kernels through Chebyshev expansions, within a proved 1e-10 per unit of mass. */
const approximate = mode === 'fast' ? { approximate: { tolerance: 1e-10 } } : {};

/** The risk of a shallow network and its measure of neurons. */
function network({ activation, d, n, rows }: Params) {
  const [inputs, count, lines] = [Number(d), Number(n), Number(rows)];
  const unit = networkUnit({ activation: activation as 'relu' | 'tanh', inputs });
  const energy = risk({ unit, inputs: numbers(lines * inputs, 1), targets: numbers(lines, 2), backend });
  return { energy, mu: measure({ space: euclidean(inputs + 2), positions: numbers(count * (inputs + 2), 3) }) };
}

function networkStep(params: Params): Prepared {
  const { energy, mu } = network(params);
  const out = { potential: new Float64Array(mu.count), gradient: new Float64Array(mu.positions.length) };
  return {
    run: () => energy.firstVariationInto(out, mu),
    check: () => [...checksum(out.potential), ...checksum(out.gradient)],
  };
}

/** A kernel given as a formula; nothing is said about what sums of it separate into. */
function interaction(kernel: (d: number) => string) {
  return (params: Params): Prepared | string => {
    const [d, n] = [Number(params.d), Number(params.n)];
    if (mode === 'fast' && d > 2) return 'is for points of a line or a plane';
    const energy = interactionEnergy({ kernel: kernel(d), dim: d, backend, ...approximate });
    const mu = measure({ space: euclidean(d), positions: numbers(n * d, 4) });
    const out = { potential: new Float64Array(n), gradient: new Float64Array(n * d) };
    return {
      run: () => energy.firstVariationInto(out, mu),
      check: () => [...checksum(out.potential), ...checksum(out.gradient)],
    };
  };
}

const cosines = (d: number): string =>
  Array.from({ length: d }, (_, k) => (d === 1 ? 'cos(2*pi*(x - y))' : `cos(2*pi*(x[${k}] - y[${k}]))`)).join(' + ');

function sinkhorn(params: Params): Prepared {
  const [n, inverse] = [Number(params.n), Number(params.inverse)];
  const variables = {
    x: { role: 'row', size: 2 },
    y: { role: 'column', size: 2 },
    g: { role: 'column' },
    e: { role: 'uniform' },
  } as const;
  const expression = parseFormula('(g - norm2(x - y))*e', { variables });
  const kernel = backend.compile({ outputs: [{ name: 'f', expression, reduce: 'logSumExp' }] });
  const inputs = { x: numbers(2 * n, 5), y: numbers(2 * n, 6), g: numbers(n, 7), e: Float64Array.of(inverse) };
  const f = new Float64Array(n);
  return {
    run() {
      kernel.run({ rows: n, columns: n, inputs, out: { f } });
      for (let i = 0; i < n; i++) f[i] = -(f[i] - Math.log(n)) / inverse;
    },
    check: () => checksum(f),
  };
}

function gameStep(params: Params): Prepared {
  const n = Number(params.n);
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
}

function wholeRun(params: Params): Prepared {
  const { energy, mu } = network(params);
  const steps = Number(params.steps);
  const flow = gradientFlow(energy, wassersteinFisherRao({ alpha: 1 }));
  const plan = { stepper: heun(), dt: 0.01, maxSteps: steps, record: { every: steps } };
  let last = mu;
  return {
    run() {
      [last] = simulate({ flow, initial: mu }, plan).profile;
    },
    check: () => [...checksum(last.positions), ...checksum(last.masses)],
  };
}

/** What uses neither threads nor kernels is measured once. */
const onOneThread =
  (prepare: (params: Params) => Prepared | string) =>
  (params: Params): Prepared | string =>
    threads === 1 && mode === 'wasm' ? prepare(params) : 'does it on one thread only';

const kinds: Readonly<Record<string, (params: Params) => Prepared | string>> = {
  network: networkStep,
  gaussian: interaction(() => 'exp(-norm2(x - y))'),
  cosine: interaction(cosines),
  sinkhorn,
  game: gameStep,
  gameRun: (params) => gameRun(params, backend),
  run: wholeRun,
  training: (params) => training(params, backend),
  deep: (params) => deepStep(params, backend),
  sets: (params) => setStep(params, backend),
  gram: (params) => gramOf(params, backend),
  matrixGame: onOneThread(matrixGameOf),
  certificate: onOneThread(certificate),
  solve: onOneThread(solving),
  distance: onOneThread(distanceOf),
  entropic: onOneThread(entropicOf),
};

await serve(
  { library: 'muflow', version: backend.name },
  (kind, params) => kinds[kind]?.(params) ?? 'does not have it',
);
