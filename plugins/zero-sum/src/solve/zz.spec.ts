import { test } from 'vitest';
import { sweep } from './sweep.js';

test('sweep', () => {
  for (const dim of [2, 3])
    for (const family of ['trigonometric', 'planted-torus', 'planted-sphere', 'planted-box'] as const) {
      for (const r of sweep({ family, dim, games: 3, solve: { seconds: 20, tolerance: 1e-3 } }))
        console.log(
          family,
          dim,
          r.seed,
          r.status,
          r.gap.toExponential(1),
          r.seconds.toFixed(2),
          r.iterations,
          r.method,
          r.degenerate,
          r.holdsValue,
        );
    }
}, 600000);
