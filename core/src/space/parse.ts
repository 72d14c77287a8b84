import { fail, nearest, show } from '../errors.js';
import { box } from './box.js';
import { euclidean } from './euclidean.js';
import { finite } from './finite.js';
import { product } from './product.js';
import { simplex } from './simplex.js';
import type { Space } from './space.js';
import { sphere } from './sphere.js';
import { torus } from './torus.js';

/** A family that is called by name: its least dimension, its optional number, and how it is made. */
interface Family {
  readonly least: number;
  readonly option?: string;
  readonly make: (size: number, option: number | undefined) => Space;
}

const families: Readonly<Record<string, Family>> = {
  euclidean: { least: 1, make: (d) => euclidean(d) },
  torus: { least: 1, option: 'period', make: (d, period = 1) => torus(d, { period }) },
  sphere: { least: 2, option: 'radius', make: (d, radius = 1) => sphere(d, { radius }) },
  simplex: { least: 2, make: (k) => simplex(k) },
  finite: { least: 1, make: (n) => finite(n) },
};
const names = [...Object.keys(families), 'product', 'R'];
const forms =
  '"[-1,1]", "[-1,1],[0,2]", "torus(2)", "sphere(3)", "simplex(3)", "finite(4)", "R^2" or "sphere(3) x [0,1]"';
const largest = 100_000;

/** A text and how far it has been read. */
interface Reader {
  readonly text: string;
  at: number;
  depth: number;
}

/**
 * Reads the text of a space. Comma-separated intervals make a box; `torus`, `sphere`, `simplex`, `finite` and
 * `euclidean` are called with their number of coordinates (or points), torus and sphere with an optional
 * period or radius as in `torus(2, 2*pi)` or `sphere(3, radius=2)`; `R^d` is `euclidean(d)`; factors of a
 * product are joined by ` x `, with parentheses or `product(…)` around an inner product.
 * Numbers may be products and quotients of decimals and `pi`. Intervals are bounded and closed; the line is `R^1`. `parseSpace(spaceToText(s))` equals s.
 *
 * @throws `parse` with the column (from 1) in `path`.
 * @example
 * parseSpace('[-1,1],[0,2]').dim; // 2
 * parseSpace('sphere(3) x [0, 2*pi]').kind; // 'product'
 */
export function parseSpace(text: string): Space {
  const reader: Reader = { text, at: 0, depth: 0 };
  if (text.length > 10_000)
    refuse(reader, 'the text is too long', { got: `${text.length} characters`, expected: 'at most 10000' });
  const factors = readFactors(reader);
  if (reader.at < text.length) refuse(reader, 'the text goes on after the space', {});
  return factors.length === 1 ? factors[0] : product(factors);
}

/** The text that {@link parseSpace} reads back: the name of the space. */
export function spaceToText(space: Space): string {
  return space.name;
}

function readFactors(reader: Reader): Space[] {
  const factors = [readFactor(reader)];
  while (take(reader, /[x×](?![A-Za-z0-9_])/y) !== null) factors.push(readFactor(reader));
  return factors;
}

