import { nonnegativeWeights, randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { setNetwork } from '../network/setNetwork.js';
import { allocateSetPass, evaluateSets, forwardSets } from '../network/setPass.js';
import { setNorm } from '../norms/index.js';
import { boxSets, drawSets } from '../sets/setLaws.js';
import { type ConditionalGradientOptions, conditionalGradient } from './conditionalGradient.js';
import { trainSetNetwork } from './trainSetNetwork.js';

const law = boxSets({ dim: 2, radius: 1 });
const batch = drawSets(law, { sets: 60, size: 4, key: randomKey(1) });

/** A teacher of the class, of neurons and features as asked for, and what it says, with errors. */
function problem({ neurons = 3, innerWidth = 8, noise = 0.1 } = {}) {
  const network = setNetwork({ class: 'S2', dim: 2, innerWidth, outerWidth: neurons });
  const parameters = drawSetParameters(network, randomKey(5));
  const targets = evaluateSets(network, parameters, batch).map((y, s) => y + noise * Math.sin(7 * s * s));
  return { network, parameters, batch, targets, norm: setNorm(network).value(parameters) };
}

/** The least objective over neurons in 240 directions of the plane, both signs, by their weights alone. */
function overGrid({ network, parameters, targets, lambda, maxNorm }: ConditionalGradientOptions) {
  const count = 240;
  const dense = setNetwork({ ...network, outerWidth: count });
  const all = new Float64Array(dense.parameterCount);
  all.set(parameters.subarray(...network.parts.inner));
  for (let j = 0; j < count; j++) {
    const angle = (2 * Math.PI * j) / count;
    all.set([Math.SQRT1_2 * Math.cos(angle), Math.SQRT1_2 * Math.sin(angle)], dense.parts.middle[0] + 2 * j);
  }
  const pass = allocateSetPass(dense, batch, { derivatives: false });
  forwardSets(pass, all);
  const n = 2 * count;
  const value = (s: number, i: number) => (i < count ? 1 : -1) * pass.neurons[s * count + (i % count)];
  const mean = (f: (s: number) => number) => targets.reduce((sum, _, s) => sum + f(s), 0) / batch.count;
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) gram[i * n + j] = gram[j * n + i] = mean((s) => value(s, i) * value(s, j));
  }
  return nonnegativeWeights({
    constant: mean((s) => targets[s] ** 2),
    aim: Float64Array.from({ length: n }, (_, i) => mean((s) => targets[s] * value(s, i))),
    gram,
    ...(lambda !== undefined && { lambda }),
    ...(maxNorm !== undefined && { total: maxNorm }),
  });
}

