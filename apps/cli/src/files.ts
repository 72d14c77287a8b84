import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fail, show } from '@muflow/core';

/** Temporary names carry the process id, so that leavings of a dead process can be told from living ones. */
const temporaryPattern = /^\.(.+)\.(\d+)\.[0-9a-f]{12}\.part$/;

/**
 * Writes a file so that its final name only ever holds a complete file: the bytes go to a temporary
 * name in the same folder, are flushed to disk, and are renamed in one step.
 */
export function writeFileAtomically(path: string, content: string | Uint8Array): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.part`);
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  try {
    const file = openSync(temporary, 'wx');
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    fail({
      code: 'file',
      where: 'muflow run',
      problem: 'cannot write an output file',
      got: `${path} (${cause instanceof Error ? cause.message : String(cause)})`,
      expected: 'a folder that can be written to, with room left',
      fix: 'name another folder with --out',
      cause,
    });
  }
}

/** Removes temporaries that processes no longer alive have left in a folder and below it. */
export function removeStaleTemporaries(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeStaleTemporaries(path);
    const match = temporaryPattern.exec(entry.name);
    if (match && !isAlive(Number(match[2]))) rmSync(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Reads a text file named on the command line or in a config, or says why not. */
export const readTextFile = (path: string, where: string): string =>
  reading(path, where, () => readFileSync(path, 'utf8'));

/** The same for a file of bytes, in memory of its own. */
export const readBytesFile = (path: string, where: string): Uint8Array =>
  reading(path, where, () => new Uint8Array(readFileSync(path)));

function reading<T>(path: string, where: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'error';
    return fail({
      code: 'file',
      where,
      problem: code === 'EISDIR' ? 'a folder was given where a file is needed' : 'cannot read the file',
      got: `${show(path)} (${code})`,
      expected: 'the path of a readable file',
      fix: 'check the path, relative to the folder you are in',
      cause,
    });
  }
}
