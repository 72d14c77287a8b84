import { type Claim, claimAtLeast, claimWithin, type Figure, logLogSlope, type Mark, type Table } from '@muflow/core';

/** One trained network of the grid. */
export interface Cell {
  readonly width: number;
  readonly scale: number;
  readonly paired: boolean;
  /** Square errors over those of 0. */
  readonly train: number;
  readonly test: number;
  readonly tangentTest: number;
  /** Root mean square motion of an atom. */
  readonly displacement: number;
  /** To the tangent model at the test rows, over the size of the latter. */
  readonly distance: number;
  readonly kappa: number;
}

type Read = (cell: Cell) => number;

const distance: Read = (cell) => cell.distance;
const displacement: Read = (cell) => cell.displacement;
const test: Read = (cell) => cell.test;

/** Geometric mean over the draws of one place of the grid. */
function meanAt(cells: readonly Cell[], place: Partial<Cell>, read: Read): number {
  const { width, scale, paired = false } = place;
  const own = cells.filter((cell) => cell.width === width && cell.scale === scale && cell.paired === paired);
  return Math.exp(own.reduce((sum, cell) => sum + Math.log(read(cell)), 0) / own.length);
}

export function phaseClaims(cells: readonly Cell[], widths: readonly number[], scales: readonly number[]): Claim[] {
  const last = scales.slice(-3);
  const [least, most, widest] = [scales[0], scales[scales.length - 1], widths[widths.length - 1]];
  const slope = (width: number, read: Read, paired = false): number =>
    logLogSlope(
      last,
      last.map((scale) => meanAt(cells, { width, scale, paired }, read)),
    );
  return [
    ...widths.map((width) =>
      claimWithin({
        statement: `Width ${width}: slope of the distance to the tangent model in the scale`,
        predicted: -1,
        tolerance: 0.1,
        measured: slope(width, distance),
      }),
    ),
    claimWithin({
      statement: `Width ${widest}, paired neurons: slope of the distance to the tangent model in the scale`,
      predicted: -2,
      tolerance: 0.2,
      measured: slope(widest, distance, true),
    }),
    claimWithin({
      statement: `Width ${widest}: slope of the distance that atoms travel in the scale`,
      predicted: -1,
      tolerance: 0.05,
      measured: slope(widest, displacement),
    }),
    claimAtLeast({
      statement: `Width ${widest}: test error at the largest scale over that at the smallest`,
      bound: 2,
      measured:
        meanAt(cells, { width: widest, scale: most }, test) / meanAt(cells, { width: widest, scale: least }, test),
    }),
  ];
}

const columns: readonly Read[] = [
  (cell) => cell.kappa,
  distance,
  (cell) => cell.distance / cell.kappa,
  displacement,
  (cell) => cell.train,
  test,
  (cell) => cell.tangentTest,
];

export function phaseTables(cells: readonly Cell[], widths: readonly number[], scales: readonly number[]): Table[] {
  const places = [
    ...widths.flatMap((width) => scales.map((scale) => ({ width, scale, paired: false }))),
    ...scales.map((scale) => ({ width: widths[widths.length - 1], scale, paired: true })),
  ];
  return [
    {
      title: 'Geometric means over the draws; errors are squares over those of 0',
      columns: [
        { name: 'm' },
        { name: 'alpha' },
        { name: 'paired' },
        { name: 'kappa' },
        { name: 'distance to the tangent model' },
        { name: 'distance / kappa' },
        { name: 'motion of an atom' },
        { name: 'train' },
        { name: 'test' },
        { name: 'test of the tangent model' },
      ],
      rows: places.map((place) => [
        place.width,
        place.scale,
        place.paired,
        ...columns.map((read) => meanAt(cells, place, read)),
      ]),
    },
  ];
}

export function phaseFigures(cells: readonly Cell[], widths: readonly number[], scales: readonly number[]): Figure[] {
  const most = scales[scales.length - 1];
  const lines = (read: Read): Mark[] =>
    widths.map((width) => ({
      type: 'line' as const,
      label: `width ${width}`,
      x: [...scales],
      y: scales.map((scale) => meanAt(cells, { width, scale }, read)),
    }));
  const widest = widths[widths.length - 1];
  const reference = meanAt(cells, { width: widest, scale: most }, distance);
  return [
    heatMap('distance-map', 'Distance to the tangent model by width and scale', distance, [cells, widths, scales]),
    heatMap('test-map', 'Test error by width and scale', test, [cells, widths, scales]),
    {
      id: 'distance',
      title: 'Distance to the tangent model against the scale',
      caption: 'Relative, at the test rows. The dots fall like 1/alpha, paired neurons like its square.',
      x: { label: 'scale alpha', scale: 'log' },
      y: { label: 'distance', scale: 'log' },
      marks: [
        ...lines(distance),
        {
          type: 'line',
          label: `width ${widest}, paired`,
          x: [...scales],
          y: scales.map((scale) => meanAt(cells, { width: widest, scale, paired: true }, distance)),
        },
        { type: 'dot', label: '1/alpha', x: [...scales], y: scales.map((scale) => (reference * most) / scale) },
      ],
    },
    {
      id: 'test-error',
      title: 'Test error against the scale',
      caption:
        'Small scales learn the hidden direction of the teacher; large ones predict what the tangent model does.',
      x: { label: 'scale alpha', scale: 'log' },
      y: { label: 'test error', scale: 'log' },
      marks: lines(test),
    },
  ];
}

/** A map of the grid: the number stands at every place, under a dot whose size grows with it. */
function heatMap(
  id: string,
  title: string,
  read: Read,
  [cells, widths, scales]: readonly [readonly Cell[], readonly number[], readonly number[]],
): Figure {
  const places = widths.flatMap((width) => scales.map((scale) => ({ width, scale })));
  const values = places.map((place) => meanAt(cells, place, read));
  const largest = Math.max(...values);
  const [x, y] = [places.map(({ width }) => width), places.map(({ scale }) => scale)];
  return {
    id,
    title,
    caption: 'Each number is the geometric mean over the draws; the area of a dot is in proportion to it.',
    x: { label: 'width m', scale: 'log' },
    y: { label: 'scale alpha', scale: 'log' },
    marks: [
      { type: 'dot', x, y, size: values.map((value) => value / largest) },
      { type: 'text', x, y, text: values.map((value) => value.toPrecision(2)) },
    ],
  };
}
