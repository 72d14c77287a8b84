import { fail, show } from '@muflow/core';
import { type SpectralLaw, spectralLaw } from './spectralLaw.js';

/** A proven enclosure of `Q = sup_c p([c - 2r, c + 2r])`. */
export interface WindowMass {
  /** Q is at least this: the mass of the window at `center`. */
  readonly low: number;
  /** Q is at most this. */
  readonly high: number;
  /** Where the heaviest window stands, in the units of omega. */
  readonly center: number;
  /** Cells per r. */
  readonly resolution: number;
}

/** Options of {@link windowMass}. */
export interface WindowMassOptions {
  /** Frequency w > 0, radians per unit of x. */
  readonly omega: number;
  /** Bias b, default 0. */
  readonly bias?: number;
  /** The band r > 0 of the data, default 1. */
  readonly band?: number;
  /** Cells per r from 16 to 1024, default 256; the width of the enclosure falls with its square. */
  readonly resolution?: number;
}

/** How far beyond the two lumps cells reach, in units of r. */
const margin = 8;
/** More than all rounding in a window: errors of F and of w/r, and sums of at most 2^21 cells. */
const rounding = 2e-9;
const mostWork = 1e9;
/** Halvings of a cell at a logarithmic point. */
const deepest = 24;

/**
 * Encloses `Q = sup_c p([c - 2r, c + 2r])` with proof, p the law of `exp(i w relu(x + b)) phi(x)` in frequency:
 * the share of one factor of an oscillatory target that one tube can hold in one coordinate.
 *
 * Every cell of width r/n is integrated by midpoints, halved until `h^3/24 sup|p''|` is small; the bound on p'' is that of
 * the closed form ({@link spectralLaw}), and the last cells at a logarithmic point use a modulus of continuity of F. Between two
 * centers of the grid the mass of a window grows by at most `h (sup p - inf p)` over the cells it gains and loses. Windows
 * beyond the grid hold no more than what is missing from the total, 1. The lower end is the mass of one window.
 *
 * Cost: about `6 n (w/r + 16)` values of p.
 *
 * @throws `invalid-argument` unless w > 0, r > 0, b is finite and the resolution is whole; `unsupported` where the work is
 * too large, which takes w/r in the thousands, or a bias far beyond the data.
 *
 * @example
 * windowMass({ omega: 10 }); // { low: 0.4670267, high: 0.4670272, center: 0.359375, ... }
 */
export function windowMass(options: WindowMassOptions): WindowMass {
  const { omega, bias = 0, band = 1, resolution = 256 } = options;
  checkOptions(omega, bias, band, resolution);
  const cellCount = Math.ceil(omega / band + 2 * margin) * resolution;
  const reach = omega / band + 2 * margin;
  if (cellCount > 2 ** 21 || reach * (1 + Math.abs(bias) * band) > 2 ** 14) tooMuch(omega / band, bias * band);
  const law = spectralLaw(omega / band, bias * band, reach);
  if (cellCount * law.work > mostWork) tooMuch(omega / band, bias * band);
  const cells = integrate(law, cellCount, resolution);
  const { low, high, left } = heaviestWindow(cells, resolution);
  return { low, high: Math.min(1, high), center: band * (left / resolution - margin + 2), resolution };
}

/** Running sums of lower and upper masses, and bounds of p, cell by cell. */
interface Cells {
  readonly sumLow: Float64Array;
  readonly sumHigh: Float64Array;
  readonly least: Float64Array;
  readonly most: Float64Array;
}

