import type { Energy, Entry } from '@muflow/core';
import { z } from 'zod';
import { quadraticWell } from './nonInteracting.js';

const params = z.strictObject({
  center: z.array(z.number()).min(1).default([0]),
  stiffness: z
    .union([z.number().positive(), z.array(z.number().positive()).min(1)])
    .default(1)
    .describe('one number, or one per coordinate'),
});

/** {@link quadraticWell} for configurations. */
export const quadraticWellEntry: Entry<Energy> = {
  id: 'supervised/quadratic-well',
  title: 'Particles that do not interact, in a quadratic well whose flows are known in closed form',
  reference: 'RotskoffEtAl2019',
  params,
  create: (given) => quadraticWell(given as z.output<typeof params>),
  examples: [{ center: [1, -2, 0], stiffness: [1, 2, 0.5] }],
};
