import { logSumExp } from '@muflow/core';
import type { SetBatch } from '../sets/setBatch.js';
import { oscillation, pointScores, type Score, scores } from './score.js';
import { checkPositive, onePoint, type SetFunction, type SetRange, valuesBySet } from './setFunction.js';

/** `f(mu) = int s dmu`: linear in mu. */
export function scoreMean(score: Score = scores.norm): SetFunction {
  return {
    id: 'mean',
    formula: `int s dmu, s = ${score.formula}`,
    ofMeasure: true,
    values: (batch) => {
      const s = pointScores(batch, score);
      return valuesBySet('mean', batch, ({ from, to }) => {
        let sum = 0;
        for (let i = from; i < to; i++) sum += batch.masses[i] * s[i];
        return sum;
      });
    },
    lipschitz: () => score.lipschitz ?? Infinity,
  };
}

/**
 * The median of the scores: the middle of the scores between which half of the mass lies on each side (for N points of
 * equal mass the middle one, or the mean of the two middle ones). Not continuous in W_1: mass moved across a gap of the
 * scores moves the median by the gap, however little it was.
 */
export function scoreMedian(score: Score = scores.norm): SetFunction {
  return {
    id: 'median',
    formula: `median of s under mu, s = ${score.formula}`,
    ofMeasure: true,
    values: (batch) => {
      const s = pointScores(batch, score);
      return valuesBySet('median', batch, (range) => medianOf(s, batch.masses, range));
    },
    lipschitz: () => Infinity,
  };
}

/** The largest score over the support of mu. Not continuous in W_1: a mass as small as one likes decides. */
export function scoreMaximum(score: Score = scores.norm): SetFunction {
  return {
    id: 'max',
    formula: `max of s over the support of mu, s = ${score.formula}`,
    ofMeasure: true,
    values: (batch) => {
      const s = pointScores(batch, score);
      return valuesBySet('max', batch, ({ from, to }) => s.subarray(from, to).reduce((a, b) => Math.max(a, b)));
    },
    lipschitz: () => Infinity,
  };
}

/**
 * `f(mu) = T log int exp(s / T) dmu`, between the mean (T to infinity) and the maximum (T to 0), which it approaches from
 * below. Lipschitz in W_1 with `L = lip(s) exp(osc(s) / T)` on a ball where s varies by osc(s): the derivative of f in the
 * direction nu - mu is `T int exp(s / T) d(nu - mu) / int exp(s / T) dmu`.
 *
 * @param temperature - T > 0, default 0.1.
 */
export function scoreLogMeanExp(score: Score = scores.norm, temperature = 0.1): SetFunction {
  checkPositive('scoreLogMeanExp', 'temperature', temperature);
  return {
    id: 'log-mean-exp',
    formula: `${temperature} log int exp(s / ${temperature}) dmu, s = ${score.formula}`,
    ofMeasure: true,
    values: (batch) => {
      const s = pointScores(batch, score);
      return valuesBySet('log-mean-exp', batch, ({ from, to }) => {
        const terms = new Float64Array(to - from);
        for (let i = from; i < to; i++) terms[i - from] = Math.log(batch.masses[i]) + s[i] / temperature;
        return temperature * logSumExp(terms);
      });
    },
    lipschitz: (radius) => (score.lipschitz ?? Infinity) * Math.exp(oscillation(score, radius) / temperature),
  };
}

/**
 * The second largest of the listed scores. Not a function of the measure: with every point listed twice the largest is
 * second too. It shows what networks on measures cannot represent.
 *
 * @throws `invalid-argument` at the values, for a set of one point.
 */
export function secondLargest(score: Score = scores.norm): SetFunction {
  return {
    id: 'second-largest',
    formula: `second largest s over the listed points, s = ${score.formula}`,
    ofMeasure: false,
    values: (batch) => {
      const s = pointScores(batch, score);
      return valuesBySet('second-largest', batch, ({ from, to, id }) => {
        if (to - from < 2) onePoint('second-largest', id);
        const sorted = s.slice(from, to).sort();
        return sorted[sorted.length - 2];
      });
    },
    lipschitz: () => Infinity,
  };
}

/** Masses this close to one half count as one half: sums of N times 1/N are no exact numbers. */
const halfTolerance = 1e-12;

function medianOf(s: Float64Array, masses: SetBatch['masses'], { from, to }: SetRange): number {
  const order = Array.from({ length: to - from }, (_, i) => from + i).sort((a, b) => s[a] - s[b]);
  let below = 0;
  for (let at = 0; at < order.length; at++) {
    below += masses[order[at]];
    if (below > 0.5 + halfTolerance || at === order.length - 1) return s[order[at]];
    if (below >= 0.5 - halfTolerance) return (s[order[at]] + s[order[at + 1]]) / 2;
  }
  return Number.NaN;
}
