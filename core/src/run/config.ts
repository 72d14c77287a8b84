import { z } from 'zod';
import { fail, show } from '../errors.js';
import { type ConfigProblem, pathText, problemList, problemsOf, showAt, unknownKey } from './configProblems.js';

/** A registered thing by id, with its parameters; a bare id in a file stands for `{ id }`. */
const reference = z
  .strictObject({ id: z.string().min(1), params: z.record(z.string(), z.unknown()).default({}) })
  .meta({ id: 'reference' });
const seed = z.union([z.int().min(0), z.string()]).default(0);
const plugins = z.array(z.string().min(1)).default([]).describe('packages or paths of further plugins');

const stop = z.strictObject({
  stationary: z.number().min(0).optional().describe('metric speed at which nothing moves any more'),
  below: z
    .strictObject({ column: z.string(), value: z.number() })
    .optional()
    .describe('a recorded column and the value to reach'),
  stalled: z
    .strictObject({
      column: z.string(),
      steps: z.int().min(1),
      keepBest: z.boolean().optional().describe('keep the measures of the least value beside the last ones'),
    })
    .optional()
    .describe('a recorded column and for how many steps it may fail to reach a new least value'),
  massLost: z.number().gt(0).lt(1).optional().describe('share of the first mass below which a run is over'),
});

const problem = z.strictObject({
  space: z
    .string()
    .optional()
    .describe('such as "[-1,1]" or "torus(2)": the default of what asks for a space or a dimension'),
  energy: reference.optional(),
  game: reference.optional(),
  metric: reference.optional(),
  metrics: z.array(reference).min(1).optional().describe('one per player of a game'),
  initial: reference.optional(),
  initials: z.array(reference).min(1).optional().describe('one per player of a game'),
  noise: z.number().min(0).optional().describe('temperature of the Langevin noise added to every player'),
  minibatch: z
    .strictObject({ size: z.int().min(1), withReplacement: z.boolean().default(false) })
    .optional()
    .describe('follow an energy that is a mean over data rows by so many random rows a step'),
  jumps: z.array(reference).default([]),
  time: z.number().optional().describe('start time'),
});

const studyConfig = z.strictObject({
  study: z.string().min(1).describe('id of a registered study'),
  params: z.record(z.string(), z.unknown()).default({}),
  seed,
  plugins,
});

const problemConfig = z.strictObject({
  problem,
  stepper: reference,
  dt: z.number().positive().describe('step size; the largest one for adaptive steppers'),
  maxSteps: z.int().min(1).optional(),
  maxTime: z.number().optional(),
  stop: stop.optional(),
  record: z.strictObject({ every: z.int().min(1).default(1), recorders: z.array(reference).default([]) }).prefault({}),
  seed,
  plugins,
});

/** A registered study with its parameters. */
export type StudyConfig = z.infer<typeof studyConfig>;
/** A problem put together from registered parts. */
export type ProblemConfig = z.infer<typeof problemConfig>;
export type Reference = z.infer<typeof reference>;

/** Several runs, one after the other. */
export interface BatchConfig {
  readonly title?: string | undefined;
  readonly runs: readonly (StudyConfig | ProblemConfig)[];
}

export type RunConfig = StudyConfig | ProblemConfig | BatchConfig;

export const isStudyConfig = (config: RunConfig): config is StudyConfig => 'study' in config;
export const isProblemConfig = (config: RunConfig): config is ProblemConfig => 'problem' in config;
export const isBatchConfig = (config: RunConfig): config is BatchConfig => 'runs' in config;

type Parsed<T> = { readonly config: T } | { readonly problems: readonly ConfigProblem[] };
type Loose = Record<string, unknown>;

const batchShape = z.strictObject({ title: z.string().optional(), runs: z.array(z.unknown()).min(1) });

/**
 * Reads a run config: `{ study, params, seed, plugins }`, or an explicit problem
 * `{ problem, stepper, dt, maxSteps, maxTime, stop, record, seed, plugins }`, or `{ title, runs: [...] }`.
 * Defaults are filled in, so what comes back can be written to a file and run again.
 *
 * @param value - parsed JSON.
 * @throws one `invalid-config` whose `details.problems` lists all problems, each with its path.
 *
 * @example
 * const config = parseRunConfig(JSON.parse('{ "study": "zero-sum/guessing", "seed": 3 }'));
 */
export function parseRunConfig(value: unknown): RunConfig {
  const outcome = isLoose(value) && 'runs' in value ? readBatch(value) : readSingle(value, '');
  if ('config' in outcome) return outcome.config;
  return failConfig('parseRunConfig', outcome.problems, value);
}

/** Throws all problems of a config as one `invalid-config`; a single refusal keeps its own words. */
export function failConfig(where: string, problems: readonly ConfigProblem[], value: unknown): never {
  const details = { problems: problems.map(({ path, message }) => ({ path, message })) };
  const [first] = problems;
  if (problems.length === 1) {
    const { path, message, failure } = first;
    // Schemas say in one message what is wrong and what was expected.
    const [, problem = message, expected = 'a value that fits the schema'] =
      /^(.+?): expected (.+)$/s.exec(message) ?? [];
    return fail({
      expected,
      fix: 'correct it; `muflow list --json` shows every parameter with its default',
      got: path === '(top)' ? show(value) : showAt(value, path),
      problem: problem === message ? message : problem.toLowerCase(),
      ...failure,
      code: 'invalid-config',
      where,
      path: failure?.path === undefined ? path : `${path}, ${failure.path}`,
      details: { ...failure?.details, ...details },
    });
  }
  return fail({
    code: 'invalid-config',
    where,
    problem: `the config has ${problems.length} problems: ${problemList(problems)}`,
    path: first.path,
    got: show(value),
    expected: 'a config that fits the schema',
    fix: 'correct what is named',
    details,
  });
}

