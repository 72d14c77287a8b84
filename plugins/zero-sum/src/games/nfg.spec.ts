import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NfgGame, nfgMatrixGame, readNfg, writeNfg } from './nfg.js';

const entry = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
const name = fc.string({ unit: fc.constantFrom('a', '"', '\\', ' ', '{', 'é', '7'), maxLength: 6 });

test('a zero-sum game that is written reads back the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(entry),
      fc.infiniteStream(name),
      (rows, columns, numbers, names) => {
        const next = <T>(stream: Iterator<T>): T => stream.next().value as T;
        // Gambit has one zero.
        const payoff = Array.from({ length: rows }, () => Array.from({ length: columns }, () => next(numbers) + 0));
        const actions = [rows, columns].map((count) => Array.from({ length: count }, () => next(names)));
        const game: NfgGame = {
          title: next(names),
          players: [next(names), next(names)],
          actions: [actions[0], actions[1]],
          payoff,
          sum: 0,
        };
        expect(readNfg(writeNfg(game))).toEqual(game);
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});

test('a constant-sum game keeps its payoff exactly and its sum up to rounding', () => {
  const payoff = [
    [0.1, 0.7, 1 / 3],
    [0.25, 0, 1],
  ];
  const again = readNfg(writeNfg({ payoff, sum: 1, title: 'shares' }));
  expect(again.payoff).toEqual(payoff);
  expect(again.sum).toBeCloseTo(1, 15);
  expect(again.title).toBe('shares');
});

test("player 1's action counts fastest, and player 1 pays what player 2 gets", () => {
  const game = readNfg('NFG 1 R "t" { "A" "B" } { 2 3 }\n\n-1 1 -2 2 -3 3 -4 4 -5 5 -6 6');
  expect(game.payoff).toEqual([
    [1, 3, 5],
    [2, 4, 6],
  ]);
  expect(game.actions).toEqual([
    ['1', '2'],
    ['1', '2', '3'],
  ]);
  expect(nfgMatrixGame(game).spaces.map((space) => space.volume)).toEqual([2, 3]);
});

test('rationals, exponents, commas and comments are read', () => {
  const text =
    'NFG 1 R "r" { "A" "B" }\n{ { "up" "down" } { "l" "r" } }\n"a comment"\n-1/3, 1/3, -1.5e1 15 2/4 -.5 0 0';
  expect(readNfg(text)).toMatchObject({
    payoff: [
      [1 / 3, -0.5],
      [15, 0],
    ],
    sum: 0,
    actions: [
      ['up', 'down'],
      ['l', 'r'],
    ],
  });
});

test('the outcome version is read, outcome 0 paying nothing', () => {
  const text = `NFG 1 R "outcomes" { "A" "B" } { { "1" "2" } { "1" "2" } } ""
{ { "win" 1, -1 } { "loss" -1, 1 } }
1 2 0 1`;
  expect(readNfg(text).payoff).toEqual([
    [-1, 0],
    [1, -1],
  ]);
});

test('what Gambit 17 writes of a game that we wrote is the game', () => {
  const written = `NFG 1 R "" { "Player 1" "Player 2" }

{ { "1" "2" }
{ "1" "2" }
}
""

{
{ "1" 0.75, 0.25 }
{ "2" 0, 1 }
{ "3" 0.5, 0.5 }
{ "4" 1, 0 }
}
1 2 3 4 
`;
  const payoff = [
    [0.25, 0.5],
    [1, 0],
  ];
  expect(readNfg(written)).toEqual(readNfg(writeNfg({ payoff, sum: 1 })));
});

describe('what is no two-player constant-sum game is refused where it is wrong', () => {
  const head = 'NFG 1 R "t" { "A" "B" } { 2 2 }\n';
  test.each([
    ['', /this is no .nfg file at line 1, column 1, got the end of the file/],
    ['EFG 2 R', /this is no .nfg file at line 1, column 1, got "EFG"/],
    ['NFG 1 X "t"', /the kind of numbers is unknown at line 1, column 7, got "X"/],
    ['NFG 1 R "t" { "A" "B" "C" } { 2 2 2 }', /the game has 3 players/],
    ['NFG 1 R "t" { "A" "B" } { 2 }', /there are actions of 1 players/],
    ['NFG 1 R "t" { "A" "B" } { 2 0 }', /a player has no action/],
    ['NFG 1 R "t" { "A" "B" } { 2 1.5 }', /the number of actions is not usable at line 1, column 29, got "1.5"/],
    [`${head}-1 1 -2 2 -3 3 -4`, /a number is missing at line 2, column 18, got the end of the file/],
    [`${head}-1 1 -2 2 -3 3 -4 4 5`, /the file goes on after the last payoff at line 2, column 21, got "5"/],
    [`${head}-1 1 -2 2 -3 3 -4 1/0`, /a number is not finite at line 2, column 19, got "1\/0"/],
    [`${head}-1 1 -2 2 -3 ; 3`, /this is no part of a .nfg file at line 2, column 14/],
    [
      `${head}-1 1 -2 2 -3 3.5 -4 4`,
      /\[readNfg\] the game is not zero-sum, nor of constant sum at row 1, column 2, got utilities -3 and 3.5, sum 0.5, expected sum 0, as in row 1, column 1/,
    ],
    [`${head}{ { "w" 1 -1 } } 1 2 0 0`, /there is no such outcome at line 2, column 20, got "2"/],
  ])('%j', (text, message) => {
    expect(() => readNfg(text)).toThrow(message);
  });

  test('what cannot be written is refused', () => {
    expect(() => writeNfg({ payoff: [[1], [1, 2]] })).toThrow(/row 1 has another length/);
    expect(() => writeNfg({ payoff: [[1, 2]], actions: [['a'], ['b']] })).toThrow(
      /the names of actions do not fit the matrix, got 1 and 1 names, expected 1 and 2/,
    );
  });
});
