"""`python -m bot`: what `./danhoi` becomes."""

import gc
import sys

# Python looks for garbage after every 700 new objects. A start makes half a million that stay, and each update a
# thousand that go by themselves: looking so often took a quarter of the start.
gc.set_threshold(50_000, 20, 20)

if __name__ == "__main__":
    if sys.argv[1:2] == ["test"]:
        # pytest's own options are not ours to understand.
        from bot.checks import main

        sys.exit(main(sys.argv[2:]))
    from bot.cli import app

    app(prog_name="danhoi")
