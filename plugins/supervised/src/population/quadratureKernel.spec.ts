import { compileActivation } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { type DotKernel, erfKernel, reluKernel } from './dotKernels.js';
import { polarQuadrature } from './polarQuadrature.js';
import { quadratureKernel } from './quadratureKernel.js';

const correlations = [-1, -0.95, -0.3, 0, 0.5, 0.999, 1 - 1e-9, 1];

const at = (kernel: DotKernel, q11: number, q22: number, q12: number): Float64Array => {
  const out = new Float64Array(4);
  kernel.evaluateInto(out, q11, q22, q12);
  return out;
};

/** Largest error over correlations, each entry in the units of `|sigma|^2`, for variances q and 0.7 q. */
function largestError(kernel: DotKernel, exact: DotKernel, q: number): number {
  const size = Math.sqrt(at(exact, q, q, q)[0] * at(exact, 0.7 * q, 0.7 * q, 0.7 * q)[0]);
  let most = 0;
  for (const c of correlations) {
    const q12 = c * Math.sqrt(0.7) * q;
    const [found, known] = [at(kernel, q, 0.7 * q, q12), at(exact, q, 0.7 * q, q12)];
    found.forEach((value, k) => {
      most = Math.max(most, (Math.abs(value - known[k]) * (k === 0 ? 1 : q)) / size);
    });
  }
  return most;
}

describe('against closed forms, value and derivatives', () => {
  const erf = quadratureKernel('erf');
  test.each([1e-4, 0.01, 0.3, 1, 2, 5])('smooth units: erf to 1e-12 at variance %s', (q) => {
    expect(largestError(erf, erfKernel(), q)).toBeLessThan(1e-12);
  });
  test.each([
    [30, 1e-12],
    [100, 1e-8],
    [1000, 1e-3],
  ])('steep units: erf at variance %s within %s', (q, bound) => {
    expect(largestError(erf, erfKernel(), q)).toBeLessThan(bound);
  });
  const relu = quadratureKernel('relu');
  test.each([1e-3, 1, 1e4])('kinked units: relu to 1e-12 at variance %s', (q) => {
    expect(largestError(relu, reluKernel('gaussian', 1), q)).toBeLessThan(1e-12);
  });
  test('leaky relu is a combination of two angles of relu', () => {
    const closed = reluKernel('gaussian', 1);
    const slope = 0.01;
    const exact: DotKernel = {
      name: 'leaky relu',
      smooth: true,
      evaluateInto(out, q11, q22, q12) {
        const [near, far] = [at(closed, q11, q22, q12), at(closed, q11, q22, -q12)];
        const sign = [-1, -1, -1, 1];
        for (let k = 0; k < 4; k++) out[k] = (1 + slope ** 2) * near[k] + 2 * slope * sign[k] * far[k];
      },
    };
    expect(largestError(quadratureKernel('leaky-relu'), exact, 1.7)).toBeLessThan(1e-12);
  });
  test('polynomials: z^2 has the kernel q11 q22 + 2 q12^2', () => {
    const kernel = at(quadratureKernel('z^2'), 1.5, 0.4, -0.3);
    const known = [0.6 + 0.18, 0.8, 3, -1.2];
    known.forEach((value, k) => {
      expect(kernel[k]).toBeCloseTo(value, 13);
    });
  });
});

describe.each(['tanh', 'sigmoid', 'softplus', 'z * sigmoid(z)', 'cos', 'max(z, exp(min(z, 0)) - 1)', 'abs(z)'])(
  '%s',
  (activation) => {
    const kernel = quadratureKernel(activation);
    test.each([
      [1.2, 0.8, 0.5],
      [0.09, 2.1, -0.2],
      [9, 12, 7],
    ])('the derivatives are those of the values at (%s, %s, %s)', (q11, q22, q12) => {
      const exact = at(kernel, q11, q22, q12);
      const h = 1e-4;
      const slopes = [
        (at(kernel, q11 + h, q22, q12)[0] - at(kernel, q11 - h, q22, q12)[0]) / h,
        (at(kernel, q11, q22 + h, q12)[0] - at(kernel, q11, q22 - h, q12)[0]) / h,
        (at(kernel, q11, q22, q12 + h)[0] - at(kernel, q11, q22, q12 - h)[0]) / (2 * h),
      ];
      slopes.forEach((slope, k) => {
        expect(Math.abs(slope - exact[k + 1])).toBeLessThan(3e-6 * (1 + Math.abs(exact[0]) / Math.min(q11, q22)));
      });
    });

    test('agrees with the polar rule of 128 nodes to 1e-10 up to variance 30', () => {
      const polar = polarQuadrature(compileActivation(activation), 128);
      const fine: DotKernel = { name: 'polar', smooth: true, evaluateInto: polar };
      for (const q of [0.2, 3, 30]) {
        for (const c of [-0.9, 0.4, 1]) {
          const [found, known] = [at(kernel, q, q, c * q), at(fine, q, q, c * q)];
          const size = at(fine, q, q, q)[0];
          for (let k = 0; k < 4; k++)
            expect(Math.abs(found[k] - known[k])).toBeLessThan((1e-10 * size) / Math.min(1, q));
        }
      }
    });
  },
);

test('kinks elsewhere than at 0 cost accuracy: relu(z - 1) to 1e-3', () => {
  const kernel = quadratureKernel('relu(z - 1)');
  // E relu(Z - 1)^2 = 2 (1 - N(1)) - n(1).
  const exact = 2 * 0.15865525393145707 - 0.24197072451914337;
  const error = Math.abs(at(kernel, 1, 1, 1)[0] / exact - 1);
  expect(error).toBeLessThan(1e-3);
  expect(error).toBeGreaterThan(1e-6);
});

test('the order in which pairs are asked does not matter', () => {
  const [forward, backward] = [quadratureKernel('tanh'), quadratureKernel('tanh')];
  const pairs = [
    [0.01, 0.02],
    [0.5, 0.02],
    [0.9, 0.01],
  ];
  const first = pairs.map(([a, b]) => at(forward, a, b, 0.005)[0]);
  const second = pairs
    .toReversed()
    .map(([a, b]) => at(backward, a, b, 0.005)[0])
    .toReversed();
  first.forEach((value, i) => {
    expect(Math.abs(value - second[i])).toBeLessThan(1e-15);
  });
});

test('jumps and numbers of nodes out of range are refused', () => {
  expect(() => quadratureKernel('step')).toThrow(/jumps at 0.*stepKernel/);
  expect(() => quadratureKernel('log(z)')).toThrow(/jumps at 0, got "log\(z\)" with NaN/);
  expect(() => quadratureKernel('tanh', { nodes: 1 })).toThrow(/got 1, expected a whole number from 4 to 200/);
});
