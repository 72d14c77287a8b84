import { totalShrinkage } from '../energy/checks.js';
import { fail, show } from '../errors.js';
import type { Tangent } from '../measure/measure.js';
import { addTangentInto, copyTangentInto, scaleTangentInto } from '../measure/tangent.js';
import type { Flow } from './flow.js';
import { mergeNoise } from './noise.js';
import { allocateTangents, sizedBuffers } from './tangents.js';

/**
 * The flow whose tangent is the sum of the tangents of its parts; noises add their temperatures, jumps follow one
 * another in the order of the parts.
 *
 * Where exactly one part has a field, energy, game or metrics, the sum keeps it for jumps and recorders; it predicts
 * no dissipation, since cross terms are not known (add the energies instead to keep it).
 *
 * @throws `shape-mismatch` if the players differ, `invalid-argument` for no part.
 */
export function addFlows(...flows: readonly Flow[]): Flow {
  checkSamePlayers(flows);
  if (flows.length === 1) return flows[0];
  const scratch = flows.map((flow) => sizedBuffers<Tangent>((profile) => allocateTangents(flow, profile)));
  const players = flows[0].dims.map((_, k) => k);
  return {
    name: flows.map(({ name }) => name).join(' + '),
    dims: flows[0].dims,
    transports: players.map((k) => flows.some((flow) => flow.transports[k])),
    reacts: players.map((k) => flows.some((flow) => flow.reacts[k])),
    conservesMass: (player, kind) => flows.every((flow) => flow.conservesMass(player, kind)),
    tangentInto: (out, profile, context) => {
      for (let f = 0; f < flows.length; f++) {
        const part = scratch[f].at(profile);
        flows[f].tangentInto(part, profile, context);
        for (let k = 0; k < out.length; k++) {
          if (f === 0) copyTangentInto(out[k], part[k]);
          else addTangentInto(out[k], part[k]);
        }
      }
    },
    noise: mergeNoise(flows.flatMap(({ noise }) => noise)),
    jumps: flows.flatMap(({ jumps }) => jumps),
    ...shrinkageOf(flows),
    ...onlyDriver(flows),
  };
}

/**
 * The flow run at `factor` times the speed: tangents and temperatures are multiplied. A negative factor runs
 * backwards and needs a flow without noise.
 *
 * @throws `invalid-argument` for a factor that is not finite, or negative with noise; `unsupported` for a flow with
 * jumps, whose rates are their own.
 */
export function scaleFlow(factor: number, flow: Flow): Flow {
  if (!Number.isFinite(factor) || (factor < 0 && flow.noise.length > 0)) {
    fail({
      code: 'invalid-argument',
      where: 'scaleFlow',
      problem: 'the factor is not usable',
      got: show(factor),
      expected: 'a finite number, not negative where there is noise',
      fix: 'diffusion cannot run backwards: use a positive factor or remove the noise',
    });
  }
  if (flow.jumps.length > 0) {
    fail({
      code: 'unsupported',
      where: 'scaleFlow',
      problem: 'jumps keep their own rates',
      got: flow.jumps.map(({ name }) => name).join(', '),
      expected: 'a flow without jumps',
      fix: 'scale the flow first, then add jumps with withJumps',
    });
  }
  const { dissipation, shrinkage, ...rest } = flow;
  return {
    ...rest,
    name: `${factor} (${flow.name})`,
    tangentInto: (out, profile, context) => {
      flow.tangentInto(out, profile, context);
      for (let k = 0; k < out.length; k++) scaleTangentInto(out[k], factor);
    },
    ...(dissipation === undefined ? {} : { dissipation: (profile, context) => factor * dissipation(profile, context) }),
    // Backwards there is no soft thresholding.
    ...(shrinkage && factor > 0 && { shrinkage: shrinkage.map((part) => part?.map((rate) => factor * rate) ?? null) }),
    noise: flow.noise
      .map(({ player, temperature }) => ({ player, temperature: factor * temperature }))
      .filter(({ temperature }) => temperature !== 0),
  };
}

/** The absolute values of all parts together. */
function shrinkageOf(flows: readonly Flow[]): Pick<Flow, 'shrinkage'> {
  if (flows.every(({ shrinkage }) => shrinkage === undefined)) return {};
  const ofPlayer = (k: number): Float64Array | null =>
    totalShrinkage(flows.map(({ shrinkage }) => shrinkage?.[k] ?? undefined)) ?? null;
  return { shrinkage: flows[0].dims.map((_, k) => ofPlayer(k)) };
}

function checkSamePlayers(flows: readonly Flow[]): void {
  const dims = flows.map((flow) => flow.dims.join(', '));
  if (flows.length > 0 && dims.every((text) => text === dims[0])) return;
  fail({
    code: flows.length === 0 ? 'invalid-argument' : 'shape-mismatch',
    where: 'addFlows',
    problem: flows.length === 0 ? 'a sum needs a flow' : 'the flows have different players',
    got: flows.length === 0 ? '0 flows' : dims.map((text) => `(${text})`).join(', '),
    expected: 'flows with the same coordinates per player',
    fix: 'add flows of the same game',
  });
}

function onlyDriver(flows: readonly Flow[]): Partial<Flow> {
  const driven = flows.filter(({ field }) => field !== undefined);
  if (driven.length !== 1) return {};
  const { field, metrics, energy, game } = driven[0];
  return {
    ...(field === undefined ? {} : { field }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(energy === undefined ? {} : { energy }),
    ...(game === undefined ? {} : { game }),
  };
}
