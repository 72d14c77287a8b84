import type { StudyProgress } from '@muflow/core';
import { formatNumber } from './report/html.js';

/** Where progress goes: a terminal gets one line rewritten in place, anything else a line now and then. */
export interface ProgressSink {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

export interface ProgressLine {
  update(progress: StudyProgress): void;
  /** Clears the line, so that what is printed next starts clean. */
  done(): void;
}

const terminalInterval = 100;
const logInterval = 10_000;

/** Shows label, time, first values, steps per second and time left. `now` is a clock in milliseconds. */
export function progressLine(sink: ProgressSink, now: () => number = () => performance.now()): ProgressLine {
  let label = '';
  let started = 0;
  let firstStep = 0;
  let shown = Number.NEGATIVE_INFINITY;
  let dirty = false;
  return {
    update(progress) {
      const time = now();
      if (progress.label !== label) {
        label = progress.label;
        started = time;
        firstStep = progress.step;
      }
      if (time - shown < (sink.isTTY ? terminalInterval : logInterval)) return;
      shown = time;
      const text = describe(progress, firstStep, (time - started) / 1000);
      if (!sink.isTTY) sink.write(`${text}\n`);
      else sink.write(`\r\u001b[2K${text.slice(0, Math.max(20, sink.columns - 1))}`);
      dirty = sink.isTTY;
    },
    done() {
      if (dirty) sink.write('\r\u001b[2K');
      dirty = false;
    },
  };
}

function describe(progress: StudyProgress, firstStep: number, seconds: number): string {
  const parts = [progress.label];
  if (progress.fraction !== undefined) parts.push(`${bar(progress.fraction)} ${Math.round(100 * progress.fraction)} %`);
  parts.push(`step ${progress.step}`);
  if (progress.time !== undefined) parts.push(`t ${formatNumber(progress.time)}`);
  for (const [name, value] of Object.entries(progress.values ?? {}).slice(0, 3))
    parts.push(`${name} ${formatNumber(value)}`);
  if (seconds > 0.2) {
    parts.push(`${formatNumber(Math.round((progress.step - firstStep) / seconds))} steps/s`);
    const fraction = progress.fraction ?? 0;
    if (fraction > 0.01 && fraction < 1) parts.push(`${Math.ceil((seconds * (1 - fraction)) / fraction)} s left`);
  }
  return parts.join('  ');
}

function bar(fraction: number): string {
  const full = Math.round(10 * Math.min(1, Math.max(0, fraction)));
  return `${'█'.repeat(full)}${'░'.repeat(10 - full)}`;
}
