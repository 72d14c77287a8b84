import { type DeepNetwork, deepNetwork, fail, show } from '@muflow/core';
import type { OscillatoryTarget, Target } from '../targets/index.js';

/** An explicit network of depth three for an oscillatory target. */
export interface PhaseNetwork extends Target {
  /** Hidden units, d + m. */
  readonly units: number;
  /** Distance of neighboring knots, in radians. */
  readonly spacing: number;
  /** The same function as layers: d inputs, d units, m units, one output or two (re, im), and its parameters. */
  layers(): { readonly network: DeepNetwork; readonly parameters: Float64Array };
  /** `|f - g|^2` for a phase s, with g the target and f this network; exact but for rounding. */
  squaredErrorAt(phase: number): number;
}

/** Options of {@link phaseNetwork}. */
export interface PhaseNetworkOptions {
  readonly target: OscillatoryTarget;
  /** m >= 3 knots, one unit of the second layer each. */
  readonly knots: number;
  /** S > 0, where the interpolation ends: the network is 0 for phases above S. */
  readonly top: number;
}

/**
 * The network of depth three that computes the phase and then its exponential, `f(x) = q(s(x))`:
 *
 *     first layer    relu(U x + b)                                     d units,
 *     second layer   relu(s - t_k), s = <omega, first>, t_k = k S/(m-1)      m units,
 *     output         q(0) + sum_k a_k relu(s - t_k),
 *
 * where q interpolates `exp(i t)` (or `cos t`) in the knots but the last, is 0 in the last one and beyond; `a_k` are its
 * changes of slope. Each phase below has an error of at most `(S/(m-1))^2 / 8`, each phase above one of `|g|`.
 * `valuesInto` evaluates the formula, in d + O(1) operations; `layers` gives the weights. The construction is that of `[VenturiEtAl2022]` in kind; knots and constants are chosen here.
 *
 * @throws `invalid-argument` unless m is a whole number from 3 and S a finite number above 0.
 *
 * @example
 * const f = phaseNetwork({ target: oscillatoryTarget({ dim: 8, omega: 10 }), knots: 1024, top: 320 });
 * f.units; // 1032
 */
export function phaseNetwork(options: PhaseNetworkOptions): PhaseNetwork {
  const { target, knots, top } = options;
  if (!(Number.isInteger(knots) && knots >= 3)) refuse('m >= 3', show(knots), 'a whole number of knots from 3');
  if (!(top > 0 && top < Infinity)) refuse('S > 0', show(top), 'a finite phase above 0');
  const { dim, complex } = target;
  const spacing = top / (knots - 1);
  const outputs = complex ? 2 : 1;
  const at = new Float64Array(outputs);
  const knotValue = (k: number, part: number): number =>
    k >= knots - 1 ? 0 : part === 0 ? Math.cos(k * spacing) : Math.sin(k * spacing);
  const interpolateInto = (phase: number): void => {
    const k = Math.min(knots - 1, Math.floor(phase / spacing));
    const share = phase / spacing - k;
    for (let part = 0; part < outputs; part++) {
      at[part] = k === knots - 1 ? 0 : (1 - share) * knotValue(k, part) + share * knotValue(k + 1, part);
    }
  };
  return {
    dim,
    complex,
    name: `depth-three network of ${dim} + ${knots} units`,
    units: dim + knots,
    spacing,
    layers: () => layersOf(target, spacing, knots, knotValue),
    squaredErrorAt(phase) {
      interpolateInto(phase);
      const re = at[0] - Math.cos(phase);
      const im = complex ? at[1] - Math.sin(phase) : 0;
      return re * re + im * im;
    },
    valuesInto(out, points, count) {
      const phases = new Float64Array(count);
      target.phasesInto(phases, points, count);
      for (let i = 0; i < count; i++) {
        interpolateInto(phases[i]);
        out.set(at, i * outputs);
      }
    },
  };
}

function layersOf(
  target: OscillatoryTarget,
  spacing: number,
  knots: number,
  knotValue: (k: number, part: number) => number,
): { readonly network: DeepNetwork; readonly parameters: Float64Array } {
  const { dim, omega, bias, rotation, complex } = target;
  const outputs = complex ? 2 : 1;
  const network = deepNetwork({
    inputs: dim,
    widths: [dim, knots],
    outputs,
    activation: 'relu',
    biasVariance: 1,
    parameterization: 'standard',
  });
  const parameters = new Float64Array(network.parameterCount);
  const [first, second, last] = network.layers;
  for (let j = 0; j < dim; j++) {
    for (let k = 0; k < dim; k++) {
      parameters[first.weights + j * dim + k] = rotation ? rotation[j * dim + k] : j === k ? 1 : 0;
    }
    parameters[first.biases + j] = bias[j];
  }
  for (let k = 0; k < knots; k++) {
    parameters.set(omega, second.weights + k * dim);
    parameters[second.biases + k] = -k * spacing;
  }
  for (let part = 0; part < outputs; part++) {
    let slope = 0;
    for (let k = 0; k < knots; k++) {
      const next = (knotValue(k + 1, part) - knotValue(k, part)) / spacing;
      parameters[last.weights + part * knots + k] = next - slope;
      slope = next;
    }
    parameters[last.biases + part] = knotValue(0, part);
  }
  return { network, parameters };
}

function refuse(hypothesis: string, got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where: 'phaseNetwork',
    problem: `the hypothesis ${JSON.stringify(hypothesis)} is not met`,
    got,
    expected,
    fix: `pass ${expected}`,
  });
}