/** JSON Schema of run configs, for editors. */
export function configSchema(): Readonly<Record<string, unknown>> {
  const single = z.union([studyConfig, problemConfig]);
  const batch = batchShape.extend({ runs: z.array(single).min(1) });
  const asId = { type: 'string', description: 'id of a registered thing, with its default parameters' } as const;
  return z.toJSONSchema(z.union([studyConfig, problemConfig, batch]), {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema !== (reference as unknown)) return;
      const { id: _, ...object } = { ...jsonSchema };
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      jsonSchema.anyOf = [asId, object];
    },
  });
}

function readBatch(value: Loose): Parsed<BatchConfig> {
  const shape = batchShape.safeParse(value);
  const runs = Array.isArray(value.runs) ? value.runs.map((run, k) => readSingle(run, pathText(['runs', k]))) : [];
  const problems = [
    ...(shape.success ? [] : problemsOf(batchShape, shape.error)),
    ...runs.flatMap((run) => ('problems' in run ? run.problems : [])),
  ];
  if (problems.length > 0 || !shape.success) return { problems };
  const { title } = shape.data;
  return {
    config: {
      ...(title !== undefined && { title }),
      runs: runs.flatMap((run) => ('config' in run ? [run.config] : [])),
    },
  };
}

function readSingle(value: unknown, prefix: string): Parsed<StudyConfig | ProblemConfig> {
  if (!isLoose(value))
    return { problems: [{ path: pathText([], prefix), message: `a config is an object, not ${show(value)}` }] };
  const isStudy = 'study' in value;
  if (isStudy && 'problem' in value)
    return {
      problems: [{ path: pathText([], prefix), message: 'a config has either a study or a problem, not both' }],
    };
  if (!isStudy && !('problem' in value)) {
    const near = Object.keys(value)
      .map((key) => ({ key, hint: unknownKey(key, ['study', 'problem', 'runs']) }))
      .filter(({ hint }) => hint.includes('did you mean'));
    const missing = {
      path: pathText([], prefix),
      message: 'a config has a key study, problem or runs; there is none of them',
    };
    return { problems: [missing, ...near.map(({ key, hint }) => ({ path: pathText([key], prefix), message: hint }))] };
  }
  return isStudy
    ? readStrict(studyConfig, value, prefix, [])
    : readStrict(problemConfig, expandIds(value), prefix, choiceProblems(value, prefix));
}

function readStrict<T>(schema: z.ZodType<T>, value: Loose, prefix: string, more: readonly ConfigProblem[]): Parsed<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success && more.length === 0) return { config: parsed.data };
  return { problems: [...(parsed.success ? [] : problemsOf(schema, parsed.error, prefix)), ...more] };
}

/** Exactly one of each pair, and a bound: what a schema of single keys does not say. */
function choiceProblems(value: Loose, prefix: string): readonly ConfigProblem[] {
  const parts = isLoose(value.problem) ? value.problem : {};
  const pairs = [
    ['energy', 'game'],
    ['metric', 'metrics'],
    ['initial', 'initials'],
  ] as const;
  const choices = pairs.flatMap(([one, other]) => {
    const count = Number(parts[one] !== undefined) + Number(parts[other] !== undefined);
    if (count === 1 || !isLoose(value.problem)) return [];
    return [
      {
        path: pathText(['problem'], prefix),
        message: count === 0 ? `${one} or ${other} is missing` : `${one} and ${other} exclude each other`,
      },
    ];
  });
  const bounded = ['maxSteps', 'maxTime', 'stop'].some((key) => value[key] !== undefined);
  return bounded
    ? choices
    : [
        ...choices,
        { path: pathText([], prefix), message: 'nothing bounds the run: maxSteps, maxTime or stop is missing' },
      ];
}

/** Bare ids become `{ id }`, wherever a reference stands. */
function expandIds(value: Loose): Loose {
  const one = (item: unknown): unknown => (typeof item === 'string' ? { id: item } : item);
  const many = (items: unknown): unknown => (Array.isArray(items) ? Array.from(items, one) : items);
  const within = (part: unknown, single: readonly string[], several: readonly string[]): unknown => {
    if (!isLoose(part)) return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, item]) => [
        key,
        single.includes(key) ? one(item) : several.includes(key) ? many(item) : item,
      ]),
    );
  };
  return {
    ...value,
    problem: within(value.problem, ['energy', 'game', 'metric', 'initial'], ['metrics', 'initials', 'jumps']),
    ...('stepper' in value && { stepper: one(value.stepper) }),
    ...('record' in value && { record: within(value.record, [], ['recorders']) }),
  };
}

function isLoose(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
