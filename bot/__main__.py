"""`python -m bot`: the command line; `./danhoi` calls it."""

import gc
import os
import sys

# Python looks for garbage after every 700 new objects; each update makes a thousand that go by themselves.
gc.set_threshold(50_000, 20, 20)
if sys.argv[1:2] == ["run"]:
    # They would load rich, for the colours of a terminal and httpx's own command; what a service writes is JSON.
    sys.modules["rich"] = None  # type: ignore[assignment]
    import structlog  # noqa: F401
    import telegram  # noqa: F401

    del sys.modules["rich"]
# Pydantic would read every installed package's metadata in search of plugins; nobody has any.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

if __name__ == "__main__":
    if sys.argv[1:2] in (["check"], ["fix"], ["test"]):
        from bot.operator.checks import main

        sys.exit(main(sys.argv[1], sys.argv[2:]))
    from bot.operator.commands import app

    app(prog_name="danhoi")
