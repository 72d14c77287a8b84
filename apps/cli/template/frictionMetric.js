import { wasserstein, z } from '@muflow/core';

/** Transport against a friction: Wasserstein steepest descent at the rate 1 / friction. */
export const frictionMetric = {
  id: '__NAME__/friction',
  title: 'Wasserstein metric with friction',
  reference: 'AmbrosioGigliSavare2008, chapter 11',
  params: z.strictObject({ friction: z.number().positive().default(2) }),
  create: ({ friction }) => wasserstein({ rate: 1 / friction }),
};
