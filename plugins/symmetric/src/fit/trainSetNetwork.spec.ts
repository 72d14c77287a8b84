import { randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { type SetClass, type SetNetworkOptions, setClasses, setNetwork } from '../network/setNetwork.js';
import { evaluateSets } from '../network/setPass.js';
import { setNorm } from '../norms/index.js';
import { setBatch } from '../sets/setBatch.js';
import { type TrainSetOptions, trainSetNetwork, trainSetSteps } from './trainSetNetwork.js';

const batch = setBatch(
  Array.from({ length: 6 }, (_, s) => ({
    points: Array.from({ length: 1 + (s % 3) }, (_, i) => [Math.sin(3 * s + i), Math.cos(s - 2 * i)]),
  })),
);

function problem(kind: SetClass, given: Partial<SetNetworkOptions> = {}): TrainSetOptions {
  const network = setNetwork({ class: kind, dim: 2, innerWidth: 5, outerWidth: 4, ...given });
  const size = batch.count * network.outputs;
  return {
    network,
    batch,
    targets: Float64Array.from({ length: size }, (_, i) => Math.cos(2 * i)),
    start: drawSetParameters(network, randomKey('start')),
    steps: 20,
  };
}

const classTargets = (outputs: number): Float64Array =>
  Float64Array.from({ length: batch.count * outputs }, (_, i) =>
    Math.floor(i / outputs) % outputs === i % outputs ? 1 : 0,
  );

/** `(1/S) sum loss + lambda norm`, in plain loops. */
function objective({ network, targets, loss, lambda = 0 }: TrainSetOptions, parameters: Float64Array): number {
  const f = evaluateSets(network, parameters, batch);
  const c = network.outputs;
  let sum = 0;
  for (let s = 0; s < batch.count; s++) {
    const row = f.subarray(s * c, (s + 1) * c);
    const log = Math.log(row.reduce((total, value) => total + Math.exp(value), 0));
    row.forEach((value, o) => {
      const y = targets[s * c + o];
      sum += loss === 'crossEntropy' ? y * (log - value) : (value - y) ** 2 / 2;
    });
  }
  return sum / batch.count + lambda * setNorm(network).value(parameters);
}

/** Steps short enough to be those of the gradient at the start. */
const short: TrainSetOptions['rule'] = { kind: 'sgd', rate: 1e-8 };

describe('training networks on sets', () => {
  const losses = ['square', 'crossEntropy'] as const;
  test.each(setClasses.flatMap((kind) => losses.map((loss) => [kind, loss] as const)))(
    '%s descends the %s risk with its penalty, by differences',
    (kind, loss) => {
      const options: TrainSetOptions = {
        ...problem(kind, { outputs: 3, outer: 'softplus', inner: 'squared-relu' }),
        ...(loss === 'crossEntropy' && { targets: classTargets(3) }),
        loss,
        lambda: 0.1,
        steps: 1,
        rule: short,
      };
      const { start, network } = options;
      const { parameters } = trainSetNetwork(options);
      const h = 1e-5;
      for (let k = 0; k < start.length; k++) {
        const [up, down] = [start.slice(), start.slice()];
        up[k] += h;
        down[k] -= h;
        const slope = k < network.trainedFrom ? 0 : (objective(options, up) - objective(options, down)) / (2 * h);
        expect(Math.abs((start[k] - parameters[k]) / 1e-8 - slope)).toBeLessThan(1e-6);
      }
    },
  );

  test('in one pass through the data minibatches add up to the gradient of all sets', () => {
    const options = { ...problem('S1'), rule: short };
    const whole = trainSetNetwork({ ...options, steps: 1 }).parameters;
    const parts = trainSetNetwork({ ...options, steps: 3, minibatch: { size: 2, key: randomKey('sets') } }).parameters;
    options.start.forEach((value, k) => {
      expect(Math.abs((parts[k] - value) / 3 - (whole[k] - value)) / 1e-8).toBeLessThan(1e-6);
    });
  });

  test('the same key gives the same bits, another key others, and frozen layers do not move', () => {
    for (const kind of setClasses) {
      const options = problem(kind);
      const run = (key: string) => trainSetNetwork({ ...options, minibatch: { size: 2, key: randomKey(key) } });
      expect(run('a')).toEqual(run('a'));
      expect(run('a').parameters).not.toEqual(run('b').parameters);
      const { trainedFrom } = options.network;
      expect(run('a').parameters.subarray(0, trainedFrom)).toEqual(options.start.subarray(0, trainedFrom));
    }
  });

  test.each(setClasses)('%s: a penalty of 1e-2 changes the weights and lowers the norm', (kind) => {
    const options = { ...problem(kind), steps: 200, rule: { kind: 'adam', rate: 1e-2 } } as const;
    const [free, charged] = [0, 1e-2].map((lambda) => trainSetNetwork({ ...options, lambda }));
    const { trainedFrom } = options.network;
    const moved = free.parameters.subarray(trainedFrom).map((value, k) => value - charged.parameters[trainedFrom + k]);
    expect(Math.max(...moved.map(Math.abs))).toBeGreaterThan(1e-2);
    const [freeEnd, chargedEnd] = [free, charged].map(({ curve }) => curve[curve.length - 1]);
    expect(chargedEnd.norm).toBeLessThan(0.98 * freeEnd.norm);
    expect(chargedEnd.risk).toBeGreaterThan(freeEnd.risk);
  });

  test.each(setClasses)(
    '%s: a largest norm that binds is kept and reached, one that does not changes nothing',
    (kind) => {
      const options = { ...problem(kind), steps: 200, rule: { kind: 'adam', rate: 1e-2 } } as const;
      const size = setNorm(options.network);
      const free = trainSetNetwork(options);
      const held = trainSetNetwork({ ...options, maxNorm: 0.5 * size.value(free.parameters), recordEvery: 1 });
      for (const { norm } of held.curve.slice(1))
        expect(norm).toBeLessThanOrEqual(0.5 * size.value(free.parameters) + 1e-12);
      expect(held.curve[200].norm).toBeCloseTo(0.5 * size.value(free.parameters), 12);
      expect(trainSetNetwork({ ...options, maxNorm: 1e9 }).parameters).toEqual(free.parameters);
    },
  );

  test('the curve tells risk and norm of the parameters, at the start, on the way and at the end', () => {
    const told: number[] = [];
    const options: TrainSetOptions = {
      ...problem('S2'),
      steps: 7,
      recordEvery: 3,
      onRecord: ({ risk }, at) => told.push(risk - objective(options, at)),
    };
    const { curve, parameters, diverged } = trainSetNetwork(options);
    expect(Math.max(...told.map(Math.abs))).toBeLessThan(1e-14);
    expect(told).toHaveLength(4);
    expect(curve.map(({ step }) => step)).toEqual([0, 3, 6, 7]);
    for (const [at, point] of [
      [options.start, curve[0]],
      [parameters, curve[3]],
    ] as const) {
      expect(point.risk).toBeCloseTo(objective(options, at), 14);
      expect(point.norm).toBe(setNorm(options.network).value(at));
    }
    expect(diverged).toBeNull();
  });

  test('it ends where a parameter is no finite number, and says at which step', () => {
    const options = problem('S1', { inner: 'tanh', outer: 'z' });
    const { diverged, curve } = trainSetNetwork({ ...options, steps: 1000, rule: { kind: 'sgd', rate: 1e3 } });
    expect(diverged).toBe(curve[curve.length - 1].step);
    expect(Number(diverged)).toBeLessThan(1000);
  });

  test('step by step it is the same run, and can be left', () => {
    const options = problem('S1');
    const training = trainSetSteps(options);
    for (let k = 1; k <= 20; k++) expect(training.next().value).toBe(k);
    expect(training.next().value).toEqual(trainSetNetwork(options));
  });

  test('bad input is refused', () => {
    const options = problem('S1');
    const cases: readonly (readonly [Partial<TrainSetOptions>, RegExp])[] = [
      [{ targets: new Float64Array(5) }, /\[trainSetNetwork\] targets or start do not fit, got 5 targets for 6 sets/],
      [{ steps: 2.5 }, /steps or penalty are not usable, got 2.5 steps/],
      [{ lambda: -1 }, /lambda -1/],
      [{ maxNorm: 0 }, /the largest norm is not usable, got 0/],
      [{ minibatch: { size: 7, key: randomKey(1) } }, /the minibatch is not usable, got 7 of 6 sets/],
    ];
    for (const [change, message] of cases) expect(() => trainSetNetwork({ ...options, ...change })).toThrow(message);
  });
});
