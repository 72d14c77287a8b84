import { fail, show } from '../errors.js';
import type { Expression } from './expression.js';
import { nodesOf } from './inspect.js';
import { type Interval, type IntervalBoxes, type IntervalProgram, intervalProgram } from './interval.js';
import {
  addInto,
  domainCode,
  type IntervalSlots,
  intervalSlots,
  multiplyInto,
  setInterval,
} from './intervalArithmetic.js';
import { type Place, type SlotProgram, slotProgram } from './intervalProgram.js';
import { addDown, addUp } from './intervalRounding.js';

/**
 * The mean-value form intersected with the natural extension: with c the middle of the box X and G the
 * interval extension of the gradient,
 * `f(X) is inside F(X) and inside f(c) + sum_k G_k(X) (X_k - c_k)`.
 * The overestimate shrinks with the square of the width of the box, so it wins on small boxes.
 *
 * The second bound is used where it is proven: the box is bounded, f and the gradient are defined on all of
 * it, and f contains no `sign` or `step`. Kinks (abs, relu, min, max) are allowed: the gradient is read with
 * `sign(0)` and `step(0)` set-valued, which contains the generalized gradient. Variables without an entry in
 * `gradient` keep their whole box at the center. Same program contract as {@link intervalExtension}.
 * Cost: about the natural extension of f twice and of its gradient once.
 * Source: [MooreKearfottCloud2009], section 6.3.
 *
 * @param gradient - for each variable name its gradient expression, of the variable's size
 * @throws `shape-mismatch` if f is not scalar or a gradient has another size; `unknown-id` for a name f lacks.
 * @example
 * const x = row('x');
 * const f = subtract(x, power(x, 2));
 * const program = meanValueExtension(f, { x: gradient(f, x) });
 * program.evaluate({ x: { lower: 0.4, upper: 0.6 } }); // [0.23, 0.27]; natural: [0.04, 0.44]
 */
export function meanValueExtension(
  expression: Expression,
  gradient: Readonly<Record<string, Expression>>,
): IntervalProgram {
  const names = Object.keys(gradient);
  const parts = names.map((name) => gradient[name]);
  const layout = [expression, ...parts];
  const center = slotProgram([expression], { layout });
  checkGradient(expression, gradient, center);
  const whole = slotProgram([expression], { layout });
  const slopes = slotProgram(parts, { layout, generalized: true });
  const terms = names.map((name, v): Term => {
    const input = center.inputs.find((candidate) => candidate.name === name);
    return { root: slopes.roots[v], offset: input?.offset ?? 0, size: parts[v].size };
  });
  const continuous = !nodesOf(expression).some(
    (node) => node.kind === 'operation' && (node.operation === 'sign' || node.operation === 'step'),
  );
  const work = intervalSlots(4);
  const shape = { inputs: center.inputs, inputSize: center.inputSize, size: 1 };
  return intervalProgram(shape, (out, lower, upper, start = 0) => {
    setInputs(whole, lower, upper, start);
    whole.run();
    const natural = whole.roots[0].start;
    out.lower[0] = whole.slots.lower[natural];
    out.upper[0] = whole.slots.upper[natural];
    out.domain[0] = whole.slots.domain[natural];
    if (!continuous || out.domain[0] !== domainCode.inside) return;
    setInputs(slopes, lower, upper, start);
    slopes.run();
    setInputs(center, lower, upper, start);
    for (const term of terms) if (!contract(center.slots, term)) return;
    center.run();
    const value = center.roots[0].start;
    setInterval(work, 0, center.slots.lower[value], center.slots.upper[value]);
    for (const term of terms) if (!addSlope(work, slopes, term, center)) return;
    out.lower[0] = Math.max(out.lower[0], work.lower[0]);
    out.upper[0] = Math.min(out.upper[0], work.upper[0]);
  });
}

/** The mean-value bound of a scalar expression over boxes; see {@link meanValueExtension}. */
export function meanValueRange(
  expression: Expression,
  gradient: Readonly<Record<string, Expression>>,
  boxes: IntervalBoxes,
): Interval {
  return meanValueExtension(expression, gradient).evaluate(boxes);
}

interface Term {
  readonly root: Place;
  readonly offset: number;
  readonly size: number;
}

/** Replaces the input intervals of one variable by their middles; false where one is unbounded. */
function contract(slots: IntervalSlots, { offset, size }: Term): boolean {
  for (let k = offset; k < offset + size; k++) {
    const low = slots.lower[k];
    const high = slots.upper[k];
    const middle = Math.min(high, Math.max(low, low / 2 + high / 2));
    if (!(low > -Infinity && high < Infinity)) return false;
    setInterval(slots, k, middle, middle);
  }
  return true;
}

/** Adds `G_k (X_k - c_k)` for the components of one variable to slot 0 of `work`; false where a slope is not defined on all of X. */
function addSlope(
  work: IntervalSlots,
  slopes: SlotProgram,
  { root, offset, size }: Term,
  center: SlotProgram,
): boolean {
  for (let k = 0; k < size; k++) {
    const slope = root.start + k * root.stride;
    if (slopes.slots.domain[slope] !== domainCode.inside) return false;
    const middle = center.slots.lower[offset + k];
    setInterval(work, 1, slopes.slots.lower[slope], slopes.slots.upper[slope]);
    setInterval(
      work,
      2,
      addDown(slopes.slots.lower[offset + k], -middle),
      addUp(slopes.slots.upper[offset + k], -middle),
    );
    multiplyInto(work, 3, 1, 2);
    addInto(work, 0, 0, 3);
  }
  return true;
}

function setInputs(program: SlotProgram, lower: Float64Array, upper: Float64Array, start: number): void {
  for (let k = 0; k < program.inputSize; k++) {
    program.slots.lower[k] = lower[start + k];
    program.slots.upper[k] = upper[start + k];
  }
}

function checkGradient(
  expression: Expression,
  gradient: Readonly<Record<string, Expression>>,
  program: SlotProgram,
): void {
  if (expression.size !== 1) {
    fail({
      code: 'shape-mismatch',
      where: 'meanValueExtension',
      problem: 'the expression is not a scalar',
      got: `size ${expression.size}`,
      expected: 'size 1',
      fix: 'bound each component by itself',
    });
  }
  for (const [name, part] of Object.entries(gradient)) {
    const input = program.inputs.find((candidate) => candidate.name === name);
    if (input === undefined || input.size !== part.size) {
      fail({
        code: input === undefined ? 'unknown-id' : 'shape-mismatch',
        where: 'meanValueExtension',
        problem:
          input === undefined ? `there is no variable ${show(name)}` : `the gradient in ${show(name)} has another size`,
        got:
          input === undefined
            ? `variables ${program.inputs.map((known) => known.name).join(', ') || 'none'}`
            : `size ${part.size}`,
        expected: input === undefined ? 'the name of a variable of the expression' : `size ${input.size}`,
        fix: 'pass gradient(f, x) under the name of x',
      });
    }
  }
}
