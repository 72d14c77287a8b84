import { type Activation, gaussLegendre } from '@muflow/core';

/** Fills `out` with `[K, 2 dK/dq11, 2 dK/dq22, dK/dq12]` at (q11, q22, q12). */
export type KernelQuadrature = (out: Float64Array, q11: number, q22: number, q12: number) => void;

/** Beyond this radius `r exp(-r^2/2)` is below rounding. */
const radius = 9.5;

/**
 * Gaussian expectations `E[sigma(u) sigma(v)]` in polar coordinates: with t the angle of the correlation,
 *
 *     (u, v) = r (sqrt(q11) cos th, sqrt(q22) cos(th - t)),   E g = (1/2 pi) int int g r exp(-r^2/2) dr dth.
 *
 * A kink of sigma at 0 lies on the rays u = 0 and v = 0: th is cut there into four arcs, on each of which the integrand
 * is smooth, at every correlation. Gauss-Legendre in r and on each arc; 8 nodes^2 values of sigma a call.
 * Derivatives by Stein's identity `2 q11 dK/dq11 = E[u sigma'(u) sigma(v)] - q12 dK/dq12`, which needs sigma' alone.
 *
 * @param nodes - nodes along the radius and on each arc.
 */
export function polarQuadrature(activation: Activation, nodes: number): KernelQuadrature {
  const rule = gaussLegendre(nodes);
  // r = R s^2: nodes gather at 0, where steep functions bend.
  const radii = rule.nodes.map((x) => radius * ((1 + x) / 2) ** 2);
  const weights = rule.weights.map((w, j) => {
    const stretch = radius * ((1 + rule.nodes[j]) / 2);
    return (stretch * w * radii[j] * Math.exp(-0.5 * radii[j] ** 2)) / 2;
  });
  const size = 4 * nodes * nodes;
  const [u, v] = [new Float64Array(size), new Float64Array(size)];
  const [su, sv] = [new Float64Array(size), new Float64Array(size)];
  const [du, dv] = [new Float64Array(size), new Float64Array(size)];
  return (out, q11, q22, q12) => {
    const norms = Math.sqrt(q11 * q22);
    const cosine = norms === 0 ? 0 : Math.max(-1, Math.min(1, q12 / norms));
    const angle = Math.atan2(Math.sqrt((1 - cosine) * (1 + cosine)), cosine);
    pointsInto(u, v, { rule, radii, angle, sizes: [Math.sqrt(q11), Math.sqrt(q22)] });
    activation.slopeInto(su, du, u, size);
    activation.slopeInto(sv, dv, v, size);
    let value = 0;
    let cross = 0;
    let left = 0;
    let right = 0;
    for (let i = 0; i < 4 * nodes; i++) {
      const half = (i < 2 * nodes ? angle : Math.PI - angle) / 2;
      // 4 nodes rays: nodes on an arc, then their antipodes, then those of the other arc.
      const ray = (half * rule.weights[i % nodes]) / Math.PI;
      for (let j = 0; j < nodes; j++) {
        const at = i * nodes + j;
        const weight = ray * weights[j];
        value += weight * su[at] * sv[at];
        cross += weight * du[at] * dv[at];
        left += weight * u[at] * du[at] * sv[at];
        right += weight * v[at] * dv[at] * su[at];
      }
    }
    out[0] = value;
    out[1] = q11 === 0 ? 0 : (left - q12 * cross) / q11;
    out[2] = q22 === 0 ? 0 : (right - q12 * cross) / q22;
    out[3] = cross;
  };
}

interface PolarPoints {
  readonly rule: { readonly nodes: Float64Array };
  readonly radii: Float64Array;
  readonly angle: number;
  readonly sizes: readonly [number, number];
}

function pointsInto(u: Float64Array, v: Float64Array, { rule, radii, angle, sizes }: PolarPoints): void {
  const n = radii.length;
  for (let arc = 0; arc < 2; arc++) {
    // From u = 0 to v = 0, of length t; and from v = 0 to u = 0, of length pi - t.
    const half = (arc === 0 ? angle : Math.PI - angle) / 2;
    const middle = (arc === 0 ? -Math.PI : 0) / 2 + angle / 2;
    for (let i = 0; i < n; i++) {
      const theta = middle + half * rule.nodes[i];
      const first = sizes[0] * Math.cos(theta);
      const second = sizes[1] * Math.cos(theta - angle);
      const at = (2 * arc * n + i) * n;
      const opposite = ((2 * arc + 1) * n + i) * n;
      for (let j = 0; j < n; j++) {
        u[at + j] = radii[j] * first;
        v[at + j] = radii[j] * second;
        u[opposite + j] = -u[at + j];
        v[opposite + j] = -v[at + j];
      }
    }
  }
}
