import { fail } from '../errors.js';
import type { Law, LawOptions, LawOutcome } from './law.js';

/** The measurement of a law that threw. */
export const uncheckable = 'the law could not be checked';

/** What one law said about one subject. */
export interface LawResult extends LawOutcome {
  readonly law: string;
  readonly title: string;
  /** Why the law was silent; it then counts as held. */
  readonly skipped?: string;
}

/**
 * Runs every law on a subject, in order. A law that throws has failed: its message is the counterexample.
 *
 * @param options - `seed` of the random cases and their number `runs` (default 50 per law).
 */
export async function runLaws<Subject>(
  subject: Subject,
  laws: readonly Law<Subject>[],
  options: LawOptions,
): Promise<readonly LawResult[]> {
  const results: LawResult[] = [];
  for (const law of laws) results.push({ law: law.id, title: law.title, ...(await outcomeOf(subject, law, options)) });
  return results;
}

/**
 * Asserts every law on a subject, for the specs of plugin authors; it needs no particular test runner.
 *
 * @throws `invalid-argument`, listing every law that fails with its counterexample.
 * @example
 * test('my metric is a metric', () => assertLaws(myMetric(), metricLaws, { seed: 1 }));
 */
export async function assertLaws<Subject>(
  subject: Subject,
  laws: readonly Law<Subject>[],
  options: LawOptions,
): Promise<void> {
  const results = await runLaws(subject, laws, options);
  const failures = results.filter(({ holds }) => !holds);
  if (failures.length === 0) return;
  fail({
    code: 'invalid-argument',
    where: 'assertLaws',
    problem: failures.map(describeFailure).join('; '),
    got: `${failures.length} of ${results.length} laws that fail`,
    expected: 'every law to hold',
    fix: 'start from the first counterexample',
    details: { failures },
  });
}

/** A failed law in one line. */
export function describeFailure({ law, title, measurement, counterexample }: LawResult): string {
  return `${law} (${title}): ${measurement}${counterexample === undefined ? '' : `, at ${counterexample}`}`;
}

async function outcomeOf<Subject>(
  subject: Subject,
  law: Law<Subject>,
  options: LawOptions,
): Promise<LawOutcome & { readonly skipped?: string }> {
  try {
    const skipped = law.skip?.(subject) ?? null;
    if (skipped !== null) return { holds: true, measurement: '', skipped };
    return await law.check(subject, options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { holds: false, measurement: uncheckable, counterexample: message };
  }
}
