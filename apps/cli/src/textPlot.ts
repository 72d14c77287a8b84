/** Options of {@link textPlot}. */
export interface TextPlotOptions {
  readonly width?: number;
  readonly height?: number;
  readonly log?: boolean;
}

/** Dots of a braille cell, by column and row: two by four per character. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** A small plot for a terminal in braille dots, with the range of both axes; empty if nothing is finite. */
export function textPlot(x: readonly number[], y: readonly number[], options: TextPlotOptions = {}): string {
  const { width = 56, height = 8, log = false } = options;
  const points = x
    .map((xi, i) => [xi, log ? Math.log10(y[i] as number) : (y[i] as number)] as const)
    .filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
  if (points.length < 2) return '';
  const [x0, x1] = range(points.map(([a]) => a));
  const [y0, y1] = range(points.map(([, b]) => b));
  const cells = new Uint8Array(width * height);
  for (const [a, b] of points) {
    const column = Math.round(((a - x0) / (x1 - x0)) * (2 * width - 1));
    const row = Math.round(((y1 - b) / (y1 - y0)) * (4 * height - 1));
    const cell = (row >> 2) * width + (column >> 1);
    cells[cell] = (cells[cell] as number) | ((dots[column & 1] as readonly number[])[row & 3] as number);
  }
  const label = (value: number): string =>
    log ? (10 ** value).toExponential(1) : Number(value.toPrecision(3)).toString();
  const lines = Array.from({ length: height }, (_, r) => {
    const text = Array.from(cells.subarray(r * width, (r + 1) * width), (c) => String.fromCharCode(0x2800 + c)).join(
      '',
    );
    const mark = r === 0 ? label(y1) : r === height - 1 ? label(y0) : '';
    return `${mark.padStart(9)} ┤${text}`;
  });
  const left = Number(x0.toPrecision(3)).toString();
  const right = Number(x1.toPrecision(3)).toString();
  lines.push(
    `${' '.repeat(10)}└${'─'.repeat(width)}`,
    `${' '.repeat(11)}${left}${right.padStart(width - left.length)}`,
  );
  return lines.join('\n');
}

function range(values: readonly number[]): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

const axes = ['step', 'time', 'dt'];

/** A small plot of the first column that is not an axis, against time or step; logarithmic where it spans decades. */
export function mainPlot(metrics: Readonly<Record<string, readonly number[]>>): string {
  const name = Object.keys(metrics).find((column) => !axes.includes(column));
  const axis = 'time' in metrics ? 'time' : 'step';
  if (name === undefined || !(axis in metrics)) return '';
  // Zeros of an error that has vanished do not keep a plot from being logarithmic: it leaves them out.
  const values = metrics[name].filter((value) => value > 0);
  const log = 2 * values.length > metrics[name].length && Math.max(...values) > 30 * Math.min(...values);
  const plot = textPlot(metrics[axis], metrics[name], { log });
  return plot === '' ? '' : `  ${name} against ${axis}${log ? ', logarithmic' : ''}\n${plot}`;
}
