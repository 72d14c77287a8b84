import { type FormulaUnit, fail, show } from '@muflow/core';
import { dirichletKernel, kernelFormula } from '../sparse/waveKernel.js';

/**
 * A Gaussian bump with a weight: atoms `(a, c)` with `Phi = a exp(-|x - c|^2 / (2 s^2))`.
 *
 * @param options - `inputs` d, `outputs` (default 1) and the width s > 0 (default 1).
 * @example
 * gaussianUnit({ inputs: 2, width: 0.5 }).formula; // "a * exp(-norm2(x - c) / 0.5)"
 */
export function gaussianUnit(options: {
  readonly inputs: number;
  readonly width?: number;
  readonly outputs?: number;
}): FormulaUnit {
  const { inputs, width = 1, outputs = 1 } = options;
  checkWhole('gaussianUnit', { inputs, outputs });
  if (!(width > 0 && Number.isFinite(width))) refuse('gaussianUnit', `width ${show(width)}`, 'a finite width > 0');
  return {
    formula: `a * exp(-norm2(x - c) / ${2 * width * width})`,
    atom: { a: outputs, c: inputs },
    ...(outputs > 1 && { outputs }),
  };
}

/**
 * A Dirichlet kernel with a weight: atoms `(a, c)` with `Phi = a prod_j D(x_j - c_j)`, `D(t) = 1 + 2 sum_{k <= p} cos(k t)`,
 * for inputs that are angles.
 *
 * @param options - `inputs` d, `outputs` (default 1) and the order p >= 0.
 */
export function dirichletUnit(options: {
  readonly inputs: number;
  readonly order: number;
  readonly outputs?: number;
}): FormulaUnit {
  const { inputs, order, outputs = 1 } = options;
  checkWhole('dirichletUnit', { inputs, outputs });
  const kernel = kernelFormula(dirichletKernel(order), inputs).replace(/\by\b/g, 'c');
  return { formula: `a * ${kernel}`, atom: { a: outputs, c: inputs }, ...(outputs > 1 && { outputs }) };
}

function checkWhole(where: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!(Number.isInteger(size) && size >= 1)) refuse(where, `${name} ${show(size)}`, 'whole numbers from 1');
  }
}

function refuse(where: string, got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where,
    problem: 'the unit is not usable',
    got,
    expected,
    fix: `pass ${expected}`,
  });
}
