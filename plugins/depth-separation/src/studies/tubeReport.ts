import { type Claim, claimAtLeast, claimAtMost, type Figure, type StudyResult, type Table } from '@muflow/core';
import { type Ceiling, contradiction, type Floor, soundness } from '../probe/index.js';
import type { TubeCertificate, WindowMass } from '../tube/index.js';
import { cardClaims, cardError, cardMass, cardUnits } from './tubeCard.js';

/** What the study of tubes computed and measured. */
export interface TubeOutcome {
  readonly omega: number;
  readonly knots: readonly number[];
  /** True for the setting that the card speaks about. */
  readonly onCard: boolean;
  /** Enclosures of Q at one resolution and at four times that, for several frequencies. */
  readonly masses: readonly { readonly omega: number; readonly coarse: WindowMass; readonly fine: WindowMass }[];
  readonly certificates: readonly TubeCertificate[];
  readonly deep: readonly { readonly dim: number; readonly knots: number; readonly ceiling: Ceiling }[];
  /** For each dimension and width all restarts of all methods, and the one that validation chose. */
  readonly fits: readonly { readonly dim: number; readonly ceilings: readonly Ceiling[]; readonly best: Ceiling }[];
  /** Largest difference between the layers and the formula, over 1 + the phase. */
  readonly difference: number;
}

/** The floors for m + d units, m the largest number of knots: as many as the deeper network has. */
const floorsOf = ({ certificates, knots }: TubeOutcome): { dim: number; floor: Floor }[] =>
  certificates.map((certificate) => ({
    dim: certificate.dim,
    floor: { ...certificate.floor(Math.max(...knots) + certificate.dim), problem: `d = ${certificate.dim}` },
  }));

/** Floors for the width of each fit, which are what a fit is held to. */
const ownFloors = ({ certificates, fits }: TubeOutcome): Floor[] =>
  fits.flatMap(({ dim, ceilings }) =>
    certificates
      .filter((one) => one.dim === dim)
      .flatMap((one) => ceilings.map(({ units }) => ({ ...one.floor(Math.max(1, units)), problem: `d = ${dim}` }))),
  );

/** Nothing at all is the network of no units, with a relative error of 1. */
const nothing = (dim: number): Ceiling => ({
  value: 1,
  low: 1,
  high: 1,
  method: 'the zero function',
  units: 0,
  problem: `d = ${dim}`,
});

export function tubeResult(outcome: TubeOutcome): StudyResult {
  const { deep, fits, certificates } = outcome;
  const floors = floorsOf(outcome).map(({ floor }) => floor);
  const shallow = [...fits.flatMap(({ ceilings }) => ceilings), ...certificates.map(({ dim }) => nothing(dim))];
  return {
    claims: claimsOf(outcome),
    tables: [boundTable(outcome), massTable(outcome), deepTable(outcome), fitTable(outcome)],
    figures: [mainFigure(outcome), unitFigure(outcome)],
    notes: [
      soundness(
        floors,
        shallow,
        deep.map(({ ceiling }) => ceiling),
      ),
      'Q is enclosed with proof: the spectral law of a factor is known in closed form, cells are integrated by midpoints with a bound of the second derivative, and between two windows of the grid the mass cannot grow by more than the cells it gains. Rounding is allowed 2e-9, far more than it can amount to if the functions of the platform are good to some units in the last place.',
      'A ridge function counts as one unit whatever its shape, so a ramp made of two relus is one unit here; a constant is no unit, since it can be given to any of them. The zero function has the relative error 1, and a fit above it is no news. The deeper network is constructed, not trained; the place where its interpolation ends was chosen on points other than those it is measured on, and its error comes from few points in the tail, so that its band is only as good as the central limit theorem there.',
    ],
  };
}

function claimsOf(outcome: TubeOutcome): Claim[] {
  const { masses, certificates, deep, fits, difference, onCard } = outcome;
  const floors = floorsOf(outcome);
  const all = fits.flatMap(({ ceilings }) => ceilings);
  const held = ownFloors(outcome);
  const worst = Math.min(
    ...all.map((ceiling) => {
      const own = held.filter(({ problem, units }) => problem === ceiling.problem && units === ceiling.units);
      return ceiling.high - Math.max(0, ...own.map(({ value }) => value));
    }),
  );
  const gaps = deep.flatMap(({ dim, ceiling }) =>
    floors.filter((one) => one.dim === dim && dim >= 12).map(({ floor }) => floor.value - ceiling.high),
  );
  return [
    claimAtMost({
      statement: 'Widest enclosure of Q',
      bound: 1e-3,
      measured: Math.max(...masses.map(({ coarse }) => coarse.high - coarse.low)),
    }),
    claimAtLeast({
      statement: 'Every enclosure of Q holds the value at four times its resolution: least distance from an end',
      bound: 0,
      measured: Math.min(...masses.map(({ coarse, fine }) => Math.min(fine.low - coarse.low, coarse.high - fine.low))),
    }),
    ...(onCard ? cardClaims(certificates, deep) : []),
    claimAtMost({
      statement:
        'Network of depth three evaluated as layers against its formula: largest difference over 1 + the phase',
      bound: 1e-10,
      measured: difference,
    }),
    ...(all.length === 0
      ? []
      : [
          claimAtLeast({
            statement: `No fit beats its floor: least upper end of a band of 99 % less the floor, ${all.length} fits`,
            bound: contradiction(held, all) === null ? 0 : Infinity,
            measured: worst,
          }),
        ]),
    ...(onCard && gaps.length > 0
      ? [
          claimAtLeast({
            statement: 'Floor of depth two less the error of depth three at as many units, d from 12 on, the least',
            bound: 0,
            measured: Math.min(...gaps),
          }),
        ]
      : []),
  ];
}

