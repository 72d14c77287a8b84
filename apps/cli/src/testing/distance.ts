import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inFolder, muflow } from './command.js';

export type Rows = readonly (readonly number[])[];

/** A table with a row per atom. */
export function csv(rows: Rows, masses?: readonly number[]): string {
  const header = [...rows[0].map((_, c) => `x${c}`), ...(masses ? ['mass'] : [])].join(',');
  return `${header}\n${rows.map((row, i) => [...row, ...(masses ? [masses[i]] : [])].join(',')).join('\n')}\n`;
}

export interface Document {
  readonly distance: number;
  readonly squared: number;
  readonly lower: number;
  readonly upper: number;
  readonly status: string;
  readonly iterations: number;
}

/** What `muflow distance --json` prints for two tables. */
export async function told(
  kind: string,
  [a, b]: readonly [string, string],
  ...flags: readonly string[]
): Promise<Document> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, 'a.csv'), a);
    writeFileSync(join(folder, 'b.csv'), b);
    const { code, out } = await muflow(
      'distance',
      kind,
      join(folder, 'a.csv'),
      join(folder, 'b.csv'),
      '--json',
      ...flags,
    );
    const document = JSON.parse(out) as Document;
    const { distance, lower, upper } = document;
    if (Object.keys(document).join() !== 'distance,squared,lower,upper,status,iterations')
      throw new Error(`another document: ${out}`);
    if (code !== 0 || !(lower <= distance && distance <= upper)) throw new Error(`code ${code}: ${out}`);
    return document;
  });
}