function integrate(law: SpectralLaw, count: number, resolution: number): Cells {
  const cells: Cells = {
    sumLow: new Float64Array(count + 1),
    sumHigh: new Float64Array(count + 1),
    least: new Float64Array(count),
    most: new Float64Array(count),
  };
  const tolerance = 2 ** -8 / resolution ** 2;
  const slopes = new Float64Array(2);
  // low mass, high mass, least and most density of the cell under way.
  const cell = new Float64Array(4);
  for (let k = 0; k < count; k++) {
    cell.set([0, 0, Infinity, 0]);
    addCell(k / resolution - margin, (k + 1) / resolution - margin, 0);
    cells.sumLow[k + 1] = cells.sumLow[k] + cell[0];
    cells.sumHigh[k + 1] = cells.sumHigh[k] + cell[1];
    cells.least[k] = cell[2];
    cells.most[k] = cell[3];
  }
  return cells;

  /** `|int p - h p(m)| <= h^3/24 sup|p''|`, `p'' <= (|F'|^2 + |F| |F''|) / pi`, `|F| <= |F(m)| + h/2 sup|F'|`. */
  function addCell(from: number, to: number, depth: number): void {
    const h = to - from;
    const middle = (from + to) / 2;
    law.slopesInto(slopes, from, to);
    const singular = slopes[0] === Infinity;
    if (singular && depth < deepest) {
      halve(from, to, depth);
      return;
    }
    const p = law.density(middle);
    const step = singular ? law.modulus(h / 2) : (h / 2) * slopes[0];
    const size = Math.sqrt(2 * Math.PI * p) + step + 1e-10;
    const swing = (size * step) / Math.PI + 1e-9;
    const error = singular ? h * swing : (h ** 3 / (24 * Math.PI)) * (slopes[0] ** 2 + size * slopes[1]);
    if (!singular && error > tolerance * h) {
      halve(from, to, depth);
      return;
    }
    cell[0] += Math.max(0, h * p - error);
    cell[1] += h * p + error;
    cell[2] = Math.min(cell[2], Math.max(0, p - swing));
    cell[3] = Math.max(cell[3], p + swing);
  }

  function halve(from: number, to: number, depth: number): void {
    const middle = (from + to) / 2;
    addCell(from, middle, depth + 1);
    addCell(middle, to, depth + 1);
  }
}

/** The largest mass of 4 n neighboring cells, and an upper bound over all windows of that width. */
function heaviestWindow({ sumLow, sumHigh, least, most }: Cells, resolution: number) {
  const count = least.length;
  const width = 4 * resolution;
  const missing = 1 - sumLow[count];
  let [low, left] = [0, 0];
  let high = missing + Math.max(sumHigh[width], sumHigh[count] - sumHigh[count - width]);
  for (let k = 0; k + width <= count; k++) {
    const own = sumLow[k + width] - sumLow[k];
    if (own > low) [low, left] = [own, k];
    if (k + width === count) break;
    // The window whose left end lies in cell k: what it gains on the right, less what it loses on the left.
    const gained = sumHigh[k + width + 1] - sumHigh[k + width];
    const net = Math.max(0, most[k + width] - least[k]) / resolution;
    high = Math.max(high, sumHigh[k + width] - sumHigh[k] + Math.min(gained, net));
  }
  return { low: low - rounding, high: high + rounding, left };
}

function checkOptions(omega: number, bias: number, band: number, resolution: number): void {
  const refuse = (hypothesis: string, got: number, expected: string): never =>
    fail({
      code: 'invalid-argument',
      where: 'windowMass',
      problem: `the hypothesis ${JSON.stringify(hypothesis)} is not met`,
      got: show(got),
      expected,
      fix: `pass ${expected}`,
    });
  if (!(omega > 0 && omega < Infinity)) refuse('omega > 0', omega, 'a finite frequency above 0');
  if (!(band > 0 && band < Infinity)) refuse('r > 0', band, 'a finite band above 0');
  if (!Number.isFinite(bias)) refuse('the bias is finite', bias, 'a finite bias');
  if (!(Number.isInteger(resolution) && resolution >= 16 && resolution <= 1024)) {
    refuse('16 to 1024 cells per r', resolution, 'a whole number from 16 to 1024');
  }
}

function tooMuch(omega: number, bias: number): never {
  return fail({
    code: 'unsupported',
    where: 'windowMass',
    problem: 'the enclosure would take too long',
    got: `w/r = ${show(omega)} with b r = ${show(bias)}`,
    expected: 'w/r up to some thousands, and a bias within some tens of 1/r',
    fix: 'lower the resolution; for large w/r, Q hardly changes any more',
  });
}
