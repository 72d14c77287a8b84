import { styleText } from 'node:util';
import type { Claim } from '@muflow/core';

const marks = { holds: '✓', fails: '✗', undecided: '?' } as const;
const colors = { holds: 'green', fails: 'red', undecided: 'yellow' } as const;

/** Claims as lines for a terminal of `columns` characters: verdict, statement, and both numbers below it. */
export function claimsTable(
  claims: readonly Claim[],
  options: { readonly color: boolean; readonly columns: number },
): string {
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    options.color ? styleText(format, text, { validateStream: false }) : text;
  const width = Math.max(40, Math.min(110, options.columns)) - 4;
  return claims
    .map((claim) => {
      const mark = paint(colors[claim.verdict], marks[claim.verdict]);
      const statement = wrap(claim.statement, width).join('\n    ');
      const figures = wrap(`predicted ${claim.prediction}; measured ${claim.measurement}`, width).join('\n    ');
      return `  ${mark} ${statement}\n    ${paint('dim', figures)}`;
    })
    .join('\n');
}

/** Breaks text at spaces into lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
