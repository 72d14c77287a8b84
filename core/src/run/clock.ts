/** Where a run stands in time. `anchor + sinceAnchor * dt` is the time while the step size stays the same. */
export interface ClockState {
  readonly anchor: number;
  readonly sinceAnchor: number;
  readonly time: number;
}

/** Keeps the time of a run without accumulating rounding: k equal steps end at `start + k dt` exactly. */
export interface Clock {
  readonly time: number;
  readonly finished: boolean;
  /** Step size to ask for: dt, or what is left to `maxTime`. */
  ask(): number;
  /** Moves on by the step taken, which may be less than what was asked. */
  advance(asked: number, taken: number): void;
  state(): ClockState;
}

export interface ClockOptions {
  readonly start: number;
  readonly dt: number;
  readonly maxTime: number | undefined;
  /** Where a resumed run left off with the same dt. */
  readonly from?: ClockState;
}

/** What is left to `maxTime` counts as one whole step up to this fraction of dt. */
const landingSlack = 1e-9;

/**
 * A clock from `start`. Times of equal steps are products, not sums; the last step lands on `maxTime` exactly,
 * and no sliver of rounding is left over to be integrated on its own.
 */
export function stepClock({ start, dt, maxTime, from }: ClockOptions): Clock {
  let { anchor, sinceAnchor, time } = from ?? { anchor: start, sinceAnchor: 0, time: start };
  const end = maxTime ?? Number.POSITIVE_INFINITY;
  const setAnchor = (at: number): void => {
    anchor = at;
    time = at;
    sinceAnchor = 0;
  };
  return {
    get time() {
      return time;
    },
    get finished() {
      return time >= end;
    },
    ask() {
      const left = end - time;
      return left < dt * (1 - landingSlack) ? left : dt;
    },
    advance(asked, taken) {
      const sliver = Number.isFinite(end) ? 8 * Number.EPSILON * Math.max(Math.abs(end), Math.abs(time)) : 0;
      const reached = taken === asked && end - time <= dt * (1 + landingSlack);
      if (reached || end - (time + taken) <= sliver) setAnchor(end);
      else if (taken === dt) time = anchor + ++sinceAnchor * dt;
      else setAnchor(time + taken);
    },
    state: () => ({ anchor, sinceAnchor, time }),
  };
}
