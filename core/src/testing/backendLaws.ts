import fc from 'fast-check';
import type { Backend, Reducer, Reduction } from '../compute/backend.js';
import { referenceBackend } from '../compute/reference.js';
import { abs, column, row, uniform } from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { toText } from '../formula/print.js';
import { fillNormal, randomKey } from '../math/random.js';
import { formulaArbitrary } from './formulaArbitraries.js';
import type { Law, LawOptions, LawOutcome } from './law.js';
import { overCases } from './samples.js';

/** Relative to 1 plus the sizes of the terms: of their sum for a sum, of the largest otherwise. */
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
        const scale = sizesOfTerms(formula, reduce, call).map((size) => rounding * (1 + size));
        return closeness(reduced(backend, reduction, call), expected, scale);
      }),
  },
  {
    id: 'argmax-is-largest',
    title: 'argmax is the index of a term that equals the maximum to 1e-12 relative',
    check: (backend, options) =>
      overFormulas(options, (formula, _, call) => {
        const at = (reduce: Reducer): Reduction => ({ outputs: [{ name: 'out', expression: formula, reduce }] });
        const indices = reduced(backend, at('argmax'), call);
        const expected = reduced(referenceBackend(), at('max'), call);
        const sizes = sizesOfTerms(formula, 'max', call);
        const inputs = inputsOf(call);
        const wrong = Array.from(indices.keys()).find((i) => {
          const j = indices[i];
          if (!(Number.isInteger(j) && j >= 0 && j < call.columns)) return true;
          const term = evaluateOn(referenceBackend(), at('max'), pairOf(inputs, i, j), { rows: 1, columns: 1 })[0];
          return !(Math.abs(term - expected[i]) <= rounding * (1 + sizes[i]));
        });
        return wrong === undefined ? null : `row ${wrong}: index ${indices[wrong]}, the maximum is ${expected[wrong]}`;
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
    title: 'the matrix product agrees with the definition to 1e-12 relative, transposed or not',
    check: (backend, options) =>
      overCases(options, 'matrix-product', (random) => {
        const [n, k, m] = [1 + random.integer(40), 1 + random.integer(40), 1 + random.integer(40)];
        const [transposeA, transposeB] = [random.integer(2) === 1, random.integer(2) === 1];
        const a = Float64Array.from({ length: n * k }, () => random.normal());
        const b = Float64Array.from({ length: k * m }, () => random.normal());
        const out = new Float64Array(n * m);
        backend.matmulInto(out, a, b, { n, k, m, transposeA, transposeB });
        let error = 0;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < m; j++) {
            let entry = 0;
            let size = 1;
            for (let l = 0; l < k; l++) {
              const term = a[transposeA ? l * n + i : i * k + l] * b[transposeB ? j * k + l : l * m + j];
              entry += term;
              size += Math.abs(term);
            }
            error = Math.max(error, Math.abs(entry - out[i * m + j]) / size);
          }
        }
        const detail = `${n} x ${k} times ${k} x ${m}${transposeA ? ', a transposed' : ''}${transposeB ? ', b transposed' : ''}`;
        return { error, tolerance: rounding, detail };
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

type Inputs = Readonly<Record<'x' | 'a' | 'y' | 'b' | 'c', Float64Array>>;

function inputsOf({ rows, columns, seed }: Call): Inputs {
  const fill = (name: string, length: number): Float64Array => {
    const values = new Float64Array(length);
    // One key per variable: the first rows are the same whatever the number of rows.
    fillNormal(values, randomKey(`${seed} ${name}`));
    return values;
  };
  return {
    x: fill('x', 2 * rows),
    a: fill('a', rows),
    y: fill('y', 2 * columns),
    b: fill('b', columns),
    c: fill('c', 1),
  };
}

/** The inputs of row i and column j alone. */
function pairOf({ x, a, y, b, c }: Inputs, i: number, j: number): Inputs {
  return {
    x: x.slice(2 * i, 2 * i + 2),
    a: a.slice(i, i + 1),
    y: y.slice(2 * j, 2 * j + 2),
    b: b.slice(j, j + 1),
    c,
  };
}

function reduced(backend: Backend, reduction: Reduction, call: Call): Float64Array {
  return evaluateOn(backend, reduction, inputsOf(call), call);
}

function evaluateOn(
  backend: Backend,
  reduction: Reduction,
  inputs: Inputs,
  { rows, columns }: Pick<Call, 'rows' | 'columns'>,
): Float64Array {
  const out = new Float64Array(rows);
  backend.compile(reduction).run({ rows, columns, inputs, out: { out } });
  return out;
}

/** For every row, the sum of the absolute terms of a sum, or the largest absolute term. */
function sizesOfTerms(expression: Expression, reduce: Reducer, call: Call): Float64Array {
  const outputs = [{ name: 'out', expression: abs(expression), reduce: reduce === 'sum' ? reduce : 'max' }] as const;
  return reduced(referenceBackend(), { outputs }, call);
}

function closeness(found: Float64Array, expected: Float64Array, tolerance: Float64Array): string | null {
  const wrong = found.findIndex(
    (value, i) => !(Object.is(value, expected[i]) || Math.abs(value - expected[i]) <= tolerance[i]),
  );
  return wrong < 0 ? null : `row ${wrong}: ${found[wrong]}, the reference says ${expected[wrong]}`;
}
