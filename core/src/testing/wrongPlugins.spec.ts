import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Backend, KernelCall, Reduction } from '../compute/backend.js';
import { referenceBackend } from '../compute/reference.js';
import type { Metric } from '../metric/metric.js';
import { wasserstein } from '../metric/wasserstein.js';
import type { Entry, Plugin } from '../plugin/plugin.js';
import type { Study } from '../study/study.js';
import { backendLaws } from './backendLaws.js';
import { checkPlugin, type LawReport } from './checkPlugin.js';
import type { Law } from './law.js';
import { complaints, type Mistake, mistakeRows, untested, verdictsOn } from './mistakes.js';
import { contractLaw, pluginLaws, type Registered, registeredIn, registeredLaws } from './pluginLaws.js';

const reference = referenceBackend();

/** The reference with its results changed afterwards. */
function changed(change: (out: Float64Array, reduction: Reduction, call: KernelCall) => void): Backend {
  return {
    ...reference,
    compile: (reduction) => {
      const kernel = reference.compile(reduction);
      return {
        reduction,
        run: (call) => {
          kernel.run(call);
          for (const out of Object.values(call.out)) change(out, reduction, call);
        },
      };
    },
  };
}

const sums = ({ outputs }: Reduction): boolean => outputs[0].reduce === 'sum';
let calls = 0;
const backends: readonly Mistake<Backend>[] = [
  {
    law: 'agrees-with-reference',
    mistake: 'a sum of the wrong sign',
    wrong: changed((out, reduction) => {
      if (sums(reduction)) for (let i = 0; i < out.length; i++) out[i] = -out[i];
    }),
    right: reference,
  },
  {
    law: 'agrees-with-reference',
    mistake: 'a relative error of 1e-9',
    wrong: changed((out) => {
      for (let i = 0; i < out.length; i++) out[i] *= 1 + 1e-9;
    }),
    right: reference,
  },
  {
    law: 'argmax-is-largest',
    mistake: 'an index that begins at 1',
    wrong: changed((out, { outputs }) => {
      if (outputs[0].reduce === 'argmax') for (let i = 0; i < out.length; i++) out[i] += 1;
    }),
    right: reference,
  },
  {
    law: 'same-bits-twice',
    mistake: 'a last digit that depends on how often it was asked',
    wrong: changed((out) => {
      if (out.length > 0) out[0] *= 1 + (++calls % 2) * Number.EPSILON;
    }),
    right: reference,
  },
  {
    law: 'same-bits-twice',
    mistake: 'a last digit that depends on the number of rows',
    wrong: changed((out, _, { rows }) => {
      if (rows > 1) out[0] *= 1 + 2 * Number.EPSILON;
    }),
    right: reference,
  },
  {
    law: 'matrix-product',
    mistake: 'a second factor that is never transposed',
    wrong: {
      ...reference,
      matmulInto: (out, a, b, shape) => reference.matmulInto(out, a, b, { ...shape, transposeB: false }),
    },
    right: reference,
  },
];

const metric: Entry<Metric> = {
  id: 'mine/still',
  title: 'Transport at a tenth of the rate',
  reference: 'AmbrosioGigliSavare2008',
  params: z.strictObject({}),
  create: () => wasserstein({ rate: 0.1 }),
};
const study: Study = {
  id: 'mine/nothing',
  title: 'Nothing is claimed',
  reference: 'AmbrosioGigliSavare2008',
  params: z.strictObject({ steps: z.int().default(1) }),
  run: () => Promise.resolve({ claims: [], tables: [], figures: [] }),
};
const mine: Plugin = { id: 'mine', version: '1.0.0', metrics: [metric], studies: [study] };

const whole: readonly Mistake<Plugin>[] = [
  {
    law: 'usable-plugin',
    mistake: 'an id with the prefix of another plugin',
    wrong: { ...mine, metrics: [{ ...metric, id: 'yours/still' }] },
    right: mine,
  },
  {
    law: 'usable-plugin',
    mistake: 'two entries of one id',
    wrong: { ...mine, metrics: [metric, metric] },
    right: mine,
  },
  { law: 'usable-plugin', mistake: 'a version in words', wrong: { ...mine, version: 'first' }, right: mine },
  { law: 'registers-something', mistake: 'an empty plugin', wrong: { id: 'mine', version: '1.0.0' }, right: mine },
  {
    law: 'known-kinds',
    mistake: 'a list of a kind that has no laws',
    wrong: { ...mine, ...{ distances: [metric] } },
    right: mine,
  },
];

