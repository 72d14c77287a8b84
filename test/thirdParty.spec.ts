import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { inFolder, spawnMuflow } from '../apps/cli/src/testing/command.js';

interface LawLine {
  readonly law: string;
  readonly kind: string;
  readonly id: string;
  readonly holds: boolean;
  readonly measurement: string;
}

async function failures(folder: string): Promise<{ code: number | null; failed: readonly LawLine[]; laws: number }> {
  const { code, out } = await spawnMuflow(['check', './heat-flow', '--json'], { cwd: folder });
  const { laws } = JSON.parse(out) as { laws: readonly LawLine[] };
  return { code, failed: laws.filter(({ holds }) => !holds), laws: laws.length };
}

/** Makes the plugin in a folder of its own, outside the workspace. */
async function makePlugin(folder: string): Promise<string> {
  const made = await spawnMuflow(['new', 'plugin', 'heat-flow'], { cwd: folder });
  expect(made.code).toBe(0);
  return join(folder, 'heat-flow');
}

test('a new plugin in a folder of its own passes every law, runs its study, and is found when installed', async () => {
  await inFolder(async (folder) => {
    const plugin = await makePlugin(folder);
    const { code, failed, laws } = await failures(folder);
    expect({ code, failed }).toEqual({ code: 0, failed: [] });
    expect(laws).toBeGreaterThan(20);
    const run = await spawnMuflow(['run', 'heat-flow/roll-down', '--plugin', './heat-flow', '--out', 'out'], {
      cwd: folder,
    });
    expect(run.code).toBe(0);
    expect(run.out).toContain('1 of 1 claims hold');
    // What an installation from a folder leaves: a link in node_modules of whoever uses it.
    const user = join(folder, 'user');
    mkdirSync(join(user, 'node_modules'), { recursive: true });
    symlinkSync(plugin, join(user, 'node_modules', 'heat-flow'));
    const installed = await spawnMuflow(['check', 'heat-flow'], { cwd: user });
    expect(installed.code).toBe(0);
    expect(installed.out).toMatch(/\d+ laws hold, 0 fail/);
    writeFileSync(join(user, 'config.json'), JSON.stringify({ study: 'heat-flow/roll-down', plugins: ['heat-flow'] }));
    expect((await spawnMuflow(['run', 'config.json'], { cwd: user })).code).toBe(0);
    const refused = await spawnMuflow(['new', 'plugin', 'heat-flow'], { cwd: folder });
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('the folder is not empty')]);
  });
}, 60_000);

const broken = [
  {
    what: 'a metric that moves masses twice as fast as its norm says',
    file: 'frictionMetric.js',
    text: `import { fisherRao, z } from '@muflow/core';
export const frictionMetric = {
  id: 'heat-flow/friction', title: 'Wrong metric', reference: 'none', params: z.strictObject({}),
  create() {
    const right = fisherRao();
    return {
      ...right,
      descendInto(tangent, firstVariation, mu) {
        right.descendInto(tangent, firstVariation, mu);
        for (let i = 0; i < tangent.growth.length; i++) tangent.growth[i] *= 2;
      },
    };
  },
};
`,
    caughtBy: ['metric'],
    measurement: /2/,
  },
  {
    what: 'an energy whose gradient has the wrong sign',
    file: 'doubleWell.js',
    text: `import { potentialEnergy, z } from '@muflow/core';
export const doubleWell = {
  id: 'heat-flow/double-well', title: 'Wrong energy', reference: 'none', params: z.strictObject({}),
  create(_, { backend }) {
    const right = potentialEnergy({ potential: '(x^2 - 1)^2', dim: 1, backend });
    return {
      ...right,
      firstVariationInto(out, mu) {
        right.firstVariationInto(out, mu);
        if (out.gradient) for (let i = 0; i < out.gradient.length; i++) out.gradient[i] *= -1;
      },
    };
  },
};
`,
    caughtBy: ['energy'],
    measurement: /slope/,
  },
  {
    what: 'a stepper of order 1 that declares order 2',
    file: 'index.js',
    text: `import { definePlugin, euler, z } from '@muflow/core';
export const plugin = definePlugin({
  id: 'heat-flow', version: '0.1.0',
  steppers: [{
    id: 'heat-flow/fast', title: 'Wrong stepper', reference: 'none', params: z.strictObject({}),
    create: () => ({ ...euler(), name: 'fast', order: 2 }),
  }],
});
`,
    caughtBy: ['stepper'],
    measurement: /order/,
  },
] as const;

test.each(broken)(
  'muflow check catches $what',
  async ({ file, text, caughtBy, measurement }) => {
    await inFolder(async (folder) => {
      const plugin = await makePlugin(folder);
      writeFileSync(join(plugin, file), text);
      const { code, failed } = await failures(folder);
      expect(code).toBe(1);
      expect([...new Set(failed.map(({ kind }) => kind))]).toEqual([...caughtBy]);
      expect(failed.map((law) => law.measurement).join('\n')).toMatch(measurement);
    });
  },
  60_000,
);

test("the plugin's own test and example run where muflow is installed", async () => {
  // Inside the workspace, so that @muflow/core is found as an installed package would be.
  const root = fileURLToPath(new URL('..', import.meta.url));
  mkdirSync(join(root, '.docs-test'), { recursive: true });
  const folder = mkdtempSync(join(root, '.docs-test', 'plugin-'));
  try {
    const plugin = await makePlugin(folder);
    const tested = spawnSync(process.execPath, ['--test'], { cwd: plugin, encoding: 'utf8' });
    expect(tested.stdout).toMatch(/pass 1\b/);
    expect(tested.status).toBe(0);
    const example = spawnSync(process.execPath, ['example.js'], { cwd: plugin, encoding: 'utf8' });
    expect([example.status, example.stdout]).toEqual([0, expect.stringMatching(/^energy \d/)]);
    expect(readFileSync(join(plugin, 'README.md'), 'utf8')).toContain('heat-flow');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
