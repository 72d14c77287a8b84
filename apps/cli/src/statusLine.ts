import type { ProgressSink } from './progress.js';

/** One line that says how far something is. */
export interface StatusLine {
  update(text: string): void;
  /** Clears the line, so that what is printed next starts clean. */
  done(): void;
}

const terminalInterval = 100;
const logInterval = 5000;

/** Rewrites one line in place on a terminal; writes a line now and then elsewhere. `now` is a clock in milliseconds. */
export function statusLine(sink: ProgressSink, now: () => number = () => performance.now()): StatusLine {
  let shown = Number.NEGATIVE_INFINITY;
  let dirty = false;
  return {
    update(text) {
      const time = now();
      if (time - shown < (sink.isTTY ? terminalInterval : logInterval)) return;
      shown = time;
      if (sink.isTTY) sink.write(`\r\u001b[2K${text.slice(0, Math.max(20, sink.columns - 1))}`);
      else sink.write(`${text}\n`);
      dirty = sink.isTTY;
    },
    done() {
      if (dirty) sink.write('\r\u001b[2K');
      dirty = false;
    },
  };
}
