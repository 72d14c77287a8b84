import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy } from '@muflow/core';
import { loadModel, readTable } from '@muflow/supervised';
import { expect, test } from 'vitest';
import { inFolder, type Outcome, spawnMuflow } from '../apps/cli/src/testing/command.js';

/** `y = |a| + b c` on 300 rows. */
const rows = Array.from({ length: 300 }, (_, l) => {
  const [a, b, c] = [Math.sin(l * l), Math.cos(3 * l), Math.sin(7 * l + 1)];
  return [a, b, c, Math.abs(a) + b * c];
});
const csv = `a,b,c,y\n${rows.map((row) => row.join(',')).join('\n')}\n`;

const failed = ({ code, err }: Outcome): string => (code === 0 ? '' : `exit ${code}: ${err}`);

test('a measure trained by one process predicts the same bits in another, on other threads, and from code', async () => {
  await inFolder(async (folder) => {
    writeFileSync(join(folder, 'data.csv'), csv);
    const train = [
      'run',
      'supervised/tabular',
      '--set',
      'table=@data.csv',
      '--set',
      'target=y',
      '--set',
      'steps=60',
      '--set',
      'width=40',
      '--set',
      'landmarks=50',
    ];
    for (const threads of ['1', '2']) {
      const done = await spawnMuflow([...train, '--threads', threads, '--out', `run-${threads}`], { cwd: folder });
      expect(failed(done)).toBe('');
    }
    const file = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
    for (const name of ['model.json', 'model.npz']) expect(file(`run-2/${name}`)).toEqual(file(`run-1/${name}`));

    const printed = await spawnMuflow(['predict', 'run-1', 'data.csv'], { cwd: folder });
    expect(failed(printed)).toBe('');
    const predictions = printed.out.trim().split('\n').slice(1).map(Number);
    const saved = await spawnMuflow(['predict', 'run-2/model.json', 'data.csv', '--out', 'p.npy'], { cwd: folder });
    expect(failed(saved)).toBe('');
    expect(Array.from(readNpy(file('p.npy')).data as Float64Array)).toEqual(predictions);

    const model = loadModel(readFileSync(join(folder, 'run-1', 'model.json'), 'utf8'), file('run-1/model.npz'));
    expect(Array.from(model.predictTable(readTable(csv)))).toEqual(predictions);
    expect(Array.from(model.predict(Float64Array.from(rows.flatMap((row) => row.slice(0, 3)))))).toEqual(predictions);
    // It has learned something: better than the mean, whose squared error is that of y around it.
    const mean = rows.reduce((sum, row) => sum + row[3] / 300, 0);
    const total = rows.reduce((sum, row) => sum + (row[3] - mean) ** 2, 0);
    expect(rows.reduce((sum, row, l) => sum + (row[3] - predictions[l]) ** 2, 0)).toBeLessThan(total / 2);
  });
}, 60_000);
