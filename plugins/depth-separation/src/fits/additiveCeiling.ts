import { fail, gaussLegendre } from '@muflow/core';
import type { Ceiling } from '../probe/index.js';
import type { OscillatoryTarget } from '../targets/index.js';

/** Where the integrals end, in units of 1/r: what is beyond weighs at most `8 / (pi X^3)`, below 1e-7. */
const reach = 300;
const nodesPerPanel = 24;

/**
 * The error of the best sum of d functions of one coordinate each for `g = prod_j exp(i w_j relu(y_j + b_j))`, y = U x of
 * independent coordinates of density `(3r/4pi) sinc(r y/2)^4`: with `v_j = 1 - |E exp(i w_j relu(y_j + b_j))|^2`,
 *
 *     E|f - g|^2 = 1 - prod_j (1 - v_j) - sum_j v_j prod_{i != j} (1 - v_i),
 *
 * the mean square of g less that of its mean and of its main effects, which are orthogonal. It is a ceiling of the class
 * that the tube certificate bounds: d ridge functions. The integrals err by less than 1e-7, taken off |E|, so that the
 * error is told too large, if anything. Derived here.
 *
 * @param band - the r of the data, default 1.
 * @throws `unsupported` for the real part.
 */
export function additiveCeiling(target: OscillatoryTarget, band = 1): Ceiling {
  if (!target.complex) {
    fail({
      code: 'unsupported',
      where: 'additiveCeiling',
      problem: 'the main effects of the real part are not known here',
      got: target.name,
      expected: 'the complex target',
      fix: "leave out { part: 'real' }",
    });
  }
  const known = new Map<string, number>();
  const still = Array.from(target.omega, (w, j) => {
    const key = `${w} ${target.bias[j]}`;
    const share = known.get(key) ?? squaredMean(w / band, target.bias[j] * band);
    known.set(key, share);
    return share;
  });
  let [mean, mainEffects] = [1, 0];
  for (const share of still) {
    mainEffects = mainEffects * share + mean * (1 - share);
    mean *= share;
  }
  const value = Math.max(0, 1 - mean - mainEffects);
  const method = 'best sum of one function a coordinate';
  return { value, low: value, high: value, method, units: target.dim };
}

/** A lower bound, short by 1e-7 or so, of `|E exp(i w relu(u + b))|^2`, u of density `(3/4pi) sinc(u/2)^4`. */
function squaredMean(w: number, b: number): number {
  // Panels end at the kink; the phase turns by less than 6 over each.
  const longest = Math.min(2, 6 / w);
  const kink = Math.max(-reach, Math.min(reach, -b));
  let [real, imaginary] = [0, 0];
  for (const [from, to] of [
    [-reach, kink],
    [kink, reach],
  ]) {
    const panels = Math.ceil((to - from) / longest);
    for (let p = 0; p < panels; p++) {
      const part = panelMean(w, b, { from: from + ((to - from) * p) / panels, length: (to - from) / panels });
      real += part.real;
      imaginary += part.imaginary;
    }
  }
  const beyond = 8 / (Math.PI * reach ** 3);
  return Math.max(0, Math.hypot(real, imaginary) - beyond) ** 2;
}

function panelMean(w: number, b: number, { from, length }: { readonly from: number; readonly length: number }) {
  const { nodes, weights } = gaussLegendre(nodesPerPanel);
  let [real, imaginary] = [0, 0];
  for (let i = 0; i < nodes.length; i++) {
    const u = from + ((nodes[i] + 1) * length) / 2;
    const sinc = u === 0 ? 1 : Math.sin(u / 2) / (u / 2);
    const mass = ((weights[i] * length) / 2) * (3 / (4 * Math.PI)) * sinc ** 4;
    const phase = w * Math.max(0, u + b);
    real += mass * Math.cos(phase);
    imaginary += mass * Math.sin(phase);
  }
  return { real, imaginary };
}
