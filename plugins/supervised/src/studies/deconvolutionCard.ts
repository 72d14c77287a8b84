import { type Measure, measure } from '@muflow/core';
import { circle } from '../sparse/deconvolution.js';

/** One experiment: a penalty and a start, with the energies an independent implementation measured. */
export interface DeconvolutionCase {
  readonly lambda: number;
  /** Atoms of the start: 100 on a grid, 4 or 3 near the spikes. */
  readonly atoms: number;
  /** J at step k, as printed: value and half a unit of the last digit. */
  readonly energies: readonly { readonly step: number; readonly value: number; readonly digits: number }[];
  /** Decay of `log(J - J*)` per step over a window of steps. */
  readonly rate: { readonly value: number; readonly from: number; readonly to: number };
}

const steps = [0, 30, 500, 1500, 2999];

/** Energies as they were printed: the last digit says how far they can be trusted. */
const printed = (...texts: readonly string[]): DeconvolutionCase['energies'] =>
  texts.map((text, k) => ({
    step: steps[k],
    value: Number(text),
    digits: 0.5 * 10 ** -(text.split('.')[1] ?? '').length,
  }));

/** The energies and rates to be reproduced; the method has no randomness. */
export const deconvolutionCases: readonly DeconvolutionCase[] = [
  {
    lambda: 0,
    atoms: 100,
    energies: printed('29.56840005', '.03730900', '.0029166362', '.00064638145', '.00021708067'),
    rate: { value: 0.0033, from: 200, to: 600 },
  },
  {
    lambda: 0,
    atoms: 4,
    energies: printed('27.36170276', '.00314674', '.0001869589', '.000028714565', '.000007885172'),
    rate: { value: 0.004, from: 200, to: 600 },
  },
  {
    lambda: 0,
    atoms: 3,
    energies: printed('27.87778721', '.00374131'),
    rate: { value: 0.146, from: 30, to: 130 },
  },
  {
    lambda: 1,
    atoms: 4,
    energies: printed('27.61170276', '2.77406481', '2.7666780946', '2.766578883372', '2.766578807084'),
    rate: { value: 0.0078, from: 200, to: 600 },
  },
  {
    lambda: 1,
    atoms: 3,
    energies: printed('28.12778721', '2.76996916', '2.7665788071', '2.766578807082', '2.766578807082'),
    rate: { value: 0.145, from: 30, to: 130 },
  },
  {
    lambda: 4,
    atoms: 4,
    energies: printed('28.36170276', '10.08141019', '10.0703042278', '10.070304179044', '10.070304179044'),
    rate: { value: 0.0255, from: 200, to: 600 },
  },
  {
    lambda: 4,
    atoms: 3,
    energies: printed('28.87778721', '10.07282330', '10.0703041790', '10.070304179044', '10.070304179044'),
    rate: { value: 0.143, from: 30, to: 130 },
  },
];

/** The least energy by penalty, to twelve decimals. */
export const optimalEnergies: Readonly<Record<number, number>> = { 1: 2.766578807082, 4: 10.070304179044 };

const around = (places: readonly (readonly [number, number])[]): number[] =>
  places.flat().map((offset) => Math.PI + offset);

/** Three spikes on the torus of period 2 pi. */
export const spikes = (): Measure =>
  measure({
    space: circle(2),
    kind: 'positive',
    positions: around([
      [0, 0],
      [1.7, -0.3],
      [0.7, 1.3],
    ]),
    masses: [1.21, 0.64, 1],
  });

/** The start of m atoms with `r_i = 1/2`: masses `r_i^2 / m`. */
export function startOf(atoms: number): Measure {
  const near = around([
    [0.5, -0.5],
    [2.1, -0.7],
    [0.3, 1.8],
    [0.5, 1.5],
  ]);
  return measure({
    space: circle(2),
    kind: 'positive',
    positions: atoms <= 4 ? near.slice(0, 2 * atoms) : gridPositions(Math.round(Math.sqrt(atoms))),
    masses: new Array<number>(atoms).fill(0.25 / atoms),
  });
}

/** A square grid of `side^2` points on `[pi/10, 2 pi - pi/10]^2`. */
function gridPositions(side: number): number[] {
  const [low, high] = [Math.PI / 10, 2 * Math.PI - Math.PI / 10];
  const at = (k: number): number => low + ((high - low) * k) / (side - 1);
  return Array.from({ length: side * side }, (_, i) => [at(Math.floor(i / side)), at(i % side)]).flat();
}
