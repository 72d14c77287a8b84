/** How long a slice of steps may hold the thread, in milliseconds. */
export const sliceLength = 10;

/** Calls back after the host has had a turn (events, rendering, timers); works in browsers, workers and Node. */
export function afterOtherWork(callback: () => void): void {
  if (typeof MessageChannel === 'undefined') {
    setTimeout(callback, 0);
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}

/** What a sliced loop does. */
export interface SlicedLoop {
  /** One unit of work; false when there is no more. */
  advance(): boolean;
  /** After every slice. */
  onSlice?(): void;
  onDone(): void;
  onError(error: unknown): void;
}

/**
 * Runs a loop in slices of about 10 ms, the first one after the caller has returned. The clock decides only when
 * to pause, never what is computed.
 *
 * @returns a function that cancels what is left.
 */
export function runInSlices(loop: SlicedLoop): () => void {
  let cancelled = false;
  const slice = (): void => {
    if (cancelled) return;
    const end = performance.now() + sliceLength;
    let more = true;
    try {
      while (more && !cancelled && performance.now() < end) more = loop.advance();
      loop.onSlice?.();
    } catch (error) {
      loop.onError(error);
      return;
    }
    if (!more) loop.onDone();
    else if (!cancelled) afterOtherWork(slice);
  };
  afterOtherWork(slice);
  return () => {
    cancelled = true;
  };
}
