import {
  euclidean,
  extragradient,
  gameFlow,
  gradientFlow,
  heun,
  interactionEnergy,
  measure,
  networkUnit,
  risk,
  simulate,
  wasmBackend,
  wasserstein,
  wassersteinFisherRao,
  zeroSumGame,
} from '@muflow/core';

/** Numbers in [-1, 1) that every host makes alike. */
function numbers(count, seed) {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** The bits of lists of numbers, folded into 32, and the first number for people who compare. */
function bits(...lists) {
  let hash = 0x811c9dc5;
  for (const list of lists) {
    for (const byte of new Uint8Array(Float64Array.from(list).buffer)) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return `${(hash >>> 0).toString(16)} ${lists[0][0]}`;
}

function firstVariation(energy, mu) {
  const out = { potential: new Float64Array(mu.count), gradient: new Float64Array(mu.positions.length) };
  energy.firstVariationInto(out, mu);
  return bits(out.potential, out.gradient);
}

/**
 * What pages and Node both do: kernels large enough for threads, and short runs. Kernels have an exp, log and tanh of
 * their own: `exact` has bits. Masses that move take the engine's exp and log, whose last digits JavaScript leaves open,
 * as it does those of sin and cos: `close` has numbers.
 */
export function work({ threads }) {
  const notices = [];
  const backend = wasmBackend({ threads, notice: (message) => notices.push(message) });
  const kernel = (text, dim) => interactionEnergy({ kernel: text, dim, backend });
  const cloud = measure({ space: euclidean(3), positions: numbers(3 * 700, 1) });
  const unitOf = (activation) => networkUnit({ activation, inputs: 2 });
  const network = (activation) =>
    risk({ unit: unitOf(activation), inputs: numbers(2 * 300, 2), targets: numbers(300, 3), backend });
  const neurons = measure({ space: euclidean(4), positions: numbers(4 * 500, 4) });
  const plan = { dt: 0.05, maxSteps: 20, record: { every: 20 } };
  const run = (metric) =>
    simulate({ flow: gradientFlow(network('tanh'), metric), initial: neurons }, { ...plan, stepper: heun() })
      .profile[0];
  const players = [5, 6].map((seed) => measure({ space: euclidean(1), positions: numbers(200, seed) }));
  const spaces = [euclidean(1), euclidean(1)];
  const game = zeroSumGame({ payoff: 'exp(-(x - y)^2) + x*y', spaces, backend });
  const flow = gameFlow(game, wassersteinFisherRao({ alpha: 0.1, gamma: 0.1 }));
  const numbersOf = (...measures) => measures.flatMap(({ positions, masses }) => [...positions, ...masses]);
  const exact = {
    gaussian: firstVariation(kernel('exp(-norm2(x - y))', 3), cloud),
    rational: firstVariation(kernel('log(1 + norm2(x - y))/(2 + norm2(x + y))', 3), cloud),
    relu: firstVariation(network('relu'), neurons),
    tanh: firstVariation(network('tanh'), neurons),
    transport: bits(run(wasserstein()).positions),
  };
  const close = {
    transportReaction: numbersOf(run(wassersteinFisherRao({ alpha: 1 }))),
    game: numbersOf(...simulate({ flow, initial: players }, { ...plan, stepper: extragradient() }).profile),
  };
  backend.dispose();
  return { exact, close, notices };
}
