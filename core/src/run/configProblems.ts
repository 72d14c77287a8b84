import type { ZodError, ZodType } from 'zod';
import { type Failure, nearest, show } from '../errors.js';

/** One thing wrong with a config: where, as `problem.metric.params.alpha`, and what. */
export interface ConfigProblem {
  readonly path: string;
  readonly message: string;
  /** The refusal behind it, where a factory or the registry refused. */
  readonly failure?: Failure;
}

type Path = readonly PropertyKey[];

/** The problems that a schema finds, each with its path below `prefix`; unknown keys get a did-you-mean. */
export function problemsOf(schema: ZodType, error: ZodError, prefix = ''): readonly ConfigProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: pathText(issue.path, prefix), message: issue.message }];
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({ path: pathText([...issue.path, key], prefix), message: unknownKey(key, known) }));
  });
}

/** `there is no such key; did you mean dt?` */
export function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known, 1);
  return `there is no such key; ${near.length > 0 ? `did you mean ${near[0]}?` : `there is ${known.join(', ') || 'none'}`}`;
}

/** Dots between names, brackets around indices: `runs[0].params.width`. */
export function pathText(path: Path, prefix = ''): string {
  const text = path.reduce<string>((sum, part) => {
    if (typeof part === 'number') return `${sum}[${part}]`;
    const key = shortened(String(part));
    return sum === '' ? key : `${sum}.${key}`;
  }, prefix);
  return text === '' ? '(top)' : text;
}

const longestKey = 60;
const shortened = (key: string): string => (key.length > longestKey ? `${key.slice(0, longestKey - 1)}…` : key);

/** The problems in one line, the first ten of them in full: thousands of wrong entries make no readable message. */
export function problemList(problems: readonly ConfigProblem[]): string {
  const told = problems.slice(0, 10).map(({ path, message }) => `${path}: ${message}`);
  return [...told, ...(problems.length > 10 ? [`and ${problems.length - 10} more`] : [])].join('; ');
}

/** What stands at a path such as `runs[0].params.width`, for messages. */
export function showAt(value: unknown, path: string): string {
  let at = value;
  for (const name of path.split(/[.[\]]+/).filter((part) => part !== '')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name))
      return name.endsWith('…') ? 'a value' : 'nothing there';
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return show(at);
}

/** The keys of the object schema at a path; none where there is no object schema. */
export function keysAt(schema: ZodType, path: Path): readonly string[] {
  let at: ZodType | undefined = schema;
  for (const part of path) {
    const bare: Bare | undefined = bareOf(at);
    at = typeof part === 'number' ? bare?.element : bare?.shape?.[String(part)];
  }
  return Object.keys(bareOf(at)?.shape ?? {});
}

interface Bare {
  readonly shape?: Readonly<Record<string, ZodType>>;
  readonly element?: ZodType;
}

/** Looks through optional, default and pipes to what a schema is about. */
function bareOf(schema: ZodType | undefined): Bare | undefined {
  let definition = schema?.def as unknown as (Bare & { innerType?: ZodType; in?: ZodType }) | undefined;
  while (definition !== undefined && definition.shape === undefined && definition.element === undefined) {
    definition = (definition.innerType ?? definition.in)?.def as unknown as typeof definition;
  }
  return definition;
}
