import { compileFunction } from '../compute/evaluate.js';
import { fail } from '../errors.js';
import { row } from '../formula/build.js';
import { gradient, hessian } from '../formula/differentiate.js';
import type { Expression } from '../formula/expression.js';
import { dependsOn, nodesOf } from '../formula/inspect.js';
import { intervalExtension } from '../formula/interval.js';
import { isContinuous, readFormula } from './formulas.js';
import type { Loss } from './loss.js';

export interface FormulaLossOptions {
  /** The loss in the prediction `f` and the target `y`, both numbers. */
  readonly formula: string | Expression;
  /** Name in reports, default `formula`. */
  readonly name?: string;
  /** Where convexity in f is looked for, default [-10, 10]. */
  readonly predictions?: readonly [number, number];
  /** For which targets, default [-10, 10]. */
  readonly targets?: readonly [number, number];
}

/** A loss made from a formula. */
export interface FormulaLoss extends Loss {
  /**
   * `proven`: `d^2 loss / df^2 >= 0` on the whole box, by interval arithmetic. `sampled`: no second difference of the
   * loss on a grid of the box is negative, and that is all that is known.
   */
  readonly convexity: 'proven' | 'sampled';
}

/**
 * A loss by formula, with its derivative in f from the graph. At a kink the derivative is one-sided.
 *
 * @throws `invalid-argument` where it jumps, or is not convex in f on the box of predictions and targets; `not-finite`
 * where it is not a number there; `parse` or `shape-mismatch` where the formula does not fit.
 * @example
 * const huber = formulaLoss({ formula: 'min((f - y)^2 / 2, abs(f - y) - 1/2)' });
 * const energy = risk({ unit, inputs, targets, loss: huber });
 */
export function formulaLoss(options: FormulaLossOptions): FormulaLoss {
  const { name = 'formula', predictions = [-10, 10], targets = [-10, 10] } = options;
  const expression = readFormula('formulaLoss', options.formula, {
    f: { role: 'row', size: 1 },
    y: { role: 'column', size: 1 },
  });
  const coordinates = [
    { name: 'f', size: 1 },
    { name: 'y', size: 1 },
  ];
  const f = row('f');
  if (!dependsOn(expression, f)) refuse('a formula without f', 'a function of f');
  if (!isContinuous(expression)) refuse('a formula that jumps', 'a function without sign and step');
  const point = new Float64Array(2);
  const at = (compiled: (point: Float64Array) => number) => (prediction: number, target: number) => {
    point[0] = prediction;
    point[1] = target;
    return compiled(point);
  };
  const loss = {
    name,
    value: at(compileFunction(expression, coordinates)),
    derivative: at(compileFunction(gradient(expression, f), coordinates)),
  };
  checkConvex(loss, predictions, targets);
  const [[second]] = hessian(expression, f);
  const proven = !hasKinks(expression) && isNonnegative(second, predictions, targets);
  return { ...loss, convexity: proven ? 'proven' : 'sampled' };
}

/** Second derivatives do not see the corners of these. */
const hasKinks = (expression: Expression): boolean =>
  nodesOf(expression).some(
    (node) => node.kind === 'operation' && ['abs', 'relu', 'min', 'max', 'sign', 'step'].includes(node.operation),
  );

const steps = 120;
const targetSteps = 20;
/** Rounding of a second difference, relative to the values it is taken of. */
const rounding = 1e-13;

/** Second differences over 1, 4 and 16 steps of a grid. */
function checkConvex(
  loss: Loss,
  [low, high]: readonly [number, number],
  [least, most]: readonly [number, number],
): void {
  const values = new Float64Array(steps + 1);
  for (let j = 0; j <= targetSteps; j++) {
    const y = least + ((most - least) * j) / targetSteps;
    const place = (k: number): number => low + ((high - low) * k) / steps;
    for (let k = 0; k <= steps; k++) {
      values[k] = loss.value(place(k), y);
      if (Number.isFinite(values[k] + loss.derivative(place(k), y))) continue;
      refuse(`it is not finite at f = ${place(k)}, y = ${y}`, 'finite values and derivatives', 'not-finite');
    }
    for (const span of [1, 4, 16]) {
      for (let k = span; k + span <= steps; k++) {
        const difference = values[k - span] - 2 * values[k] + values[k + span];
        const scale = Math.abs(values[k - span]) + 2 * Math.abs(values[k]) + Math.abs(values[k + span]);
        if (difference >= -rounding * scale) continue;
        refuse(
          `f = ${place(k)} +- ${place(span) - low}, y = ${y} gives the second difference ${difference}`,
          'a loss convex in f: second differences >= 0',
        );
      }
    }
  }
}

const mostBoxes = 4000;

/** True where interval arithmetic shows it, on boxes that are halved until it does. */
function isNonnegative(second: Expression, f: readonly [number, number], y: readonly [number, number]): boolean {
  const program = intervalExtension(second);
  const open: (readonly [readonly [number, number], readonly [number, number]])[] = [[f, y]];
  for (let used = 0; open.length > 0; used++) {
    const box = open.pop();
    if (box === undefined || used >= mostBoxes) return false;
    const [[a, b], [c, d]] = box;
    const range = program.evaluate({ f: { lower: a, upper: b }, y: { lower: c, upper: d } });
    if (range.domain === 'inside' && range.lower >= 0) continue;
    if (range.upper < 0) return false;
    const [m, n] = [(a + b) / 2, (c + d) / 2];
    open.push(
      ...(b - a >= d - c
        ? ([
            [
              [a, m],
              [c, d],
            ],
            [
              [m, b],
              [c, d],
            ],
          ] as const)
        : ([
            [
              [a, b],
              [c, n],
            ],
            [
              [a, b],
              [n, d],
            ],
          ] as const)),
    );
  }
  return true;
}

function refuse(got: string, expected: string, code: 'invalid-argument' | 'not-finite' = 'invalid-argument'): never {
  return fail({
    code,
    where: 'formulaLoss',
    problem: 'the formula is no convex loss',
    got,
    expected,
    fix: 'write another formula, or state the ranges of predictions and targets in which it is used',
  });
}
