import type { Solution, SolveProgress, StrategyAtom } from '@muflow/zero-sum';
import { formatNumber } from './report/html.js';

/** The line of progress: round, what was done, and the bracket of the value. */
export function solveLine({ iterations, phase, lower, upper, proven }: SolveProgress): string {
  const ends = `${proven ? '' : 'about '}${bracketText(lower, upper)}`;
  return `round ${iterations}  ${phase}  value in ${ends}  width ${(upper - lower).toExponential(1)}`;
}

/** An interval with as many digits as it takes to tell its ends apart, and two more, rounded outward. */
export function bracketText(lower: number, upper: number): string {
  const width = upper - lower;
  if (!Number.isFinite(width)) return `[${lower}, ${upper}]`;
  const size = Math.max(Math.abs(lower), Math.abs(upper));
  if (size > 0 && (size < 1e-4 || size >= 1e9)) {
    const places = Math.min(15, 2 + Math.max(0, Math.ceil(Math.log10(size / width))));
    return `[${scientific(lower, places, -1)}, ${scientific(upper, places, 1)}]`;
  }
  const places = width > 0 ? Math.min(16, Math.max(3, 2 - Math.floor(Math.log10(width)))) : 16;
  return `[${fixed(lower, places, -1)}, ${fixed(upper, places, 1)}]`;
}

/** Fixed digits, never on the wrong side of the value: rounded down for side -1, up for 1. */
function fixed(value: number, places: number, side: 1 | -1): string {
  const nearest = value.toFixed(places);
  return side * (Number(nearest) - value) >= 0 ? nearest : (value + side * 10 ** -places).toFixed(places);
}

/** The same with an exponent. */
function scientific(value: number, places: number, side: 1 | -1): string {
  const nearest = value.toExponential(places);
  if (side * (Number(nearest) - value) >= 0) return nearest;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - places);
  return (value + side * unit).toExponential(places);
}

const barWidth = 24;

/** The end of a solve for a terminal: the value with its bracket, both strategies with bars, and what to make of it. */
export function solutionText(solution: Solution, tolerance: number, columns: number): string {
  const { value, lower, upper, gap, status, iterations, seconds, method, margin, degenerate, ties } = solution;
  const proof = {
    certified: 'proven',
    budget: `proven, but wider than ${formatNumber(tolerance)}`,
    estimated: 'estimated: no proof was reached',
  }[status];
  return [
    `value    ${formatNumber(value)}`,
    `bracket  ${bracketText(lower, upper)}, width ${gap.toExponential(1)}, ${proof}`,
    `error    Nikaido-Isoda of the strategies below at most ${solution.nikaidoIsoda.upper.toExponential(1)}`,
    `method   ${method}, ${iterations} ${iterations === 1 ? 'round' : 'rounds'}, ${seconds.toFixed(2)} s`,
    degenerate
      ? 'support  degenerate or not settled: there may be other equilibria'
      : `support  strict: margin ${margin.toExponential(1)} in units of the payoff`,
    ...(ties ? ['matrix   degenerate: some action has several best replies'] : []),
    '',
    ...strategyText('x (minimizes)', solution.x, columns),
    ...strategyText('y (maximizes)', solution.y, columns),
    '',
  ].join('\n');
}

const mostRows = 12;

/** Atoms as rows with a bar, and on a line as stems too. */
function strategyText(title: string, atoms: readonly StrategyAtom[], columns: number): string[] {
  const shown = atoms.slice(0, mostRows);
  const places = shown.map(({ at }) =>
    at.map((coordinate) => coordinate.toFixed(6).replace(/^-(0\.0+)$/, '$1')).join(', '),
  );
  const width = Math.max(...places.map((text) => text.length));
  const rows = shown.map(({ mass }, i) => {
    const bar = '█'.repeat(Math.max(1, Math.round(mass * barWidth)));
    return `  ${places[i].padStart(width)}  ${mass.toFixed(6)}  ${bar}`.slice(0, Math.max(40, columns));
  });
  const more = atoms.length > mostRows ? [`  and ${atoms.length - mostRows} lighter atoms`] : [];
  const line = atoms.every(({ at }) => at.length === 1) && atoms.length > 1 ? stems(atoms) : [];
  return [`${title}, ${atoms.length} ${atoms.length === 1 ? 'atom' : 'atoms'}`, ...rows, ...more, ...line];
}

const levels = '▁▂▃▄▅▆▇█';

/** Masses over a line: one character per bin, its height the share of the heaviest bin. */
function stems(atoms: readonly StrategyAtom[]): string[] {
  const at = atoms.map((atom) => atom.at[0]);
  const [low, high] = [Math.min(...at), Math.max(...at)];
  if (!(low < high)) return [];
  const bins = new Float64Array(56);
  for (const atom of atoms)
    bins[Math.min(bins.length - 1, Math.floor(((atom.at[0] - low) / (high - low)) * bins.length))] += atom.mass;
  const most = Math.max(...bins);
  const text = Array.from(bins, (mass) => (mass > 0 ? levels[Math.ceil((mass / most) * levels.length) - 1] : ' '));
  const right = formatNumber(high);
  const left = formatNumber(low);
  return [`  │${text.join('')}│`, `   ${left}${right.padStart(bins.length - left.length)}`];
}
