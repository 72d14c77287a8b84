import type { DataLaw } from './dataLaw.js';
import { checkedRotation } from './rotation.js';

/**
 * The law of `U^T y` with y of a given law: that of x when `U x` has the given law.
 *
 * Its `band` is null, since a cube is no cube after a rotation; a bound that needs the law of `U x` asks for y.
 * Cost: d^2 a point on top of the draw.
 *
 * @param rotation U, orthogonal, dim*dim numbers, row-major.
 * @throws `shape-mismatch` or `invalid-argument` unless U is an orthogonal matrix of that size.
 *
 * @example
 * const law = rotatedData(sincFourthData({ dim: 3 }), randomOrthogonal(3, stream));
 */
export function rotatedData(law: DataLaw, rotation: Float64Array): DataLaw {
  const { dim, name } = law;
  const matrix = checkedRotation('rotatedData', rotation, dim);
  const row = new Float64Array(dim);
  return {
    dim,
    band: null,
    name: `${name}, rotated`,
    sampleInto(points, stream) {
      law.sampleInto(points, stream);
      for (let at = 0; at < points.length; at += dim) {
        row.fill(0);
        for (let j = 0; j < dim; j++) {
          const y = points[at + j];
          for (let k = 0; k < dim; k++) row[k] += matrix[j * dim + k] * y;
        }
        points.set(row, at);
      }
    },
  };
}
