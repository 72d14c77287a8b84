import type { Figure, Table } from '@muflow/core';
import { meanSquare } from '../baselines/ridge.js';
import type { Dataset, Part } from '../dataset.js';
import type { CurvePoint } from '../fit/trainNetwork.js';
import type { Task } from './tabularParams.js';

/** A fitted predictor in standardized numbers. */
export interface Predictor {
  readonly name: string;
  /** What the validation rows have chosen. */
  readonly setting: string;
  predict(inputs: Float64Array, rows: number): Float64Array;
}

/**
 * Squared error on a part over that of the mean of the training rows: 0 is exact, 1 no better than the mean.
 * In standardized numbers that mean is 0.
 */
export function unexplained(predictor: Predictor, part: Part, train: Part): number {
  const rows = part.rows.length;
  const mean = train.targets.reduce((sum, value) => sum + value, 0) / train.rows.length;
  return (
    meanSquare(predictor.predict(part.inputs, rows), part.targets) /
    meanSquare(new Float64Array(rows).fill(mean), part.targets)
  );
}

/** Errors of all predictors on all parts. */
export function tabularTables(data: Dataset, predictors: readonly Predictor[], { target, logarithmic }: Task): Table[] {
  const { train, validation, test, targetScale } = data;
  const unit = logarithmic.includes(target) ? `log10 ${target}` : target;
  return [
    {
      title: 'Share of the variance left',
      summary: true,
      columns: [
        { name: 'predictor' },
        { name: 'chosen' },
        { name: 'training' },
        { name: 'validation' },
        { name: 'held out' },
        { name: 'held-out rms error', unit },
      ],
      rows: predictors.map((predictor) => [
        predictor.name,
        predictor.setting,
        ...[train, validation, test].map((part) => unexplained(predictor, part, train)),
        Math.sqrt(meanSquare(predictor.predict(test.inputs, test.rows.length), test.targets)) * targetScale.deviation,
      ]),
    },
  ];
}

const mostDots = 1000;

/** Losses along the training, and predictions against what was measured on held-out rows. */
export function tabularFigures(
  data: Dataset,
  predictors: readonly Predictor[],
  { task, curve }: { readonly task: Task; readonly curve: readonly CurvePoint[] },
): Figure[] {
  return [lossFigure(curve), predictionFigure(data, predictors, task)];
}

function lossFigure(curve: readonly CurvePoint[]): Figure {
  const x = curve.map(({ time }) => time);
  return {
    id: 'loss',
    title: 'Loss against time',
    caption: 'Half the mean squared error in standardized units. The measure of least validation loss is kept.',
    x: { label: 'time' },
    y: { label: 'loss', scale: 'log' },
    marks: [
      { type: 'line', label: 'training rows', x, y: curve.map(({ trainLoss }) => trainLoss) },
      { type: 'line', label: 'validation rows', x, y: curve.map(({ validationLoss }) => validationLoss) },
    ],
  };
}

function predictionFigure({ test, targetScale }: Dataset, predictors: readonly Predictor[], task: Task): Figure {
  const logarithmic = task.logarithmic.includes(task.target);
  const scale = logarithmic ? 'log' : 'linear';
  const inUnit = (z: number): number => {
    const value = z * targetScale.deviation + targetScale.mean;
    return logarithmic ? 10 ** value : value;
  };
  const stride = Math.ceil(test.rows.length / mostDots);
  const shown = (_: number, l: number): boolean => l % stride === 0;
  const measured = Array.from(test.targets, inUnit);
  const x = measured.filter(shown);
  const ends = [
    measured.reduce((least, value) => Math.min(least, value)),
    measured.reduce((most, value) => Math.max(most, value)),
  ];
  return {
    id: 'predictions',
    title: 'Predicted against measured on held-out rows',
    caption: `Points on the line are exact.${stride > 1 ? ` Every ${stride}th row is shown.` : ''}`,
    x: { label: `measured ${task.target}`, scale },
    y: { label: `predicted ${task.target}`, scale },
    marks: [
      { type: 'line', x: ends, y: ends, label: 'exact' },
      ...predictors.map(({ name, predict }) => ({
        type: 'dot' as const,
        label: name,
        x,
        y: Array.from(predict(test.inputs, test.rows.length), inUnit).filter(shown),
      })),
    ],
  };
}
