import {
  atomsLaw,
  ballLaw,
  box,
  boxLaw,
  diracs,
  draw,
  euclidean,
  fail,
  gaussianLaw,
  grid,
  halfShellLaw,
  type InitialLaw,
  independent,
  type Measure,
  measure,
  product,
  type RandomKey,
  shellLaw,
  show,
  sphere,
} from '@muflow/core';

/** How hidden weights are drawn: p numbers `(w, b)`, or the p coordinates of another unit. */
export type HiddenLaw =
  | { readonly law: 'gaussian'; readonly std?: number }
  | { readonly law: 'sphere' | 'ball' | 'half-sphere'; readonly radius?: number }
  | { readonly law: 'box'; readonly halfWidth?: number }
  | { readonly law: 'points'; readonly points: readonly (readonly number[])[] }
  /** `perAxis^p` centers of cells of the box, each as often as the others. */
  | { readonly law: 'grid'; readonly perAxis: number; readonly halfWidth?: number };

/** How output weights are drawn: c numbers. */
export type OutputLaw =
  | { readonly law: 'gaussian'; readonly std?: number }
  /** `+size` or `-size`; for several outputs a direction of that length. */
  | { readonly law: 'sign'; readonly size?: number }
  | { readonly law: 'constant'; readonly value?: number };

export interface NeuronsOptions {
  /** Coordinates p of the hidden weights of one neuron: inputs, and 1 for a bias. */
  readonly hiddenDim: number;
  /** Coordinates c of the output weight, default 1. */
  readonly outputs?: number;
  /** Default standard Gaussian. */
  readonly hidden?: HiddenLaw;
  /** Default signs +-1. */
  readonly output?: OutputLaw;
  /** Draws all c + p numbers at once, uniformly on a sphere or ball around 0, in place of `hidden` and `output`. */
  readonly joint?: { readonly law: 'sphere' | 'ball'; readonly radius?: number };
  /** Keep hidden weights on the unit sphere while they move (laws `sphere` and `half-sphere` of radius 1). */
  readonly onSphere?: boolean;
  /** Neurons in pairs of opposite output weights: the network is the zero function. */
  readonly symmetric?: boolean;
  /** Default `probability`; `positive` for the conic lift, whose masses carry the size of a neuron. */
  readonly kind?: 'probability' | 'positive';
}

/**
 * n neurons `u = (a, theta)` of equal mass 1/n, output and hidden weights drawn independently: the start of a network
 * as a measure on `R^c x R^p`, or `R^c x S^(p-1)`.
 *
 * Whether training can reach the global optimum depends on the support of the law, not on n: see {@link lawSeparates}.
 *
 * @param count - number of atoms; even where symmetric.
 * @throws `invalid-argument` for laws that do not fit.
 * @example
 * const start = neurons({ hiddenDim: 3, hidden: { law: 'sphere' }, symmetric: true }, 100, 7);
 */
export function neurons(options: NeuronsOptions, count: number, key: RandomKey | number | string): Measure {
  const { outputs = 1, symmetric = false, kind = 'probability' } = options;
  const law = neuronLaw(options);
  if (!symmetric) return withKind(draw(law, count, key), kind);
  if (!(count % 2 === 0)) {
    refuse('a symmetric start has pairs', `${show(count)} neurons`, 'an even number of neurons', 'add one');
  }
  if (count * law.space.dim > mostNumbers) {
    refuse(
      'the start would be too large',
      `${count} neurons of ${law.space.dim} numbers`,
      `at most ${mostNumbers} numbers`,
      'take fewer',
    );
  }
  const half = draw(law, count / 2, key);
  const positions = new Float64Array(count * law.space.dim);
  const { dim } = law.space;
  for (let i = 0; i < count; i++) {
    const from = (i >> 1) * dim;
    for (let k = 0; k < dim; k++) {
      positions[i * dim + k] = (i % 2 === 1 && k < outputs ? -1 : 1) * half.positions[from + k];
    }
  }
  return measure({ space: law.space, kind, positions, masses: new Float64Array(count).fill(1 / count) });
}

const withKind = ({ space, positions, masses }: Measure, kind: 'probability' | 'positive'): Measure =>
  measure({ space, kind, positions, masses });

/** As of any drawn measure: 800 MB. */
const mostNumbers = 100_000_000;

