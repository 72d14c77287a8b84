import { describe, expect, test } from 'vitest';
import type { FirstVariation } from '../energy/energy.js';
import type { Flow } from '../flow/flow.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import type { Measure, MeasureKind, Tangent } from '../measure/measure.js';
import { meanPotential } from '../metric/descentMetric.js';
import type { Metric } from '../metric/metric.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { landscapes } from './battery.js';
import { flowLaws } from './flowLaws.js';
import { metricLaws } from './metricLaws.js';
import { complaints, type Mistake, mistakeRows, untested, verdictsOn } from './mistakes.js';

/** How a metric written by hand goes about each atom i; all by default as in Wasserstein-Fisher-Rao with rates 1. */
interface Ways {
  readonly velocity?: (gradient: number, at: { readonly coordinate: number; readonly norm: number }) => number;
  /** Rate of an atom. */
  readonly rate?: (i: number, mu: Measure) => number;
  readonly growth?: (centered: number) => number;
  readonly mean?: (potential: Float64Array, mu: Measure) => number;
  /** Of |v|^2 + r^2. */
  readonly length?: (squared: number) => number;
  /** Factor of the velocity where masses are frozen. */
  readonly alone?: number;
}

function byHand(ways: Ways = {}): Metric {
  const {
    velocity = (gradient) => -gradient,
    rate = () => 1,
    growth = (centered) => -centered,
    mean = (potential, mu) => (mu.kind === 'probability' ? meanPotential(potential, mu) : 0),
    length = (squared) => squared,
    alone = 1,
  } = ways;
  const descendInto = (out: Tangent, { potential, gradient }: FirstVariation, mu: Measure): void => {
    const { count, dim } = mu;
    if (out.velocity !== null) {
      for (let k = 0; k < count * dim; k++) {
        const i = Math.floor(k / dim);
        const norm = Math.hypot(...gradient.slice(i * dim, (i + 1) * dim));
        out.velocity[k] =
          (out.growth === null ? alone : 1) * rate(i, mu) * velocity(gradient[k], { coordinate: k % dim, norm });
      }
      mu.space.projectTangentInto(out.velocity, mu.positions, out.velocity, count);
    }
    if (out.growth === null) return;
    const center = mean(potential, mu);
    for (let i = 0; i < count; i++) out.growth[i] = growth(potential[i] - center);
  };
  return {
    name: 'byHand',
    transports: true,
    reacts: true,
    mobility: 1,
    conservesMass: (kind: MeasureKind) => kind === 'probability',
    descendInto,
    norm2: ({ masses, dim }, tangent) => {
      let total = 0;
      tangent.velocity?.forEach((v, k) => {
        total += masses[Math.floor(k / dim)] * length(v * v);
      });
      tangent.growth?.forEach((r, i) => {
        total += masses[i] * length(r * r);
      });
      return total;
    },
  };
}

const right = byHand();
const metrics: readonly Mistake<Metric>[] = [
  {
    law: 'dissipation-identity',
    mistake: 'a factor 2 in the growth that norm2 does not know',
    wrong: byHand({ growth: (centered) => -2 * centered }),
    right,
  },
  {
    law: 'descent-direction',
    mistake: 'a velocity of the wrong sign',
    wrong: byHand({ velocity: (gradient) => gradient }),
    right,
  },
  {
    law: 'descent-direction',
    mistake: 'a growth of the wrong sign',
    wrong: byHand({ growth: (centered) => centered }),
    right,
  },
  {
    law: 'mass-is-conserved',
    mistake: 'a growth without Vbar that is declared to conserve mass',
    wrong: byHand({ mean: () => 0 }),
    right,
  },
  {
    law: 'constants-do-not-move',
    mistake: 'a growth without Vbar',
    wrong: byHand({ mean: () => 0 }),
    right,
  },
  {
    law: 'descent-is-linear',
    mistake: 'a velocity of length 1, whatever the gradient',
    wrong: byHand({ velocity: (gradient, { norm }) => (norm === 0 ? 0 : -gradient / norm) }),
    right,
  },
  {
    law: 'norm2-is-quadratic',
    mistake: 'a length whose square root was taken',
    wrong: byHand({ length: Math.sqrt }),
    right,
  },
  {
    law: 'isometry',
    mistake: 'a first coordinate that moves twice as fast',
    wrong: byHand({ velocity: (gradient, { coordinate }) => -gradient * (coordinate === 0 ? 2 : 1) }),
    right,
  },
  {
    law: 'permutation-of-atoms',
    mistake: 'atoms that move faster the later they come',
    wrong: byHand({ rate: (i) => 1 + i / 10 }),
    right,
  },
  {
    law: 'splitting-an-atom',
    mistake: 'the gradient of F in the position of an atom, m_i grad V, in place of grad V',
    wrong: byHand({ rate: (i, { masses }) => masses[i] }),
    right,
  },
  {
    law: 'splitting-an-atom',
    mistake: 'the plain mean of V over atoms in place of Vbar',
    wrong: byHand({
      mean: (potential, { kind, count }) => (kind === 'probability' ? potential.reduce((a, b) => a + b, 0) / count : 0),
    }),
    right,
  },
  {
    law: 'frozen-parts',
    mistake: 'atoms that move faster where masses are frozen',
    wrong: byHand({ alone: 1.5 }),
    right,
  },
];

