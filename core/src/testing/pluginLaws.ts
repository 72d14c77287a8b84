import { type ZodType, z } from 'zod';
import { isMuflowError } from '../errors.js';
import { definePlugin } from '../plugin/define.js';
import type { EntryKind, Plugin } from '../plugin/plugin.js';
import { entryKinds, listOfKind } from '../plugin/registry.js';
import type { Law, LawOutcome } from './law.js';

/** What an entry and a study have in common. */
export interface Registered {
  readonly kind: EntryKind | 'study';
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly params: ZodType<unknown>;
  readonly examples?: readonly unknown[];
  /** What makes it: `create` of an entry, `run` of a study. */
  readonly make: unknown;
}

/** Everything a plugin registers, in the order of kinds. */
export function registeredIn(plugin: Plugin): readonly Registered[] {
  const entries = entryKinds.flatMap((kind) =>
    (plugin[listOfKind[kind]] ?? []).map(
      ({ id, title, reference, params, examples, create }): Registered => ({
        kind,
        id,
        title,
        reference,
        params,
        make: create,
        ...(examples && { examples }),
      }),
    ),
  );
  const studies = (plugin.studies ?? []).map(
    ({ id, title, reference, params, run }): Registered => ({ kind: 'study', id, title, reference, params, make: run }),
  );
  return [...entries, ...studies];
}

/** The parameters that laws are run on: the defaults, where `{}` is valid, and the examples. */
export function exampleParams({ params, examples = [] }: Pick<Registered, 'params' | 'examples'>): readonly unknown[] {
  return params.safeParse({}).success ? [{}, ...examples] : examples;
}

/** Laws of a plugin as a whole. */
export const pluginLaws: readonly Law<Plugin>[] = [
  {
    id: 'usable-plugin',
    title: 'ids are in kebab-case, carry the prefix of the plugin and are claimed once; the version is semantic',
    check: (plugin) => {
      try {
        definePlugin(plugin);
        return verdict([], `version ${plugin.version}`);
      } catch (error) {
        if (isMuflowError(error)) return verdict([error.message], '');
        throw error;
      }
    },
  },
  {
    id: 'registers-something',
    title: 'a plugin registers at least one thing, or brings a module',
    check: (plugin) => {
      const count = registeredIn(plugin).length;
      return verdict(count > 0 || plugin.module ? [] : ['it registers nothing'], `${count} registered`);
    },
  },
  {
    id: 'known-kinds',
    title: 'every list of a plugin is of a kind that has laws',
    check: (plugin) => {
      const known: readonly string[] = [...Object.values(listOfKind), 'studies'];
      const unknown = Object.entries(plugin).filter(([key, value]) => Array.isArray(value) && !known.includes(key));
      return verdict(
        unknown.map(([key]) => `there is no kind of entry for the list ${key}; the lists are ${known.join(', ')}`),
        `${known.length} kinds`,
      );
    },
  },
];

/**
 * The law that an entry has all its parts, `create(params, context)` or `run(params, context)` included.
 * No other law of {@link registeredLaws} can be asked where it fails.
 */
export const contractLaw: Law<Registered> = {
  id: 'contract-fields',
  title: 'it has an id, a title, a reference, a schema of its parameters, and the function that makes or runs it',
  check: ({ kind, id, title, reference, params, make }) => {
    const texts = Object.entries({ id, title, reference }).filter(([, text]) => typeof text !== 'string');
    const schema: unknown = params;
    const parses = typeof schema === 'object' && schema !== null && 'safeParse' in schema;
    return verdict(
      [
        ...texts.map(([field, value]) => `${field} is ${typeof value}, not text`),
        ...(parses ? [] : ['params is no schema']),
        ...(typeof make === 'function' ? [] : [`${kind === 'study' ? 'run' : 'create'} is no function`]),
      ],
      'all fields',
    );
  },
};

/** Laws of everything registered, whatever its kind. */
export const registeredLaws: readonly Law<Registered>[] = [
  {
    id: 'named-and-referenced',
    title: 'it has a title of one line and a reference',
    check: ({ title, reference }) => {
      const problems = [
        ...(title.trim() === '' ? ['the title is empty'] : []),
        ...(/[\n\r]/.test(title) ? ['the title has more than one line'] : []),
        ...(/^[A-Za-z][A-Za-z0-9]*\b/.test(reference) ? [] : ['the reference begins with no key of a bibliography']),
      ];
      return verdict(problems, reference);
    },
  },
  {
    id: 'valid-parameters',
    title: 'the defaults are valid or there are examples; every example is valid; a study has defaults',
    check: ({ kind, params, examples = [] }) => {
      const defaults = params.safeParse({});
      const wrong = examples.flatMap((example) => {
        const parsed = params.safeParse(example);
        return parsed.success
          ? []
          : [`${JSON.stringify(example)}: ${parsed.error.issues.map(({ message }) => message).join('; ')}`];
      });
      const none =
        !defaults.success && (examples.length === 0 || kind === 'study')
          ? ['{} is not valid and nothing stands in for it']
          : [];
      return verdict([...none, ...wrong], `${examples.length} examples${defaults.success ? ' and the defaults' : ''}`);
    },
  },
  {
    id: 'unknown-parameters-are-refused',
    title: 'a parameter that does not exist is refused, so that a typing error cannot pass for a default',
    check: ({ params, examples }) => {
      const passing = exampleParams({ params, ...(examples && { examples }) }).filter(
        (given) => params.safeParse({ ...(given as object), 'no-such-parameter': 1 }).success,
      );
      return verdict(
        passing.map((given) => `accepted beside ${JSON.stringify(given)}`),
        'refused',
      );
    },
  },
  {
    id: 'json-schema',
    title: 'its parameters can be written as a JSON schema for editors',
    check: ({ params }) => {
      try {
        return verdict([], `${JSON.stringify(z.toJSONSchema(params, { io: 'input' })).length} characters`);
      } catch (error) {
        return verdict([error instanceof Error ? error.message : String(error)], '');
      }
    },
  },
];

function verdict(problems: readonly string[], measurement: string): LawOutcome {
  return problems.length === 0
    ? { holds: true, measurement }
    : { holds: false, measurement: `${problems.length} problems`, counterexample: problems.join('; ') };
}
