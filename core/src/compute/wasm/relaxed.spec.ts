import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseFormula } from '../../formula/parse.js';
import { fillNormal, randomKey } from '../../math/random.js';
import { hasRelaxedSimd, wasmBackend } from './wasmBackend.js';

const index = fileURLToPath(new URL('../../../dist/index.js', import.meta.url));

/** Sums with long inner products, exponentials and tanh on both backends; prints the largest relative difference. */
const program = `
  const { parseFormula, referenceBackend, wasmBackend } = await import(${JSON.stringify(`file://${index}`)});
  const notices = [];
  const relaxed = wasmBackend({ relaxed: true, notice: (text) => notices.push(text) });
  const single = wasmBackend({ relaxed: true, precision: 'float32' });
  const variables = { x: { role: 'row', size: 37 }, y: { role: 'column', size: 37 } };
  const numbers = (n, s) => Float64Array.from({ length: n }, (_, i) => Math.sin(i * 12.9 + s));
  const inputs = { x: numbers(37 * 50, 1), y: numbers(37 * 70, 2) };
  let worst = 0;
  let worstSingle = 0;
  let same = true;
  for (const text of ['tanh(dot(x, y))', 'exp(-norm2(x - y)/30)', 'sigmoid(dot(x, y))*erf(x[0])', 'log(1 + dot(x, y)^2)']) {
    const outputs = [{ name: 'f', expression: parseFormula(text, { variables }), reduce: 'sum' }];
    const [a, b, c] = [referenceBackend(), relaxed, single].map((backend) => {
      const f = new Float64Array(50);
      backend.compile({ outputs }).run({ rows: 50, columns: 70, inputs, out: { f } });
      return f;
    });
    const scale = Math.max(...a.map(Math.abs));
    a.forEach((value, i) => { worstSingle = Math.max(worstSingle, Math.abs(value - c[i]) / scale); });
    a.forEach((value, i) => { worst = Math.max(worst, Math.abs(value - b[i]) / scale); same &&= value === b[i]; });
  }
  const shape = { n: 50, k: 37, m: 35 };
  const [a, b] = [referenceBackend(), relaxed].map((backend) => {
    const out = new Float64Array(50 * 35);
    backend.matmulInto(out, inputs.x, inputs.y, shape);
    return out;
  });
  const product = { worst: Math.max(...a.map((value, i) => Math.abs(value - b[i]))), same: a.every((value, i) => value === b[i]) };
  console.log(JSON.stringify({ product, name: relaxed.name, worst, same, notices, single: [single.name, worstSingle] }));
`;

test('relaxed kernels agree with the reference to 1e-12 where the host has them', () => {
  // Node before 22 has the instructions behind a flag, which later versions do not know.
  const flags = hasRelaxedSimd() ? [] : ['--experimental-wasm-relaxed-simd'];
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { product, name, worst, same, notices, single } = JSON.parse(stdout) as {
    product: { worst: number; same: boolean };
    name: string;
    worst: number;
    same: boolean;
    notices: string[];
    single: [string, number];
  };
  expect(name).toBe('wasm, relaxed');
  expect(notices).toEqual([]);
  expect(worst).toBeLessThan(1e-12);
  expect(same).toBe(false);
  // Entries sum 37 products of numbers up to 1.
  expect(product.worst).toBeLessThan(37e-12);
  expect(product.same).toBe(false);
  expect(single[0]).toBe('wasm, float32, relaxed');
  expect(single[1]).toBeLessThan(1e-5);
});

test('where the host has none the portable kernels run, with the bits of always, told once', () => {
  if (hasRelaxedSimd()) return expect(wasmBackend({ relaxed: true }).name).toBe('wasm, relaxed');
  const notices: string[] = [];
  const backend = wasmBackend({ relaxed: true, notice: (text) => notices.push(text) });
  expect(notices).toEqual(['this host has no relaxed vector instructions: the portable ones are used']);
  expect(backend.name).toBe('wasm');
  const variables = { x: { role: 'row', size: 9 }, y: { role: 'column', size: 9 } } as const;
  const outputs = [{ name: 'f', expression: parseFormula('exp(dot(x, y))', { variables }), reduce: 'sum' as const }];
  const x = new Float64Array(90);
  fillNormal(x, randomKey('relaxed'));
  const [a, b] = [backend, wasmBackend()].map((one) => {
    const f = new Float64Array(10);
    one.compile({ outputs }).run({ rows: 10, columns: 10, inputs: { x, y: x }, out: { f } });
    return f;
  });
  expect(a).toEqual(b);
});
