import { special } from '@muflow/core';

import { type DotKernel, erfKernel, reluKernel } from '../population/dotKernels.js';
import { arcSine, evenBend, expOfNegative } from './elementary.js';
import { arcSineText, cosineText, evenBendText } from './entryFormulas.js';
import type { ProductKernel, Unit } from './productKernel.js';

const twoPi = 2 * Math.PI;
const halfPi = Math.PI / 2;

/**
 * Added to a size that is divided by or to a product of sizes, so that what units see nothing of is at a right angle
 * to the rest.
 */
const least = 1e-300;

/**
 * What units see, `z = (weight x, bias)`, times a factor that depends on `q = |z|^2`; the number of a point is a
 * function of q too.
 */
function placing(
  { weight, bias }: { readonly weight: number; readonly bias: number },
  factorOf: (q: number) => number,
  numberOf: (q: number) => number,
): Pick<ProductKernel, 'coordinates' | 'placeInto'> {
  return {
    coordinates: (d) => (bias > 0 ? d + 1 : d),
    placeInto(out, at, inputs, from, { d, q }) {
      const seen = weight * weight * q + bias * bias;
      const factor = factorOf(seen);
      for (let k = 0; k < d; k++) out[at + k] = factor * weight * inputs[from + k];
      if (bias > 0) out[at + d] = factor * bias;
      return numberOf(seen);
    },
  };
}

/** Points of length 1, whose inner products are cosines. */
const onSphere = (law: { readonly weight: number; readonly bias: number }) =>
  placing(law, (q) => 1 / (Math.sqrt(q) + least), Math.sqrt);

/** Sine of an angle in [0, pi]. */
const sine = `sqrt((1 - ${cosineText})*(1 + ${cosineText}))`;

/** `|z|^2` of an input of squared length q. */
const seenOf =
  ({ weight, bias }: { readonly weight: number; readonly bias: number }) =>
  (q: number): number =>
    weight * weight * q + bias * bias;

/** Step units `1[z > 0]`, 1/2 at 0: `k = (pi - t) / (2 pi) = 1/4 + asin(cos t) / (2 pi)`. */
export const stepUnit: Unit = {
  name: 'arc-cosine of order 0',
  applyTo(values, count) {
    for (let k = 0; k < count; k++) values[k] = values[k] > 0 ? 1 : values[k] < 0 ? 0 : 0.5;
  },
  product(law): ProductKernel {
    const seen = seenOf(law);
    return {
      ...onSphere(law),
      atEqual: (q) => (seen(q) > 0 ? 0.5 : 0.25),
      formula: `0.25 + ${arcSineText}/(2*pi)`,
      applyTo({ products, from, values, at, count }) {
        for (let j = 0; j < count; j++) values[at + j] = 0.25 + arcSine(products[from + j]) / twoPi;
      },
    };
  },
};

/** ReLU units: `k = |z| |z'| (sin t + (pi - t) cos t) / (2 pi)`. */
export const reluUnit: Unit = {
  name: 'arc-cosine of order 1',
  applyTo(values, count) {
    for (let k = 0; k < count; k++) values[k] = Math.max(0, values[k]);
  },
  product(law): ProductKernel {
    const seen = seenOf(law);
    return {
      ...onSphere(law),
      atEqual: (q) => seen(q) / 2,
      formula: `p*q/(2*pi)*(${evenBendText} + pi/2*t)`,
      applyTo({ products, from, values, at, count, own, others }) {
        const scale = own / twoPi;
        for (let j = 0; j < count; j++) {
          const cosine = products[from + j];
          // sin t + (pi - t) cos t = pi/2 cos t + (sin t + cos t asin cos t), the second even in the cosine.
          const even = evenBend(Math.min(1, Math.abs(cosine)));
          values[at + j] = scale * others[j] * (even + halfPi * cosine);
        }
      },
    };
  },
  dots: reluKernel('gaussian', 1),
};

