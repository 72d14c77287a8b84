import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { GoldenHeader } from './print.js';

const folder = new URL('./', import.meta.url);

/** The command that writes the golden files anew. */
export const refresh = 'UPDATE_GOLDEN=1 npx vitest run test/golden.spec.ts';

export const fileNameOf = (study: string): string => `${study.replace('/', '__')}.txt`;

export const goldenFileNames = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.txt'));

export function readGolden(study: string): string | undefined {
  const url = new URL(fileNameOf(study), folder);
  return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
}

export const writeGolden = (study: string, text: string): void =>
  writeFileSync(new URL(fileNameOf(study), folder), text);

/** The header of a golden file; a study without one is run with its defaults. */
export function headerOf(study: string, text: string | undefined): GoldenHeader {
  if (text === undefined) return { study, seed: 0, params: {} };
  const field = (name: string): string => {
    const found = new RegExp(`^${name} +(.*)$`, 'm').exec(text.split('\n\n')[0]);
    if (found === null) throw new Error(`${fileNameOf(study)}: the header has no line "${name}"`);
    return found[1];
  };
  if (field('study') !== study) throw new Error(`${fileNameOf(study)}: the header names ${field('study')}`);
  return { study, seed: Number(field('seed')), params: JSON.parse(field('params')) };
}

/** What is wrong between the registered studies and the golden files, each with the remedy. */
export function strays(studies: readonly string[], names: readonly string[]): string[] {
  const wanted = studies.map(fileNameOf);
  return [
    ...studies
      .filter((study) => !names.includes(fileNameOf(study)))
      .map(
        (study) =>
          `${study} has no golden file test/golden/${fileNameOf(study)}. Make it with ${refresh}, ` +
          'set the params line so that the run takes less than 3 s, and run the command again.',
      ),
    ...names
      .filter((name) => !wanted.includes(name))
      .map((name) => `test/golden/${name} belongs to no registered study. Remove it, or register its study.`),
  ];
}
