import { fail, harmonicCount, show } from '@muflow/core';

/**
 * Squared norms in F2 of one neuron `relu(<theta, .>)`, cut off after spherical harmonics of degree 0, 1, ..., K, for
 * features relu(<w, .>) with w uniform on the unit sphere of R^D:
 *
 *     |P_K relu(<theta, .>)|^2 = sum_{k <= K, k = 0, 1 or even} N(D, k),
 *
 * N(D, k) the dimension of the harmonics of degree k. For relu(<w, .>) multiplies harmonics by numbers s_k that are 0 at
 * odd k > 1 alone, so the density that gives the cut neuron is the cut delta at theta, and its square integral the sum of
 * the `|Y_kj(theta)|^2`, which is N(D, k) by the addition theorem. The sums diverge like K^(D-1): the neuron, of norm 1 in
 * F1, is not in F2. Source: [Bach2017], section 2.3 and appendix D.
 *
 * @param dim - D >= 2.
 * @returns K + 1 numbers.
 * @throws `invalid-argument` for a dimension or a degree that is no count.
 * @example
 * import { neuronHarmonicNorms } from '@muflow/supervised';
 * console.log([...neuronHarmonicNorms(2, 6)].join(' ')); // => 1 3 5 5 7 7 9
 */
export function neuronHarmonicNorms(dim: number, degree: number): Float64Array {
  if (!(Number.isInteger(dim) && dim >= 2 && Number.isInteger(degree) && degree >= 0)) {
    fail({
      code: 'invalid-argument',
      where: 'neuronHarmonicNorms',
      problem: 'there are no such harmonics',
      got: `dimension ${show(dim)}, degree ${show(degree)}`,
      expected: 'an integer dimension >= 2 and an integer degree >= 0',
      fix: 'pass for instance neuronHarmonicNorms(3, 10)',
    });
  }
  const out = new Float64Array(degree + 1);
  let sum = 0;
  for (let k = 0; k <= degree; k++) {
    if (k < 2 || k % 2 === 0) sum += harmonicCount(dim, k);
    out[k] = sum;
  }
  return out;
}
