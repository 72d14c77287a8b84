import type { RandomStream } from '@muflow/core';
import { chance, pick } from './random.js';

/** Formulas that are right in the scope {@link textVariables}. */
export const goodTexts: readonly string[] = [
  '0',
  's',
  't * s',
  'cos(2*pi*(s - t)) + 0.3*s*t',
  't*relu(dot(x, y) + s)',
  'norm2(x - y) / 2',
  'exp(-norm2(x - y))',
  'x[0] * y[1] + tanh(x[1] * y[1])',
  '(x[0] - 1)^2 + 100*(x[1] - x[0]^2)^2',
  'log(1 + exp(-s)) ** 2',
  'min(s, t, 1) + max(x[0], y[0])',
  'sum(abs(x) * sign(y))',
  'norm([s, t]) - sqrt(1 + s^2)',
  'softplus(s) / (1 + sigmoid(-t))',
  'sinh(s) * cosh(t) - tan(s*t/4)',
  'erf(s) + step(t) + pow(2, s)',
  '1e-3*s^3 - .5*t + 2.*e',
  '-s^-2',
  '((((s))))',
  'dot([1, 2], x*s)',
];

/** Names of every role and size. */
export const textVariables = {
  x: { role: 'row', size: 2 },
  y: { role: 'column', size: 2 },
  s: { role: 'row' },
  t: { role: 'uniform' },
} as const;

const numbers = '1e400 1e308 1e-400 -0 99999999999999999999 0x10 .5 5. 1e 1e+ 1.2.3 1_000 0b1 007 Infinity NaN'.split(
  ' ',
);
const names = 'x y s t z pi e exp foo relu Math eval constructor __proto__ toString hasOwnProperty prototype'.split(
  ' ',
);
const signs = '+ - * / ^ ** ( ) [ ] , . ; = == < > ! ? : & | { } " \' ` \\ $ # @ ~ %'.split(' ');
const strange = [
  '−',
  '×',
  '÷',
  '·',
  'π',
  '²',
  '√',
  '∞',
  '（',
  'é',
  '😀',
  '\ud800',
  '\udfff',
  '\u0000',
  '\u200b',
  '\ufeff',
  '\n',
  '\t',
  '\u2028',
];
const nests = [
  ['(', ')'],
  ['[', ']'],
  ['exp(', ')'],
  ['-', ''],
  ['tan(', ')'],
  ['sinh(', ')'],
  ['2^', ''],
  ['x[', ']'],
  ['min(1,', ')'],
  ['s^2 + (', ')'],
];

/** The `k`-th kind of wrong or right text in turn: characters, words, or a right formula damaged. */
export function randomText(random: RandomStream, k: number): string {
  if (k % 3 === 0) return characters(random);
  return k % 3 === 1 ? words(random) : damagedText(random, pick(random, goodTexts));
}

function characters(random: RandomStream): string {
  const length = random.integer(40);
  const anything = chance(random, 0.3);
  return Array.from({ length }, () =>
    String.fromCharCode(anything ? random.integer(65_536) : 32 + random.integer(95)),
  ).join('');
}

function words(random: RandomStream): string {
  const pools = [
    numbers,
    names,
    signs.slice(0, 11),
    ['s', 't', 'x', 'y', '1', '2.5'],
    chance(random, 0.2) ? strange : signs,
  ];
  const glue = chance(random, 0.5) ? ' ' : '';
  return Array.from({ length: 1 + random.integer(20) }, () => pick(random, pick(random, pools))).join(glue);
}

/** A text with one to three faults put in. */
export function damagedText(random: RandomStream, text: string): string {
  let damaged = text;
  for (let k = random.integer(3); k >= 0; k--) damaged = damageOnce(random, damaged);
  return damaged;
}

function damageOnce(random: RandomStream, text: string): string {
  const at = random.integer(text.length + 1);
  const [head, tail] = [text.slice(0, at), text.slice(at)];
  switch (random.integer(9)) {
    case 0:
      return head + tail.slice(1);
    case 1:
      return head + tail.slice(0, 1) + tail;
    case 2:
      return head;
    case 3:
      return head + pick(random, signs) + tail;
    case 4:
      return head + pick(random, strange) + tail;
    case 5:
      return text.replace(/\d+\.?\d*/, pick(random, numbers));
    case 6:
      return text.replace(/[a-z]+/, pick(random, names));
    case 7:
      return nested(random, text);
    default:
      return Array.from({ length: 1 + random.integer(pick(random, [5, 300])) }, () => text).join(
        pick(random, ['+', '*', '', ',', '^']),
      );
  }
}

/** Brackets or calls around a text, closed or not, sometimes far too many. */
function nested(random: RandomStream, text: string): string {
  const [open, close] = pick(random, nests);
  const levels = 1 + random.integer(pick(random, [5, 150, 3000]));
  return (
    open.repeat(levels) + text + (chance(random, 0.7) ? close.repeat(levels) : '') + (chance(random, 0.2) ? '[0]' : '')
  );
}
