/** The same numbers in every language: `u_k` in [-1, 1) from a linear congruence that 64-bit integers hold exactly. */
export function numbers(count: number, seed: number): Float64Array {
  const out = new Float64Array(count);
  let state = (seed * 2_654_435 + 12_345) % 2_147_483_648;
  for (let k = 0; k < count; k++) {
    // 1103515245 state < 2^61 does not fit a double: the product is taken in two parts.
    const low = state & 0xffff;
    const high = (state - low) / 0x10000;
    state = (((1_103_515_245 * high) % 0x8000) * 0x10000 + 1_103_515_245 * low + 12_345) % 2_147_483_648;
    out[k] = state / 1_073_741_824 - 1;
  }
  return out;
}
