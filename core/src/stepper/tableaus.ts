/** Coefficients of an explicit Runge-Kutta method. */
export interface Tableau {
  readonly name: string;
  readonly order: number;
  /** Row s holds the s coefficients of stage s; row 0 is empty. */
  readonly stages: readonly (readonly number[])[];
  readonly weights: readonly number[];
  /** Weights of a second solution: the difference of the two is the error estimate. */
  readonly embedded?: { readonly order: number; readonly weights: readonly number[] };
}

export const eulerTableau: Tableau = { name: 'euler', order: 1, stages: [[]], weights: [1] };

/** The trapezoidal rule with an Euler predictor. Source: [HairerNorsettWanner1993], section II.1. */
export const heunTableau: Tableau = { name: 'heun', order: 2, stages: [[], [1]], weights: [1 / 2, 1 / 2] };

/** The classical method of Kutta. Source: [HairerNorsettWanner1993], table II.1.2. */
export const rk4Tableau: Tableau = {
  name: 'rk4',
  order: 4,
  stages: [[], [1 / 2], [0, 1 / 2], [0, 0, 1]],
  weights: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
};

/** Seven stages, orders 5 and 4. Source: [DormandPrince1980], table 2. */
export const dopri5Tableau: Tableau = {
  name: 'dopri5',
  order: 5,
  stages: [
    [],
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
  ],
  weights: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0],
  embedded: {
    order: 4,
    weights: [5179 / 57600, 0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40],
  },
};
