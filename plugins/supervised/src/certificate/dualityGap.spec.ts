import {
  box,
  certifiedMinimum,
  euclidean,
  liftSigned,
  parseFormula,
  type RandomStream,
  randomKey,
  randomStream,
  type SignedAtoms,
  type Space,
  sphere,
  torus,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { dualityGap } from './dualityGap.js';
import { featureProblem, kernelProblem, type PenalizedProblem } from './penalizedProblem.js';

interface Family {
  readonly name: string;
  readonly space: Space;
  readonly feature: string;
  readonly inputDim: number;
  readonly problems: number;
}

const families: readonly Family[] = [
  {
    name: 'waves on a circle',
    space: torus(1),
    feature: 'cos(2*pi*(theta - x)) + 0.3*sin(4*pi*(theta + x))',
    inputDim: 1,
    problems: 300,
  },
  { name: 'bumps on an interval', space: box([[-2, 2]]), feature: 'exp(-2*(theta - x)^2)', inputDim: 1, problems: 300 },
  {
    name: 'rectifiers on a circle of directions',
    space: sphere(2),
    feature: 'relu(theta[0]*x + theta[1])',
    inputDim: 1,
    problems: 300,
  },
  {
    name: 'bumps on a square',
    space: box([
      [-1, 1],
      [-1, 1],
    ]),
    feature: 'exp(-norm2(theta - x))',
    inputDim: 2,
    problems: 100,
  },
];

const rows = 4;
const normals = (random: RandomStream, count: number): Float64Array =>
  Float64Array.from({ length: count }, () => random.normal());

function randomAtoms(space: Space, random: RandomStream, sign: PenalizedProblem['sign']): SignedAtoms {
  const count = 1 + random.integer(3);
  const positions = new Float64Array(count * space.dim);
  space.sampleInto(positions, count, random);
  const weights = normals(random, count);
  return { space, positions, weights: sign === 'signed' ? weights : weights.map(Math.abs) };
}

interface Planted {
  readonly problem: PenalizedProblem;
  readonly optimum: SignedAtoms;
  /** `least - width <= min P <= least`. */
  readonly least: number;
  readonly width: number;
}

/**
 * A problem whose optimum is known: draw a dual point p, let lambda be a proven bound of `sup <p, phi>`, put an atom
 * nu* where it is reached, and let `y = L p + Phi nu*`. Then `P(nu*) - D(p) = w (lambda - <p, phi(theta*)>)`.
 */
function plant({ space, feature, inputDim }: Family, random: RandomStream, sign: PenalizedProblem['sign']): Planted {
  const inputs = normals(random, rows * inputDim);
  const p = normals(random, rows);
  const formula = parseFormula(feature, {
    variables: { theta: { role: 'row', size: space.dim }, x: { role: 'column', size: inputDim } },
  });
  const over = { count: rows, positions: inputs, weights: p };
  const against = { variables: [{ name: 'x', size: inputDim }], over };
  const variables = [{ name: 'theta', size: space.dim }];
  const found = certifiedMinimum({ formula, space, variables, against, sign: -1 }, { tolerance: 1e-9 });
  const fallen =
    sign === 'signed' ? certifiedMinimum({ formula, space, variables, against }, { tolerance: 1e-9 }) : null;
  const negative = fallen !== null && fallen.upper < found.upper;
  const at = negative && fallen !== null ? fallen.at : found.at;
  const lambda = Math.max(1e-3, -found.lower, fallen === null ? 0 : -fallen.lower);
  const reached = -(negative && fallen !== null ? fallen.upper : found.upper);
  // Where no direction of the cone correlates with p, the optimum is no atom at all.
  const weight = lambda - reached > 1e-6 ? 0 : (negative ? -1 : 1) * (0.2 + random.uniform());
  const optimum = { space, positions: at, weights: Float64Array.of(weight) };
  const zero = featureProblem({ space, feature: formula, inputs, targets: new Float64Array(rows), lambda, sign });
  // The residual of y = 0 is -Phi nu / L.
  const fit = (zero.residualOf(optimum).correlation.against.over.weights as Float64Array).map((r) => -rows * r);
  const targets = fit.map((f, l) => f + rows * p[l]);
  const problem = featureProblem({ space, feature: formula, inputs, targets, lambda, sign });
  const least = (rows / 2) * p.reduce((sum, q) => sum + q * q, 0) + lambda * Math.abs(weight);
  return { problem, optimum, least, width: 1e-8 * (1 + Math.abs(weight)) };
}

describe('the duality gap', () => {
  test.each(families)('is never negative and never below the excess: $name', (family) => {
    const random = randomStream(randomKey(`gap ${family.name}`));
    for (let k = 0; k < family.problems; k++) {
      const sign = k % 2 === 0 ? 'signed' : 'positive';
      const { problem, optimum, least, width } = plant(family, random, sign);
      const atoms = randomAtoms(family.space, random, sign);
      const { gap, primal, dual, status } = dualityGap(problem, atoms, { tolerance: 1e-6 });
      const rounding = 1e-13 * (1 + primal);
      expect(status).toBe('certified');
      expect(gap).toBeGreaterThanOrEqual(-rounding);
      expect(gap).toBeGreaterThanOrEqual(primal - least - rounding);
      expect(dual).toBeLessThanOrEqual(least + rounding);
      const best = dualityGap(problem, optimum, { tolerance: 1e-9 });
      expect(Math.abs(best.primal - least)).toBeLessThan(1e-12 * (1 + least));
      expect(best.gap).toBeGreaterThanOrEqual(-rounding);
      expect(best.gap).toBeLessThan(1e-7 + width);
    }
  });

  test('of one constant feature is that of soft thresholding', () => {
    const one = { space: box([[0, 1]]), feature: '1 + 0*theta*x', inputs: Float64Array.of(1) };
    const problem = featureProblem({ ...one, targets: Float64Array.of(2), lambda: 0.5 });
    const at = (weight: number) =>
      dualityGap(problem, { space: one.space, positions: Float64Array.of(0.3), weights: Float64Array.of(weight) });
    // min (2 - w)^2 / 2 + |w| / 2 = 7/8 at w = 3/2; at w = 1: r = 1, s = 1/2.
    expect(at(1).primal).toBeCloseTo(1, 14);
    expect(at(1).gap).toBeCloseTo(0.125, 8);
    expect(at(1.5).gap).toBeCloseTo(0, 8);
    expect(at(1.5).dual).toBeCloseTo(0.875, 8);
    expect(at(0).gap).toBeCloseTo(2 - 0.875, 8);
  });

  test('counts opposite weights at one point once', () => {
    const problem = featureProblem({
      space: box([[0, 1]]),
      feature: '1 + 0*theta*x',
      inputs: Float64Array.of(1),
      targets: Float64Array.of(2),
      lambda: 0.5,
    });
    const { primal, gap } = dualityGap(problem, {
      space: problem.space,
      positions: Float64Array.of(0.3, 0.3),
      weights: Float64Array.of(3.5, -2),
    });
    expect(primal).toBeCloseTo(0.875, 14);
    expect(gap).toBeCloseTo(0, 8);
  });

  test('reads lifted measures of neurons', () => {
    const random = randomStream(randomKey('lifted'));
    const { problem } = plant(families[2], random, 'signed');
    const atoms = randomAtoms(families[2].space, random, 'signed');
    const lifted = liftSigned(atoms);
    expect(dualityGap(problem, lifted).gap).toBeCloseTo(dualityGap(problem, atoms).gap, 12);
  });

  test('without a penalty is the risk itself, as zero is the only dual point', () => {
    const kernel = 'exp(cos(2*pi*(x - y)))';
    const target = { space: torus(1), positions: Float64Array.of(0.2, 0.5), weights: Float64Array.of(1, 2) };
    const problem = kernelProblem({ target, kernel, lambda: 0 });
    const { gap, primal } = dualityGap(problem, { ...target, weights: Float64Array.of(1, 1) });
    expect(primal).toBeCloseTo(Math.E / 2, 12);
    expect(gap).toBeCloseTo(primal, 12);
  });

  test('over all measures is at least that over positive ones where a target is negative', () => {
    const kernel = 'exp(cos(2*pi*(x - y)))';
    const target = { space: torus(1), positions: Float64Array.of(0.2, 0.5), weights: Float64Array.of(1, -2) };
    const nu = { ...target, weights: Float64Array.of(0, 0) };
    const [signed, positive] = (['signed', 'positive'] as const).map((sign) =>
      dualityGap(kernelProblem({ target, kernel, lambda: 0.1, sign }), nu),
    );
    expect(signed.primal).toBe(positive.primal);
    expect(signed.dual).toBeLessThan(positive.dual - 0.1);
  });

  test('says what it did not prove', () => {
    const random = randomStream(randomKey('status'));
    const { problem } = plant(families[3], random, 'signed');
    const atoms = randomAtoms(families[3].space, random, 'signed');
    const [few, many] = [1, 100_000].map((maxCells) => dualityGap(problem, atoms, { maxCells }));
    expect([few.status, many.status]).toEqual(['budget', 'certified']);
    // A wider enclosure is still a bound.
    expect(few.supremum.upper).toBeGreaterThanOrEqual(many.supremum.lower);
    expect(few.gap).toBeGreaterThanOrEqual(many.gap - 1e-9);
    const line = { space: euclidean(1), feature: 'exp(-(theta - x)^2)', inputs: Float64Array.of(0, 1) };
    const open = featureProblem({ ...line, targets: Float64Array.of(1, 2), lambda: 0.1 });
    const one = { space: line.space, positions: Float64Array.of(0.5), weights: Float64Array.of(1) };
    expect(dualityGap(open, one).status).toBe('estimated');
  });

  test('refuses atoms of another space, negative weights and penalties below 0', () => {
    const target = { space: torus(1), positions: Float64Array.of(0.2), weights: Float64Array.of(1) };
    const problem = kernelProblem({ target, kernel: 'cos(2*pi*(x - y))', lambda: 0.1 });
    expect(() => dualityGap(problem, { ...target, space: box([[0, 1]]) })).toThrow(
      /another space, got \[0,1\], expected torus\(1\)/,
    );
    expect(() => dualityGap(problem, { ...target, weights: Float64Array.of(-1) })).toThrow(/negative.*-1/);
    expect(() => kernelProblem({ target, kernel: 'cos(2*pi*(x - y))', lambda: -1 })).toThrow(/no penalty.*-1/);
    const sizes = { inputs: new Float64Array(3), targets: new Float64Array(2) };
    expect(() => featureProblem({ space: torus(1), feature: 'theta*x', ...sizes, lambda: 1 })).toThrow(
      /3 coordinates of inputs, 2 targets/,
    );
  });
});
