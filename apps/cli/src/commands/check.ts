import { corePlugin } from '@muflow/core';
import { checkPlugin } from '@muflow/core/testing';
import { loadPlugins, ownPlugins } from '../plugins.js';
import type { Terminal } from '../terminal.js';

/** `muflow check <package or path>`: every law on what the plugin registers; 1 if one fails. */
export async function check(
  specifier: string,
  options: { readonly json?: boolean; readonly seed: number; readonly runs?: number },
  terminal: Terminal,
): Promise<number> {
  const own = [corePlugin, ...ownPlugins].find((plugin) => plugin.id === specifier);
  const [plugin] = own ? [own] : await loadPlugins([specifier], process.cwd());
  const required = ownPlugins.filter(
    (other) => other.id !== plugin.id && Object.hasOwn(plugin.requires ?? {}, other.id),
  );
  const reports = await checkPlugin(plugin, {
    seed: options.seed,
    plugins: required,
    ...(options.runs ? { runs: options.runs } : {}),
  });
  const failures = reports.filter((report) => !report.holds);
  if (options.json) {
    terminal.out(
      `${JSON.stringify({ plugin: plugin.id, version: plugin.version, seed: options.seed, laws: reports }, null, 2)}\n`,
    );
    return failures.length > 0 ? 1 : 0;
  }
  let heading = '';
  for (const report of reports) {
    const params =
      report.params === undefined || Object.keys(report.params as object).length === 0
        ? ''
        : ` ${JSON.stringify(report.params)}`;
    const title = `${report.kind} ${report.id}${params}`;
    if (title !== heading) terminal.out(`${title}\n`);
    heading = title;
    const mark = report.skipped !== undefined ? '–' : report.holds ? '✓' : '✗';
    terminal.out(`  ${mark} ${report.title}${report.skipped === undefined ? '' : `: silent, ${report.skipped}`}\n`);
    if (!report.holds)
      terminal.out(`      ${report.measurement}${report.counterexample ? `\n      ${report.counterexample}` : ''}\n`);
  }
  const silent = reports.filter((report) => report.skipped !== undefined).length;
  terminal.out(
    `${reports.length - failures.length - silent} laws hold, ${failures.length} fail, ${silent} say nothing about their subject\n`,
  );
  return failures.length > 0 ? 1 : 0;
}
