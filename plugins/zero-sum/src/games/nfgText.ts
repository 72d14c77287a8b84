import { fail, show } from '@muflow/core';

/** A piece of a .nfg file with its line and column, from 1. */
export interface NfgToken {
  readonly kind: 'brace' | 'text' | 'number' | 'word' | 'end';
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

const pattern =
  /[\s,]+|([{}])|"((?:[^"\\]|\\.)*)"|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:\/\d+)?)(?![\w.])|([A-Za-z_]\w*)/y;

/** Splits the text into braces, quoted texts, numbers and words; blanks and commas separate. */
export function nfgTokens(text: string): NfgToken[] {
  const tokens: NfgToken[] = [];
  let line = 1;
  let lineStart = 0;
  for (pattern.lastIndex = 0; pattern.lastIndex < text.length; ) {
    const at = pattern.lastIndex;
    const found = pattern.exec(text);
    const place = { line, column: at - lineStart + 1 };
    if (found === null) {
      return complain(
        { kind: 'word', text: text.slice(at, at + 20), ...place },
        'this is no part of a .nfg file',
        'a number, a quoted text or a brace',
      );
    }
    const [whole, brace, quoted, number, word] = found;
    if (brace !== undefined) tokens.push({ kind: 'brace', text: brace, ...place });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replace(/\\(.)/gs, '$1'), ...place });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, ...place });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, ...place });
    for (let i = whole.indexOf('\n'); i >= 0; i = whole.indexOf('\n', i + 1)) {
      line++;
      lineStart = at + i + 1;
    }
  }
  tokens.push({ kind: 'end', text: 'the end', line, column: text.length - lineStart + 1 });
  return tokens;
}

/** A decimal such as `-1.5e3` or a rational such as `1/3`. */
export function nfgNumber(token: NfgToken): number {
  const [above, below = '1'] = token.text.split('/');
  const value = Number(above) / Number(below);
  if (Number.isFinite(value)) return value;
  return complain(token, 'a number is not finite', 'a decimal or a rational such as 1/3');
}

/** Fails at a token. */
export function complain(token: NfgToken, problem: string, expected: string): never {
  return fail({
    code: 'parse',
    where: 'readNfg',
    problem,
    path: `line ${token.line}, column ${token.column}`,
    got: token.kind === 'end' ? 'the end of the file' : show(token.text),
    expected,
    fix: 'compare with: NFG 1 R "title" { "P1" "P2" } { 2 2 } followed by the payoffs',
  });
}
