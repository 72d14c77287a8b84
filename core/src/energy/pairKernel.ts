import type { Backend, Kernel, KernelCall, MutualKernel, MutualOutput } from '../compute/backend.js';
import { mutualKernel } from '../compute/mutual.js';
import * as f from '../formula/build.js';
import { gradient } from '../formula/differentiate.js';
import type { Expression } from '../formula/expression.js';
import { substitute } from '../formula/inspect.js';
import type { Measure } from '../measure/measure.js';
import { grown } from './checks.js';
import type { FirstVariation } from './energy.js';
import type { Names } from './formulas.js';

/** A function of two points in plain TypeScript, with its gradient in the first where it has one. */
export interface PairFunction {
  value(a: Float64Array, aStart: number, b: Float64Array, bStart: number): number;
  gradientInto?(
    out: Float64Array,
    outStart: number,
    a: Float64Array,
    aStart: number,
    b: Float64Array,
    bStart: number,
  ): void;
}

/** Points as rows of flat coordinates. */
export interface Points {
  readonly coordinates: Float64Array;
  readonly count: number;
}

/** Points with a real weight each: a measure, or a signed one. */
export interface WeightedPoints extends Points {
  readonly weights: Float64Array;
}

/** Weighted sums of a function of two points: `out_i = sum_j w_j K(x_i, y_j)`, with the gradient in x_i. */
export interface PairSum {
  valueInto(out: Float64Array, rows: Points, columns: WeightedPoints): void;
  bothInto(out: FirstVariation, rows: Points, columns: WeightedPoints): void;
}