function readFactor(reader: Reader): Space {
  checkInterval(reader);
  if (take(reader, /(?=\[)/y) !== null) return readBox(reader);
  if (take(reader, /\(/y) !== null) {
    const factors = readInner(reader);
    return factors.length === 1 ? factors[0] : product(factors);
  }
  const column = reader.at + 1;
  const name = take(reader, /[A-Za-z_]\w*/y);
  if (name === null) return refuse(reader, 'a space is missing', {});
  if (name === 'R') return euclidean(take(reader, /\^/y) === null ? 1 : readSize(reader, 1));
  if (!Object.hasOwn(families, name) && name !== 'product') {
    const close = nearest(name, names);
    const fix = close.length > 0 ? `did you mean ${close.join(' or ')}?` : `use one of ${names.join(', ')}`;
    return refuse(reader, 'there is no such space', { column, got: show(name), fix });
  }
  expectSign(reader, '(');
  if (name === 'product') return product(readInner(reader));
  const { least, option, make } = families[name];
  const size = readSize(reader, least);
  const extra = option !== undefined && take(reader, /,/y) !== null ? readOption(reader, option) : undefined;
  expectSign(reader, ')');
  return make(size, extra);
}

/** The factors up to the closing parenthesis. */
function readInner(reader: Reader): Space[] {
  if (++reader.depth > 50) refuse(reader, 'the parentheses are nested too deeply', { expected: 'at most 50 levels' });
  const factors = readFactors(reader);
  expectSign(reader, ')');
  reader.depth--;
  return factors;
}

function readBox(reader: Reader): Space {
  const intervals: [number, number][] = [];
  do {
    checkInterval(reader);
    expectSign(reader, '[');
    const start = reader.at;
    const low = readNumber(reader);
    expectSign(reader, ',');
    const high = readNumber(reader);
    if (!(low < high)) {
      const fix = 'write the lower bound first';
      refuse(reader, 'the interval is empty', {
        column: start + 1,
        got: `[${low}, ${high}]`,
        expected: 'lower < upper',
        fix,
      });
    }
    expectSign(reader, ']');
    intervals.push([low, high]);
  } while (take(reader, /,/y) !== null);
  return box(intervals);
}

const infinite = /^[-+]?\s*(inf|infty|infinity|oo|∞)$/i;

/** Refuses what is meant as an interval without bounds, or without its ends. */
function checkInterval(reader: Reader): void {
  take(reader, /(?=.)/y);
  const { at } = reader;
  // Two numbers or words in brackets of either kind; `(` without a comma opens a product.
  const found = take(reader, /[[(][-+\w.*/∞ ]*,[-+\w.*/∞ ]*[\])]/y)?.trim();
  reader.at = at;
  if (found === undefined) return;
  const bounds = found.slice(1, -1).split(',');
  if (bounds.some((bound) => infinite.test(bound.trim()))) {
    refuse(reader, 'the interval has no bound', {
      got: found,
      expected: 'a bounded interval such as [-1,1], or R^1, the whole line',
      fix: 'write R^1, or two numbers in square brackets',
    });
  }
  if (found.startsWith('[') && found.endsWith(']')) return;
  refuse(reader, 'the interval is not closed', {
    got: found,
    expected: `its ends included, as in [${bounds.map((bound) => bound.trim()).join(',')}]`,
    fix: 'write square brackets',
  });
}

function readSize(reader: Reader, least: number): number {
  take(reader, /(?=.)/y);
  const column = reader.at + 1;
  const digits = take(reader, /\d+/y);
  const size = Number(digits ?? Number.NaN);
  if (!(size >= least && size <= largest)) {
    const got = digits ?? here(reader);
    refuse(reader, 'the size is not usable', {
      column,
      got,
      expected: `a whole number from ${least} to ${largest}`,
      fix: 'write sphere(3)',
    });
  }
  return size;
}

function readOption(reader: Reader, option: string): number {
  take(reader, new RegExp(`${option}\\s*=`, 'y'));
  const start = reader.at;
  const value = readNumber(reader);
  if (!(value > 0)) {
    refuse(reader, `the ${option} is not usable`, {
      column: start + 1,
      got: String(value),
      expected: 'a number above 0',
      fix: 'leave it out for 1',
    });
  }
  return value;
}

/** `[+-] term (* or / term)…` with decimals and `pi` as terms. */
function readNumber(reader: Reader): number {
  take(reader, /(?=.)/y);
  const column = reader.at + 1;
  const sign = take(reader, /[-+]/y);
  let value = readTerm(reader);
  for (let mark = take(reader, /[*/]/y); mark !== null; mark = take(reader, /[*/]/y)) {
    value = mark === '*' ? value * readTerm(reader) : value / readTerm(reader);
  }
  if (!Number.isFinite(value))
    refuse(reader, 'a number is not finite', { column, got: String(value), expected: 'a finite number' });
  return sign === '-' ? -value : value;
}

function readTerm(reader: Reader): number {
  const word = take(reader, /pi\b|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y);
  if (word === null)
    return refuse(reader, 'a number is missing', {
      expected: 'a decimal such as 0.5 or 1e-3, or pi',
      fix: 'write a number',
    });
  return word === 'pi' ? Math.PI : Number(word);
}

/** Skips blanks around what the sticky pattern finds here; null if it finds nothing. */
function take(reader: Reader, pattern: RegExp): string | null {
  const blanks = /\s*/y;
  blanks.lastIndex = reader.at;
  blanks.exec(reader.text);
  pattern.lastIndex = blanks.lastIndex;
  const found = pattern.exec(reader.text);
  reader.at = blanks.lastIndex;
  if (found === null) return null;
  blanks.lastIndex = reader.at + found[0].length;
  blanks.exec(reader.text);
  reader.at = blanks.lastIndex;
  return found[0];
}

function expectSign(reader: Reader, sign: string): void {
  if (take(reader, new RegExp(`\\${sign}`, 'y')) === null) {
    refuse(reader, `"${sign}" is missing`, { expected: `"${sign}"`, fix: `write one of ${forms}` });
  }
}

const here = (reader: Reader): string =>
  reader.at < reader.text.length ? show(reader.text.slice(reader.at, reader.at + 20)) : 'the end';

interface Complaint {
  readonly column?: number;
  readonly got?: string;
  readonly expected?: string;
  readonly fix?: string;
}

function refuse(reader: Reader, problem: string, complaint: Complaint): never {
  const { column = reader.at + 1, got = here(reader), expected = forms, fix = 'write one of these forms' } = complaint;
  return fail({
    code: 'parse',
    where: 'parseSpace',
    problem,
    path: `column ${column}`,
    got,
    expected,
    fix,
    details: { text: reader.text, column },
  });
}
