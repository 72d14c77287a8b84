import { describe, expect, test } from 'vitest';
import { deriveKey, normalAt, randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { gaussianLaw } from '../measure/initialLaws.js';
import type { Measure } from '../measure/measure.js';
import { totalMass } from '../measure/profile.js';
import { wasserstein } from '../metric/wasserstein.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { torus } from '../space/torus.js';
import { checkStepper } from '../stepper/checkStepper.js';
import { euler } from '../stepper/rungeKutta.js';
import { functionEnergy } from '../testing/closedFlows.js';
import { birthDeath, reinjection } from './birthDeath.js';
import { withJumps } from './decorate.js';
import type { Jump, JumpOutcome, StepContext } from './flow.js';
import { gradientFlow } from './gradientFlow.js';
import { during } from './population.js';
import { resampleOnLowEss, systematicResampling } from './resampling.js';
import { merge, prune } from './thinning.js';

/** V(x) = x_0: the potential of an atom is its first coordinate. */
const heightFlow = (dim: number) =>
  gradientFlow(
    functionEnergy(
      'height',
      dim,
      (x, start) => x[start],
      (out, _, start) => out.fill(0, start, start + dim),
    ),
    wasserstein(),
  );
const flow = heightFlow(1);
const line = euclidean(1);
const contextOf = (dt: number, seed: number | string = 1, step = 0): StepContext => ({
  time: 0,
  dt,
  step,
  key: deriveKey(randomKey(seed), 'step', step),
});
const gaussianAtoms = (n: number, kind: Measure['kind'] = 'probability'): Measure =>
  measure({
    space: line,
    kind,
    positions: Array.from({ length: n }, (_, i) => normalAt(randomKey('atoms'), i, 0)),
    masses: Array.from({ length: n }, () => 1 / n),
  });
const meanHeight = ({ positions, masses }: Measure): number =>
  positions.reduce((sum, x, i) => sum + masses[i] * x, 0) / masses.reduce((a, b) => a + b);
const applyTo = (jump: Jump, mu: Measure, context: StepContext, driver = flow): { mu: Measure } & JumpOutcome => {
  const outcome = jump.apply([mu], driver, context);
  return { mu: outcome.profile[0], ...outcome };
};

/** Exact Fisher-Rao mean of V after a reaction of the given strength, with V frozen. */
const reactedMean = ({ positions }: Measure, strength: number): number => {
  let [sum, total] = [0, 0];
  for (const x of positions) {
    sum += x * Math.exp(-strength * x);
    total += Math.exp(-strength * x);
  }
  return sum / total;
};

const n = 20_000;
const cloud = gaussianAtoms(n);
const population: readonly (readonly [string, Jump])[] = [
  ['systematic resampling', systematicResampling({ rate: 1 })],
  ['birth-death', birthDeath({ rate: 1 })],
  ['re-injection', reinjection({ rate: 1, law: gaussianLaw({ dim: 1 }) })],
  ['resampling on low effective size', resampleOnLowEss({ threshold: 1 })],
];

describe.each(population)('%s', (_, jump) => {
  const small = gaussianAtoms(300);
  const uneven = measure({
    space: line,
    positions: small.positions,
    masses: small.masses.map((m, i) => (2 * m * (i + 0.5)) / 300),
  });

  test('keeps the number of atoms and the total mass of a probability', () => {
    const { mu } = applyTo(jump, uneven, contextOf(0.3));
    expect(mu.count).toBe(300);
    expect(Math.abs(totalMass(mu) - 1)).toBeLessThan(1e-12);
  });

  test('gives every newborn an id of its own for ever, and moves no survivor', () => {
    let mu = uneven;
    const seen = new Map(Array.from(mu.ids, (id, i) => [id, mu.positions[i]]));
    let born = 0;
    for (let step = 0; step < 30; step++) {
      const outcome = applyTo(jump, mu, contextOf(0.3, 'lineage', step));
      expect(outcome.births).toBe(outcome.deaths);
      mu = outcome.mu;
      expect(new Set(mu.ids).size).toBe(mu.count);
      for (let i = 0; i < mu.count; i++) {
        const before = seen.get(mu.ids[i]);
        if (before !== undefined) expect(mu.positions[i]).toBe(before);
        else expect(mu.ids[i]).toBeGreaterThanOrEqual(300 + born);
      }
      for (let i = 0; i < mu.count; i++) seen.set(mu.ids[i], mu.positions[i]);
      born = mu.nextId - 300;
    }
    expect(born).toBeGreaterThan(30);
  });

  test('repeats itself for one key and step, and changes with either', () => {
    const once = applyTo(jump, uneven, contextOf(0.3, 5)).mu;
    expect(applyTo(jump, uneven, contextOf(0.3, 5)).mu).toEqual(once);
    expect(applyTo(jump, uneven, contextOf(0.3, 6)).mu.ids).not.toEqual(once.ids);
    expect(applyTo(jump, uneven, { ...contextOf(0.3, 5), step: 1 }).mu.ids).not.toEqual(once.ids);
  });

  test('writes nothing to the measure it is given', () => {
    const before = {
      positions: uneven.positions.slice(),
      logMasses: uneven.logMasses.slice(),
      ids: uneven.ids.slice(),
    };
    applyTo(jump, uneven, contextOf(0.3));
    expect(uneven).toMatchObject(before);
  });
});

describe('systematic resampling', () => {
  test('copies each atom the floor or ceiling of n times its Fisher-Rao share', () => {
    const strength = 0.5;
    const { mu } = applyTo(systematicResampling({ rate: 1 }), cloud, contextOf(strength));
    const copies = new Map<number, number>();
    for (const x of mu.positions) copies.set(x, (copies.get(x) ?? 0) + 1);
    const weights = cloud.positions.map((x) => Math.exp(-strength * x));
    const total = weights.reduce((a, b) => a + b);
    const worst = cloud.positions.reduce(
      (most, x, i) => Math.max(most, Math.abs((copies.get(x) ?? 0) - (n * weights[i]) / total)),
      0,
    );
    expect(worst).toBeLessThan(1 + 1e-9);
    expect(mu.masses.every((m) => Math.abs(m - 1 / n) < 1e-15)).toBe(true);
  });

  test('has the mean of the exact Fisher-Rao step', () => {
    // Variance at most that of independent draws, 1/n: five standard errors, false alarm 6e-7.
    const { mu } = applyTo(systematicResampling({ rate: 2 }), cloud, contextOf(0.25));
    expect(Math.abs(meanHeight(mu) - reactedMean(cloud, 0.5))).toBeLessThan(5 / Math.sqrt(n));
  });

  test('lets masses carry the reaction while enough atoms are effective, exactly', () => {
    const { mu, births } = applyTo(systematicResampling({ rate: 1, essThreshold: 0.5 }), cloud, contextOf(0.5));
    expect(births).toBe(0);
    expect(mu.ids).toEqual(cloud.ids);
    expect(meanHeight(mu)).toBeCloseTo(reactedMean(cloud, 0.5), 12);
    // For Gaussian potentials the effective share is exp(-strength^2): 0.78 above, 0.11 below.
    expect(applyTo(systematicResampling({ rate: 1, essThreshold: 0.5 }), cloud, contextOf(1.5)).births).toBeGreaterThan(
      0,
    );
  });

  test('grows a positive measure by int exp(-strength V) dmu, without centering', () => {
    const mu = gaussianAtoms(500, 'positive');
    const grown = applyTo(systematicResampling({ rate: 1 }), mu, contextOf(0.7)).mu;
    const expected = mu.positions.reduce((sum, x, i) => sum + mu.masses[i] * Math.exp(-0.7 * x), 0);
    expect(totalMass(grown) / expected).toBeCloseTo(1, 12);
  });
});

describe('birth and death', () => {
  const strength = 0.02;
  const vbar = meanHeight(cloud);

  test('has the mean of its rule in one round', () => {
    // max |V - Vbar| of 20000 normals is below 5, so a strength of 0.02 is one round.
    let [sum, total, variance] = [0, 0, 0];
    for (const x of cloud.positions) {
      const p = 1 - Math.exp(-strength * Math.abs(x - vbar));
      const expected = x > vbar ? 1 - p : 1 + p;
      sum += expected * x;
      total += expected;
      variance += p * (1 - p) * (x - vbar) ** 2;
    }
    const outcome = applyTo(birthDeath({ rate: 1 }), cloud, contextOf(strength));
    // Restoring the count adds less than a tenth: five standard errors, false alarm below 1e-5.
    expect(Math.abs(meanHeight(outcome.mu) - sum / total)).toBeLessThan((5 * Math.sqrt(variance)) / n);
    expect(Math.abs(sum / total - vbar)).toBeGreaterThan((10 * Math.sqrt(variance)) / n);
    expect(outcome.births).toBeGreaterThan(100);
  });

  test('cuts a strong step into rounds and then follows Fisher-Rao within 3 per cent', () => {
    const strong = 0.5;
    const { mu } = applyTo(birthDeath({ rate: 1 }), cloud, contextOf(strong));
    const exact = reactedMean(cloud, strong) - vbar;
    // About 22 rounds of standard error 1.2e-3: five of 6e-3 is 0.03, false alarm 6e-7, beside the bias allowed. In a
    // single round the rule would give 0.35 in place of 0.5.
    expect(Math.abs(meanHeight(mu) - vbar - exact)).toBeLessThan(0.03 * Math.abs(exact) + 0.03);
  });

  test('changes the mass of a positive measure at the rate -V', () => {
    const mu = measure({
      space: line,
      kind: 'positive',
      positions: cloud.positions.map((x) => x + 3),
      masses: cloud.masses,
    });
    const dt = 0.01;
    const expected = mu.positions.reduce((sum, x) => sum + Math.exp(-dt * x) / n, 0);
    // Kills are nearly Poisson, 600 of them: standard error sqrt(600) / 20000; five of them, false alarm 6e-7.
    expect(Math.abs(totalMass(applyTo(birthDeath({ rate: 1 }), mu, contextOf(dt)).mu) - expected)).toBeLessThan(
      (5 * Math.sqrt(600)) / n,
    );
    expect(expected).toBeLessThan(0.975);
  });

  test('lets the fate of an atom depend on its id, not on its place', () => {
    const mu = gaussianAtoms(400);
    const order = Array.from({ length: 400 }, (_, i) => (i * 7) % 400);
    const shuffled = measure({
      space: line,
      positions: order.map((i) => mu.positions[i]),
      ids: order.map((i) => mu.ids[i]),
    });
    const survivors = (start: Measure) =>
      Array.from(applyTo(birthDeath({ rate: 1 }), start, contextOf(0.02, 9)).mu.ids)
        .filter((id) => id < 400)
        .sort((a, b) => a - b);
    expect(survivors(shuffled)).toEqual(survivors(mu));
    expect(survivors(mu).length).toBeLessThan(400);
  });

  test('does nothing at rate 0 or for a constant potential', () => {
    const mu = measure({ space: line, positions: [2, 2, 2] });
    const profile = [mu];
    expect(birthDeath({ rate: 0 }).apply([cloud], flow, contextOf(1)).profile[0]).toBe(cloud);
    expect(birthDeath({ rate: 1 }).apply(profile, flow, contextOf(1)).profile).toBe(profile);
  });

  test('leaves a potential that is not finite for the run to report', () => {
    const broken = { ...measure({ space: line, positions: [0, 1] }), positions: Float64Array.of(0, Number.NaN) };
    expect(birthDeath({ rate: 1 }).apply([broken], flow, contextOf(1)).profile[0]).toBe(broken);
  });
});

describe('re-injection', () => {
  const plane = measure({
    space: euclidean(2),
    positions: Array.from({ length: 600 }, (_, c) => normalAt(randomKey('plane'), c, 0)),
  });
  const lifted = heightFlow(2);

  test('fills the places of the dead from the law, with the coordinates named at zero', () => {
    const law = (out: Float64Array, start: number) => out.fill(77, start, start + 2);
    const jump = reinjection({ rate: 1, law, zeroCoordinates: [0], clones: false });
    const { mu, births } = applyTo(jump, plane, contextOf(0.5), lifted);
    const newborn = Array.from(mu.ids.keys()).filter((i) => mu.ids[i] >= 300);
    // Some die again in a later round of the step.
    expect(newborn.length).toBeLessThanOrEqual(births);
    expect(newborn.length).toBeGreaterThan(0.8 * births);
    expect(births).toBeGreaterThan(10);
    for (const i of newborn) expect([mu.positions[2 * i], mu.positions[2 * i + 1]]).toEqual([0, 77]);
  });

  test('uses the uniform law of the space on request', () => {
    const mu = measure({ space: box([[5, 6]]), positions: Array.from({ length: 50 }, (_, i) => 5 + i / 50) });
    const out = applyTo(reinjection({ rate: 3, law: 'uniform', clones: false }), mu, contextOf(1));
    expect(out.births).toBeGreaterThan(0);
    expect(Math.min(...out.mu.positions)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...out.mu.positions)).toBeLessThanOrEqual(6);
  });

  test('refuses a law that leaves the space', () => {
    const mu = measure({ space: box([[0, 1]]), positions: Array.from({ length: 50 }, (_, i) => i / 50) });
    const law = (out: Float64Array, start: number) => {
      out[start] = 3;
    };
    expect(() => applyTo(reinjection({ rate: 3, law, clones: false }), mu, contextOf(1))).toThrow(
      /newborn lies outside the space/,
    );
  });
});

