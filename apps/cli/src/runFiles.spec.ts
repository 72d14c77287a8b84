import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpz, toFloat64 } from '@muflow/core';
import { JSDOM } from 'jsdom';
import { expect, test } from 'vitest';
import { inFolder, muflow, wellProblem } from './testing/command.js';

const text = (...parts: readonly string[]): string => readFileSync(join(...parts), 'utf8');
const bytes = (...parts: readonly string[]): Uint8Array => new Uint8Array(readFileSync(join(...parts)));

/** A result without what a clock has measured. */
function withoutClock(path: string): unknown {
  return JSON.parse(text(path), (key, value: unknown) => (key === 'seconds' ? 0 : value));
}

const wellFormed = (markup: string): number =>
  new JSDOM(markup, { contentType: 'image/svg+xml' }).window.document.querySelectorAll('path, circle, line').length;

test('a study leaves its five files, and its config runs again to the same bytes', async () => {
  await inFolder(async (folder) => {
    const first = join(folder, 'first');
    const again = join(folder, 'again');
    expect((await muflow('run', 'guessing', '--seed', '2', '--out', first)).code).toBe(0);
    expect((await muflow('run', join(first, 'config.json'), '--out', again)).code).toBe(0);
    for (const name of ['config.json', 'metrics.csv', 'frames.npz'])
      expect(bytes(again, name)).toEqual(bytes(first, name));
    expect(withoutClock(join(again, 'result.json'))).toEqual(withoutClock(join(first, 'result.json')));
    expect(JSON.parse(text(first, 'config.json'))).toMatchObject({
      study: 'zero-sum/guessing',
      seed: 2,
      params: { steps: 1000 },
    });
    expect(readdirSync(first).filter((name) => name.includes('.part'))).toEqual([]);
    for (const name of readdirSync(join(first, 'figures'))) {
      expect(wellFormed(text(first, 'figures', name)), name).toBeGreaterThan(3);
    }
  });
});

test('a report is one page that loads nothing, with every claim in it', async () => {
  await inFolder(async (folder) => {
    await muflow('run', 'guessing', '--out', folder);
    const page = new JSDOM(text(folder, 'report.html')).window.document;
    expect(page.querySelectorAll('script, link, img, iframe').length).toBe(0);
    expect(page.querySelectorAll('table.claims tbody tr').length).toBe(4);
    expect(page.querySelectorAll('figure svg[aria-label]').length).toBe(3);
    expect(text(folder, 'report.html')).not.toMatch(/url\(|src=|NaN/);
  });
});

test('a run that stalls on new rows leaves the best measure beside the last, and its noise fails no claim', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'problem.json');
    const problem = {
      energy: {
        id: 'supervised/population-risk',
        params: { inputDim: 1, target: 'sin(x)', noise: 0.5, sampleRows: 50 },
      },
      metric: 'wasserstein',
      initial: { id: 'supervised/neurons', params: { count: 20 } },
      minibatch: { size: 2 },
    };
    const stop = { stalled: { column: 'energy', steps: 50, keepBest: true } };
    const record = { every: 5, recorders: ['energy'] };
    writeFileSync(path, JSON.stringify({ problem, stepper: 'euler', dt: 0.5, maxSteps: 500, record, stop, seed: 1 }));
    const { code, out } = await muflow('run', path, '--out', join(folder, 'out'));
    expect(out).not.toContain('does not rise');
    expect(code).toBe(0);
    const arrays = await readNpz(bytes(folder, 'out', 'frames.npz'));
    const result = JSON.parse(text(folder, 'out', 'result.json'));
    const table = result.tables.find(({ title }: { title: string }) => title === 'The state to use: the least energy');
    const frames = text(folder, 'out', 'metrics.csv').trim().split('\n').slice(1);
    const energies = frames.map((line) => Number(line.split(',')[3]));
    expect(table.rows[0][2]).toBe(Math.min(...energies));
    const step = table.rows[0][0];
    expect(step).toBeLessThan(5 * (frames.length - 1));
    expect(arrays.get('best/0/positions')).toBeDefined();
    expect(arrays.get('best/0/positions')).toEqual(arrays.get(`step-${step}/0/positions`));
  });
});

test('a problem leaves every recorded column and frame', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'problem.json');
    writeFileSync(path, JSON.stringify(wellProblem));
    const { code, out } = await muflow('run', path, '--out', join(folder, 'out'));
    expect(code).toBe(0);
    expect(out).toContain('energy against time');
    const lines = text(folder, 'out', 'metrics.csv').trim().split('\n');
    expect(lines[0]).toBe('step,time,dt,energy,massDrift');
    expect(lines.length).toBe(12);
    const frames = await readNpz(bytes(folder, 'out', 'frames.npz'));
    const end = frames.get('end/0/positions');
    expect(end?.shape).toEqual([30, 1]);
    const masses = frames.get('step-50/0/masses');
    expect(masses && toFloat64(masses).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });
});

test('a batch has a folder per run, and --resume keeps the runs that are done', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'batch.json');
    const runs = [{ study: 'guessing' }, { study: 'guessing', seed: 5 }, wellProblem];
    writeFileSync(path, JSON.stringify({ title: 'three runs', runs }));
    const out = join(folder, 'out');
    expect((await muflow('run', path, '--out', out)).code).toBe(0);
    expect(readdirSync(out).sort()).toEqual(
      ['config.json', 'guessing', 'guessing-2', 'report.html', 'result.json', 'run']
        .map((n) => n.replace('guessing', 'zero-sum-guessing'))
        .sort(),
    );
    const before = text(out, 'zero-sum-guessing', 'result.json');
    const second = await muflow('run', join(out, 'config.json'), '--out', out, '--resume');
    expect(second.err).toContain('zero-sum/guessing has been run before and is kept');
    expect(text(out, 'zero-sum-guessing', 'result.json')).toBe(before);
    const other = await muflow('run', path, '--out', out, '--resume', '--set', 'runs.1.seed=6');
    expect(other.err.match(/is kept/g)?.length).toBe(2);
    expect(existsSync(join(out, 'zero-sum-guessing-2', 'config.json'))).toBe(true);
    expect(JSON.parse(text(out, 'zero-sum-guessing-2', 'config.json'))).toMatchObject({ seed: 6 });
  });
});

test('files named in a config are read relative to it', async () => {
  await inFolder(async (folder) => {
    writeFileSync(join(folder, 'formula.txt'), '(x^2-1)^2');
    const problem = {
      ...wellProblem.problem,
      energy: { id: 'potential', params: { potential: { $file: 'formula.txt' } } },
    };
    writeFileSync(join(folder, 'problem.json'), JSON.stringify({ ...wellProblem, problem }));
    expect((await muflow('run', join(folder, 'problem.json'), '--json')).code).toBe(0);
  });
});
