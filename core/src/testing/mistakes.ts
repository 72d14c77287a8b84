import type { Law, LawOptions } from './law.js';
import { runLaws, uncheckable } from './matchers.js';

/** A deliberately wrong thing beside the right one, and the law that must tell them apart: the laws put to the test. */
export interface Mistake<Subject> {
  /** Id of the law that catches it. */
  readonly law: string;
  /** What is wrong, in words that go on from "<title of the law> catches ...". */
  readonly mistake: string;
  readonly wrong: Subject;
  readonly right: Subject;
}

/** Rows of a table of tests: a title and the mistake with its law. */
export function mistakeRows<Subject>(laws: readonly Law<Subject>[], mistakes: readonly Mistake<Subject>[]) {
  return mistakes.map((row) => {
    const law = laws.find(({ id }) => id === row.law);
    const title = law === undefined ? `there is no law ${row.law}, which` : law.title;
    return [`${title} catches ${row.mistake}`, row] as const;
  });
}

/** What a law said; a law that throws has not weighed anything. */
export type Verdict = 'holds' | 'fails' | 'silent' | 'throws';

/** Whether a law holds for the wrong and for the right thing, under each seed. */
export async function verdictsOn<Subject>(
  laws: readonly Law<Subject>[],
  { law, wrong, right }: Mistake<Subject>,
  { seeds, runs }: { readonly seeds: readonly number[]; readonly runs: number },
): Promise<{ readonly wrong: readonly Verdict[]; readonly right: readonly Verdict[] }> {
  const named = laws.filter(({ id }) => id === law);
  const verdict = async (subject: Subject, options: LawOptions): Promise<Verdict> => {
    const [result] = await runLaws(subject, named, options);
    if (result === undefined || result.skipped !== undefined) return 'silent';
    return result.holds ? 'holds' : result.measurement === uncheckable ? 'throws' : 'fails';
  };
  const over = (subject: Subject) => Promise.all(seeds.map((seed) => verdict(subject, { seed, runs })));
  return { wrong: await over(wrong), right: await over(right) };
}

/** What is left to say against the right things: every law of the suite that fails on one of them, in words. */
export async function complaints<Subject>(
  laws: readonly Law<Subject>[],
  mistakes: readonly Mistake<Subject>[],
  options: LawOptions,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const right of new Set(mistakes.map((row) => row.right))) {
    const results = await runLaws(right, laws, options);
    for (const { law, holds, measurement, counterexample } of results) {
      if (!holds) found.push(`${law}: ${measurement}, ${counterexample ?? ''}`);
    }
  }
  return found;
}

/** Laws that no mistake of a table puts to the test. */
export function untested<Subject>(
  laws: readonly Law<Subject>[],
  mistakes: readonly Mistake<Subject>[],
): readonly string[] {
  return laws.map(({ id }) => id).filter((id) => !mistakes.some(({ law }) => law === id));
}
