import {
  deriveKey,
  euler,
  gradientFlow,
  type Measure,
  normalsInto,
  randomKey,
  type StudyContext,
  wasserstein,
  withMasses,
} from '@muflow/core';
import type { NetworkPopulation } from '../population/networkPopulation.js';
import { signedSphere } from '../population/teachers.js';

export interface ResponseOptions {
  readonly inputs: number;
  /** Units N of the one network that stands for the limit. */
  readonly width: number;
  /** Random directions in which its masses are changed. */
  readonly directions: number;
  readonly steps: number;
  readonly dt: number;
  readonly every: number;
}

/** Relative size of the changes: the response is linear to about this size, rounding is far below. */
const change = 1e-3;

/**
 * The limit of `n Var f_t` from one network of N units and no other: with masses `(1 + h xi_i) / N`, xi white noise of
 * mean 0 over the atoms, `sqrt(N) (f_h - f) / h` is the fluctuation that a random start would have, by linear response.
 * The mean of its squares over directions, at the records.
 */
export async function predictByResponse(
  energy: NetworkPopulation,
  { inputs, width, directions, steps, dt, every }: ResponseOptions,
  context: StudyContext,
): Promise<number[]> {
  const key = deriveKey(randomKey(context.seed), 'clt response');
  const start = signedSphere(inputs, width, key);
  const along = async (label: string, initial: Measure): Promise<Measure[]> => {
    const run = { flow: gradientFlow(energy, wasserstein()), initial };
    const { frames } = await context.simulate(label, run, { stepper: euler(), dt, maxSteps: steps, record: { every } });
    return frames.map(({ profile }) => profile[0]);
  };
  const still = await along('linear response, reference', start);
  const means = still.map(() => 0);
  const noise = new Float64Array(width);
  for (let direction = 0; direction < directions; direction++) {
    normalsInto(noise, 0, width, deriveKey(key, 'direction'), direction);
    const mean = noise.reduce((sum, xi) => sum + xi, 0) / width;
    const masses = noise.map((xi) => (1 + change * (xi - mean)) / width);
    const label = `linear response, direction ${direction + 1} of ${directions}`;
    const moved = await along(label, withMasses(start, masses));
    for (const [k, mu] of moved.entries()) {
      const reference = still[k];
      const square =
        energy.innerProduct(mu, mu) -
        2 * energy.innerProduct(mu, reference) +
        energy.innerProduct(reference, reference);
      means[k] += (width * square) / (change * change * directions);
    }
  }
  return means;
}
