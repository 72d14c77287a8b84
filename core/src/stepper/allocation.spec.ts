import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const index = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

/**
 * Runs 1000 steps of n = 1000 atoms after 200 to warm up, ten frames recorded, and prints what was allocated. A young
 * generation of 64 MB holds all of it, so nothing is collected in between and the growth of the heap is the allocation;
 * were something collected, the test would see less, never more. Buffers of numbers lie outside of that heap.
 */
const program = `
  const m = await import(${JSON.stringify(`file://${index}`)});
  const numbers = (count, s) => Float64Array.from({ length: count }, (_, i) => Math.sin(i * 12.9 + s));
  const unit = m.networkUnit({ activation: 'relu', inputs: 2 });
  const energy = m.risk({ unit, inputs: numbers(40, 1), targets: numbers(20, 2) });
  const game = m.zeroSumGame({ payoff: 'exp(-(x - y)^2) + x*y', spaces: [m.euclidean(1), m.euclidean(1)] });
  const on = (space, s, n = 1000) => {
    const positions = numbers(n * space.dim, s);
    if (space.name.startsWith('sphere')) {
      for (let i = 0; i < n; i++) {
        const norm = Math.hypot(...positions.subarray(i * space.dim, (i + 1) * space.dim));
        for (let k = 0; k < space.dim; k++) positions[i * space.dim + k] /= norm;
      }
    }
    return m.measure({ space, positions });
  };
  const metric = m.wassersteinFisherRao({ alpha: 1 });
  const flow = m.gradientFlow(energy, metric);
  const noisy = m.gradientFlow(energy, m.wasserstein(), { noise: 0.01 });
  const runs = {
    euler: [flow, on(m.euclidean(4), 3), m.euler()],
    'heun on the sphere': [flow, on(m.sphere(4), 3), m.heun()],
    'Euler-Maruyama': [noisy, on(m.euclidean(4), 3), m.eulerMaruyama()],
    'extragradient of a game': [m.gameFlow(game, metric), [on(m.euclidean(1), 1), on(m.euclidean(1), 2, 20)], m.extragradient()],
  };
  const bytesOf = ({ profile }) =>
    profile.reduce((sum, { positions, logMasses, ids }) => sum + positions.byteLength + logMasses.byteLength + ids.byteLength, 0);
  const kept = [];
  const found = {};
  for (const [name, [flow, initial, stepper]] of Object.entries(runs)) {
    let frames = 0;
    const onFrame = (frame) => { frames += bytesOf(frame); };
    const run = m.open({ flow, initial }, { stepper, dt: 1e-4, maxSteps: 5000, record: { every: 100 } }, { onFrame });
    kept.push(run);
    for (let k = 0; k < 200; k++) run.step();
    gc();
    frames = 0;
    const before = process.memoryUsage();
    for (let k = 0; k < 1000; k++) run.step();
    const after = process.memoryUsage();
    found[name] = { objects: after.heapUsed - before.heapUsed, buffers: after.arrayBuffers - before.arrayBuffers, frames };
  }
  console.log(JSON.stringify(found));
`;

interface Allocated {
  readonly objects: number;
  readonly buffers: number;
  readonly frames: number;
}

describe('1000 steps of 1000 atoms', () => {
  const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64', '--input-type=module'];
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const found = Object.entries(JSON.parse(stdout) as Readonly<Record<string, Allocated>>);

  test.each(found)('%s: allocate no buffers of numbers beyond the recorded frames', (_, { buffers, frames }) => {
    expect(frames).toBeGreaterThan(0);
    expect(buffers).toBeLessThanOrEqual(frames);
  });

  // Results, contexts and keys of a step; a profile of 1000 atoms has 20 to 44 kB.
  test.each(found)('%s: allocate at most 4 kB of small objects per step', (_, { objects }) => {
    expect(objects / 1000).toBeLessThanOrEqual(4096);
  });
});
