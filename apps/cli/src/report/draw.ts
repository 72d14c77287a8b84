import { type Axis, type Figure, fail, type Mark } from '@muflow/core';
import * as Plot from '@observablehq/plot';
import { JSDOM } from 'jsdom';

/** Six of Okabe and Ito's colors, which any color vision tells apart, then three more; the first is the emphasis color. */
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6bb1', '#5a5a5a', '#7f4f24'];

const size = { width: 720, height: 400, marginLeft: 64, marginBottom: 46, marginTop: 22, marginRight: 24 };

let page: Document | undefined;
const documentForPlots = (): Document => (page ??= new JSDOM('').window.document);

/** Draws a figure as an SVG document, with a legend inside where marks are labelled. */
export function drawFigure(figure: Figure): string {
  const labels = [...new Set(figure.marks.flatMap((mark) => ('label' in mark && mark.label ? [mark.label] : [])))];
  const colors = new Map(labels.map((label, i) => [label, palette[i % palette.length] as string]));
  const plot = Plot.plot({
    ...size,
    document: documentForPlots(),
    style: { fontFamily: 'system-ui, sans-serif', fontSize: '12px', background: 'none', overflow: 'visible' },
    x: scaleOptions(figure.x, valuesOf(figure.marks, 'x')),
    y: scaleOptions(figure.y, valuesOf(figure.marks, 'y')),
    r: { range: [1, 9] },
    marks: [
      Plot.frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
      ...figure.marks.flatMap((mark) => drawMark(mark, figure, colors)),
    ],
  });
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  plot.setAttribute('role', 'img');
  plot.setAttribute('aria-label', `${figure.title}. ${figure.caption}`);
  plot.setAttribute('viewBox', `0 0 ${size.width} ${size.height + legendHeight(labels)}`);
  plot.setAttribute('height', String(size.height + legendHeight(labels)));
  appendLegend(plot as unknown as Element, colors);
  return plot.outerHTML;
}

/** Finite values along one axis; log axes keep the positive ones only. */
function valuesOf(marks: readonly Mark[], axis: 'x' | 'y'): number[] {
  return marks.flatMap((mark) => {
    if (mark.type === 'rule') return mark.axis === axis ? [mark.at] : [];
    if (mark.type === 'band') return axis === 'x' ? [...mark.x] : [...mark.low, ...mark.high];
    return [...mark[axis], ...(mark.type === 'stem' && axis === 'y' ? [0] : [])];
  });
}

function scaleOptions(axis: Axis, values: readonly number[]): Plot.ScaleOptions {
  const log = axis.scale === 'log';
  const shown = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  if (shown.length === 0) {
    fail({
      code: 'invalid-argument',
      where: 'drawFigure',
      problem: `axis ${JSON.stringify(axis.label)} has nothing to show`,
      got: `${values.length} values, none ${log ? 'positive and ' : ''}finite`,
      expected: 'at least one finite value',
      fix: log ? 'use a linear axis or leave the figure out' : 'leave the figure out',
    });
  }
  let low = Math.min(...extremes(shown, Math.min));
  let high = Math.max(...extremes(shown, Math.max));
  if (low === high) {
    low = log ? low / 2 : low - Math.max(1e-9, Math.abs(low) * 0.1);
    high = log ? high * 2 : high + Math.max(1e-9, Math.abs(high) * 0.1);
  }
  // Without a format, ticks of a logarithmic axis would carry prefixes such as 20m.
  const wide = log ? !(low >= 1e-3 && high < 1e6) : !isPlain(Math.max(Math.abs(low), Math.abs(high)));
  const ticks = { ticks: log ? 6 : 7, ...((log || wide) && { tickFormat: wide ? '~e' : '~g' }) };
  return {
    type: log ? 'log' : 'linear',
    domain: [low, high],
    nice: !log,
    label: axis.label,
    labelArrow: 'none',
    ...ticks,
  };
}

/** Sizes that are read best without an exponent. */
const isPlain = (size: number): boolean => size >= 1e-3 && size < 1e6;

function extremes(values: readonly number[], pick: (...numbers: number[]) => number): number[] {
  const out: number[] = [];
  for (let i = 0; i < values.length; i += 4096) out.push(pick(...values.slice(i, i + 4096)));
  return out;
}

