import { special } from '@muflow/core';

import { type DotKernel, erfKernel, reluKernel } from '../population/dotKernels.js';
import { arcCosine, arcSine, expOfNegative } from './elementary.js';
import type { ProductKernel, Unit } from './productKernel.js';

const twoPi = 2 * Math.PI;
const halfPi = Math.PI / 2;

/** `sqrt(weight^2 q + bias^2)`, the size of what a unit sees. */
const sizeOf =
  (weight: number, bias: number) =>
  (q: number): number =>
    Math.sqrt(weight * weight * q + bias * bias);

/**
 * Added to a product of sizes, so that the cosine with a point of which units see nothing is 0 and not NaN. Cosines stand in the
 * loops as they are: a call that is not inlined costs more than the rest.
 */
const least = 1e-300;

/** Step units `1[z > 0]`, 1/2 at 0: `k = (pi - t) / (2 pi) = 1/4 + asin(cos t) / (2 pi)`. */
export const stepUnit: Unit = {
  name: 'arc-cosine of order 0',
  applyTo(values, count) {
    for (let k = 0; k < count; k++) values[k] = values[k] > 0 ? 1 : values[k] < 0 ? 0 : 0.5;
  },
  product(weight, bias): ProductKernel {
    const [scale, shift] = [weight * weight, bias * bias];
    return {
      ofSquare: sizeOf(weight, bias),
      atEqual: (q) => (scale * q + shift > 0 ? 0.5 : 0.25),
      applyTo({ values, at, count, own, others }) {
        for (let j = 0; j < count; j++) {
          const size = own * others[j];
          const cosine = Math.min(1, Math.max(-1, (scale * values[at + j] + shift) / (size + least)));
          values[at + j] = 0.25 + arcSine(cosine) / twoPi;
        }
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
  product(weight, bias): ProductKernel {
    const [scale, shift] = [weight * weight, bias * bias];
    return {
      ofSquare: sizeOf(weight, bias),
      atEqual: (q) => (scale * q + shift) / 2,
      applyTo({ values, at, count, own, others }) {
        for (let j = 0; j < count; j++) {
          const size = own * others[j];
          const cosine = Math.min(1, Math.max(-1, (scale * values[at + j] + shift) / (size + least)));
          const near = Math.abs(cosine);
          // (pi - t) cos t = pi/2 cos t + |cos t| (pi/2 - acos |cos t|), the second even in the cosine.
          const even = Math.sqrt((1 - near) * (1 + near)) + near * (halfPi - arcCosine(near));
          values[at + j] = (size * (even + halfPi * cosine)) / twoPi;
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
  product(weight, bias): ProductKernel {
    const [scale, shift] = [weight * weight, bias * bias];
    return {
      ofSquare: sizeOf(weight, bias),
      atEqual: (q) => 1.5 * (scale * q + shift) ** 2,
      applyTo({ values, at, count, own, others }) {
        for (let j = 0; j < count; j++) {
          const size = own * others[j];
          const cosine = Math.min(1, Math.max(-1, (scale * values[at + j] + shift) / (size + least)));
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
 * The kernel of squared ReLU units with `q = |z|`: with g = 3 sin t cos t + (pi - t)(1 + 2 cos^2 t), `K = q11 q22 g / (2 pi)`.
 * Its derivative `dg/d(cos t) = 4 (sin t + (pi - t) cos t)` makes dK/dq12 four times the kernel of ReLU units.
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
  product(weight, bias): ProductKernel {
    const [scale, shift] = [2 * weight * weight, 2 * bias * bias];
    return {
      ofSquare: (q) => 1 / Math.sqrt(1 + scale * q + shift),
      atEqual: (q) => (2 / Math.PI) * Math.asin((scale * q + shift) / (1 + scale * q + shift)),
      applyTo({ values, at, count, own, others }) {
        for (let j = 0; j < count; j++) {
          values[at + j] = (2 / Math.PI) * arcSine((scale * values[at + j] + shift) * own * others[j]);
        }
      },
    };
  },
  dots: erfKernel(),
};

/**
 * Units cos(z): `k = exp(-(q11 + q22)/2) cosh(q12) = (exp(-|z - z'|^2/2) + exp(-|z + z'|^2/2)) / 2`, the second form being the
 * one that does not overflow.
 */
export const cosineUnit: Unit = {
  name: 'cosine',
  applyTo(values, count) {
    for (let k = 0; k < count; k++) values[k] = Math.cos(values[k]);
  },
  product(weight, bias): ProductKernel {
    const [scale, shift] = [weight * weight, bias * bias];
    return {
      ofSquare: (q) => 0.5 * (scale * q + shift),
      atEqual: (q) => 0.5 * (1 + Math.exp(-2 * (scale * q + shift))),
      applyTo({ values, at, count, own, others }) {
        for (let j = 0; j < count; j++) {
          const [half, product] = [own + others[j], scale * values[at + j] + shift];
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
