import type { Solution, SolveProgress, StrategyAtom } from '@muflow/zero-sum';
import { formatNumber } from './report/html.js';

/** The line of progress: round, what was done, and the bracket of the value. */
export function solveLine({ iterations, phase, lower, upper, proven }: SolveProgress): string {
  const ends = `${proven ? '' : 'about '}[${digits(lower, upper)}, ${digits(upper, lower)}]`;
  return `round ${iterations}  ${phase}  value in ${ends}  width ${(upper - lower).toExponential(1)}`;
}

/** As many digits as it takes to tell two ends apart, and two more. */
function digits(value: number, other: number): string {
  const width = Math.abs(value - other);
  if (!Number.isFinite(value) || !Number.isFinite(width)) return String(value);
  const places = width > 0 ? Math.min(15, Math.max(3, 2 - Math.floor(Math.log10(width)))) : 15;
  return value.toFixed(places);
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
    `bracket  [${digits(lower, upper)}, ${digits(upper, lower)}], width ${gap.toExponential(1)}, ${proof}`,
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