function drawMark(mark: Mark, figure: Figure, colors: ReadonlyMap<string, string>): Plot.Markish[] {
  const label = 'label' in mark ? mark.label : undefined;
  const plain = mark.type === 'rule' || mark.type === 'text' ? 'currentColor' : palette[0];
  const color = label === undefined ? plain : (colors.get(label) ?? plain);
  switch (mark.type) {
    case 'line':
      return [Plot.line(points(mark.x, mark.y, figure), { x: 'x', y: 'y', stroke: color, strokeWidth: 1.8 })];
    case 'dot': {
      const data = points(mark.x, mark.y, figure, mark.size);
      const sized = mark.size === undefined ? { r: 3 } : { r: 'size' };
      return [
        Plot.dot(data, { x: 'x', y: 'y', ...sized, fill: color, fillOpacity: 0.55, stroke: color, strokeOpacity: 0.5 }),
      ];
    }
    case 'stem': {
      const data = points(mark.x, mark.y, figure);
      return [
        Plot.ruleX(data, { x: 'x', y1: 0, y2: 'y', stroke: color, strokeWidth: 1.6 }),
        Plot.dot(data, { x: 'x', y: 'y', r: 3.5, fill: color }),
      ];
    }
    case 'band': {
      const data = mark.x.map((x, i) => ({ x, low: mark.low[i] as number, high: mark.high[i] as number }));
      const kept = data.filter((d) => isShown(d.x, figure.x) && isShown(d.low, figure.y) && isShown(d.high, figure.y));
      return [Plot.areaY(kept, { x: 'x', y1: 'low', y2: 'high', fill: color, fillOpacity: 0.2 })];
    }
    case 'rule': {
      const options = { stroke: color, strokeDasharray: '4 3', strokeOpacity: 0.8 };
      return [mark.axis === 'x' ? Plot.ruleX([mark.at], options) : Plot.ruleY([mark.at], options)];
    }
    case 'text': {
      const data = mark.x.map((x, i) => ({ x, y: mark.y[i] as number, text: mark.text[i] as string }));
      return [Plot.text(data, { x: 'x', y: 'y', text: 'text', dy: -9, fill: 'currentColor' })];
    }
  }
}

const isShown = (value: number, axis: Axis): boolean => Number.isFinite(value) && (axis.scale !== 'log' || value > 0);

/** Points as records; a point that an axis cannot show becomes a gap in a line, never a zero. */
function points(x: readonly number[], y: readonly number[], figure: Figure, sizes?: readonly number[]): object[] {
  return x.map((xi, i) => {
    const yi = y[i] as number;
    const shown = isShown(xi, figure.x) && isShown(yi, figure.y);
    return { x: shown ? xi : Number.NaN, y: shown ? yi : Number.NaN, size: sizes?.[i] };
  });
}

const legendRow = 20;
/** Room for a name: about as wide as the letters of the figure's font. */
const legendWidth = (label: string): number => 34 + 6.6 * label.length;

/** Where each name of a legend stands: rows filled from the left. */
function legendPlaces(labels: readonly string[]): readonly { readonly x: number; readonly row: number }[] {
  let x = size.marginLeft;
  let row = 0;
  return labels.map((label) => {
    const width = legendWidth(label);
    if (x > size.marginLeft && x + width > size.width) {
      x = size.marginLeft;
      row++;
    }
    const place = { x, row };
    x += width;
    return place;
  });
}

const legendHeight = (labels: readonly string[]): number =>
  labels.length === 0 ? 0 : ((legendPlaces(labels).at(-1)?.row ?? 0) + 1) * legendRow;

/** A legend below the axes: colored squares and names. */
function appendLegend(svg: Element, colors: ReadonlyMap<string, string>): void {
  const document = svg.ownerDocument;
  const make = (tag: string, attributes: Readonly<Record<string, string | number>>): Element => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
    return node;
  };
  const places = legendPlaces([...colors.keys()]);
  [...colors].forEach(([label, color], i) => {
    const { x, row } = places[i];
    const y = size.height + row * legendRow + 12;
    svg.append(make('rect', { x, y: y - 9, width: 10, height: 10, rx: 2, fill: color }));
    const text = make('text', { x: x + 16, y, fill: 'currentColor', 'text-anchor': 'start' });
    text.textContent = label;
    svg.append(text);
  });
}
