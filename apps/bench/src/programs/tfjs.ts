import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { numbers } from '../data.js';
import { checksum, type Prepared, serve } from '../serve.js';
import type { Params } from '../workload.js';

/** TensorFlow.js on WebAssembly: float32 only, and in Node one thread only, whatever is asked. */
await tf.setBackend('wasm');

const tensor = (count: number, seed: number, shape: number[]): tf.Tensor =>
  tf.tensor(Float32Array.from(numbers(count, seed)), shape);

/** Runs a step whose tensors are freed, and keeps the numbers of its results. */
function prepared(step: () => readonly tf.Tensor[], inputs: readonly tf.Tensor[]): Prepared {
  let last: ArrayLike<number>[] = [];
  return {
    run() {
      tf.engine().startScope();
      last = step().map((part) => part.dataSync());
      tf.engine().endScope();
    },
    check: () => last.flatMap(checksum),
    dispose: () => tf.dispose([...inputs]),
  };
}

function network({ activation, d, n, rows }: Params): Prepared {
  const [inputs, count, lines] = [Number(d), Number(n), Number(rows)];
  const x = tensor(lines * inputs, 1, [lines, inputs]) as tf.Tensor2D;
  const y = tensor(lines, 2, [lines, 1]);
  const u = tensor(count * (inputs + 2), 3, [count, inputs + 2]) as tf.Tensor2D;
  const step = (): readonly tf.Tensor[] => {
    const [a, w, b] = tf.split(u, [1, inputs, 1], 1);
    const z = tf.add(tf.matMul(x, tf.transpose(w)), tf.reshape(b, [1, count]));
    const s = activation === 'relu' ? tf.relu(z) : tf.tanh(z);
    const slope = activation === 'relu' ? tf.step(z) : tf.sub(1, tf.square(s));
    const r = tf.div(tf.sub(tf.matMul(s, tf.div(a, count) as tf.Tensor2D), y), lines);
    const sr = tf.reshape(tf.matMul(tf.transpose(r) as tf.Tensor2D, s), [count, 1]);
    const g = tf.mul(slope, r);
    const weights = tf.mul(tf.matMul(tf.transpose(g) as tf.Tensor2D, x), a);
    const bias = tf.mul(tf.reshape(tf.sum(g, 0), [count, 1]), a);
    return [tf.mul(a, sr), tf.concat([sr, weights, bias], 1)];
  };
  return prepared(step, [x, y, u]);
}

/** Blocks of rows, since all pairs of the larger workloads do not fit into 2 GB. */
function gaussian(params: Params): Prepared {
  const [d, n] = [Number(params.d), Number(params.n)];
  const size = Math.max(1, Math.floor(2_000_000 / n));
  const x = tensor(n * d, 4, [n, d]) as tf.Tensor2D;
  const norms = tf.reshape(tf.sum(tf.square(x), 1), [1, n]);
  const turned = tf.transpose(x) as tf.Tensor2D;
  const block = (from: number): tf.Tensor[] => {
    const xi = tf.slice(x, [from, 0], [Math.min(size, n - from), d]);
    const square = tf.add(tf.sub(norms, tf.mul(2, tf.matMul(xi, turned))), tf.sum(tf.square(xi), 1, true));
    const k = tf.exp(tf.neg(square)) as tf.Tensor2D;
    const mean = tf.mean(k, 1, true);
    return [mean, tf.mul(-2, tf.sub(tf.mul(xi, mean), tf.div(tf.matMul(k, x), n)))];
  };
  const step = (): readonly tf.Tensor[] => {
    const parts: tf.Tensor[][] = [];
    for (let from = 0; from < n; from += size) parts.push(tf.tidy(() => block(from)));
    return [tf.concat(parts.map(([mean]) => mean)), tf.concat(parts.map(([, gradient]) => gradient))];
  };
  return prepared(step, [x, norms, turned]);
}

function sinkhorn(params: Params): Prepared {
  const [n, inverse] = [Number(params.n), Number(params.inverse)];
  const [x, y, g] = [numbers(2 * n, 5), numbers(2 * n, 6), numbers(n, 7)];
  const cost = Float32Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return inverse * ((x[2 * i] - y[2 * j]) ** 2 + (x[2 * i + 1] - y[2 * j + 1]) ** 2);
  });
  const c = tf.tensor(cost, [n, n]);
  const scaled = tf.tensor(Float32Array.from(g, (value) => value * inverse));
  const step = (): readonly tf.Tensor[] => [tf.div(tf.sub(tf.logSumExp(tf.sub(scaled, c), 1), Math.log(n)), -inverse)];
  return prepared(step, [c, scaled]);
}

const kinds: Readonly<Record<string, (params: Params) => Prepared>> = { network, gaussian, sinkhorn };

await serve(
  { library: 'TensorFlow.js', version: tf.version_core },
  (kind, params) => kinds[kind]?.(params) ?? 'is asked for networks, Gaussian kernels and Sinkhorn only',
);
