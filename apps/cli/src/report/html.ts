import type { Cell, Claim, StudyResult, Table } from '@muflow/core';
import { drawFigure } from './draw.js';
import { styles } from './styles.js';

/** One run's part of a report. */
export interface ReportSection {
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly config: unknown;
  /** The command that makes this run again. */
  readonly command: string;
  readonly seconds: number;
  readonly result: StudyResult;
}

export interface Report {
  readonly title: string;
  readonly version: string;
  readonly node: string;
  readonly sections: readonly ReportSection[];
}

/** A self-contained page: styles and figures inside, no script, nothing loaded from elsewhere. */
export function renderReport(report: Report): string {
  const claims = report.sections.flatMap((section) => section.result.claims);
  const several = report.sections.length > 1;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(report.title)}</title>
<style>${styles}</style>
</head>
<body>
<header>
<h1>${escapeHtml(report.title)}</h1>
<p class="summary">${tally(claims)}</p>
${several ? contents(report.sections) : ''}
</header>
<main>
${report.sections.map((section) => renderSection(section, several)).join('\n')}
</main>
<footer><p>muflow ${escapeHtml(report.version)} on Node ${escapeHtml(report.node)}. The same config and seed give the same numbers.</p></footer>
</body>
</html>
`;
}

function tally(claims: readonly Claim[]): string {
  const count = (verdict: Claim['verdict']): number => claims.filter((claim) => claim.verdict === verdict).length;
  const parts = [`${count('holds')} of ${claims.length} claims hold`];
  if (count('fails') > 0) parts.push(`<strong class="fails">${count('fails')} fail</strong>`);
  if (count('undecided') > 0) parts.push(`${count('undecided')} undecided`);
  return parts.join(', ');
}

function contents(sections: readonly ReportSection[]): string {
  const rows = sections.map(
    (s) => `<li><a href="#${anchor(s.id)}">${escapeHtml(s.title)}</a> <span>${tally(s.result.claims)}</span></li>`,
  );
  return `<nav aria-label="Contents"><ol>${rows.join('')}</ol></nav>`;
}

const anchor = (id: string): string => id.replace(/[^a-z0-9]+/gi, '-');

function renderSection(section: ReportSection, heading: boolean): string {
  const { result } = section;
  const notes = (result.notes ?? []).map((note) => `<p>${escapeHtml(note)}</p>`).join('\n');
  const figures = result.figures.map(
    (figure) => `<figure id="${anchor(`${section.id}-${figure.id}`)}"><h3>${escapeHtml(figure.title)}</h3>
<div class="plot">${drawFigure(figure)}</div><figcaption>${escapeHtml(figure.caption)}</figcaption></figure>`,
  );
  return `<section id="${anchor(section.id)}">
${heading ? `<h2>${escapeHtml(section.title)}</h2>` : ''}
<p class="meta">${meta(section)}</p>
${notes}
${renderClaims(result.claims)}
<div class="figures">${figures.join('\n')}</div>
${result.tables.map(renderTable).join('\n')}
<details><summary>Run it again</summary>
<pre><code>${escapeHtml(section.command)}</code></pre>
<pre><code>${escapeHtml(shorten(JSON.stringify(section.config, shortTexts, 2)))}</code></pre></details>
</section>`;
}

function meta({ id, reference, seconds }: ReportSection): string {
  const parts = [`<code>${escapeHtml(id)}</code>`, ...(reference === '' ? [] : [escapeHtml(reference)])];
  return [...parts, `${seconds.toFixed(1)} s`].join(' · ');
}

/** Long texts of a config, such as tables, by their beginning. */
const shortTexts = (_: string, value: unknown): unknown =>
  typeof value === 'string' && value.length > 6000 ? `${value.slice(0, 2000)}… (${value.length} characters)` : value;

const shorten = (text: string): string =>
  text.length > 6000 ? `${text.slice(0, 6000)}\n… (${text.length} characters, whole in config.json)` : text;

function renderClaims(claims: readonly Claim[]): string {
  const mark = { holds: '✓ holds', fails: '✗ fails', undecided: '? undecided' } as const;
  const rows = claims.map(
    (
      c,
    ) => `<tr><td>${escapeHtml(c.statement)}</td><td>${escapeHtml(c.prediction)}</td><td>${escapeHtml(c.measurement)}</td>
<td class="verdict ${c.verdict}">${mark[c.verdict]}</td></tr>`,
  );
  return `<div class="scroll"><table class="claims"><caption>Claims</caption><thead><tr><th scope="col">statement</th><th scope="col">prediction</th>
<th scope="col">measurement</th><th scope="col">verdict</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function renderTable(table: Table): string {
  const isNumber = (k: number): boolean => table.rows.some((row) => typeof row[k] === 'number');
  const heads = table.columns.map(
    (c, k) =>
      `<th scope="col"${isNumber(k) ? ' class="number"' : ''}>${escapeHtml(c.name)}${c.unit ? ` <span class="unit">${escapeHtml(c.unit)}</span>` : ''}</th>`,
  );
  const rows = table.rows.map((row) => `<tr>${row.map(renderCell).join('')}</tr>`);
  return `<div class="scroll"><table><caption>${escapeHtml(table.title)}</caption><thead><tr>${heads.join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function renderCell(cell: Cell): string {
  if (typeof cell === 'number') return `<td class="number">${formatNumber(cell)}</td>`;
  if (cell === null) return '<td class="number">–</td>';
  return `<td>${escapeHtml(String(cell))}</td>`;
}

/** Five significant digits, without the noise of binary fractions. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e6
    ? String(Number(value.toPrecision(5)))
    : value.toExponential(3).replace(/\.?0+e/, 'e');
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
