import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpz } from '@muflow/core';
import { expect, test } from 'vitest';
import { inFolder, spawnMuflow, wellProblem } from '../apps/cli/src/testing/command.js';

/** Reads each kind of output as its reader would: anything cut short throws or fails. */
async function checkWhole(folder: string): Promise<number> {
  let whole = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) whole += await checkWhole(path);
    else if (!entry.name.endsWith('.part')) {
      await checkFile(path);
      whole++;
    }
  }
  return whole;
}

async function checkFile(path: string): Promise<void> {
  const bytes = new Uint8Array(readFileSync(path));
  const text = new TextDecoder().decode(bytes);
  if (path.endsWith('.json')) JSON.parse(text);
  else if (path.endsWith('.npz')) await readNpz(bytes);
  else if (path.endsWith('.html')) expect(text.endsWith('</html>\n'), path).toBe(true);
  else if (path.endsWith('.svg')) expect(text.endsWith('</svg>'), path).toBe(true);
  else if (path.endsWith('.csv')) {
    const lines = text.split('\n');
    expect(lines.pop(), path).toBe('');
    for (const line of lines) expect(line.split(',').length, path).toBe(lines[0].split(',').length);
  } else throw new Error(`an output of unknown kind: ${path}`);
}

/** Everything in a folder and below it, temporaries included. */
const entries = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];

test('killing the process at any moment leaves no half-written file, and the next run cleans up', async () => {
  await inFolder(async (folder) => {
    const config = join(folder, 'batch.json');
    // Six runs leave about sixty entries: the signal meets a process that is still writing.
    writeFileSync(
      config,
      JSON.stringify({ runs: [wellProblem, ...[5, 6, 7, 8, 9].map((seed) => ({ ...wellProblem, seed }))] }),
    );
    const seen: number[] = [];
    // Killed as soon as so many entries exist: while folders are made, between files and amid writing them.
    for (const count of [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18]) {
      const out = join(folder, `out-${count}`);
      const killWhen = (): boolean => entries(out).length >= count;
      const { code } = await spawnMuflow(['run', config, '--out', out], { cwd: folder, killWhen });
      expect(code).toBe(null);
      seen.push(await checkWhole(out));
    }
    expect(Math.max(...seen)).toBeGreaterThan(8);
    const out = join(folder, 'out-12');
    writeFileSync(join(out, '.result.json.999999999.0123456789ab.part'), '{ "half": ');
    expect((await spawnMuflow(['run', config, '--out', out, '--resume'], { cwd: folder })).code).toBe(0);
    await checkWhole(out);
    expect(entries(out).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect(entries(out)).toContain('result.json');
  });
}, 120_000);
