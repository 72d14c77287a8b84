import type { Energy, Entry } from '@muflow/core';
import { z } from 'zod';
import { modelFields } from '../models/config.js';
import { dataFields, readRisk } from './config.js';
import { expandedRisk } from './expandedRisk.js';

const params = z.strictObject({ ...dataFields, ...modelFields });

/** {@link expandedRisk} for configurations. */
export const expandedRiskEntry: Entry<Energy> = {
  id: 'supervised/expanded-risk',
  title: 'Square risk of a shallow network as an energy of interacting particles: external field and kernel',
  reference: 'RotskoffVandenEijnden2018',
  params,
  create: (given) => {
    const { unit, inputs, targets } = readRisk('supervised/expanded-risk', {
      ...(given as z.output<typeof params>),
      loss: 'square',
    });
    return expandedRisk({ unit: unit as Parameters<typeof expandedRisk>[0]['unit'], inputs, targets });
  },
  examples: [
    {
      activation: 'relu',
      bias: false,
      inputs: [
        [1, 2],
        [0, -1],
      ],
      targets: [1, 0],
    },
  ],
};
