import { createWorkbench, euclidean, gradientFlow, heun, measure, simulate } from '@muflow/core';
import { plugin } from './index.js';

const workbench = createWorkbench({ plugins: [plugin] });
const energy = workbench.create('energy', '__NAME__/double-well', { depth: 1 });
const metric = workbench.create('metric', '__NAME__/friction', { friction: 2 });
const initial = measure({ space: euclidean(1), positions: Float64Array.of(-0.5, 0.25, 2) });
const run = simulate({ flow: gradientFlow(energy, metric), initial }, { stepper: heun(), dt: 0.01, maxTime: 10 });

console.log(
  `energy ${energy.value(run.profile[0]).toExponential(2)}, atoms at ${Array.from(run.profile[0].positions).join(', ')}`,
);
