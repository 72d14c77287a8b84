import { z } from 'zod';
import { diracs } from '../../measure/initialMeasures.js';
import type { Measure } from '../../measure/measure.js';
import { distanceRecorder, pathLengthRecorder } from '../../run/distanceRecorders.js';
import type { Recorder } from '../../run/problem.js';
import {
  birthsAndDeathsRecorder,
  dissipationRecorder,
  effectiveSampleSizeRecorder,
  energyRecorder,
  massDriftRecorder,
  massRecorder,
  potentialGapRecorder,
  speedRecorder,
  supportSizeRecorder,
} from '../../run/recorders.js';
import { boundedLipschitzDistance } from '../../transport/boundedLipschitz.js';
import type { CertifiedDistance } from '../../transport/certifiedDistance.js';
import { energyDistance } from '../../transport/energyDistance.js';
import { wassersteinDistance } from '../../transport/exactWasserstein.js';
import { wfrDistance } from '../../transport/wfrDistance.js';
import { defineEntry } from '../define.js';
import type { Entry } from '../plugin.js';

const none = z.strictObject({});
const players = z.strictObject({ players: z.int().min(1).max(1000).default(1) });
const reference = 'AmbrosioGigliSavare2008, chapter 11';

const plain = (id: string, title: string, make: () => Recorder): Entry<Recorder> =>
  defineEntry({ id, title, reference, params: none, create: make });
const perPlayer = (id: string, title: string, make: (options: { players: number }) => Recorder): Entry<Recorder> =>
  defineEntry({ id, title, reference, params: players, create: make });

const distances: Readonly<
  Record<'w2' | 'w1' | 'wfr' | 'bounded-lipschitz' | 'energy-distance', (mu: Measure, nu: Measure) => CertifiedDistance>
> = {
  w2: (mu, nu) => wassersteinDistance(mu, nu),
  w1: (mu, nu) => wassersteinDistance(mu, nu, { p: 1 }),
  wfr: (mu, nu) => wfrDistance(mu, nu),
  'bounded-lipschitz': boundedLipschitzDistance,
  'energy-distance': energyDistance,
};

export const recorders: readonly Entry<Recorder>[] = [
  plain('core/energy', 'Energy of the measure', () => energyRecorder()),
  perPlayer('core/mass', 'Total mass of each player', massRecorder),
  plain('core/mass-drift', 'Largest relative drift of a total mass', massDriftRecorder),
  perPlayer('core/effective-sample-size', 'Effective number of atoms', effectiveSampleSizeRecorder),
  defineEntry({
    id: 'core/support-size',
    title: 'Number of atoms after merging',
    reference,
    params: players.extend({ mergeRadius: z.number().min(0).default(0) }),
    create: (options) => supportSizeRecorder(options),
  }),
  plain('core/births-and-deaths', 'Atoms born and gone since the start', birthsAndDeathsRecorder),
  plain('core/speed', 'Metric speed of the flow', speedRecorder),
  plain('core/path-length', 'Length of the path, and the distance of its ends', pathLengthRecorder),
  defineEntry({
    id: 'core/distance',
    title: 'Distance to given atoms, with bounds',
    reference: 'PeyreCuturi2019, chapter 3',
    params: z.strictObject({
      points: z
        .array(z.array(z.number()).min(1))
        .min(1)
        .default([[0]]),
      masses: z.array(z.number().min(0)).optional(),
      distance: z.enum(['w2', 'w1', 'wfr', 'bounded-lipschitz', 'energy-distance']).default('w2'),
      player: z.int().min(0).default(0),
    }),
    create: ({ points, masses, distance, player }) =>
      distanceRecorder({ reference: diracs(points, masses), distance: distances[distance], player }),
    examples: [{ points: [[-1], [2]], masses: [0.3, 0.7] }, { distance: 'bounded-lipschitz' }],
  }),
  plain('core/dissipation', 'Measured and predicted rate of the energy', () => dissipationRecorder()),
  perPlayer('core/potential-gap', 'Mean potential above its least value on the atoms', potentialGapRecorder),
];
