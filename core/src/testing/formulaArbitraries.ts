import fc, { type Arbitrary } from 'fast-check';
import * as f from '../formula/build.js';
import type { Expression } from '../formula/expression.js';

export interface FormulaArbitraryOptions {
  /** Variables that may occur, at least one; vectors enter through dot products, norms and components. */
  readonly variables: readonly Expression[];
  /** Largest depth of nested operations, default 4. */
  readonly depth?: number;
  /** With false, no operation that jumps or has a kink; default false. */
  readonly smooth?: boolean;
}

/**
 * Random scalar formulas that are well conditioned: every operation is bounded or grows at most linearly in what it is
 * applied to, products apart, so two right evaluations agree to a few units in the last place of the largest term.
 *
 * @example
 * const formulas = formulaArbitrary({ variables: [row('x', 2), column('y', 2)] });
 * fc.assert(fc.property(formulas, (formula) => formula.size === 1));
 */
export function formulaArbitrary({
  variables,
  depth = 4,
  smooth = false,
}: FormulaArbitraryOptions): Arbitrary<Expression> {
  const leaf = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...variables).chain((variable) => scalarOf(variable, variables)) },
    { weight: 1, arbitrary: fc.integer({ min: -8, max: 8 }).map((k) => f.constant(k / 4)) },
  );
  const unary = [
    f.negate,
    f.sin,
    f.cos,
    f.tanh,
    f.sigmoid,
    f.softplus,
    f.erf,
    (a: Expression) => f.exp(f.negate(f.softplus(a))),
  ];
  if (!smooth) unary.push(f.relu, f.abs);
  const binary = [f.add, f.subtract, (a: Expression, b: Expression) => f.multiply(f.tanh(a), b)];
  if (!smooth) binary.push(f.minimum, f.maximum);
  let level: Arbitrary<Expression> = leaf;
  for (let k = 0; k < depth; k++) {
    const inner = level;
    level = fc.oneof(
      leaf,
      fc.tuple(fc.constantFrom(...unary), inner).map(([apply, a]) => apply(a)),
      fc.tuple(fc.constantFrom(...binary), inner, inner).map(([apply, a, b]) => apply(a, b)),
    );
  }
  return level;
}

/** A scalar made of one variable, or of it and another of its size. */
function scalarOf(variable: Expression, variables: readonly Expression[]): Arbitrary<Expression> {
  if (variable.size === 1) return fc.constant(variable);
  const partners = variables.filter(({ size }) => size === variable.size);
  return fc.oneof(
    fc.integer({ min: 0, max: variable.size - 1 }).map((k) => f.component(variable, k)),
    fc.constantFrom(...partners).map((partner) => f.dot(variable, partner)),
    fc.constantFrom(...partners).map((partner) => f.norm2(f.subtract(variable, partner))),
  );
}