describe('thinning', () => {
  const circle = torus(1);

  test('merging conserves mass, meets across the cut of a torus and keeps the heaviest id', () => {
    const mu = measure({ space: circle, positions: [0.99, 0.5, 0.01], masses: [0.3, 0.1, 0.6], ids: [4, 5, 6] });
    const { mu: merged, births, deaths } = applyTo(merge({ radius: 0.05 }), mu, contextOf(1));
    expect([merged.count, births, deaths]).toEqual([2, 0, 1]);
    const at = merged.ids.indexOf(6);
    expect(merged.positions[at]).toBeCloseTo(0.01 - 0.02 / 3, 12);
    expect(merged.masses[at]).toBeCloseTo(0.9, 12);
  });

  test('pruning drops light atoms, renormalizes a probability and spares the heaviest', () => {
    const mu = measure({ space: line, positions: [0, 1, 2], masses: [0.8, 0.19, 0.01] });
    const pruned = applyTo(prune({ threshold: 0.05 }), mu, contextOf(1)).mu;
    expect(Array.from(pruned.ids)).toEqual([0, 1]);
    expect(pruned.masses[0]).toBeCloseTo(0.8 / 0.99, 12);
    expect(applyTo(prune({ threshold: 0.99 }), mu, contextOf(1)).mu.count).toBe(1);
    const positive = measure({ space: line, kind: 'positive', positions: [0, 1], masses: [3, 0.001] });
    expect(totalMass(applyTo(prune({ threshold: 0.01 }), positive, contextOf(1)).mu)).toBeCloseTo(3, 12);
  });

  test('happens every so many steps', () => {
    const mu = measure({ space: line, positions: [0, 0] });
    const counts = [0, 1, 2, 3, 4, 5].map(
      (step) => applyTo(merge({ radius: 0, every: 3 }), mu, contextOf(1, 1, step)).mu.count,
    );
    expect(counts).toEqual([2, 2, 1, 2, 2, 1]);
  });
});

