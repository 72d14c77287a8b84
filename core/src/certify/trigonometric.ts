import type { ScalarGraph } from './scalarGraph.js';

/**
 * A trigonometric polynomial in periodic coordinates u_j of period 1,
 * `sum_k c_k cos(2 pi k·u) + s_k sin(2 pi k·u)`, that a node equals up to `slack`, uniformly: rounded coefficients and
 * frequencies that are multiples of 2 pi / period only to rounding are accounted for there.
 */
export interface TrigonometricPolynomial {
  /** By frequency `k_1,k_2,…`, one of k and -k. */
  readonly waves: ReadonlyMap<string, Wave>;
  readonly slack: number;
}

export interface Wave {
  readonly frequency: readonly number[];
  readonly cosine: number;
  readonly sine: number;
}

/** More waves than this are left to interval arithmetic. */
const mostWaves = 5000;
const unit = 2 ** -52;

/**
 * Reads nodes of the free point as trigonometric polynomials: constants, sines and cosines of linear functions with
 * whole frequencies, sums, products and whole powers of these. Null for all else.
 * @param periods - period of each free coordinate.
 */
export function trigonometricReader(
  graph: ScalarGraph,
  periods: readonly number[],
): (node: number) => TrigonometricPolynomial | null {
  const known = new Map<number, TrigonometricPolynomial | null>();
  const find = (node: number): TrigonometricPolynomial | null => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const made = read(node);
    const kept = made !== null && made.waves.size <= mostWaves && Number.isFinite(made.slack) ? made : null;
    known.set(node, kept);
    return kept;
  };
  const read = (node: number): TrigonometricPolynomial | null => {
    const { operation, a, b, parameter } = graph.nodes[node];
    switch (operation) {
      case 'constant':
        return constantPolynomial(parameter, 0, periods.length);
      case 'negate':
        return both(find(a), constantPolynomial(-1, 0, periods.length), multiply);
      case 'add':
        return both(find(a), find(b), (p, q) => add(p, q, 1));
      case 'subtract':
        return both(find(a), find(b), (p, q) => add(p, q, -1));
      case 'multiply':
        return both(find(a), find(b), multiply);
      case 'divide':
        return both(find(a), inverse(find(b), periods.length), multiply);
      case 'power':
        return raise(find(a), parameter);
      case 'sin':
      case 'cos':
        return wave(operation, angle(node));
      default:
        return null;
    }
  };
  const angle = (node: number): Angle | null => readAngle(graph, graph.nodes[node].a, periods);
  return find;
}

type Polynomial = TrigonometricPolynomial;

function both(
  p: Polynomial | null,
  q: Polynomial | null,
  combine: (p: Polynomial, q: Polynomial) => Polynomial | null,
): Polynomial | null {
  return p === null || q === null ? null : combine(p, q);
}

function constantPolynomial(value: number, slack: number, dim: number): Polynomial {
  const frequency = new Array<number>(dim).fill(0);
  return { waves: new Map([[frequency.join(), { frequency, cosine: value, sine: 0 }]]), slack };
}

/** `sum_k |c_k| + |s_k|`, a bound of the polynomial, rounded up. */
export function sizeOf({ waves }: Pick<Polynomial, 'waves'>): number {
  let size = 0;
  for (const { cosine, sine } of waves.values()) size += Math.abs(cosine) + Math.abs(sine);
  return size * (1 + waves.size * unit);
}

function add(p: Polynomial, q: Polynomial, sign: 1 | -1): Polynomial {
  const waves = new Map(p.waves);
  let rounding = 0;
  for (const [key, { frequency, cosine, sine }] of q.waves) {
    const old = waves.get(key);
    const next = { frequency, cosine: (old?.cosine ?? 0) + sign * cosine, sine: (old?.sine ?? 0) + sign * sine };
    if (old !== undefined) rounding += Math.abs(next.cosine) + Math.abs(next.sine);
    waves.set(key, next);
  }
  return { waves, slack: (p.slack + q.slack + rounding * unit) * (1 + unit) };
}

/** `cos a cos b = (cos(a - b) + cos(a + b))/2` and its kin. */
function multiply(p: Polynomial, q: Polynomial): Polynomial | null {
  if (p.waves.size * q.waves.size > 4 * mostWaves) return null;
  const sum = new Map<string, { frequency: readonly number[]; cosine: number; sine: number }>();
  const put = (frequency: readonly number[], cosine: number, sine: number): void => {
    const first = frequency.find((k) => k !== 0) ?? 0;
    const turned = first < 0 ? frequency.map((k) => -k) : frequency;
    const key = turned.map((k) => k + 0).join();
    const entry = sum.get(key) ?? { frequency: turned.map((k) => k + 0), cosine: 0, sine: 0 };
    entry.cosine += cosine;
    entry.sine += first < 0 ? -sine : sine;
    sum.set(key, entry);
  };
  for (const a of p.waves.values()) {
    for (const b of q.waves.values()) {
      const plus = a.frequency.map((k, j) => k + b.frequency[j]);
      const minus = a.frequency.map((k, j) => k - b.frequency[j]);
      const [cc, ss] = [(a.cosine * b.cosine) / 2, (a.sine * b.sine) / 2];
      const [sc, cs] = [(a.sine * b.cosine) / 2, (a.cosine * b.sine) / 2];
      put(plus, cc - ss, sc + cs);
      put(minus, cc + ss, sc - cs);
    }
  }
  const [sizeP, sizeQ] = [sizeOf(p), sizeOf(q)];
  const terms = Math.min(p.waves.size, q.waves.size) * 4 + 8;
  const rounding = sizeP * sizeQ * terms * unit;
  return { waves: sum, slack: (p.slack * (sizeQ + q.slack) + q.slack * sizeP + rounding) * (1 + 8 * unit) };
}

