import { expect, test } from 'vitest';
import { expTable, tableSize } from './expTable.js';

/** The number between 1 and 2 whose bits behind the leading one are an entry. */
const powerAt = (j: number): number => {
  const bits = new BigUint64Array(expTable.buffer)[j];
  return new Float64Array(BigUint64Array.of(bits + (1023n << 52n)).buffer)[0];
};

test('the entries are 2^(j/256) to half a unit in the last place and a rounding of the language', () => {
  for (let j = 0; j < tableSize; j++) {
    expect(Math.abs(powerAt(j) - 2 ** (j / tableSize)), `${j}`).toBeLessThanOrEqual(2 ** -52);
  }
});

test('whole numbers, square roots and fourth roots are rounded correctly', () => {
  expect(powerAt(0)).toBe(1);
  expect(powerAt(128)).toBe(Math.SQRT2);
  expect(powerAt(64)).toBe(1.189207115002721);
  expect(powerAt(192)).toBe(1.681792830507429);
});
