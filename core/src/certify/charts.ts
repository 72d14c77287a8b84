import { fail, show } from '../errors.js';
import type { Space } from '../space/space.js';
import { type ScalarGraph, sumOf } from './scalarGraph.js';

/** A box of chart coordinates; a coordinate of no width is fixed. */
export interface ChartBox {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/**
 * Boxes whose images under one map cover a space. A point of the space is an image of some box; the map is defined,
 * and stays in the space, on a neighborhood of each box except across walls.
 */
export interface Chart {
  /** Number of chart coordinates. */
  readonly dim: number;
  readonly boxes: readonly ChartBox[];
  /** Walls `lower <= u_k <= upper` that the space ends at, as numbers; absent coordinates go on smoothly. */
  readonly walls: readonly (ChartWall | null)[];
  /** Period of each coordinate that is periodic: its boxes span one. */
  readonly periods: readonly (number | null)[];
  /** `dist(x(u), x(v))^2 <= sum_k speeds_k^2 (u_k - v_k)^2` within a box, dist being that of the space. */
  readonly speeds: readonly number[];
  /** Groups of coordinates of which the sum is at most 1. */
  readonly sums: readonly (readonly number[])[];
  /** What the coordinates of a point add up to, where the chart has all of them though they depend on each other. */
  readonly total?: number;
  /** Writes the point of the space as nodes, from chart coordinates `first …`. */
  point(graph: ScalarGraph, first: number): readonly number[];
  /** The point of the space at chart coordinates, to rounding. */
  pointInto(out: Float64Array, outStart: number, u: Float64Array, uStart: number): void;
  /** Chart coordinates of a point of the space, to rounding, inside one of the boxes. */
  coordinatesInto(out: Float64Array, outStart: number, x: Float64Array, xStart: number): void;
}

export interface ChartWall {
  readonly lower: number;
  readonly upper: number;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, k) => k);

/** Least double above 2 pi. */
const fullTurn = 6.283185307179587;

/**
 * The chart of a space: boxes and tori by their coordinates, the circle by its angle, spheres by the faces of a cube
 * (`x = R u / |u|`), the simplex by all coordinates but the last, finite spaces point by point, products factor by
 * factor. Null for kinds of space it does not know.
 * @throws `unsupported` for an unbounded space.
 */
export function chartOf(space: Space): Chart | null {
  switch (space.kind) {
    case 'box':
      return boxChart(space);
    case 'torus':
      return torusChart(space);
    case 'sphere':
      return space.dim === 2 ? circleChart(radiusOf(space)) : sphereChart(space.dim, radiusOf(space));
    case 'simplex':
      return simplexChart(space.dim);
    case 'finite':
      return finiteChart(space.volume);
    case 'product': {
      const charts = (space.factors ?? []).map(chartOf);
      return charts.some((chart) => chart === null) ? null : productChart(charts as Chart[], space.factors ?? []);
    }
    case 'euclidean':
      return fail({
        code: 'unsupported',
        where: 'certifiedMinimum',
        problem: 'the space is unbounded',
        got: show(space.name),
        expected: 'a bounded space, such as a box, torus, sphere or simplex',
        fix: 'restrict the points to a box',
      });
    default:
      return null;
  }
}

/** True where a space has charts, so that minima over it can be proven. */
export function hasChart(space: Space): boolean {
  return space.kind === 'product'
    ? (space.factors ?? []).every(hasChart)
    : ['box', 'torus', 'sphere', 'simplex', 'finite', 'euclidean'].includes(space.kind);
}

/** The second number in a name such as `sphere(3,2)`, 1 where there is none. */
function secondNumber(name: string): number {
  const found = /\(\s*\d+\s*,\s*([^)]+)\)$/.exec(name);
  return found === null ? 1 : Number(found[1]);
}

/** Radius of a sphere. */
export const radiusOf = (space: Space): number => secondNumber(space.name);

