import type { Backend } from '../compute/backend.js';
import { fail } from '../errors.js';
import type { Expression } from '../formula/expression.js';
import { checkNumber, grown } from './checks.js';
import type { FirstVariation } from './energy.js';
import { isContinuous, readFormula } from './formulas.js';
import { formulaPairSum, namesOf, type PairSum, type Points } from './pairKernel.js';
import { type AtomLayout, layoutBlocks, layoutSize } from './units.js';

/** What is charged per unit of mass: `lambda int v dmu`, with lambda >= 0. */
export type Penalty =
  /** `v = 1`: total mass, the variation norm of the conic lift. */
  | { readonly kind: 'mass'; readonly lambda: number }
  /** `v = |a| |w|`: a the part `output` (default the first), w the parts `inner` (default all others). */
  | { readonly kind: 'pathNorm'; readonly lambda: number; readonly output?: string; readonly inner?: readonly string[] }
  /** `v = (1/2) |u|^2` over the parts named (default all). */
  | { readonly kind: 'weightDecay'; readonly lambda: number; readonly parts?: readonly string[] }
  /** `v = sum |u_k|` over the parts named (default the first, the output weight): makes weights zero. */
  | { readonly kind: 'l1'; readonly lambda: number; readonly parts?: readonly string[] }
  /** v as a formula in the parts of an atom. */
  | { readonly kind: 'formula'; readonly lambda: number; readonly formula: string | Expression };

/** A penalty ready to be added to a potential. */
export interface Charge {
  readonly smooth: boolean;
  /** Where v is a sum of absolute values of coordinates, lambda for each of these and 0 for the others. */
  readonly shrinkage?: Float64Array;
  /** Adds `lambda v` at the points, and its gradient where one is asked for. */
  addInto(out: { readonly potential: Float64Array; readonly gradient: Float64Array | null }, points: Points): void;
}

/** Compiles a penalty for atoms of a layout. @throws `invalid-argument` for an unknown part or a negative lambda. */
export function compilePenalty(penalty: Penalty, atom: AtomLayout, backend: Backend): Charge {
  const { lambda } = penalty;
  checkNumber('risk penalty', 'lambda', lambda, 0);
  switch (penalty.kind) {
    case 'mass':
      return {
        smooth: true,
        addInto: ({ potential }, { count }) => {
          for (let i = 0; i < count; i++) potential[i] += lambda;
        },
      };
    case 'weightDecay':
      return weightDecay(lambda, coordinatesOf(atom, penalty.parts ?? Object.keys(atom)), layoutSize(atom));
    case 'l1':
      return absoluteValues(lambda, coordinatesOf(atom, penalty.parts ?? [Object.keys(atom)[0]]), layoutSize(atom));
    case 'pathNorm': {
      const [first, ...others] = Object.keys(atom);
      const {
        output = first,
        inner = others.length > 0 && penalty.output === undefined ? others : namesBut(atom, output),
      } = penalty;
      return pathNorm(lambda, coordinatesOf(atom, [output]), coordinatesOf(atom, inner), layoutSize(atom));
    }
    case 'formula':
      return byFormula(lambda, penalty.formula, atom, backend);
  }
}

const namesBut = (atom: AtomLayout, output: string): readonly string[] =>
  Object.keys(atom).filter((name) => name !== output);

function weightDecay(lambda: number, at: Int32Array, dim: number): Charge {
  return {
    smooth: true,
    addInto({ potential, gradient }, { coordinates, count }) {
      for (let i = 0; i < count; i++) {
        let squares = 0;
        for (let k = 0; k < at.length; k++) squares += coordinates[i * dim + at[k]] ** 2;
        potential[i] += (lambda / 2) * squares;
        if (gradient === null) continue;
        for (let k = 0; k < at.length; k++) gradient[i * dim + at[k]] += lambda * coordinates[i * dim + at[k]];
      }
    },
  };
}

/** The subgradient at 0 counts as 0. */
function absoluteValues(lambda: number, at: Int32Array, dim: number): Charge {
  const shrinkage = new Float64Array(dim);
  for (const k of at) shrinkage[k] = lambda;
  return {
    smooth: true,
    shrinkage,
    addInto({ potential, gradient }, { coordinates, count }) {
      for (let i = 0; i < count; i++) {
        for (let k = 0; k < at.length; k++) {
          const place = i * dim + at[k];
          potential[i] += lambda * Math.abs(coordinates[place]);
          if (gradient !== null) gradient[place] += lambda * Math.sign(coordinates[place]);
        }
      }
    },
  };
}

/** Written out by hand because `|w|` has no gradient at 0 as a formula: here it counts as 0, a subgradient. */
function pathNorm(lambda: number, output: Int32Array, inner: Int32Array, dim: number): Charge {
  return {
    smooth: true,
    addInto({ potential, gradient }, { coordinates, count }) {
      for (let i = 0; i < count; i++) {
        const a = norm(coordinates, i * dim, output);
        const w = inner.length === 0 ? 1 : norm(coordinates, i * dim, inner);
        potential[i] += lambda * a * w;
        if (gradient === null) continue;
        for (let k = 0; a > 0 && k < output.length; k++) {
          gradient[i * dim + output[k]] += (lambda * w * coordinates[i * dim + output[k]]) / a;
        }
        for (let k = 0; w > 0 && k < inner.length; k++) {
          gradient[i * dim + inner[k]] += (lambda * a * coordinates[i * dim + inner[k]]) / w;
        }
      }
    },
  };
}

function norm(coordinates: Float64Array, start: number, at: Int32Array): number {
  let squares = 0;
  for (let k = 0; k < at.length; k++) squares += coordinates[start + at[k]] ** 2;
  return Math.sqrt(squares);
}

function byFormula(lambda: number, text: string | Expression, atom: AtomLayout, backend: Backend): Charge {
  const blocks = { rows: layoutBlocks('risk penalty', atom), columns: [] };
  const formula = readFormula('risk penalty', text, namesOf(blocks));
  const sum: PairSum = formulaPairSum(formula, blocks, backend);
  const once = { coordinates: new Float64Array(0), count: 1, weights: Float64Array.of(lambda) };
  const dim = layoutSize(atom);
  let part: FirstVariation = { potential: new Float64Array(0), gradient: new Float64Array(0) };
  return {
    smooth: isContinuous(formula),
    addInto({ potential, gradient }, points) {
      const size = points.count * dim;
      part = { potential: grown(part.potential, points.count), gradient: grown(part.gradient, size) };
      if (gradient === null) sum.valueInto(part.potential, points, once);
      else sum.bothInto(part, points, once);
      for (let i = 0; i < points.count; i++) potential[i] += part.potential[i];
      if (gradient !== null) for (let i = 0; i < size; i++) gradient[i] += part.gradient[i];
    },
  };
}

/** Offsets within an atom of the coordinates of the named parts. */
function coordinatesOf(atom: AtomLayout, parts: readonly string[]): Int32Array {
  const offsets: number[] = [];
  for (const part of parts) {
    if (!Object.hasOwn(atom, part)) {
      fail({
        code: 'invalid-argument',
        where: 'risk penalty',
        problem: 'an atom has no such part',
        got: part,
        expected: `one of ${Object.keys(atom).join(', ')}`,
        fix: 'name a part of the layout',
      });
    }
    let start = 0;
    for (const [name, size] of Object.entries(atom)) {
      if (name === part) for (let k = 0; k < size; k++) offsets.push(start + k);
      start += size;
    }
  }
  return Int32Array.from(offsets);
}
