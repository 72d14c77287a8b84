import { fail, show } from '@muflow/core';
import { add, compare, divide, multiply, type Rational, rationalOf, signOf, subtract, whole } from './rational.js';
import type { FixedNetwork } from './tent.js';

/** A continuous piecewise linear function on [0, 1], exactly: values at ascending knots, the first 0, the last 1. */
export interface PiecewiseLinear {
  readonly knots: readonly Rational[];
  readonly values: readonly Rational[];
}

/** Values of several functions at common knots, linear between them: `values[i][p]` of function i at knot p. */
interface Layer {
  readonly knots: readonly Rational[];
  readonly values: readonly (readonly Rational[])[];
}

/**
 * The function on [0, 1] that a network of rectifiers with one input and one output computes, with no rounding: layer
 * by layer, every unit gets a knot wherever its argument changes sign. Knots without a change of slope are left out,
 * so the number of pieces is that of the function. For some thousand pieces; numbers grow with the depth unless the
 * weights are powers of two.
 *
 * @throws `invalid-argument` for another activation or more than one input or output.
 */
export function exactPieces({ network, parameters }: FixedNetwork): PiecewiseLinear {
  if (network.inputs !== 1 || network.outputs !== 1 || network.activation.formula !== 'relu(z)') {
    fail({
      code: 'invalid-argument',
      where: 'exactPieces',
      problem: 'the network is not one of rectifiers on a line',
      got: `${network.inputs} inputs, ${network.outputs} outputs, ${show(network.activation.formula)}`,
      expected: 'one input, one output and relu',
      fix: "build it with { inputs: 1, activation: 'relu' }",
    });
  }
  const ends = [whole(0), whole(1)];
  let layer: Layer = { knots: ends, values: [ends] };
  network.layers.forEach((shape, l) => {
    const arguments_ = Array.from({ length: shape.outputs }, (_, i) => {
      const row = Array.from({ length: shape.inputs }, (_, k) =>
        multiply(rationalOf(shape.weightScale), rationalOf(parameters[shape.weights + i * shape.inputs + k])),
      );
      const bias =
        shape.biases < 0 ? whole(0) : multiply(rationalOf(shape.biasScale), rationalOf(parameters[shape.biases + i]));
      return layer.knots.map((_, p) =>
        row.reduce((sum, weight, k) => add(sum, multiply(weight, layer.values[k][p])), bias),
      );
    });
    const affine = { knots: layer.knots, values: arguments_ };
    layer = l < network.layers.length - 1 ? rectified(affine) : affine;
  });
  return withoutStraightKnots({ knots: layer.knots, values: layer.values[0] });
}

/** The number of affine pieces. */
export const pieceCount = ({ knots }: PiecewiseLinear): number => knots.length - 1;

/** How often a function changes from one side of a level to the other on [0, 1]; touching it does not count. */
export function crossings({ values }: PiecewiseLinear, level: Rational): number {
  const signs = values.map((value) => signOf(subtract(value, level))).filter((sign) => sign !== 0);
  return signs.filter((sign, p) => p > 0 && sign !== signs[p - 1]).length;
}

/** `relu` of every function, with new knots where one of them changes sign. */
function rectified({ knots, values }: Layer): Layer {
  const places: Rational[] = [];
  const grown: Rational[][] = values.map(() => []);
  for (let p = 0; p < knots.length; p++) {
    if (p > 0) {
      for (const share of newShares(values, p)) {
        places.push(between(knots[p - 1], knots[p], share));
        values.forEach((one, i) => {
          grown[i].push(between(one[p - 1], one[p], share));
        });
      }
    }
    places.push(knots[p]);
    values.forEach((one, i) => {
      grown[i].push(one[p]);
    });
  }
  const zero = whole(0);
  return { knots: places, values: grown.map((one) => one.map((value) => (signOf(value) > 0 ? value : zero))) };
}

/** Where between knots p - 1 and p some function changes sign, as shares of the way, ascending and distinct. */
function newShares(values: readonly (readonly Rational[])[], p: number): Rational[] {
  const shares = values
    .filter((one) => signOf(one[p - 1]) * signOf(one[p]) < 0)
    .map((one) => divide(one[p - 1], subtract(one[p - 1], one[p])))
    .sort(compare);
  return shares.filter((share, k) => k === 0 || compare(share, shares[k - 1]) !== 0);
}

const between = (a: Rational, b: Rational, share: Rational): Rational => add(a, multiply(share, subtract(b, a)));

function withoutStraightKnots({ knots, values }: PiecewiseLinear): PiecewiseLinear {
  const slope = (p: number): Rational => divide(subtract(values[p], values[p - 1]), subtract(knots[p], knots[p - 1]));
  const kept = knots
    .map((_, p) => p)
    .filter((p) => p === 0 || p === knots.length - 1 || compare(slope(p), slope(p + 1)) !== 0);
  return { knots: kept.map((p) => knots[p]), values: kept.map((p) => values[p]) };
}