/** The chart whose coordinates are those of the space, on one box. */
function flatChart(lower: readonly number[], upper: readonly number[]): Chart {
  const dim = lower.length;
  const copy: Chart['pointInto'] = (out, outStart, u, uStart) => {
    for (let k = 0; k < dim; k++) out[outStart + k] = u[uStart + k];
  };
  return {
    dim,
    boxes: [{ lower, upper }],
    walls: range(dim).map((k) => ({ lower: lower[k], upper: upper[k] })),
    periods: range(dim).map(() => null),
    speeds: range(dim).map(() => 1),
    sums: [],
    point: (graph, first) => range(dim).map((k) => graph.free(first + k)),
    pointInto: copy,
    coordinatesInto: (out, outStart, x, xStart) => {
      for (let k = 0; k < dim; k++) out[outStart + k] = Math.min(upper[k], Math.max(lower[k], x[xStart + k]));
    },
  };
}

function boxChart(space: Space): Chart {
  const corner = (side: number): number[] => {
    const far = new Float64Array(space.dim).fill(side * Number.MAX_VALUE);
    space.projectInto(far, far, 1);
    return Array.from(far);
  };
  return flatChart(corner(-1), corner(1));
}

/** One period, with its ends as walls: the formula need not be periodic to the last digit. */
function torusChart(space: Space): Chart {
  const period = secondNumber(space.name);
  const chart = flatChart(new Array(space.dim).fill(0), new Array(space.dim).fill(period));
  return {
    ...chart,
    periods: range(space.dim).map(() => period),
    pointInto: (out, outStart, u, uStart) => {
      for (let k = 0; k < space.dim; k++) out[outStart + k] = u[uStart + k] >= period ? 0 : u[uStart + k];
    },
  };
}

function circleChart(radius: number): Chart {
  return {
    dim: 1,
    boxes: [{ lower: [0], upper: [fullTurn] }],
    walls: [null],
    periods: [2 * Math.PI],
    speeds: [radius],
    sums: [],
    point: (graph, first) =>
      (['cos', 'sin'] as const).map((wave) =>
        graph.binary('multiply', graph.constant(radius), graph.unary(wave, graph.free(first))),
      ),
    pointInto: (out, outStart, u, uStart) => {
      out[outStart] = radius * Math.cos(u[uStart]);
      out[outStart + 1] = radius * Math.sin(u[uStart]);
    },
    coordinatesInto: (out, outStart, x, xStart) => {
      const angle = Math.atan2(x[xStart + 1], x[xStart]);
      out[outStart] = angle < 0 ? angle + 2 * Math.PI : angle;
    },
  };
}

function sphereChart(d: number, radius: number): Chart {
  const boxes = range(2 * d).map((face) => {
    const side = face & 1 ? 1 : -1;
    return {
      lower: range(d).map((k) => (k === face >> 1 ? side : -1)),
      upper: range(d).map((k) => (k === face >> 1 ? side : 1)),
    };
  });
  return {
    dim: d,
    boxes,
    walls: range(d).map(() => null),
    periods: range(d).map(() => null),
    // The radial projection of |u| >= 1 to the unit sphere shortens curves.
    speeds: range(d).map(() => radius),
    sums: [],
    point: (graph, first) => {
      const u = range(d).map((k) => graph.free(first + k));
      const squared = sumOf(
        graph,
        u.map((part) => graph.power(part, 2)),
      );
      const length = graph.unary('sqrt', squared);
      return u.map((part) => graph.binary('multiply', graph.constant(radius), graph.binary('divide', part, length)));
    },
    pointInto: (out, outStart, u, uStart) => {
      let squared = 0;
      for (let k = 0; k < d; k++) squared += u[uStart + k] * u[uStart + k];
      for (let k = 0; k < d; k++) out[outStart + k] = (radius * u[uStart + k]) / Math.sqrt(squared);
    },
    coordinatesInto: (out, outStart, x, xStart) => {
      let axis = 0;
      for (let k = 1; k < d; k++) if (Math.abs(x[xStart + k]) > Math.abs(x[xStart + axis])) axis = k;
      const scale = Math.abs(x[xStart + axis]);
      for (let k = 0; k < d; k++) out[outStart + k] = x[xStart + k] / scale;
      out[outStart + axis] = x[xStart + axis] > 0 ? 1 : -1;
    },
  };
}

