/**
 * Signs of determinants of rows of three doubles, without error: in floating point where a bound of the rounding
 * error decides, in whole numbers where it does not. Source: [Shewchuk1997], section 4.
 */
export interface ExactSigns {
  /** The rows are dependent: `x_i x x_j = 0`. */
  isParallel(i: number, j: number): boolean;
  /** Sign of `<x_i, x_j>`. */
  dot(i: number, j: number): -1 | 0 | 1;
  /** Signs of `<x_i x x_j, x_l>` for all rows l, written to `out`. */
  triplesInto(out: Int8Array, i: number, j: number): void;
  /** Sign of `<x_i x x_j, x_l x x_m>`. */
  quadruple(i: number, j: number, l: number, m: number): -1 | 0 | 1;
}

const unitRoundoff = 2 ** -53;
/** Products of three or four numbers between these lose nothing to underflow or overflow. */
const [tiny, huge] = [1e-250, 1e250];

const signOf = (value: number | bigint): -1 | 0 | 1 => (value > 0 ? 1 : value < 0 ? -1 : 0);

/** @param rows - L*3 finite numbers, row-major. */
export function exactSigns(rows: Float64Array): ExactSigns {
  const count = rows.length / 3;
  const whole = new Map<number, readonly bigint[]>();
  const wholeRow = (i: number): readonly bigint[] => {
    const known = whole.get(i) ?? wholeNumbers(rows.subarray(3 * i, 3 * i + 3));
    whole.set(i, known);
    return known;
  };
  const wholeDot = (i: number, j: number): bigint => {
    const [a, b] = [wholeRow(i), wholeRow(j)];
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  };
  const wholeTriple = (i: number, j: number, l: number): -1 | 0 | 1 => {
    const [a, b, c] = [wholeRow(i), wholeRow(j), wholeRow(l)];
    return signOf(
      (a[1] * b[2] - a[2] * b[1]) * c[0] + (a[2] * b[0] - a[0] * b[2]) * c[1] + (a[0] * b[1] - a[1] * b[0]) * c[2],
    );
  };
  /** `<x_i, x_j>` and the sum of the sizes of its terms. */
  const terms = new Float64Array(2);
  const floatDot = (i: number, j: number): void => {
    terms.fill(0);
    for (let k = 0; k < 3; k++) {
      const term = rows[3 * i + k] * rows[3 * j + k];
      terms[0] += term;
      terms[1] += Math.abs(term);
    }
  };
  return {
    isParallel(i, j) {
      const [a, b] = [wholeRow(i), wholeRow(j)];
      return a[1] * b[2] === a[2] * b[1] && a[2] * b[0] === a[0] * b[2] && a[0] * b[1] === a[1] * b[0];
    },
    dot(i, j) {
      floatDot(i, j);
      const [value, size] = terms;
      const sure = Math.abs(value) > 4 * unitRoundoff * size && size > tiny && size < huge;
      return sure ? signOf(value) : signOf(wholeDot(i, j));
    },
    triplesInto(out, i, j) {
      const [a, b, c] = [rows[3 * i], rows[3 * i + 1], rows[3 * i + 2]];
      const [p, q, r] = [rows[3 * j], rows[3 * j + 1], rows[3 * j + 2]];
      const [x, y, z] = [b * r - c * q, c * p - a * r, a * q - b * p];
      const [X, Y, Z] = [
        Math.abs(b * r) + Math.abs(c * q),
        Math.abs(c * p) + Math.abs(a * r),
        Math.abs(a * q) + Math.abs(b * p),
      ];
      for (let l = 0; l < count; l++) {
        const [u, v, w] = [rows[3 * l], rows[3 * l + 1], rows[3 * l + 2]];
        const value = x * u + y * v + z * w;
        const size = X * Math.abs(u) + Y * Math.abs(v) + Z * Math.abs(w);
        const sure = Math.abs(value) > 8 * unitRoundoff * size && size > tiny && size < huge;
        out[l] = sure ? signOf(value) : l === i || l === j ? 0 : wholeTriple(i, j, l);
      }
    },
    quadruple(i, j, l, m) {
      // Lagrange: <a x b, c x d> = <a, c><b, d> - <a, d><b, c>.
      let [value, size] = [0, 0];
      for (const [p, q, r, s, sign] of [
        [i, l, j, m, 1],
        [i, m, j, l, -1],
      ]) {
        floatDot(p, q);
        const [first, firstSize] = terms;
        floatDot(r, s);
        value += sign * first * terms[0];
        size += firstSize * terms[1];
      }
      const sure = Math.abs(value) > 16 * unitRoundoff * size && size > tiny && size < huge;
      return signOf(sure ? value : wholeDot(i, l) * wholeDot(j, m) - wholeDot(i, m) * wholeDot(j, l));
    },
  };
}

/** Doubles as whole numbers with a common positive factor. */
export function wholeNumbers(values: Float64Array): readonly bigint[] {
  const bits = new BigUint64Array(values.slice().buffer);
  const parts = Array.from(bits, (b) => {
    const exponent = Number((b >> 52n) & 0x7ffn);
    const fraction = b & 0xfffffffffffffn;
    const mantissa = exponent === 0 ? fraction : fraction | 0x10000000000000n;
    return { signed: b >> 63n === 1n ? -mantissa : mantissa, exponent: Math.max(1, exponent) };
  });
  const exponents = parts.filter(({ signed }) => signed !== 0n).map(({ exponent }) => exponent);
  const least = Math.min(...exponents);
  return parts.map(({ signed, exponent }) => (signed === 0n ? 0n : signed << BigInt(exponent - least)));
}
