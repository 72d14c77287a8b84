import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { row } from '../../formula/build.js';
import { gradient } from '../../formula/differentiate.js';
import { parseFormula } from '../../formula/parse.js';
import { fillNormal, randomKey } from '../../math/random.js';
import type { Backend, SegmentCall, SegmentMode, SegmentOutput } from '../backend.js';
import { referenceBackend } from '../reference.js';
import { segmentBySegment, segmentKernel } from '../segments.js';
import { wasmBackend } from './wasmBackend.js';

const one = wasmBackend();
const two = wasmBackend({ threads: 2 });
afterAll(() => two.dispose?.());
afterEach(() => {
  vi.restoreAllMocks();
});

const normal = (name: string, length: number): Float64Array => {
  const values = new Float64Array(length);
  fillNormal(values, randomKey(name));
  return values;
};

/** A value and its gradient in the row, d coordinates each. */
function outputsOf(text: string, d: number): readonly SegmentOutput[] {
  const variables = { x: { role: 'row', size: d }, y: { role: 'column', size: d }, m: { role: 'column' } } as const;
  const expression = parseFormula(text, { variables });
  return [
    { name: 'f', expression },
    { name: 'df', expression: gradient(expression, row('x', d)) },
  ];
}

/** Inputs of a call; the same segments have the same columns whatever the others. */
function callOf(mode: SegmentMode, rows: number, sizes: readonly number[], d: number): SegmentCall {
  const offsets = new Int32Array(sizes.length + 1);
  sizes.forEach((size, s) => {
    offsets[s + 1] = offsets[s] + size;
  });
  const columns = offsets[sizes.length];
  const sums = mode === 'each' ? sizes.length * rows : rows;
  return {
    rows,
    columns,
    offsets,
    inputs: { x: normal('x', rows * d), y: normal('y', columns * d), m: normal('m', columns) },
    weights: normal('g', sizes.length * rows),
    out: { f: new Float64Array(sums).fill(7), df: new Float64Array(sums * d).fill(7) },
  };
}

const formulas = ['m * relu(dot(x, y))', 'm * relu(dot(x, y))^2', 'm * tanh(dot(x, y) + 1)', 'exp(-norm2(x - y))'];
const sizesOfSegments = [3, 0, 8, 1, 65, 2];

function runOf(outputs: readonly SegmentOutput[], mode: SegmentMode, backend: Backend, call: SegmentCall) {
  segmentKernel(outputs, mode, backend).run(call);
  return call.out;
}

describe.each(['each', 'weighted'] as const)('sums over segments, %s', (mode) => {
  test.each(formulas.flatMap((text) => [1, 3, 11].map((d) => [text, d] as const)))(
    '%s in dimension %d are those of the reference, segment by segment',
    (text, d) => {
      const outputs = outputsOf(text, d);
      for (const rows of [1, 6, 33]) {
        const wanted = callOf(mode, rows, sizesOfSegments, d);
        segmentBySegment(outputs, mode, referenceBackend()).run(wanted);
        const found = runOf(outputs, mode, one, callOf(mode, rows, sizesOfSegments, d));
        for (const { name } of outputs) {
          wanted.out[name].forEach((value, i) => {
            expect(Math.abs(found[name][i] - value)).toBeLessThan(1e-11 * (1 + Math.abs(value)));
          });
        }
      }
    },
  );

  test('neither threads nor blocks change a bit', () => {
    const outputs = outputsOf('m * relu(dot(x, y))', 5);
    // 7000 columns of 6 numbers: two blocks, the second beginning with a segment that fills more than one.
    const sizes = [40, 1000, 30, 5900, 30];
    const alone = runOf(outputs, mode, one, callOf(mode, 301, sizes, 5));
    const shared = runOf(outputs, mode, two, callOf(mode, 301, sizes, 5));
    expect(shared).toEqual(alone);
    const rows = callOf(mode, 8200, [3, 2], 5);
    const many = runOf(outputs, mode, one, rows);
    const few = callOf(mode, 6, [3, 2], 5);
    // The last six rows alone, with their weights.
    const last = {
      ...few,
      inputs: { ...few.inputs, x: rows.inputs.x.subarray(8194 * 5) },
      weights: [0, 1].reduce((all, s) => {
        all.set((rows.weights as Float64Array).subarray(s * 8200 + 8194, s * 8200 + 8200), 6 * s);
        return all;
      }, new Float64Array(12)),
    };
    runOf(outputs, mode, one, last);
    const end = mode === 'each' ? many.f.length : 8200;
    expect(last.out.f.slice(-6)).toEqual(many.f.slice(end - 6, end));
  });

  test('where the host refuses memory the plain kernels do it', () => {
    const outputs = outputsOf('m * relu(dot(x, y))', 2);
    const backend = wasmBackend();
    const kernel = segmentKernel(outputs, mode, backend);
    const large = callOf(mode, 2, [300_000], 2);
    vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('no more');
    });
    kernel.run(large);
    const wanted = callOf(mode, 2, [300_000], 2);
    segmentBySegment(outputs, mode, referenceBackend()).run(wanted);
    wanted.out.f.forEach((value, i) => {
      expect(Math.abs(large.out.f[i] - value)).toBeLessThan(1e-9);
    });
  });
});

test('a segment has the same bits whatever the others', () => {
  const outputs = outputsOf('m * tanh(dot(x, y))', 4);
  const whole = callOf('each', 7, [9, 4, 5], 4);
  runOf(outputs, 'each', one, whole);
  const part = callOf('each', 7, [9, 4], 4);
  runOf(outputs, 'each', one, part);
  expect(part.out.df).toEqual(whole.out.df.slice(0, part.out.df.length));
});

test('calls that do not fit are refused before anything is written', () => {
  const outputs = outputsOf('m * relu(dot(x, y))', 2);
  for (const backend of [one, referenceBackend()]) {
    const weighted = segmentKernel(outputs, 'weighted', backend);
    const call = callOf('weighted', 3, [2, 2], 2);
    expect(() => weighted.run({ ...call, offsets: Int32Array.of(0, 3) })).toThrow(/offsets from 0 to 3, expected/);
    expect(() => weighted.run({ ...call, offsets: Int32Array.of(0, 3, 2, 4) })).toThrow(/do not decrease/);
    expect(() => weighted.run({ ...call, offsets: Int32Array.of() })).toThrow(/the segments do not fit/);
    expect(() => weighted.run({ ...call, weights: new Float64Array(5) })).toThrow(/weights of length 5, expected 6/);
    const { weights: _, ...without } = call;
    expect(() => weighted.run(without)).toThrow(/got weights undefined/);
    expect(() => weighted.run({ ...call, out: { f: call.out.f } })).toThrow(/output "df" is missing/);
    const each = segmentKernel(outputs, 'each', backend);
    expect(() => each.run(call)).toThrow(/output "f" is too short, got length 3, expected .* 6/);
    expect(call.out.f[0]).toBe(7);
  }
});