function raise(p: Polynomial | null, exponent: number): Polynomial | null {
  if (p === null || !(Number.isInteger(exponent) && exponent >= 1 && exponent <= 64)) return null;
  let product: Polynomial | null = p;
  for (let k = 1; k < exponent && product !== null; k++) product = multiply(product, p);
  return product;
}

/** The reciprocal of a constant. */
function inverse(p: Polynomial | null, dim: number): Polynomial | null {
  const only = p?.waves.size === 1 ? [...p.waves.values()][0] : undefined;
  if (p === null || only === undefined || only.frequency.some((k) => k !== 0)) return null;
  const size = Math.abs(only.cosine);
  if (!(size > 2 * p.slack) || size < 1e-290) return null;
  return constantPolynomial(1 / only.cosine, ((2 * p.slack) / size + 2 * unit) / size, dim);
}

/** `2 pi k·u + phase`, up to `error` over one period. */
interface Angle {
  readonly frequency: readonly number[];
  readonly phase: number;
  readonly error: number;
}

/** Coefficients of a linear function of the free point; `error` bounds what rounding changed over one period. */
interface Linear {
  readonly slopes: readonly number[];
  readonly offset: number;
  readonly error: number;
}

function readAngle(graph: ScalarGraph, node: number, periods: readonly number[]): Angle | null {
  const linear = readLinear(graph, node, periods);
  if (linear === null) return null;
  let { error } = linear;
  const frequency = linear.slopes.map((slope, j) => {
    const turns = (slope * periods[j]) / (2 * Math.PI);
    const whole = Math.round(turns);
    error += Math.abs(slope * periods[j] - 2 * Math.PI * whole) + 4 * Math.abs(whole) * 2 * Math.PI * unit;
    return whole + 0;
  });
  return error < 1e-9 ? { frequency, phase: linear.offset, error } : null;
}

function readLinear(graph: ScalarGraph, node: number, periods: readonly number[]): Linear | null {
  const { operation, a, b, parameter } = graph.nodes[node];
  const size = ({ slopes, offset }: Linear): number =>
    slopes.reduce((sum, slope, j) => sum + Math.abs(slope) * periods[j], Math.abs(offset));
  const combine = (sign: 1 | -1): Linear | null => {
    const p = readLinear(graph, a, periods);
    const q = p && readLinear(graph, b, periods);
    if (p === null || q === null) return null;
    const sum = {
      slopes: p.slopes.map((slope, j) => slope + sign * q.slopes[j]),
      offset: p.offset + sign * q.offset,
      error: 0,
    };
    return { ...sum, error: p.error + q.error + size(sum) * unit };
  };
  const scale = (p: Linear | null, factor: (x: number) => number, of: number): Linear | null => {
    if (p === null) return null;
    const scaled = { slopes: p.slopes.map(factor), offset: factor(p.offset), error: 0 };
    return { ...scaled, error: p.error * of * (1 + unit) + size(scaled) * unit };
  };
  const constantOf = (k: number): number | null =>
    graph.nodes[k].operation === 'constant' ? graph.nodes[k].parameter : null;
  switch (operation) {
    case 'constant':
      return { slopes: periods.map(() => 0), offset: parameter, error: 0 };
    case 'free':
      return { slopes: periods.map((_, j) => (j === parameter ? 1 : 0)), offset: 0, error: 0 };
    case 'negate':
      return scale(readLinear(graph, a, periods), (x) => -x, 1);
    case 'add':
      return combine(1);
    case 'subtract':
      return combine(-1);
    case 'multiply': {
      const left = constantOf(a);
      const right = constantOf(b);
      if (left !== null) return scale(readLinear(graph, b, periods), (x) => left * x, Math.abs(left));
      return right === null ? null : scale(readLinear(graph, a, periods), (x) => right * x, Math.abs(right));
    }
    case 'divide': {
      const by = constantOf(b);
      if (by === null || by === 0) return null;
      return scale(readLinear(graph, a, periods), (x) => x / by, (1 / Math.abs(by)) * (1 + unit));
    }
    default:
      return null;
  }
}

/** The sine or cosine of an angle; the phase is taken out by the addition theorem. */
function wave(operation: 'sin' | 'cos', angle: Angle | null): Polynomial | null {
  if (angle === null || Math.abs(angle.phase) > 1e6) return null;
  const { phase, error } = angle;
  const first = angle.frequency.find((k) => k !== 0) ?? 0;
  const turn = first < 0 ? -1 : 1;
  const frequency = angle.frequency.map((k) => turn * k + 0);
  const [cosine, sine] =
    operation === 'cos' ? [Math.cos(phase), -turn * Math.sin(phase)] : [Math.sin(phase), turn * Math.cos(phase)];
  // Sine and cosine of a double are good to less than a unit in the last place.
  const slack = phase === 0 ? error : error + 2 * unit;
  const kept = first === 0 ? { frequency, cosine, sine: 0 } : { frequency, cosine, sine };
  return { waves: new Map([[frequency.join(), kept]]), slack: slack * (1 + unit) };
}