/** The law of one neuron `(a, theta)`. */
export function neuronLaw(options: NeuronsOptions): InitialLaw {
  const { hiddenDim, outputs = 1, hidden, output, onSphere = false, joint } = options;
  if (joint !== undefined) {
    if (onSphere || hidden !== undefined || output !== undefined) {
      refuse(
        'a joint law draws all weights',
        'joint beside other laws',
        'joint alone',
        'drop hidden, output, onSphere',
      );
    }
    const space = product([euclidean(outputs), euclidean(hiddenDim)]);
    const law = joint.law === 'sphere' ? shellLaw : ballLaw;
    return law({ dim: space.dim, radius: joint.radius ?? 1, space });
  }
  return independent([outputLaw(outputs, output), hiddenLaw(hiddenDim, onSphere, hidden)]);
}

/**
 * Whether the support of a law separates as the theorems on global convergence ask for.
 *
 * - `partially-1-homogeneous` (`Phi = a phi(theta)`, theta in Theta): `{-r} x Theta` from `{r} x Theta`. A support `A x B`
 *   does where B is all of Theta: R^p for free hidden weights, the sphere for those kept on it.
 * - `2-homogeneous` (`Phi(r u) = r^2 Phi(u)`, relu without further constraint): small spheres of R^(c+p) from large
 *   ones. A support `A x B` does where A and B are neighborhoods of 0, and a sphere or ball around 0 does.
 *
 * Source: [ChizatBach2018], section 3.
 */
export function lawSeparates(
  { hidden = { law: 'gaussian' }, output = { law: 'sign' }, joint, onSphere = false }: NeuronsOptions,
  lift: 'partially-1-homogeneous' | '2-homogeneous',
): boolean {
  if (lift === '2-homogeneous') {
    const near0 = ['gaussian', 'ball', 'box'].includes(hidden.law) && output.law === 'gaussian';
    return !onSphere && (joint !== undefined || near0);
  }
  if (joint !== undefined) return false;
  return hidden.law === 'gaussian' || (onSphere && hidden.law === 'sphere');
}

function hiddenLaw(dim: number, onSphere: boolean, hidden: HiddenLaw = { law: 'gaussian' }): InitialLaw {
  const space = onSphere ? sphere(dim) : euclidean(dim);
  const { law } = hidden;
  if (onSphere && (law === 'box' || law === 'ball' || law === 'grid')) {
    refuse(`a ${law} does not lie on the sphere`, law, 'sphere, half-sphere, gaussian or points', 'drop onSphere');
  }
  switch (law) {
    case 'gaussian':
      return gaussianLaw({ dim, std: hidden.std ?? 1, space });
    case 'sphere':
      return shellLaw({ dim, radius: hidden.radius ?? 1, space });
    case 'half-sphere':
      return halfShellLaw({ dim, radius: hidden.radius ?? 1, space });
    case 'ball':
      return ballLaw({ dim, radius: hidden.radius ?? 1 });
    case 'box':
      return boxLaw(cube(dim, hidden.halfWidth ?? 1));
    case 'points':
      return atomsLaw(diracs(hidden.points, undefined, { space }));
    case 'grid': {
      const { positions } = grid(box(cube(dim, hidden.halfWidth ?? 1)), hidden.perAxis);
      return inTurn(measure({ space, positions }));
    }
  }
}

const cube = (dim: number, halfWidth: number): readonly [number, number][] =>
  Array.from({ length: dim }, () => [-halfWidth, halfWidth]);

/** Atom `index mod count`: no chance at all. */
function inTurn({ space, count, dim, positions }: Measure): InitialLaw {
  return {
    name: `${count} atoms in turn`,
    space,
    pointInto: (out, start, _key, index) => {
      for (let k = 0; k < dim; k++) out[start + k] = positions[(index % count) * dim + k];
    },
  };
}

function outputLaw(dim: number, output: OutputLaw = { law: 'sign' }): InitialLaw {
  switch (output.law) {
    case 'gaussian':
      return gaussianLaw({ dim, std: output.std ?? 1 });
    case 'sign':
      return shellLaw({ dim, radius: output.size ?? 1 });
    case 'constant':
      return atomsLaw(diracs([new Array<number>(dim).fill(output.value ?? 0)]));
  }
}

function refuse(problem: string, got: string, expected: string, fix: string): never {
  return fail({ code: 'invalid-argument', where: 'neurons', problem, got, expected, fix });
}
