import { fail } from '../errors.js';
import { allocateFirstVariation, checkBuffers, checkNumber, grown, totalShrinkage } from './checks.js';
import type { Energy } from './energy.js';

/**
 * The sum of energies on one space; first variations and temperatures add. Cost: that of the terms.
 *
 * @throws `shape-mismatch` where their dimensions or spaces differ, `invalid-argument` for no terms.
 * @example
 * const confined = sumEnergy(potentialEnergy({ potential: 'norm2(x)', dim: 2 }), repulsion);
 */
export function sumEnergy(...terms: readonly Energy[]): Energy {
  checkTerms(terms);
  const { dim } = terms[0];
  const space = terms.find((term) => term.space)?.space;
  const temperature = terms.reduce((sum, term) => sum + (term.temperature ?? 0), 0);
  const shrinkage = totalShrinkage(terms.map((term) => term.shrinkage));
  let part = allocateFirstVariation(0, dim);
  return {
    name: terms.map(({ name }) => name).join(' + '),
    dim,
    ...(space && { space }),
    smooth: terms.every(({ smooth }) => smooth),
    ...(shrinkage && { shrinkage }),
    ...(terms.some((term) => term.temperature !== undefined) && { temperature }),
    value: (mu) => terms.reduce((sum, term) => sum + term.value(mu), 0),
    firstVariationInto(out, mu) {
      checkBuffers('sumEnergy', out, mu);
      const size = mu.count * dim;
      part = { potential: grown(part.potential, mu.count), gradient: grown(part.gradient, size) };
      terms[0].firstVariationInto(out, mu);
      for (let k = 1; k < terms.length; k++) {
        terms[k].firstVariationInto(part, mu);
        for (let i = 0; i < mu.count; i++) out.potential[i] += part.potential[i];
        for (let i = 0; i < size; i++) out.gradient[i] += part.gradient[i];
      }
    },
    potentialAt(out, points, count, mu) {
      part = { potential: grown(part.potential, count), gradient: part.gradient };
      terms[0].potentialAt(out, points, count, mu);
      for (let k = 1; k < terms.length; k++) {
        terms[k].potentialAt(part.potential, points, count, mu);
        for (let i = 0; i < count; i++) out[i] += part.potential[i];
      }
    },
  };
}

/**
 * The energy `c F`. Its proximal step of size tau is that of F of size c tau, where F has one and c > 0.
 *
 * @throws `invalid-argument` where c < 0 meets a temperature: no noise follows `-int log mu dmu`.
 */
export function scaleEnergy(c: number, energy: Energy): Energy {
  const { temperature } = energy;
  checkNumber('scaleEnergy', 'factor', c, temperature ? 0 : undefined);
  const { proximal, shrinkage } = energy;
  return {
    name: `${c} (${energy.name})`,
    dim: energy.dim,
    ...(energy.space && { space: energy.space }),
    smooth: energy.smooth,
    ...(temperature !== undefined && { temperature: c * temperature }),
    // c < 0 turns the corners over: no proximal step of the term exists.
    ...(shrinkage && c > 0 && { shrinkage: shrinkage.map((lambda) => c * lambda) }),
    value: (mu) => c * energy.value(mu),
    firstVariationInto(out, mu) {
      energy.firstVariationInto(out, mu);
      for (let i = 0; i < mu.count; i++) out.potential[i] *= c;
      for (let i = 0; i < mu.count * mu.dim; i++) out.gradient[i] *= c;
    },
    potentialAt(out, points, count, mu) {
      energy.potentialAt(out, points, count, mu);
      for (let i = 0; i < count; i++) out[i] *= c;
    },
    ...(proximal && c > 0 && { proximal: (mu, tau) => proximal.call(energy, mu, c * tau) }),
  };
}

function checkTerms(terms: readonly Energy[]): void {
  if (terms.length === 0) {
    fail({
      code: 'invalid-argument',
      where: 'sumEnergy',
      problem: 'there is nothing to add',
      got: '0 energies',
      expected: 'at least one',
      fix: 'pass the energies as arguments',
    });
  }
  const spaces = [...new Set(terms.flatMap(({ space }) => (space ? [space.name] : [])))];
  const dims = terms.map(({ dim }) => dim);
  if (spaces.length <= 1 && dims.every((dim) => dim === dims[0])) return;
  fail({
    code: 'shape-mismatch',
    where: 'sumEnergy',
    problem: 'the energies are stated for different spaces',
    got: `dimensions ${dims.join(', ')}${spaces.length > 1 ? ` on ${spaces.join(', ')}` : ''}`,
    expected: 'one dimension and one space',
    fix: 'state every term on the same space',
  });
}
