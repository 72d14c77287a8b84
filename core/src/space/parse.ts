import { fail } from '../errors.js';
import { box } from './box.js';
import { euclidean } from './euclidean.js';
import { finite } from './finite.js';
import { product } from './product.js';
import { simplex } from './simplex.js';
import type { Space } from './space.js';
import { sphere } from './sphere.js';
import { torus } from './torus.js';

const forms = '"[-1,1]", "[-1,1],[0,2]", "torus(2)", "sphere(3)", "simplex(3)", "finite(4)", "euclidean(2)" or "product(A x B)"';
const numberText = '[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?';
const callPattern = new RegExp(`^(euclidean|torus|sphere|simplex|finite)\\(\\s*(\\d+)\\s*(?:,\\s*(${numberText})\\s*)?\\)$`);
const intervalPattern = new RegExp(`\\[\\s*(${numberText})\\s*,\\s*(${numberText})\\s*\\]`, 'y');

/**
 * Reads the text of a space: comma-separated intervals make a box, the other families are called by name.
 * `parseSpace(space.name)` gives an equal space.
 * @throws `parse` naming the column.
 */
export function parseSpace(text: string): Space {
  const trimmed = text.trim();
  if (trimmed.startsWith('product(') && trimmed.endsWith(')')) {
    return product(splitFactors(trimmed.slice(8, -1)).map((part) => parseSpace(part)));
  }
  const call = callPattern.exec(trimmed);
  if (call) return makeSpace(call[1], Number(call[2]), call[3] === undefined ? undefined : Number(call[3]), text);
  return box(parseIntervals(text));
}

function makeSpace(kind: string, size: number, extra: number | undefined, text: string): Space {
  if (kind === 'torus') return torus(size, extra === undefined ? {} : { period: extra });
  if (kind === 'sphere') return sphere(size, extra === undefined ? {} : { radius: extra });
  if (extra !== undefined) unreadable(text, text.indexOf(',') + 1);
  return kind === 'simplex' ? simplex(size) : kind === 'finite' ? finite(size) : euclidean(size);
}

/** Splits at ` x ` outside brackets. */
function splitFactors(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if (letter === '(' || letter === '[') depth++;
    if (letter === ')' || letter === ']') depth--;
    if (letter === 'x' && depth === 0 && parts[parts.length - 1].endsWith(' ')) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}

function parseIntervals(text: string): [number, number][] {
  const intervals: [number, number][] = [];
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found !== null;
  };
  for (;;) {
    skip(/\s*/y);
    intervalPattern.lastIndex = at;
    const match = intervalPattern.exec(text);
    if (!match) unreadable(text, at + 1);
    intervals.push([Number(match[1]), Number(match[2])]);
    at += match[0].length;
    skip(/\s*/y);
    if (at === text.length) return intervals;
    if (!skip(/,/y)) unreadable(text, at + 1);
  }
}

function unreadable(text: string, column: number): never {
  return fail({
    code: 'parse',
    where: 'parseSpace',
    problem: 'the space cannot be read',
    path: `column ${column}`,
    got: JSON.stringify(text.slice(0, 60)),
    expected: forms,
    fix: 'write one of these forms',
  });
}
