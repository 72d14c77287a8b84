import fc from 'fast-check';
import type { Backend, Reducer, Reduction } from '../compute/backend.js';
import { referenceBackend } from '../compute/reference.js';
import { column, row, uniform } from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { toText } from '../formula/print.js';
import { fillNormal, randomKey } from '../math/random.js';
import { formulaArbitrary } from './formulaArbitraries.js';
import type { Law, LawOptions, LawOutcome } from './law.js';
import { overCases } from './samples.js';

/** Relative to the number of terms and to the largest term that enters a sum. */
const rounding = 1e-12;
const variables = [row('x', 2), row('a'), column('y', 2), column('b'), uniform('c')];
const reducers: readonly Reducer[] = ['sum', 'logSumExp', 'max'];

/** Laws of every backend: it agrees with the reference interpreter, and gives the same bits whenever it is asked. */
export const backendLaws: readonly Law<Backend>[] = [
  {
    id: 'agrees-with-reference',
    title: 'random formulas reduce to what the reference says, to 1e-12 relative',
    check: (backend, options) =>
      overFormulas(options, (formula, reduce, { rows, columns, seed }) => {
        const reduction = { outputs: [{ name: 'out', expression: formula, reduce }] };
        const call = { rows, columns, seed };
        const expected = reduced(referenceBackend(), reduction, call);
        const scale = 1 + largestTerm(formula, call) * (reduce === 'sum' ? columns : 1);
        return closeness(reduced(backend, reduction, call), expected, rounding * scale);
      }),
  },
  {
    id: 'same-bits-twice',
    title: 'the same call gives the same bits, and a row the same bits whatever the other rows',
    check: (backend, options) =>
      overFormulas(options, (formula, reduce, { rows, columns, seed }) => {
        const reduction = { outputs: [{ name: 'out', expression: formula, reduce }] };
        const first = reduced(backend, reduction, { rows, columns, seed });
        const second = reduced(backend, reduction, { rows, columns, seed });
        const alone = reduced(backend, reduction, { rows: 1, columns, seed });
        const same =
          first.every((value, i) => Object.is(value, second[i])) && (rows === 0 || Object.is(alone[0], first[0]));
        return same ? null : `${first.join(', ')} then ${second.join(', ')}, alone ${alone.join(', ')}`;
      }),
  },
  {
    id: 'matrix-product',
    title: 'the matrix product agrees with the definition, transposed or not',
    check: (backend, options) =>
      overCases(options, 'matrix-product', (random) => {
        const [n, k, m] = [1 + random.integer(9), 1 + random.integer(9), 1 + random.integer(9)];
        const [transposeA, transposeB] = [random.integer(2) === 1, random.integer(2) === 1];
        const a = Float64Array.from({ length: n * k }, () => random.normal());
        const b = Float64Array.from({ length: k * m }, () => random.normal());
        const out = new Float64Array(n * m);
        backend.matmulInto(out, a, b, { n, k, m, transposeA, transposeB });
        let error = 0;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < m; j++) {
            let entry = 0;
            for (let l = 0; l < k; l++)
              entry += a[transposeA ? l * n + i : i * k + l] * b[transposeB ? j * k + l : l * m + j];
            error = Math.max(error, Math.abs(entry - out[i * m + j]));
          }
        }
        const detail = `${n} x ${k} times ${k} x ${m}${transposeA ? ', a transposed' : ''}${transposeB ? ', b transposed' : ''}`;
        return { error, tolerance: 100 * rounding, detail };
      }),
  },
];

interface Call {
  readonly rows: number;
  readonly columns: number;
  readonly seed: number;
}

type Check = (formula: Expression, reduce: Reducer, call: Call) => string | null;

/** Runs a check over random formulas; the counterexample is shrunk to a small formula. */
function overFormulas({ seed, runs = 50 }: LawOptions, check: Check): LawOutcome {
  const call = fc.record({
    rows: fc.integer({ min: 0, max: 5 }),
    columns: fc.integer({ min: 1, max: 300 }),
    seed: fc.nat(),
  });
  const cases = fc.tuple(formulaArbitrary({ variables }), fc.constantFrom(...reducers), call);
  const found = fc.check(
    fc.property(cases, ([formula, reduce, at]) => {
      const failure = check(formula, reduce, at);
      if (failure !== null) throw new Error(failure);
    }),
    { seed, numRuns: runs },
  );
  if (!found.failed) return { holds: true, measurement: `${found.numRuns} formulas` };
  const [[formula, reduce, at]] = found.counterexample ?? [[null, null, null]];
  const reason = found.errorInstance instanceof Error ? found.errorInstance.message : 'no reason given';
  const which =
    formula === null || at === null ? '' : `${reduce} of ${toText(formula)} over ${at.rows} x ${at.columns}`;
  return { holds: false, measurement: reason, counterexample: `seed ${seed}: ${which}` };
}

function reduced(backend: Backend, reduction: Reduction, { rows, columns, seed }: Call): Float64Array {
  const fill = (name: string, length: number): Float64Array => {
    const values = new Float64Array(length);
    // One key per variable: the first rows are the same whatever the number of rows.
    fillNormal(values, randomKey(`${seed} ${name}`));
    return values;
  };
  const inputs = {
    x: fill('x', 2 * rows),
    a: fill('a', rows),
    y: fill('y', 2 * columns),
    b: fill('b', columns),
    c: fill('c', 1),
  };
  const out = new Float64Array(rows);
  backend.compile(reduction).run({ rows, columns, inputs, out: { out } });
  return out;
}

function largestTerm(expression: Expression, call: Call): number {
  const outputs = [{ name: 'out', expression, reduce: 'max' as const }];
  const above = reduced(referenceBackend(), { outputs }, call);
  return above.reduce((largest, value) => Math.max(largest, Math.abs(value)), 100);
}

function closeness(found: Float64Array, expected: Float64Array, tolerance: number): string | null {
  const wrong = found.findIndex(
    (value, i) => !(Object.is(value, expected[i]) || Math.abs(value - expected[i]) <= tolerance),
  );
  return wrong < 0 ? null : `row ${wrong}: ${found[wrong]}, the reference says ${expected[wrong]}`;
}
