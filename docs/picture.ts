import {
  diracs,
  extragradient,
  type Frame,
  gameFlow,
  gradientFlow,
  grid,
  heun,
  type Measure,
  mmdEnergy,
  simulate,
  torus,
  wassersteinFisherRao,
  withMasses,
  zeroSumGame,
} from '@muflow/core';

const navy = '#22507a';
const coral = '#e4572e';
const gray = '#59636e';

/**
 * The picture of the README, drawn from two runs. Left, a Wasserstein-Fisher-Rao gradient flow from a circle to
 * the letter mu. Right, the mixed strategies of two players against time, in a game where plain descent-ascent cycles.
 */
export function pictureSvg(): string {
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 420" width="960" height="420" role="img">',
    '<title>Atoms of measures in motion</title>',
    '<rect x="0.5" y="0.5" width="959" height="419" rx="14" fill="#ffffff" stroke="#d1d9e0"/>',
    `<g font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" font-size="14" fill="${gray}">`,
    '<text x="32" y="398">An energy: atoms travel and trade mass until they write a letter</text>',
    '<text x="568" y="398">A game: two mixed strategies settle, against time</text>',
    '</g>',
    ...letterMarks(letterFrames()),
    ...gameMarks(gameFrames()),
    '</svg>\n',
  ].join('\n');
}

/** Descends half the squared energy distance to the letter, `(1/2) int int -|x - y| d(mu - nu) d(mu - nu)`. */
function letterFrames(): readonly Frame[] {
  const energy = mmdEnergy({ target: diracs(letterPoints()), kernel: '-sqrt(norm2(x - y) + 1e-3)' });
  const angles = Array.from({ length: 144 }, (_, i) => (2 * Math.PI * i) / 144);
  const initial = diracs(angles.map((angle) => [-0.1 + 1.75 * Math.cos(angle), -0.15 + 1.75 * Math.sin(angle)]));
  const flow = gradientFlow(energy, wassersteinFisherRao({ alpha: 0.4 }));
  return simulate({ flow, initial }, { stepper: heun(), dt: 0.08, maxTime: 64, record: { every: 16 } }).frames;
}

/** Points along the three strokes of the letter mu, evenly weighted by length. */
function letterPoints(): readonly (readonly [number, number])[] {
  const stroke = (count: number, at: (t: number) => readonly [number, number]) =>
    Array.from({ length: count }, (_, k) => at((k + 0.5) / count));
  return [
    ...stroke(40, (t) => [-0.86 + 0.14 * t, -1.45 + 2.55 * t]),
    ...stroke(26, (t) => [
      -0.78 + 1.24 * (1 - Math.cos(Math.PI * t)) * 0.5,
      -0.12 - 0.56 * Math.sin(Math.PI * t) - 0.1 * t,
    ]),
    ...stroke(20, (t) => [0.46 + 0.08 * t, -0.22 + 1.32 * t]),
    ...stroke(9, (t) => [0.46 + 0.44 * t, -0.22 - 0.46 * Math.sin(Math.PI * (0.85 * t)) + 0.05 * t]),
  ];
}

/** Mirror-prox on the game whose descent-ascent cycles, from strategies that lean to one side. */
function gameFrames(): readonly Frame[] {
  const circle = torus(1);
  const game = zeroSumGame({ payoff: 'sin(4*pi*x) + sin(4*pi*y) + 2*cos(2*pi*(x + y))', spaces: [circle, circle] });
  const flow = gameFlow(game, wassersteinFisherRao({ alpha: 0.06, gamma: 0.0003 }));
  const start = grid(circle, 16);
  const leaning = withMasses(
    start,
    start.positions.map((x) => (1 + 0.9 * Math.cos(2 * Math.PI * (x - 0.3))) / 16),
  );
  const plan = { stepper: extragradient({ ratio: true }), dt: 1, maxSteps: 420, record: { every: 4 } };
  return simulate({ flow, initial: [leaning, leaning] }, plan).frames;
}

/** Paths, where atoms came from, and where they are, with the area of a dot as its mass. */
function letterMarks(frames: readonly Frame[]): readonly string[] {
  const measures = frames.map(({ profile }) => profile[0]);
  const [first, last] = [measures[0], measures[measures.length - 1]];
  const x = (mu: Measure, i: number): string => (270 + 98 * mu.positions[2 * i]).toFixed(1);
  const y = (mu: Measure, i: number): string => (178 - 98 * mu.positions[2 * i + 1]).toFixed(1);
  const atoms = Array.from({ length: last.count }, (_, i) => i);
  return [
    `<g fill="none" stroke="${navy}" stroke-opacity="0.33" stroke-width="1">`,
    ...atoms.map((i) => `<polyline points="${measures.map((mu) => `${x(mu, i)},${y(mu, i)}`).join(' ')}"/>`),
    `</g><g fill="${navy}" fill-opacity="0.55">`,
    ...atoms.map((i) => `<circle cx="${x(first, i)}" cy="${y(first, i)}" r="1.9"/>`),
    `</g><g fill="${coral}" fill-opacity="0.85">`,
    ...atoms
      .map((i) => [i, Math.sqrt(last.masses[i] * 2600)] as const)
      .filter(([, radius]) => radius > 0.3)
      .map(([i, radius]) => `<circle cx="${x(last, i)}" cy="${y(last, i)}" r="${radius.toFixed(1)}"/>`),
    '</g>',
  ];
}

/** Every atom as a ribbon along time whose width is its mass; one that goes around the circle is cut. */
function gameMarks(frames: readonly Frame[]): readonly string[] {
  const end = frames[frames.length - 1].time;
  return [navy, coral].flatMap((color, player) => {
    const ribbons = Array.from({ length: frames[0].profile[player].count }, (_, i) => {
      const pieces: (readonly [number, number, number])[][] = [[]];
      for (const { time, profile } of frames) {
        const [at, mass] = [profile[player].positions[i], profile[player].masses[i]];
        const piece = pieces[pieces.length - 1];
        if (piece.length > 0 && Math.abs(piece[piece.length - 1][1] - at) > 0.5) pieces.push([]);
        if (mass > 2e-3) pieces[pieces.length - 1].push([time / end, at, mass]);
      }
      return pieces
        .filter((piece) => piece.length > 1)
        .map(ribbon)
        .join('');
    });
    return [`<g fill="${color}" fill-opacity="0.72">`, ...ribbons.filter((text) => text !== ''), '</g>'];
  });
}

function ribbon(piece: readonly (readonly [number, number, number])[]): string {
  const edge = (side: number) =>
    piece.map(([t, at, mass]) => `${(568 + 360 * t).toFixed(1)},${(356 - 326 * at + side * 34 * mass).toFixed(1)}`);
  return `<polygon points="${[...edge(-1), ...edge(1).reverse()].join(' ')}"/>`;
}
