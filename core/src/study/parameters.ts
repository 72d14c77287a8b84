import type { ZodType } from 'zod';
import { fail, show } from '../errors.js';
import { type ConfigProblem, problemList, problemsOf } from '../run/configProblems.js';

/** One thing wrong with parameters: where and what. */
export type ParameterProblem = ConfigProblem;

/** All that is wrong with a value under a schema, or the parsed value with defaults filled in. */
export function tryParameters<P>(
  schema: ZodType<P>,
  value: unknown,
  prefix = '',
): { readonly params: P } | { readonly problems: readonly ParameterProblem[] } {
  const parsed = schema.safeParse(value ?? {});
  return parsed.success ? { params: parsed.data } : { problems: problemsOf(schema, parsed.error, prefix) };
}

/**
 * Validates parameters of a registered thing; all problems are told at once.
 * @throws `invalid-config` whose `details.problems` lists every path and message.
 */
export function parseParameters<P>(where: string, schema: ZodType<P>, value: unknown): P {
  const outcome = tryParameters(schema, value, 'params');
  if ('params' in outcome) return outcome.params;
  const { problems } = outcome;
  return fail({
    code: 'invalid-config',
    where,
    problem:
      problems.length === 1
        ? `a parameter is not valid: ${problems[0].message}`
        : `${problems.length} parameters are not valid: ${problemList(problems)}`,
    path: problems[0].path,
    got: show(value),
    expected: 'parameters that fit the schema',
    fix: 'correct them; `muflow list --json` shows every parameter with its default',
    details: { problems },
  });
}
