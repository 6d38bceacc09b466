"""A benchmark in this process, the site on a database of its own: python -m bench NAME [sqlite] [ARGUMENTS]

NAME is a module here that has a `main` for the arguments. Those that start other processes are commands of their own:
bench.lighthouse, bench.pictures, bench.scale, bench.soak, bench.stack, bench.word_lists.
"""

from __future__ import annotations

from importlib import import_module
import sys

from bench.site import site


def main(name: str, *arguments: str) -> None:
    engine = "sqlite" if "sqlite" in arguments else "postgresql"
    with site(engine):  # before it, models cannot be imported
        import_module(f"bench.{name}").main(*(each for each in arguments if each != "sqlite"))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(__doc__)
    main(*sys.argv[1:])
