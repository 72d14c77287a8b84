import { measure, type SignedAtoms, type SupportOptions, support } from '@muflow/core';

/**
 * The support of a signed measure as few atoms, heaviest first: atoms of one sign within `mergeRadius` of a heavier one
 * become one at their barycenter, then those with less than `minShare` of the total variation are left out. Each sign is
 * reduced as the core's `support` does; the function changes by the order of the radius.
 *
 * @example
 * const few = mergedSupport(atoms, { mergeRadius: 0.05, minShare: 1e-3 });
 */
export function mergedSupport(atoms: SignedAtoms, options: SupportOptions = {}): SignedAtoms {
  const { space, positions, weights } = atoms;
  const total = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  const found = [1, -1].flatMap((sign) => {
    const chosen = Array.from(weights, (_, i) => i).filter((i) => sign * weights[i] > 0);
    if (chosen.length === 0) return [];
    const part = measure({
      space,
      kind: 'positive',
      positions: chosen.flatMap((i) => Array.from(positions.subarray(i * space.dim, (i + 1) * space.dim))),
      masses: chosen.map((i) => sign * weights[i]),
    });
    const merged = support(part, { mergeRadius: options.mergeRadius ?? 0 });
    return merged.map(({ at, mass }) => ({ at, weight: sign * mass }));
  });
  const kept = found
    .filter(({ weight }) => Math.abs(weight) >= (options.minShare ?? 0) * total)
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  return {
    space,
    positions: Float64Array.from(kept.flatMap(({ at }) => at)),
    weights: Float64Array.from(kept, ({ weight }) => weight),
  };
}
