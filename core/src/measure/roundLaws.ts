import { fail, show } from '../errors.js';
import { deriveKey, type RandomKey, type RandomStream, randomStream } from '../math/random.js';
import { sphereInto } from '../math/sampling.js';
import { euclidean } from '../space/euclidean.js';
import type { Space } from '../space/space.js';
import type { InitialLaw } from './initialLaws.js';

export interface RoundLawOptions {
  readonly dim: number;
  /** Default 1. */
  readonly radius?: number;
  /** Where the atoms live, default R^dim; each point is moved to a nearest point of it. */
  readonly space?: Space;
}

/** The uniform law of the sphere `|x| = radius` of R^d. On `sphere(d)` as space (radius 1) atoms also stay on it. */
export function shellLaw(options: RoundLawOptions): InitialLaw {
  const { dim, radius, space } = checkedRound('shellLaw', options);
  return roundLaw(`uniform on the sphere of radius ${radius}`, space, (out, start, random) => {
    sphereInto(out, start, dim, random);
    for (let k = 0; k < dim; k++) out[start + k] *= radius;
  });
}

/** The uniform law of the ball `|x| <= radius` of R^d: a direction at the distance `radius U^(1/d)`. */
export function ballLaw(options: RoundLawOptions): InitialLaw {
  const { dim, radius, space } = checkedRound('ballLaw', options);
  return roundLaw(`uniform on the ball of radius ${radius}`, space, (out, start, random) => {
    sphereInto(out, start, dim, random);
    const distance = radius * random.uniform() ** (1 / dim);
    for (let k = 0; k < dim; k++) out[start + k] *= distance;
  });
}

/**
 * The uniform law of the half of the sphere `|x| = radius` where `x_0 >= 0`: a support without full measure of
 * directions, from which gradient flows of networks may fail to find the optimum [ChizatBach2018].
 */
export function halfShellLaw(options: RoundLawOptions): InitialLaw {
  const { dim, radius, space } = checkedRound('halfShellLaw', options);
  return roundLaw(`uniform on half the sphere of radius ${radius}`, space, (out, start, random) => {
    sphereInto(out, start, dim, random);
    for (let k = 0; k < dim; k++) out[start + k] *= radius;
    out[start] = Math.abs(out[start]);
  });
}

function roundLaw(
  name: string,
  space: Space,
  point: (out: Float64Array, start: number, random: RandomStream) => void,
): InitialLaw {
  const buffer = new Float64Array(space.dim);
  return {
    name,
    space,
    pointInto: (out, start, key: RandomKey, index) => {
      point(buffer, 0, randomStream(deriveKey(key, 'round', index)));
      space.projectInto(buffer, buffer, 1);
      out.set(buffer, start);
    },
  };
}

function checkedRound(where: string, { dim, radius = 1, space }: RoundLawOptions): Required<RoundLawOptions> {
  const fits = Number.isInteger(dim) && dim >= 1 && (space === undefined || space.dim === dim);
  if (!fits || !(radius > 0 && Number.isFinite(radius))) {
    fail({
      code: 'invalid-argument',
      where,
      problem: fits ? 'the radius is not usable' : 'the dimension is not usable',
      got: fits ? show(radius) : `dim ${show(dim)}${space ? ` on ${space.name}` : ''}`,
      expected: fits ? 'a finite number > 0' : 'an integer >= 1, the coordinates of the space',
      fix: 'pass for instance { dim: 2, radius: 1 }',
    });
  }
  return { dim, radius, space: space ?? euclidean(dim) };
}
