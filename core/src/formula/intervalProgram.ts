import { fail, show } from '../errors.js';
import type { BinaryOperation, Expression, OperationNode } from './expression.js';
import { nodesOf, variablesOf } from './inspect.js';
import {
  addInto,
  carryDomain,
  divideInto,
  excludeZero,
  type IntervalSlots,
  intervalSlots,
  maxInto,
  minInto,
  multiplyInto,
  setInterval,
  squareInto,
  subtractInto,
} from './intervalArithmetic.js';
import { kinkIntervals, powerInto, unaryIntervals } from './intervalElementary.js';

/** One input of a program: `size` numbers at `offset` of the flat box. */
export interface IntervalInput {
  readonly name: string;
  readonly size: number;
  readonly offset: number;
}

/** Where a node's intervals begin, and by how much to move from one component to the next (0: a repeated scalar). */
export interface Place {
  readonly start: number;
  readonly stride: 0 | 1;
}

/** Expressions turned into a list of actions on slots; the inputs are the first `inputSize` slots. */
export interface SlotProgram {
  readonly inputs: readonly IntervalInput[];
  readonly inputSize: number;
  readonly slots: IntervalSlots;
  /** Where the value of each root is found after a run. */
  readonly roots: readonly Place[];
  /** Recomputes every slot from the input slots. */
  run(): void;
}

export interface SlotOptions {
  /** Expressions whose variables are inputs too, so that several programs share one layout. */
  readonly layout?: readonly Expression[];
  /** Read `sign` and `step` as set-valued derivatives of |x| and relu(x). Default false. */
  readonly generalized?: boolean;
}

type Action = () => void;

/**
 * Lays the nodes below `roots` out in slots, arguments first, and makes one action per node that computes.
 * Variables of one name share an input whatever their role. Variables,
 * components and broadcasts move no data: their place says it. Cost: one pass over the graph.
 */
export function slotProgram(roots: readonly Expression[], options: SlotOptions = {}): SlotProgram {
  const inputs = layoutInputs([...roots, ...(options.layout ?? [])]);
  const inputSize = inputs.reduce((total, { size }) => total + size, 0);
  const order = nodesOf(...roots);
  const places = new Map<Expression, Place>();
  const constants: { slot: number; value: number }[] = [];
  let next = inputSize;
  for (const node of order) {
    const place = placeOf(node, { inputs, places, next });
    places.set(node, place);
    if (needsSlots(node)) next += node.size + (isReduction(node) ? 1 : 0);
    if (node.kind === 'constant') constants.push({ slot: place.start, value: node.value });
  }
  const slots = intervalSlots(Math.max(1, next));
  for (const { slot, value } of constants) setInterval(slots, slot, value, value);
  const actions = order.flatMap((node) =>
    node.kind === 'operation' && needsSlots(node)
      ? [actionOf(node, { slots, places, generalized: options.generalized === true })]
      : [],
  );
  return {
    inputs,
    inputSize,
    slots,
    roots: roots.map((root) => places.get(root) as Place),
    run: () => {
      for (let k = 0; k < actions.length; k++) actions[k]();
    },
  };
}

/** One input per name, sorted by name; two sizes under one name cannot share it. */
function layoutInputs(expressions: readonly Expression[]): IntervalInput[] {
  const inputs: IntervalInput[] = [];
  let offset = 0;
  for (const { name, size } of variablesOf(...expressions)) {
    const known = inputs.find((input) => input.name === name);
    if (known === undefined) {
      inputs.push({ name, size, offset });
      offset += size;
    } else if (known.size !== size) {
      fail({
        code: 'shape-mismatch',
        where: 'intervalExtension',
        problem: `two variables are called ${show(name)}`,
        got: `sizes ${known.size} and ${size}`,
        expected: 'one size per name',
        fix: 'rename one of them',
      });
    }
  }
  return inputs;
}

function needsSlots(node: Expression): boolean {
  if (node.kind === 'variable') return false;
  return !(node.kind === 'operation' && (node.operation === 'component' || node.operation === 'broadcast'));
}

/** Sums need one slot more, for the term under way. */
function isReduction(node: Expression): boolean {
  return (
    node.kind === 'operation' && (node.operation === 'dot' || node.operation === 'norm2' || node.operation === 'sum')
  );
}

interface Layout {
  readonly inputs: readonly IntervalInput[];
  readonly places: ReadonlyMap<Expression, Place>;
  readonly next: number;
}

