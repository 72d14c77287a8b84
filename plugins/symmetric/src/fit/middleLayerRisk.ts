import { type AnyLoss, type Backend, fail, networkUnit, type Risk, risk, show } from '@muflow/core';

export interface MiddleLayerRiskOptions {
  /** Pooled features `Phi(mu_s)`, S*m1, row-major. */
  readonly features: Float64Array;
  /** Number m1 of test features. */
  readonly innerWidth: number;
  /** S*c, row-major. */
  readonly targets: Float64Array;
  /** Number c of outputs, default 1. */
  readonly outputs?: number;
  /** The outer unit, default `relu`. */
  readonly outer?: string;
  /** Default `square`, which is `(1/2)(f - y)^2`. */
  readonly loss?: AnyLoss;
  /** Penalty of the group norm, default 0. */
  readonly lambda?: number;
  /** 1: atoms `(a, u)`, the default; 2: atoms `(s, u)` with a sign s (for several outputs a unit vector) to be held. */
  readonly homogeneity?: 1 | 2;
  readonly backend?: Backend;
}

/**
 * The risk of a network on sets as a functional of its middle layer, a measure over test functions: atoms `(a, u)` with
 *
 *     f_nu(mu) = int a outer(phi_u(mu)) dnu(a, u),   phi_u(mu) = <u, Phi(mu)> / sqrt(m1),
 *     F(nu) = (1/S) sum_s loss(f_nu(mu_s), y_s) + lambda int |a| |u| dnu.
 *
 * `|u|` is the norm of the test function in the space F2 of the averaged features, at every width m1; the penalty is the
 * group norm of the class S2. Convex in nu, and every flow of core moves it: atoms in W2, masses in Fisher-Rao, both, or
 * by birth and death. A neuron j of a `SetNetwork` with n neurons is the atom `a = n A_j, u = sqrt(m1) V_j` of mass 1/n.
 *
 * @throws as `risk` and `networkUnit`; `shape-mismatch` where features and targets do not fit.
 * @example
 * const energy = middleLayerRisk({ features, innerWidth: 100, targets, lambda: 1e-3 });
 * const flow = gradientFlow(energy, wassersteinFisherRao({ alpha: 1 }));
 */
export function middleLayerRisk(options: MiddleLayerRiskOptions): Risk {
  const { features, innerWidth, targets, outputs = 1, outer = 'relu', lambda = 0, homogeneity = 1 } = options;
  const { loss, backend } = options;
  checkSizes(options, outputs);
  const unit = networkUnit({ activation: outer, inputs: innerWidth, bias: false, outputs, homogeneity });
  return risk({
    unit,
    inputs: scaledFeatures(features, innerWidth),
    targets,
    ...(loss !== undefined && { loss }),
    ...(lambda !== 0 && { penalty: { kind: 'pathNorm', lambda } as const }),
    ...(backend && { backend }),
  });
}

/** `Phi / sqrt(m1)`: the inputs of {@link middleLayerRisk}, also for its predictions at other sets. */
export function scaledFeatures(features: Float64Array, innerWidth: number): Float64Array {
  const scale = 1 / Math.sqrt(innerWidth);
  return features.map((value) => scale * value);
}

function checkSizes({ features, innerWidth, targets }: MiddleLayerRiskOptions, outputs: number): void {
  const sets = features.length / innerWidth;
  if (Number.isInteger(sets) && sets >= 1 && targets.length === sets * outputs) return;
  fail({
    code: 'shape-mismatch',
    where: 'middleLayerRisk',
    problem: 'features and targets do not fit',
    got: `${features.length} features of width ${show(innerWidth)}, ${targets.length} targets of ${show(outputs)} outputs`,
    expected: 'one row of features and one of targets for each set',
    fix: 'pass S*m1 features and S*c targets',
  });
}
