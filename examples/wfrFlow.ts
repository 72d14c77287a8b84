// A Wasserstein-Fisher-Rao gradient flow: atoms roll into two wells of unequal depth, and mass goes to the deeper one.
import {
  box,
  gradientFlow,
  heun,
  potentialEnergy,
  simulate,
  support,
  uniformOn,
  wassersteinFisherRao,
} from '@muflow/core';

const energy = potentialEnergy({ potential: '(x^2 - 1)^2 + 0.2*x', dim: 1 });
const flow = gradientFlow(energy, wassersteinFisherRao({ alpha: 1 }));
const initial = uniformOn(box([[-2, 2]]), 50, 1);
const run = simulate({ flow, initial }, { stepper: heun(), dt: 0.01, maxTime: 20 });

const [deep, shallow] = support(run.profile[0], { mergeRadius: 1e-3 });
console.log(`${deep.mass.toFixed(3)} of the mass at ${deep.at[0].toFixed(4)}`); // => 0.999 of the mass at -1.0241
console.log(`${shallow.mass.toFixed(3)} of the mass at ${shallow.at[0].toFixed(4)}`); // => 0.001 of the mass at 0.9740
console.log(`energy ${energy.value(run.profile[0]).toFixed(4)} after ${run.step} steps: ${run.status}`); // => energy -0.2022 after 2000 steps: maxTime
