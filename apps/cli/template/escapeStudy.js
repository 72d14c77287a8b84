import {
  box,
  claimAtMost,
  gradientFlow,
  heun,
  potentialEnergy,
  randomKey,
  uniformOn,
  wasserstein,
  z,
} from '@muflow/core';

/** Atoms of a uniform start roll into the wells; all of them arrive. */
export const escapeStudy = {
  id: '__NAME__/roll-down',
  title: 'Atoms roll into the two wells',
  reference: 'AmbrosioGigliSavare2008, chapter 11',
  params: z.strictObject({ atoms: z.int().min(2).max(10_000).default(50), duration: z.number().positive().default(5) }),
  async run({ atoms, duration }, context) {
    const energy = potentialEnergy({ potential: '(x^2 - 1)^2', dim: 1, backend: context.backend });
    const run = await context.simulate(
      'gradient flow',
      { flow: gradientFlow(energy, wasserstein()), initial: uniformOn(box([[-2, 2]]), atoms, randomKey(context.seed)) },
      { stepper: heun(), dt: 0.02, maxTime: duration, record: { every: 10 } },
    );
    const [end] = run.profile;
    const distance = Math.max(...end.positions.map((x) => Math.abs(Math.abs(x) - 1)));
    return {
      claims: [
        claimAtMost({
          statement: 'Every atom ends in a well: largest distance to -1 or 1',
          bound: 1e-3,
          measured: distance,
        }),
      ],
      tables: [],
      figures: [
        {
          id: 'atoms',
          title: 'Atoms against time',
          caption: 'Each line is an atom; all end at -1 or 1.',
          x: { label: 'time' },
          y: { label: 'position' },
          marks: Array.from({ length: Math.min(atoms, 40) }, (_, i) => ({
            type: 'line',
            x: run.frames.map((frame) => frame.time),
            y: run.frames.map((frame) => frame.profile[0].positions[i]),
          })),
        },
      ],
    };
  },
};
