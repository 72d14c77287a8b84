import { type Claim, claimAtMost, claimWithin, type Figure, logLogSlope, type Table } from '@muflow/core';

/** Mean square distances at the end, of one width and step size. */
export interface Place {
  readonly width: number;
  readonly stepSize: number;
  /** Of the descent to the flow of its neurons. */
  readonly toFlow: number;
  /** Of that flow to the limit of infinite width; the same for all step sizes. */
  readonly flowToLimit: number;
  /** Of the descent to the limit. */
  readonly toLimit: number;
}

const at = (places: readonly Place[], width: number, stepSize: number): Place =>
  places.filter((place) => place.width === width && place.stepSize === stepSize)[0];

/** Sum of both parts over what was measured, or its inverse where that is larger. */
const departure = ({ toFlow, flowToLimit, toLimit }: Place): number =>
  Math.max((toFlow + flowToLimit) / toLimit, toLimit / (toFlow + flowToLimit));

/**
 * The square distance of a start of n neurons to the limit lies in few modes and varies by about its own size from draw to draw:
 * with 24 draws and four widths that double, the exponent has a standard error of about 0.1.
 */
const widthTolerance = 0.25;

/** Three standard errors of the mean over four widths, from draws that vary likewise. */
const stepTolerance = 0.15;

export function sgdClaims(places: readonly Place[], widths: readonly number[], stepSizes: readonly number[]): Claim[] {
  const first = stepSizes[0];
  return [
    claimWithin({
      statement: 'Exponent of the step size in the square distance of the descent to its flow, mean over widths',
      predicted: 1,
      tolerance: stepTolerance,
      measured:
        widths.reduce((sum, width) => {
          const row = stepSizes.map((stepSize) => at(places, width, stepSize).toFlow);
          return sum + logLogSlope(stepSizes, row);
        }, 0) / widths.length,
    }),
    claimWithin({
      tolerance: widthTolerance,
      statement: 'Exponent of the width in the square distance of the flow of n neurons to the limit',
      predicted: -1,
      measured: logLogSlope(
        widths,
        widths.map((width) => at(places, width, first).flowToLimit),
      ),
    }),
    claimWithin({
      tolerance: widthTolerance,
      statement: 'Exponent of the width in the square distance of the descent to the limit, step sizes falling along',
      predicted: -1,
      measured: logLogSlope(
        widths,
        widths.map((width, k) => at(places, width, stepSizes[k]).toLimit),
      ),
    }),
    claimAtMost({
      statement: 'Both parts add up: sum over the square distance to the limit, or its inverse, largest of the grid',
      bound: 1.3,
      measured: Math.max(...places.map(departure)),
    }),
  ];
}

export function sgdTables(places: readonly Place[]): Table[] {
  return [
    {
      title: 'Mean square distances at the end of training',
      columns: [
        { name: 'n' },
        { name: 'step size' },
        { name: 'descent to flow' },
        { name: 'over step size' },
        { name: 'flow to limit' },
        { name: 'times n' },
        { name: 'descent to limit' },
        { name: 'sum of parts / it' },
      ],
      rows: places.map(({ width, stepSize, toFlow, flowToLimit, toLimit }) => [
        width,
        stepSize,
        toFlow,
        toFlow / stepSize,
        flowToLimit,
        flowToLimit * width,
        toLimit,
        (toFlow + flowToLimit) / toLimit,
      ]),
    },
  ];
}

export function sgdFigures(
  places: readonly Place[],
  widths: readonly number[],
  stepSizes: readonly number[],
): Figure[] {
  return [
    {
      id: 'step-size',
      title: 'Descent against the flow of the same neurons',
      caption: 'Mean square distance at the end; it is in proportion to the step size, whatever the width.',
      x: { label: 'step size', scale: 'log' },
      y: { label: 'E|f - f_flow|^2', scale: 'log' },
      marks: widths.map((width) => ({
        type: 'line' as const,
        label: `width ${width}`,
        x: [...stepSizes],
        y: stepSizes.map((stepSize) => at(places, width, stepSize).toFlow),
      })),
    },
    {
      id: 'width',
      title: 'Distance to the mean-field limit against the width',
      caption: 'For a fixed step size the distance stops falling where the noise of the descent is left.',
      x: { label: 'width n', scale: 'log' },
      y: { label: 'E|f - f_limit|^2', scale: 'log' },
      marks: [
        ...stepSizes.map((stepSize) => ({
          type: 'line' as const,
          label: `step size ${stepSize}`,
          x: [...widths],
          y: widths.map((width) => at(places, width, stepSize).toLimit),
        })),
        {
          type: 'line',
          label: 'flow of n neurons',
          x: [...widths],
          y: widths.map((width) => at(places, width, stepSizes[0]).flowToLimit),
        },
      ],
    },
  ];
}
