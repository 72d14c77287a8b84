import type { Figure, RunResult } from '@muflow/core';
import type { Dataset } from '../dataset.js';
import type { RegressionParams } from './regressionParams.js';
import type { RegressionErrors } from './regressionReport.js';

/** Predictions, training, residuals and the trained measure. */
export function regressionFigures(
  data: Dataset,
  errors: RegressionErrors,
  run: RunResult,
  values: RegressionParams,
): Figure[] {
  const figures = [predictionFigure(errors, values), lossFigure(run), residualFigure(errors, values)];
  if (data.inputDim >= 2) figures.push(neuronFigure(run, values));
  return figures;
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
  const x = run.frames.map((frame) => frame.time);
  return {
    id: 'loss',
    title: 'Loss against time',
    caption: 'Half the mean squared error in standardized units, along the flow.',
    x: { label: 'time' },
    y: { label: 'loss', scale: 'log' },
    marks: [
      { type: 'line', label: 'energy on training rows', x, y: run.frames.map((frame) => frame.values.energy) },
      { type: 'line', label: 'loss on held-out rows', x, y: run.frames.map((frame) => frame.values.heldOutLoss) },
    ],
  };
}

function residualFigure(errors: RegressionErrors, values: RegressionParams): Figure {
  const hasLaw = values.law !== null;
  const off = (value: number, base: number): number => 100 * (value / base - 1);
  return {
    id: 'residuals',
    title: hasLaw ? 'Deviation from the reference law' : 'Deviation from the data',
    caption: hasLaw
      ? 'How far the network and the data lie from the law, in per cent.'
      : 'How far the network lies from the data, in per cent.',
    x: { label: `measured ${values.target}`, scale: values.logarithmic.includes(values.target) ? 'log' : 'linear' },
    y: { label: 'deviation in %' },
    marks: [
      { type: 'rule', axis: 'y', at: 0 },
      {
        type: 'dot',
        label: 'network',
        x: errors.rows.map((r) => r.measured),
        y: errors.rows.map((r) => off(r.predicted, hasLaw ? r.law : r.measured)),
      },
      ...(hasLaw
        ? [
            {
              type: 'dot' as const,
              label: 'data',
              x: errors.rows.map((r) => r.measured),
              y: errors.rows.map((r) => off(r.measured, r.law)),
            },
          ]
        : []),
    ],
  };
}

/** The trained measure in the plane of the first two input weights; area shows mass. */
function neuronFigure(run: RunResult, values: RegressionParams): Figure {
  const [mu] = run.profile;
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
    caption:
      'Each dot is a neuron in the plane of its first two input weights; its area is its mass, which the Fisher-Rao part has moved.',
    x: { label: `weight of ${values.features[0]}` },
    y: { label: `weight of ${values.features[1]}` },
    marks: [sign(true), sign(false)],
  };
}
