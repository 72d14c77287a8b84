// A game on two circles on which descent-ascent cycles forever and mirror-prox converges.
import {
  euler,
  extragradient,
  gameFlow,
  grid,
  type Profile,
  type Stepper,
  simulate,
  torus,
  wassersteinFisherRao,
  zeroSumGame,
} from '@muflow/core';
import { nikaidoIsodaOnGrid } from '@muflow/zero-sum';

const payoff = 'sin(4*pi*x) + sin(4*pi*y) + 2*cos(2*pi*(x + y))';
const game = zeroSumGame({ payoff, spaces: [torus(1), torus(1)] });
const flow = gameFlow(game, wassersteinFisherRao({ alpha: 0.08, gamma: 0.002 }));
const initial = [grid(torus(1), 15), grid(torus(1), 15)];

const play = (stepper: Stepper): Profile => simulate({ flow, initial }, { stepper, dt: 1, maxSteps: 1000 }).profile;

// The Nikaido-Isoda error: what both players together would gain by their best responses. Zero at equilibrium only.
const descentAscent = nikaidoIsodaOnGrid(game, play(euler())).error;
const mirrorProx = nikaidoIsodaOnGrid(game, play(extragradient({ ratio: true }))).error;
console.log(`descent-ascent is still above 0.1: ${descentAscent > 0.1}`); // => descent-ascent is still above 0.1: true
console.log(`mirror-prox is below 1e-5: ${mirrorProx < 1e-5}`); // => mirror-prox is below 1e-5: true
