import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, show } from '@muflow/core';
import { writeFileAtomically } from '../files.js';
import type { Terminal } from '../terminal.js';

const templateFolder = fileURLToPath(new URL('../../template/', import.meta.url));

/** `muflow new plugin <name>`: copies the template with the name filled in; refuses to write into a folder that has files. */
export function newPlugin(name: string, options: { readonly dir?: string }, terminal: Terminal): number {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name === 'core') {
    fail({
      code: 'invalid-argument',
      where: 'muflow new plugin',
      problem: 'the name is not usable',
      got: show(name),
      expected: 'kebab-case, such as heat-flow, and not core',
      fix: 'use small letters, digits and single hyphens',
    });
  }
  const folder = resolve(options.dir ?? name);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    fail({
      code: 'file',
      where: 'muflow new plugin',
      problem: 'the folder is not empty',
      got: `${folder} with ${readdirSync(folder).length} entries`,
      expected: 'a new or empty folder',
      fix: 'name another folder with --dir',
    });
  }
  for (const file of readdirSync(templateFolder)) {
    writeFileAtomically(
      join(folder, file),
      readFileSync(join(templateFolder, file), 'utf8').replaceAll('__NAME__', name),
    );
  }
  terminal.out(
    `A plugin was made in ${folder}.\n\n  npx muflow check ${options.dir ?? name}\n  npx muflow run ${name}/roll-down --plugin ${options.dir ?? name}\n`,
  );
  return 0;
}
