import { fail, show } from '@muflow/core';
import type { PenaltyRule } from './penaltyFit.js';

interface Given {
  readonly rows: number;
  readonly inputs: Float64Array;
  readonly lambdas: readonly number[];
  readonly select: PenaltyRule | null;
  readonly solver: 'cholesky' | 'conjugate-gradients';
  readonly validation: { readonly inputs: Float64Array; readonly targets: Float64Array } | undefined;
}

/** Refuses what kernel ridge regression cannot be done with. */
export function checkKernelRidge({ rows, inputs, lambdas, select, solver, validation }: Given): void {
  const where = 'kernelRidge';
  const d = inputs.length / rows;
  const ofValidation = validation === undefined ? d : validation.inputs.length / validation.targets.length;
  const aside = validation && `, ${validation.inputs.length} for ${validation.targets.length} of the validation`;
  if (!(rows >= 1 && Number.isInteger(d) && d >= 1 && ofValidation === d)) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'the inputs are no rows of the targets',
      got: `${inputs.length} inputs for ${rows} targets${aside ?? ''}`,
      expected: 'd numbers for each target, d the same everywhere',
      fix: 'pass rows*d inputs, row by row, and as many targets as rows',
    });
  }
  if (lambdas.length === 0 || !lambdas.every((lambda) => lambda > 0 && lambda < Infinity)) {
    fail({
      code: 'invalid-argument',
      where,
      problem: 'a penalty is not positive',
      got: show(lambdas),
      expected: 'positive numbers',
      fix: 'pass one penalty or several; 1e-12 times the mean of k(x, x) is as good as none',
    });
  }
  if (solver === 'conjugate-gradients' && (select === 'loo' || select === 'gcv')) {
    fail({
      code: 'unsupported',
      where,
      problem: 'conjugate gradients do not give the diagonal of an inverse',
      got: `select ${show(select)} for ${rows} rows`,
      expected: "'validation', or the solver 'cholesky'",
      fix: 'pass validation rows, or solver: "cholesky" where L*L numbers fit the memory',
    });
  }
  if (select === 'validation' && (validation === undefined || validation.targets.length === 0)) {
    fail({
      code: 'invalid-argument',
      where,
      problem: 'nothing chooses the penalty',
      got: `${lambdas.length} penalties and no validation rows`,
      expected: 'validation rows, one penalty, or the rule loo or gcv',
      fix: 'pass validation: { inputs, targets }',
    });
  }
}
