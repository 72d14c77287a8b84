import { fail, show } from '../errors.js';
import { multiply } from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { parseFormula } from '../formula/parse.js';
import { isActivationName, nearestActivations, textInZ } from '../network/activationFormula.js';
import type { Block, PairFunction } from './pairKernel.js';

/** Names and sizes of the parts of an atom, in the order in which its coordinates are stored. */
export type AtomLayout = Readonly<Record<string, number>>;

/** A unit `Phi(x, u)` of a network as a formula in the input `x` and the parts of an atom u. */
export interface FormulaUnit {
  /** Text; or an expression with the parts of the atom as row variables and `x` as column variable. */
  readonly formula: string | Expression;
  readonly atom: AtomLayout;
  /** Size c of the formula, default 1: above it, a network of c outputs. */
  readonly outputs?: number;
  /**
   * Parts of the atom that the metric holds (`blocks` of rate 0): the formula may jump along them, where its gradient is 0
   * between jumps.
   */
  readonly fixed?: readonly string[];
}

/** A unit in plain TypeScript: `value(u, uStart, x, xStart)`, with its gradient in u. */
export interface FunctionUnit extends PairFunction {
  readonly atom: AtomLayout;
  readonly outputs?: 1;
}

export type Unit = FormulaUnit | FunctionUnit;

export interface UnitOptions {
  /**
   * A function known to formulas (relu, tanh, sigmoid, erf, softplus, sin, cos, exp, ...), one of `leaky-relu` (slope
   * 0.01 below 0) and `squared-relu`, or a formula in z such as `z * sigmoid(z)`.
   */
  readonly activation: string;
  /** Inputs d >= 1 of the network. */
  readonly inputs: number;
  /** With a bias inside the activation, default true. */
  readonly bias?: boolean;
  /** Outputs c >= 1, default 1: the output weight is a vector of so many numbers. */
  readonly outputs?: number;
  /**
   * 1: atoms `(a, w, b)` with `Phi = a sigma(<w, x> + b)`, the output weight a coordinate;
   * 2: atoms `(s, w, b)` with a sign s = +-1 (a unit vector, for several outputs) and `Phi = s sigma(<w, x> + b)`, the
   * size carried by the mass m = r^2 of a positive measure (freeze the block s).
   */
  readonly homogeneity?: 1 | 2;
}

/**
 * The lifted unit of a shallow network.
 *
 * Source: [ChizatBach2018], section 2.2 (homogeneity 1), [Chizat2019], section 2.1 (homogeneity 2, conic lift).
 * @throws `invalid-argument` where the activation is neither a known name nor a formula in z, or `inputs` or `outputs`
 * is no positive integer; `parse` where the formula is none.
 * @example
 * networkUnit({ activation: 'relu', inputs: 2 }).formula; // "a * relu(dot(w, x) + b)"
 */
export function networkUnit({
  activation,
  inputs,
  bias = true,
  outputs = 1,
  homogeneity = 1,
}: UnitOptions): FormulaUnit & { readonly formula: string } {
  const named = isActivationName(activation);
  const text = textInZ(activation);
  const whole = (size: number): boolean => Number.isInteger(size) && size >= 1;
  if (typeof activation !== 'string' || !/\bz\b/.test(text) || !whole(inputs) || !whole(outputs)) {
    const near = nearestActivations(String(activation));
    fail({
      code: 'invalid-argument',
      where: 'networkUnit',
      problem: 'the unit is not usable',
      got: `activation ${show(activation)}, ${show(inputs)} inputs, ${show(outputs)} outputs`,
      expected: 'the name of a function or a formula in z, and whole numbers of inputs and outputs from 1',
      fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : "write { activation: 'relu', inputs: 2 }",
    });
  }
  parseFormula(text, { variables: { z: { role: 'row' } } });
  const inner = `dot(w, x)${bias ? ' + b' : ''}`;
  const output = homogeneity === 1 ? 'a' : 's';
  return {
    formula: `${output} * ${named ? `${activation}(${inner})` : `(${text.replace(/\bz\b/g, `(${inner})`)})`}`,
    atom: { [output]: outputs, w: inputs, ...(bias ? { b: 1 } : {}) },
    ...(outputs > 1 && { outputs }),
  };
}

/**
 * How the outputs of n units are added up to a network, as a factor of the mean `int Phi dmu` over n atoms of mass 1/n:
 * `mean` 1, `square-root` sqrt n (the tangent-kernel scaling `n^(-1/2) sum Phi`), `sum` n.
 */
export type Scaling = 'mean' | 'square-root' | 'sum';

/**
 * The factor of a scaling at width n: `f = factor int Phi dmu`. The gradient flow of the risk of `factor Phi` moves
 * particles by `u' = -grad V = -n grad_u F`; gradient descent on the n units themselves, `u' = -grad_u F`, is the same
 * flow with transport rate gamma = 1/n. Source: [ChizatOyallonBach2019], section 1.
 */
export function scalingFactor(scaling: Scaling, width: number): number {
  if (!(Number.isInteger(width) && width >= 1)) {
    fail({
      code: 'invalid-argument',
      where: 'scalingFactor',
      problem: 'the width is not usable',
      got: show(width),
      expected: 'the number of units, an integer >= 1',
      fix: 'pass the number of atoms of the initial measure',
    });
  }
  return scaling === 'mean' ? 1 : scaling === 'sum' ? width : Math.sqrt(width);
}

/** The unit `factor Phi`. */
export function scaledUnit(factor: number, unit: FormulaUnit): FormulaUnit {
  if (factor === 1) return unit;
  const { formula } = unit;
  return { ...unit, formula: typeof formula === 'string' ? `${factor} * (${formula})` : multiply(factor, formula) };
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