function placeOf(node: Expression, { inputs, places, next }: Layout): Place {
  const stride = node.size === 1 ? 0 : 1;
  if (node.kind === 'variable') {
    const input = inputs.find(({ name }) => name === node.variable.name);
    return { start: (input as IntervalInput).offset, stride };
  }
  if (node.kind === 'operation' && node.operation === 'component') {
    const { start, stride: step } = places.get(node.args[0]) as Place;
    return { start: start + (node.parameter as number) * step, stride: 0 };
  }
  if (node.kind === 'operation' && node.operation === 'broadcast') {
    const { start, stride: step } = places.get(node.args[0]) as Place;
    return { start, stride: step };
  }
  if (node.kind === 'constant' && !Number.isFinite(node.value)) {
    fail({
      code: 'not-finite',
      where: 'intervalExtension',
      problem: 'a constant is not finite',
      got: show(node.value),
      expected: 'finite constants',
      fix: 'replace it by a variable with a box',
    });
  }
  return { start: next, stride };
}

interface ActionContext {
  readonly slots: IntervalSlots;
  readonly places: ReadonlyMap<Expression, Place>;
  readonly generalized: boolean;
}

type Binary = (slots: IntervalSlots, out: number, a: number, b: number) => void;

const binaryIntervals: Readonly<Record<BinaryOperation, Binary>> = {
  add: addInto,
  subtract: subtractInto,
  multiply: multiplyInto,
  divide: divideInto,
  min: minInto,
  max: maxInto,
};

/** Operations on an expression and itself: the two arguments are one number, not two. */
const selfIntervals: Readonly<Record<BinaryOperation, Binary>> = {
  add: addInto,
  subtract: (slots, out, a) => {
    if (carryDomain(slots, out, a)) setInterval(slots, out, 0, 0);
  },
  multiply: squareInto,
  divide: (slots, out, a) => {
    if (carryDomain(slots, out, a) && excludeZero(slots, out, a)) setInterval(slots, out, 1, 1);
  },
  min: minInto,
  max: maxInto,
};

/** The action that computes one operation node from its arguments' slots. */
function actionOf(node: OperationNode, context: ActionContext): Action {
  const { slots, places, generalized } = context;
  const { operation, args, size } = node;
  const parameter = node.parameter as number;
  const out = (places.get(node) as Place).start;
  const a = places.get(args[0]) as Place;
  const b = (args.length > 1 ? places.get(args[1]) : undefined) ?? a;
  const same = args[0] === args[1];
  switch (operation) {
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'min':
    case 'max': {
      const apply = (same ? selfIntervals : binaryIntervals)[operation];
      return () => {
        for (let k = 0; k < size; k++) apply(slots, out + k, a.start + k * a.stride, b.start + k * b.stride);
      };
    }
    case 'power':
      return () => {
        for (let k = 0; k < size; k++) powerInto(slots, out + k, a.start + k * a.stride, parameter);
      };
    case 'norm2':
      return sumAction(slots, out, args[0].size, (slot, k) => squareInto(slots, slot, a.start + k * a.stride));
    case 'dot':
      return same
        ? sumAction(slots, out, args[0].size, (slot, k) => squareInto(slots, slot, a.start + k * a.stride))
        : sumAction(slots, out, Math.max(args[0].size, args[1].size), (slot, k) =>
            multiplyInto(slots, slot, a.start + k * a.stride, b.start + k * b.stride),
          );
    case 'sum':
      return sumAction(slots, out, args[0].size, (slot, k) => copySlot(slots, slot, a.start + k * a.stride));
    case 'scatter':
      return () => copySlot(slots, out + parameter, a.start);
    case 'pack': {
      const starts = args.map((arg) => (places.get(arg) as Place).start);
      return () => {
        for (let k = 0; k < starts.length; k++) copySlot(slots, out + k, starts[k]);
      };
    }
    case 'component':
    case 'broadcast':
      return () => undefined;
    default: {
      const apply =
        generalized && (operation === 'sign' || operation === 'step')
          ? kinkIntervals[operation]
          : unaryIntervals[operation];
      return () => {
        for (let k = 0; k < size; k++) apply(slots, out + k, a.start + k * a.stride);
      };
    }
  }
}

/** `out = sum_k term_k`, added in order; the terms pass through the slot after `out`. */
function sumAction(slots: IntervalSlots, out: number, count: number, term: (slot: number, k: number) => void): Action {
  return () => {
    term(out, 0);
    for (let k = 1; k < count; k++) {
      term(out + 1, k);
      addInto(slots, out, out, out + 1);
    }
  };
}

function copySlot(slots: IntervalSlots, out: number, a: number): void {
  slots.lower[out] = slots.lower[a];
  slots.upper[out] = slots.upper[a];
  slots.domain[out] = slots.domain[a];
}
