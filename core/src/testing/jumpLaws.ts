import type { Field } from '../energy/energy.js';
import { isMuflowError } from '../errors.js';
import { fieldFlow } from '../flow/fieldFlow.js';
import type { Flow, Jump, JumpOutcome, StepContext } from '../flow/flow.js';
import type { RandomStream } from '../math/random.js';
import { measureFromParts } from '../measure/createMeasure.js';
import type { Profile } from '../measure/measure.js';
import { snapshot } from '../measure/working.js';
import { fisherRao } from '../metric/fisherRao.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { initialLaws } from './initialLaws.js';
import type { Law, LawOptions, LawOutcome } from './law.js';
import { randomMeasure, sameBytes, showProfile, splitAtom } from './measures.js';
import { caseKey, overCases } from './samples.js';

const grounds: readonly Space[] = [
  torus(1),
  box([
    [-1, 1],
    [-1, 1],
  ]),
  sphere(3),
  torus(2),
  euclidean(2),
];

interface Situation {
  readonly before: Profile;
  readonly outcome: JumpOutcome;
  again(): JumpOutcome;
}

/** Laws of every jump: what comes out is a profile, its lineage is told truly, and the same step jumps the same way. */
export const jumpLaws: readonly Law<Jump>[] = [
  {
    id: 'valid-profile',
    title: 'a jump leaves valid measures of the same kinds on the same spaces',
    check: (jump, options) =>
      inSituations(jump, options, 'valid-profile', ({ before, outcome }) => {
        const kinds = outcome.profile.every((mu, k) => mu.kind === before[k].kind && mu.space === before[k].space);
        const problem = outcome.profile
          .map((mu) => initialLaws[0].check(() => mu, options))
          .find((found) => 'holds' in found && !found.holds);
        if (!kinds) return 'the kind or space of a measure has changed';
        return problem !== undefined && 'holds' in problem ? problem.measurement : null;
      }),
  },
  {
    id: 'lineage',
    title: 'survivors keep their ids, newborns get fresh ones, and both are counted',
    check: (jump, options) =>
      inSituations(jump, options, 'lineage', ({ before, outcome }) => {
        const [old, now] = [before[jump.player], outcome.profile[jump.player]];
        const gone = Array.from(old.ids).filter((id) => !now.ids.includes(id)).length;
        const born = Array.from(now.ids).filter((id) => !old.ids.includes(id));
        const stale = born.filter((id) => id < old.nextId || id >= now.nextId);
        if (stale.length > 0) return `newborns got the ids ${stale.join(', ')}, taken before ${old.nextId}`;
        // A jump of several rounds may kill its own newborns: they count in both, and are seen in neither.
        const unseen = outcome.births - born.length;
        const told = unseen >= 0 && outcome.deaths - gone === unseen && outcome.births <= now.nextId - old.nextId;
        return told
          ? null
          : `${born.length} births and ${gone} deaths seen, ${outcome.births} and ${outcome.deaths} told`;
      }),
  },
  {
    id: 'others-untouched',
    title: 'a jump changes its own player only, and never the profile it was given',
    check: (jump, options) =>
      inSituations(jump, options, 'others-untouched', ({ before, outcome }) => {
        const changed = before.findIndex((mu, k) => k !== jump.player && !sameBytes([mu], [outcome.profile[k]]));
        return changed < 0 ? null : `player ${changed} has changed`;
      }),
  },
  {
    id: 'same-step-same-jump',
    title: 'the same profile and step give the same bytes',
    check: (jump, options) =>
      inSituations(jump, options, 'same-step-same-jump', ({ outcome, again }) =>
        sameBytes(outcome.profile, again().profile) ? null : 'two results differ',
      ),
  },
];

/** Profiles on several spaces under a potential of every player; a jump may refuse spaces, but not all of them. */
function inSituations(
  jump: Jump,
  options: LawOptions,
  law: string,
  check: (situation: Situation) => string | null,
): LawOutcome {
  let accepted = 0;
  const found = overCases(options, law, (random, k) => {
    const before = profileFor(jump, grounds[k % grounds.length], random);
    const kept = before.map(snapshot);
    const context: StepContext = { time: 0, dt: 0.05, step: k, key: caseKey(options, `${law} step`, k) };
    const flow = flowFor(before);
    const apply = (): JumpOutcome => jump.apply(before, flow, context);
    try {
      const outcome = apply();
      accepted++;
      const failure =
        check({ before: kept, outcome, again: apply }) ??
        (sameBytes(before, kept) ? null : 'the given profile was written to');
      return { error: failure === null ? 0 : 1, tolerance: 0.5, detail: `${failure ?? ''} from ${showProfile(kept)}` };
    } catch (error) {
      if (isMuflowError(error)) return { error: 0, tolerance: 1, detail: error.message };
      throw error;
    }
  });
  if (accepted > 0) return found;
  return {
    holds: false,
    measurement: 'no space to test on',
    counterexample: `${jump.name} refuses every space of the tests`,
  };
}

/** Some atoms together, one almost without mass and in half of the cases one with nearly all: every jump has work to do. */
function profileFor({ player }: Jump, space: Space, random: RandomStream): Profile {
  const kind = random.integer(2) === 0 ? 'probability' : 'positive';
  return Array.from({ length: player + 2 }, () => {
    const mu = splitAtom(splitAtom(randomMeasure(space, 4 + random.integer(12), kind, random), 0, 1e-14), 1, 0.4);
    const heavy = random.integer(2) === 0 ? 30 : 1;
    const masses = mu.masses.map((mass, i) => (i === 2 ? heavy * mass : mass));
    const total = kind === 'probability' ? masses.reduce((sum, mass) => sum + mass, 0) : 1;
    return measureFromParts({ ...mu, logMasses: masses.map((mass) => Math.log(mass / total)) });
  });
}

/** A flow in which every player has the potential `2 sum_c sin(x_c + k)`. */
function flowFor(profile: Profile): Flow {
  const potential = (x: Float64Array, start: number, dim: number, player: number): number => {
    let sum = 0;
    for (let c = 0; c < dim; c++) sum += 2 * Math.sin(x[start + c] + player);
    return sum;
  };
  const field: Field = {
    name: 'sines',
    dims: profile.map(({ dim }) => dim),
    smooth: false,
    evaluateInto: (out, at) => {
      at.forEach(({ positions, dim, count }, k) => {
        for (let i = 0; i < count; i++) out[k].potential[i] = potential(positions, i * dim, dim, k);
      });
    },
    potentialAt: (player, out, points, count, at) => {
      for (let i = 0; i < count; i++) out[i] = potential(points, i * at[player].dim, at[player].dim, player);
    },
  };
  return fieldFlow(field, fisherRao());
}
