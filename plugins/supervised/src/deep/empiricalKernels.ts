import { allocatePass, backward, type DeepNetwork, type DeepPass, fail, forward, show } from '@muflow/core';

/** Rows of inputs at which kernels are wanted; `others` default to the inputs themselves. */
export interface KernelRowsOptions {
  readonly parameters: Float64Array;
  /** rows*n_0. */
  readonly inputs: Float64Array;
  /** otherRows*n_0. */
  readonly others?: Float64Array;
  /** Rows and columns of a block, default 256: memory is a few `block * width` and `block^2` numbers. */
  readonly block?: number;
}

/**
 * The tangent kernel of a network of finite width at given parameters,
 *
 *     T(x, x')_{ab} = <df_a(x)/dtheta, df_b(x')/dtheta>
 *                   = sum_l c_l^a(x).c_l^b(x') (s_l^2 a_{l-1}(x).a_{l-1}(x') + r_l^2),
 *
 * `c_l^a` being the cotangents of z_l for output a: products of Gram matrices layer by layer, so that neither the
 * Jacobian nor the full tensor is ever there. Returns (rows*outputs)*(otherRows*outputs) numbers, outputs running fastest.
 * Cost O(rows otherRows sum_l n_l) with n_outputs^2 for the cotangents, and passes over blocks.
 *
 * Source: [JacotGabrielHongler2018], section 4, for the definition.
 *
 * @throws `shape-mismatch` for inputs that are no whole rows; `invalid-argument` for another block.
 * @example
 * const network = deepNetwork({ inputs: 1, widths: [], activation: 'relu' });
 * empiricalNtk(network, { parameters: Float64Array.of(3), inputs: Float64Array.of(2) }); // [4], of f(x) = w x
 */
export function empiricalNtk(network: DeepNetwork, options: KernelRowsOptions): Float64Array {
  const { outputs: c } = network;
  return overBlocks(network, { ...options, perRow: c }, (block, left, right) => {
    const size = left.rows * right.rows;
    const [values, features] = [new Float64Array(size * c * c), new Float64Array(size)];
    const products = new Float64Array(size);
    network.layers.forEach((layer, l) => {
      gramInto(network, features, [left.activations[l], right.activations[l]], [left.rows, layer.inputs, right.rows]);
      const [weight, bias] = [layer.weightScale ** 2, layer.biases < 0 ? 0 : layer.biasScale ** 2];
      for (let i = 0; i < size; i++) features[i] = weight * features[i] + bias;
      for (let a = 0; a < c; a++) {
        for (let b = 0; b < c; b++) {
          const pair = [left.cotangents[a][l], right.cotangents[b][l]] as const;
          gramInto(network, products, pair, [left.rows, layer.outputs, right.rows]);
          for (let i = 0; i < left.rows; i++) {
            for (let j = 0; j < right.rows; j++) {
              const at = i * right.rows + j;
              values[(i * c + a) * right.rows * c + j * c + b] += features[at] * products[at];
            }
          }
        }
      }
    });
    block(values);
  });
}

/**
 * The covariance of an output of the network over the weights and biases of its last layer alone, the others held:
 * `tau_w^2 a_L(x).a_L(x')/n_L + tau_b^2` (rows*otherRows). Its mean over draws of the others approaches the NNGP as widths
 * grow. Cost O(rows otherRows n_L) and forward passes.
 *
 * @throws as {@link empiricalNtk}.
 */
export function empiricalNngp(network: DeepNetwork, options: KernelRowsOptions): Float64Array {
  const last = network.layers.length - 1;
  const layer = network.layers[last];
  const weight = (layer.weightScale * layer.weightDeviation) ** 2;
  const bias = layer.biases < 0 ? 0 : (layer.biasScale * layer.biasDeviation) ** 2;
  return overBlocks(network, { ...options, perRow: 1, forwardOnly: true }, (block, left, right) => {
    const values = new Float64Array(left.rows * right.rows);
    const pair = [left.activations[last], right.activations[last]] as const;
    gramInto(network, values, pair, [left.rows, layer.inputs, right.rows]);
    for (let i = 0; i < values.length; i++) values[i] = weight * values[i] + bias;
    block(values);
  });
}

