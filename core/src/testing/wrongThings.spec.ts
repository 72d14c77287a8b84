import { describe, expect, test } from 'vitest';
import { birthDeath } from '../flow/birthDeath.js';
import type { Jump, JumpOutcome } from '../flow/flow.js';
import { replaceMeasure } from '../flow/population.js';
import { prune } from '../flow/thinning.js';
import { measureFromParts } from '../measure/createMeasure.js';
import { gaussian } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import type { Recorder } from '../run/problem.js';
import { customRecorder, energyRecorder, massRecorder } from '../run/recorders.js';
import { euclidean } from '../space/euclidean.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { quadraticEnergy } from './closedFlows.js';
import { type InitialFactory, initialLaws } from './initialLaws.js';
import { jumpLaws } from './jumpLaws.js';
import type { Law } from './law.js';
import { complaints, type Mistake, mistakeRows, untested, verdictsOn } from './mistakes.js';
import { recorderLaws } from './recorderLaws.js';
import { spaceLaws } from './spaceLaws.js';

const ball = sphere(3);
const circle = torus(1);
const line = euclidean(1);

const spaces: readonly Mistake<Space>[] = [
  {
    law: 'retraction-fixes-points',
    mistake: 'a retraction in single precision',
    wrong: {
      ...ball,
      retractInto: (out, points, velocity, scale, count) => {
        ball.retractInto(out, points, velocity, scale, count);
        for (let k = 0; k < 3 * count; k++) out[k] = Math.fround(out[k]);
      },
    },
    right: ball,
  },
  {
    law: 'retraction-is-first-order',
    mistake: 'a retraction at half the speed',
    wrong: {
      ...ball,
      retractInto: (out, points, velocity, scale, count) => ball.retractInto(out, points, velocity, scale / 2, count),
    },
    right: ball,
  },
  {
    law: 'retraction-is-first-order',
    mistake: 'a retraction that turns a velocity around on the circle',
    wrong: {
      ...circle,
      retractInto: (out, points, velocity, scale, count) => circle.retractInto(out, points, velocity, -scale, count),
    },
    right: circle,
  },
  {
    law: 'retraction-stays-inside',
    mistake: 'a retraction along straight lines',
    wrong: {
      ...ball,
      retractInto: (out, points, velocity, scale, count) =>
        euclidean(3).retractInto(out, points, velocity, scale, count),
    },
    right: ball,
  },
  {
    law: 'projection',
    mistake: 'a projection that is not idempotent: half of the way',
    wrong: {
      ...circle,
      projectInto: (out, points, count) => {
        circle.projectInto(out, points, count);
        for (let k = 0; k < count; k++) out[k] = (out[k] + 0.5) / 2;
      },
    },
    right: circle,
  },
  {
    law: 'tangent-projection',
    mistake: 'a tangent projection that is not idempotent: half of the normal part remains',
    wrong: {
      ...ball,
      projectTangentInto: (out, points, vectors, count) => {
        const whole = vectors.slice(0, 3 * count);
        ball.projectTangentInto(out, points, vectors, count);
        for (let k = 0; k < 3 * count; k++) out[k] = (out[k] + whole[k]) / 2;
      },
    },
    right: ball,
  },
  {
    law: 'distance-is-a-metric',
    mistake: 'a distance whose square root was forgotten',
    wrong: { ...line, distance: (...at) => line.distance(...at) ** 2 },
    right: line,
  },
  {
    law: 'isometry-keeps-distances',
    mistake: 'a dilation',
    wrong: {
      ...line,
      isometry: () => ({
        name: 'dilation',
        applyInto: (out, points, count) => out.set(points.slice(0, count).map((x) => 1.001 * x)),
        pushForwardInto: (out, _, vectors, count) => out.set(vectors.slice(0, count).map((v) => 1.001 * v)),
      }),
    },
    right: line,
  },
  {
    law: 'isometry-keeps-distances',
    mistake: 'a rotation that leaves velocities behind',
    wrong: {
      ...ball,
      isometry: (random) => ({
        ...ball.isometry(random),
        pushForwardInto: (out, _, vectors, count) => out.set(vectors.subarray(0, 3 * count)),
      }),
    },
    right: ball,
  },
  {
    law: 'samples-lie-inside',
    mistake: 'samples from a circle twice as long',
    wrong: {
      ...circle,
      sampleInto: (out, count, random) => {
        for (let i = 0; i < count; i++) out[i] = 2 * random.uniform();
      },
    },
    right: circle,
  },
  {
    law: 'covering-covers',
    mistake: 'a covering whose last quarter was left out',
    wrong: {
      ...circle,
      covering: (radius, maxCount) => {
        const { centers, count } = circle.covering(radius, maxCount);
        return { radius, count: Math.floor((3 * count) / 4), centers };
      },
    },
    right: circle,
  },
];

let recorded = 0;
const recorders: readonly Mistake<Recorder>[] = [
  {
    law: 'changes-nothing',
    mistake: 'a recorder that writes to the positions it reads',
    wrong: customRecorder('mass', ({ profile }) => {
      profile[0].positions[0] += 1e-12;
      return 1;
    }),
    right: massRecorder(),
  },
  {
    law: 'changes-nothing',
    mistake: 'a recorder that sorts the masses in place',
    wrong: customRecorder('median', ({ profile }) => profile[0].logMasses.sort()[0]),
    right: customRecorder('median', ({ profile }) => profile[0].logMasses.slice().sort()[0]),
  },
  {
    law: 'fills-its-columns',
    mistake: 'a second column without numbers',
    wrong: { name: 'two', columns: ['two', 'columns'], start: () => () => [1] },
    right: { name: 'two', columns: ['two', 'columns'], start: () => () => [1, 2] },
  },
  {
    law: 'says-the-same-again',
    mistake: 'a count that goes on from run to run',
    wrong: customRecorder('count', () => ++recorded),
    right: energyRecorder(quadraticEnergy(1)),
  },
];

