import { z } from 'zod';
import { adaptive } from '../../stepper/adaptive.js';
import { alternating } from '../../stepper/alternating.js';
import { doubling } from '../../stepper/doubling.js';
import { eulerMaruyama } from '../../stepper/eulerMaruyama.js';
import { extragradient } from '../../stepper/extragradient.js';
import { forwardBackward } from '../../stepper/forwardBackward.js';
import { jko } from '../../stepper/jko.js';
import { mirror } from '../../stepper/mirror.js';
import { optimistic } from '../../stepper/optimistic.js';
import { dopri5, euler, heun, rk4 } from '../../stepper/rungeKutta.js';
import { lieSplitting, strangSplitting } from '../../stepper/splitting.js';
import type { Stepper } from '../../stepper/stepper.js';
import { defineEntry } from '../define.js';
import type { Entry } from '../plugin.js';

const none = z.strictObject({});
const tolerance = z.strictObject({
  rtol: z.number().positive().default(1e-6),
  atol: z.number().positive().default(1e-9),
});
const parts = (fallback: string) =>
  z.strictObject({ transport: z.string().default(fallback), reaction: z.string().default(fallback) });

const plain = (id: string, title: string, reference: string, make: () => Stepper): Entry<Stepper> =>
  defineEntry({ id, title, reference, params: none, create: make });

export const steppers: readonly Entry<Stepper>[] = [
  plain('core/euler', 'Explicit Euler; on masses the exponential (mirror) step', 'HairerNorsettWanner1993', euler),
  plain('core/heun', "Heun's method of order 2", 'HairerNorsettWanner1993', heun),
  plain('core/rk4', 'The classical Runge-Kutta method of order 4', 'HairerNorsettWanner1993', rk4),
  plain('core/dopri5', 'Dormand and Prince, order 5, fixed steps', 'DormandPrince1980', () => dopri5()),
  defineEntry({
    id: 'core/dopri5-adaptive',
    title: 'Dormand and Prince with error control',
    reference: 'DormandPrince1980; HairerNorsettWanner1993, section II.4',
    params: tolerance,
    create: (params) => adaptive(dopri5(params), params),
  }),
  defineEntry({
    id: 'core/doubling',
    title: 'Error control by step doubling around another stepper',
    reference: 'HairerNorsettWanner1993, section II.4',
    params: tolerance.extend({ stepper: z.string().default('heun') }),
    create: ({ stepper, ...params }, { resolve }) => adaptive(doubling(resolve('stepper', stepper), params), params),
  }),
  defineEntry({
    id: 'core/lie',
    title: 'Lie splitting into transport and reaction',
    reference: 'Strang1968',
    params: parts('euler'),
    create: ({ transport, reaction }, { resolve }) =>
      lieSplitting({ transport: resolve('stepper', transport), reaction: resolve('stepper', reaction) }),
  }),
  defineEntry({
    id: 'core/strang',
    title: 'Strang splitting into transport and reaction',
    reference: 'Strang1968',
    params: parts('heun'),
    create: ({ transport, reaction }, { resolve }) =>
      strangSplitting({ transport: resolve('stepper', transport), reaction: resolve('stepper', reaction) }),
  }),
  defineEntry({
    id: 'core/mirror',
    title: 'Mirror step: masses by a proximal step, positions by Euler',
    reference: 'Nemirovski2004',
    params: z.strictObject({ divergence: z.enum(['kl', 'hellinger']).default('kl') }),
    create: (params) => mirror(params),
    examples: [{ divergence: 'hellinger' }],
  }),
  plain(
    'core/forward-backward',
    'Explicit Euler with soft thresholding for l1 penalties',
    'CombettesWajs2005',
    forwardBackward,
  ),
  defineEntry({
    id: 'core/jko',
    title: 'Proximal steps in W2 on particles: implicit Euler',
    reference: 'JordanKinderlehrerOtto1998',
    params: z.strictObject({ descent: z.boolean().default(true) }),
    create: (params) => jko(params),
    examples: [{ descent: false }],
  }),
  defineEntry({
    id: 'core/extragradient',
    title: 'Extragradient (mirror-prox)',
    reference: 'Nemirovski2004; WangChizat2022',
    params: z.strictObject({
      ratio: z.boolean().default(false),
      ghostSteps: z.int().min(0).max(100).default(1),
    }),
    create: (params) => extragradient(params),
    examples: [{ ratio: true }, { ratio: true, ghostSteps: 3 }],
  }),
  plain('core/optimistic', 'Optimistic steps (past extragradient), one evaluation each', 'Popov1980', optimistic),
  defineEntry({
    id: 'core/alternating',
    title: 'Players step one after the other by another stepper',
    reference: 'Strang1968',
    params: z.strictObject({ stepper: z.string().default('euler') }),
    create: ({ stepper }, { resolve }) => alternating(resolve('stepper', stepper)),
  }),
  plain('core/euler-maruyama', 'Euler-Maruyama for flows with noise', 'KloedenPlaten1992, section 10.2', eulerMaruyama),
];
