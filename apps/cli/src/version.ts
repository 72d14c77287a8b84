import { readFileSync } from 'node:fs';

interface PackageJson {
  readonly version: string;
}

/** Version of the command, from its package. */
export const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as PackageJson)
  .version;
