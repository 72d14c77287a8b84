import { z } from 'zod';
import { distanceEnergy, distanceKinds } from '../../energy/distanceEnergy.js';
import type { Energy } from '../../energy/energy.js';
import { diffusion, entropyOfMasses, klToReference } from '../../energy/entropy.js';
import { interactionEnergy } from '../../energy/interactionEnergy.js';
import { mmdEnergy } from '../../energy/mmdEnergy.js';
import { potentialEnergy } from '../../energy/potentialEnergy.js';
import { sumEnergy } from '../../energy/sumEnergy.js';
import { diracs } from '../../measure/initialMeasures.js';
import { defineEntry } from '../define.js';
import type { Entry } from '../plugin.js';

const dim = z.int().min(1).max(10_000).default(1);
const points = z.array(z.array(z.number()).min(1)).min(1);
const temperature = z.number().positive().default(1);

const threePoints = [
  [0, 0],
  [1, 2],
  [-1, 1],
];
const threeMasses = [0.2, 0.3, 0.5];

export const energies: readonly Entry<Energy>[] = [
  defineEntry({
    id: 'core/potential',
    title: 'Potential energy of a formula in x',
    reference: 'AmbrosioGigliSavare2008, section 9.3',
    params: z.strictObject({ potential: z.string().default('norm2(x) / 2'), dim }),
    create: ({ potential, dim: d }, { backend }) => potentialEnergy({ potential, dim: d, backend }),
    examples: [{ potential: 'cos(x[0]) * x[1] + x[1]^4 / 4', dim: 2 }],
  }),
  defineEntry({
    id: 'core/interaction',
    title: 'Interaction energy of a kernel in x and y',
    reference: 'AmbrosioGigliSavare2008, section 9.3',
    params: z.strictObject({ kernel: z.string().default('exp(-norm2(x - y))'), dim }),
    create: ({ kernel, dim: d }, { backend }) => interactionEnergy({ kernel, dim: d, backend }),
    examples: [{ kernel: 'x[0] * y[1] + tanh(x[1] * y[1])', dim: 2 }],
  }),
  defineEntry({
    id: 'core/confined-interaction',
    title: 'Potential plus interaction, both by formula',
    reference: 'AmbrosioGigliSavare2008, section 9.3',
    params: z.strictObject({
      potential: z.string().default('norm2(x) / 2'),
      kernel: z.string().default('exp(-norm2(x - y))'),
      dim,
    }),
    create: ({ potential, kernel, dim: d }, { backend }) =>
      sumEnergy(potentialEnergy({ potential, dim: d, backend }), interactionEnergy({ kernel, dim: d, backend })),
  }),
  defineEntry({
    id: 'core/mmd',
    title: 'Half squared maximum mean discrepancy to given atoms',
    reference: 'GrettonEtAl2012, equation 5',
    params: z.strictObject({
      points: points.default([[-1], [1]]),
      masses: z.array(z.number().min(0)).optional(),
      width: z.number().positive().default(1),
    }),
    create: ({ points: at, masses, width }, { backend }) => mmdEnergy({ target: diracs(at, masses), width, backend }),
    examples: [{ points: threePoints, masses: threeMasses, width: 0.7 }],
  }),
  defineEntry({
    id: 'core/distance',
    title: 'Half the squared distance to given atoms',
    reference: 'PeyreCuturi2019, section 9.1; LieroMielkeSavare2018',
    params: z.strictObject({
      distance: z.enum(distanceKinds).default('w2'),
      points: points.default([[-1], [1]]),
      masses: z.array(z.number().min(0)).optional(),
      alpha: z.number().positive().optional(),
      width: z.number().positive().default(1),
      epsilon: z.number().positive().default(0.1),
      rho: z.number().positive().default(1),
      directions: z.int().min(1).max(10_000).default(100),
      seed: z.int().min(0).default(0),
    }),
    create: ({ points: at, masses, alpha, ...options }, { backend }) =>
      distanceEnergy(diracs(at, masses), { ...options, ...(alpha !== undefined && { alpha }), backend }),
    examples: [
      { points: [[0.3], [1.1], [-0.7]], masses: [0.21, 0.32, 0.47] },
      { distance: 'wfr', alpha: 2, points: threePoints, masses: threeMasses },
      { distance: 'fisher-rao', points: threePoints, masses: threeMasses },
      { distance: 'mmd', width: 0.7, points: threePoints, masses: threeMasses },
      { distance: 'energy-distance', points: threePoints, masses: threeMasses },
      { distance: 'sinkhorn-divergence', epsilon: 1, points: threePoints, masses: threeMasses },
      { distance: 'unbalanced', epsilon: 0.5, rho: 0.7 },
      { distance: 'gaussian-hellinger', rho: 2 },
      { distance: 'spherical-hellinger-kantorovich', alpha: 2 },
      { distance: 'sliced', directions: 5 },
    ],
  }),
  defineEntry({
    id: 'core/entropy-of-masses',
    title: 'Relative entropy of masses on a finite space',
    reference: 'AmbrosioGigliSavare2008, section 9.4',
    params: z.strictObject({ reference: z.array(z.number().positive()).min(1).default([0.2, 0.3, 0.5]) }),
    create: ({ reference }) => entropyOfMasses({ reference }),
  }),
  defineEntry({
    id: 'core/diffusion',
    title: 'Entropy of a density, followed by Langevin noise',
    reference: 'JordanKinderlehrerOtto1998',
    params: z.strictObject({ temperature, dim }),
    create: ({ temperature: t, dim: d }) => diffusion({ temperature: t, dim: d }),
  }),
  defineEntry({
    id: 'core/kl-to-gibbs',
    title: 'Relative entropy to the Gibbs law of a potential, through diffusion',
    reference: 'JordanKinderlehrerOtto1998',
    params: z.strictObject({ potential: z.string().default('norm2(x) / 2'), temperature, dim }),
    create: ({ potential, temperature: t, dim: d }, { backend }) =>
      klToReference({ potential, temperature: t, dim: d, backend }),
  }),
];
