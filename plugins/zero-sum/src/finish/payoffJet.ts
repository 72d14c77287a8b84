import {
  type Expression,
  formula as f,
  type Game,
  gradient,
  hessian,
  measure,
  pointFunction,
  randomKey,
} from '@muflow/core';

/** A payoff with its first and second derivatives at a pair of points, in ambient coordinates. */
export interface PayoffJet {
  readonly value: Float64Array;
  /** `dl/dx` (dx) and `dl/dy` (dy). */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** `d2l/dx2` (dx*dx), `d2l/dy2` (dy*dy), `d2l/dxdy` (dx*dy), row-major. */
  readonly xx: Float64Array;
  readonly yy: Float64Array;
  readonly xy: Float64Array;
  /** Fills the arrays at the pair of points that start at these offsets. */
  evaluate(x: Float64Array, xStart: number, y: Float64Array, yStart: number): void;
}

const jets = new WeakMap<Game, PayoffJet>();

/**
 * The payoff `l` of a two-player game with derivatives up to the second order: from its formula where it has
 * one, otherwise values and gradients of the game and central differences of these gradients (relative step
 * 1e-5). Compiled once per game. Cost: one pass over the graph of all derivatives per pair.
 */
export function payoffJet(game: Game): PayoffJet {
  let jet = jets.get(game);
  if (jet === undefined) {
    jet = game.formula === undefined ? differenceJet(game) : formulaJet(game.formula, game.dims[0], game.dims[1]);
    jets.set(game, jet);
  }
  return jet;
}

/** Room for a jet in one array, so that one compiled formula fills it at once. */
function slots(dx: number, dy: number): { all: Float64Array; parts: Omit<PayoffJet, 'evaluate'> } {
  const sizes = [1, dx, dy, dx * dx, dy * dy, dx * dy];
  const all = new Float64Array(sizes.reduce((total, size) => total + size, 0));
  let next = 0;
  const [value, x, y, xx, yy, xy] = sizes.map((size) => {
    next += size;
    return all.subarray(next - size, next);
  });
  return { all, parts: { value, x, y, xx, yy, xy } };
}

function formulaJet(payoff: Expression, dx: number, dy: number): PayoffJet {
  const { all, parts } = slots(dx, dy);
  const x = f.row('x', dx);
  const y = f.column('y', dy);
  const components = (expression: Expression): Expression[] =>
    Array.from({ length: expression.size }, (_, k) => f.component(expression, k));
  const jet = pointFunction(
    f.pack(
      payoff,
      ...components(gradient(payoff, x)),
      ...components(gradient(payoff, y)),
      ...hessian(payoff, x).flat(),
      ...hessian(payoff, y).flat(),
      ...hessian(payoff, x, y).flat(),
    ),
  );
  const atX = jet.inputs.x ?? new Float64Array(0);
  const atY = jet.inputs.y ?? new Float64Array(0);
  return {
    ...parts,
    evaluate(xs, xStart, ys, yStart) {
      for (let k = 0; k < atX.length; k++) atX[k] = xs[xStart + k];
      for (let k = 0; k < atY.length; k++) atY[k] = ys[yStart + k];
      jet.run();
      all.set(jet.value);
    },
  };
}

function differenceJet(game: Game): PayoffJet {
  const [dx, dy] = game.dims;
  const { parts } = slots(dx, dy);
  const out = game.dims.map((dim) => ({ potential: new Float64Array(1), gradient: new Float64Array(dim) }));
  const at = [new Float64Array(dx), new Float64Array(dy)];
  /** Value and gradients at the point in `at`, moved to the spaces, since differences may step out of them. */
  const first = (): void => {
    const profile = game.spaces.map((space, player) => {
      const inside = at[player].slice();
      space.projectInto(inside, inside, 1);
      return measure({ space, positions: inside });
    });
    game.evaluateInto(out, profile, { time: 0, step: 0, key: randomKey(0) });
  };
  const differences = (player: number, into: { own: Float64Array; cross: Float64Array | null }): void => {
    const d = game.dims[player];
    const other = game.dims[1 - player];
    for (let k = 0; k < d; k++) {
      const held = at[player][k];
      const h = 1e-5 * Math.max(1, Math.abs(held));
      for (const side of [1, -1]) {
        at[player][k] = held + side * h;
        first();
        const sign = player === 0 ? 1 : -1;
        for (let l = 0; l < d; l++) into.own[k * d + l] += (side * sign * out[player].gradient[l]) / (2 * h);
        if (into.cross === null) continue;
        for (let l = 0; l < other; l++) into.cross[k * other + l] -= (side * out[1].gradient[l]) / (2 * h);
      }
      at[player][k] = held;
    }
  };
  return {
    ...parts,
    evaluate(xs, xStart, ys, yStart) {
      for (let k = 0; k < dx; k++) at[0][k] = xs[xStart + k];
      for (let k = 0; k < dy; k++) at[1][k] = ys[yStart + k];
      for (const part of [parts.xx, parts.yy, parts.xy]) part.fill(0);
      differences(0, { own: parts.xx, cross: parts.xy });
      differences(1, { own: parts.yy, cross: null });
      first();
      parts.value[0] = out[0].potential[0];
      parts.x.set(out[0].gradient);
      for (let k = 0; k < dy; k++) parts.y[k] = -out[1].gradient[k];
    },
  };
}