/** The sums of either side over the other: `out_i = sum_j w_j K(x_i, y_j)` and `other_j = sum_i v_i K(x_i, y_j)`, with gradients. */
export interface MutualPairSum {
  bothInto(out: FirstVariation, other: FirstVariation, rows: WeightedPoints, columns: WeightedPoints): void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A named run of consecutive coordinates of a point. */
export interface Block {
  readonly name: string;
  readonly size: number;
}

/** How the two points of a pair are named in a formula. */
export interface PairBlocks {
  readonly rows: readonly Block[];
  readonly columns: readonly Block[];
}

/** The atoms of a measure as weighted points. */
export function atomsOf(mu: Measure): WeightedPoints {
  return { coordinates: mu.positions, count: mu.count, weights: mu.masses };
}

/** The names of a formula in two points. */
export function namesOf({ rows, columns }: PairBlocks): Names {
  return Object.fromEntries([
    ...rows.map(({ name, size }) => [name, { role: 'row', size }] as const),
    ...columns.map(({ name, size }) => [name, { role: 'column', size }] as const),
  ]);
}

/** The same formula with rows and columns exchanged: K(x, y) with y now varying over the rows. */
export function transposed(formula: Expression, { rows, columns }: PairBlocks): Expression {
  return substitute(
    formula,
    new Map([
      ...rows.map(({ name, size }) => [f.row(name, size), f.column(name, size)] as const),
      ...columns.map(({ name, size }) => [f.column(name, size), f.row(name, size)] as const),
    ]),
  );
}

/**
 * Compiles a scalar formula in row and column blocks into pair sums: one reduction for the values, one
 * for values and gradients together, either compiled once and never again.
 */
export function formulaPairSum(formula: Expression, blocks: PairBlocks, backend: Backend): PairSum {
  const weight = unusedName(blocks);
  const weighted = f.multiply(f.column(weight), formula);
  const value = { name: 'potential', expression: weighted, reduce: 'sum' } as const;
  const gradients = blocks.rows.map(
    ({ name, size }) =>
      ({ name: `d_${name}`, expression: gradient(weighted, f.row(name, size)), reduce: 'sum' }) as const,
  );
  const alone = backend.compile({ outputs: [value] });
  // Sums that nobody differentiates (a network's predictions) never compile their gradients.
  let both: Kernel | undefined;
  const rowParts = blockBuffers(blocks.rows);
  const columnParts = blockBuffers(blocks.columns);
  const gradientParts = blockBuffers(blocks.rows);
  const inputs: Record<string, Float64Array> = {};
  const out: Record<string, Float64Array> = {};
  const outAlone: Record<string, Float64Array> = {};
  // Calls are written anew and kept, so that an evaluation allocates nothing.
  const call: Writable<KernelCall> = { rows: 0, columns: 0, inputs, out };
  const callAlone: Writable<KernelCall> = { rows: 0, columns: 0, inputs, out: outAlone };
  const gather = (rows: Points, columns: WeightedPoints): void => {
    rowParts.split(rows.coordinates, rows.count);
    columnParts.split(columns.coordinates, columns.count);
    for (let k = 0; k < blocks.rows.length; k++) inputs[blocks.rows[k].name] = rowParts.parts[k];
    for (let k = 0; k < blocks.columns.length; k++) inputs[blocks.columns[k].name] = columnParts.parts[k];
    inputs[weight] = columns.weights;
  };
  return {
    valueInto(potential, rows, columns) {
      gather(rows, columns);
      outAlone.potential = potential;
      callAlone.rows = rows.count;
      callAlone.columns = columns.count;
      alone.run(callAlone);
    },
    bothInto(target, rows, columns) {
      gather(rows, columns);
      gradientParts.prepare(target.gradient, rows.count);
      for (let k = 0; k < gradients.length; k++) out[gradients[k].name] = gradientParts.parts[k];
      out.potential = target.potential;
      both ??= backend.compile({ outputs: [value, ...gradients] });
      call.rows = rows.count;
      call.columns = columns.count;
      both.run(call);
      gradientParts.join(target.gradient, rows.count);
    },
  };
}

/** Sums `out_i = sum_j w_j K(x_i, y_j)` of a formula K that may be a vector, without gradients: rows*size, row-major. */
export function vectorSum(formula: Expression, blocks: PairBlocks, backend: Backend): Pick<PairSum, 'valueInto'> {
  const weight = unusedName(blocks);
  const expression = f.multiply(f.column(weight), formula);
  const kernel = backend.compile({ outputs: [{ name: 'potential', expression, reduce: 'sum' }] });
  const rowParts = blockBuffers(blocks.rows);
  const columnParts = blockBuffers(blocks.columns);
  const inputs: Record<string, Float64Array> = {};
  const out: Record<string, Float64Array> = {};
  const call: Writable<KernelCall> = { rows: 0, columns: 0, inputs, out };
  return {
    valueInto(potential, rows, columns) {
      rowParts.split(rows.coordinates, rows.count);
      columnParts.split(columns.coordinates, columns.count);
      for (let k = 0; k < blocks.rows.length; k++) inputs[blocks.rows[k].name] = rowParts.parts[k];
      for (let k = 0; k < blocks.columns.length; k++) inputs[blocks.columns[k].name] = columnParts.parts[k];
      inputs[weight] = columns.weights;
      out.potential = potential;
      call.rows = rows.count;
      call.columns = columns.count;
      kernel.run(call);
    },
  };
}

/** A name for the weights of the columns that no block has. */
function unusedName({ rows, columns }: PairBlocks): string {
  const taken = [...rows, ...columns].map(({ name }) => name);
  let weight = 'weight';
  while (taken.includes(weight)) weight += '_';
  return weight;
}

/**
 * Compiles a scalar formula in one row and one column block into the sums of both sides at once, for the two players of a
 * game. Compiled when it is first used.
 */
export function formulaMutualSum(
  formula: Expression,
  { rows, columns }: { readonly rows: Block; readonly columns: Block },
  backend: Backend,
): MutualPairSum {
  const blocks = { rows: [rows], columns: [columns] };
  const [weight, rowWeight] = [freeName('weight', blocks), freeName('rowWeight', blocks)];
  const forRows = f.multiply(f.column(weight), formula);
  const forColumns = f.multiply(f.row(rowWeight), formula);
  const outputs: readonly MutualOutput[] = [
    { name: 'rowPotential', expression: forRows, over: 'columns' },
    { name: 'rowGradient', expression: gradient(forRows, f.row(rows.name, rows.size)), over: 'columns' },
    { name: 'columnPotential', expression: forColumns, over: 'rows' },
    { name: 'columnGradient', expression: gradient(forColumns, f.column(columns.name, columns.size)), over: 'rows' },
  ];
  let kernel: MutualKernel | undefined;
  const inputs: Record<string, Float64Array> = {};
  const out: Record<string, Float64Array> = {};
  const call: Writable<KernelCall> = { rows: 0, columns: 0, inputs, out };
  return {
    bothInto(target, other, x, y) {
      kernel ??= mutualKernel(outputs, backend);
      inputs[rows.name] = x.coordinates;
      inputs[columns.name] = y.coordinates;
      inputs[rowWeight] = x.weights;
      inputs[weight] = y.weights;
      out.rowPotential = target.potential;
      out.rowGradient = target.gradient;
      out.columnPotential = other.potential;
      out.columnGradient = other.gradient;
      call.rows = x.count;
      call.columns = y.count;
      kernel.run(call);
    },
  };
}

/** The name, or a longer one that no block has. */
function freeName(name: string, { rows, columns }: PairBlocks): string {
  let free = name;
  while ([...rows, ...columns].some((block) => block.name === free)) free += '_';
  return free;
}

/** The same sums for a function in plain TypeScript, by direct loops. */
export function functionPairSum(kernel: PairFunction, rowDim: number, columnDim: number): PairSum {
  const part = new Float64Array(rowDim);
  const valueInto: PairSum['valueInto'] = (out, rows, { coordinates, count, weights }) => {
    for (let i = 0; i < rows.count; i++) {
      let sum = 0;
      for (let j = 0; j < count; j++)
        sum += weights[j] * kernel.value(rows.coordinates, i * rowDim, coordinates, j * columnDim);
      out[i] = sum;
    }
  };
  return {
    valueInto,
    bothInto(out, rows, columns) {
      valueInto(out.potential, rows, columns);
      out.gradient.fill(0, 0, rows.count * rowDim);
      if (kernel.gradientInto === undefined) return;
      for (let i = 0; i < rows.count; i++) {
        for (let j = 0; j < columns.count; j++) {
          kernel.gradientInto(part, 0, rows.coordinates, i * rowDim, columns.coordinates, j * columnDim);
          for (let k = 0; k < rowDim; k++) out.gradient[i * rowDim + k] += columns.weights[j] * part[k];
        }
      }
    },
  };
}

/** Splits rows of coordinates into one buffer per block and back; a single block needs no copy. */
function blockBuffers(blocks: readonly Block[]) {
  const width = blocks.reduce((sum, { size }) => sum + size, 0);
  const parts: Float64Array[] = blocks.map(() => new Float64Array(0));
  const prepare = (whole: Float64Array, count: number): void => {
    if (blocks.length === 1) parts[0] = whole;
    else for (let k = 0; k < blocks.length; k++) parts[k] = grown(parts[k], count * blocks[k].size);
  };
  /** Copies between the whole rows and the parts; `toParts` says which way. */
  const copy = (whole: Float64Array, count: number, toParts: boolean): void => {
    if (blocks.length === 1) return;
    let offset = 0;
    for (let k = 0; k < blocks.length; k++) {
      const { size } = blocks[k];
      const part = parts[k];
      for (let i = 0; i < count; i++) {
        for (let c = 0; c < size; c++) {
          if (toParts) part[i * size + c] = whole[i * width + offset + c];
          else whole[i * width + offset + c] = part[i * size + c];
        }
      }
      offset += size;
    }
  };
  return {
    parts,
    prepare,
    split(whole: Float64Array, count: number): void {
      prepare(whole, count);
      copy(whole, count, true);
    },
    join: (whole: Float64Array, count: number): void => copy(whole, count, false),
  };
}
