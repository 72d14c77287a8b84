import {
  type Claim,
  claimWithin,
  type DeepNetworkOptions,
  deepNetwork,
  deriveKey,
  drawParameters,
  type Figure,
  fillNormal,
  logLogSlope,
  randomKey,
  type StudyContext,
  type Table,
} from '@muflow/core';
import { empiricalNngp, empiricalNtk } from '../deep/empiricalKernels.js';
import { infiniteNetwork } from '../infinite/infiniteNetwork.js';

/** A part of the study. */
export interface NngpNtkPart {
  readonly claims: readonly Claim[];
  readonly tables: readonly Table[];
  readonly figures: readonly Figure[];
}

/** Of a fully connected network but its widths. */
export type Shape = Pick<DeepNetworkOptions, 'inputs' | 'activation' | 'weightVariance' | 'biasVariance'>;

export interface KernelsOptions {
  readonly shapes: readonly Shape[];
  readonly depth: number;
  readonly widths: readonly number[];
  readonly draws: number;
  readonly rows: number;
}

interface Slope {
  readonly value: number;
  /** Standard error, from the spread of the squared errors over draws. */
  readonly deviation: number;
}

interface KernelErrors {
  readonly activation: string;
  readonly kernel: 'nngp' | 'ntk';
  /** `sqrt(E |K_n - K|^2)/|K|` in the Frobenius norm, a number a width. */
  readonly errors: readonly number[];
  readonly slope: Slope;
}

/** Relative squared errors of both kernels, a number a draw. */
async function measureWidth(
  shape: Shape,
  width: number,
  { depth, draws, rows }: KernelsOptions,
  context: StudyContext,
): Promise<{ readonly nngp: number[]; readonly ntk: number[] }> {
  const key = deriveKey(randomKey(context.seed), 'nngp-ntk', shape.activation);
  const inputs = new Float64Array(rows * shape.inputs);
  fillNormal(inputs, deriveKey(key, 'inputs'));
  const limit = { nngp: new Float64Array(rows * rows), ntk: new Float64Array(rows * rows) };
  infiniteNetwork({ ...shape, depth }).bothInto(limit, inputs, rows, inputs, rows);
  const network = deepNetwork({ ...shape, widths: Array.from({ length: depth }, () => width) });
  const out = { nngp: [] as number[], ntk: [] as number[] };
  for (let draw = 0; draw < draws; draw++) {
    const parameters = drawParameters(network, deriveKey(key, width, draw));
    out.nngp.push(squaredError(empiricalNngp(network, { parameters, inputs }), limit.nngp));
    out.ntk.push(squaredError(empiricalNtk(network, { parameters, inputs }), limit.ntk));
    await context.pause({ label: `kernels of ${shape.activation} networks of width ${width}`, step: draw + 1 });
  }
  return out;
}

function squaredError(found: Float64Array, limit: Float64Array): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < limit.length; i++) {
    error += (found[i] - limit[i]) ** 2;
    size += limit[i] ** 2;
  }
  return error / size;
}

/** The slope of `log sqrt(mean of squares)` in the logarithm of the width, with its standard error. */
export function slopeOf(widths: readonly number[], squares: readonly (readonly number[])[]): Slope {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const logs = widths.map(Math.log);
  const center = mean(logs);
  const spread = logs.reduce((sum, value) => sum + (value - center) ** 2, 0);
  let variance = 0;
  squares.forEach((values, k) => {
    const average = mean(values);
    const ofMean =
      values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length * (values.length - 1));
    variance += ((logs[k] - center) / spread) ** 2 * (ofMean / (4 * average * average));
  });
  const errors = squares.map((values) => Math.sqrt(mean(values)));
  return { value: logLogSlope(widths, errors), deviation: Math.sqrt(variance) };
}

/** Kernels of drawn networks beside those of infinite width. */
export async function kernelsPart(options: KernelsOptions, context: StudyContext): Promise<NngpNtkPart> {
  const { shapes, widths, draws } = options;
  const all: KernelErrors[] = [];
  for (const shape of shapes) {
    const measured: Awaited<ReturnType<typeof measureWidth>>[] = [];
    for (const width of widths) measured.push(await measureWidth(shape, width, options, context));
    for (const kernel of ['nngp', 'ntk'] as const) {
      const squares = measured.map((one) => one[kernel]);
      const errors = squares.map((values) => Math.sqrt(values.reduce((sum, value) => sum + value, 0) / draws));
      all.push({ activation: shape.activation, kernel, errors, slope: slopeOf(widths, squares) });
    }
  }
  return {
    claims: all.map(({ activation, kernel, slope }) =>
      claimWithin({
        statement: `${activation}, ${kernel.toUpperCase()}: slope of the error in the width (standard error ${slope.deviation.toFixed(3)})`,
        predicted: -0.5,
        measured: slope.value,
        tolerance: 0.1,
      }),
    ),
    tables: [
      {
        title: `Relative error of the kernels of drawn networks, root mean square over ${draws} draws`,
        columns: [
          { name: 'activation' },
          { name: 'kernel' },
          ...widths.map((width) => ({ name: `width ${width}` })),
          { name: 'slope' },
          { name: 'standard error' },
        ],
        rows: all.map(({ activation, kernel, errors, slope }) => [
          activation,
          kernel.toUpperCase(),
          ...errors,
          slope.value,
          slope.deviation,
        ]),
      },
    ],
    figures: [
      {
        id: 'kernels',
        title: 'Kernels of finite networks approach those of infinite width',
        caption: 'Relative root mean square error in the Frobenius norm; both axes logarithmic, slope -1/2 predicted.',
        x: { label: 'width', scale: 'log' },
        y: { label: 'relative error', scale: 'log' },
        marks: all.map(({ activation, kernel, errors }) => ({
          type: 'line' as const,
          label: `${activation}, ${kernel.toUpperCase()}`,
          x: [...widths],
          y: [...errors],
        })),
      },
    ],
  };
}
