import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createWorkbench, isProblemConfig, parseRunConfig, type RunConfig } from '@muflow/core';
import { expect, test } from 'vitest';
import { type ExecuteOptions, execute, Interrupted } from './execute.js';
import { inFolder, wellProblem } from './testing/command.js';

function problemConfig(value: unknown): Parameters<typeof execute>[0] {
  const config: RunConfig = parseRunConfig(value);
  if (!isProblemConfig(config)) throw new Error('not a problem');
  return config;
}

const workbench = createWorkbench();
const quiet: Omit<ExecuteOptions, 'signal' | 'folder' | 'resume'> = {
  workbench,
  onProgress: () => undefined,
  notice: () => undefined,
  saveEvery: 0,
};
const recorders = [{ id: 'core/energy' }, { id: 'core/dissipation' }];
const config = problemConfig({ ...wellProblem, maxSteps: 30_000, record: { every: 700, recorders } });

test('a problem interrupted and resumed, twice, gives the frames of a straight run', async () => {
  await inFolder(async (folder) => {
    const straight = await execute(config, {
      ...quiet,
      folder: null,
      resume: false,
      signal: new AbortController().signal,
    });
    const notices: string[] = [];
    const stepsAtStop: number[] = [];
    for (const stopAt of [3000, 9000]) {
      const controller = new AbortController();
      const onProgress = ({ step }: { readonly step: number }): void => {
        if (step < stopAt) return;
        stepsAtStop.push(step);
        controller.abort();
      };
      const run = execute(config, { ...quiet, folder, resume: true, signal: controller.signal, onProgress });
      await expect(run).rejects.toThrow(Interrupted);
      expect(existsSync(join(folder, 'checkpoint.npz'))).toBe(true);
    }
    const notice = (text: string): void => {
      notices.push(text);
    };
    const resumed = await execute(config, {
      ...quiet,
      folder,
      resume: true,
      signal: new AbortController().signal,
      notice,
    });
    expect(notices).toEqual([expect.stringMatching(/^going on from step \d+/)]);
    expect(Number(/step (\d+)/.exec(notices[0])?.[1])).toBeGreaterThan(0);
    expect(resumed.result.metrics).toEqual(straight.result.metrics);
    expect(resumed.result.profiles?.end[0].positions).toEqual(straight.result.profiles?.end[0].positions);
    expect(resumed.result.profiles?.['step-700'][0].logMasses).toEqual(
      straight.result.profiles?.['step-700'][0].logMasses,
    );
    expect(existsSync(join(folder, 'checkpoint.npz'))).toBe(false);
  });
});

test('a checkpoint of another config is refused', async () => {
  await inFolder(async (folder) => {
    const controller = new AbortController();
    const onProgress = ({ step }: { readonly step: number }): void => {
      if (step > 1000) controller.abort();
    };
    const options = { ...quiet, folder, resume: true };
    await expect(execute(config, { ...options, signal: controller.signal, onProgress })).rejects.toThrow(Interrupted);
    const other = problemConfig({ ...wellProblem, maxSteps: 30_001, record: { every: 700, recorders } });
    const again = execute(other, { ...options, signal: new AbortController().signal });
    await expect(again).rejects.toThrow(/holds a checkpoint of another config/);
  });
});
