import {
  type Claim,
  claimAtMost,
  claimWithin,
  type Figure,
  type Mark,
  type Measure,
  type SignedAtoms,
  type Table,
} from '@muflow/core';
import type { CellProgramResult } from '../cells/cellProgram.js';
import { correlationAt } from '../cells/cellSupremum.js';
import type { MergedAtoms } from '../cells/mergeCells.js';
import { touches } from '../cells/mergeCells.js';
import type { ReluProblem } from '../cells/reluProblem.js';
import type { DualityGap } from '../certificate/dualityGap.js';

/** One stage of the flow: its step size, its end, and how far that is from the program of cells. */
export interface Stage {
  readonly dt: number;
  readonly excess: number;
  readonly gap: DualityGap;
}

/** One problem, solved by the program of cells and by particles. */
export interface SparsityOutcome {
  readonly label: string;
  readonly bias: boolean;
  readonly problem: ReluProblem;
  readonly program: CellProgramResult;
  readonly stages: readonly Stage[];
  readonly frames: readonly { readonly step: number; readonly energy: number }[];
  readonly particles: SignedAtoms;
  readonly end: Measure;
  readonly merged: MergedAtoms;
  /** Relative change of the energy by merging. */
  readonly mergeChange: number;
}

const greatest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, value), -Infinity);

/** Energy of no atoms. */
const scaleOf = ({ program }: SparsityOutcome): number => program.gaps[0].primal;

const last = <T>(list: readonly T[]): T => list[list.length - 1];

/** The most atoms of one sign that touch one closed cell. */
export function mostPerCell({ problem: { cells, space }, program: { atoms } }: SparsityOutcome): number {
  let most = 0;
  for (let c = 0; c < cells.count; c++) {
    for (const sign of [1, -1]) {
      let count = 0;
      atoms.weights.forEach((weight, i) => {
        const at = atoms.positions.subarray(i * space.dim, (i + 1) * space.dim);
        if (sign * weight > 0 && touches(cells, c, at, 1e-9)) count++;
      });
      most = Math.max(most, count);
    }
  }
  return most;
}

/** Optimal atoms on the boundary of a cell: on a hyperplane up to 1e-9. */
function onBoundary({ problem: { cells, space }, program: { atoms } }: SparsityOutcome): number {
  const { rows, rowCount, dim } = cells;
  return Array.from(atoms.weights, (_, i) => {
    for (let l = 0; l < rowCount; l++) {
      let [sum, squares] = [0, 0];
      for (let k = 0; k < dim; k++) {
        sum += atoms.positions[i * space.dim + k] * rows[l * dim + k];
        squares += rows[l * dim + k] ** 2;
      }
      if (Math.abs(sum) <= 1e-9 * Math.sqrt(squares)) return 1;
    }
    return 0;
  }).reduce((sum: number, one) => sum + one, 0);
}

export function sparsityClaims(outcomes: readonly SparsityOutcome[]): Claim[] {
  return [false, true].flatMap((bias): Claim[] => {
    const some = outcomes.filter((one) => one.bias === bias);
    if (some.length === 0) return [];
    const where = bias ? 'With a bias' : 'Without a bias';
    return [
      claimAtMost({
        statement: `${where}: greatest certified gap of the program of cells, over the energy of no atoms`,
        bound: 1e-10,
        measured: greatest(
          some.map((one) => (one.program.gap.status === 'certified' ? one.program.gap.gap / scaleOf(one) : Infinity)),
        ),
      }),
      claimWithin({
        statement: `${where}: most atoms of the optimum with one sign in one closed cell`,
        predicted: 1,
        tolerance: 0,
        measured: greatest(some.map(mostPerCell)),
      }),
      claimAtMost({
        statement: `${where}: particles and program differ by at most their certified gaps: greatest share of these`,
        bound: 1,
        measured: greatest(
          some.flatMap(({ stages, program }) =>
            stages.map(({ excess, gap }) => Math.abs(excess) / (gap.gap + Math.abs(program.gap.gap))),
          ),
        ),
      }),
      claimAtMost({
        statement: `${where}: greatest excess of the particles at the end, over the energy of no atoms`,
        bound: bias ? 1e-2 : 1e-3,
        measured: greatest(some.map((one) => last(one.stages).excess / scaleOf(one))),
      }),
      claimAtMost({
        statement: `${where}: merging particles within cells raises the energy by at most, relative`,
        bound: 1e-12,
        measured: greatest(some.map(({ mergeChange }) => mergeChange)),
      }),
    ];
  });
}

/** Atoms with at least a thousandth of the total variation. */
function heavy({ weights }: SignedAtoms): number {
  const total = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  return weights.filter((weight) => Math.abs(weight) >= 1e-3 * total).length;
}

