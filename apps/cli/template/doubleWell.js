import { potentialEnergy, z } from '@muflow/core';

/** The potential `W(x) = depth (x^2 - 1)^2` on the line, with minima at -1 and 1. */
export const doubleWell = {
  id: '__NAME__/double-well',
  title: 'Double well potential on the line',
  reference: 'AmbrosioGigliSavare2008, chapter 11',
  params: z.strictObject({ depth: z.number().positive().default(1) }),
  create: ({ depth }, { backend }) => potentialEnergy({ potential: `${depth} * (x^2 - 1)^2`, dim: 1, backend }),
};