let drawn = 0;
const seeded = (seed?: number): Measure => gaussian({ dim: 2, n: 5, key: seed ?? 0 });
const initials: readonly Mistake<InitialFactory>[] = [
  {
    law: 'valid-measure',
    mistake: 'an atom at NaN',
    wrong: (seed?: number) => {
      const mu = seeded(seed);
      return { ...mu, positions: mu.positions.map((x, k) => (k === 3 ? Number.NaN : x)) };
    },
    right: seeded,
  },
  {
    law: 'valid-measure',
    mistake: 'a mass NaN',
    wrong: (seed?: number) => {
      const mu = seeded(seed);
      const nan = (_: number, i: number): number => (i === 2 ? Number.NaN : 0.2);
      return { ...mu, masses: mu.masses.map(nan), logMasses: mu.logMasses.map(nan) };
    },
    right: seeded,
  },
  {
    law: 'valid-measure',
    mistake: 'a probability of mass 2',
    wrong: (seed?: number) => {
      const mu = seeded(seed);
      return { ...mu, masses: mu.masses.map((m) => 2 * m), logMasses: mu.logMasses.map((m) => m + Math.LN2) };
    },
    right: seeded,
  },
  {
    law: 'same-parameters-same-bytes',
    mistake: 'atoms from a generator that goes on from call to call',
    wrong: () => seeded(++drawn),
    right: seeded,
  },
  {
    law: 'another-seed-another-measure',
    mistake: 'a seed that is ignored',
    wrong: (_seed?: number) => seeded(0),
    right: seeded,
  },
];

const resampling = birthDeath({ rate: 5 });
const pruning = prune({ threshold: 0.03 });
/** A jump whose outcome is changed afterwards. */
const changed = (jump: Jump, change: (outcome: JumpOutcome, before: Measure) => JumpOutcome): Jump => ({
  ...jump,
  apply: (profile, flow, context) => change(jump.apply(profile, flow, context), profile[0]),
});
let jumps = 0;
const jumpMistakes: readonly Mistake<Jump>[] = [
  {
    law: 'valid-profile',
    mistake: 'a jump that drops atoms and loses their mass',
    wrong: changed(pruning, (outcome, before) => {
      const mu = outcome.profile[0];
      const logMasses = Float64Array.from(mu.ids, (id) => before.logMasses[before.ids.indexOf(id)]);
      return { ...outcome, profile: replaceMeasure(outcome.profile, 0, measureFromParts({ ...mu, logMasses })) };
    }),
    right: pruning,
  },
  {
    law: 'lineage',
    mistake: 'deaths that are not counted',
    wrong: changed(resampling, (outcome) => ({ ...outcome, deaths: 0 })),
    right: resampling,
  },
  {
    law: 'lineage',
    mistake: 'newborns that take the ids of atoms that are gone, in place of fresh ones',
    wrong: changed(resampling, (outcome, before) => {
      const mu = outcome.profile[0];
      const gone = Array.from(before.ids).filter((id) => !mu.ids.includes(id));
      const ids = mu.ids.map((id) => (id >= before.nextId ? (gone.shift() ?? id) : id));
      return {
        ...outcome,
        profile: replaceMeasure(outcome.profile, 0, measureFromParts({ ...mu, ids, nextId: before.nextId })),
      };
    }),
    right: resampling,
  },
  {
    law: 'others-untouched',
    mistake: 'a jump of the first player that moves the second',
    wrong: changed(resampling, (outcome) => {
      const mu = outcome.profile[1];
      const moved = measureFromParts({ ...mu, logMasses: mu.logMasses.slice().reverse() });
      return { ...outcome, profile: replaceMeasure(outcome.profile, 1, moved) };
    }),
    right: resampling,
  },
  {
    law: 'same-step-same-jump',
    mistake: 'a jump that draws anew whenever it is asked',
    wrong: {
      ...resampling,
      apply: (profile, flow, context) => resampling.apply(profile, flow, { ...context, step: ++jumps }),
    },
    right: resampling,
  },
];

const seeds = [1, 2];
/** The table of one kind: every wrong thing fails, every right one holds, and no law is idle. */
function putToTheTest<Subject>(
  kind: string,
  laws: readonly Law<Subject>[],
  mistakes: readonly Mistake<Subject>[],
): void {
  describe(kind, () => {
    test.each(mistakeRows(laws, mistakes))('%s', async (_, row) => {
      const { wrong, right } = await verdictsOn(laws, row, { seeds, runs: 30 });
      expect(wrong).toEqual(['fails', 'fails']);
      expect(right).toEqual(['holds', 'holds']);
    });

    test('the right ones hold every law, and every law catches something', async () => {
      expect(await complaints(laws, mistakes, { seed: 1, runs: 20 })).toEqual([]);
      expect(untested(laws, mistakes)).toEqual([]);
    });
  });
}

putToTheTest('spaces', spaceLaws, spaces);
putToTheTest('recorders', recorderLaws, recorders);
putToTheTest('initial measures', initialLaws, initials);
putToTheTest('jumps', jumpLaws, jumpMistakes);
