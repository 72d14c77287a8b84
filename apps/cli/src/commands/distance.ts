import { extname } from 'node:path';
import { fail, type Measure, parseSpace, show } from '@muflow/core';
import { distanceFigure, geodesicCsv, geodesicFigure, planCsv } from '../distanceFiles.js';
import type { DistanceFlags } from '../distanceFlags.js';
import { type Measured, measured } from '../distanceKinds.js';
import { writeFileAtomically } from '../files.js';
import { readMeasureFile } from '../measureFile.js';
import { drawFigure } from '../report/draw.js';
import { wholeNumber } from '../settings.js';
import { bracketText } from '../solveReport.js';
import { statusLine } from '../statusLine.js';
import type { Terminal } from '../terminal.js';

/** Flags of `muflow distance`. */
export interface DistanceOptions extends DistanceFlags {
  readonly space?: string;
  readonly plan?: string;
  readonly geodesic?: string;
  readonly times?: string;
  readonly out?: string;
  readonly json?: boolean;
}

const where = 'muflow distance';

/**
 * `muflow distance <kind> <a.csv | a.npy> <b.csv | b.npy>`: the distance of two measures between proven bounds, and on
 * request its plan, the path between the measures, and a figure.
 *
 * @returns 0 found, 1 not within the iterations allowed (the bounds hold all the same).
 */
export function distance(
  kind: string,
  files: readonly [string, string],
  options: DistanceOptions,
  terminal: Terminal,
): number {
  const { space: text, plan, geodesic, times, out, json, ...flags } = options;
  for (const [flag, path, endings] of [
    ['--plan', plan, ['.csv']],
    ['--geodesic', geodesic, ['.csv', '.svg']],
    ['--out', out, ['.svg']],
  ] as const) {
    if (path !== undefined && !(endings as readonly string[]).includes(endingOf(path)))
      refuseEnding(flag, path, endings);
  }
  const space = text === undefined ? undefined : parseSpace(text);
  const drawn = geodesic !== undefined && endingOf(geodesic) === '.svg';
  const steps = times === undefined ? (drawn ? 5 : 11) : wholeNumber(times, 'distance --times', 2);
  const [mu, nu] = files.map((path) => readMeasureFile(path, where, space)) as [Measure, Measure];
  const line = statusLine(terminal.log);
  line.update(`${kind} of ${mu.count} and ${nu.count} atoms`);
  const result = measured(kind, [mu, nu], flags, plan !== undefined);
  line.done();
  // All are made before the first is written, so that a refusal leaves nothing behind.
  const written: readonly (readonly [string, string])[] = [
    ...(plan === undefined ? [] : [[plan, planCsv(kind, result)] as const]),
    ...(geodesic === undefined
      ? []
      : [
          [
            geodesic,
            drawn ? drawFigure(geodesicFigure(kind, result, steps)) : geodesicCsv(kind, result, steps),
          ] as const,
        ]),
    ...(out === undefined ? [] : [[out, drawFigure(distanceFigure(result))] as const]),
  ];
  for (const [path, content] of written) writeFileAtomically(path, content);
  const { value, squared, lower, upper, status, iterations } = result.distance;
  if (json) {
    const document = { distance: value, squared, lower, upper, status, iterations };
    terminal.out(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    terminal.out(resultText(result));
    for (const [path] of written) terminal.out(`wrote ${path}\n`);
  }
  return status === 'maxIterations' ? 1 : 0;
}

function resultText({ title, note, distance: { value, squared, lower, upper, status, iterations } }: Measured): string {
  const after = iterations === 0 ? '' : `, ${iterations} ${iterations === 1 ? 'iteration' : 'iterations'}`;
  const told = { exact: 'exact', converged: 'converged', maxIterations: 'stopped before the end' }[status];
  return [
    title,
    `distance  ${value}`,
    `squared   ${squared}`,
    `bracket   ${bracketText(lower, upper)}, width ${(upper - lower).toExponential(1)}, proven`,
    `status    ${told}${after}`,
    ...(note === undefined ? [] : [note]),
    '',
  ].join('\n');
}

const endingOf = (path: string): string => extname(path).toLowerCase();

function refuseEnding(flag: string, path: string, endings: readonly string[]): never {
  return fail({
    code: 'invalid-argument',
    where: `${where} ${flag}`,
    problem: 'the kind of file is not known',
    got: show(path),
    expected: `a name that ends in ${endings.join(' or ')}`,
    fix: `write for instance ${flag} ${flag.slice(2)}${endings[0]}`,
  });
}
