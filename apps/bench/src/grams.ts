import type { Backend } from '@muflow/core';
import { arcCosineKernel, errorFunctionKernel, type FeatureKernel, radialBasisKernel } from '@muflow/supervised';
import { numbers } from './data.js';
import { checksum, type Prepared } from './serve.js';
import type { Params, Workload } from './workload.js';

const kernels: Readonly<Record<string, (d: number, backend: Backend) => FeatureKernel>> = {
  arc: (d, backend) => arcCosineKernel(d, { order: 1, backend }),
  erf: (d, backend) => errorFunctionKernel(d, { backend }),
  radial: (d, backend) => radialBasisKernel(d, { length: Math.sqrt(d), backend }),
};

/** The whole matrix of a kernel among the same rows. */
export function gramOf({ by, d, rows }: Params, backend: Backend): Prepared {
  const [dim, count] = [Number(d), Number(rows)];
  const inputs = numbers(count * dim, 60);
  const { gramInto } = kernels[by](dim, backend);
  const out = new Float64Array(count * count);
  return { run: () => gramInto(out, inputs, count, inputs, count), check: () => checksum(out) };
}

const titles: Readonly<Record<string, string>> = { arc: 'arc-cosine 1', erf: 'erf', radial: 'radial basis' };

export function gramRow(by: 'arc' | 'erf' | 'radial', d: number): Workload {
  return {
    name: `kernel matrix, ${titles[by]}, d ${d}, L 2000`,
    kind: 'gram',
    params: { by, d, rows: 2000 },
    tolerance: 1e-9,
    work: 2000 * 2000 * (d + 20),
  };
}
