import { fail, show } from '../errors.js';
import type { Tangent } from '../measure/measure.js';
import type { Flow } from './flow.js';
import { allocateTangents, sizedBuffers } from './tangents.js';

/**
 * The same flow with the atoms of some players held in place (all players by default); their noise goes too, their
 * masses still change.
 *
 * @throws `invalid-argument` for a player that does not exist.
 */
export function freezePositions(flow: Flow, players: readonly number[] = everyPlayer(flow)): Flow {
  checkPlayers('freezePositions', flow, players);
  const held = {
    transports: flow.transports.map((transports, k) => transports && !players.includes(k)),
    reacts: flow.reacts,
  };
  return {
    ...frozen(flow, held),
    name: `${flow.name} with positions frozen`,
    noise: flow.noise.filter(({ player }) => !players.includes(player)),
  };
}

/**
 * The same flow with the masses of some players held (all players by default); their jumps go too, their atoms
 * still move.
 *
 * @throws `invalid-argument` for a player that does not exist.
 */
export function freezeMasses(flow: Flow, players: readonly number[] = everyPlayer(flow)): Flow {
  checkPlayers('freezeMasses', flow, players);
  const held = {
    transports: flow.transports,
    reacts: flow.reacts.map((reacts, k) => reacts && !players.includes(k)),
  };
  return {
    ...frozen(flow, held),
    name: `${flow.name} with masses frozen`,
    conservesMass: (player, kind) => players.includes(player) || flow.conservesMass(player, kind),
    jumps: flow.jumps.filter(({ player }) => !players.includes(player)),
  };
}

/** The flow with fewer moving parts; the inner flow still writes all of its own, the frozen ones to scratch. */
function frozen(flow: Flow, held: Pick<Flow, 'transports' | 'reacts'>): Flow {
  const scratch = sizedBuffers<Tangent>((profile) =>
    allocateTangents(
      {
        transports: flow.transports.map((transports, k) => transports && !held.transports[k]),
        reacts: flow.reacts.map((reacts, k) => reacts && !held.reacts[k]),
      },
      profile,
    ),
  );
  const { dissipation, metrics, ...rest } = flow;
  const view: Flow = {
    ...rest,
    ...held,
    ...(metrics === undefined ? {} : { metrics }),
    tangentInto: (out, profile, context) => {
      const spare = scratch.at(profile);
      const whole = out.map(({ velocity, growth }, k) => ({
        velocity: velocity ?? spare[k].velocity,
        growth: growth ?? spare[k].growth,
      }));
      flow.tangentInto(whole, profile, context);
    },
  };
  if (dissipation === undefined || metrics === undefined) return view;
  // Parts of the tangent are orthogonal in every metric here, so the rate of descent is the length of what is left.
  const left = sizedBuffers<Tangent>((profile) => allocateTangents(held, profile));
  return {
    ...view,
    dissipation: (profile, context) => {
      const tangents = left.at(profile);
      view.tangentInto(tangents, profile, context);
      return metrics.reduce((total, metric, k) => total + metric.norm2(profile[k], tangents[k]), 0);
    },
  };
}

function everyPlayer(flow: Flow): readonly number[] {
  return flow.dims.map((_, k) => k);
}

function checkPlayers(where: string, flow: Flow, players: readonly number[]): void {
  const unknown = players.find((k) => !(Number.isInteger(k) && k >= 0 && k < flow.dims.length));
  if (unknown === undefined) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'there is no such player',
    got: show(unknown),
    expected: `integers from 0 to ${flow.dims.length - 1}`,
    fix: 'number players from 0',
  });
}
