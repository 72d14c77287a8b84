import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { makeMeasurer, type Row } from './measure.js';
import { startPrograms } from './programs.js';
import { markdownOf, type Report, textOf } from './report.js';
import { measureRoof } from './roof.js';
import { measureScaling } from './scale.js';
import { measureStart } from './start.js';
import { measureOverhead } from './training.js';
import { workloads } from './workloads.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    filter: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    turn: { type: 'string', default: '0.1' },
    limit: { type: 'string', default: '12' },
    reference: { type: 'boolean', default: false },
  },
});
const quiet = values.json || values.markdown;
const options = { rounds: Number(values.rounds), turn: Number(values.turn), limit: Number(values.limit) };
const threads = Number(values.threads);
const note = (text: string): void => void process.stderr.write(`${text}\n`);

const programs = await startPrograms({ threads, reference: values.reference });
for (const reason of programs.missing) note(`left out: ${reason}`);
try {
  const measureRow = makeMeasurer(programs.running, options);
  const rows: Row[] = [];
  for (const workload of workloads.filter(({ name }) => name.includes(values.filter))) {
    const row = await measureRow(workload);
    rows.push(row);
    for (const { program, agrees, difference } of row.timings) {
      if (!agrees) note(`${row.workload}: ${program} differs by ${difference}`);
    }
    if (quiet) note(row.workload);
    else process.stdout.write(textOf(row, threads));
  }
  // Start-up, growth and the roof belong to the whole table: a filter asks for rows, or for one of these by name.
  const wants = (name: string): boolean => values.filter === '' || name.includes(values.filter);
  const report: Report = {
    host: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.versions.node },
    programs: programs.running.map(({ name, version }) => ({ name, version })),
    missing: programs.missing,
    threads,
    rows,
    scaling: wants('scaling') ? await measureScaling(programs.running, options) : [],
    overhead: wants('overhead') ? measureOverhead() : [],
    start: wants('start-up') ? await measureStart() : [],
    roof: wants('roof') ? await measureRoof(programs) : null,
  };
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else process.stdout.write(values.markdown ? markdownOf(report) : `\n${markdownOf({ ...report, rows: [] })}`);
} finally {
  await programs.close();
}
