import { describe, expect, test } from 'vitest';
import { deriveKey, normalAt, randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { totalMass } from '../measure/profile.js';
import { snapshot, workingCopy } from '../measure/working.js';
import { wasserstein } from '../metric/wasserstein.js';
import { euclidean } from '../space/euclidean.js';
import { functionEnergy } from '../testing/closedFlows.js';
import { birthDeath, reinjection } from './birthDeath.js';
import type { Jump, StepContext } from './flow.js';
import { gradientFlow } from './gradientFlow.js';
import type { RebirthLaw } from './rebirth.js';
import { systematicResampling } from './resampling.js';

const plane = euclidean(2);
const flow = gradientFlow(
  functionEnergy(
    'height',
    2,
    (x, start) => x[start],
    (out, _, start) => out.fill(0, start, start + 2),
  ),
  wasserstein(),
);
const contextOf = (step: number, dt = 0.1): StepContext => ({
  time: 0,
  dt,
  step,
  key: deriveKey(randomKey('path'), 'step', step),
});
const count = 60;
const positions = Float64Array.from({ length: 2 * count }, (_, c) => normalAt(randomKey('plane'), c, 0));
const cloud = (kind: Measure['kind'] = 'probability'): Measure =>
  measure({ space: plane, kind, positions, masses: Array.from({ length: count }, (_, i) => (i + 0.5) / 1800) });
const even = measure({ space: plane, positions });

/** A number that changes with any byte. */
function digest(...arrays: readonly (Float64Array | Uint32Array)[]): number {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

const law: RebirthLaw = (out, start, random) => {
  out[start] = random.uniform();
  out[start + 1] = random.uniform();
};
const jumps: readonly (readonly [string, Jump, number, number])[] = [
  ['birth-death', birthDeath({ rate: 1 }), 2_820_125_338, 133_572_768],
  ['birth-death in many rounds', birthDeath({ rate: 30 }), 861_410_852, 4_173_550_893],
  ['re-injection', reinjection({ rate: 2, law }), 986_619_324, 360_902_203],
  [
    're-injection without clones',
    reinjection({ rate: 9, law, clones: false, zeroCoordinates: [1] }),
    1_169_544_650,
    2_186_777_474,
  ],
  ['systematic resampling', systematicResampling({ rate: 1 }), 1_053_510_896, 1_053_510_896],
  [
    'resampling below an effective size',
    systematicResampling({ rate: 3, essThreshold: 0.5 }),
    780_702_111,
    780_702_111,
  ],
];

describe.each(jumps)('%s', (_, jump, ofProbability, ofPositive) => {
  const walk = (start: Measure, steps: number, through: (mu: Measure) => Measure = (mu) => mu): Measure => {
    let mu = start;
    for (let step = 0; step < steps; step++) mu = through(jump.apply([mu], flow, contextOf(step)).profile[0]);
    return mu;
  };

  test('takes the path that a seed has always had', () => {
    // Positions are copied, never computed, and ids are whole: the digests are those of every machine.
    for (const [kind, expected] of [
      ['probability', ofProbability],
      ['positive', ofPositive],
    ] as const) {
      const mu = walk(cloud(kind), 20);
      expect(digest(mu.positions, mu.ids)).toBe(expected);
    }
  });

  test('gives from a buffer of a stepper what it gives from a measure, and keeps it for a step', () => {
    const pair = [workingCopy(cloud()), workingCopy(cloud())] as const;
    let [mu, before]: Measure[] = [cloud(), cloud()];
    let kept = digest(before.positions, before.logMasses, before.ids);
    for (let step = 0; step < 12; step++) {
      const buffer = pair[step % 2];
      buffer.positions.set(mu.positions);
      buffer.logMasses.set(mu.logMasses);
      buffer.ids.set(mu.ids);
      buffer.setNextId(mu.nextId);
      buffer.touch();
      const expected = jump.apply([snapshot(mu)], flow, contextOf(step));
      const found = jump.apply([buffer], flow, contextOf(step));
      expect({ ...found, profile: found.profile.map(snapshot) }).toEqual({
        ...expected,
        profile: expected.profile.map(snapshot),
      });
      expect(digest(before.positions, before.logMasses, before.ids)).toBe(kept);
      [mu, before] = [found.profile[0], found.profile[0]];
      kept = digest(before.positions, before.logMasses, before.ids);
    }
    expect(mu.nextId).toBeGreaterThan(count);
  });
});

test('resampling hands back the profile itself where every atom keeps its place and its mass', () => {
  const flat = measure({ space: plane, positions: positions.map((x, c) => (c % 2 === 0 ? 3 : x)) });
  expect(systematicResampling({ rate: 1 }).apply([flat], flow, contextOf(0)).profile[0]).toBe(flat);
  const moved = systematicResampling({ rate: 1 }).apply([even], flow, contextOf(0, 3));
  expect(moved.profile[0]).not.toBe(even);
  expect(moved.births).toBeGreaterThan(0);
});

test.each(['probability', 'positive'] as const)(
  'resampling by a potential that is not a number leaves masses for the run to report: %s',
  (kind) => {
    const broken = { ...cloud(kind), positions: positions.map((x, c) => (c === 4 ? Number.NaN : x)) };
    const { profile, births } = systematicResampling({ rate: 1 }).apply([broken], flow, contextOf(0));
    expect(births).toBe(0);
    expect(profile[0].logMasses.some(Number.isNaN)).toBe(true);
  },
);

test('resampling by an infinite potential of a probability leaves masses for the run to report', () => {
  const broken = { ...even, positions: positions.map((x, c) => (c === 4 ? Number.POSITIVE_INFINITY : x)) };
  const { profile } = systematicResampling({ rate: 1 }).apply([broken], flow, contextOf(0));
  expect(profile[0].logMasses.some(Number.isNaN)).toBe(true);
});

test('birth and death grow a single atom of a positive measure by a clone, whichever of the two stays', () => {
  const strength = 0.05;
  const mu = measure({ space: plane, kind: 'positive', positions: [-1, 0], masses: [1] });
  const jump = birthDeath({ rate: 1 });
  let grown = 0;
  const keys = 20_000;
  for (let k = 0; k < keys; k++) {
    const total = totalMass(jump.apply([mu], flow, contextOf(k, strength)).profile[0]);
    expect(Math.abs(total - Math.round(total))).toBeLessThan(1e-12);
    grown += Math.round(total) - 1;
  }
  // Binomial of probability 1 - exp(-0.05): five standard errors, false alarm 6e-7. Half of them would be 32 away.
  const p = -Math.expm1(-strength);
  expect(Math.abs(grown / keys - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / keys));
});
