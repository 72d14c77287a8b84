import { fail, show } from '../errors.js';

/** What {@link scanCsv} reports: fields by their place in the text, so that nothing is copied. */
export interface CsvSink {
  /** A field is `text.slice(from, to)`, trimmed; in a quoted one a doubled quote stands for one. */
  field(from: number, to: number, quoted: boolean): void;
  /** The end of a row that starts on this line (from 1). */
  endRow(line: number): void;
}

const comma = 44;
const newline = 10;
const carriage = 13;
const quote = 34;

/**
 * One pass over comma-separated values (RFC 4180): quoted fields, doubled quotes, line breaks inside quotes, any line
 * ending. Blank rows are reported as rows with one empty field. Cost O(length), nothing allocated.
 *
 * @throws `parse` with the line for a quote that is never closed and for text behind a closed one.
 */
export function scanCsv(text: string, sink: CsvSink, where = 'scanCsv'): void {
  const length = text.length;
  let [at, line, start] = [0, 1, 1];
  while (at < length) {
    let from = at;
    while (from < length && isBlank(text.charCodeAt(from))) from++;
    if (text.charCodeAt(from) === quote) {
      const close = closingQuote(text, from, line, where);
      sink.field(from + 1, close, true);
      line += breaksWithin(text, from + 1, close);
      at = close + 1;
      while (at < length && isBlank(text.charCodeAt(at))) at++;
    } else {
      at = endOfField(text, at);
      let to = at;
      while (from < to && isSpace(text.charCodeAt(from))) from++;
      while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
      sink.field(from, to, false);
    }
    const code = text.charCodeAt(at);
    if (code === comma && at + 1 < length) {
      at++;
      continue;
    }
    if (code === comma) sink.field(length, length, false);
    sink.endRow(start);
    at += code === carriage && text.charCodeAt(at + 1) === newline ? 2 : 1;
    start = ++line;
  }
}

/** The text of a field that {@link scanCsv} has reported. */
export const fieldText = (text: string, from: number, to: number, quoted: boolean): string =>
  quoted ? text.slice(from, to).replaceAll('""', '"') : text.slice(from, to);

/** Exact powers of ten. */
const powers = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

/**
 * The number that `text.slice(from, to)` spells in decimals, as `Number` reads it; NaN for anything else (blank,
 * hexadecimal, words). Up to 15 digits with a power of ten up to 22 are read in place: the quotient or product of two
 * exact doubles rounds once.
 */
export function decimalAt(text: string, from: number, to: number): number {
  let at = from;
  let code = text.charCodeAt(at);
  const negative = code === 45;
  if (negative || code === 43) at++;
  let [mantissa, digits, scale, seen] = [0, 0, 0, 0];
  for (; at < to && (code = text.charCodeAt(at) - 48) >= 0 && code <= 9; at++, seen++) {
    mantissa = mantissa * 10 + code;
    if (mantissa > 0) digits++;
  }
  if (at < to && text.charCodeAt(at) === 46) {
    for (at++; at < to && (code = text.charCodeAt(at) - 48) >= 0 && code <= 9; at++, seen++, scale--) {
      mantissa = mantissa * 10 + code;
      if (mantissa > 0) digits++;
    }
  }
  if (seen === 0) return Number.NaN;
  if (at < to && (text.charCodeAt(at) | 32) === 101) {
    const sign = text.charCodeAt(++at);
    if (sign === 45 || sign === 43) at++;
    const first = at;
    let exponent = 0;
    for (; at < to && (code = text.charCodeAt(at) - 48) >= 0 && code <= 9; at++) exponent = exponent * 10 + code;
    if (at === first) return Number.NaN;
    scale += sign === 45 ? -exponent : exponent;
  }
  if (at !== to) return Number.NaN;
  if (digits > 15 || scale > 22 || scale < -22) return Number(text.slice(from, to));
  const size = scale < 0 ? mantissa / powers[-scale] : mantissa * powers[scale];
  return negative ? -size : size;
}

const isBlank = (code: number): boolean => code === 32 || code === 9;

function endOfField(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === comma || code === newline || code === carriage) return at;
  }
  return at;
}

/** What `String.trim` takes away, within a line. */
const isSpace = (code: number): boolean =>
  code <= 32 ? isBlank(code) || code === 11 || code === 12 : code > 127 && /\s/.test(String.fromCharCode(code));

function closingQuote(text: string, open: number, line: number, where: string): number {
  let close = text.indexOf('"', open + 1);
  while (close >= 0 && text.charCodeAt(close + 1) === quote) close = text.indexOf('"', close + 2);
  let next = close + 1;
  while (next < text.length && isBlank(text.charCodeAt(next))) next++;
  const code = text.charCodeAt(next);
  const ends = next >= text.length || code === comma || code === newline || code === carriage;
  if (close >= 0 && ends) return close;
  return fail({
    code: 'parse',
    where,
    problem: `${close < 0 ? 'a quote is never closed' : 'text follows a closed quote'} (line ${line})`,
    got: show(text.slice(open, open + 21)),
    expected: 'a quoted field, then a comma',
    fix: 'correct that place in the file',
  });
}

function breaksWithin(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === newline || (code === carriage && text.charCodeAt(at + 1) !== newline)) count++;
  }
  return count;
}
