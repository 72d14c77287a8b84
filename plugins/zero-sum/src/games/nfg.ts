import { fail, matrixGame, type SmoothGame, show } from '@muflow/core';
import { complain, type NfgToken, nfgNumber, nfgTokens } from './nfgText.js';

/** A two-player matrix game as Gambit's strategic form keeps it. */
export interface NfgGame {
  readonly title: string;
  readonly players: readonly [string, string];
  /** Names of the actions of either player. */
  readonly actions: readonly [readonly string[], readonly string[]];
  /** `payoff[i][j]`, what player 1 (rows, minimizes) pays to player 2 (columns, maximizes). */
  readonly payoff: readonly (readonly number[])[];
  /** The two utilities of every cell sum to this; 0 for a zero-sum game. */
  readonly sum: number;
}

/**
 * Reads a two-player zero-sum or constant-sum game in Gambit's `.nfg` format, payoff and outcome version
 * [SavaniTurocy2025]. Players there maximize utilities u1, u2; here player 1 minimizes the payoff, which is u2. In a
 * constant-sum game, `u1 = sum - u2`, so equilibria are the same and u1 has the value `sum` less ours.
 * Sums may differ by rounding, 1e-9 relative.
 *
 * @throws `parse` with line and column for what is no such file, and with the offending cell where utilities do not
 * have one sum.
 * @example
 * readNfg('NFG 1 R "" { "a" "b" } { 1 2 }  -3 3  -4 4').payoff; // [[3, 4]]
 */
export function readNfg(text: string): NfgGame {
  const reader = makeReader(nfgTokens(text));
  reader.word('NFG');
  reader.number();
  const version = reader.next();
  if (version.kind !== 'word' || !['R', 'D'].includes(version.text))
    complain(version, 'the kind of numbers is unknown', 'R');
  const title = reader.text();
  const players = reader.texts();
  if (players.length !== 2) complain(reader.last(), `the game has ${players.length} players`, 'two players');
  const actions = readActions(reader);
  if (reader.peek().kind === 'text') reader.next();
  const [rows, columns] = actions.map((names) => names.length);
  const places = reader.peek().text === '{' ? readOutcomes(reader, rows * columns) : undefined;
  const cells: [number, number][] =
    places ?? Array.from({ length: rows * columns }, () => [reader.number(), reader.number()]);
  const rest = reader.next();
  if (rest.kind !== 'end')
    complain(rest, 'the file goes on after the last payoff', `${rows} x ${columns} pairs of payoffs`);
  const sum = commonSum(cells, rows);
  const payoff = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => cells[i + j * rows][1]),
  );
  return { title, players: [players[0], players[1]], actions: [actions[0], actions[1]], payoff, sum };
}

/** The game itself; its value is that of player 2's utility. */
export const nfgMatrixGame = ({ payoff, title }: NfgGame): SmoothGame => matrixGame(payoff, title || 'matrix game');

/**
 * Writes a matrix game (row player minimizes) as Gambit's `.nfg`, payoff version: utilities `sum - payoff` and
 * `payoff`. Numbers are decimals that read back as the same doubles.
 * @throws `shape-mismatch` for an empty or ragged matrix.
 */
