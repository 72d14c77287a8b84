import { compileActivation } from '@muflow/core';

const degrees: readonly number[] = [1, 2, 3, 4];
/** Arguments at which homogeneity is read off; those of powers and rectified powers hold at all of them or at none. */
const probes = Float64Array.of(-3.7, -1.3, -0.31, 0.23, 1.1, 2.9);

/**
 * The degree p of a unit with `sigma(t z) = t^p sigma(z)` for t > 0: 1 for relu and abs, 2 for squared-relu and `z^2`; null
 * where it is not homogeneous of a degree up to 4. Read off at six arguments and two factors, to ten digits.
 */
export function degreeOfUnit(unit: string): number | null {
  const { valueInto } = compileActivation(unit);
  const at = (factor: number): Float64Array => {
    const out = probes.map((z) => factor * z);
    valueInto(out, out, out.length);
    return out;
  };
  const [once, twice, fivefold] = [at(1), at(2), at(5)];
  if (once.every((value) => value === 0)) return null;
  const isDegree = (p: number): boolean =>
    once.every((value, i) => isNear(twice[i], 2 ** p * value) && isNear(fivefold[i], 5 ** p * value));
  return degrees.find(isDegree) ?? null;
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-10 * Math.abs(b);
