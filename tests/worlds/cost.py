"""Measures processor time, whatever else the machine does meanwhile."""

import gc
from collections.abc import Callable
from time import process_time

TRIES = 3


def least_cost(run: Callable[[str], object]) -> float:
    """Run something a few times; return the fewest processor seconds it took.

    Without garbage collection. Each run is given another sign to put into what it reads, so that no cache helps.
    """
    found = []
    was_on = gc.isenabled()
    gc.disable()
    try:
        for turn in range(TRIES):
            begun = process_time()
            run(str(turn))
            found.append(process_time() - begun)
    finally:
        if was_on:
            gc.enable()
    return min(found)
