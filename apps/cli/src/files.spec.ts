import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTextFile, removeStaleTemporaries, writeFileAtomically } from './files.js';
import { inFolder } from './testing/command.js';

test('a file appears whole, in a folder made for it, and replaces the one before', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'deep', 'file.txt');
    writeFileAtomically(path, 'one');
    writeFileAtomically(path, Uint8Array.of(0xff, 0x00));
    expect([...readFileSync(path)]).toEqual([0xff, 0x00]);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['file.txt']);
  });
});

test('a file that cannot be written leaves the old one and no temporary', async () => {
  await inFolder(async (folder) => {
    mkdirSync(join(folder, 'taken'));
    expect(() => writeFileAtomically(join(folder, 'taken'), 'x')).toThrow(/cannot write an output file/);
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});

test('temporaries of dead processes go, those of living ones and all else stay', async () => {
  await inFolder(async (folder) => {
    const dead = join(folder, 'sub', '.a.json.999999999.0123456789ab.part');
    const living = join(folder, `.a.json.${process.pid}.0123456789ab.part`);
    const other = join(folder, '.a.part');
    mkdirSync(join(folder, 'sub'));
    for (const path of [dead, living, other]) writeFileSync(path, '');
    removeStaleTemporaries(folder);
    expect([dead, living, other].map((path) => existsSync(path))).toEqual([false, true, true]);
  });
});

test('reading says what is wrong with the path', async () => {
  await inFolder(async (folder) => {
    expect(() => readTextFile(join(folder, 'none'), 'here')).toThrow(/\[here\] cannot read the file.*ENOENT/);
    expect(() => readTextFile(folder, 'here')).toThrow(/a folder was given/);
  });
});
