import { deriveKey, fail, type RandomKey } from '@muflow/core';
import { z } from 'zod';
import {
  circlesTable,
  singleIndexTable,
  sparseSpikesTable,
  teacherStudentTable,
  threeSpinTable,
} from '../data/generators.js';
import { planetsCsv } from '../data/planets.js';
import { columnIndex, type DataTable, readTable } from '../table.js';

const laws = ['single-index', 'teacher-student', 'three-spin', 'sparse-spikes', 'circles', 'orbits'] as const;

/** One name, or a list of them. */
const names = z.union([z.array(z.string()), z.string()]);

/** Parameters of the tabular study; the defaults draw a table of their own. */
export const tabularParams = z.strictObject({
  table: z
    .string()
    .nullable()
    .default(null)
    .describe('comma-separated text with a header; --set table=@file.csv or @file.npy; null for a generated table'),
  generated: z
    .strictObject({
      law: z.enum(laws).default('single-index').describe('what the table is drawn from; orbits are 64 measured rows'),
      rows: z.int().min(20).max(1_000_000).default(1000),
      inputs: z.int().min(1).max(100).default(20).describe('for laws with a free dimension'),
      noise: z.number().min(0).default(0.1).describe('standard deviation'),
    })
    .prefault({})
    .describe('used where there is no table'),
  target: z
    .union([z.string(), z.int()])
    .default(-1)
    .describe('column to predict: its name, or its number from 0, from the end where negative'),
  features: names.optional().describe('columns to predict it from; default all others'),
  ignore: names.default([]).describe('columns that are left out, such as names'),
  logarithmic: names.default([]).describe('columns that enter by their logarithm'),
  heldOut: z.number().gt(0).lt(1).default(0.2).describe('share of rows that are held out'),
  validation: z.number().gt(0).lt(1).default(0.15).describe('share of rows that choose penalties and the time to stop'),
  activation: z.string().default('relu').describe('relu, softplus, tanh or another function of formulas'),
  width: z.int().min(2).max(100_000).multipleOf(2).default(200).describe('number of neurons'),
  alpha: z.number().min(0).default(1).describe('reaction rate'),
  gamma: z.number().min(0).default(1).describe('transport rate'),
  lambda: z.number().min(0).default(0).describe('path-norm penalty'),
  steps: z.int().min(20).max(1_000_000).default(500),
  courant: z.number().gt(0).lt(2).default(0.5).describe('step size times the fastest rate of the tangent kernel'),
  batch: z.int().min(1).default(1000).describe('rows of a step'),
  landmarks: z.int().min(1).max(5000).default(1000).describe('rows on which kernel ridge regression is built'),
});

export type TabularParams = z.output<typeof tabularParams>;

/** The table and what is learned from what, with every choice made. */
export interface Task {
  readonly table: DataTable;
  readonly target: string;
  readonly features: readonly string[];
  readonly logarithmic: readonly string[];
  /** The law it was drawn from, null for a table of the reader. */
  readonly law: (typeof laws)[number] | null;
}

/** Reads or draws the table and finds its columns. */
export function taskOf(params: TabularParams, key: RandomKey): Task {
  const law = params.table === null ? params.generated.law : null;
  const table = params.table === null ? drawTable(params.generated, deriveKey(key, 'table')) : readTable(params.table);
  if (law === 'orbits') {
    const columns = ['semi_major_axis_km', 'central_mass_kg'];
    return { table, law, target: 'period_days', features: columns, logarithmic: ['period_days', ...columns] };
  }
  const target = table.header[columnIndex(table.header, params.target)];
  const [ignore, logarithmic] = [[params.ignore].flat(), [params.logarithmic].flat()];
  for (const name of [...ignore, ...logarithmic]) columnIndex(table.header, name);
  const others = table.header.filter((name) => name !== target && !ignore.includes(name));
  const features = params.features === undefined ? others : [params.features].flat();
  if (features.length === 0) {
    fail({
      code: 'invalid-argument',
      where: 'supervised/tabular',
      problem: 'no columns are left to predict from',
      got: `columns ${table.header.join(', ')} for the target ${target}`,
      expected: 'at least one column beside the target',
      fix: 'add columns, or shorten ignore',
    });
  }
  return { table, law, target, features, logarithmic };
}

function drawTable({ law, rows, inputs, noise }: TabularParams['generated'], key: RandomKey): DataTable {
  const common = { rows, noise, key };
  switch (law) {
    case 'single-index':
      return singleIndexTable({ ...common, inputs });
    case 'teacher-student':
      return teacherStudentTable({ ...common, inputs, neurons: 4 });
    case 'three-spin':
      return threeSpinTable({ ...common, inputs });
    case 'sparse-spikes':
      return sparseSpikesTable({ ...common, spikes: 5, width: 0.03 });
    case 'circles':
      return circlesTable(common);
    case 'orbits':
      return readTable(planetsCsv);
  }
}
