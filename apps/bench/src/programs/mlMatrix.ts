import { Matrix } from 'ml-matrix';
import { numbers } from '../data.js';
import { checksum, type Prepared, serve } from '../serve.js';
import type { Params } from '../workload.js';

/** ml-matrix, float64 in plain JavaScript on one thread: products by its `mmul`, elementwise work in place. */
function network({ activation, d, n, rows }: Params): Prepared {
  const [inputs, count, lines] = [Number(d), Number(n), Number(rows)];
  const x = Matrix.from1DArray(lines, inputs, [...numbers(lines * inputs, 1)]);
  const y = Matrix.columnVector([...numbers(lines, 2)]);
  const u = Matrix.from1DArray(count, inputs + 2, [...numbers(count * (inputs + 2), 3)]);
  const a = u.getColumnVector(0);
  const b = u.getColumn(inputs + 1);
  const transposed = u.subMatrixColumn(Array.from({ length: inputs }, (_, k) => k + 1)).transpose();
  let potential: number[] = [];
  let gradient = new Matrix(0, 0);
  return {
    run() {
      const s = x.mmul(transposed).addRowVector(b);
      const g = s.clone();
      for (let l = 0; l < lines; l++) {
        for (let i = 0; i < count; i++) {
          const z = s.get(l, i);
          s.set(l, i, activation === 'relu' ? Math.max(z, 0) : Math.tanh(z));
          g.set(l, i, activation === 'relu' ? Number(z > 0) : 1 - Math.tanh(z) ** 2);
        }
      }
      const r = s.mmul(Matrix.div(a, count)).sub(y).div(lines);
      const sr = r.transpose().mmul(s).getRow(0);
      g.mulColumnVector(r);
      const weights = g.transpose().mmul(x).mulColumnVector(a);
      const bias = Matrix.columnVector(g.sum('column')).mul(a).getColumn(0);
      gradient = weights.addColumn(0, sr).addColumn(inputs + 1, bias);
      potential = sr.map((value, i) => a.get(i, 0) * value);
    },
    check: () => [...checksum(potential), ...checksum(gradient.to1DArray())],
  };
}

/** `f` as in the workload: the cost is made once, a step takes exponentials of rows. */
function sinkhorn(params: Params): Prepared {
  const [n, inverse] = [Number(params.n), Number(params.inverse)];
  const [x, y, g] = [numbers(2 * n, 5), numbers(2 * n, 6), numbers(n, 7)];
  const cost = new Matrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) cost.set(i, j, (x[2 * i] - y[2 * j]) ** 2 + (x[2 * i + 1] - y[2 * j + 1]) ** 2);
  }
  let f: number[] = [];
  return {
    run() {
      const z = Matrix.mul(cost, -1)
        .addRowVector([...g])
        .mul(inverse);
      const top = Array.from({ length: n }, (_, i) => z.maxRow(i));
      const sums = z.subColumnVector(top).exp().sum('row');
      f = sums.map((sum, i) => -(top[i] + Math.log(sum) - Math.log(n)) / inverse);
    },
    check: () => checksum(f),
  };
}

await serve({ library: 'ml-matrix', version: '6.15.1' }, (kind, params) => {
  if (kind === 'network') return network(params);
  return kind === 'sinkhorn' ? sinkhorn(params) : 'has no elementwise work on pairs besides its own loops';
});
