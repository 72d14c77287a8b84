import type { Expression } from '../../formula/expression.js';
import { nodesOf } from '../../formula/inspect.js';
import type { AxisMoments, Named } from '../mutual.js';
import type { Stage } from '../program.js';
import { type AssemblyOptions, assembly, type Local } from './assembly.js';
import { placed, stageSignature, vectorBytes } from './kernelCode.js';
import { doubleLanes } from './laneType.js';
import { type DefinedFunction, type Signature, types } from './module.js';
import { isTransparent } from './plan.js';
import { makeValues, overPanels, type Site } from './values.js';

const { i32 } = types;

/** Vectors of points in a panel: more of them run out of registers where there are angles. */
const vectors = 1;
/** Points in a panel. */
export const mutualLanes = vectors * doubleLanes.count;
/** Bytes from one register of a panel to the next. */
const stride = vectors * vectorBytes;

/** A value of the points of an axis that lies in their panels. */
export interface Placed {
  readonly name: string;
  readonly size: number;
  readonly register: number;
}

/** What an axis keeps for its points, in two passes: what is summed and what both passes share, then the outputs. */
export interface AxisPlan {
  readonly leaves: readonly Placed[];
  readonly moments: readonly Placed[];
  readonly outputs: readonly Placed[];
  readonly panelBytes: number;
  /** Numbers that all moments have. */
  readonly sums: number;
  /** Registers of what the first pass writes, and what it finds there. */
  readonly first: ReadonlyMap<Expression, number>;
  readonly source: AxisMoments;
}

/** Finds what the second pass can take from the first, and gives every value its registers. */
export function planAxis(source: AxisMoments): AxisPlan {
  const before = new Set(nodesOf(...source.moments.map(({ expression }) => expression)));
  const first = new Map<Expression, number>();
  let count = 0;
  const keep = (node: Expression): void => {
    if (first.has(node)) return;
    first.set(node, count);
    count += node.size;
  };
  const roots = [...source.moments, ...source.outputs].map(({ expression }) => expression);
  for (const node of nodesOf(...roots)) {
    if (node.kind === 'variable' && node.variable.role !== 'uniform') keep(node);
  }
  for (const { expression } of source.moments) keep(expression);
  const share = (node: Expression): void => {
    if (node.kind !== 'operation') return;
    if (before.has(node) && !isTransparent(node)) keep(node);
    else node.args.forEach(share);
  };
  for (const { expression } of source.outputs) share(expression);
  const placedOf = ({ name, expression }: Named, register: number): Placed => ({
    name,
    size: expression.size,
    register,
  });
  const outputs = source.outputs.map((output) => {
    const register = count;
    count += output.expression.size;
    return placedOf(output, register);
  });
  const moments = source.moments.map((moment) => placedOf(moment, first.get(moment.expression) as number));
  return {
    leaves: [...first].flatMap(([node, register]) =>
      node.kind === 'variable' ? [{ name: node.variable.name, size: node.size, register }] : [],
    ),
    moments,
    outputs,
    panelBytes: count * stride,
    sums: moments.reduce((sum, { size }) => sum + size, 0),
    first,
    source,
  };
}

/** Functions of an axis, called in this order; `start` is where the first panel lies, addresses in bytes. */
export interface AxisFunctions {
  /** `First(start, end, 0)`: the values of the first pass, panel by panel. */
  readonly first: DefinedFunction;
  /** `Sum(start, end, rest, sums)`: moments over the panels up to `end` and over `rest` points of the next one. */
  readonly sum: DefinedFunction;
  /** `Second(start, end, sums)`: the outputs, in the sums of the other axis. */
  readonly second: DefinedFunction;
}

