import { describe, expect, test } from 'vitest';
import { digamma, erf, erfc, logGamma, normalCdf, normalQuantile, sigmoid, softplus } from './special.js';

const functions = { erf, erfc, normalCdf, normalQuantile, sigmoid, softplus, logGamma, digamma };
type Name = keyof typeof functions;

/** Values computed with 45 digits (mpmath), rounded once. */
const references: Record<Exclude<Name, 'x'>, readonly (readonly [number, number])[]> = {
  erf: [
    [1e-300, 1.1283791670955126e-300],
    [1e-8, 1.1283791670955126e-8],
    [0.1, 0.1124629160182849],
    [0.4999, 0.5204119951613866],
    [0.5001, 0.5205877516768808],
    [-0.5155, -0.5340149091897363],
    [0.9, 0.7969082124228322],
    [1.5, 0.9661051464753108],
    [-2.5, -0.999593047982555],
    [4, 0.9999999845827421],
    [6, 1.0],
  ],
  erfc: [
    [13.371, 9.534682370013234e-80],
    [19.883, 5.7697362142143555e-174],
    [25.997, 6.619990826528207e-296],
    [-3, 1.9999779095030015],
    [-0.5001, 1.5205877516768807],
    [-0.3, 1.3286267594591274],
    [0.3, 0.6713732405408726],
    [0.49999, 0.4795089100566818],
    [0.6, 0.3961439091520741],
    [1, 0.15729920705028513],
    [2, 0.004677734981047266],
    [3.710663449, 1.5403441043757126e-7],
    [7, 4.183825607779414e-23],
    [15, 7.212994172451207e-100],
    [26, 5.663192408856143e-296],
  ],
  normalCdf: [
    [-36.701, 3.519849945695865e-295],
    [-28.137, 1.7283005007661724e-174],
    [-17.773, 5.720275829589445e-71],
    [-37, 5.725571222524577e-300],
    [-20, 2.7536241186062337e-89],
    [-10, 7.619853024160525e-24],
    [-5, 2.866515718791939e-7],
    [-2.3513663, 0.009352305147701079],
    [-1, 0.15865525393145705],
    [-0.501, 0.3081855614595423],
    [-0.499, 0.30888969202505456],
    [0, 0.5],
    [0.3, 0.6179114221889527],
    [1, 0.8413447460685429],
    [3, 0.9986501019683699],
    [8, 0.9999999999999993],
  ],
  normalQuantile: [
    [1e-300, -37.0470962993612],
    [1e-20, -9.262340089798407],
    [1e-5, -4.264890793922825],
    [0.025, -1.9599639845400543],
    [0.1999, -0.8419784787153598],
    [0.2001, -0.8412640958093334],
    [0.3, -0.5244005127080408],
    [0.49, -0.025068908258711057],
    [0.500001, 2.5066282747057052e-6],
    [0.7, 0.5244005127080407],
    [0.7999, 0.8412640958093336],
    [0.8001, 0.8419784787153599],
    [0.975, 1.9599639845400538],
    [0.99999, 4.264890793923841],
  ],
  sigmoid: [
    [-600, 2.6503965530043108e-261],
    [-40, 4.248354255291589e-18],
    [-1, 0.2689414213699951],
    [0, 0.5],
    [1e-9, 0.50000000025],
    [1, 0.7310585786300049],
    [20, 0.9999999979388464],
    [40, 1.0],
  ],
  softplus: [
    [-600, 2.6503965530043108e-261],
    [-40, 4.248354255291589e-18],
    [-1, 0.3132616875182228],
    [0, Math.LN2],
    [1, 1.3132616875182228],
    [20, 20.000000002061153],
    [700, 700.0],
  ],
  logGamma: [
    [1e-200, 460.51701859880916],
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247001],
    [0.999999, 5.772164873855652e-7],
    [1.000001, -5.772148423874147e-7],
    [1.4616321449683622, -0.12148629053584961],
    [1.999999, -4.227840125965854e-7],
    [2.000001, 4.2278465762452923e-7],
    [2.5, 0.2846828704729192],
    [7, 6.579251212010101],
    [11.9, 17.25847745059552],
    [12.1, 17.74700727079874],
    [100, 359.1342053695754],
    [10000000000.0, 220258509288.81058],
    [1e300, 6.897755278982137e302],
  ],
  digamma: [
    [1e-5, -100000.57719921567],
    [0.5, -1.9635100260214235],
    [1, -0.5772156649015329],
    [1.4616321449683622, -9.241265521729427e-17],
    [2, 0.42278433509846713],
    [7.5, 1.9467574842460869],
    [12, 2.442661679975812],
    [100, 4.600161852738087],
    [10000000000.0, 23.025850929890456],
  ],
};