/** What passes over some rows leave: activations, and the cotangents of every layer for every output. */
interface BlockPass {
  readonly rows: number;
  readonly activations: readonly Float64Array[];
  readonly cotangents: readonly (readonly Float64Array[])[];
}

interface BlocksOptions extends KernelRowsOptions {
  /** Rows and columns of the kernel for each row of inputs. */
  readonly perRow: number;
  readonly forwardOnly?: boolean;
}

/** Fills a kernel block by block; where inputs and others are the same array, the lower half, which is then mirrored. */
function overBlocks(
  network: DeepNetwork,
  { parameters, inputs, others = inputs, block: most = 256, perRow, forwardOnly = false }: BlocksOptions,
  fill: (write: (values: Float64Array) => void, left: BlockPass, right: BlockPass) => void,
): Float64Array {
  const { inputs: d } = network;
  const [rows, columns] = [inputs.length / d, others.length / d];
  checkRows(d, rows, columns, most);
  const isSymmetric = inputs === others;
  const width = columns * perRow;
  const out = new Float64Array(rows * perRow * width);
  const pass = (from: Float64Array, start: number, count: number): BlockPass =>
    passOver(network, parameters, from.subarray(start * d, (start + count) * d), forwardOnly);
  for (let i = 0; i < rows; i += most) {
    const left = pass(inputs, i, Math.min(most, rows - i));
    for (let j = 0; j < (isSymmetric ? i + 1 : columns); j += most) {
      const right = isSymmetric && j === i ? left : pass(others, j, Math.min(most, columns - j));
      const size = right.rows * perRow;
      const write = (values: Float64Array): void => {
        for (let r = 0; r < left.rows * perRow; r++) {
          out.set(values.subarray(r * size, (r + 1) * size), (i * perRow + r) * width + j * perRow);
        }
      };
      fill(write, left, right);
    }
  }
  if (isSymmetric) for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) out[j * width + i] = out[i * width + j];
  return out;
}

function passOver(
  network: DeepNetwork,
  parameters: Float64Array,
  inputs: Float64Array,
  forwardOnly: boolean,
): BlockPass {
  const rows = inputs.length / network.inputs;
  const pass = allocatePass(network, rows);
  forward(network, pass, parameters, inputs);
  const outputs = Array.from({ length: forwardOnly ? 0 : network.outputs }, (_, a) => a);
  const cotangents = outputs.map((a) => cotangentsOf(network, pass, parameters, a));
  return { rows, activations: pass.activations, cotangents };
}

/** Those of output a, at every layer; copied where the pass will be used again. */
function cotangentsOf(network: DeepNetwork, pass: DeepPass, parameters: Float64Array, a: number): Float64Array[] {
  const cotangent = new Float64Array(pass.rows * network.outputs);
  for (let r = 0; r < pass.rows; r++) cotangent[r * network.outputs + a] = 1;
  backward(network, pass, parameters, cotangent);
  return pass.cotangents.map((values) => (network.outputs > 1 ? values.slice() : values));
}

/** `out = a b^T` for a (n*k) and b (m*k). */
function gramInto(
  network: DeepNetwork,
  out: Float64Array,
  [a, b]: readonly [Float64Array, Float64Array],
  [n, k, m]: readonly [number, number, number],
): void {
  network.backend.matmulInto(out, a, b, { n, k, m, transposeB: true });
}

function checkRows(d: number, rows: number, columns: number, block: number): void {
  const whole = Number.isInteger(rows) && Number.isInteger(columns) && rows >= 1 && columns >= 1;
  if (whole && Number.isInteger(block) && block >= 1) return;
  fail({
    code: whole ? 'invalid-argument' : 'shape-mismatch',
    where: 'empiricalKernel',
    problem: whole ? 'the size of a block is not usable' : 'the inputs are no whole rows',
    got: whole ? show(block) : `${rows * d} and ${columns * d} numbers`,
    expected: whole ? 'a whole number from 1' : `rows of ${d}, at least one`,
    fix: whole ? 'leave block out for 256' : 'pass inputs of the network',
  });
}