export function sparsityTables(outcomes: readonly SparsityOutcome[]): Table[] {
  const columns = (...names: readonly string[]) => names.map((name) => ({ name }));
  return [
    {
      title: 'The certified optimum',
      columns: columns(
        'problem',
        'cells',
        'energy of no atoms',
        'least energy',
        'gap',
        'rounds',
        'atoms',
        'of them on a boundary',
        'most per closed cell and sign',
      ),
      rows: outcomes.map((one) => [
        one.label,
        one.problem.cells.count,
        scaleOf(one),
        one.program.gap.primal,
        one.program.gap.gap,
        one.program.gaps.length - 1,
        one.program.atoms.weights.length,
        onBoundary(one),
        mostPerCell(one),
      ]),
    },
    {
      title: 'Particles against the program, after each step size',
      columns: columns('problem', 'step size', 'excess', 'certified gap', 'status'),
      rows: outcomes.flatMap(({ label, stages }) =>
        stages.map(({ dt, excess, gap }) => [label, dt, excess, gap.gap, gap.status]),
      ),
    },
    {
      title: 'Atoms with a thousandth of the total variation or more',
      columns: columns('problem', 'particles', 'merged within cells', 'program of cells'),
      rows: outcomes.map((one) => [one.label, heavy(one.particles), heavy(one.merged), heavy(one.program.atoms)]),
    },
  ];
}

const angleOf = (positions: Float64Array, i: number): number => {
  const angle = Math.atan2(positions[2 * i + 1], positions[2 * i]);
  return angle < 0 ? angle + 2 * Math.PI : angle;
};

/** The angles at which a row changes its side, ascending. */
function boundaries({ problem: { cells } }: SparsityOutcome): number[] {
  const { rows, rowCount } = cells;
  return Array.from({ length: rowCount }, (_, l) => {
    const normal = Float64Array.of(-rows[2 * l + 1], rows[2 * l], rows[2 * l + 1], -rows[2 * l]);
    return [angleOf(normal, 0), angleOf(normal, 1)];
  })
    .flat()
    .sort((a, b) => a - b);
}

const rules = (one: SparsityOutcome): Mark[] =>
  boundaries(one).map((at) => ({ type: 'rule' as const, axis: 'x' as const, at }));

function atomsFigure(one: SparsityOutcome): Figure {
  const { program, merged } = one;
  const marksOf = (atoms: SignedAtoms) => ({
    x: Array.from(atoms.weights, (_, i) => angleOf(atoms.positions, i)),
    y: Array.from(atoms.weights),
  });
  return {
    id: 'atoms',
    title: 'Cells of the circle and the optimal atoms',
    caption:
      'Upright lines are the boundaries of the activation cells. The optimum has at most one atom of each sign in a closed cell; the particles, merged within cells, gather at the same places.',
    x: { label: 'angle of the neuron' },
    y: { label: 'weight' },
    marks: [
      ...rules(one),
      { type: 'stem', label: 'program of cells', ...marksOf(program.atoms) },
      { type: 'dot', label: 'particles, merged', ...marksOf(merged) },
    ],
  };
}

function certificateFigure(one: SparsityOutcome, lambda: number): Figure {
  const { problem, program } = one;
  const residual = problem.residualOf(program.atoms).correlation.against.over.weights;
  const angles = Array.from({ length: 401 }, (_, k) => (2 * Math.PI * k) / 400);
  const heights = angles.map((t) => correlationAt(problem.cells, residual, Float64Array.of(Math.cos(t), Math.sin(t))));
  const atoms = Array.from(program.atoms.weights, (weight, i) => ({
    x: angleOf(program.atoms.positions, i),
    y: Math.sign(weight) * lambda,
  }));
  return {
    id: 'certificate',
    title: 'Correlation of the residual with every neuron',
    caption:
      'It stays between the penalty and minus the penalty and touches them at the atoms: the proof of optimality.',
    x: { label: 'angle of the neuron' },
    y: { label: 'correlation' },
    marks: [
      { type: 'rule', axis: 'y', at: lambda, label: 'lambda' },
      { type: 'rule', axis: 'y', at: -lambda, label: '-lambda' },
      { type: 'line', x: angles, y: heights },
      { type: 'dot', label: 'atoms', x: atoms.map(({ x }) => x), y: atoms.map(({ y }) => y) },
    ],
  };
}

export function sparsityFigures(outcomes: readonly SparsityOutcome[], lambda: number): Figure[] {
  const first = outcomes[0];
  return [
    atomsFigure(first),
    certificateFigure(first, lambda),
    {
      id: 'excess',
      title: 'Excess of the particles over the certified optimum',
      caption:
        'The step size falls tenfold twice, at a third and at two thirds. Particles swing across the kinks on which most optimal atoms lie, by less where the steps are smaller.',
      x: { label: 'step' },
      y: { label: 'P - P*', scale: 'log' },
      marks: outcomes.map(({ label, frames, program }) => {
        const shown = frames.filter(({ energy }) => energy - program.gap.primal > 1e-14);
        return {
          type: 'line' as const,
          label,
          x: shown.map(({ step }) => step),
          y: shown.map(({ energy }) => energy - program.gap.primal),
        };
      }),
    },
  ];
}
