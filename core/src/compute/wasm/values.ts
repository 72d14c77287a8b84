import type { Expression, OperationNode } from '../../formula/expression.js';
import type { Stage } from '../program.js';
import type { Assembly, Local } from './assembly.js';
import { elementwise } from './elementwise.js';
import { types } from './module.js';
import { isIndexable, isTransparent, type KernelPlan, longestUnrolled } from './plan.js';

/** A component that the code counts through: `counter + offset`. */
export interface Running {
  readonly counter: Local;
  readonly offset: number;
}

/** Which component of a vector: known when the code is written, or running. */
export type Index = number | Running;

/** Where the values of a stage are computed: its positions, and how it reads what is stored. */
export interface Site {
  readonly stage: Stage;
  /** Vectors that a scalar of this stage has: one per position of a tile. */
  readonly positions: number;
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

const unrolling = 4;

export function makeValues(asm: Assembly, plan: KernelPlan, site: Site): Values {
  const memo = new Map<string, readonly Local[]>();
  /** Components of the loop that is being written; gone when it ends. */
  let running: Map<string, readonly Local[]> | null = null;
  const keyOf = (node: Expression, index: Index): string =>
    `${typeof index === 'number' ? index : `+${index.offset}`} ${node.key}`;
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
        return sumOver([a, b], a.size, (k) => {
          const [x, y] = [at(a, k), at(b, k)];
          return each((p) => asm.vector('mul', x[p], y[p]));
        });
      case 'norm2':
        return sumOver([a], a.size, (k) => {
          const x = at(a, k);
          return each((p) => asm.vector('mul', x[p], x[p]));
        });
      case 'sum':
        return sumOver([a], a.size, (k) => at(a, k));
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
  const sumOver = (
    nodes: readonly Expression[],
    size: number,
    term: (index: Index) => readonly Local[],
  ): readonly Local[] => {
    let sums: readonly Local[] | null = null;
    const isLoop = runsInLoop(nodes, size);
    if (isLoop) {
      sums = each(() => asm.local(types.v128));
      for (const sum of sums) asm.assign(sum, asm.constant(0));
    }
    forComponents(nodes, size, (index) => {
      const terms = term(index);
      const before = sums;
      if (before === null) sums = terms;
      else if (isLoop) {
        before.forEach((sum, p) => {
          asm.assign(sum, asm.vector('add', sum, terms[p]));
        });
      } else sums = before.map((sum, p) => asm.vector('add', sum, terms[p]));
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
    const whole = size - (size % unrolling);
    asm.assign(counter, 0);
    asm.assign(end, whole);
    const outer = running;
    asm.loop(counter, end, unrolling, () => {
      running = new Map();
      for (let offset = 0; offset < unrolling; offset++) body({ counter, offset });
    });
    running = outer;
    for (let k = whole; k < size; k++) body(k);
  };
  return {
    at,
    prepare,
    forComponents,
  };
}

const runsInLoop = (nodes: readonly Expression[], size: number): boolean =>
  size > longestUnrolled && nodes.every(isIndexable);