describe('S2 by conditional gradient', () => {
  test.each([{ maxNorm: 0.8 }, { lambda: 1e-3 }, { lambda: 1e-3, maxNorm: 0.5 }])(
    'with %o the objective falls at every step, within the ball, and is that of the network',
    (limits) => {
      const given = problem();
      const { curve, network, parameters, ...fit } = conditionalGradient({ ...given, ...limits, maxSteps: 8 });
      for (let k = 1; k < curve.length; k++) expect(curve[k].objective).toBeLessThan(curve[k - 1].objective);
      const bound = limits.maxNorm ?? Infinity;
      for (const { norm } of curve) expect(norm).toBeLessThanOrEqual(bound * (1 + 1e-12));
      const f = evaluateSets(network, parameters, batch);
      const risk = f.reduce((sum, value, s) => sum + (value - given.targets[s]) ** 2, 0) / (2 * batch.count);
      expect(network.class).toBe('S2');
      expect(setNorm(network).value(parameters)).toBeCloseTo(fit.norm, 12);
      expect(risk + (limits.lambda ?? 0) * fit.norm).toBeCloseTo(fit.objective, 12);
      expect(curve[curve.length - 1]).toMatchObject({ norm: fit.norm, objective: fit.objective, gap: fit.gap });
    },
  );

  test.each([{ maxNorm: 0.3 }, { lambda: 2e-3 }, { lambda: 1e-3, maxNorm: 0.3 }])(
    'with %o it finds the least objective over a dense grid, and every gap bounds what was left',
    (limits) => {
      const given = { ...problem({ innerWidth: 2 }), ...limits };
      const grid = overGrid(given);
      const { curve, objective, gap } = conditionalGradient({ ...given, tolerance: 1e-8 });
      expect(grid.gap).toBeLessThan(1e-6 * grid.value);
      // Any direction is within half a step of 2 pi / 240 of one of the grid, 0.013: what the grid loses is of second order.
      expect(Math.abs(objective / grid.value - 1)).toBeLessThan(1e-4);
      expect(objective).toBeLessThan(grid.value + gap.low);
      const least = Math.min(objective, grid.value);
      for (const { objective: value, gap: left } of curve) {
        expect(left.low).toBeGreaterThanOrEqual(0);
        expect(left.low).toBeLessThanOrEqual(left.high);
        expect(value - least).toBeLessThanOrEqual(left.low * (1 + 1e-9) + 1e-12);
        expect(value - least).toBeLessThanOrEqual(left.high);
      }
      expect(gap.low).toBeLessThan(1e-7 * curve[0].objective);
      // Of two features the bound over cells is within 1e-4 of the maximum.
      expect(gap.high).toBeLessThan(1e-3 * objective);
    },
  );

  test('is what Adam comes near to, with the same penalty', () => {
    const given = { ...problem(), lambda: 1e-3 };
    const { objective, gap } = conditionalGradient(given);
    const wide = setNetwork({ ...given.network, outerWidth: 30 });
    const start = drawSetParameters(wide, randomKey(9));
    start.set(given.parameters.subarray(...given.network.parts.inner));
    const rule = { kind: 'adam', rate: 1e-2 } as const;
    const { curve } = trainSetNetwork({ ...given, network: wide, start, steps: 2000, rule });
    const { risk, norm } = curve[curve.length - 1];
    const trained = risk + given.lambda * norm;
    expect(objective).toBeLessThanOrEqual(trained + gap.low);
    expect(trained / objective).toBeLessThan(1.01);
  });

  test('recovers a teacher of two neurons, on sets of sizes never seen too', () => {
    const { norm, ...given } = problem({ neurons: 2, innerWidth: 10, noise: 0 });
    const fit = conditionalGradient({ ...given, maxNorm: norm, maxSteps: 20 });
    expect(fit.norm).toBeLessThanOrEqual(norm * (1 + 1e-12));
    expect(fit.objective).toBeLessThan(1e-4 * fit.curve[0].objective);
    const others = drawSets(law, { sets: 200, size: [2, 20], key: randomKey(2) });
    const wanted = evaluateSets(given.network, given.parameters, others);
    const found = evaluateSets(fit.network, fit.parameters, others);
    const error = found.reduce((sum, value, s) => sum + (value - wanted[s]) ** 2, 0);
    expect(error / wanted.reduce((sum, y) => sum + y * y, 0)).toBeLessThan(1e-3);
  });

  test('of a penalty that is too large is no neuron, proven to be the least', () => {
    const { curve, network, parameters, gap, stopped } = conditionalGradient({ ...problem(), lambda: 10 });
    expect([curve.length, stopped, gap.low, gap.high]).toEqual([1, 'gap', 0, 0]);
    expect(new Set(evaluateSets(network, parameters, batch))).toEqual(new Set([0]));
  });

  test('is the same to the bit again', () => {
    const given = { ...problem(), maxNorm: 0.8, maxSteps: 4 };
    const [first, again] = [
      conditionalGradient(given),
      conditionalGradient({ ...given, network: { ...given.network } }),
    ];
    expect(again.parameters).toEqual(first.parameters);
  });

  test.each<[string, Partial<ConditionalGradientOptions>, RegExp]>([
    ['no bound', {}, /nothing holds the norm down, got maxNorm Infinity, lambda 0/],
    ['B = 0', { maxNorm: 0 }, /maxNorm 0/],
    ['B < 0', { maxNorm: -1, lambda: 1 }, /maxNorm -1/],
    ['lambda < 0', { lambda: -1, maxNorm: 1 }, /lambda -1/],
    ['lambda = NaN', { lambda: Number.NaN, maxNorm: 1 }, /lambda NaN/],
    ['targets', { maxNorm: 1, targets: new Float64Array(3) }, /3 targets for 60 sets/],
    ['NaN', { maxNorm: 1, targets: new Float64Array(60).fill(Number.NaN) }, /NaN of set 0/],
    ['parameters', { maxNorm: 1, parameters: new Float64Array(3) }, /3 parameters/],
    ['tanh', { maxNorm: 1, network: setNetwork({ ...problem().network, outer: 'tanh' }) }, /outer unit "?tanh/],
    ['steps', { maxNorm: 1, maxSteps: 0.5 }, /0\.5 steps/],
  ])('%s is refused', (_name, wrong, message) => {
    expect(() => conditionalGradient({ ...problem(), ...wrong })).toThrow(message);
  });
});
