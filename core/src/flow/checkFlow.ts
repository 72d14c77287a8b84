import { fail, show } from '../errors.js';
import type { Measure, Profile } from '../measure/measure.js';
import type { Flow, Jump, Noise } from './flow.js';

/** Refuses noise of a player that does not exist, listed twice, or of a temperature that is not finite and >= 0. */
export function checkNoise(where: string, noise: readonly Noise[], players: number): void {
  noise.forEach(({ player, temperature }, index) => {
    checkPlayer(where, 'noise', player, players);
    if (noise.findIndex((other) => other.player === player) !== index) {
      fail({
        code: 'invalid-argument',
        where,
        problem: `player ${player} has two noises`,
        got: noise.map((other) => `player ${other.player}: ${other.temperature}`).join(', '),
        expected: 'one entry per player',
        fix: 'add the temperatures',
      });
    }
    if (temperature >= 0 && Number.isFinite(temperature)) return;
    fail({
      code: 'invalid-argument',
      where,
      problem: 'the temperature is not usable',
      got: show(temperature),
      expected: 'a finite number >= 0',
      fix: 'pass 1/beta',
    });
  });
}

/** Refuses jumps of players that do not exist, two of one name, and jumps that need a field where there is none. */
export function checkJumps(where: string, jumps: readonly Jump[], players: number, hasField: boolean): void {
  jumps.forEach((jump, index) => {
    checkPlayer(where, `jump ${jump.name}`, jump.player, players);
    const first = jumps.findIndex((other) => other.name === jump.name && other.player === jump.player);
    if (first !== index) {
      fail({
        code: 'duplicate-id',
        where,
        problem: `player ${jump.player} has two jumps of one name, which would share their random numbers`,
        got: show(jump.name),
        expected: 'distinct names',
        fix: 'pass a name to one of them',
      });
    }
    if (jump.needsField === true && !hasField) refuseWithoutField(where, jump.name);
  });
}

/** Says that a jump reads a potential that the flow does not have. */
export function refuseWithoutField(where: string, jump: string): never {
  return fail({
    code: 'missing-requirement',
    where,
    problem: `the jump ${jump} needs the potential of a field`,
    got: 'a flow without field',
    expected: 'a flow made by gradientFlow, gameFlow or fieldFlow',
    fix: 'attach the jump to such a flow',
  });
}

/**
 * Refuses a profile that the flow is not stated for: number of players, coordinates per atom, spaces of the energy or
 * game, and a measure without atoms.
 *
 * @throws `shape-mismatch` or `invalid-argument`, naming the player.
 */
export function checkFlowProfile(flow: Flow, profile: Profile): void {
  if (profile.length !== flow.dims.length) {
    fail({
      code: 'shape-mismatch',
      where: 'checkFlowProfile',
      problem: `the flow ${flow.name} has another number of players`,
      got: `${profile.length} measures`,
      expected: `${flow.dims.length}, one per player`,
      fix: 'pass one measure per player',
    });
  }
  for (const [player, mu] of profile.entries()) checkMeasure(flow, mu, player);
}

function checkMeasure(flow: Flow, mu: Measure, player: number): void {
  const stated = flow.game?.spaces[player] ?? (player === 0 ? flow.energy?.space : undefined);
  const where = 'checkFlowProfile';
  if (mu.dim !== flow.dims[player] || mu.count === 0) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: `the measure of player ${player} does not fit ${flow.name}`,
      got: `${mu.count} atoms of ${mu.dim} coordinates on ${mu.space.name}`,
      expected: `one or more atoms of ${flow.dims[player]} coordinates`,
      fix: 'build the measure on the space of the energy or game',
    });
  }
  if (stated === undefined || stated.name === mu.space.name) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: `the measure of player ${player} lives on another space`,
    got: mu.space.name,
    expected: stated.name,
    fix: 'build the measure on the space of the energy or game',
  });
}

function checkPlayer(where: string, what: string, player: number, players: number): void {
  if (Number.isInteger(player) && player >= 0 && player < players) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: `the ${what} is for a player that does not exist`,
    got: show(player),
    expected: `an integer from 0 to ${players - 1}`,
    fix: 'number players from 0',
  });
}
