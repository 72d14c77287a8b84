import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithin,
  type Figure,
  type Frame,
  linearFit,
  type Mark,
  measure,
  type Profile,
  type Study,
  type StudyContext,
} from '@muflow/core';
import { z } from 'zod';
import { certificateRecorder } from '../certificate/certificateRecorder.js';
import { nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { dynamics } from '../dynamics/dynamics.js';
import { type LocalRate, localRate } from '../dynamics/localRate.js';
import { profileAverage } from '../dynamics/profileAverage.js';
import { equilibriumProfile } from '../games/knownGame.js';
import { torusCounterexample } from '../games/knownGames.js';
import { gridStart } from '../starts.js';
import { stemFigure } from './stems.js';

const params = z.strictObject({
  massSteps: z
    .array(z.number().positive().max(0.2))
    .min(1)
    .default([0.08, 0.04, 0.02])
    .describe('eta_w; eta_x is a fortieth of it'),
  atoms: z
    .tuple([z.int().min(3), z.int().min(3)])
    .default([10, 11])
    .describe('atoms of x and y at the start'),
  horizon: z.number().min(2).max(100).default(8).describe('steps times eta_w^2'),
  frames: z.int().min(40).max(10_000).default(300).describe('certified errors along each run'),
});

type Params = z.output<typeof params>;

const known = torusCounterexample();
const stepRatio = 40;
/** A perturbation this small is linear to the accuracy of the slopes. */
const smallOdds = 1e-5;

/** Log-slopes that an independent implementation measured. */
const elsewhere: Readonly<Record<number, string>> = { 0.08: '-0.01282', 0.04: '-0.003132', 0.02: '-0.000803' };

/** `(1/2) log((1 - s^2)^2 + s^2)`, s = 2 eta_w: one step of mirror-prox on the eigenvalues +-2i. */
const contraction = (massStep: number): number => {
  const s = 2 * massStep;
  return 0.5 * Math.log((1 - s * s) ** 2 + s * s);
};

type Scheme = 'mirror-prox' | 'wfr';

/** Everything that is measured at one step size. */
interface Measured {
  readonly massStep: number;
  readonly mirrorProx: readonly Frame[];
  readonly descent: readonly Frame[];
  readonly rates: Readonly<Record<Scheme, LocalRate>>;
  /** Slope of log NI of mirror-prox. */
  readonly slope: number;
  /** Slope of the log distance of descent-ascent from the equilibrium it is started beside. */
  readonly growth: number;
  /** Certified NI of the averages of descent-ascent over its first frames. */
  readonly averages: readonly { readonly step: number; readonly error: number }[];
}

async function measureAt(massStep: number, values: Params, context: StudyContext): Promise<Measured> {
  const sizes = { mass: massStep, position: massStep / stepRatio };
  const steps = Math.round(values.horizon / massStep ** 2);
  const every = Math.max(1, Math.round(steps / values.frames));
  const grids = known.game.spaces.map((space, k) => gridStart(space, values.atoms[k]));
  const run = async (name: Scheme, initial: Profile, maxSteps: number): Promise<readonly Frame[]> => {
    const { flow, stepper } = dynamics(known.game, name, sizes);
    const recorders = [certificateRecorder({ tolerance: 1e-11 })];
    const plan = { stepper, dt: 1, maxSteps, seed: context.seed, record: { every, recorders } };
    return (await context.simulate(`${name}, eta_w = ${massStep}`, { flow, initial }, plan)).frames;
  };
  const mirrorProx = await run('mirror-prox', grids, steps);
  const descent = await run('wfr', grids, steps);
  const beside = await run('wfr', besideEquilibrium(), Math.round(1.2 / massStep ** 2));
  const falling = mirrorProx.filter(({ values: { niUpper } }) => niUpper < 1e-3 && niUpper > 1e-9);
  const rateOf = (name: Scheme): LocalRate =>
    localRate(known.game, dynamics(known.game, name, sizes), equilibriumProfile(known));
  return {
    massStep,
    mirrorProx,
    descent,
    rates: { 'mirror-prox': rateOf('mirror-prox'), wfr: rateOf('wfr') },
    slope: slopeOf(falling, ({ values: { niUpper } }) => niUpper),
    growth: slopeOf(beside, ({ profile }) => Math.hypot(...profile.map(({ masses }) => masses[0] - masses[1]))),
    averages: averagesOf(descent),
  };
}

function besideEquilibrium(): Profile {
  const [x, y] = equilibriumProfile(known);
  return [measure({ space: x.space, positions: x.positions, masses: [0.5 + smallOdds, 0.5 - smallOdds] }), y];
}

function slopeOf(frames: readonly Frame[], height: (frame: Frame) => number): number {
  if (frames.length < 10) return Number.NaN;
  return linearFit(
    frames.map(({ step }) => step),
    frames.map((frame) => Math.log(height(frame))),
  ).slope;
}

/** Certified errors of the averages over the first frames, at twelve times: thinned ergodic averages. */
function averagesOf(frames: readonly Frame[]): Measured['averages'] {
  const average = profileAverage(frames.length);
  const times = Array.from({ length: 12 }, (_, k) => Math.round(((k + 1) / 12) ** 2 * (frames.length - 1)));
  return frames.flatMap(({ step, profile }, k) => {
    average.add(profile);
    const mean = times.includes(k) ? average.profile() : undefined;
    return mean === undefined ? [] : [{ step, error: nikaidoIsoda(known.game, mean, { tolerance: 1e-9 }).upper }];
  });
}

/** Central differences are good for about ten digits; what is below is their rounding. */
const toDifferences = (value: number): number => Math.round(value * 1e9) / 1e9 || 0;

/** Eigenvalues of a step as those of a flow in units of eta_w: `(lambda - 1) / eta_w`. */
function generator({ real, imaginary }: LocalRate, massStep: number): { re: number; im: number }[] {
  return Array.from(real, (re, k) => ({
    re: toDifferences((re - 1) / massStep),
    im: toDifferences(imaginary[k] / massStep),
  }));
}

/** Distance of the descent-ascent spectrum from +-2i, in units of eta_w. */
function distanceFromCycle({ rates, massStep }: Measured): number {
  const spectrum = generator(rates.wfr, massStep);
  return Math.max(...[2, -2].map((target) => Math.min(...spectrum.map(({ re, im }) => Math.hypot(re, im - target)))));
}

function claimsAt(measured: Measured): Claim[] {
  const { massStep, mirrorProx, descent, slope, growth, rates } = measured;
  const exact = contraction(massStep);
  const away = 0.5 * Math.log(1 + 4 * massStep ** 2);
  const last = mirrorProx[mirrorProx.length - 1].values;
  const late = descent.slice(descent.length / 2).map(({ values }) => values.niLower);
  const other = elsewhere[massStep];
  const at = `eta_w = ${massStep}`;
  return [
    claimWithin({
      statement: `${at}: slope of log NI of mirror-prox per step is (1/2) log((1-s^2)^2+s^2), s = 2 eta_w${other ? ` (measured elsewhere: ${other})` : ''}`,
      predicted: exact,
      tolerance: 0.05 * Math.abs(exact),
      measured: slope,
    }),
    claimWithin({
      statement: `${at}: the local rate at the equilibrium predicts that slope`,
      predicted: exact,
      tolerance: 1e-3 * Math.abs(exact),
      measured: rates['mirror-prox'].errorSlope,
    }),
    claimAtMost({
      statement: `${at}: certified error of mirror-prox at the end over that at its start`,
      bound: 1e-6,
      measured: last.niUpper / mirrorProx[0].values.niUpper,
    }),
    claimWithin({
      statement: `${at}: beside the equilibrium, descent-ascent moves away with slope (1/2) log(1+s^2) of the log distance`,
      predicted: away,
      tolerance: 0.05 * away,
      measured: growth,
    }),
    claimAtLeast({
      statement: `${at}: descent-ascent does not settle: smallest certified error over the second half of its run`,
      bound: 0.5,
      measured: Math.min(...late),
    }),
  ];
}

const errorsOf = (frames: readonly Frame[]): { x: number[]; y: number[] } => ({
  x: frames.map(({ step }) => step),
  y: frames.map(({ values: { niUpper } }) => (niUpper > 0 ? niUpper : Number.NaN)),
});

/** One figure per step size: last iterates, the average, and the predicted slope. */
function errorFigure({ massStep, mirrorProx, descent, averages }: Measured, k: number): Figure {
  const end = mirrorProx[mirrorProx.length - 1].step;
  const anchor = mirrorProx[Math.floor(mirrorProx.length / 3)];
  const predicted = (step: number): number =>
    anchor.values.niUpper * Math.exp(contraction(massStep) * (step - anchor.step));
  return {
    id: k === 0 ? 'error' : `error-${k + 1}`,
    title: `Certified Nikaido-Isoda error against step, eta_w = ${massStep}`,
    caption:
      'Upper ends of proven intervals. The average is that of the strategies of descent-ascent at the recorded steps.',
    x: { label: 'step' },
    y: { label: 'Nikaido-Isoda error', scale: 'log' },
    marks: [
      { type: 'line', ...errorsOf(mirrorProx), label: 'mirror-prox' },
      { type: 'line', ...errorsOf(descent), label: 'descent-ascent' },
      {
        type: 'line',
        x: averages.map(({ step }) => step),
        y: averages.map(({ error }) => error),
        label: 'descent-ascent, average',
      },
      { type: 'line', x: [0, end], y: [predicted(0), predicted(end)], label: 'predicted slope' },
    ],
  };
}

/** The spectra as those of flows, in the complex plane. */
function spectrumFigure({ rates, massStep }: Measured): Figure {
  const dots = (name: Scheme, label: string): Mark => {
    const spectrum = generator(rates[name], massStep);
    return { type: 'dot', x: spectrum.map(({ re }) => re), y: spectrum.map(({ im }) => im), label };
  };
  return {
    id: 'spectrum',
    title: `Eigenvalues of a step at the equilibrium, as (lambda - 1) / eta_w, eta_w = ${massStep}`,
    caption:
      'Left of the axis means damped. Descent-ascent has a pair at exactly +-2i; the look-ahead of mirror-prox moves it left.',
    x: { label: 'real part' },
    y: { label: 'imaginary part' },
    marks: [
      dots('wfr', 'descent-ascent'),
      dots('mirror-prox', 'mirror-prox'),
      { type: 'rule', axis: 'x', at: 0, label: 'undamped' },
    ],
  };
}

/** The game on which descent-ascent cycles while mirror-prox contracts, at rates known in closed form. */
export const torusCounterexampleStudy: Study<Params> = {
  id: 'zero-sum/torus-counterexample',
  title: 'A torus game on which descent-ascent cycles and mirror-prox contracts',
  reference: 'WangChizat2022, section 5 (section unchecked)',
  params,
  async run(values, context) {
    const all: Measured[] = [];
    for (const massStep of values.massSteps) all.push(await measureAt(massStep, values, context));
    const [first] = all;
    const profile = first.mirrorProx[first.mirrorProx.length - 1].profile;
    return {
      claims: [
        claimAtMost({
          statement: 'The linearized descent-ascent flow has the eigenvalues +-2i: largest distance',
          bound: 1e-6,
          measured: Math.max(...all.map(distanceFromCycle)),
        }),
        ...all.flatMap(claimsAt),
      ],
      notes: [
        'Payoff sin(4 pi x) + sin(4 pi y) + 2 cos(2 pi (x + y)) on the torus. In the only equilibrium both players mix two points in equal parts, and the value is 0.',
        'Around it the log-odds of the masses turn with eigenvalues +-2i and nothing damps them, so the explicit step of descent-ascent, |1 + 2 i eta_w| > 1, spirals outwards. Positions are damped. A step of mirror-prox multiplies by 1 + i s - s^2 with s = 2 eta_w, of modulus below 1.',
        'All errors are upper ends of proven intervals. The average of descent-ascent is taken over the recorded steps only.',
      ],
      tables: [
        {
          title: 'Slopes per step',
          columns: [
            'eta_w',
            'exact',
            'local rate',
            'measured',
            'away, exact',
            'away, measured',
            'NI of the average',
          ].map((name) => ({ name })),
          rows: all.map(({ massStep, rates, slope, growth, averages }) => [
            massStep,
            contraction(massStep),
            rates['mirror-prox'].errorSlope,
            slope,
            rates.wfr.distanceSlope,
            growth,
            averages[averages.length - 1].error,
          ]),
        },
        {
          title: 'Spectrum of descent-ascent as that of a flow, in units of eta_w',
          columns: [{ name: 'eta_w' }, { name: 'eigenvalue' }, { name: 'real part' }, { name: 'imaginary part' }],
          rows: all.flatMap(({ rates, massStep }) =>
            generator(rates.wfr, massStep).map(({ re, im }, k) => [massStep, k + 1, re, im]),
          ),
        },
      ],
      figures: [
        ...all.map(errorFigure),
        spectrumFigure(first),
        stemFigure('x-stems', known.game, profile, 0),
        stemFigure('y-stems', known.game, profile, 1),
      ],
      metrics: {
        step: first.mirrorProx.map(({ step }) => step),
        mirrorProx: first.mirrorProx.map(({ values: { niUpper } }) => niUpper),
        descentAscent: first.descent.map(({ values: { niUpper } }) => niUpper),
      },
      profiles: { 'mirror-prox': profile },
    };
  },
};
