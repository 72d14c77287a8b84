import type { ProgressSink } from './progress.js';

/** What the command reads and writes: replaced by buffers in tests. */
export interface Terminal {
  /** Results: what a pipe reads. */
  out(text: string): void;
  /** Progress, notices and errors. */
  readonly log: ProgressSink;
  readonly color: boolean;
  readonly columns: number;
}

/** The terminal of this process; color only where stderr is a terminal and NO_COLOR is not set. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  // A reader that has seen enough, such as `head`, closes the pipe: that is no error of ours.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    out: (text) => {
      stdout.write(text);
    },
    log: {
      isTTY: stderr.isTTY === true,
      get columns() {
        return stderr.columns || 100;
      },
      write: (text) => {
        stderr.write(text);
      },
    },
    color: stderr.isTTY === true && (env.NO_COLOR ?? '') === '',
    columns: stderr.columns || 100,
  };
}
