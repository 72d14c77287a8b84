import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Solution } from '@muflow/zero-sum';
import { expect, test } from 'vitest';
import { inFolder, muflow } from './testing/command.js';

const unit = ['--x', '[0,1]', '--y', '[0,1]'] as const;

test('solve --json is one document with a proven bracket and both strategies', async () => {
  const { code, out, err } = await muflow('solve', '(x - y)^2', '--x', '[-1,1]', '--y', '[-1,1]', '--json');
  expect(code).toBe(0);
  const solution = JSON.parse(out) as Solution;
  expect(solution).toMatchObject({ certified: true, status: 'certified' });
  expect(Object.keys(solution)).toEqual(
    expect.arrayContaining([
      'value',
      'lower',
      'upper',
      'gap',
      'certified',
      'status',
      'x',
      'y',
      'iterations',
      'seconds',
    ]),
  );
  expect(solution.lower).toBeLessThanOrEqual(1);
  expect(solution.upper).toBeGreaterThanOrEqual(1);
  expect(solution.gap).toBeLessThanOrEqual(1e-6);
  expect(solution.x.map(({ mass }) => mass)).toEqual([1]);
  expect(solution.y.map(({ at }) => at[0]).sort()).toEqual([-1, 1]);
  expect(err).toMatch(/^round 1 .*value in \[/);
});

test('on a terminal the end shows the value, its bracket, both strategies and stems', async () => {
  const { code, out } = await muflow('solve', 'zero-sum/torus-counterexample', '--tol', '1e-4');
  expect(code).toBe(0);
  expect(out).toMatch(/^value +-?\S+\nbracket +\[.+\], width .+, proven\n/);
  expect(out).toMatch(/x \(minimizes\), 2 atoms\n +0\.375000 +0\.500000 +█+\n/);
  expect(out).toMatch(/│█ +█│/);
});

test('vectors, tori and products are spaces, and a registered game takes parameters', async () => {
  const torus = [
    'solve',
    'cos(2*pi*(x[0] - y)) + x[1]*y',
    '--x',
    'torus(1) x [-1,1]',
    '--y',
    'torus(1)',
    '--tol',
    '1e-2',
  ];
  expect((await muflow(...torus, '--json')).code).toBe(0);
  const { code, out } = await muflow('solve', 'zero-sum/bell', '--set', 'lambda=1', '--json');
  expect(code).toBe(0);
  const { lower, upper } = JSON.parse(out) as Solution;
  expect(lower).toBeLessThanOrEqual(Math.exp(-1 / 4));
  expect(upper).toBeGreaterThanOrEqual(Math.exp(-1 / 4));
});

test('a Gambit file is solved as a matrix game', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'pennies.nfg');
    writeFileSync(path, 'NFG 1 R "pennies" { "a" "b" } { 2 2 }\n1 -1 -1 1 -1 1 1 -1\n');
    const { code, out } = await muflow('solve', path, '--json');
    expect(code).toBe(0);
    const { value, method, x } = JSON.parse(out) as Solution;
    expect(method).toBe('matrix');
    expect(Math.abs(value)).toBeLessThan(1e-14);
    expect(x.map(({ mass }) => mass)).toEqual([0.5, 0.5]);
  });
});

test('a budget that is too small is exit code 1, with the best bracket so far', async () => {
  const { code, out } = await muflow('solve', 'zero-sum/silent-duel', '--steps', '1', '--json');
  expect(code).toBe(1);
  const { status, lower, upper } = JSON.parse(out) as Solution;
  expect(status).not.toBe('certified');
  expect(lower).toBeLessThanOrEqual(0);
  expect(upper).toBeGreaterThanOrEqual(0);
});

test('one dynamics can be forced', async () => {
  const { code, out } = await muflow('solve', 'zero-sum/double-well', '--dynamics', 'mirror-prox', '--json');
  expect(code).toBe(0);
  expect((JSON.parse(out) as Solution).method).toBe('mirror-prox + newton');
});

test.each([
  [
    'an unknown variable',
    ['x*z', ...unit],
    /\[parseFormula\] the name "z" is unknown at column 3.*expected one of x, y/,
  ],
  ['a coordinate that the space lacks', ['x[3]*y', '--x', '[0,1],[0,1]', '--y', '[0,1]'], /at column \d.*got/],
  ['a vector payoff', ['x*y', '--x', '[0,1],[0,1]', '--y', '[0,1]'], /expected a scalar/],
  ['a payoff that is not finite', ['log(x - 2)*y', ...unit], /the payoff is not finite on its domain, got NaN at x =/],
  ['an unbounded space', ['x*y', '--x', 'R', '--y', '[0,1]'], /the space of x has no bounds/],
  ['a jump under dynamics that need gradients', ['sign(x - y)', ...unit, '--dynamics', 'wfr'], /the payoff jumps/],
  ['a space that is missing', ['x*y', '--x', '[0,1]'], /the space of y is missing.*Fix: add --y/],
  ['an empty interval', ['x*y', '--x', '[1,0]', '--y', '[0,1]'], /the interval is empty/],
  ['a game that does not exist', ['zero-sum/bel'], /did you mean zero-sum\/bell/],
  ['a file that does not exist', ['none.nfg'], /cannot read the file, got "none.nfg"/],
  ['spaces for a registered game', ['zero-sum/bell', '--x', '[0,1]'], /brings its own spaces/],
  ['parameters of a formula', ['x*y', ...unit, '--set', 'a=1'], /a payoff formula has no parameters/],
  ['a tolerance of zero', ['x*y', ...unit, '--tol', '0'], /solve --tol\].*got "0"/],
  ['dynamics that do not exist', ['x*y', ...unit, '--dynamics', 'wrf'], /did you mean wfr/],
  ['a seed that is none', ['x*y', ...unit, '--seed', 'x'], /solve --seed\].*got "x"/],
] as const)('%s is one error on stderr and exit code 2', async (_, argv, message) => {
  const { code, out, err } = await muflow('solve', ...argv);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toMatch(/^\[[^\]]+\] .+, got .+, expected .+\. Fix: .+\n$/);
  expect(err).toMatch(message);
});
