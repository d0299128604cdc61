"""How long an operation takes inside of this process."""

import gc
import time


def milliseconds_per_run(operation, at_least_ms):
    """The median of at least three runs, and of as many as take the given time together."""
    operation()
    gc.collect()
    runs = []
    begun = time.perf_counter()
    while len(runs) < 3 or time.perf_counter() - begun < at_least_ms / 1000:
        start = time.perf_counter()
        operation()
        runs.append((time.perf_counter() - start) * 1000)
    return sorted(runs)[len(runs) // 2]
