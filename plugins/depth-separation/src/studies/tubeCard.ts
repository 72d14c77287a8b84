import { type Claim, claimAtMost, claimWithin } from '@muflow/core';
import type { Ceiling } from '../probe/index.js';
import type { TubeCertificate } from '../tube/index.js';

/** Figures of an earlier computation by fast transforms, at r = 1, w = 10, no bias, complex target. */
const windowMasses: readonly (readonly [omega: number, mass: number])[] = [
  [10, 0.467],
  [20, 0.4623],
  [50, 0.4611],
  [400, 0.4609],
];
const unitsToHalf: readonly (readonly [dim: number, units: number])[] = [
  [8, 52],
  [12, 1085],
  [16, 22_801],
  [20, 479_314],
];
/** Relative squared error of the explicit network of depth three with m knots. */
const deepErrors: readonly (readonly [dim: number, knots: number, error: number])[] = [
  [4, 256, 1.8e-3],
  [8, 256, 5.1e-3],
  [12, 256, 7.0e-3],
  [16, 256, 1.1e-2],
  [24, 256, 2.4e-2],
  [4, 1024, 4.3e-4],
  [8, 1024, 4.2e-4],
  [12, 1024, 3.5e-4],
  [16, 1024, 4.4e-4],
  [24, 1024, 8.2e-4],
];

/** Q of the earlier computation, where there is one. */
export const cardMass = (omega: number): number | undefined => windowMasses.find(([w]) => w === omega)?.[1];

/** The units before the floor drops to one half by the earlier computation. */
export const cardUnits = (dim: number): number | undefined => unitsToHalf.find(([d]) => d === dim)?.[1];

/** The error of depth three by the earlier computation. */
export const cardError = (dim: number, knots: number): number | undefined =>
  deepErrors.find(([d, m]) => d === dim && m === knots)?.[2];

/** Claims about the figures of the card, for the settings it speaks about. */
export function cardClaims(
  certificates: readonly TubeCertificate[],
  deep: readonly { readonly dim: number; readonly knots: number; readonly ceiling: Ceiling }[],
): Claim[] {
  const counted = certificates.filter(({ dim }) => cardUnits(dim) !== undefined);
  const known = deep.filter(({ dim, knots }) => cardError(dim, knots) !== undefined);
  const { low, high } = certificates[0].factors[0];
  return [
    claimWithin({
      statement: 'Share Q of the heaviest window at w = 10 r, against the card',
      predicted: 0.467,
      tolerance: 1e-3,
      measured: (low + high) / 2,
    }),
    ...(counted.length === 0
      ? []
      : [
          claimAtMost({
            statement: `Units before the floor drops to one half, d = ${counted.map(({ dim }) => dim).join(', ')}: largest relative deviation from the card`,
            bound: 1e-3,
            measured: Math.max(...counted.map((one) => Math.abs(one.unitsAt(0.5) / (cardUnits(one.dim) ?? 0) - 1))),
          }),
        ]),
    ...(known.length === 0
      ? []
      : [
          claimAtMost({
            statement: `Error of depth three over that of the card, the worst of ${known.length}`,
            bound: 1.5,
            measured: Math.max(...known.map(({ dim, knots, ceiling }) => ceiling.value / (cardError(dim, knots) ?? 0))),
          }),
        ]),
  ];
}
