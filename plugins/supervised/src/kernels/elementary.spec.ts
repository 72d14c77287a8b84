import { describe, expect, test } from 'vitest';
import { arcSine, evenBend, expOfNegative } from './elementary.js';

describe('elementary functions of kernels', () => {
  test('arcSine is Math.asin to 3e-15 on [-1, 1] and odd', () => {
    let worst = 0;
    for (let k = -20_000; k <= 20_000; k++)
      worst = Math.max(worst, Math.abs(arcSine(k / 20_000) - Math.asin(k / 20_000)));
    expect(worst).toBeLessThan(3e-15);
    for (const x of [0.1, 0.3, 0.5, 0.500000001, 0.99999, 1]) expect(arcSine(-x)).toBe(-arcSine(x));
    expect(arcSine(1)).toBe(Math.PI / 2);
    expect(arcSine(Number.NaN)).toBeNaN();
  });

  test('evenBend is sqrt(1 - s^2) + s asin s to 1e-15 on [0, 1]', () => {
    let worst = 0;
    for (let k = 0; k <= 20_000; k++) {
      const s = k / 20_000;
      worst = Math.max(worst, Math.abs(evenBend(s) - Math.sqrt((1 - s) * (1 + s)) - s * Math.asin(s)));
    }
    expect(worst).toBeLessThan(1e-15);
    expect(evenBend(1)).toBe(Math.PI / 2);
    expect(evenBend(Number.NaN)).toBeNaN();
  });

  test('expOfNegative is Math.exp to 5e-16 on [-700, 0], 1 at 0 and vanishes below', () => {
    let worst = 0;
    for (let k = 0; k <= 70_000; k++) {
      const [x, tiny] = [-k / 100 - 1e-5, -k * 1e-6];
      worst = Math.max(worst, Math.abs(expOfNegative(x) / Math.exp(x) - 1));
      worst = Math.max(worst, Math.abs(expOfNegative(tiny) / Math.exp(tiny) - 1));
    }
    expect(worst).toBeLessThan(5e-16);
    expect(expOfNegative(0)).toBe(1);
    expect(expOfNegative(-1e300)).toBeLessThan(1e-300);
    expect(expOfNegative(-Infinity)).toBeLessThan(1e-300);
    expect(expOfNegative(Number.NaN)).toBeNaN();
  });
});
