import { euclidean, interactionEnergy, measure, nodesOf, parseFormula, wasmBackend } from '@muflow/core';
import { numbers } from '../data.js';

/** Prints the milliseconds of compiling a formula of 30 nodes, and of coming to a first result with its gradient. */
const text =
  'exp(-norm2(x - y))*(1 + 0.5*cos(3*(x[0] - y[0])))/(1 + (x[1] - y[1])^2) + tanh(x[0]*y[1]) + log(2 + x[1])';
const variables = { x: { role: 'row', size: 2 }, y: { role: 'column', size: 2 } } as const;
const backend = wasmBackend();

const start = performance.now();
const expression = parseFormula(text, { variables });
const f = new Float64Array(1);
const kernel = backend.compile({ outputs: [{ name: 'f', expression, reduce: 'sum' }] });
const compiled = performance.now() - start;
const count = nodesOf(expression).length;
if (count !== 30) throw new Error(`the formula has ${count} nodes`);
kernel.run({ rows: 1, columns: 1, inputs: { x: numbers(2, 1), y: numbers(2, 2) }, out: { f } });

const second = performance.now();
const mu = measure({ space: euclidean(2), positions: numbers(200, 1) });
const energy = interactionEnergy({ kernel: text, dim: 2, backend: wasmBackend() });
energy.firstVariationInto({ potential: new Float64Array(100), gradient: new Float64Array(200) }, mu);
process.stdout.write(JSON.stringify([compiled, performance.now() - second]));
