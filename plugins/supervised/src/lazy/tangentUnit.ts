import {
  type Expression,
  euclidean,
  type FormulaUnit,
  formula as f,
  fail,
  gradient,
  layoutBlocks,
  layoutSize,
  type Measure,
  measure,
  parseFormula,
  type Variable,
} from '@muflow/core';

/** A unit linearized around where its atoms were: atoms `(u_0, v)` of which only v moves. */
export interface TangentUnit {
  readonly unit: FormulaUnit;
  /** Coordinates D of an atom u of the unit before. */
  readonly dim: number;
  /** The blocks of a metric that holds u_0 and moves v: `wasserstein({ blocks })`. */
  readonly blocks: readonly { readonly start: number; readonly end: number; readonly rate: number }[];
  /** The measure of atoms `(u_0, 0)`, where both models agree. */
  at(mu: Measure): Measure;
}

/**
 * The tangent model of a network around any measure: with `Phi_bar(x, (u_0, v)) = Phi(x, u_0) + <grad_u Phi(x, u_0), v>`
 * its function is `h(w_0) + Dh(w_0) (w - w_0)`, linear in the displacements v. Energies, metrics and steppers take it like any
 * other unit; along the Wasserstein flow of a square risk it moves by the tangent kernel of the start.
 * Source: [ChizatOyallonBach2019], section 1.1.
 *
 * @param inputDim - length d of x.
 * @throws `invalid-argument` for a unit of several outputs, or one with a part `v_<name>` of its own.
 * @example
 * const tangent = tangentUnit(networkUnit({ activation: 'relu', inputs: 2 }), 2);
 * const metric = wasserstein({ blocks: tangent.blocks });
 */
export function tangentUnit(unit: FormulaUnit, inputDim: number): TangentUnit {
  const blocks = layoutBlocks('tangentUnit', unit.atom);
  const dim = layoutSize(unit.atom);
  const names = blocks.map(({ name }) => name);
  if ((unit.outputs ?? 1) !== 1 || names.some((name) => names.includes(`v_${name}`))) {
    fail({
      code: 'invalid-argument',
      where: 'tangentUnit',
      problem: 'this unit cannot be linearized',
      got: `${unit.outputs ?? 1} outputs, parts ${names.join(', ')}`,
      expected: 'one output, and no part named like a displacement v_<part>',
      fix: 'linearize each output on its own, or name the parts otherwise',
    });
  }
  const variables = Object.fromEntries([
    ...blocks.map(({ name, size }) => [name, { role: 'row' as const, size }]),
    ['x', { role: 'column' as const, size: inputDim }],
  ]) as Record<string, Pick<Variable, 'role' | 'size'>>;
  const value = typeof unit.formula === 'string' ? parseFormula(unit.formula, { variables }) : unit.formula;
  const linear = blocks.reduce<Expression>((sum, { name, size }) => {
    const slope = gradient(value, f.row(name, size));
    const step = f.row(`v_${name}`, size);
    return f.add(sum, size === 1 ? f.multiply(slope, step) : f.dot(slope, step));
  }, value);
  const displacements = Object.fromEntries(blocks.map(({ name, size }) => [`v_${name}`, size]));
  return {
    unit: { formula: linear, atom: { ...unit.atom, ...displacements }, fixed: names },
    dim,
    blocks: [{ start: 0, end: dim, rate: 0 }],
    at(mu) {
      checkAtoms(mu, dim);
      const positions = new Float64Array(2 * dim * mu.count);
      for (let i = 0; i < mu.count; i++) positions.set(mu.positions.subarray(i * dim, (i + 1) * dim), 2 * i * dim);
      return measure({ space: euclidean(2 * dim), positions, logMasses: mu.logMasses, kind: mu.kind });
    },
  };
}

function checkAtoms(mu: Measure, dim: number): void {
  if (mu.dim === dim) return;
  fail({
    code: 'shape-mismatch',
    where: 'tangentUnit',
    problem: 'the measure does not fit the unit',
    got: `atoms of ${mu.dim} coordinates`,
    expected: `atoms of ${dim} coordinates`,
    fix: 'pass the measure of the unit that was linearized',
  });
}
