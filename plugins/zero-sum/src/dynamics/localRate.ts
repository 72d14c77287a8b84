import { eigenSystem, fail, type Game, type Profile, randomKey } from '@muflow/core';
import type { Dynamics } from './dynamics.js';
import { localChart } from './localChart.js';

/** The spectrum of one step of a scheme at an equilibrium, and what it says of the run near it. */
export interface LocalRate {
  /** Eigenvalues of the step, largest modulus first; of a conjugate pair the one above the axis first. */
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  /** Their largest modulus: the factor of a small distance per step. */
  readonly spectralRadius: number;
  /** Predicted slope of the log distance per step, `log(spectralRadius)`. */
  readonly distanceSlope: number;
  /**
   * Predicted slope of log NI per step: the same, or twice that where the Nikaido-Isoda error does not change in
   * first order along the slowest eigenvectors, as at a strict saddle of two pure strategies.
   */
  readonly errorSlope: number;
  /** Radians per step of the slowest pair; 0 where it is real. */
  readonly angle: number;
  /** `contracts`; `cycles`: an undamped pair, the run circles for ever; `diverges`; `stalls`: a real eigenvalue 1. */
  readonly verdict: 'contracts' | 'cycles' | 'diverges' | 'stalls';
  /** True where the slowest eigenvalues turn and are not damped: use mirror-prox or extragradient. */
  readonly cycling: boolean;
  /** How far one step moves the profile, in log-odds and coordinates: 0 up to rounding at an equilibrium. */
  readonly residual: number;
}

export interface LocalRateOptions {
  /** Half the width of the central differences, default 1e-5; their error is its square. */
  readonly difference?: number;
  /** A modulus within this of 1 counts as 1, default 1e-7. */
  readonly tolerance?: number;
}

/**
 * Linearizes one step of a scheme at an equilibrium, in the log-odds of the masses and in tangent coordinates of the
 * atoms, by central differences, and takes the spectrum. Coordinates in which an atom is pressed against a border do
 * not count; numbers that the stepper remembers between steps count as coordinates. Give only the atoms that have
 * mass, each once: an empty atom has no odds, and a twin adds an eigenvalue 1.
 *
 * Cost: two steps per coordinate, then O(c^3) for c coordinates.
 *
 * @throws `unsupported` for a scheme with noise; `invalid-argument` for an atom without mass.
 *
 * @example
 * const { game } = torusCounterexample();
 * const scheme = dynamics(game, 'mirror-prox', { mass: 0.08, position: 0.002 });
 * localRate(game, scheme, equilibrium).distanceSlope; // -0.0126
 */
export function localRate(
  game: Game,
  { flow, stepper }: Pick<Dynamics, 'flow' | 'stepper'>,
  equilibrium: Profile,
  { difference = 1e-5, tolerance = 1e-7 }: LocalRateOptions = {},
): LocalRate {
  check(flow.noise.length, equilibrium);
  const chart = localChart(equilibrium, { masses: flow.reacts, positions: flow.transports });
  const context = { time: 0, step: 0, dt: 1, key: randomKey('localRate') };
  // What the stepper remembers where nothing moves: the memory after two steps from the equilibrium.
  const settled = stepper.init(flow, equilibrium);
  const rest = stepper.step(flow, stepper.step(flow, equilibrium, context, settled).next, context, settled);
  const memory = [...(stepper.memory?.(rest.state) ?? [])];
  const moved = chart.read(rest.next);
  const tail = memory.length;
  const size = chart.size + tail;
  const image = (z: Float64Array): Float64Array => {
    const profile = chart.at(z);
    const state =
      tail > 0 && stepper.recall
        ? stepper.recall(
            flow,
            profile,
            memory.map((number, k) => number + z[chart.size + k]),
          )
        : stepper.init(flow, profile);
    const result = stepper.step(flow, profile, context, state);
    const after = new Float64Array(size);
    after.set(chart.read(result.next));
    (stepper.memory?.(result.state) ?? []).forEach((number, k) => {
      after[chart.size + k] = number - memory[k];
    });
    return after;
  };
  const jacobian = differences(image, size, difference);
  const { real, imaginary, vectors } = eigenSystem(jacobian, size);
  const radius = Math.hypot(real[0], imaginary[0]);
  const turns = imaginary[0] !== 0;
  const firstOrder = changesError(game, equilibrium, chart, dominant({ real, imaginary, vectors }, size), difference);
  const verdict =
    radius < 1 - tolerance ? 'contracts' : radius > 1 + tolerance ? 'diverges' : turns ? 'cycles' : 'stalls';
  return {
    real,
    imaginary,
    spectralRadius: radius,
    distanceSlope: Math.log(radius),
    errorSlope: (firstOrder ? 1 : 2) * Math.log(radius),
    angle: Math.abs(Math.atan2(imaginary[0], real[0])) * (turns ? 1 : 0),
    verdict,
    cycling: turns && radius >= 1 - tolerance,
    residual: moved.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0),
  };
}

