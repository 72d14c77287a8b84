import { type Activation, type Backend, compileActivation, defaultBackend, fail, show } from '@muflow/core';
import type { DotKernel } from './dotKernels.js';
import { type HermiteRow, hermiteRow, mehlerInto, resolvedRow } from './hermiteSeries.js';
import { polarQuadrature } from './polarQuadrature.js';

export interface QuadratureKernelOptions {
  /** Nodes of the polar rule along the radius and on each of its arcs, 4 to 200; default 32 for kinked activations, 64 for steep ones. */
  readonly nodes?: number;
  readonly backend?: Backend;
}

/** Numbers in the rows that are kept for the next pair, 128 MB; beyond, all are forgotten. */
const mostNumbers = 1 << 24;

/**
 * The population kernel of units `sigma(<w, x>)` with x ~ N(0, I), any continuous activation: `K = E[sigma(u) sigma(v)]`
 * for Gaussian (u, v) with squares q11, q22 and product q12; `dK/dq12 = E[sigma'(u) sigma'(v)]`.
 *
 * Activations that are smooth at the scale sqrt(q) go by Mehler's series: one row of Hermite coefficients for each q (2
 * us to 3 ms, kept), then 0.5 to 5 us a pair. Others go by a polar rule whose arcs end where u or v is 0: 0.1 to 0.4 ms a
 * pair with a kink at 0 (relu, leaky relu, elu, |z|), 1.4 ms for steep smooth units (tanh from q = 12). Errors relative to
 * |sigma|^2: 1e-12 for smooth units and for kinks at 0, at every correlation; of steep units 1e-12 at q = 30, 1e-8 for
 * the derivatives at q = 100, 1e-3 at q = 1000. Kinks elsewhere cost accuracy: 3e-5 for relu(z - 1) at q = 1.
 *
 * Source: [DanielyFrostigSinger2016], section 4 (dual activations and their Hermite series).
 *
 * @param activation - a name (`tanh`, `sigmoid`, ...) or a formula in z.
 * @throws `unsupported` for an activation that jumps at 0, where these derivatives miss its Dirac part;
 * `invalid-argument` for other nodes; as `activationFormula`.
 * @example
 * const kernel = quadratureKernel('erf');
 * const out = new Float64Array(4);
 * kernel.evaluateInto(out, 1, 1, 0.5); // out[0] = (2/pi) asin(1/3), as erfKernel gives it
 */
export function quadratureKernel(activation: string, options: QuadratureKernelOptions = {}): DotKernel {
  const { backend = defaultBackend() } = options;
  const compiled = compileActivation(activation, backend);
  checkContinuous(compiled, activation);
  // At a small scale every smooth function is resolved, a kink at 0 never is.
  const isKinked = !hermiteRow(compiled, 1e-6, 1).resolved;
  const { nodes = isKinked ? 32 : 64 } = options;
  if (!(Number.isInteger(nodes) && nodes >= 4 && nodes <= 200)) {
    refuse('invalid-argument', 'the number of nodes is not usable', show(nodes), 'a whole number from 4 to 200');
  }
  const polar = polarQuadrature(compiled, nodes);
  const rows = new Map<number, HermiteRow>();
  let numbers = 0;
  const keep = (q: number, row: HermiteRow): HermiteRow => {
    numbers += row.coefficients.length;
    if (numbers > mostNumbers) {
      rows.clear();
      numbers = row.coefficients.length;
    }
    rows.set(q, row);
    return row;
  };
  return {
    name: `${activation}, gaussian, by quadrature`,
    smooth: true,
    evaluateInto(out, q11, q22, q12) {
      if (isKinked) return polar(out, q11, q22, q12);
      let first = rows.get(q11) ?? keep(q11, resolvedRow(compiled, q11));
      let second = rows.get(q22) ?? keep(q22, resolvedRow(compiled, q22));
      if (!(first.resolved && second.resolved)) return polar(out, q11, q22, q12);
      if (first.level < second.level) first = keep(q11, hermiteRow(compiled, q11, second.level));
      if (second.level < first.level) second = keep(q22, hermiteRow(compiled, q22, first.level));
      const norms = Math.sqrt(q11 * q22);
      mehlerInto(out, first, second, norms === 0 ? 0 : Math.max(-1, Math.min(1, q12 / norms)));
    },
  };
}

function checkContinuous(activation: Activation, name: string): void {
  const value = new Float64Array(2);
  activation.valueInto(value, Float64Array.of(-1e-9, 1e-9), 2);
  if (Math.abs(value[1] - value[0]) <= 1e-6 * (1 + Math.abs(value[0]))) return;
  const got = `${show(name)} with ${value[0]} and ${value[1]} on both sides of 0`;
  refuse('unsupported', 'the activation jumps at 0', got, 'a continuous activation with finite values');
}

function refuse(code: 'invalid-argument' | 'unsupported', problem: string, got: string, expected: string): never {
  return fail({
    code,
    where: 'quadratureKernel',
    problem,
    got,
    expected,
    fix: code === 'unsupported' ? 'use stepKernel for step units, or a steep sigmoid' : 'leave it out',
  });
}
