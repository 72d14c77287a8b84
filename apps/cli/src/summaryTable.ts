import type { Table } from '@muflow/core';

/** A small table as indented text, numbers to four digits and at the right of their columns. */
export function summaryTable({ title, columns, rows }: Table): string {
  const cells = [
    columns.map(({ name, unit }) => (unit === undefined ? name : `${name} (${unit})`)),
    ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? Number(cell.toPrecision(4)) : (cell ?? '–')))),
  ];
  const widths = columns.map((_, k) => Math.max(...cells.map((row) => String(row[k]).length)));
  const numeric = columns.map((_, k) => rows.every((row) => typeof row[k] === 'number'));
  const lines = cells.map((row) => {
    const texts = row.map((cell, k) =>
      numeric[k] ? String(cell).padStart(widths[k]) : String(cell).padEnd(widths[k]),
    );
    return `    ${texts.join('  ')}`.trimEnd();
  });
  return [`  ${title}`, ...lines].join('\n');
}
