import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { servePage } from './browser/server.js';

/** What work.js gives. */
interface Work {
  readonly error?: string;
  /** Bits, folded. */
  readonly exact: Readonly<Record<string, string>>;
  readonly close: Readonly<Record<string, readonly number[]>>;
  readonly notices: readonly string[];
}

interface Visit {
  readonly isolated: boolean;
  readonly page: Work;
  readonly worker: Work;
}

/** The first browser of the family on this machine, or null. */
function findBrowser(): string | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = [
    ...(process.env.CHROME_PATH ? [process.env.CHROME_PATH] : []),
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  const runs = (path: string): boolean => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return paths.find(runs) ?? null;
}

const browser = findBrowser();
const reason = 'no Chromium here (set CHROME_PATH to one)';

/** Opens the page without a window, waits for what it sends, and ends every process of the browser. */
async function visit(isolated: boolean): Promise<Visit> {
  const server = await servePage({ isolated });
  const profile = mkdtempSync(join(tmpdir(), 'muflow-browser-'));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  const child = spawn(browser ?? '', [...flags, `--user-data-dir=${profile}`, server.url], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the browser ended with ${code}: ${complaint}`)));
  });
  const timer = setTimeout(() => endAll(child.pid), 100_000);
  try {
    return JSON.parse(await Promise.race([server.result, ended])) as Visit;
  } finally {
    clearTimeout(timer);
    const gone = new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      child.on('exit', () => resolve());
    });
    endAll(child.pid);
    await gone;
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Ends a browser with its children, which are of its group. */
function endAll(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It had ended.
  }
}

async function inNode(): Promise<Work> {
  const module = JSON.stringify(join(import.meta.dirname, 'browser', 'work.js'));
  const script = `import(${module}).then(({ work }) => console.log(JSON.stringify(work({ threads: 1 }))))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
  return JSON.parse(stdout) as Work;
}

const worst = (list: readonly number[], expected: readonly number[]): number =>
  Math.max(...expected.map((value, k) => Math.abs(list[k] - value)));

if (browser === null) console.warn(`browser.spec.ts is skipped: ${reason}`);

describe.skipIf(browser === null)('core in a browser', () => {
  let expected: Work;
  let isolated: Visit;
  let plain: Visit;

  beforeAll(async () => {
    expected = await inNode();
    isolated = await visit(true);
    plain = await visit(false);
  }, 240_000);

  test('kernels and flows of transport have the bits of Node in pages and their workers, isolated or not', () => {
    expect(expected.notices).toEqual([]);
    expect(Object.keys(expected.exact)).toHaveLength(5);
    for (const { page, worker } of [isolated, plain]) {
      expect(page.error).toBeUndefined();
      expect(worker.error).toBeUndefined();
      expect(page.exact).toEqual(expected.exact);
      expect(worker.exact).toEqual(expected.exact);
    }
  });

  test("runs with moving masses differ from Node by roundings of the engine's exp and log only", () => {
    for (const { page, worker } of [isolated, plain]) {
      for (const [name, numbers] of Object.entries(expected.close)) {
        expect(numbers.length).toBeGreaterThan(700);
        // Twenty steps of two stages, each wrong by roundings of numbers of size 1.
        expect(worst(page.close[name], numbers)).toBeLessThan(1e-14);
        expect(page.close[name]).toEqual(worker.close[name]);
        expect(page.close[name]).toEqual(isolated.page.close[name]);
      }
    }
  });

  test('an isolated page has threads in its workers, and says that its main thread may not wait', () => {
    expect(isolated.isolated).toBe(true);
    expect(isolated.worker.notices).toEqual([]);
    expect(isolated.page.notices).toEqual(['this host gives no worker threads here: kernels run on one']);
  });

  test('a page that is not isolated says that it shares no memory, and runs on one thread', () => {
    expect(plain.isolated).toBe(false);
    const notice = ['this host shares no memory between threads: kernels run on one'];
    expect(plain.page.notices).toEqual(notice);
    expect(plain.worker.notices).toEqual(notice);
  });
});
