// Birth and death of atoms of equal mass: those in the worse well die, those in the better one are cloned.
import {
  birthDeath,
  box,
  eulerMaruyama,
  gradientFlow,
  klToReference,
  type Measure,
  simulate,
  uniformOn,
  wasserstein,
  withJumps,
} from '@muflow/core';

// Two wells, the right one deeper; the barrier between them is 25 times the temperature, too high to cross.
const energy = klToReference({ potential: '10*(x^2 - 1)^2 - 2*x', dim: 1, temperature: 0.4 });
const initial = uniformOn(box([[-2, 2]]), 200, 'atoms');
const plain = gradientFlow(energy, wasserstein());
const plan = { stepper: eulerMaruyama(), dt: 0.004, maxTime: 2, seed: 1 };

const onTheRight = (mu: Measure): number => mu.positions.filter((x) => x > 0).length;
const [diffused] = simulate({ flow: plain, initial }, plan).profile;
const [reborn] = simulate({ flow: withJumps(plain, birthDeath({ rate: 2 })), initial }, plan).profile;

console.log(`${onTheRight(initial)} of ${initial.count} atoms start on the right`); // => 95 of 200 atoms start on the right
console.log(`${onTheRight(diffused)} are there after diffusion alone`); // => 96 are there after diffusion alone
console.log(`${onTheRight(reborn)} of ${reborn.count} with birth and death`); // => 200 of 200 with birth and death
