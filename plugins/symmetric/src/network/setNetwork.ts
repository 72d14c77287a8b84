import { activationFormula, type Backend, defaultBackend, fail, show } from '@muflow/core';

/** What is trained: all three layers, the last two, or the last. */
export const setClasses = ['S1', 'S2', 'S3'] as const;

export type SetClass = (typeof setClasses)[number];

/**
 * How the values `h` of a test function at the points of a set become one number: their mean, the mean times the total
 * mass (to the power of the order), their maximum, or `T log mean exp(h / T)`, which tends to the maximum as T falls to 0.
 * All but the sum are functions of the probability measure alone.
 */
export type Pooling = 'mean' | 'sum' | 'max' | { readonly logMeanExp: number };

export interface SetNetworkOptions {
  /** Default `S1`. */
  readonly class?: SetClass;
  /** Dimension d >= 1 of the points. */
  readonly dim: number;
  /** Points that a test function sees at once, k >= 1, default 1. */
  readonly order?: number;
  /** Test features m1 >= 1. */
  readonly innerWidth: number;
  /** Neurons m2 >= 1. */
  readonly outerWidth: number;
  /** Outputs c >= 1, default 1. */
  readonly outputs?: number;
  /** A name such as `relu` or `squared-relu`, or a formula in z; default `relu`. */
  readonly inner?: string;
  /** Default `relu`. */
  readonly outer?: string;
  /** Default `mean`. */
  readonly pooling?: Pooling;
  readonly backend?: Backend;
}

const mostParameters = 2 ** 28;

/** Where a layer begins and where it ends, the end excluded. */
export type ParameterRange = readonly [start: number, end: number];

/** A network whose input is a measure; its parameters are one flat array, kept apart. Immutable. */
export interface SetNetwork {
  readonly class: SetClass;
  readonly dim: number;
  readonly order: number;
  readonly innerWidth: number;
  readonly outerWidth: number;
  readonly outputs: number;
  readonly inner: string;
  readonly outer: string;
  readonly pooling: Pooling;
  /** `W` (m1 rows of k d + 1 numbers, the last one the bias), `V` (m2 rows of m1), `A` (m2 rows of c), in this order. */
  readonly parts: { readonly inner: ParameterRange; readonly middle: ParameterRange; readonly outer: ParameterRange };
  readonly parameterCount: number;
  /** The first parameter that is trained: those from here on are, those before are frozen. */
  readonly trainedFrom: number;
  readonly backend: Backend;
}

/**
 * A network of three layers on probability measures mu of R^d,
 *
 *     Phi_i(mu) = pool_{x ~ mu^k} inner(<w_i, (x_1, ..., x_k, 1)>),   f(mu)_o = sum_j A_jo outer(<v_j, Phi(mu)>).
 *
 * Tuples are drawn with replacement, so that Phi is a function of mu for every order k. Class `S1` trains W, V and A; `S2`
 * keeps W frozen, with unit rows; `S3` keeps W and V frozen, with unit rows. Source: [ZweigBruna2021].
 *
 * @throws `invalid-argument` for sizes that are no positive integers, an unknown class or pooling or a temperature <= 0;
 * `invalid-argument` or `parse` where an activation is none.
 * @example
 * import { setNetwork } from '@muflow/symmetric';
 * const network = setNetwork({ dim: 2, innerWidth: 8, outerWidth: 4 });
 * console.log(network.parameterCount, network.parts.middle); // => 60 [ 24, 56 ]
 */
export function setNetwork(options: SetNetworkOptions): SetNetwork {
  const { dim, innerWidth, outerWidth, order = 1, outputs = 1, inner = 'relu', outer = 'relu' } = options;
  const { pooling = 'mean', backend = defaultBackend() } = options;
  const kind = options.class ?? 'S1';
  if (!setClasses.includes(kind)) refuse('the class is unknown', show(kind), 'S1, S2 or S3', 'choose one of these');
  checkSizes({ dim, innerWidth, outerWidth, order, outputs });
  checkPooling(pooling);
  activationFormula(inner);
  activationFormula(outer);
  const middleAt = innerWidth * (order * dim + 1);
  const outerAt = middleAt + outerWidth * innerWidth;
  const end = outerAt + outerWidth * outputs;
  if (end > mostParameters) {
    const got = `${show(end)} parameters, widths ${show(innerWidth)} and ${show(outerWidth)}`;
    refuse('the network is too large', got, `at most ${mostParameters} parameters, 2 GiB`, 'choose smaller widths');
  }
  const shape = { dim, order, innerWidth, outerWidth, outputs, inner, outer };
  return {
    class: kind,
    ...shape,
    pooling: typeof pooling === 'string' ? pooling : { logMeanExp: pooling.logMeanExp },
    parts: { inner: [0, middleAt], middle: [middleAt, outerAt], outer: [outerAt, end] },
    parameterCount: end,
    trainedFrom: { S1: 0, S2: middleAt, S3: outerAt }[kind],
    backend,
  };
}

function checkSizes(sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isSafeInteger(size) && size >= 1) continue;
    refuse(`the ${name} is not usable`, show(size), 'a whole number from 1', `pass for instance { ${name}: 2 }`);
  }
}

function checkPooling(pooling: Pooling): void {
  if (typeof pooling === 'string' && ['mean', 'sum', 'max'].includes(pooling)) return;
  const temperature = typeof pooling === 'object' && pooling !== null ? pooling.logMeanExp : Number.NaN;
  if (temperature > 0 && temperature < Infinity) return;
  const expected = "'mean', 'sum', 'max' or { logMeanExp: T } with a finite T > 0";
  refuse('the pooling is not usable', show(pooling), expected, "leave it out for 'mean'");
}

function refuse(problem: string, got: string, expected: string, fix: string): never {
  return fail({ code: 'invalid-argument', where: 'setNetwork', problem, got, expected, fix });
}
