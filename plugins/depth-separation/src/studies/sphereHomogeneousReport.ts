import { type Claim, claimAtLeast, claimAtMost, type Figure, type StudyResult, type Table } from '@muflow/core';
import { type Ceiling, type Floor, soundness } from '../probe/index.js';
import type { MeasuredEnergies } from '../spheres/homogeneous.js';

/** Mean energies of random networks of infinite width, over their mean square. */
export interface TailRow {
  readonly dim: number;
  /** After each of the degrees. */
  readonly tails: readonly number[];
  /** Ridge functions that reach each tail. */
  readonly units: readonly number[];
  /** In degrees 3 and 5. */
  readonly odd: number;
  readonly oddOfOneLayer: number;
}

/** One drawn network with its fits. */
export interface DrawnRow {
  readonly dim: number;
  readonly energies: MeasuredEnergies;
  readonly plain: Ceiling;
  readonly biased: Ceiling;
}

export interface FoldRow {
  readonly layers: number;
  /** The least degree with energy. */
  readonly first: number;
  readonly energies: MeasuredEnergies;
}

export interface HomogeneousOutcome {
  readonly layers: number;
  readonly degrees: readonly number[];
  readonly tails: readonly TailRow[];
  /** Tails in the limit of infinite dimension. */
  readonly limits: readonly number[];
  readonly drawn: readonly DrawnRow[];
  readonly folds: readonly FoldRow[];
}

/** The odd energy beyond degree 1, from below with 99 % confidence. */
const floorOf = ({ dim, energies }: DrawnRow): Floor => ({
  value: Math.max(0, energies.oddBeyondOne.low),
  units: null,
  norm: null,
  problem: `d = ${dim}`,
  hypotheses: [
    { name: 'class', statement: 'networks of one hidden layer of rectifiers without biases' },
    { name: 'weights', statement: 'any' },
    { name: 'data', statement: 'uniform on the unit sphere' },
    {
      name: 'target',
      statement: 'one drawn homogeneous network; its odd energy is measured, so the floor holds with 99 % confidence',
    },
  ],
});

export function homogeneousResult(outcome: HomogeneousOutcome): StudyResult {
  const { drawn, layers } = outcome;
  return {
    claims: claimsOf(outcome),
    tables: tablesOf(outcome),
    figures: [tailFigure(outcome)],
    notes: [
      ...(drawn.length === 0
        ? []
        : [
            soundness(
              drawn.map(floorOf),
              drawn.map(({ plain }) => plain),
              drawn.map(({ biased }) => biased),
            ),
          ]),
      'A rectifier without bias is half its argument plus half its absolute value: its odd part is linear, so that sums of them, of any number, miss all odd energy beyond degree 1. That is the only floor here; for shallow networks with biases nothing is proved from below, and none is expected: the result for homogeneous networks is one of approximation.',
      `Every polynomial of degree K on the sphere is a sum of C(d + K - 1, K) ridge functions, so the tail after degree K is a ceiling for so many units, a power of d. Tails of random networks of ${layers} hidden layers are computed at infinite width, as means over draws; in every dimension they are at most those of the limit of infinite dimension, the tails of a Taylor series, so that a fixed error needs a fixed degree. They are told in place of the widths of the theorem, whose constants are astronomic.`,
      'Folding a plane shows the price of depth: each layer doubles the least degree, in every dimension.',
    ],
  };
}

function claimsOf({ tails, limits, degrees, drawn, folds }: HomogeneousOutcome): Claim[] {
  return [
    claimAtMost({
      statement: 'One hidden layer without biases: largest energy in degree 3 over all dimensions',
      bound: 1e-9,
      measured: Math.max(...tails.map(({ oddOfOneLayer }) => oddOfOneLayer)),
    }),
    ...degrees.map((degree, i) =>
      claimAtMost({
        statement: `Tail after degree ${degree}: largest over all dimensions, over that of infinite dimension`,
        bound: 1,
        measured: Math.max(...tails.map((row) => row.tails[i])) / limits[i],
      }),
    ),
    ...drawn.map((row) =>
      claimAtLeast({
        statement: `Without biases no fit is below the odd energy, d = ${row.dim}: distance of its band above the floor`,
        bound: 0,
        measured: row.plain.high - floorOf(row).value,
      }),
    ),
    ...folds.map(({ layers, first: least, energies }) =>
      claimAtMost({
        statement: `${layers} folds: energy below degree ${least}, upper end of its band`,
        bound: 0.05,
        measured: energies.within(0, least - 1).high,
      }),
    ),
  ];
}

function tablesOf({ tails, limits, degrees, drawn, folds, layers }: HomogeneousOutcome): Table[] {
  return [
    {
      title: `Random networks of ${layers} hidden layers, infinite width: share of the energy above a degree`,
      summary: true,
      columns: ['d', ...degrees.flatMap((degree) => [`after degree ${degree}`, 'units']), 'odd, degrees 3 and 5'].map(
        (name) => ({ name }),
      ),
      rows: [
        ...tails.map(({ dim, tails: own, units, odd }) => [dim, ...own.flatMap((tail, k) => [tail, units[k]]), odd]),
        ['infinite', ...limits.flatMap((tail) => [tail, null]), null],
      ],
    },
    {
      title: 'One drawn network: relative squared errors',
      summary: true,
      columns: ['d', 'units of the fits', 'floor without biases', 'fit without', 'to', 'fit with biases', 'to '].map(
        (name) => ({ name }),
      ),
      rows: drawn.map((row) => [
        row.dim,
        row.plain.units,
        floorOf(row).value,
        row.plain.value,
        row.plain.high,
        row.biased.value,
        row.biased.high,
      ]),
    },
    {
      title: 'Folded planes, d = 4: share of the energy by degree',
      columns: ['folds', 'first degree', ...Array.from({ length: 9 }, (_, k) => `degree ${k}`)].map((name) => ({
        name,
      })),
      rows: folds.map((row) => [
        row.layers,
        row.first,
        ...Array.from({ length: 9 }, (_, k) => row.energies.within(k, k).value),
      ]),
    },
  ];
}

function tailFigure({ tails, degrees, drawn, layers }: HomogeneousOutcome): Figure {
  const x = tails.map(({ dim }) => dim);
  const lowest = tails.map((row) => Math.min(...row.tails));
  return {
    id: 'tails',
    title: `Networks of ${layers} hidden layers on the sphere: relative squared error against the dimension`,
    caption:
      'Ceilings: tails of random networks after a degree K, reached by C(d + K - 1, K) ridge functions with biases. With biases nothing is proved from below, so all under the lowest ceiling is unknown, down to 0. Without biases the odd energy is a floor for any width; the lines sum degrees 3 and 5.',
    x: { label: 'd', scale: 'log' },
    y: { label: 'relative squared error', scale: 'log' },
    marks: [
      { type: 'band', label: 'unknown, with biases', x, low: x.map(() => 1e-4), high: lowest },
      ...degrees.map((degree, i) => ({
        type: 'line' as const,
        label: `ceiling, tail after degree ${degree}`,
        x,
        y: tails.map((row) => row.tails[i]),
      })),
      { type: 'line', label: 'floor without biases, mean over draws', x, y: tails.map(({ odd }) => odd) },
      {
        type: 'dot',
        label: 'one drawn network: fit without biases',
        x: drawn.map(({ dim }) => dim),
        y: drawn.map(({ plain }) => plain.value),
      },
      {
        type: 'dot',
        label: 'fit with biases',
        x: drawn.map(({ dim }) => dim),
        y: drawn.map(({ biased }) => biased.value),
      },
    ],
  };
}
