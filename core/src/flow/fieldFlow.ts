import type { Energy, Field, FirstVariation, Game } from '../energy/energy.js';
import { fail } from '../errors.js';
import type { Metric } from '../metric/metric.js';
import { checkJumps, checkNoise } from './checkFlow.js';
import type { Flow, Jump, Noise } from './flow.js';
import { noiseOf } from './noise.js';
import { firstVariationBuffers } from './tangents.js';

export interface FlowOptions {
  /** Diffusion added to the motion: a temperature for all players, or one entry per noisy player. */
  readonly noise?: number | readonly Noise[];
  readonly jumps?: readonly Jump[];
}

export interface FieldFlowOptions extends FlowOptions {
  readonly name?: string;
  /** The energy that the field descends, where there is one: read by recorders, never by the motion. */
  readonly energy?: Energy;
  readonly game?: Game;
}

/**
 * The flow in which every player descends its own potential in its own metric: `T_k = descend_k(V_k, grad V_k)`.
 *
 * @param metrics - one for all players, or one per player.
 * @returns a flow for `field.dims.length` players. It owns buffers of the size of one first variation, so two
 * runs on different threads need two flows.
 * @throws `shape-mismatch` if the metrics do not fit the players; `unsupported` if a metric transports and the
 * field has no gradient.
 */
export function fieldFlow(field: Field, metrics: Metric | readonly Metric[], options: FieldFlowOptions = {}): Flow {
  const perPlayer = metricPerPlayer(field, metrics);
  const noise = noiseOf(options.noise, field.dims.length);
  checkNoise('fieldFlow', noise, field.dims.length);
  const jumps = options.jumps ?? [];
  checkJumps('fieldFlow', jumps, field.dims.length, true);
  const buffers = firstVariationBuffers();
  let recent: readonly FirstVariation[] | null = null;
  const nextIds = perPlayer.map(() => 0);
  return {
    name: options.name ?? `${perPlayer.map((metric) => metric.name).join(', ')} flow of ${field.name}`,
    dims: field.dims,
    transports: perPlayer.map((metric) => metric.transports),
    reacts: perPlayer.map((metric) => metric.reacts),
    conservesMass: (player, kind) => perPlayer[player].conservesMass(kind),
    tangentInto: (out, profile, context) => {
      const variations = buffers.at(profile);
      field.evaluateInto(variations, profile, context);
      recent = variations;
      for (let k = 0; k < profile.length; k++) {
        nextIds[k] = profile[k].nextId;
        perPlayer[k].descendInto(out[k], variations[k], profile[k]);
      }
    },
    recentPotential: (player, { count, nextId }) => {
      const potential = recent?.[player].potential;
      return potential?.length === count && nextIds[player] === nextId ? potential : null;
    },
    noise,
    jumps,
    field,
    metrics: perPlayer,
    ...(options.energy === undefined ? {} : { energy: options.energy }),
    ...(options.game === undefined ? {} : { game: options.game }),
  };
}

/**
 * The simultaneous descent of all players of a game, any number of them: player k moves by steepest descent of
 * its own potential `V_k` in its own metric. With two players and zero sum it is descent-ascent.
 * Source: [DomingoEnrichEtAl2020] for particles with moving masses.
 *
 * @param metrics - one for all players, or one per player.
 * @throws `unsupported` if a metric transports and the payoff is discontinuous.
 */
export function gameFlow(game: Game, metrics: Metric | readonly Metric[], options: FlowOptions = {}): Flow {
  return fieldFlow(game, metrics, { ...options, game });
}

function metricPerPlayer(field: Field, metrics: Metric | readonly Metric[]): readonly Metric[] {
  const players = field.dims.length;
  const perPlayer = isList(metrics) ? metrics : field.dims.map(() => metrics);
  if (perPlayer.length !== players) {
    fail({
      code: 'shape-mismatch',
      where: 'fieldFlow',
      problem: 'the metrics do not fit the players',
      got: `${perPlayer.length} metrics for ${players} players`,
      expected: 'one metric, or one per player',
      fix: 'pass a single metric to use it for all',
    });
  }
  const moving = perPlayer.findIndex((metric) => metric.transports);
  if (moving >= 0 && !field.smooth) {
    fail({
      code: 'unsupported',
      where: 'fieldFlow',
      problem: `the metric of player ${moving} moves atoms, but ${field.name} has no gradient`,
      got: perPlayer[moving].name,
      expected: 'a metric that changes masses only',
      fix: 'use fisherRao on fixed atoms, or a best-response method',
    });
  }
  return perPlayer;
}

function isList(metrics: Metric | readonly Metric[]): metrics is readonly Metric[] {
  return Array.isArray(metrics);
}
