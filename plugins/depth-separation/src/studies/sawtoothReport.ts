import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithin,
  type Figure,
  type StudyResult,
  type Table,
} from '@muflow/core';
import { type Ceiling, type Floor, soundness } from '../probe/index.js';
import { sawtoothFloor, widthNeeded } from '../sawtooth/sawtoothFloor.js';

/** What the sawtooth study measured. */
export interface SawtoothOutcome {
  readonly folds: number;
  /** Exact crossings of 1/2 by the tent map of 1, 2, ... folds. */
  readonly crossings: readonly number[];
  /** Largest difference of network and formula. */
  readonly difference: number;
  readonly pieceShare: number;
  readonly floors: readonly Floor[];
  readonly ceilings: readonly Ceiling[];
  readonly deep: Ceiling;
}

/**
 * The relative squared error of a shallow network of M units that follows the first `M - 1/2` pieces of the tent map
 * and stays at 1/2 after: `1 - (M - 1/2) / 2^k`, and 0 from 2^k - 1 units on.
 */
export function constructedError(folds: number, units: number): number {
  const pieces = 2 ** folds;
  return units >= pieces - 1 ? 0 : 1 - (units - 0.5) / pieces;
}

export function sawtoothResult(outcome: SawtoothOutcome): StudyResult {
  const { floors, ceilings, deep } = outcome;
  return {
    claims: claimsOf(outcome),
    tables: tablesOf(outcome),
    figures: [figureOf(outcome)],
    notes: [
      soundness(floors, ceilings, [deep]),
      'Pieces and crossings are counted in exact fractions, and errors of shallow networks are integrated exactly, so their bands have no width. The floor counts pieces of the target that hold no knot of the network: it asks nothing of the weights, and it holds for any power of the error from 1 on. For one error, the construction takes twice the units of the floor and half a unit more.',
    ],
  };
}

function claimsOf({ folds, crossings, difference, pieceShare, floors, ceilings, deep }: SawtoothOutcome): Claim[] {
  const floorAt = (units: number): number => floors.find((floor) => floor.units === units)?.value ?? 0;
  const margin = Math.min(...ceilings.map(({ value, units }) => value - floorAt(units)));
  const claims = [
    claimWithin({
      statement: `Exact crossings of 1/2 by the networks of 1 to ${folds} levels: largest deviation from 2^k`,
      predicted: 0,
      tolerance: 0,
      measured: Math.max(...crossings.map((count, k) => Math.abs(count - 2 ** (k + 1)))),
    }),
    claimAtMost({
      statement: `Network of ${folds} levels against the formula: largest difference`,
      bound: 0,
      measured: difference,
    }),
    claimAtMost({
      statement: 'Random networks of one to three hidden layers: largest share of the prod (m_l + 1) pieces allowed',
      bound: 1,
      measured: pieceShare,
    }),
    claimAtLeast({
      statement: 'No shallow network fitted or constructed is below its floor: least distance above',
      bound: -1e-12,
      measured: margin,
    }),
  ];
  if (folds < 6) return claims;
  return [
    ...claims,
    claimAtLeast({
      statement: `The ${deep.units} units that represent the target exactly in ${folds} layers leave in one layer at least`,
      bound: 0.5,
      measured: sawtoothFloor(folds, [deep.units]).value,
    }),
  ];
}

/** The least error of the ceilings of one method and width, or null. */
function best(ceilings: readonly Ceiling[], units: number, method: string): number | null {
  const values = ceilings.filter((one) => one.units === units && one.method === method).map(({ value }) => value);
  return values.length === 0 ? null : Math.min(...values);
}

function tablesOf({ folds, floors, ceilings }: SawtoothOutcome): Table[] {
  const methods = [...new Set(ceilings.map(({ method }) => method))];
  return [
    {
      title: `Relative squared error against the tent map of ${folds} folds`,
      summary: true,
      columns: ['units', 'floor, proved', ...methods].map((name) => ({ name })),
      rows: floors.map(({ units, value }) => [
        units,
        value,
        ...methods.map((method) => best(ceilings, units ?? 0, method)),
      ]),
    },
    {
      title: 'Units a layer before the floor is below one half',
      columns: ['folds', 'units of the exact network', '1 hidden layer', '2', '3', '4', '5'].map((name) => ({ name })),
      rows: [4, 6, 8, 10, 16, 20, 30, 40].map((k) => [
        k,
        2 * k,
        ...[1, 2, 3, 4, 5].map((layers) => widthNeeded(k, layers, 0.5)),
      ]),
    },
  ];
}

function figureOf({ folds, ceilings, deep }: SawtoothOutcome): Figure {
  const pieces = 2 ** folds;
  const widths = Array.from({ length: pieces - 1 }, (_, m) => m + 1);
  const fits = ceilings.filter(({ method }) => !method.startsWith('first'));
  const floor = widths.map((width) => sawtoothFloor(folds, [width]).value);
  const known = widths.map((width) =>
    Math.min(
      constructedError(folds, width),
      ...ceilings.filter(({ units }) => units <= width).map(({ value }) => value),
    ),
  );
  const dots = [...new Set(fits.map(({ method }) => method))].map((method) => {
    const own = fits.filter((fit) => fit.method === method);
    return {
      type: 'dot' as const,
      label: method,
      x: own.map(({ units }) => units),
      y: own.map(({ value }) => value),
    };
  });
  return {
    id: 'sawtooth',
    title: `The tent map of ${folds} folds: error against units`,
    caption: `Below the floor there is no network of one hidden layer, above the ceiling there is one; between them the least error is unknown. ${deep.units} units in ${folds} layers have no error.`,
    x: { label: 'units', scale: 'log' },
    y: { label: 'relative squared error' },
    marks: [
      { type: 'band', label: 'unknown', x: widths, low: floor, high: known },
      { type: 'line', label: 'floor of one hidden layer, proved', x: widths, y: floor },
      { type: 'line', label: 'ceiling of one hidden layer, constructed or fitted', x: widths, y: known },
      ...dots,
      { type: 'dot', label: `${folds} hidden layers, constructed`, x: [deep.units], y: [deep.value] },
    ],
  };
}
