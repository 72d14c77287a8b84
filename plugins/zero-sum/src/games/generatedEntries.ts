import { defineEntry, type Entry, type Game, parseSpace } from '@muflow/core';
import { z } from 'zod';
import { plantedGame } from './plantedGame.js';
import { sphereGame } from './sphereGame.js';
import { portableTrigonometricGame, randomTrigonometricGame } from './trigonometricGames.js';

const seed = z.number().int().min(0).default(0).describe('draws another game for every seed');

/** Games that are drawn by a seed. */
export const generatedGames: readonly Entry<Game>[] = [
  defineEntry({
    id: 'zero-sum/planted',
    title: 'Game with a chosen equilibrium: atoms drawn on any torus, sphere, box or simplex',
    reference: 'GaleGross1958 (own construction)',
    params: z.strictObject({
      x: z.string().default('torus(1)').describe('space of x'),
      y: z.string().optional().describe('space of y, by default that of x'),
      atomsX: z.number().int().min(1).max(20).default(3),
      atomsY: z.number().int().min(1).max(20).default(3),
      value: z.number().default(0),
      margin: z.number().positive().default(1).describe('largest loss of a wrong reply'),
      coupling: z.number().min(0).default(1),
      seed,
    }),
    create: ({ x, y, ...options }): Game =>
      plantedGame({ ...options, space: [parseSpace(x), parseSpace(y ?? x)] }).game,
    examples: [
      { x: 'sphere(3)', y: '[-1,1]', atomsX: 2, atomsY: 2, seed: 5 },
      { x: 'torus(2)', atomsX: 2, atomsY: 3, coupling: 3 },
    ],
  }),
  defineEntry({
    id: 'zero-sum/random-trigonometric',
    title: 'Random trigonometric game on tori with complex normal coefficients',
    reference: 'WangChizat2022, section 5 (section unchecked)',
    params: z.strictObject({
      degree: z.number().int().min(1).max(8).default(3).describe('largest frequency along every axis'),
      x: z.number().int().min(1).max(3).default(1).describe('dimension of the torus of x'),
      y: z.number().int().min(1).max(3).default(1).describe('dimension of the torus of y'),
      seed,
    }),
    create: ({ degree, x, y, seed: from }): Game => randomTrigonometricGame({ degree, dims: [x, y], seed: from }),
    examples: [{ degree: 1, x: 2, y: 1, seed: 2 }],
  }),
  defineEntry({
    id: 'zero-sum/portable-trigonometric',
    title: 'Random trigonometric game that any language can repeat bit by bit',
    reference: 'ParkMiller1988 (generator)',
    params: z.strictObject({
      seed: z.number().int().min(1).max(2147483646).default(20240).describe('first state of the generator'),
      degree: z.number().int().min(1).max(8).default(3),
    }),
    create: ({ seed: from, degree }): Game => portableTrigonometricGame(from, degree),
  }),
  defineEntry({
    id: 'zero-sum/sphere',
    title: 'Random cubic polynomial game on two spheres',
    reference: 'DomingoEnrichEtAl2020, section 5 (section unchecked)',
    params: z.strictObject({ d: z.number().int().min(2).max(50).default(3).describe('coordinates per point'), seed }),
    create: (params): Game => sphereGame(params),
    examples: [{ d: 10, seed: 1 }],
  }),
];
