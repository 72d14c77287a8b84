// A shallow network as a measure of neurons, learned by a Wasserstein gradient flow.
import {
  adaptive,
  dopri5,
  draw,
  energyRecorder,
  gaussianLaw,
  gradientFlow,
  networkUnit,
  risk,
  simulate,
  symmetrized,
  wasserstein,
} from '@muflow/core';

// Forty points of a sine wave.
const inputs = Float64Array.from({ length: 40 }, (_, l) => -3 + (6 * l) / 39);
const targets = inputs.map(Math.sin);

// An atom is u = (a, w, b), a neuron Phi(x, u) = a tanh(w x + b), and the network f(x) = int Phi(x, u) dmu(u).
const energy = risk({ unit: networkUnit({ activation: 'tanh', inputs: 1 }), inputs, targets });

// Doubled with both signs of a, the atoms start at the network 0.
const initial = symmetrized(draw(gaussianLaw({ dim: 3, std: [1, 1, 2] }), 50, 'neurons'));
const run = simulate(
  { flow: gradientFlow(energy, wasserstein()), initial },
  {
    stepper: adaptive(dopri5(), { rtol: 1e-4, atol: 1e-6 }),
    dt: 10,
    maxTime: 500,
    record: { every: 1000, recorders: [energyRecorder()] },
  },
);

const [network] = run.profile;
const prediction = new Float64Array(1);
energy.predictInto(prediction, Float64Array.of(1), 1, network);
console.log(`risk ${run.frames[0].values.energy.toFixed(3)} at the start`); // => risk 0.255 at the start
console.log(`risk below 1e-3 at time ${run.time}: ${energy.value(network) < 1e-3}`); // => risk below 1e-3 at time 500: true
console.log(`f(1) is within 0.02 of sin(1): ${Math.abs(prediction[0] - Math.sin(1)) < 0.02}`); // => f(1) is within 0.02 of sin(1): true
