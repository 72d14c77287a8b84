import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, promisify } from 'node:util';
import { createWorkbench, isBatchConfig, parseRunConfig } from '@muflow/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { pictureSvg } from '../docs/picture.js';
import { plugins } from './plugins.js';

const root = normalize(join(import.meta.dirname, '..'));
/** Where blocks are written to be run; one folder per run of this file, so that workers do not meet. */
const scratch = join(root, '.docs-test');

/** A program found in a page, a docstring, or the folder of examples. */
interface Program {
  /** File and line, for the title of its test. */
  readonly place: string;
  readonly code: string;
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.name === 'node_modules' || entry.name === 'dist') return [];
    if (entry.isDirectory()) return filesBelow(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

const pages = ['README.md', 'CHANGELOG.md', ...filesBelow('docs', '.md')];
const examples = filesBelow('examples', '.ts');
const sources = [...filesBelow('core/src', '.ts'), ...filesBelow('plugins', '.ts')].filter(
  (path) => !path.endsWith('.spec.ts'),
);

/** The text inside every ```ts fence. */
function fencesOf(path: string, text: string): Program[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length;
    return { place: `${path}:${line}`, code: match[1] };
  });
}

/** The examples of docstrings that import what they use, fenced or not, without their stars. */
function docstringProgramsOf(path: string): Program[] {
  const text = read(path);
  return [...text.matchAll(/^ *\/\*\*[\s\S]*?\*\//gm)].flatMap((comment) =>
    [...comment[0].matchAll(/@example[^\n]*\n([\s\S]*?)(?=^ *\* @|\*\/)/gm)].flatMap((example): Program[] => {
      const lines = example[1].split('\n').map((line) => line.replace(/^ *\* ?/, ''));
      const code = lines.filter((line) => !line.startsWith('```')).join('\n');
      if (!/from '@muflow\//.test(code)) return [];
      const line = text.slice(0, comment.index + example.index).split('\n').length;
      return [{ place: `${path}:${line}`, code }];
    }),
  );
}

const pagePrograms = pages.flatMap((path) => fencesOf(path, read(path)));
const docstringPrograms = sources.flatMap(docstringProgramsOf);
const examplePrograms = examples.map((path): Program => ({ place: path, code: read(path) }));
const programs = [...pagePrograms, ...docstringPrograms, ...examplePrograms];

/** What a program says that it prints: the texts after `// =>`, in order. */
const promised = (code: string): string[] => [...code.matchAll(/\/\/ => (.*)$/gm)].map((match) => match[1].trim());

const fileNameOf = ({ place }: Program): string => `${place.replace(/[^A-Za-z0-9]+/g, '_')}.ts`;

let folder = '';

beforeAll(() => {
  mkdirSync(scratch, { recursive: true });
  for (const left of readdirSync(scratch)) {
    const path = join(scratch, left);
    // What a killed run left behind; a younger folder may belong to another worker.
    if (Date.now() - statSync(path).mtimeMs > 600_000) rmSync(path, { recursive: true, force: true });
  }
  folder = mkdtempSync(join(scratch, 'run-'));
  for (const program of programs) writeFileSync(join(folder, fileNameOf(program)), `${program.code}\nexport {};\n`);
  const settings = {
    extends: '../../tsconfig.tests.json',
    compilerOptions: { noUnusedLocals: false },
    include: ['*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  try {
    rmdirSync(scratch);
  } catch {
    // Another worker still has its folder there.
  }
});

/** Runs a program and returns the lines it printed. */
async function run(program: Program): Promise<string[]> {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    lines.push(...format(...values).split('\n'));
  });
  try {
    await import(/* @vite-ignore */ pathToFileURL(join(folder, fileNameOf(program))).href);
  } finally {
    log.mockRestore();
  }
  return lines;
}

describe('programs', () => {
  test('pages, docstrings and examples are found', () => {
    expect(pagePrograms.length).toBeGreaterThan(0);
    expect(docstringPrograms.length).toBeGreaterThan(10);
    expect(examples.length).toBeGreaterThan(5);
    expect(new Set(programs.map(fileNameOf)).size).toBe(programs.length);
  });

  test.each(programs.map((program) => [program.place, program] as const))(
    '%s runs and prints what it says',
    async (_, program) => {
      expect(await run(program)).toEqual(promised(program.code));
    },
  );

  test('they pass the type check', async () => {
    const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');
    const check = promisify(execFile)(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { cwd: folder });
    const output = await check.then(
      () => '',
      (error: { stdout?: string; message: string }) => error.stdout || error.message,
    );
    // Sources that the programs import are checked elsewhere; paths of programs have no folder.
    expect(
      output.split('\n').filter((line) => /^[^./ ]+\.ts\(/.test(line) || /error TS[0-9]+: /.test(line.split('(')[0])),
    ).toEqual([]);
  });

  test('an example is short and exports nothing', () => {
    const long = examplePrograms.filter(
      ({ code }) => code.trimEnd().split('\n').length >= 60 || /^export /m.test(code),
    );
    expect(long.map(({ place }) => place)).toEqual([]);
  });
});

describe('references', () => {
  const bibliography = read('docs/references.bib');
  const entries = [...bibliography.matchAll(/^@[a-z]+\{([A-Za-z0-9]+),/gm)].map((match) => match[1]);
  /** Keys in brackets in comments and pages, and at the start of each part of a `reference`. */
  const keysIn = (text: string): string[] => {
    const bracketed = [...text.matchAll(/\[([A-Z][A-Za-z]*[12][0-9]{3}|JPL[A-Za-z]+)\b[^\]]*\]/g)].map(
      (match) => match[1],
    );
    const fields = [...text.matchAll(/'([A-Z][A-Za-z]*[12][0-9]{3}[^']*)'/g)].flatMap((match) =>
      match[1].split(';').map((part) => part.trim().split(/[ ,]/)[0]),
    );
    return [...bracketed, ...fields];
  };

  test('every key named in sources and pages is in the bibliography, once', () => {
    const template = filesBelow('apps/cli/template', '.js');
    const named = [...sources, ...pages, ...examples, ...template].flatMap((path) =>
      keysIn(read(path)).map((key) => ({ path, key })),
    );
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter(({ key }) => !entries.includes(key))).toEqual([]);
    expect(entries.filter((key, k) => entries.indexOf(key) !== k)).toEqual([]);
  });

  test('every entry says who, what and when', () => {
    const texts = bibliography.split(/^(?=@)/m).filter((text) => text.startsWith('@'));
    const lacking = texts.filter((text) => !['author', 'title', 'year'].every((field) => text.includes(`${field} = `)));
    expect(lacking).toEqual([]);
  });
});