function boundTable(outcome: TubeOutcome): Table {
  const { certificates, deep, fits, knots, onCard } = outcome;
  const most = Math.max(...knots);
  return {
    title: `Relative squared error for ${most} + d units: floor of depth two, best fit of depth two, depth three`,
    summary: true,
    columns: ['d', 'floor, proved', 'best fit', 'depth three', 'units to floor 1/2', 'the same, card'].map((name) => ({
      name,
    })),
    rows: certificates.map((certificate) => {
      const { dim } = certificate;
      return [
        dim,
        certificate.floor(most + dim).value,
        bestFit(fits, dim),
        deep.find((one) => one.dim === dim && one.knots === most)?.ceiling.value ?? null,
        countOf(certificate.unitsAt(0.5)),
        (onCard ? cardUnits(dim) : undefined) ?? null,
      ];
    }),
  };
}

/** Counts that a reader still counts as numbers, others by their size. */
const countOf = (units: number): number | string => (units < 1e7 ? units : units.toExponential(2));

/** The error of the fit chosen by validation, of the largest width; null where nothing was fitted. */
function bestFit(fits: TubeOutcome['fits'], dim: number): number | null {
  const own = fits.filter((one) => one.dim === dim).map(({ best }) => best);
  return own.length === 0 ? null : own.reduce((a, b) => (b.units > a.units ? b : a)).value;
}

function massTable({ masses }: TubeOutcome): Table {
  return {
    title: 'Share Q of the heaviest window of one factor',
    columns: ['omega', 'at least', 'at most', 'at four times the resolution', 'card'].map((name) => ({ name })),
    rows: masses.map(({ omega, coarse, fine }) => [omega, coarse.low, coarse.high, fine.low, cardMass(omega) ?? null]),
  };
}

function deepTable({ deep, onCard }: TubeOutcome): Table {
  return {
    title: 'Depth three, constructed: relative squared error on independent points',
    columns: ['d', 'knots', 'units', 'error', '99 % from', 'to', 'card'].map((name) => ({ name })),
    rows: deep.map(({ dim, knots, ceiling: { units, value, low, high } }) => [
      dim,
      knots,
      units,
      value,
      low,
      high,
      (onCard ? cardError(dim, knots) : undefined) ?? null,
    ]),
  };
}

function fitTable({ fits }: TubeOutcome): Table {
  return {
    title: 'Depth two, fitted: relative squared error on independent points, every restart',
    columns: ['d', 'units', 'method', 'error', '99 % from', 'to'].map((name) => ({ name })),
    rows: fits.flatMap(({ dim, ceilings }) =>
      ceilings.map(({ units, method, value, low, high }) => [dim, units, method, value, low, high]),
    ),
  };
}

function mainFigure(outcome: TubeOutcome): Figure {
  const { certificates, deep, fits, knots } = outcome;
  const most = Math.max(...knots);
  const dims = certificates.map(({ dim }) => dim);
  const floor = floorsOf(outcome).map((one) => one.floor.value);
  const known = dims.map((dim) => Math.min(1, bestFit(fits, dim) ?? 1));
  const built = deep.filter((one) => one.knots === most);
  const dots = [...new Set(fits.flatMap(({ ceilings }) => ceilings.map(({ method }) => method)))].map((method) => {
    const own = fits.flatMap(({ dim, ceilings }) =>
      ceilings.filter((one) => one.method === method).map(({ value }) => ({ dim, value })),
    );
    return {
      type: 'dot' as const,
      label: `depth two: ${method}`,
      x: own.map(({ dim }) => dim),
      y: own.map(({ value }) => value),
    };
  });
  return {
    id: 'tube',
    title: `Error against dimension for ${most} + d units`,
    caption:
      'No sum of that many ridge functions is below the floor, whatever its weights; the ceiling is the best that was found, or the zero function. Between them the least error of depth two is unknown. Depth three with as many units is constructed and measured, no bound from below.',
    x: { label: 'dimension d', scale: 'log' },
    y: { label: 'relative squared error' },
    marks: [
      { type: 'band', label: 'unknown', x: dims, low: floor, high: known },
      { type: 'line', label: 'floor of depth two, proved', x: dims, y: floor },
      { type: 'line', label: 'ceiling of depth two, found', x: dims, y: known },
      ...dots,
      {
        type: 'line',
        label: 'depth three, constructed',
        x: built.map(({ dim }) => dim),
        y: built.map(({ ceiling }) => ceiling.value),
      },
    ],
  };
}

function unitFigure({ certificates, deep, knots }: TubeOutcome): Figure {
  const told = certificates.filter(({ dim }) => dim >= 2);
  const most = Math.max(...knots);
  return {
    id: 'units',
    title: 'Units that one half of the error costs',
    caption: `Fewer ridge functions than the line leave more than half of the target. Depth three with ${most} + d units left at most ${Math.max(...deep.filter((one) => one.knots === most).map(({ ceiling }) => ceiling.high)).toExponential(1)} where it was measured.`,
    x: { label: 'dimension d' },
    y: { label: 'units', scale: 'log' },
    marks: [
      {
        type: 'line',
        label: 'depth two: at least, for error 1/2',
        x: told.map(({ dim }) => dim),
        y: told.map((one) => one.unitsAt(0.5)),
      },
      {
        type: 'line',
        label: 'depth three, constructed',
        x: told.map(({ dim }) => dim),
        y: told.map(({ dim }) => most + dim),
      },
    ],
  };
}
