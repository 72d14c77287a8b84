import { gaussLegendre, type Measure, measure } from '@muflow/core';
import { axialSphere } from './axisymmetric.js';

/**
 * A law that a flow has made of `axialSphere(inputs, nodes)`, on `finer` nodes for each sign: atom k of a sign has gone where the
 * point at its angle goes, a smooth function of the angle, which is interpolated through the Gauss-Legendre nodes and
 * read at those of `axialSphere(inputs, finer)`, whose masses it takes. With it a law of few atoms, enough for its
 * integrals, can be compared with samples atom by atom.
 *
 * @param mu - `2 nodes` atoms in the order of `axialSphere`, with its masses.
 * @returns `2 finer` atoms. O(nodes finer).
 */
export function refinedLaw(mu: Measure, inputs: number, finer: number): Measure {
  const nodes = mu.count / 2;
  const { nodes: x, weights } = gaussLegendre(nodes);
  // Barycentric weights of Gauss-Legendre nodes: (-1)^k sqrt((1 - x_k^2) w_k).
  const shares = x.map((at, k) => (k % 2 === 0 ? 1 : -1) * Math.sqrt((1 - at * at) * weights[k]));
  const { nodes: fine } = gaussLegendre(finer);
  const start = axialSphere(inputs, finer);
  const positions = new Float64Array(3 * start.count);
  for (let sign = 0; sign < 2; sign++) {
    for (let l = 0; l < finer; l++) {
      const to = 3 * (sign * finer + l);
      let [total, exact] = [0, -1];
      for (let k = 0; k < nodes; k++) {
        const gap = fine[l] - x[k];
        if (gap === 0) exact = k;
        const share = shares[k] / gap;
        total += share;
        for (let c = 0; c < 3; c++) positions[to + c] += share * mu.positions[3 * (sign * nodes + k) + c];
      }
      for (let c = 0; c < 3; c++) {
        positions[to + c] = exact < 0 ? positions[to + c] / total : mu.positions[3 * (sign * nodes + exact) + c];
      }
    }
  }
  return measure({ space: mu.space, positions, masses: start.masses });
}