/** The stated error of each function, plus 1.2e-16 for the rounding of the reference. */
const bounds: Record<Name, number> = {
  erf: 6.2e-16,
  erfc: 7.2e-16,
  normalCdf: 7.2e-16,
  normalQuantile: 6.2e-16,
  sigmoid: 5.2e-16,
  softplus: 5.2e-16,
  logGamma: 7.2e-16,
  digamma: 2.2e-15,
};

describe('values', () => {
  const rows = (Object.keys(references) as Name[]).flatMap((name) =>
    references[name].map(([x, expected]) => [name, x, expected] as const),
  );
  test.each(rows)('%s(%s)', (name, x, expected) => {
    const scale = name === 'digamma' ? Math.max(1, Math.abs(expected)) : Math.abs(expected);
    expect(Math.abs(functions[name](x) - expected)).toBeLessThanOrEqual(bounds[name] * scale);
  });
});

describe('ends and misuse', () => {
  const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;
  test.each<[Name, number, number]>([
    ['erf', 0, 0],
    ['erf', -0, -0],
    ['erf', infinity, 1],
    ['erf', -infinity, -1],
    ['erf', nan, nan],
    ['erfc', infinity, 0],
    ['erfc', -infinity, 2],
    ['erfc', nan, nan],
    ['normalCdf', infinity, 1],
    ['normalCdf', -infinity, 0],
    ['normalCdf', nan, nan],
    ['normalQuantile', 0, -infinity],
    ['normalQuantile', 1, infinity],
    ['normalQuantile', 0.5, 0],
    ['normalQuantile', -0.1, nan],
    ['normalQuantile', 1.1, nan],
    ['normalQuantile', nan, nan],
    ['sigmoid', infinity, 1],
    ['sigmoid', -infinity, 0],
    ['softplus', infinity, infinity],
    ['softplus', -infinity, 0],
    ['logGamma', 1, 0],
    ['logGamma', 2, 0],
    ['logGamma', infinity, infinity],
    ['logGamma', 0, nan],
    ['logGamma', -1.5, nan],
    ['digamma', infinity, infinity],
    ['digamma', -1, nan],
  ])('%s(%s) is %s', (name, x, expected) => {
    expect(functions[name](x)).toBe(expected);
  });
});

describe('identities', () => {
  const grid = Array.from({ length: 401 }, (_, i) => -8 + i * 0.04);

  test('erf is odd and erf + erfc = 1', () => {
    for (const x of grid) {
      expect(erf(-x)).toBe(-erf(x));
      expect(Math.abs(erf(x) + erfc(x) - 1)).toBeLessThanOrEqual(4e-16);
    }
  });

  test('no jump where one formula takes over from another', () => {
    for (const [f, x] of [
      [erf, 0.5],
      [erfc, 0.5],
      [erfc, -0.5],
      [normalCdf, 0.5],
      [normalCdf, -0.5],
      [logGamma, 1],
      [logGamma, 12],
      [digamma, 12],
      [normalQuantile, 0.2],
      [normalQuantile, 0.8],
    ] as const) {
      const step = 1e-9;
      const left = f(x) - f(x - step);
      const right = f(x + step) - f(x);
      expect(Math.abs(right - left)).toBeLessThanOrEqual(1e-14);
    }
  });

  test('normalCdf inverts normalQuantile, into the far tails', () => {
    for (let k = 1; k <= 300; k += 7) {
      // The tail magnifies an error of x by x^2.
      const p = 10 ** -k;
      const x = normalQuantile(p);
      expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThanOrEqual(1e-15 * (1 + x * x));
    }
  });

  test('normalQuantile is odd about 1/2, to the last bit', () => {
    for (let k = 2; k <= 53; k++) expect(normalQuantile(1 - 2 ** -k)).toBe(-normalQuantile(2 ** -k));
  });

  test('sigmoid is the derivative of softplus', () => {
    for (const x of grid) {
      const h = 1e-5;
      expect((softplus(x + h) - softplus(x - h)) / (2 * h)).toBeCloseTo(sigmoid(x), 9);
    }
  });

  test('logGamma(x + 1) = logGamma(x) + log x, and digamma is its derivative', () => {
    for (let x = 0.05; x < 30; x += 0.173) {
      expect(logGamma(x + 1)).toBeCloseTo(logGamma(x) + Math.log(x), 12);
      const h = 1e-4 * x;
      expect((logGamma(x + h) - logGamma(x - h)) / (2 * h)).toBeCloseTo(digamma(x), 5);
    }
  });
});
