import type { Expression, OperationNode } from '../../formula/expression.js';
import type { Stage } from '../program.js';
import type { Assembly, Local } from './assembly.js';
import { type Angle, angleOf } from './elementary.js';
import { elementwise, wave } from './elementwise.js';
import { types } from './module.js';
import { isIndexable, isTransparent, type KernelPlan, longestUnrolled } from './plan.js';

/** A component that the code counts through: `counter / unit`. */
export interface Running {
  readonly counter: Local;
  readonly unit: number;
  /** Addresses of the present component, by base and stride: computed once per turn of the loop. */
  readonly addresses: Map<string, Local>;
}

/** Which component of a vector: known when the code is written, or running. */
export type Index = number | Running;

/** Where the values of a stage are computed: its positions, and how it reads what is stored. */
export interface Site {
  readonly stage: Stage;
  /** Vectors that a scalar of this stage has: one per position of a tile. */
  readonly positions: number;
  /** Bytes of a number: loops count in them, so that addresses are a counter times a small factor. */
  readonly unit: number;
  /** Where it is present, it collects the lanes with large angles, whose waves are wrong then; see {@link overPanels}. */
  readonly large?: Local | null;
  /** A stored node, one vector per position; loads are shared between positions where they can be. */
  load(node: Expression, index: Index): readonly Local[];
}

/** Computes nodes at a site; what has been computed is not computed again. */
export interface Values {
  at(node: Expression, index: Index): readonly Local[];
  /** Computes the scalars that a vector depends on, so that a loop over its components does not. */
  prepare(node: Expression): void;
  /** Runs `body` for every component: written out for short vectors, counted for long ones. */
  forComponents(nodes: readonly Expression[], size: number, body: (index: Index) => void): void;
}

