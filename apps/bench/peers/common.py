"""What all Python peers share: the numbers of data.ts, checksums, memory, and the loop that answers requests."""

import gc
import json
import os
import sys
import time


def limit_threads(threads):
    """Before any library is loaded: they read these once."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)
    if hasattr(os, "sched_setaffinity") and threads < len(os.sched_getaffinity(0)):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def numbers(count, seed):
    """The linear congruence of data.ts."""
    import numpy as np

    out = np.empty(count)
    state = (seed * 2654435 + 12345) % 2147483648
    for k in range(count):
        state = (1103515245 * state + 12345) % 2147483648
        out[k] = state / 1073741824 - 1
    return out


def set_inputs(p):
    """The sets of sets.ts, padded: points with a 1, count*N*(d + 1), masses, 0 where there is no point; targets; parameters."""
    import numpy as np

    count, d, m1, m2 = p["count"], p["d"], p["inner"], p["outer"]
    sizes = [p["points"] if p["points"] > 0 else 8 + (s * 37) % 57 for s in range(count)]
    flat, at = numbers(sum(sizes) * d, 70).reshape(-1, d), 0
    x, m = np.zeros((count, max(sizes), d + 1)), np.zeros((count, max(sizes)))
    for s, size in enumerate(sizes):
        x[s, :size, :d], x[s, :size, d], m[s, :size] = flat[at : at + size], 1, 1 / size
        at += size
    start = numbers(m1 * (d + 1) + m2 * m1 + m2, 72)
    start[-m2:] /= m2
    w, v, a = np.split(start, [m1 * (d + 1), m1 * (d + 1) + m2 * m1])
    return x, m, numbers(count, 71), w.reshape(m1, d + 1), v.reshape(m2, m1), a


def normals(count):
    """The entries of matrixGames.ts."""
    import numpy as np

    return np.sqrt(-2 * np.log((1 - numbers(count, 20)) / 2)) * np.cos(np.pi * numbers(count, 21))


def checksum(values):
    import numpy as np

    v = np.asarray(values, dtype=float).ravel()
    return [v[0], v[-1], v.mean(), (v * np.cos(np.arange(v.size))).mean()]


def memory(field):
    """Kilobytes of the resident set now (VmRSS) or at its peak (VmHWM); None where the host does not tell."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(field))
    except OSError:
        return None


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def serve(library, version, prepare):
    """
    One request a line: `prepare KIND key=value ...`, `turn SECONDS`, `finish`. prepare(kind, params) gives a function of
    no arguments whose result is a tuple of arrays, or a text that says why not; a function may carry `calls`, the
    number of workloads that one call of it does, and `result`, a function for what to compare if not its own result.
    """
    print(json.dumps({"library": library, "version": version}), flush=True)
    work, last, base = None, None, 0
    for line in sys.stdin:
        verb, *rest = line.split()
        if verb == "prepare":
            work = last = None
            gc.collect()
            forget_peak()
            base = memory("VmRSS")
            params = dict(word.split("=", 1) for word in rest[1:])
            work = prepare(rest[0], {k: int(v) if v.isdigit() else v for k, v in params.items()})
            if not callable(work):
                answer = {"skip": work}
            else:
                start = time.perf_counter()
                last = work()
                answer = {"seconds": [(time.perf_counter() - start) / getattr(work, "calls", 1)]}
        elif verb == "turn":
            times, limit, calls = [], float(rest[0]), getattr(work, "calls", 1)
            while not times or (len(times) < 50 and sum(times) < limit):
                start = time.perf_counter()
                last = work()
                times.append(time.perf_counter() - start)
            answer = {"seconds": [t / calls for t in times]}
        else:
            peak = memory("VmHWM")
            result = work.result() if hasattr(work, "result") else last
            answer = {"check": [c for part in result for c in checksum(part)], "peak": peak, "base": base}
        print(json.dumps(answer), flush=True)
