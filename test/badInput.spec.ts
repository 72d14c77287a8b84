import {
  createWorkbench,
  gradient,
  isBatchConfig,
  isMuflowError,
  isStudyConfig,
  type MuflowError,
  nodesOf,
  parseFormula,
  parseRunConfig,
  type RunResult,
  randomKey,
  randomStream,
  type StudyConfig,
  toLatex,
  toText,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { allChoices, randomConfig } from './badInput/configs.js';
import { damage, extremeNumbers, extremeTexts, slotsOf } from './badInput/damage.js';
import { faultOfColumn, faultOfRefusal } from './badInput/refusal.js';
import { randomText, textVariables } from './badInput/texts.js';
import { plugins } from './plugins.js';

/** A case that took longer than this, in milliseconds, is reported as a hang; the slowest one takes about 300. */
const longestCase = 20_000;

interface Tally {
  readonly faults: string[];
  readonly counts: Record<string, number>;
}

const newTally = (): Tally => ({ faults: [], counts: {} });
const count = (tally: Tally, what: string): void => {
  tally.counts[what] = (tally.counts[what] ?? 0) + 1;
};

/** What is printed in full may be longer and deeper than what may be written. */
function isReadable(printed: string): boolean {
  let depth = 0;
  let deepest = 0;
  for (const sign of printed) {
    if (sign === '(' || sign === '[') deepest = Math.max(deepest, ++depth);
    if (sign === ')' || sign === ']') depth--;
  }
  return printed.length <= 10_000 && deepest < 50;
}

function readText(text: string, tally: Tally): void {
  try {
    const scope = { variables: textVariables };
    const expression = parseFormula(text, scope);
    count(tally, 'read');
    const printed = toText(expression);
    if (isReadable(printed) && parseFormula(printed, scope) !== expression)
      tally.faults.push(`printed otherwise: ${JSON.stringify(text)} as ${printed}`);
    toLatex(expression);
    if (expression.size === 1)
      for (const node of nodesOf(expression)) if (node.kind === 'variable') gradient(expression, node);
  } catch (error) {
    count(tally, isMuflowError(error) ? 'refused' : 'thrown');
    const fault = faultOfRefusal(error) ?? (isMuflowError(error) ? faultOfPlace(error, text.length) : null);
    if (fault !== null) tally.faults.push(`${JSON.stringify(text.slice(0, 200))}: ${fault}`);
  }
}

/** Reading points at a column; writing out a graph may be refused as a whole. */
function faultOfPlace(error: MuflowError, length: number): string | null {
  return /^to(Text|Latex)$/.test(error.where) ? null : faultOfColumn(error, length);
}

const statuses = ['converged', 'maxSteps', 'maxTime', 'diverged', 'massLost', 'aborted'];
const workbench = createWorkbench({ plugins });

/** Why the outcome of a run is none of the documented ones, or null. */
function faultOfRun({ status, reason, frames, nonFinite }: RunResult): string | null {
  if (!statuses.includes(status) || reason === '') return `status ${status}, reason ${reason}`;
  if (status === 'diverged' && nonFinite === undefined && !/step size/.test(reason))
    return `diverged, but where? ${reason}`;
  const numbers = frames.flatMap(({ profile }) => profile.flatMap((mu) => [...mu.positions, ...mu.masses]));
  if (numbers.some((number) => !Number.isFinite(number)))
    return `status ${status} (${reason}) with a number that is not finite`;
  return null;
}

/** Why the refusal of a config does not say where, or null. */
function faultOfPaths({ code, path, details, message }: MuflowError): string | null {
  if (code !== 'invalid-config' || !path) return `no path: ${message}`;
  const { problems } = details as { problems?: readonly { path: string; message: string }[] };
  const named = problems?.every((problem) => problem.path !== '' && problem.message !== '') ?? false;
  return named && problems !== undefined && problems.length > 0 ? null : `no problems in the details: ${message}`;
}

/** A study resolves, and its run ends with a result or a refusal; it is told to stop where it first can be. */
async function beginStudy(config: StudyConfig, tally: Tally): Promise<void> {
  workbench.resolve(config);
  try {
    await workbench.run(config, { signal: AbortSignal.abort() });
  } catch (error) {
    if (!isMuflowError(error) || error.code !== 'aborted') count(tally, 'studies refused');
    const fault = faultOfRefusal(error);
    if (fault !== null) tally.faults.push(`${shown(config)}: ${fault}`);
  }
  count(tally, 'studies');
}

async function runConfig(value: unknown, tally: Tally): Promise<void> {
  try {
    const config = parseRunConfig(value);
    if (isBatchConfig(config)) return;
    if (isStudyConfig(config)) return await beginStudy(config, tally);
    const { kind, result } = await workbench.run({ ...config, maxSteps: Math.min(config.maxSteps ?? 3, 3) });
    if (kind !== 'problem') return;
    count(tally, result.status);
    const fault = faultOfRun(result);
    if (fault !== null) tally.faults.push(`${shown(value)}: ${fault}`);
  } catch (error) {
    count(tally, isMuflowError(error) ? `refused` : 'thrown');
    const fault = faultOfRefusal(error) ?? (isMuflowError(error) ? faultOfPaths(error) : null);
    if (fault !== null) tally.faults.push(`${shown(value)}: ${fault}`);
  }
}

/** A config for a report: JSON where it can be written so. */
function shown(value: unknown): string {
  const plain = (_: string, item: unknown): unknown =>
    typeof item === 'object' || typeof item === 'string' ? item : String(item);
  try {
    return JSON.stringify(value, plain).slice(0, 700);
  } catch {
    return 'a config that JSON cannot show';
  }
}

describe('bad input', () => {
  test('a formula text is read, or refused with its column and what to do', () => {
    const tally = newTally();
    const random = randomStream(randomKey('texts'));
    for (let k = 0; k < 5000; k++) {
      const text = randomText(random, k);
      const start = performance.now();
      readText(text, tally);
      const milliseconds = performance.now() - start;
      if (milliseconds > longestCase) tally.faults.push(`${milliseconds} ms: ${JSON.stringify(text.slice(0, 200))}`);
    }

    expect(tally.faults.slice(0, 20)).toEqual([]);
    expect(tally.counts.read).toBeGreaterThan(300);
    expect(tally.counts.refused).toBeGreaterThan(2000);
  });

  test('a config runs to a documented outcome, or is refused with the paths of all that is wrong', async () => {
    const tally = newTally();
    const random = randomStream(randomKey('configs'));
    for (let k = 0; k < 5000; k++) {
      const config = randomConfig(random, workbench);
      if (k % 10 > 0) damage(random, config);
      const start = performance.now();
      await runConfig(config, tally);
      const milliseconds = performance.now() - start;
      if (milliseconds > longestCase) tally.faults.push(`${milliseconds} ms: ${shown(config)}`);
    }
    expect(tally.faults.slice(0, 20)).toEqual([]);
    expect(tally.counts.maxSteps).toBeGreaterThan(500);
    expect(tally.counts.studies).toBeGreaterThan(100);
    expect(tally.counts.refused).toBeGreaterThan(2500);
    // The work grows with what is registered; the limit only ends a run that hangs.
  }, 300_000);

  test('every number and text of every registered thing may be replaced by an extreme one', () => {
    const tally = newTally();
    for (const [kind, { id, params }] of allChoices()) {
      for (const { owner, key } of slotsOf(params)) {
        const value = owner[key];
        for (const extreme of typeof value === 'number'
          ? extremeNumbers
          : typeof value === 'string'
            ? extremeTexts
            : []) {
          owner[key] = extreme;
          try {
            workbench.create(kind, id, params);
            count(tally, 'made');
          } catch (error) {
            count(tally, 'refused');
            const fault = faultOfRefusal(error);
            if (fault !== null)
              tally.faults.push(`${id} ${key} ${shown(extreme).slice(0, 100)}: ${fault.slice(0, 300)}`);
          }
        }
        owner[key] = value;
      }
    }
    expect(tally.faults.slice(0, 20)).toEqual([]);
    expect(tally.counts.made).toBeGreaterThan(100);
    expect(tally.counts.refused).toBeGreaterThan(300);
  });
});