describe('a window', () => {
  test('lets a jump act after steps from ... until only', () => {
    const jump = during(merge({ radius: 0 }), { from: 2, until: 4 });
    const mu = measure({ space: line, positions: [0, 0] });
    expect([0, 1, 2, 3, 4].map((step) => applyTo(jump, mu, contextOf(1, 1, step)).mu.count)).toEqual([2, 2, 1, 1, 2]);
  });
});

describe('a jump refuses', () => {
  test.each([
    ['a negative rate', () => birthDeath({ rate: -1 }), /rate is not usable, got -1/],
    ['a threshold above 1', () => systematicResampling({ rate: 1, essThreshold: 2 }), /threshold is not usable, got 2/],
    ['a threshold of 0', () => resampleOnLowEss({ threshold: 0 }), /threshold is not usable, got 0/],
    ['a negative radius', () => merge({ radius: -1 }), /radius is not usable, got -1/],
    ['to prune everything', () => prune({ threshold: 1 }), /threshold is not usable, got 1/],
    ['half a step', () => merge({ radius: 1, every: 0.5 }), /period is not usable, got 0.5/],
    ['an empty window', () => during(merge({ radius: 1 }), { from: 4, until: 4 }), /window is empty/],
    [
      'a second jump of its name',
      () => withJumps(flow, merge({ radius: 1 }), merge({ radius: 2 })),
      /two jumps of one name/,
    ],
    [
      'a player that does not exist',
      () => withJumps(flow, merge({ radius: 1, player: 1 })),
      /player that does not exist, got 1/,
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('a flow without field where it needs the potential', () => {
    const { field: _, ...bare } = flow;
    expect(() => withJumps(bare, birthDeath({ rate: 1 }))).toThrow(/needs the potential of a field/);
    expect(() => birthDeath({ rate: 1 }).apply([cloud], bare, contextOf(1))).toThrow(/needs the potential of a field/);
    expect(withJumps(bare, merge({ radius: 1 })).jumps).toHaveLength(1);
  });

  test('a step so strong that it would take more than 1000 rounds', () => {
    expect(() => applyTo(birthDeath({ rate: 1 }), cloud, contextOf(1000))).toThrow(/rate is too high for the step/);
  });

  test('a law of newborns that the space does not have, before anything dies', () => {
    const line = measure({ space: euclidean(1), positions: [0, 1] });
    const uniform = reinjection({ rate: 1, law: 'uniform' });
    const run = (jump: Jump, mu: Measure) => () => checkStepper(euler(), withJumps(heightFlow(1), jump), [mu]);
    expect(run(uniform, line)).toThrow(/uniform law of an unbounded space does not exist/);
    expect(run(during(uniform, { from: 5 }), line)).toThrow(/uniform law of an unbounded space does not exist/);
    expect(run(uniform, measure({ space: box([[0, 1]]), positions: [0, 1] }))).not.toThrow();
    expect(run(birthDeath({ rate: 1 }), line)).not.toThrow();
  });
});