const registered = (change: Partial<Registered> = {}): Registered => ({ ...registeredIn(mine)[0], ...change });
const rightEntry = registered();
const entries: readonly Mistake<Registered>[] = [
  {
    law: 'contract-fields',
    mistake: 'a study that cannot run',
    wrong: registered({ kind: 'study', make: undefined }),
    right: rightEntry,
  },
  {
    law: 'named-and-referenced',
    mistake: 'an empty reference',
    wrong: registered({ reference: '' }),
    right: rightEntry,
  },
  {
    law: 'named-and-referenced',
    mistake: 'a title of two lines',
    wrong: registered({ title: 'One\nTwo' }),
    right: rightEntry,
  },
  {
    law: 'valid-parameters',
    mistake: 'defaults that are not valid, without an example in their place',
    wrong: registered({ params: z.strictObject({ rate: z.number() }) }),
    right: rightEntry,
  },
  {
    law: 'valid-parameters',
    mistake: 'an example that is not valid',
    wrong: registered({ params: z.strictObject({ rate: z.number().default(1) }), examples: [{ rate: 'fast' }] }),
    right: registered({ params: z.strictObject({ rate: z.number().default(1) }), examples: [{ rate: 2 }] }),
  },
  {
    law: 'unknown-parameters-are-refused',
    mistake: 'a schema that lets typing errors pass',
    wrong: registered({ params: z.object({}) }),
    right: rightEntry,
  },
  {
    law: 'json-schema',
    mistake: 'a parameter that no JSON can hold',
    wrong: registered({ params: z.strictObject({ payoff: z.function().optional() }) }),
    right: rightEntry,
  },
];

/** The table of one kind: every wrong thing fails, every right one holds, and no law is idle. */
function putToTheTest<Subject>(
  kind: string,
  laws: readonly Law<Subject>[],
  mistakes: readonly Mistake<Subject>[],
): void {
  describe(kind, () => {
    test.each(mistakeRows(laws, mistakes))('%s', async (_, row) => {
      const { wrong, right } = await verdictsOn(laws, row, { seeds: [1, 2], runs: 30 });
      expect(wrong).toEqual(['fails', 'fails']);
      expect(right).toEqual(['holds', 'holds']);
    });

    test('the right ones hold every law, and every law catches something', async () => {
      expect(await complaints(laws, mistakes, { seed: 1, runs: 20 })).toEqual([]);
      expect(untested(laws, mistakes)).toEqual([]);
    });
  });
}

putToTheTest('backends', backendLaws, backends);
putToTheTest('plugins', pluginLaws, whole);
putToTheTest('registered things', [contractLaw, ...registeredLaws], entries);

describe('checkPlugin', () => {
  const options = { seed: 1, runs: 8 };
  const failing = (reports: readonly LawReport[]) =>
    reports.filter(({ holds }) => !holds).map(({ kind, id, law }) => `${kind} ${id}: ${law}`);

  test('a plugin that cannot be loaded is reported, not thrown, and nothing else is asked of it', async () => {
    const reports = await checkPlugin({ ...mine, metrics: [{ ...metric, id: 'yours/still' }] }, options);
    expect(failing(reports)).toEqual(['plugin mine: usable-plugin']);
    expect(new Set(reports.map(({ kind }) => kind))).toEqual(new Set(['plugin']));
    expect(reports.find(({ holds }) => !holds)?.counterexample).toContain('"yours/still"');
  });

  test('an entry of a kind without laws fails', async () => {
    const transport = { ...mine, ...{ distances: [metric] } };
    expect(failing(await checkPlugin(transport, options))).toEqual(['plugin mine: known-kinds']);
  });

  test('an entry about which every law of its kind is silent fails', async () => {
    const unmakable: Entry<Metric> = { ...metric, params: z.strictObject({ rate: z.number() }) };
    expect(failing(await checkPlugin({ ...mine, metrics: [unmakable] }, options))).toEqual([
      'metric mine/still: valid-parameters',
      'metric mine/still: some-law-speaks',
    ]);
  });

  test('a study without the fields of the contract fails', async () => {
    const { id, title, params } = study;
    const broken = { id, title, params } as unknown as Study;
    const reports = await checkPlugin({ ...mine, studies: [broken] }, options);
    expect(failing(reports)).toEqual(['study mine/nothing: contract-fields']);
    expect(reports.find(({ holds }) => !holds)?.counterexample).toBe(
      'reference is undefined, not text; run is no function',
    );
  });

  test('everything registered is reported, and a right plugin has no failure', async () => {
    const reports = await checkPlugin(mine, options);
    expect(failing(reports)).toEqual([]);
    expect(new Set(reports.map(({ kind, id }) => `${kind} ${id}`))).toEqual(
      new Set(['plugin mine', 'metric mine/still', 'study mine/nothing']),
    );
  });
});
