import type { Flow } from '../flow/flow.js';
import { allocateTangents } from '../flow/tangents.js';
import type { Measure, MeasureKind, Profile, Tangent } from '../measure/measure.js';
import { pushInto, snapshot, workingCopy } from '../measure/working.js';
import { euclidean } from '../space/euclidean.js';
import type { Space } from '../space/space.js';
import type { Law, LawOptions, LawOutcome } from './law.js';
import { largestAbs, randomMeasure, sameBytes, showProfile } from './measures.js';
import { type CaseReport, caseKey, overCases } from './samples.js';

const rounding = 1e-10;
/** Of `int r dmu` relative to the largest rate. */
const massRounding = 1e-12;

/** Laws of every flow: its tangent is a function of profile and context, and keeps what the flow declares. */
export const flowLaws: readonly Law<Flow>[] = [
  {
    id: 'tangent-is-a-function',
    title: 'the same profile, step and key give the same tangent, bit for bit, and leave the profile alone',
    check: (flow, options) =>
      atProfiles(flow, options, 'tangent-is-a-function', ({ profile, tangents, evaluate }) => {
        const before = profile.map(snapshot);
        const again = evaluate();
        const same = tangents.every((tangent, k) => sameTangent(tangent, again[k]));
        return { error: same && sameBytes(before, profile) ? 0 : 1, tolerance: 0.5, detail: showProfile(profile) };
      }),
  },
  {
    id: 'tangent-to-the-space',
    title: 'velocities are tangent to the space',
    check: (flow, options) =>
      atProfiles(flow, options, 'tangent-to-the-space', ({ profile, tangents }) => {
        const error = profile.reduce((largest, mu, k) => Math.max(largest, offTangent(mu, tangents[k])), 0);
        return { error, tolerance: rounding, detail: showProfile(profile) };
      }),
  },
  {
    id: 'mass-is-conserved',
    title: 'where the flow declares so, total mass does not change: int r dmu = 0',
    check: (flow, options) =>
      atProfiles(flow, options, 'mass-is-conserved', ({ profile, tangents }) => {
        const error = profile.reduce((largest, mu, k) => {
          const { growth } = tangents[k];
          if (growth === null || !flow.conservesMass(k, mu.kind)) return largest;
          const change = mu.masses.reduce((sum, mass, i) => sum + mass * growth[i], 0);
          return Math.max(largest, Math.abs(change) / (1 + largestAbs(growth)));
        }, 0);
        return { error, tolerance: massRounding, detail: showProfile(profile) };
      }),
  },
  {
    id: 'dissipation',
    title: 'the declared dissipation is -dF/dt along the push by the tangent',
    skip: (flow) => (flow.dissipation && flow.energy ? null : 'the flow declares no dissipation of an energy'),
    check: (flow, options) =>
      atProfiles(flow, options, 'dissipation', ({ profile, tangents, context }) => {
        const { energy, dissipation } = flow;
        if (energy === undefined || dissipation === undefined) return { error: 0, tolerance: 1, detail: '' };
        const declared = dissipation(profile, context);
        const speed = Math.max(
          ...[tangents[0].velocity, tangents[0].growth].map((part) => (part === null ? 0 : largestAbs(part))),
        );
        const h = 1e-3 / (1 + speed);
        const at = (t: number): number => energy.value(pushed(profile[0], tangents[0], t));
        const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        const detail = `dF/dt ${slope}, declared ${-declared} at ${showProfile(profile)}`;
        return { error: Math.abs(slope + declared), tolerance: 1e-6 * (1 + declared), detail };
      }),
  },
];

interface At {
  readonly profile: Profile;
  readonly tangents: readonly Tangent[];
  readonly context: Parameters<Flow['tangentInto']>[2];
  evaluate(): readonly Tangent[];
}

function atProfiles(flow: Flow, options: LawOptions, law: string, check: (at: At) => CaseReport): LawOutcome {
  return overCases(options, law, (random, k) => {
    const kind: MeasureKind = k % 2 === 0 || flow.game !== undefined ? 'probability' : 'positive';
    const profile = spacesOf(flow).map((space) => randomMeasure(space, 2 + random.integer(4), kind, random));
    const context = { time: 0, step: k, key: caseKey(options, law, k) };
    const evaluate = (): readonly Tangent[] => {
      const tangents = allocateTangents(flow, profile);
      flow.tangentInto(tangents, profile, context);
      return tangents;
    };
    return check({ profile, tangents: evaluate(), context, evaluate });
  });
}

function spacesOf({ dims, game, energy }: Flow): readonly Space[] {
  return game?.spaces ?? dims.map((dim, k) => (k === 0 ? energy?.space : undefined) ?? euclidean(dim));
}

function sameTangent(a: Tangent, b: Tangent): boolean {
  return (['velocity', 'growth'] as const).every((part) => {
    const [x, y] = [a[part], b[part]];
    return x === null || y === null ? x === y : x.every((value, k) => Object.is(value, y[k]));
  });
}

function offTangent(mu: Measure, { velocity }: Tangent): number {
  if (velocity === null) return 0;
  const projected = new Float64Array(velocity.length);
  mu.space.projectTangentInto(projected, mu.positions, velocity, mu.count);
  return (
    velocity.reduce((largest, value, k) => Math.max(largest, Math.abs(value - projected[k])), 0) /
    (1 + largestAbs(velocity))
  );
}

function pushed(mu: Measure, tangent: Tangent, t: number): Measure {
  const out = workingCopy(mu);
  pushInto(out, mu, tangent, t);
  return out;
}
