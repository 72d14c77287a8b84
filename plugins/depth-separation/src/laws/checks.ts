import { fail, show } from '@muflow/core';

/** Refuses a dimension that is not a whole number from 1. */
export function checkDimension(where: string, dim: number): void {
  if (Number.isInteger(dim) && dim >= 1) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the hypothesis "d >= 1" is not met',
    got: show(dim),
    expected: 'a whole number from 1',
    fix: 'pass the number of coordinates, such as 8',
  });
}

/** Refuses a number that is not positive and finite; `name` is the hypothesis, such as `r > 0`. */
export function checkPositive(where: string, name: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: `the hypothesis ${JSON.stringify(name)} is not met`,
    got: show(value),
    expected: 'a finite number above 0',
    fix: 'pass such a number',
  });
}

/** Refuses an array that does not hold whole points. */
export function checkPoints(where: string, length: number, dim: number): void {
  if (length % dim === 0) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: 'the array does not hold whole points',
    got: `${length} numbers`,
    expected: `a multiple of ${dim}`,
    fix: 'allocate count * dim numbers',
  });
}
