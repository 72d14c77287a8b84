import { allocateFirstVariation } from '../energy/checks.js';
import type { Energy } from '../energy/energy.js';
import { interactionEnergy } from '../energy/interactionEnergy.js';
import { potentialEnergy } from '../energy/potentialEnergy.js';
import { sumEnergy } from '../energy/sumEnergy.js';
import { isMuflowError } from '../errors.js';
import { randomKey, randomStream } from '../math/random.js';
import { allocateTangent } from '../measure/tangent.js';
import type { Metric } from '../metric/metric.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { product } from '../space/product.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { randomMeasure } from './measures.js';

/** A smooth energy on a space without border, for laws of what acts on energies. */
export interface Landscape {
  readonly space: Space;
  readonly energy: Energy;
}

/** Energies on flat, curved, periodic, product and finite spaces: linear, quadratic and mixed in the measure. */
export const landscapes: readonly Landscape[] = [
  { space: euclidean(1), energy: potentialEnergy({ potential: 'x^4/4 - x^2/2 + x/3', dim: 1 }) },
  { space: euclidean(2), energy: interactionEnergy({ kernel: 'exp(-norm2(x - y)) + dot(x, y)', dim: 2 }) },
  { space: euclidean(6), energy: interactionEnergy({ kernel: 'exp(-norm2(x - y)/6)', dim: 6 }) },
  {
    space: sphere(3),
    energy: sumEnergy(
      potentialEnergy({ potential: 'exp(x[0] - x[2]^2)', dim: 3 }),
      interactionEnergy({ kernel: 'dot(x, y)^2', dim: 3 }),
    ),
  },
  {
    space: torus(2),
    // A tenth, so that steps of 0.05 are stable: an unstable run amplifies rounding, and then no order is neutral.
    energy: interactionEnergy({ kernel: '(cos(2*pi*(x[0] - y[0])) + sin(2*pi*(x[1] + y[0]))) / 10', dim: 2 }),
  },
  {
    space: product([euclidean(1), sphere(2)]),
    energy: potentialEnergy({ potential: 'x[0]^2/2 + x[0]*x[1] + x[2]^3', dim: 3 }),
  },
  { space: finite(5), energy: interactionEnergy({ kernel: 'cos(x*y) + x/2', dim: 1 }) },
];

/** Energies that every isometry of their space keeps: functions of distances and angles between atoms. */
export const symmetricLandscapes: readonly Landscape[] = [
  { space: euclidean(2), energy: interactionEnergy({ kernel: 'exp(-norm2(x - y)) + norm2(x - y)', dim: 2 }) },
  { space: sphere(3), energy: interactionEnergy({ kernel: 'dot(x, y)^2 - dot(x, y)', dim: 3 }) },
  {
    space: torus(2),
    energy: interactionEnergy({ kernel: '(cos(2*pi*(x[0] - y[0])) + cos(2*pi*(x[1] - y[1]))) / 10', dim: 2 }),
  },
];

/** The landscapes a metric can act on: it moves no isolated points, and its blocks must fit the space. */
export function landscapesFor(metric: Metric): readonly Landscape[] {
  return landscapes.filter(({ space }) => (space.intrinsicDim > 0 || !metric.transports) && actsOn(metric, space));
}

function actsOn(metric: Metric, space: Space): boolean {
  const probe = randomMeasure(space, 2, 'positive', randomStream(randomKey('acts on')));
  try {
    const variation = allocateFirstVariation(probe.count, probe.dim);
    metric.descendInto(allocateTangent(metric.transports, metric.reacts, probe.count, probe.dim), variation, probe);
    return true;
  } catch (error) {
    if (isMuflowError(error)) return false;
    throw error;
  }
}
