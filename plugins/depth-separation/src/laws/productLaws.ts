import type { RandomStream } from '@muflow/core';
import { checkDimension, checkPoints, checkPositive } from './checks.js';
import type { DataLaw } from './dataLaw.js';

/**
 * The band-limited product law: density `prod_j (3 r / 4 pi) sinc(r x_j / 2)^4`, `sinc u = sin(u)/u`.
 *
 * Its square root is a product of `sinc^2`, whose transform is a triangle on `[-r, r]`; the tails are `x^-4`, so there
 * are two moments. Exact by rejection of `u = r x / 2` from the envelope `min(1, u^-4) >= sinc(u)^4`; one coordinate
 * costs 4/pi = 1.27 proposals of two or three uniforms.
 *
 * @param options.band r > 0, default 1.
 * @throws `invalid-argument` for a dimension below 1 or r <= 0.
 *
 * @example
 * const points = new Float64Array(1000 * 8);
 * sincFourthData({ dim: 8 }).sampleInto(points, randomStream(randomKey(1)));
 */
export function sincFourthData(options: { readonly dim: number; readonly band?: number }): DataLaw {
  const { dim, band = 1 } = options;
  checkDimension('sincFourthData', dim);
  checkPositive('sincFourthData', 'r > 0', band);
  return {
    dim,
    band,
    name: `product of sinc^4, r = ${band}`,
    sampleInto(points, stream) {
      checkPoints('sincFourthData', points.length, dim);
      for (let i = 0; i < points.length; i++) points[i] = (2 / band) * sincFourth(stream);
    },
  };
}

/** One draw of density `3 sinc(u)^4 / 2 pi`: the envelope has mass 2 on [-1, 1] and 2/3 beyond. */
function sincFourth(stream: RandomStream): number {
  for (;;) {
    const pick = 8 * stream.uniform();
    // [0, 6): uniform on [-1, 1]; [6, 8): the tail, whose survival |u|^-3 is inverted, each sign on one half.
    const inner = pick < 6;
    const u = inner ? pick / 3 - 1 : Math.sign(pick - 7) * stream.uniform() ** (-1 / 3);
    const ratio = u === 0 ? 1 : inner ? Math.sin(u) / u : Math.sin(u);
    if (stream.uniform() < ratio ** 4) return u;
  }
}

/**
 * Independent normal coordinates of mean 0 and the given deviation; not band-limited.
 *
 * @throws `invalid-argument` for a dimension below 1 or a deviation <= 0.
 *
 * @example
 * gaussianData({ dim: 8 }).sampleInto(points, stream);
 */
export function gaussianData(options: { readonly dim: number; readonly deviation?: number }): DataLaw {
  const { dim, deviation = 1 } = options;
  checkDimension('gaussianData', dim);
  checkPositive('gaussianData', 'deviation > 0', deviation);
  return {
    dim,
    band: null,
    name: deviation === 1 ? 'standard normal' : `normal, deviation ${deviation}`,
    sampleInto(points, stream) {
      checkPoints('gaussianData', points.length, dim);
      for (let i = 0; i < points.length; i++) points[i] = deviation * stream.normal();
    },
  };
}
