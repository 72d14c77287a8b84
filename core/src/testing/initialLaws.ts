import { logSumExp } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import type { Law } from './law.js';
import { sameBytes, showMeasure } from './measures.js';

/**
 * Makes the initial measure: called again for every question that is asked of it. A factory that takes a seed
 * has one parameter `seed?: number`, an integer, with no default in its signature (JavaScript does not count such a
 * parameter); without it, the seed is the one it was made with.
 */
export type InitialFactory = (seed?: number) => Measure;

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

/**
 * Laws of every initial measure: it is a measure of its kind on its space, making it again gives the same bytes, and
 * the seed is what decides it. False alarms: atoms of a finite space may fall alike under all eight seeds; for n points
 * and m atoms that happens with probability at most `n^(-7 m)`, and always for one point.
 */
export const initialLaws: readonly Law<InitialFactory>[] = [
  {
    id: 'valid-measure',
    title: 'sizes agree, atoms lie in the space, masses are finite, a probability has mass 1, ids are distinct',
    check: (create) => {
      const mu = create();
      const problems = problemsOf(mu);
      return problems.length === 0
        ? { holds: true, measurement: `${mu.count} atoms on ${mu.space.name}` }
        : { holds: false, measurement: problems.join('; '), counterexample: showMeasure(mu) };
    },
  },
  {
    id: 'same-parameters-same-bytes',
    title: 'the same parameters give the same bytes',
    check: (create) => {
      const [first, second] = [create(), create()];
      const holds = sameBytes([first], [second]);
      return holds
        ? { holds, measurement: `${first.count} atoms equal bit for bit` }
        : {
            holds,
            measurement: 'two measures differ',
            counterexample: `${showMeasure(first)} and ${showMeasure(second)}`,
          };
    },
  },
  {
    id: 'another-seed-another-measure',
    title: 'where it takes a seed, another seed gives another measure',
    skip: (create) => (create.length === 0 ? 'it takes no seed' : null),
    check: (create) => {
      const first = create(seeds[0]);
      const other = seeds.slice(1).find((seed) => !sameBytes([first], [create(seed)]));
      return other === undefined
        ? {
            holds: false,
            measurement: `seeds ${seeds.join(', ')} give one measure`,
            counterexample: showMeasure(first),
          }
        : { holds: true, measurement: `seeds ${seeds[0]} and ${other} differ` };
    },
  },
];

function problemsOf(mu: Measure): readonly string[] {
  const { space, count, dim, positions, logMasses, masses, ids, nextId } = mu;
  const atoms = Array.from({ length: count }, (_, i) => i);
  const outside = atoms.filter((i) => !space.contains(positions, i * dim));
  const total = Math.exp(logSumExp(logMasses));
  const said: readonly (readonly [boolean, string])[] = [
    [count >= 1, 'there is no atom'],
    [
      dim === space.dim && positions.length === count * dim && logMasses.length === count && ids.length === count,
      'sizes do not agree',
    ],
    [outside.length === 0, `atoms ${outside.slice(0, 4).join(', ')} lie outside ${space.name}`],
    [logMasses.every((value) => value < Number.POSITIVE_INFINITY), 'a log-mass is not usable'],
    [
      atoms.every((i) => Math.abs(masses[i] - Math.exp(logMasses[i])) <= 1e-15 * masses[i]),
      'masses are not exp(logMasses)',
    ],
    [mu.kind === 'probability' ? Math.abs(total - 1) <= 1e-12 : total > 0, `the total mass is ${total}`],
    [new Set(ids).size === count, 'ids repeat'],
    [ids.every((id) => id < nextId), 'nextId is taken'],
  ];
  return said.filter(([fine]) => !fine).map(([, problem]) => problem);
}
