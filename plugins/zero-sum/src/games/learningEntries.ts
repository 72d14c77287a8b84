import { defineEntry, type Entry, type Game, parseSpace } from '@muflow/core';
import { z } from 'zod';
import { momentMatchingGame } from './momentMatching.js';
import { maxMarginGame, robustNetworkGame, separablePoints } from './networkGames.js';
import { nfgMatrixGame, readNfg } from './nfg.js';

const points = z.number().int().min(1).max(50).default(5).describe('data points, drawn so that a line separates them');
const dimension = z.number().int().min(1).max(10).default(2).describe('coordinates per data point');
const power = z.number().int().min(1).max(5).default(3).describe('activation max(0, t)^power');
const seed = z.number().int().min(0).default(0).describe('draws other data for every seed');

/** Games of learning, and games read from files. */
export const learningGames: readonly Entry<Game>[] = [
  defineEntry({
    id: 'zero-sum/moment-matching',
    title: 'Generator against a discriminator of unit norm: x learns the moments of data',
    reference: 'LiSwerskyZemel2015',
    params: z.strictObject({
      space: z.string().default('[-1,1]').describe('where generator and data live: a box or torus'),
      data: z
        .array(z.array(z.number()))
        .min(1)
        .default([[-0.6], [0.5]])
        .describe('the data points, equally heavy'),
      degree: z.number().int().min(1).max(12).default(3),
    }),
    create: ({ space, data, degree }): Game =>
      momentMatchingGame({
        space: parseSpace(space),
        data: { at: data, mass: data.map(() => 1 / data.length) },
        degree,
      }).game,
    examples: [{ space: 'torus(1)', data: [[0.2], [0.5]], degree: 3 }],
  }),
  defineEntry({
    id: 'zero-sum/max-margin',
    title: 'Two-layer network of largest margin: y picks neurons, x the hardest data',
    reference: 'ChizatBach2020; WangChizat2022',
    params: z.strictObject({ points, dimension, power, seed }),
    create: (given): Game =>
      maxMarginGame({ data: separablePoints(given.points, given.dimension, given.seed), power: given.power }),
  }),
  defineEntry({
    id: 'zero-sum/robust-network',
    title: 'Two-layer network of largest margin against moved data',
    reference: 'WangChizat2022',
    params: z.strictObject({
      points,
      dimension,
      power,
      seed,
      radius: z.number().positive().default(0.2).describe('largest move of every coordinate'),
    }),
    create: ({ radius, ...given }): Game =>
      robustNetworkGame({
        data: separablePoints(given.points, given.dimension, given.seed),
        power: given.power,
        radius,
      }),
  }),
  defineEntry({
    id: 'zero-sum/gambit',
    title: "Matrix game in Gambit's .nfg format; player 1 minimizes what player 2 gets",
    reference: 'SavaniTurocy2025',
    params: z.strictObject({
      nfg: z
        .string()
        .default('NFG 1 R "Matching pennies" { "x" "y" } { 2 2 } 1 -1 -1 1 -1 1 1 -1')
        .describe('the file'),
    }),
    create: ({ nfg }): Game => nfgMatrixGame(readNfg(nfg)),
  }),
];
