import {
  claimWithin,
  deepNetwork,
  deriveKey,
  drawParameters,
  fillNormal,
  linearFit,
  randomKey,
  type StudyContext,
} from '@muflow/core';
import { measureSignals } from '../deep/measureSignals.js';
import { signalPropagation } from '../infinite/signalPropagation.js';
import type { NngpNtkPart } from './nngpNtkKernels.js';

export interface SignalsOptions {
  readonly weightVariances: readonly number[];
  readonly depth: number;
  readonly width: number;
  readonly draws: number;
}

const inputCount = 20;

/** Mean over draws of the logarithms of signals and gradients by layer, of relu networks without bias. */
export async function signalsPart(options: SignalsOptions, context: StudyContext): Promise<NngpNtkPart> {
  const { weightVariances, depth, width, draws } = options;
  const key = deriveKey(randomKey(context.seed), 'nngp-ntk signals');
  const inputs = new Float64Array(inputCount);
  fillNormal(inputs, deriveKey(key, 'inputs'));
  const meanSquare = inputs.reduce((sum, value) => sum + value * value, 0) / inputCount;
  const layers = Array.from({ length: depth }, (_, l) => l + 1);
  const all: { readonly weightVariance: number; readonly signals: number[]; readonly gradients: number[] }[] = [];
  for (const weightVariance of weightVariances) {
    const widths = layers.map(() => width);
    const network = deepNetwork({ inputs: inputCount, widths, activation: 'relu', weightVariance });
    const signals = new Float64Array(depth);
    const gradients = new Float64Array(depth);
    for (let draw = 0; draw < draws; draw++) {
      const found = measureSignals(network, drawParameters(network, deriveKey(key, draw)), inputs);
      for (let l = 0; l < depth; l++) {
        signals[l] += Math.log(found.activations[l]) / draws;
        gradients[l] += Math.log(found.gradients[l]) / draws;
      }
      await context.pause({ label: `signals at weight variance ${weightVariance}`, step: draw + 1 });
    }
    all.push({ weightVariance, signals: Array.from(signals, Math.exp), gradients: Array.from(gradients, Math.exp) });
  }
  const growth = (values: readonly number[]): number => linearFit(layers, values.map(Math.log)).slope;
  // A layer changes a logarithm by sqrt(5/width) at most, so a slope over depth layers and draws by 1.1 times that over
  // sqrt(depth draws), and lowers its mean by 2.5/width.
  const tolerance = 2.5 / width + 5 * Math.sqrt(5 / (width * depth * draws));
  return {
    claims: all.flatMap(({ weightVariance, signals, gradients }) => [
      claimWithin({
        statement: `relu, weight variance ${weightVariance}: growth of the logarithm of the signal per layer, log(variance/2)`,
        predicted: Math.log(weightVariance / 2),
        measured: growth(signals),
        tolerance,
      }),
      claimWithin({
        statement: `relu, weight variance ${weightVariance}: growth of the logarithm of the gradient per layer backward`,
        predicted: Math.log(weightVariance / 2),
        measured: -growth(gradients),
        tolerance,
      }),
    ]),
    tables: [
      {
        title: `Signals and gradients of relu networks of width ${width}, geometric mean over ${draws} draws`,
        columns: [
          { name: 'layer' },
          ...all.flatMap(({ weightVariance }) => [
            { name: `|a|^2/n, variance ${weightVariance}` },
            { name: `|df/dz|^2, variance ${weightVariance}` },
          ]),
        ],
        rows: layers.map((layer, l) => [layer, ...all.flatMap(({ signals, gradients }) => [signals[l], gradients[l]])]),
      },
    ],
    figures: [
      {
        id: 'signals',
        title: 'Gradients vanish, stay or explode with depth',
        caption: 'Squared gradient in each layer, by weight variance below, at and above 2. Lines: infinite width.',
        x: { label: 'layer' },
        y: { label: '|df/dz|^2', scale: 'log' },
        marks: all.flatMap(({ weightVariance, gradients }) => [
          {
            type: 'line' as const,
            label: `predicted, variance ${weightVariance}`,
            x: layers,
            y: [...signalPropagation({ activation: 'relu', weightVariance, depth, meanSquare }).gradients],
          },
          { type: 'dot' as const, label: `measured, variance ${weightVariance}`, x: layers, y: gradients },
        ]),
      },
    ],
  };
}
