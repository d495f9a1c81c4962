"""`python -m bot`: what `./danhoi` becomes."""

import sys

if __name__ == "__main__":
    if sys.argv[1:2] == ["test"]:
        # pytest's own options are not ours to understand.
        from bot.checks import main

        sys.exit(main(sys.argv[2:]))
    from bot.cli import app

    app(prog_name="danhoi")