export function writeNfg(game: Partial<NfgGame> & Pick<NfgGame, 'payoff'>): string {
  const { payoff, title = '', players = ['Player 1', 'Player 2'], sum = 0 } = game;
  // Refuses ragged matrices and entries that are not finite.
  matrixGame(payoff);
  const [rows, columns] = [payoff.length, payoff[0].length];
  const numbered = (count: number): string[] => Array.from({ length: count }, (_, k) => String(k + 1));
  const actions = game.actions ?? [numbered(rows), numbered(columns)];
  if (actions[0].length !== rows || actions[1].length !== columns) {
    fail({
      code: 'shape-mismatch',
      where: 'writeNfg',
      problem: 'the names of actions do not fit the matrix',
      got: `${actions[0].length} and ${actions[1].length} names`,
      expected: `${rows} and ${columns}`,
      fix: 'leave the names out, or give one for every row and column',
    });
  }
  const lines = Array.from({ length: columns }, (_, j) =>
    payoff.map((row) => `${decimal(sum - row[j])} ${decimal(row[j])}`).join(' '),
  );
  const names = actions.map((list) => `{ ${list.map(quoted).join(' ')} }`);
  return `NFG 1 R ${quoted(title)} { ${players.map(quoted).join(' ')} }\n\n{ ${names.join('\n')}\n}\n\n${lines.join('\n')}\n`;
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** The shortest decimal that reads back as the same double; -0 as 0. */
const decimal = (value: number): string => String(value + 0);

type Reader = ReturnType<typeof makeReader>;

function makeReader(tokens: readonly NfgToken[]) {
  let at = 0;
  const next = (): NfgToken => tokens[Math.min(at++, tokens.length - 1)];
  const reader = {
    next,
    peek: (): NfgToken => tokens[Math.min(at, tokens.length - 1)],
    last: (): NfgToken => tokens[Math.max(0, at - 1)],
    word(expected: string): void {
      const token = next();
      if (token.kind !== 'word' || token.text !== expected)
        complain(token, 'this is no .nfg file', `${expected} at the start`);
    },
    number(): number {
      const token = next();
      return token.kind === 'number'
        ? nfgNumber(token)
        : complain(token, 'a number is missing', 'a decimal or a rational');
    },
    text(): string {
      const token = next();
      return token.kind === 'text'
        ? token.text
        : complain(token, 'a quoted text is missing', 'a text in double quotes');
    },
    brace(expected: '{' | '}'): void {
      const token = next();
      if (token.kind !== 'brace' || token.text !== expected)
        complain(token, `"${expected}" is missing`, `"${expected}"`);
    },
    /** `{ "a" "b" … }`. */
    texts(): string[] {
      const list: string[] = [];
      reader.brace('{');
      while (reader.peek().kind === 'text') list.push(reader.text());
      reader.brace('}');
      return list;
    },
  };
  return reader;
}

/** `{ 2 3 }` or `{ { "a" "b" } { "c" "d" "e" } }`: the actions of either player. */
function readActions(reader: Reader): string[][] {
  const lists: string[][] = [];
  reader.brace('{');
  while (reader.peek().text !== '}' || reader.peek().kind !== 'brace') {
    if (reader.peek().kind === 'brace') {
      lists.push(reader.texts());
      continue;
    }
    const token = reader.peek();
    const count = reader.number();
    if (!Number.isInteger(count) || count > 100_000)
      complain(token, 'the number of actions is not usable', 'an integer from 1');
    lists.push(Array.from({ length: count }, (_, k) => String(k + 1)));
  }
  reader.brace('}');
  if (lists.length !== 2)
    complain(reader.last(), `there are actions of ${lists.length} players`, 'two lists, or two numbers');
  if (lists.some((list) => list.length === 0))
    complain(reader.last(), 'a player has no action', 'one action or more for either player');
  return lists;
}

/** `{ { "name" u1 u2 } … }` and then the number of the outcome of every cell, 0 for none, which pays nothing. */
function readOutcomes(reader: Reader, count: number): [number, number][] {
  const outcomes: [number, number][] = [[0, 0]];
  reader.brace('{');
  while (reader.peek().text === '{' && reader.peek().kind === 'brace') {
    reader.brace('{');
    reader.text();
    outcomes.push([reader.number(), reader.number()]);
    reader.brace('}');
  }
  reader.brace('}');
  return Array.from({ length: count }, () => {
    const index = reader.number();
    return (
      outcomes[index] ??
      complain(reader.last(), 'there is no such outcome', `a number from 0 to ${outcomes.length - 1}`)
    );
  });
}

/** The sum that both utilities have in every cell; cells count player 1's action fastest. */
function commonSum(cells: readonly (readonly [number, number])[], rows: number): number {
  const sum = cells[0][0] + cells[0][1];
  cells.forEach(([u1, u2], k) => {
    const scale = Math.max(Math.abs(u1), Math.abs(u2), Math.abs(sum));
    if (Math.abs(u1 + u2 - sum) <= 1e-9 * scale) return;
    fail({
      code: 'parse',
      where: 'readNfg',
      problem: 'the game is not zero-sum, nor of constant sum',
      path: `row ${(k % rows) + 1}, column ${Math.floor(k / rows) + 1}`,
      got: `utilities ${show(u1)} and ${show(u2)}, sum ${show(u1 + u2)}`,
      expected: `sum ${show(sum)}, as in row 1, column 1`,
      fix: 'muflow solves two-player games whose utilities have one sum; use Gambit for others',
    });
  });
  // Rounding of decimals such as 0.1 - 0.1 must not make a zero-sum game one of constant sum.
  const largest = cells.reduce((most, [u1, u2]) => Math.max(most, Math.abs(u1), Math.abs(u2)), 0);
  return Math.abs(sum) <= 1e-9 * largest ? 0 : sum;
}
