import { fail, show } from '../errors.js';
import type { Expression } from '../formula/expression.js';
import type { Block, PairFunction } from './pairKernel.js';

/** Names and sizes of the parts of an atom, in the order in which its coordinates are stored. */
export type AtomLayout = Readonly<Record<string, number>>;

/** A unit `Phi(x, u)` of a network as a formula in the input `x` and the parts of an atom u. */
export interface FormulaUnit {
  /** Text; or an expression with the parts of the atom as row variables and `x` as column variable. */
  readonly formula: string | Expression;
  readonly atom: AtomLayout;
}

/** A unit in plain TypeScript: `value(u, uStart, x, xStart)`, with its gradient in u. */
export interface FunctionUnit extends PairFunction {
  readonly atom: AtomLayout;
}

export type Unit = FormulaUnit | FunctionUnit;

export interface UnitOptions {
  /** A function known to formulas: relu, tanh, sigmoid, erf, softplus, sin, cos, exp, … */
  readonly activation: string;
  /** Inputs d >= 1 of the network. */
  readonly inputs: number;
  /** With a bias inside the activation, default true. */
  readonly bias?: boolean;
  /**
   * 1: atoms `(a, w, b)` with `Phi = a sigma(<w, x> + b)`, the output weight a coordinate;
   * 2: atoms `(s, w, b)` with a sign s = +-1 and `Phi = s sigma(<w, x> + b)`, the size carried by the
   * mass m = r^2 of a positive measure (freeze the block s).
   */
  readonly homogeneity?: 1 | 2;
}

/**
 * The lifted unit of a shallow network.
 *
 * Source: [ChizatBach2018], section 2.2 (homogeneity 1), [Chizat2019], section 2.1 (homogeneity 2, conic lift).
 * @throws `invalid-argument` where the activation is no name or `inputs` is no positive integer.
 * @example
 * networkUnit({ activation: 'relu', inputs: 2 }).formula; // "a * relu(dot(w, x) + b)"
 */
export function networkUnit({
  activation,
  inputs,
  bias = true,
  homogeneity = 1,
}: UnitOptions): FormulaUnit & { readonly formula: string } {
  if (!/^[a-z][a-z0-9]*$/.test(activation) || !(Number.isInteger(inputs) && inputs >= 1)) {
    fail({
      code: 'invalid-argument',
      where: 'networkUnit',
      problem: 'the unit is not usable',
      got: `activation ${show(activation)}, ${show(inputs)} inputs`,
      expected: 'the name of a function and a whole number of inputs from 1',
      fix: "write { activation: 'relu', inputs: 2 }",
    });
  }
  const output = homogeneity === 1 ? 'a' : 's';
  return {
    formula: `${output} * ${activation}(dot(w, x)${bias ? ' + b' : ''})`,
    atom: { [output]: 1, w: inputs, ...(bias ? { b: 1 } : {}) },
  };
}

/** Coordinates per atom of a layout. */
export const layoutSize = (atom: AtomLayout): number => Object.values(atom).reduce((total, size) => total + size, 0);

/** The parts of an atom as blocks of coordinates. @throws `invalid-argument` where a size is no positive integer. */
export function layoutBlocks(where: string, atom: AtomLayout): readonly Block[] {
  const blocks = Object.entries(atom).map(([name, size]) => ({ name, size }));
  if (blocks.length === 0 || blocks.some(({ size }) => !(Number.isInteger(size) && size >= 1)) || 'x' in atom) {
    fail({
      code: 'invalid-argument',
      where,
      problem: 'the layout of an atom is not usable',
      got: show(JSON.stringify(atom)),
      expected: 'names other than x, with whole numbers of coordinates from 1',
      fix: 'write { a: 1, w: 2, b: 1 }',
    });
  }
  return blocks;
}