/** Code of an axis; `sums` says where the moments of the other axis lie among its sums, by name. */
export function axisCode(
  name: string,
  plan: AxisPlan,
  sums: ReadonlyMap<string, number>,
  options: AssemblyOptions,
): AxisFunctions {
  const computed = [...plan.first].filter(([node]) => node.kind !== 'variable');
  const given = new Map([...plan.first].filter(([node]) => node.kind === 'variable'));
  const outputs = plan.source.outputs.map(
    ({ expression }, k) => [expression, plan.outputs[k].register] as [Expression, number],
  );
  return {
    first: passCode(`${name}First`, plan, { given, targets: computed, sums: new Map() }, options),
    sum: sumCode(`${name}Sum`, plan, options),
    second: passCode(`${name}Second`, plan, { given: plan.first, targets: outputs, sums }, options),
  };
}

/** What a pass finds in the panels, what it writes there, and sums that it reads. */
interface Pass {
  readonly given: ReadonlyMap<Expression, number>;
  readonly targets: readonly (readonly [Expression, number])[];
  readonly sums: ReadonlyMap<string, number>;
}

/** `(start, end, sums)`: computes the targets for every panel. */
function passCode(name: string, plan: AxisPlan, pass: Pass, options: AssemblyOptions): DefinedFunction {
  const asm = assembly(stageSignature, options);
  const [panel, end, base] = asm.params;
  const { given, targets, sums } = pass;
  // Whatever is not in the panels is computed here; stages only say which is which.
  const nodes = nodesOf(...targets.map(([node]) => node));
  const stages = new Map(nodes.map((node): [Expression, Stage] => [node, given.has(node) ? 'fixed' : 'row']));
  const siteFor = (large: Local | null): Site => ({
    stage: 'row',
    positions: vectors,
    unit: doubleLanes.bytes,
    large,
    load(node, index) {
      const register = given.get(node);
      if (register === undefined && node.kind === 'variable') {
        const { address, offset } = placed(asm, base, index, vectorBytes);
        const sum = asm.loadVector(address, (sums.get(node.variable.name) as number) * vectorBytes + offset);
        return Array.from({ length: vectors }, () => sum);
      }
      const { address, offset } = placed(asm, panel, index, stride);
      const start = (register as number) * stride + offset;
      return Array.from({ length: vectors }, (_, v) => asm.loadVector(address, start + v * vectorBytes));
    },
  });
  const own = nodes.filter((node) => !given.has(node));
  overPanels(asm, { panel, end, bytes: plan.panelBytes }, own, (large) => {
    const values = makeValues(asm, { stages }, siteFor(large));
    for (const [node, register] of targets) {
      values.forComponents([node], node.size, (index) => {
        const { address, offset } = placed(asm, panel, index, stride);
        values.at(node, index).forEach((value, v) => {
          asm.storeVector(address, register * stride + offset + v * vectorBytes, value);
        });
      });
    }
  });
  return { name, signature: stageSignature, locals: asm.locals, code: asm.code };
}

const sumSignature: Signature = { params: [i32, i32, i32, i32], results: [] };

/** Sums the moments point by point, in their order, so that the bits do not depend on panels. */
function sumCode(name: string, { moments, panelBytes }: AxisPlan, options: AssemblyOptions): DefinedFunction {
  const asm = assembly(sumSignature, options);
  const [panel, end, rest, target] = asm.params;
  const registers = moments.flatMap(({ register, size }) => Array.from({ length: size }, (_, k) => register + k));
  const sums = registers.map((): Local => asm.local(types.v128));
  for (const sum of sums) asm.assign(sum, asm.constant(0));
  const take = (lane: number): void => {
    registers.forEach((register, k) => {
      const term = asm.loadSplat(panel, register * stride + lane * doubleLanes.bytes);
      asm.assign(sums[k], asm.vector('add', sums[k], term));
    });
  };
  asm.loop(panel, end, panelBytes, () => {
    for (let lane = 0; lane < mutualLanes; lane++) take(lane);
  });
  const restEnd = asm.local(i32);
  asm.assign(restEnd, asm.integer('add', panel, asm.integer('mul', rest, doubleLanes.bytes)));
  asm.loop(panel, restEnd, doubleLanes.bytes, () => take(0));
  sums.forEach((sum, k) => {
    asm.storeVector(target, k * vectorBytes, sum);
  });
  return { name, signature: sumSignature, locals: asm.locals, code: asm.code };
}
