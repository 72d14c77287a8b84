import type { Backend } from '../compute/backend.js';
import type { HingeSums } from '../compute/hinge.js';
import type { Expression } from '../formula/expression.js';
import type { Measure } from '../measure/measure.js';
import { grown } from './checks.js';
import type { FirstVariation } from './energy.js';
import type { Block } from './pairKernel.js';
import type { RiskData } from './riskData.js';

/** A unit `factor s relu(<w, x> + b)`: where the coordinates of an atom have its parts. */
export interface HingeUnit {
  readonly factor: number;
  readonly output: number;
  readonly weights: number;
  /** Null where there is no b. */
  readonly bias: number | null;
  readonly dim: number;
}

/** Reads a formula as a {@link HingeUnit}; null where it is none, or leaves coordinates of an atom out. */
export function readHingeUnit(formula: Expression, parts: readonly Block[], inputDim: number): HingeUnit | null {
  let factor = 1;
  let output: Expression | null = null;
  let inner: Expression | null = null;
  for (const part of factorsOf(formula)) {
    if (part.kind === 'constant') factor *= part.value;
    else if (part.kind === 'variable' && output === null) output = part;
    else if (part.kind === 'operation' && part.operation === 'relu' && inner === null) inner = part.args[0];
    else return null;
  }
  if (output === null || inner === null) return null;
  const terms = inner.kind === 'operation' && inner.operation === 'add' ? inner.args : [inner];
  const product = terms.find((term) => term.kind === 'operation' && term.operation === 'dot');
  const bias = terms.find((term) => term !== product) ?? null;
  if (product?.kind !== 'operation') return null;
  const weights = product.args.find((arg) => arg.kind === 'variable' && arg.variable.role === 'row');
  const isOnInputs = product.args.some((arg) => arg.kind === 'variable' && arg.variable.role === 'column');
  if (weights === undefined || !isOnInputs) return null;
  const offsets = new Map<string, number>();
  let dim = 0;
  for (const { name, size } of parts) {
    offsets.set(name, dim);
    dim += size;
  }
  const offsetOf = (node: Expression, size: number): number =>
    node.kind === 'variable' && node.variable.role === 'row' && node.size === size
      ? (offsets.get(node.variable.name) ?? -1)
      : -1;
  const at = { output: offsetOf(output, 1), weights: offsetOf(weights, inputDim) };
  const ofBias = bias === null ? null : offsetOf(bias, 1);
  const used = 1 + inputDim + (ofBias === null ? 0 : 1);
  if (at.output < 0 || at.weights < 0 || (ofBias ?? 0) < 0 || at.output === ofBias || used !== dim) return null;
  return { factor, ...at, bias: ofBias, dim };
}

function factorsOf(node: Expression): readonly Expression[] {
  if (node.kind !== 'operation' || node.operation !== 'multiply') return [node];
  return node.args.flatMap(factorsOf);
}

/** Fewer pairs are as fast one by one. */
const leastPairs = 4096;
const leastItems = 16;

/** The first variation of a risk of rectified units over rows that stay: from the signs of the pairs, see {@link HingeSums}. */
export interface HingeRisk {
  /**
   * Takes the atoms and writes `f_mu(x_l)`. False, with nothing written, where sums pair by pair are as fast or the only way;
   * which one serves depends on the measure alone.
   */
  predictInto(out: Float64Array, mu: Measure): boolean;
  /** The first variation at the atoms of the last prediction, for residuals `loss'(f_l, y_l) / L`. */
  correlateInto(out: FirstVariation, mu: Measure, residuals: Float64Array): void;
}

/** Compiled when it is first used. */
export function hingeRisk(unit: HingeUnit, data: RiskData, backend: Backend): HingeRisk {
  const { factor, output, weights, bias, dim } = unit;
  const inputDim = dim - (bias === null ? 1 : 2);
  const width = inputDim + (bias === null ? 0 : 1);
  const offsets = Array.from({ length: width }, (_, k) => (k < inputDim ? weights + k : (bias ?? 0)));
  let sums: HingeSums | null | undefined;
  let sizes: Float64Array = new Float64Array(0);
  let scales: Float64Array = new Float64Array(0);
  const target: { values: Float64Array; gradients: Float64Array } = { values: sizes, gradients: sizes };
  const compile = (): HingeSums | null => {
    const coordinates = new Float64Array(data.count * width).fill(1);
    for (let l = 0; l < data.count; l++) {
      for (let k = 0; k < inputDim; k++) coordinates[l * width + k] = data.inputs[l * inputDim + k];
    }
    return backend.compileHinges?.({ coordinates, count: data.count, width, atom: { dim, offsets } }) ?? null;
  };
  return {
    predictInto(out, { count, positions, masses }) {
      if (count < leastItems || data.count < leastItems || count * data.count < leastPairs) return false;
      sums ??= sums === undefined ? compile() : null;
      if (sums === null || !sums.place(positions, count)) return false;
      sizes = grown(sizes, count);
      for (let i = 0; i < count; i++) sizes[i] = masses[i] * factor * positions[i * dim + output];
      sums.overPointsInto(out, sizes);
      return true;
    },
    correlateInto({ potential, gradient }, { count, positions }, residuals) {
      scales = grown(scales, count);
      for (let i = 0; i < count; i++) scales[i] = factor * positions[i * dim + output];
      target.values = potential;
      target.gradients = gradient;
      sums?.overRowsInto(target, residuals, scales);
      for (let i = 0; i < count; i++) {
        const slope = potential[i];
        gradient[i * dim + output] = factor * slope;
        potential[i] = scales[i] * slope;
      }
    },
  };
}