/** Central differences of a map of `size` numbers at 0, row-major. */
function differences(map: (z: Float64Array) => Float64Array, size: number, h: number): Float64Array {
  const jacobian = new Float64Array(size * size);
  const z = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    z[j] = h;
    const above = map(z);
    z[j] = -h;
    const below = map(z);
    z[j] = 0;
    for (let i = 0; i < size; i++) jacobian[i * size + j] = (above[i] - below[i]) / (2 * h);
  }
  return jacobian;
}

interface Spectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  readonly vectors: Float64Array;
}

/** Vectors of all eigenvalues of nearly the largest modulus. */
function dominant({ real, imaginary, vectors }: Spectrum, size: number): readonly Float64Array[] {
  const radius = Math.hypot(real[0], imaginary[0]);
  return Array.from({ length: size }, (_, k) => k)
    .filter((k) => Math.hypot(real[k], imaginary[k]) >= radius * (1 - 1e-6))
    .map((k) => Float64Array.from({ length: size }, (_, i) => vectors[i * size + k]));
}

/** Whether the potentials on the supports change in first order along one of the directions: then NI does. */
function changesError(
  game: Game,
  equilibrium: Profile,
  chart: ReturnType<typeof localChart>,
  directions: readonly Float64Array[],
  h: number,
): boolean {
  const potentials = (z: Float64Array): Float64Array[] => {
    const profile = chart.at(z);
    return equilibrium.map(({ positions, count }, k) => {
      const out = new Float64Array(count);
      game.potentialAt(k, out, positions, count, profile);
      return out;
    });
  };
  return directions.some((direction) => {
    const above = potentials(direction.map((value) => h * value));
    const below = potentials(direction.map((value) => -h * value));
    // The mean of a potential over its support does not change in first order: NI grows by the gaps between atoms.
    const slopes = above.map((values, k) => values.map((value, i) => (value - below[k][i]) / (2 * h)));
    const length = Math.hypot(...direction);
    return slopes.some((values) => Math.max(...values) - Math.min(...values) > 1e-6 * length * scaleOf(above));
  });
}

/** The size of the potentials, at least 1. */
const scaleOf = (potentials: readonly Float64Array[]): number =>
  potentials.reduce((most, values) => values.reduce((largest, v) => Math.max(largest, Math.abs(v)), most), 1);

function check(noises: number, equilibrium: Profile): void {
  if (noises > 0) {
    fail({
      code: 'unsupported',
      where: 'localRate',
      problem: 'a scheme with noise has no linear step',
      got: `${noises} noisy players`,
      expected: 'deterministic dynamics',
      fix: 'ask for the rate of gradient or wfr instead',
    });
  }
  const empty = equilibrium.findIndex(({ logMasses }) => logMasses.some((logMass) => logMass === -Infinity));
  if (empty >= 0) {
    fail({
      code: 'invalid-argument',
      where: 'localRate',
      problem: `player ${empty} has atoms without mass`,
      got: 'a mass of 0',
      expected: 'positive masses',
      fix: 'prune the equilibrium first: finish gives it so',
    });
  }
}
