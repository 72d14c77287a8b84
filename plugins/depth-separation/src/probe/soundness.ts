import { fail } from '@muflow/core';
import type { Ceiling, Floor } from './bounds.js';

/**
 * A paragraph for a report, from floors and ceilings: what is proved, for which class, what is only measured, and
 * the band between in which the truth is unknown.
 *
 * The band of one floor reaches to the lowest ceiling of its problem and of at most its width, since a network of
 * fewer units is one of more. A ceiling whose whole band lies under such a floor is told as a contradiction: a sound
 * floor and an honest measurement exclude it.
 *
 * @param floors lower bounds of one class of networks.
 * @param ceilings errors of networks of that class.
 * @param outside errors of networks outside the class, deeper ones for instance; never compared with a floor.
 * @throws `invalid-argument` when there is neither a floor nor a ceiling.
 *
 * @example
 * const paragraph = soundness([floor], [fitted], [constructed]);
 */
export function soundness(
  floors: readonly Floor[],
  ceilings: readonly Ceiling[],
  outside: readonly Ceiling[] = [],
): string {
  if (floors.length + ceilings.length + outside.length === 0) {
    fail({
      code: 'invalid-argument',
      where: 'soundness',
      problem: 'there is nothing to tell',
      got: '0 floors and 0 ceilings',
      expected: 'at least one of them',
      fix: 'pass the bounds of the study',
    });
  }
  return [
    provedPart(floors),
    measuredPart(ceilings, 'Measured only'),
    ...(outside.length > 0 ? [measuredPart(outside, 'Outside the class')] : []),
    bandPart(floors, ceilings),
  ].join(' ');
}

/** The first pair of a floor and a ceiling of its problem and width whose whole band lies under it, or null. */
export function contradiction(
  floors: readonly Floor[],
  ceilings: readonly Ceiling[],
): { readonly floor: Floor; readonly ceiling: Ceiling } | null {
  return bandsOf(floors, ceilings).find(({ floor, ceiling }) => ceiling.high < floor.value) ?? null;
}

function provedPart(floors: readonly Floor[]): string {
  if (floors.length === 0) return 'Proved: nothing from below.';
  const useful = floors.filter(({ value }) => value > 0);
  const empty = floors.length - useful.length;
  const hypotheses = new Set(floors.flatMap((floor) => floor.hypotheses.map((one) => `${one.name}: ${one.statement}`)));
  const told =
    useful.length === 0
      ? `none of the floors is above 0 (${floors.length} computed), so nothing is excluded`
      : `the relative squared error is at least ${rangeOf(useful.map(({ value }) => value))}${limitsOf(useful)}${empty > 0 ? `; ${empty} of ${floors.length} floors are 0 and exclude nothing` : ''}`;
  return `Proved: ${told}. Hypotheses: ${[...hypotheses].join('; ')}.`;
}

function limitsOf(floors: readonly Floor[]): string {
  const units = floors.flatMap((floor) => (floor.units === null ? [] : [floor.units]));
  const norms = floors.flatMap((floor) => (floor.norm === null ? [] : [floor.norm]));
  const width = units.length === 0 ? 'any number of units' : `${rangeOf(units)} units`;
  return ` for networks of ${width} with ${norms.length === 0 ? 'any weights' : `a weight budget of ${rangeOf(norms)}`}`;
}

function measuredPart(ceilings: readonly Ceiling[], heading: string): string {
  if (ceilings.length === 0) return `${heading}: nothing.`;
  // A band without width is that of an error known exactly.
  const isExact = ({ low, high }: Ceiling): boolean => low === high;
  const exact = ceilings.every(isExact);
  const methods = [...new Set(ceilings.map(({ method }) => method))].map((method) => {
    const own = ceilings.filter((ceiling) => ceiling.method === method);
    const how = !exact && own.every(isExact) ? ', integrated exactly' : '';
    return `${method} reached ${rangeOf(own.map(({ value }) => value))} with ${rangeOf(own.map(({ units }) => units))} units${how}`;
  });
  return `${heading}, ${exact ? 'errors integrated exactly' : 'on independent points with bands of 99 %'}: ${methods.join('; ')}.`;
}

function bandPart(floors: readonly Floor[], ceilings: readonly Ceiling[]): string {
  const limits =
    'A fit that fails proves nothing, and all of this is about approximation by some weights, not about what training finds.';
  const against = contradiction(floors, ceilings);
  if (against !== null) {
    const { floor, ceiling } = against;
    return `Contradiction${at(floor)}: ${ceiling.method} with ${ceiling.units} units reached at most ${show(ceiling.high)}, under the floor ${show(floor.value)}, so one of them is wrong or a hypothesis is not met. ${limits}`;
  }
  const bands = bandsOf(floors, ceilings);
  if (bands.length === 0) return `Unknown: no floor and ceiling are of one problem and width. ${limits}`;
  const gap = (band: (typeof bands)[number]) => band.ceiling.high - band.floor.value;
  const widest = bands.reduce((a, b) => (gap(b) > gap(a) ? b : a));
  return `Unknown: the least error of the class, between its floor and the best fit; the widest band${at(widest.floor)} runs from ${show(widest.floor.value)} to ${show(widest.ceiling.high)}. ${limits}`;
}

/** Each floor with the lowest ceiling it speaks about. */
function bandsOf(floors: readonly Floor[], ceilings: readonly Ceiling[]) {
  return floors.flatMap((floor) => {
    const met = ceilings.filter(
      ({ problem, units }) => problem === floor.problem && (floor.units === null || units <= floor.units),
    );
    return met.length === 0 ? [] : [{ floor, ceiling: met.reduce((a, b) => (b.high < a.high ? b : a)) }];
  });
}

const at = ({ problem }: Floor): string => (problem === undefined ? '' : ` (${problem})`);

/** `a`, or `a to b`. */
function rangeOf(values: readonly number[]): string {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high ? show(low) : `${show(low)} to ${show(high)}`;
}

function show(value: number): string {
  if (value === Infinity) return 'infinitely many';
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}
