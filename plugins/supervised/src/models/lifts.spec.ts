import {
  euclidean,
  euler,
  fillNormal,
  gradientFlow,
  measure,
  networkUnit,
  product,
  randomKey,
  risk,
  rk4,
  type Scaling,
  scaledUnit,
  scalingFactor,
  simulate,
  sphere,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';

const normals = (count: number, seed: string): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(seed));
  return out;
};
const rows = 7;
const inputs = normals(2 * rows, 'x');
const targets = normals(rows, 'y');

describe('scalings of the width', () => {
  const n = 5;
  const start = normals(3 * n, 'u');
  const eta = 0.05;

  /** Gradient descent on `c sum_i a_i tanh(<w_i, x>)` with mean square loss, as in a text book. */
  const descent = (c: number, steps: number): Float64Array => {
    const u = start.slice();
    for (let step = 0; step < steps; step++) {
      const slopes = new Float64Array(3 * n);
      for (let l = 0; l < rows; l++) {
        const [x, y] = [inputs[2 * l], inputs[2 * l + 1]];
        const hidden = Array.from({ length: n }, (_, i) => Math.tanh(u[3 * i + 1] * x + u[3 * i + 2] * y));
        const residual = (c * hidden.reduce((sum, h, i) => sum + u[3 * i] * h, 0) - targets[l]) / rows;
        hidden.forEach((h, i) => {
          const inner = residual * c * u[3 * i] * (1 - h * h);
          slopes[3 * i] += residual * c * h;
          slopes[3 * i + 1] += inner * x;
          slopes[3 * i + 2] += inner * y;
        });
      }
      for (let k = 0; k < 3 * n; k++) u[k] -= eta * slopes[k];
    }
    return u;
  };

  test.each<[Scaling, number]>([
    ['mean', 1 / n],
    ['square-root', 1 / Math.sqrt(n)],
    ['sum', 1],
  ])('%s is the network c sum_i Phi, and transport at rate 1/n is gradient descent on its weights', (scaling, c) => {
    const plain = networkUnit({ activation: 'tanh', inputs: 2, bias: false });
    const energy = risk({ unit: scaledUnit(scalingFactor(scaling, n), plain), inputs, targets });
    const flow = gradientFlow(energy, wasserstein({ rate: 1 / n }));
    const initial = measure({ space: euclidean(3), positions: start });
    const { positions } = simulate({ flow, initial }, { stepper: euler(), dt: eta, maxSteps: 20 }).profile[0];
    descent(c, 20).forEach((value, k) => {
      expect(positions[k]).toBeCloseTo(value, 13);
    });
  });
});

describe('the conic lift', () => {
  test('masses r^2/n on the sphere under alpha = 4 are the particles w = r theta of the unit s |w| relu(<w, x>)', () => {
    const n = 4;
    const places = normals(2 * n, 'w');
    const signs = [1, -1, 1, -1];
    const lengths = Array.from({ length: n }, (_, i) => Math.hypot(places[2 * i], places[2 * i + 1]));
    const time = 0.5;
    const plan = { stepper: rk4(), dt: 0.01, maxTime: time };
    const frozen = { blocks: [{ start: 0, end: 1, rate: 0 }] };

    const whole = { formula: 's * norm(w) * relu(dot(w, x))', atom: { s: 1, w: 2 } };
    const flat = simulate(
      {
        flow: gradientFlow(risk({ unit: whole, inputs, targets }), wasserstein(frozen)),
        initial: measure({
          space: euclidean(3),
          positions: signs.flatMap((s, i) => [s, places[2 * i], places[2 * i + 1]]),
        }),
      },
      plan,
    ).profile[0];

    const conic = simulate(
      {
        flow: gradientFlow(
          risk({ unit: networkUnit({ activation: 'relu', inputs: 2, bias: false, homogeneity: 2 }), inputs, targets }),
          wassersteinFisherRao({ alpha: 4, ...frozen }),
        ),
        initial: measure({
          space: product([euclidean(1), sphere(2)]),
          kind: 'positive',
          positions: signs.flatMap((s, i) => [s, places[2 * i] / lengths[i], places[2 * i + 1] / lengths[i]]),
          masses: lengths.map((r) => (r * r) / n),
        }),
      },
      plan,
    ).profile[0];

    for (let i = 0; i < n; i++) {
      const r = Math.sqrt(n * conic.masses[i]);
      expect(conic.positions[3 * i]).toBe(signs[i]);
      expect(flat.positions[3 * i + 1]).toBeCloseTo(r * conic.positions[3 * i + 1], 6);
      expect(flat.positions[3 * i + 2]).toBeCloseTo(r * conic.positions[3 * i + 2], 6);
    }
    // It did move.
    expect(Math.abs(Math.sqrt(n * conic.masses[0]) - lengths[0])).toBeGreaterThan(0.01);
  });

  test('output and hidden weights of relu particles keep |a|^2 - |w|^2, the balance of the 2-homogeneous lift', () => {
    const positions = normals(12, 'u');
    const energy = risk({ unit: networkUnit({ activation: 'relu', inputs: 2, bias: false }), inputs, targets });
    const balance = (u: Float64Array, i: number): number => u[3 * i] ** 2 - u[3 * i + 1] ** 2 - u[3 * i + 2] ** 2;
    const end = simulate(
      { flow: gradientFlow(energy, wasserstein()), initial: measure({ space: euclidean(3), positions }) },
      { stepper: rk4(), dt: 0.01, maxTime: 1 },
    ).profile[0].positions;
    for (let i = 0; i < 4; i++) expect(balance(end, i)).toBeCloseTo(balance(positions, i), 6);
  });
});
