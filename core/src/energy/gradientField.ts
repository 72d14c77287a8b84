import { fail } from '../errors.js';
import { allocateFirstVariation, checkNumber } from './checks.js';
import type { Energy, Field, FirstVariation, Game } from './energy.js';

/** The one-player field of an energy: V and grad V at the atoms of the only measure of the profile. */
export function gradientField(energy: Energy): Field {
  return {
    name: energy.name,
    dims: [energy.dim],
    smooth: energy.smooth,
    evaluateInto(out, profile) {
      checkPlayers('gradientField', out, profile);
      energy.firstVariationInto(out[0], profile[0]);
    },
    potentialAt(_player, out, points, count, profile) {
      energy.potentialAt(out, points, count, profile[0]);
    },
  };
}

/** The field of a game without its costs: every player's own potential. */
export function gameField(game: Game): Field {
  return {
    name: game.name,
    dims: game.dims,
    smooth: game.smooth,
    evaluateInto: (out, profile, context) => game.evaluateInto(out, profile, context),
    potentialAt: (player, out, points, count, profile) => game.potentialAt(player, out, points, count, profile),
  };
}

/** The sum of fields of the same players. @throws `shape-mismatch` where players or dimensions differ. */
export function sumFields(...fields: readonly Field[]): Field {
  const shapes = fields.map((field) => field.dims.join(' x '));
  if (fields.length === 0 || shapes.some((shape) => shape !== shapes[0])) {
    fail({
      code: 'shape-mismatch',
      where: 'sumFields',
      problem: 'the fields cannot be added',
      got: fields.length === 0 ? 'no field' : `coordinates per player ${shapes.join(' and ')}`,
      expected: 'one or more fields of the same players and dimensions',
      fix: 'state every field for the same profile',
    });
  }
  let parts: readonly FirstVariation[] = [];
  let values = new Float64Array(0);
  return {
    name: fields.map(({ name }) => name).join(' + '),
    dims: fields[0].dims,
    smooth: fields.every(({ smooth }) => smooth),
    evaluateInto(out, profile, context) {
      fields[0].evaluateInto(out, profile, context);
      if (parts.length !== profile.length || parts.some(({ potential }, k) => potential.length !== profile[k].count)) {
        parts = profile.map(({ count, dim }) => allocateFirstVariation(count, dim));
      }
      for (let f = 1; f < fields.length; f++) {
        fields[f].evaluateInto(parts, profile, context);
        for (let k = 0; k < parts.length; k++) {
          addInto(out[k].potential, parts[k].potential);
          addInto(out[k].gradient, parts[k].gradient);
        }
      }
    },
    potentialAt(player, out, points, count, profile) {
      fields[0].potentialAt(player, out, points, count, profile);
      if (values.length !== count) values = new Float64Array(count);
      for (let f = 1; f < fields.length; f++) {
        fields[f].potentialAt(player, values, points, count, profile);
        addInto(out, values);
      }
    },
  };
}

/** The field `factor (V_k, grad V_k)`, the same finite factor for every player. */
export function scaleField(factor: number, field: Field): Field {
  checkNumber('scaleField', 'factor', factor);
  return {
    name: `${factor} * (${field.name})`,
    dims: field.dims,
    smooth: field.smooth,
    evaluateInto(out, profile, context) {
      field.evaluateInto(out, profile, context);
      for (let k = 0; k < profile.length; k++) {
        const { count, dim } = profile[k];
        for (let i = 0; i < count; i++) out[k].potential[i] *= factor;
        for (let i = 0; i < count * dim; i++) out[k].gradient[i] *= factor;
      }
    },
    potentialAt(player, out, points, count, profile) {
      field.potentialAt(player, out, points, count, profile);
      for (let i = 0; i < count; i++) out[i] *= factor;
    },
  };
}

function addInto(out: Float64Array, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) out[i] += values[i];
}

function checkPlayers(where: string, out: readonly unknown[], profile: readonly unknown[]): void {
  if (out.length >= 1 && profile.length === 1) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: 'an energy is a field of one player',
    got: `${profile.length} measures and ${out.length} out-buffers`,
    expected: 'one of each',
    fix: 'pass a profile of one measure, or use a game',
  });
}