/** Squared ReLU units: `k = |z|^2 |z'|^2 (3 sin t cos t + (pi - t) (1 + 2 cos^2 t)) / (2 pi)`. */
export const squaredReluUnit: Unit = {
  name: 'arc-cosine of order 2',
  applyTo(values, count) {
    for (let k = 0; k < count; k++) values[k] = Math.max(0, values[k]) ** 2;
  },
  product(law): ProductKernel {
    const seen = seenOf(law);
    return {
      ...onSphere(law),
      atEqual: (q) => 1.5 * seen(q) ** 2,
      formula: `(p*q)^2/(2*pi)*(3*${sine}*${cosineText} + (pi/2 + ${arcSineText})*(1 + 2*${cosineText}^2))`,
      applyTo({ products, from, values, at, count, own, others }) {
        for (let j = 0; j < count; j++) {
          const cosine = Math.min(1, Math.max(-1, products[from + j]));
          const size = own * others[j];
          const sine = Math.sqrt((1 - cosine) * (1 + cosine));
          const rest = halfPi + arcSine(cosine);
          values[at + j] = (size * size * (3 * sine * cosine + rest * (1 + 2 * cosine * cosine))) / twoPi;
        }
      },
    };
  },
  dots: squaredReluKernel(),
};

/**
 * The kernel of squared ReLU units with `q = |z|`: with g = 3 sin t cos t + (pi - t)(1 + 2 cos^2 t), `K = q11 q22 g /
 * (2 pi)`. Its derivative `dg/d(cos t) = 4 (sin t + (pi - t) cos t)` makes dK/dq12 four times the kernel of ReLU
 * units.
 */
function squaredReluKernel(): DotKernel {
  return {
    name: 'squared relu, gaussian',
    smooth: true,
    evaluateInto(out, q11, q22, q12) {
      const size = Math.sqrt(q11 * q22);
      const cosine = Math.min(1, Math.max(-1, q12 / (size + least)));
      const sine = Math.sqrt((1 - cosine) * (1 + cosine));
      const rest = Math.PI - Math.atan2(sine, cosine);
      const bend = 3 * sine * cosine + rest * (1 + 2 * cosine * cosine);
      const slope = 4 * (sine + rest * cosine);
      out[0] = (q11 * q22 * bend) / twoPi;
      out[1] = (q22 * (2 * bend - cosine * slope)) / twoPi;
      out[2] = (q11 * (2 * bend - cosine * slope)) / twoPi;
      out[3] = (size * slope) / twoPi;
    },
  };
}

/** Units erf(z): `k = (2/pi) asin(2 q12 / sqrt((1 + 2 q11) (1 + 2 q22)))`. */
export const errorFunctionUnit: Unit = {
  name: 'erf',
  applyTo(values, count) {
    for (let k = 0; k < count; k++) values[k] = special.erf(values[k]);
  },
  product(law): ProductKernel {
    const seen = seenOf(law);
    return {
      ...placing(
        law,
        (q) => Math.SQRT2 / Math.sqrt(1 + 2 * q),
        () => 0,
      ),
      atEqual: (q) => (2 / Math.PI) * Math.asin((2 * seen(q)) / (1 + 2 * seen(q))),
      formula: `2/pi*${arcSineText}`,
      applyTo({ products, from, values, at, count }) {
        for (let j = 0; j < count; j++) values[at + j] = (2 / Math.PI) * arcSine(products[from + j]);
      },
    };
  },
  dots: erfKernel(),
};

/**
 * Units cos(z): `k = exp(-(q11 + q22)/2) cosh(q12) = (exp(-|z - z'|^2/2) + exp(-|z + z'|^2/2)) / 2`, the second form
 * being the one that does not overflow.
 */
export const cosineUnit: Unit = {
  name: 'cosine',
  applyTo(values, count) {
    for (let k = 0; k < count; k++) values[k] = Math.cos(values[k]);
  },
  product(law): ProductKernel {
    const seen = seenOf(law);
    return {
      ...placing(
        law,
        () => 1,
        (q) => q / 2,
      ),
      atEqual: (q) => 0.5 * (1 + Math.exp(-2 * seen(q))),
      formula: '0.5*(exp(min(0, t - (p + q))) + exp(min(0, -t - (p + q))))',
      applyTo({ products, from, values, at, count, own, others }) {
        for (let j = 0; j < count; j++) {
          const [half, product] = [own + others[j], products[from + j]];
          values[at + j] =
            0.5 * (expOfNegative(Math.min(0, product - half)) + expOfNegative(Math.min(0, -product - half)));
        }
      },
    };
  },
  dots: {
    name: 'cosine, gaussian',
    smooth: true,
    evaluateInto(out, q11, q22, q12) {
      const near = Math.exp(q12 - (q11 + q22) / 2) / 2;
      const far = Math.exp(-q12 - (q11 + q22) / 2) / 2;
      out[0] = near + far;
      out[1] = out[2] = -out[0];
      out[3] = near - far;
    },
  },
};
