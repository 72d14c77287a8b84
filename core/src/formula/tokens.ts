import { fail } from '../errors.js';

export interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end';
  readonly text: string;
  /** Column in the text, counted from 1. */
  readonly column: number;
}

const numberPattern = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const namePattern = /[A-Za-z_][A-Za-z0-9_]*/y;
const symbolPattern = /\*\*|[-+*/^(),[\]]/y;
const spacePattern = /\s*/y;

/** The longest formula text that is read. */
export const maxLength = 10_000;

/** Characters that word processors and PDFs put in the place of what is meant. */
const lookalikes: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '×': '*',
  '·': '*',
  '⋅': '*',
  '∗': '*',
  '÷': '/',
  '²': '^2',
  '³': '^3',
  π: 'pi',
  '√': 'sqrt(…)',
};

/** One error for every fault of a text: it names the column and shows the place. */
export function parseFailure(text: string, column: number, problem: string, expected: string, fix: string): never {
  const from = Math.max(0, column - 1 - 30);
  const piece = text.slice(from, column - 1 + 30).replace(/\s/g, ' ');
  return fail({
    code: 'parse',
    where: 'parseFormula',
    problem,
    path: `column ${column}`,
    got:
      column > text.length
        ? `the end of ${JSON.stringify(piece)}`
        : `…${JSON.stringify(text.slice(column - 1, column + 19))}`,
    expected,
    fix,
    details: { column, snippet: `${piece}\n${' '.repeat(column - 1 - from)}^` },
  });
}

/** Splits a text into numbers, names and symbols; anything else is refused at its column. */
export function tokenize(text: string): Token[] {
  if (text.length > maxLength) {
    parseFailure(
      text,
      maxLength + 1,
      `the formula has ${text.length} characters`,
      `at most ${maxLength}`,
      'build it with functions instead',
    );
  }
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    at += match(spacePattern)?.length ?? 0;
    const column = at + 1;
    if (at >= text.length) return [...tokens, { kind: 'end', text: '', column }];
    const number = match(numberPattern);
    const name = number === undefined ? match(namePattern) : undefined;
    const symbol = number === undefined && name === undefined ? match(symbolPattern) : undefined;
    const found = number ?? name ?? symbol;
    if (found === undefined) {
      const meant = Object.hasOwn(lookalikes, text[at]) ? lookalikes[text[at]] : undefined;
      parseFailure(
        text,
        column,
        'a character has no meaning here',
        'numbers, names, + - * / ^ ( ) [ ] and commas',
        meant === undefined
          ? 'remove it; comparisons are written with step, sign, min or max'
          : `write ${meant} for it`,
      );
    }
    tokens.push({
      kind: number !== undefined ? 'number' : name !== undefined ? 'name' : 'symbol',
      text: found,
      column,
    });
    at += found.length;
  }
}
