/**
 * The functions of elementary.ts as formulas of t, for backends that compile them; the same coefficients in the same order, so that
 * both agree to rounding.
 */

const size = 'min(1, abs(t))';
const z = `(0.5 - 0.5*${size})`;
const u = `(0.25 - 0.5*${size})`;
const u2 = `(${u}*${u})`;
const u4 = `(${u2}*${u2})`;

/** `asin t`, |t| <= 1. */
export const arcSineText = ((): string => {
  const low = `(2.0943951023931957 - ${u}*5.66516149075186 + (4.721823347753431 - ${u}*1.077844930780796)*${u2})`;
  const high = `(-0.06293874105040231 - ${u}*0.011378469792329444 + (-0.00288309111135867 - ${u}*0.0008098665617614133)*${u2})`;
  const over = `(${low} + ${high}*${u4} + (-0.00021195112522375605 - ${u}*3.810000956875321e-5)*(${u4}*${u4}))`;
  const under = `(1 - ${u}*2.910230945688194 + (2.7328618892287975 - ${u}*0.821828868898249)*${u2})`;
  return `(t*(pi/2*${under} - sqrt(${z})*${over})/(${under}*(${size} + 1e-300)))`;
})();

/** `sqrt(1 - t^2) + t asin t`, |t| <= 1. */
export const evenBendText = ((): string => {
  const low = `(2.739413025489118 - ${u}*6.726984864327136 + (5.056178817446494 - ${u}*1.0517730946926729)*${u2})`;
  const high = `(-0.04332418737315237 - ${u}*0.005804563990243115 + (-0.0010830395828318614 - ${u}*0.00020979036172555216)*${u2})`;
  const over = `(${low} + ${high}*${u4} - 2.987164221425016e-5*(${u4}*${u4}))`;
  const under = `(1 - ${u}*2.5719624842916837 + (2.09869200517505 - ${u}*0.536405517352013)*${u2})`;
  return `(pi/2*${size} + ${z}*sqrt(${z})*(${over}/${under}))`;
})();

/** t in [-1, 1]. */
export const cosineText = '(max(-1, min(1, t)))';
