/**
 * The spherical Bessel function `j_n(x) = sqrt(pi/(2x)) J_{n+1/2}(x)` for x >= 0. Upwards from `j_0 = sin x / x` where
 * x > n, where that is stable; downwards below, scaled by `sum_k (2k + 1) j_k(x)^2 = 1`. O(n + x). Source:
 * [AndrewsAskeyRoy1999].
 *
 * @param n - order, a whole number >= 0.
 */
export function sphericalBessel(n: number, x: number): number {
  if (x === 0) return n === 0 ? 1 : 0;
  if (x > n) {
    let [before, current] = [Math.cos(x) / x, Math.sin(x) / x];
    for (let k = 0; k < n; k++) [before, current] = [current, ((2 * k + 1) / x) * current - before];
    return current;
  }
  let [above, current, kept, squares] = [0, 1e-150, 0, 0];
  for (let k = n + 30 + Math.ceil(2 * Math.sqrt(n)); k >= 0; k--) {
    if (k === n) kept = current;
    squares += (2 * k + 1) * current * current;
    if (k === 0) break;
    [above, current] = [current, ((2 * k + 1) / x) * current - above];
    if (Math.abs(current) > 1e120) {
      const scale = 1e-120;
      above *= scale;
      current *= scale;
      kept *= scale;
      squares *= scale * scale;
    }
  }
  // The descent begins with a positive value at an order where j_k > 0, so every sign is right.
  return kept / Math.sqrt(squares);
}