function simplexChart(k: number): Chart {
  const free = k - 1;
  const zeros = range(free).map(() => 0);
  const ones = range(free).map(() => 1);
  const chart = flatChart(zeros, ones);
  return {
    ...chart,
    walls: zeros.map(() => ({ lower: 0, upper: 1 })),
    // The last coordinate moves by the sum of the others.
    speeds: zeros.map(() => Math.sqrt(k) * (1 + 2 ** -50)),
    sums: free > 1 ? [range(free)] : [],
    point: (graph, first) => {
      const u = range(free).map((j) => graph.free(first + j));
      return [...u, graph.binary('subtract', graph.constant(1), sumOf(graph, u))];
    },
    pointInto: (out, outStart, u, uStart) => {
      let total = 0;
      for (let j = 0; j < free; j++) {
        out[outStart + j] = u[uStart + j];
        total += u[uStart + j];
      }
      out[outStart + free] = Math.max(0, 1 - total);
    },
  };
}

/**
 * The chart for potentials that jump at hyperplanes `u_k = b`: a box, or all coordinates of a simplex with their sum.
 * Walls are cells of their own. Null for other spaces, and for more than 6 coordinates.
 */
export function jumpChart(space: Space): Chart | null {
  if (!(space.kind === 'box' || space.kind === 'simplex') || space.dim > 6) return null;
  const d = space.dim;
  const whole =
    space.kind === 'box' ? boxChart(space) : { ...flatChart(new Array(d).fill(0), new Array(d).fill(1)), total: 1 };
  const [{ lower, upper }] = whole.boxes;
  const boxes = range(3 ** d).map((code) => {
    const part = range(d).map((k) => Math.floor(code / 3 ** k) % 3);
    return {
      lower: part.map((side, k) => (side === 2 ? upper[k] : lower[k])),
      upper: part.map((side, k) => (side === 1 ? lower[k] : upper[k])),
    };
  });
  return { ...whole, boxes };
}

function finiteChart(n: number): Chart {
  return {
    ...flatChart([0], [n - 1]),
    boxes: range(n).map((k) => ({ lower: [k], upper: [k] })),
    walls: [null],
  };
}

function productChart(charts: readonly Chart[], factors: readonly Space[]): Chart {
  const starts = charts.map((_, f) => charts.slice(0, f).reduce((total, { dim }) => total + dim, 0));
  const offsets = factors.map((_, f) => factors.slice(0, f).reduce((total, { dim }) => total + dim, 0));
  const boxes = charts.reduce<ChartBox[]>(
    (all, chart) =>
      all.flatMap((left) =>
        chart.boxes.map((right) => ({
          lower: [...left.lower, ...right.lower],
          upper: [...left.upper, ...right.upper],
        })),
      ),
    [{ lower: [], upper: [] }],
  );
  return {
    dim: charts.reduce((total, { dim }) => total + dim, 0),
    boxes,
    walls: charts.flatMap(({ walls }) => walls),
    periods: charts.flatMap(({ periods }) => periods),
    speeds: charts.flatMap(({ speeds }) => speeds),
    sums: charts.flatMap(({ sums }, f) => sums.map((group) => group.map((k) => k + starts[f]))),
    point: (graph, first) => charts.flatMap((chart, f) => chart.point(graph, first + starts[f])),
    pointInto: (out, outStart, u, uStart) => {
      charts.forEach((chart, f) => {
        chart.pointInto(out, outStart + offsets[f], u, uStart + starts[f]);
      });
    },
    coordinatesInto: (out, outStart, x, xStart) => {
      charts.forEach((chart, f) => {
        chart.coordinatesInto(out, outStart + starts[f], x, xStart + offsets[f]);
      });
    },
  };
}
