import { fail, harmonicCount, reluFunkHecke, show } from '@muflow/core';
import type { Floor } from '../probe/index.js';
import { type EllipsoidProblem, ellipsoidBudget, ellipsoidDistance } from './ellipsoid.js';
import type { HarmonicEnergies } from './harmonicEnergies.js';

/**
 * Energies of one neuron `relu(<w, x>)`, |w| = 1, by degree: `lambda_k^2 N(d, k)`, in closed form, which add up to
 * `1/(2d)`. O(K).
 *
 * @param degree - K; what lies above is left out, some 1e-5 of the whole at 1200.
 */
export function neuronEnergies({
  dim,
  degree = 1200,
}: {
  readonly dim: number;
  readonly degree?: number;
}): HarmonicEnergies {
  const lambdas = reluFunkHecke(dim, degree);
  return {
    dim,
    name: 'relu(<w, x>)',
    square: 1 / (2 * dim),
    byDegree: lambdas.map((lambda, k) => lambda * lambda * harmonicCount(dim, k)),
    signs: Int8Array.from(lambdas, (lambda) => (lambda < 0 ? -1 : 1)),
  };
}

/**
 * A floor on the relative squared error against g(<w, x>) on the unit sphere, over the ball of radius delta in the
 * space F_2 of random features `relu(<v, x>)`, v uniform on the sphere: functions `int a(v) relu(<v, x>) dv` with
 * `int a^2 <= delta^2`. Convolution with relu multiplies degree k by lambda_k, so F_2 is the ellipsoid of semi-axes
 * `delta |lambda_k|` and the floor is the distance from it, exactly up to the energies left out. Source: [Bach2017].
 *
 * @param delta - radius in F_2, not divided by |g|.
 * @throws `invalid-argument` for d < 3 or a radius below 0.
 */
export function kernelFloor(energies: HarmonicEnergies, delta: number): Floor {
  checkKernel('kernelFloor', energies.dim, delta);
  const reach = ellipsoidDistance(kernelEllipsoid(energies), delta);
  return {
    value: Math.min(1, reach ** 2 / energies.square),
    units: null,
    norm: delta,
    hypotheses: [
      {
        name: 'class',
        statement: 'sums of relu(<v, x>), v uniform on the sphere and not trained, of any number, without biases',
      },
      { name: 'weights', statement: 'outer weights of mean square at most the square of the budget' },
      { name: 'data', statement: `x uniform on the unit sphere of R^${energies.dim}` },
      { name: 'target', statement: energies.name },
    ],
  };
}

/**
 * The least radius in F_2 that comes within an L2 error of the function; infinite where a degree that relu does not see
 * (odd ones from 3 on) holds more than the error.
 *
 * @param error - L2 error, not divided by |g|.
 */
export function kernelBudget(energies: HarmonicEnergies, error: number): number {
  checkKernel('kernelBudget', energies.dim, error);
  return ellipsoidBudget(kernelEllipsoid(energies), error);
}

const kernelEllipsoid = ({ dim, byDegree }: HarmonicEnergies): EllipsoidProblem => ({
  squares: byDegree,
  axes: reluFunkHecke(dim, byDegree.length - 1).map((lambda) => lambda * lambda),
});

function checkKernel(where: string, dim: number, size: number): void {
  if (dim >= 3 && size >= 0 && size < Infinity) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the hypothesis on the dimension or the size is not met',
    got: `d = ${show(dim)}, ${show(size)}`,
    expected: 'a dimension d >= 3 and a finite number >= 0',
    fix: 'pass energies of a sphere in three or more dimensions',
  });
}