const sphereLandscape = landscapes.find(({ space }) => space.kind === 'sphere') ?? landscapes[0];
const rightFlow: Flow = gradientFlow(
  { ...sphereLandscape.energy, space: sphereLandscape.space },
  wassersteinFisherRao({ alpha: 0.5 }),
);
let evaluations = 0;

/** The flow with its tangent changed afterwards. */
function tangentChanged(change: (out: readonly Tangent[], mu: Measure) => void): Flow {
  return {
    ...rightFlow,
    tangentInto: (out, profile, context) => {
      rightFlow.tangentInto(out, profile, context);
      change(out, profile[0]);
    },
  };
}

const flows: readonly Mistake<Flow>[] = [
  {
    law: 'tangent-is-a-function',
    mistake: 'a tangent that grows with the number of evaluations',
    wrong: tangentChanged(([{ growth }]) => {
      if (growth !== null) growth[0] += 1e-9 * ++evaluations;
    }),
    right: rightFlow,
  },
  {
    law: 'tangent-is-a-function',
    mistake: 'a flow that writes to the profile it is given',
    wrong: tangentChanged((_, { positions }) => {
      positions[0] += 1e-9;
    }),
    right: rightFlow,
  },
  {
    law: 'tangent-to-the-space',
    mistake: 'a velocity that leaves the sphere',
    wrong: tangentChanged(([{ velocity }], { positions }) => {
      for (let k = 0; velocity !== null && k < velocity.length; k++) velocity[k] += 1e-6 * positions[k];
    }),
    right: rightFlow,
  },
  {
    law: 'mass-is-conserved',
    mistake: 'a flow of positive measures that is declared to conserve mass',
    wrong: { ...rightFlow, conservesMass: () => true },
    right: rightFlow,
  },
  {
    law: 'dissipation',
    mistake: 'half the dissipation',
    wrong: { ...rightFlow, dissipation: (...at) => (rightFlow.dissipation?.(...at) ?? 0) / 2 },
    right: rightFlow,
  },
];

const plan = { seeds: [1, 2, 3], runs: 28 };

describe('metrics', () => {
  test.each(mistakeRows(metricLaws, metrics))('%s', async (_, row) => {
    const { wrong, right: fine } = await verdictsOn(metricLaws, row, plan);
    expect(wrong).toEqual(['fails', 'fails', 'fails']);
    expect(fine).toEqual(['holds', 'holds', 'holds']);
  });

  test('the right metric holds every law, and every law catches something', async () => {
    expect(await complaints(metricLaws, metrics, { seed: 1, runs: 28 })).toEqual([]);
    expect(untested(metricLaws, metrics)).toEqual([]);
  });
});

describe('flows', () => {
  test.each(mistakeRows(flowLaws, flows))('%s', async (_, row) => {
    const { wrong, right: fine } = await verdictsOn(flowLaws, row, plan);
    expect(wrong).toEqual(['fails', 'fails', 'fails']);
    expect(fine).toEqual(['holds', 'holds', 'holds']);
  });

  test('the right flow holds every law, and every law catches something', async () => {
    expect(await complaints(flowLaws, flows, { seed: 1, runs: 28 })).toEqual([]);
    expect(untested(flowLaws, flows)).toEqual([]);
  });
});