describe('links', () => {
  /** The anchors that headings of a page give rise to. */
  const anchorsOf = (text: string): string[] =>
    [...text.matchAll(/^#+ (.*)$/gm)].map((match) =>
      match[1]
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replace(/ /g, '-'),
    );

  test('every local link of a page leads to a file, and its anchor to a heading', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => match[1])
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => {
          const [path, anchor] = target.split('#');
          const file = path === '' ? page : relative(root, join(root, dirname(page), path));
          if (!existsSync(join(root, file))) return true;
          return anchor !== undefined && !anchorsOf(read(file)).includes(anchor);
        })
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('the command', () => {
  const workbench = createWorkbench({ plugins });
  const fenced = (language: string): string[] =>
    pages.flatMap((path) =>
      [...read(path).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1]),
    );

  test('every config of a page resolves', () => {
    const configs = fenced('json').map((text) => parseRunConfig(JSON.parse(text)));
    expect(configs.length).toBeGreaterThan(0);
    for (const config of configs) if (!isBatchConfig(config)) workbench.resolve(config);
  });

  test('every study that a page runs is registered, with the parameters that it sets', () => {
    const lines = fenced('sh').flatMap((text) => text.split('\n'));
    const ids = plugins.map(({ id }) => id).join('|');
    const runs = lines.flatMap((line) => [...line.matchAll(new RegExp(`muflow run ((?:${ids})/[a-z-]+)(.*)`, 'g'))]);
    expect(runs.length).toBeGreaterThan(1);
    for (const [, id, rest] of runs) {
      const shape = workbench.registry.study(id).params as unknown as { readonly shape: object };
      const set = [...rest.matchAll(/--set "?([A-Za-z]+)=/g)].map((match) => match[1]);
      expect(Object.keys(shape.shape)).toEqual(expect.arrayContaining(set));
    }
  });
});

describe('glossary', () => {
  const rows = [...read('docs/glossary.md').matchAll(/^\| (?!-|term )(.*) \|$/gm)].map((match) =>
    match[1]
      .replace(/\\\|/g, '¦')
      .split('|')
      .map((cell) => cell.trim()),
  );

  test('every name in the code is in the code, and every word is there once', () => {
    const code = sources.map(read).join('\n');
    const names = rows
      .filter((row) => row.length === 4 || row[2].startsWith('`'))
      .flatMap((row) => [...row[2].matchAll(/`([A-Za-z]+)/g)].map((match) => match[1]));
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
    const words = rows.map(([word]) => word);
    expect(words.filter((word, k) => words.indexOf(word) !== k)).toEqual([]);
  });
});

describe('dependencies', () => {
  const manifests = [
    'package.json',
    ...['core', 'plugins', 'apps'].flatMap((folder) => filesBelow(folder, 'package.json')),
  ];
  const declared = manifests.flatMap((path) => {
    const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = JSON.parse(read(path));
    return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
  });
  const foreign = new Set(declared.filter((name) => !/^(@muflow\/|muflow$)/.test(name)));
  const explained = [...read('docs/dependencies.md').matchAll(/^\| (`[^|]*) \|/gm)].flatMap((row) =>
    [...row[1].matchAll(/`([^`]+)`/g)].map((match) => match[1]),
  );

  test('every package that a manifest names is explained, and no other', () => {
    expect(foreign.size).toBeGreaterThan(10);
    expect([...foreign].filter((name) => !explained.includes(name))).toEqual([]);
    expect(explained.filter((name) => !foreign.has(name) && name !== 'pnpm')).toEqual([]);
  });
});

describe('picture', () => {
  const path = join(root, 'docs/picture.svg');
  const numbers = (svg: string): number[] => (svg.match(/-?\d+\.\d+/g) ?? []).map(Number);
  const skeleton = (svg: string): string => svg.replace(/-?\d+\.\d+/g, '0');

  /** Coordinates are compared to a fifth of a pixel: engines differ in the last bits of sine and exponential. */
  test('the committed file is what docs/picture.ts draws; UPDATE_PICTURE=1 writes it', () => {
    const drawn = pictureSvg();
    if (process.env.UPDATE_PICTURE !== undefined) writeFileSync(path, drawn);
    const committed = readFileSync(path, 'utf8');
    expect(skeleton(committed)).toBe(skeleton(drawn));
    const committedNumbers = numbers(committed);
    const apart = numbers(drawn).reduce((most, x, k) => Math.max(most, Math.abs(x - committedNumbers[k])), 0);
    expect(apart).toBeLessThanOrEqual(0.2);
  });
});
