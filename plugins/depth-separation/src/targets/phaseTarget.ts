import { fail, parseFormula, pointFunction, show } from '@muflow/core';
import { checkDimension } from '../laws/checks.js';
import type { Part } from './oscillatory.js';
import type { Target } from './target.js';

/**
 * A piecewise-oscillatory target of the user's own: `exp(i s(x))`, or `cos s(x)`, with the phase s a formula.
 *
 * No floor is known for it; fits and constructions measure it. The phase is evaluated by the compiled formula, about
 * ten nanoseconds an operation.
 *
 * @param options.phase a scalar formula in `x` (a vector for dim > 1, with `x[0]`, `dot`, `norm`, `relu`, ...).
 * @throws `invalid-argument` for d < 1 or a formula that is no scalar; `parse` for a text that is no formula;
 * `not-finite` on evaluation where the phase is not a finite number.
 *
 * @example
 * const target = phaseTarget({ dim: 2, phase: '6*relu(x[0]) + 20*relu(x[1] - 0.5)' });
 */
export function phaseTarget(options: { readonly dim: number; readonly phase: string; readonly part?: Part }): Target {
  const { dim, phase, part = 'complex' } = options;
  checkDimension('phaseTarget', dim);
  const expression = parseFormula(phase, { variables: { x: { role: 'row', size: dim } } });
  if (expression.size !== 1) {
    fail({
      code: 'invalid-argument',
      where: 'phaseTarget',
      problem: 'the phase is not a number',
      got: `a vector of ${expression.size}`,
      expected: 'a scalar formula',
      fix: 'sum its components, or take one',
    });
  }
  const compiled = pointFunction(expression);
  const input: Float64Array | undefined = compiled.inputs.x;
  const phaseAt = (points: Float64Array, i: number): number => {
    if (input) for (let k = 0; k < dim; k++) input[k] = points[i * dim + k];
    compiled.run();
    const value = compiled.value[0];
    return Number.isFinite(value) ? value : refuse(phase, value, points.slice(i * dim, (i + 1) * dim));
  };
  return {
    dim,
    complex: part === 'complex',
    name: part === 'complex' ? `exp(i (${phase}))` : `cos(${phase})`,
    valuesInto(out, points, count) {
      for (let i = 0; i < count; i++) {
        const value = phaseAt(points, i);
        if (part === 'real') out[i] = Math.cos(value);
        else {
          out[2 * i] = Math.cos(value);
          out[2 * i + 1] = Math.sin(value);
        }
      }
    },
  };
}

function refuse(phase: string, value: number, point: Float64Array): never {
  return fail({
    code: 'not-finite',
    where: 'phaseTarget',
    problem: `the phase ${phase} is not finite at x = ${show(point)}`,
    got: show(value),
    expected: 'a finite number',
    fix: 'correct the formula, or keep the data where it is defined',
  });
}
