import { fail, show } from '../errors.js';
import type { Expression, Role } from '../formula/expression.js';
import { nodesOf, variablesOf } from '../formula/inspect.js';
import { parseFormula } from '../formula/parse.js';

/** Roles and sizes of the names an energy's formula may use. */
export type Names = Readonly<Record<string, { readonly role: Role; readonly size: number }>>;

/** True for a formula (text or graph), false for functions in plain TypeScript. */
export function isFormula<T extends object>(given: string | Expression | T): given is string | Expression {
  return typeof given === 'string' || ('kind' in given && 'key' in given);
}

/**
 * Reads a formula for an energy: a text in the given names, or an expression built with exactly those
 * names, roles and sizes.
 */
export function readFormula(where: string, formula: string | Expression, names: Names): Expression {
  const expression = readVectorFormula(where, formula, names);
  if (expression.size !== 1) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'the formula is a vector',
      got: `size ${expression.size}`,
      expected: 'a scalar',
      fix: 'sum it, or take a component',
    });
  }
  return expression;
}

/** {@link readFormula} for formulas that may be vectors. */
export function readVectorFormula(where: string, formula: string | Expression, names: Names): Expression {
  const expression = typeof formula === 'string' ? parseFormula(formula, { variables: names }) : formula;
  for (const { name, role, size } of variablesOf(expression)) {
    const known = Object.hasOwn(names, name) ? names[name] : undefined;
    if (known === undefined || known.role !== role || known.size !== size) {
      fail({
        code: 'shape-mismatch',
        where,
        problem: `the formula uses ${show(name)} in a way that is not known here`,
        got: `a ${role} variable of size ${size}`,
        expected: Object.entries(names)
          .map(([key, value]) => `${key} (${value.role}, size ${value.size})`)
          .join(', '),
        fix: 'build the formula with these variables, or pass it as text',
      });
    }
  }
  return expression;
}

/**
 * False if the formula jumps: `sign` and `step` have no useful gradient. Kinks such as abs and relu are allowed, and so are
 * jumps in `fixed` variables alone.
 */
export function isContinuous(expression: Expression, fixed: readonly string[] = []): boolean {
  return !nodesOf(expression).some(
    (node) =>
      node.kind === 'operation' &&
      (node.operation === 'sign' || node.operation === 'step') &&
      (fixed.length === 0 || variablesOf(node).some(({ name, role }) => role === 'row' && !fixed.includes(name))),
  );
}
