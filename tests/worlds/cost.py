"""What something costs the processor, whatever else the machine does meanwhile."""

import gc
from collections.abc import Callable
from time import process_time

TRIES = 3


def least_cost(run: Callable[[str], object]) -> float:
    """Run something a few times; return the fewest seconds of the processor that it took.

    Nobody looks for garbage meanwhile. What is run is given another sign each time, to be put into what it reads:
    nothing remembers that.
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
