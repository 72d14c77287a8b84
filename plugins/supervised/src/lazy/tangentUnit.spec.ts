import {
  afterTime,
  dopri5,
  euclidean,
  gradientFlow,
  type Measure,
  measure,
  networkUnit,
  normalsInto,
  randomKey,
  risk,
  simulate,
  wasserstein,
} from '@muflow/core';
import { expect, test } from 'vitest';
import { kernelFlow } from '../infinite/kernelFlow.js';
import { tangentKernel } from '../theory/tangentKernel.js';
import { tangentUnit } from './tangentUnit.js';

const normals = (count: number, name: string): Float64Array => {
  const out = new Float64Array(count);
  normalsInto(out, 0, count, randomKey(name), 0);
  return out;
};

const unit = networkUnit({ activation: 'tanh', inputs: 2 });
const inputs = normals(10, 'inputs');
const targets = normals(5, 'targets');
const seen = { inputs, targets };
const atoms = measure({ space: euclidean(4), positions: normals(24, 'atoms') });
const tangent = tangentUnit(unit, 2);

/** A copy of the measure whose atoms have moved by `size` times fixed directions. */
function moved(mu: Measure, offset: number, size: number): Measure {
  const { count } = mu;
  const steps = normals(4 * count, 'directions');
  const positions = mu.positions.slice();
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 4; k++) positions[i * mu.dim + offset + k] += size * steps[4 * i + k];
  }
  return measure({ space: euclidean(mu.dim), positions });
}

function predictions(of: typeof unit | typeof tangent.unit, mu: Measure): Float64Array {
  const out = new Float64Array(5);
  risk({ unit: of, ...seen }).predictInto(out, inputs, 5, mu);
  return out;
}

const distance = (a: Float64Array, b: Float64Array): number => Math.hypot(...a.map((value, l) => value - b[l]));

test('the tangent model agrees with the network at the start, and to second order beside it', () => {
  expect(distance(predictions(tangent.unit, tangent.at(atoms)), predictions(unit, atoms))).toBeLessThan(1e-15);
  const gap = (size: number): number =>
    distance(predictions(unit, moved(atoms, 0, size)), predictions(tangent.unit, moved(tangent.at(atoms), 4, size)));
  const order = Math.log2(gap(2e-3) / gap(1e-3));
  expect(order).toBeGreaterThan(1.98);
  expect(order).toBeLessThan(2.02);
});

// The slope of relu jumps in w: only because the start is held has the tangent model a gradient there.
test.each(['tanh', 'relu'])(
  'its Wasserstein flow is the closed exponential of the tangent kernel, %s',
  (activation) => {
    const unit = networkUnit({ activation, inputs: 2 });
    const tangent = tangentUnit(unit, 2);
    const flow = gradientFlow(risk({ unit: tangent.unit, ...seen }), wasserstein({ blocks: tangent.blocks }));
    const initial = tangent.at(atoms);
    const run = simulate(
      { flow, initial },
      {
        stepper: dopri5({ rtol: 1e-11, atol: 1e-12 }),
        dt: 0.1,
        stop: afterTime(20),
        maxSteps: 10_000,
        record: { every: 1e6 },
      },
    );
    const start = predictions(unit, atoms);
    const gram = tangentKernel({ unit, inputs, inputDim: 2 }, atoms);
    const closed = kernelFlow({ gram, targets }).valuesAt(run.time, { seen: start, watched: start });
    const last = predictions(tangent.unit, run.profile[0]);
    expect(distance(last, start)).toBeGreaterThan(0.1);
    expect(distance(last, closed)).toBeLessThan(1e-8);
    // The atoms linearized around have not moved.
    for (let i = 0; i < atoms.count; i++) {
      for (let k = 0; k < 4; k++) expect(run.profile[0].positions[8 * i + k]).toBe(atoms.positions[4 * i + k]);
    }
  },
);

test('refuses several outputs, clashing names and measures of another unit', () => {
  expect(() => tangentUnit({ ...unit, outputs: 2 }, 2)).toThrow(
    /\[tangentUnit\] this unit cannot be linearized, got 2 outputs/,
  );
  expect(() => tangentUnit({ formula: 'w * v_w * x', atom: { w: 1, v_w: 1 } }, 1)).toThrow(/parts w, v_w/);
  expect(() => tangent.at(tangent.at(atoms))).toThrow(/got atoms of 8 coordinates, expected atoms of 4 coordinates/);
});