export function makeValues(asm: Assembly, plan: Pick<KernelPlan, 'stages'>, site: Site): Values {
  const memo = new Map<string, readonly Local[]>();
  /** Components of the loop that is being written; gone when it ends. */
  let running: Map<string, readonly Local[]> | null = null;
  const angles = new Map<readonly Local[], readonly Angle[]>();
  const keyOf = (node: Expression, index: Index): string => `${typeof index === 'number' ? index : '+'} ${node.key}`;
  const each = (make: (position: number) => Local): Local[] =>
    Array.from({ length: site.positions }, (_, p) => make(p));

  const at = (node: Expression, index: Index): readonly Local[] => {
    const place: Index = node.size === 1 ? 0 : index;
    const memory = typeof place === 'number' ? memo : (running as Map<string, readonly Local[]>);
    const key = keyOf(node, place);
    const found = memory.get(key);
    if (found !== undefined) return found;
    const made = compute(node, place);
    memory.set(key, made);
    return made;
  };
  const compute = (node: Expression, index: Index): readonly Local[] => {
    if (node.kind === 'constant') return each(() => asm.constant(node.value));
    const stage = plan.stages.get(node) as Stage;
    const transparent = node.kind === 'operation' && isTransparent(node);
    if (node.kind === 'variable' || (stage !== site.stage && !transparent)) return site.load(node, index);
    return operate(node, index);
  };
  const operate = (node: OperationNode, index: Index): readonly Local[] => {
    const [a, b] = node.args;
    const parameter = node.parameter ?? 0;
    switch (node.operation) {
      case 'component':
        return at(a, parameter);
      case 'broadcast':
        return at(a, index);
      case 'scatter':
        return index === parameter ? at(a, 0) : each(() => asm.constant(0));
      case 'pack':
        return at(node.args[index as number], 0);
      case 'dot':
        return sumOver([a, b], a.size, (k) => ({ x: at(a, k), y: at(b, k) }));
      case 'norm2':
        return sumOver([a], a.size, (k) => ({ x: at(a, k), y: at(a, k) }));
      case 'sum':
        return sumOver([a], a.size, (k) => ({ x: at(a, k), y: null }));
      case 'sin':
      case 'cos': {
        const parts = anglesAt(a, index);
        const size = site.large ? 'notLarge' : 'any';
        return each((p) => wave(asm, node.operation as 'sin' | 'cos', parts[p], size));
      }
      default: {
        const args = node.args.map((arg) => at(arg, index));
        return each((p) =>
          elementwise(
            asm,
            node.operation,
            args.map((arg) => arg[p]),
            parameter,
          ),
        );
      }
    }
  };
  /** The parts of an angle, computed where its value is first wanted as one; a value of a loop is gone with the loop. */
  const anglesAt = (node: Expression, index: Index): readonly Angle[] => {
    const values = at(node, index);
    const found = angles.get(values);
    if (found !== undefined) return found;
    const made = values.map((value) => angleOf(asm, value));
    const { large } = site;
    if (large) for (const { isLarge } of made) asm.assign(large, asm.vector('or', large, isLarge));
    angles.set(values, made);
    return made;
  };
  /** Sums products, or values where there is no second factor, in the order of the components. */
  const sumOver = (
    nodes: readonly Expression[],
    size: number,
    factors: (index: Index) => { readonly x: readonly Local[]; readonly y: readonly Local[] | null },
  ): readonly Local[] => {
    const isLoop = runsInLoop(nodes, size);
    let sums: readonly Local[] | null = isLoop ? each(() => asm.local(types.v128)) : null;
    for (const sum of sums ?? []) asm.assign(sum, asm.constant(0));
    forComponents(nodes, size, (index) => {
      const { x, y } = factors(index);
      const before = sums;
      const after = each((p) => {
        if (before === null) return y === null ? x[p] : asm.vector('mul', x[p], y[p]);
        return y === null ? asm.vector('add', before[p], x[p]) : asm.multiplyAdd(x[p], y[p], before[p]);
      });
      if (isLoop && before !== null) for (const [p, value] of after.entries()) asm.assign(before[p], value);
      else sums = after;
    });
    return sums as unknown as readonly Local[];
  };
  const prepare = (node: Expression): void => {
    if (node.kind !== 'operation') return;
    if (node.size === 1) at(node, 0);
    else if ((plan.stages.get(node) as Stage) === site.stage || isTransparent(node)) node.args.forEach(prepare);
  };
  const forComponents = (nodes: readonly Expression[], size: number, body: (index: Index) => void): void => {
    if (!runsInLoop(nodes, size)) {
      for (let k = 0; k < size; k++) body(k);
      return;
    }
    nodes.forEach(prepare);
    const counter = asm.local(types.i32);
    const end = asm.local(types.i32);
    const { unit } = site;
    asm.assign(counter, 0);
    asm.assign(end, size * unit);
    const outer = running;
    // Written out several times, the body runs out of registers: half as fast on V8.
    asm.loop(counter, end, unit, () => {
      running = new Map();
      body({ counter, unit, addresses: new Map() });
    });
    running = outer;
  };
  return {
    at,
    prepare,
    forComponents,
  };
}

/**
 * Runs `body` for every panel. Calls for large angles would make values leave their registers, so code with angles runs
 * without them, and once more with them if there was a large one.
 */
export function overPanels(
  asm: Assembly,
  panels: { readonly panel: Local; readonly end: Local; readonly bytes: number },
  nodes: Iterable<Expression>,
  body: (large: Local | null) => void,
): void {
  const { panel, end, bytes } = panels;
  const hasAngles = [...nodes].some((node) => node.kind === 'operation' && ['sin', 'cos'].includes(node.operation));
  if (!hasAngles) {
    asm.loop(panel, end, bytes, () => body(null));
    return;
  }
  const start = asm.local(types.i32);
  const large = asm.local(types.v128);
  asm.assign(start, panel);
  asm.assign(large, asm.constant(0));
  asm.loop(panel, end, bytes, () => body(large));
  asm.when(asm.anyTrue(large), () => {
    asm.assign(panel, start);
    asm.loop(panel, end, bytes, () => body(null));
  });
}

const runsInLoop = (nodes: readonly Expression[], size: number): boolean =>
  size > longestUnrolled && nodes.every(isIndexable);
