"""Command that runs a benchmark in this process, with the site on a temporary database.

Usage: python -m bench NAME [sqlite] [ARGUMENTS]

NAME is a module of this package with a `main` function for the arguments. Modules that start other processes are
separate commands: bench.lighthouse, bench.images, bench.cost_per_page, bench.soak, bench.stack, bench.word_lists.
"""

from __future__ import annotations

from importlib import import_module
import sys

from bench.site import site


def main(name: str, *arguments: str) -> None:
    engine = "sqlite" if "sqlite" in arguments else "postgresql"
    with site(engine):  # models cannot be imported earlier
        import_module(f"bench.{name}").main(*(each for each in arguments if each != "sqlite"))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(__doc__)
    main(*sys.argv[1:])
