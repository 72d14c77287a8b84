import type { Figure, RunResult } from '@muflow/core';
import { balanceFigure, thinned } from './energyBalance.js';
import type { RegressionParams } from './regressionParams.js';
import type { RegressionErrors, RowError } from './regressionReport.js';

/** Predictions, training, residuals, the energy balance and the trained measure. */
export function regressionFigures(errors: RegressionErrors, run: RunResult, values: RegressionParams): Figure[] {
  return [
    predictionFigure(errors, values),
    lossFigure(run),
    residualFigure(errors, values),
    balanceFigure(run.frames),
    neuronFigure(run, values),
  ].filter(({ marks }) => marks.some((mark) => 'x' in mark && mark.x.length > 0));
}

function predictionFigure(errors: RegressionErrors, values: RegressionParams): Figure {
  const scale = values.logarithmic.includes(values.target) ? 'log' : 'linear';
  const pick = (heldOut: boolean) => errors.rows.filter((row) => row.heldOut === heldOut);
  const ends = [
    Math.min(...errors.rows.map((row) => row.measured)),
    Math.max(...errors.rows.map((row) => row.measured)),
  ];
  return {
    id: 'predictions',
    title: 'Predicted against measured',
    caption: 'Points on the line are exact. Held-out rows were never seen in training.',
    x: { label: `measured ${values.target}`, scale },
    y: { label: `predicted ${values.target}`, scale },
    marks: [
      { type: 'line', x: ends, y: ends, label: 'exact' },
      ...[false, true].map((heldOut) => ({
        type: 'dot' as const,
        label: heldOut ? 'held out' : 'training',
        x: pick(heldOut).map((row) => row.measured),
        y: pick(heldOut).map((row) => row.predicted),
      })),
    ],
  };
}

function lossFigure(run: RunResult): Figure {
  const frames = thinned(run.frames);
  const x = frames.map((frame) => frame.time);
  return {
    id: 'loss',
    title: 'Loss against time',
    caption: 'Half the mean squared error in standardized units, along the flow.',
    x: { label: 'time' },
    y: { label: 'loss', scale: 'log' },
    marks: [
      { type: 'line', label: 'energy on training rows', x, y: frames.map((frame) => frame.values.energy) },
      { type: 'line', label: 'loss on held-out rows', x, y: frames.map((frame) => frame.values.heldOutLoss) },
    ],
  };
}

function residualFigure(errors: RegressionErrors, values: RegressionParams): Figure {
  const hasLaw = values.law !== null;
  const logarithmic = values.logarithmic.includes(values.target);
  const dots = (label: string, rows: readonly RowError[], pair: (row: RowError) => readonly [number, number]) => ({
    type: 'dot' as const,
    label,
    x: rows.map((row) => row.measured),
    y: rows.map((row) => 100 * errors.deviation(...pair(row))),
  });
  const base = (row: RowError): number => (hasLaw ? row.law : row.measured);
  const unit = logarithmic ? 'in per cent' : 'in per cent of the standard deviation of the training rows';
  return {
    id: 'residuals',
    title: hasLaw ? 'Deviation from the reference law' : 'Deviation from the data',
    caption: hasLaw
      ? `How far the network and the data lie from the law, ${unit}.`
      : `How far the network lies from the data, ${unit}.`,
    x: { label: `measured ${values.target}`, scale: logarithmic ? 'log' : 'linear' },
    y: { label: logarithmic ? 'deviation in %' : 'deviation in % of the standard deviation' },
    marks: [
      { type: 'rule', axis: 'y', at: 0 },
      ...[false, true].map((heldOut) =>
        dots(
          heldOut ? 'network, held out' : 'network, training',
          errors.rows.filter((row) => row.heldOut === heldOut),
          (row) => [row.predicted, base(row)],
        ),
      ),
      ...(hasLaw ? [dots('data', errors.rows, (row) => [row.measured, row.law])] : []),
    ],
  };
}

/**
 * The trained measure in the plane of the first two coordinates inside the activation: the weights of the first two
 * inputs, or the weight of the only one and the bias. Area shows mass.
 */
function neuronFigure(run: RunResult, values: RegressionParams): Figure {
  const [mu] = run.profile;
  const second = values.features.length > 1 ? `weight of ${values.features[1]}` : 'bias';
  const sign = (positive: boolean) => {
    const atoms = Array.from({ length: mu.count }, (_, i) => i).filter(
      (i) => mu.positions[i * mu.dim] > 0 === positive,
    );
    return {
      type: 'dot' as const,
      label: positive ? 'positive output weight' : 'negative output weight',
      x: atoms.map((i) => mu.positions[i * mu.dim + 1]),
      y: atoms.map((i) => mu.positions[i * mu.dim + 2]),
      size: atoms.map((i) => mu.masses[i]),
    };
  };
  return {
    id: 'neurons',
    title: 'The trained measure of neurons',
    caption: `Each dot is a neuron, placed by its weight of ${values.features[0]} and its ${second}; its area is its mass, which the Fisher-Rao part has moved.`,
    x: { label: `weight of ${values.features[0]}` },
    y: { label: second },
    marks: [sign(true), sign(false)],
  };
}
