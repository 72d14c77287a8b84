// Twenty thousand repelling atoms in the plane: every sum over their 4 * 10^8 pairs is taken to a proved tolerance.
import {
  box,
  type FastSumReport,
  gradientFlow,
  heun,
  interactionEnergy,
  simulate,
  uniformOn,
  wasserstein,
} from '@muflow/core';

const reports: FastSumReport[] = [];
const energy = interactionEnergy({
  kernel: 'exp(-2*norm2(x - y))',
  dim: 2,
  approximate: { tolerance: 1e-8, onReport: (report) => reports.push(report) },
});
const flow = gradientFlow(energy, wasserstein());
const initial = uniformOn(
  box([
    [-1, 1],
    [-1, 1],
  ]),
  20_000,
  1,
);
const run = simulate({ flow, initial }, { stepper: heun(), dt: 0.1, maxSteps: 3 });

console.log(`${run.status} after ${run.step} steps`); // => maxSteps after 3 steps
console.log(`all sums expanded: ${reports.every(({ method }) => method === 'chebyshev')}`); // => all sums expanded: true
console.log(`every error proved below 1e-8: ${reports.every(({ errorBound }) => errorBound <= 1e-8)}`); // => every error proved below 1e-8: true
