"""Somebody sets the clock: what follows from it is odd enough that the log has to say so."""

from __future__ import annotations

import logging
import time

MIN_JUMP_SECONDS = 5.0  # seconds; by less, clocks are set right every day

logger = logging.getLogger(__name__)


class Clock:
    def __init__(self) -> None:
        self.ahead = _ahead()

    def look(self) -> None:
        """Says by how much it was set since the last look, or since it was made."""
        before, self.ahead = self.ahead, _ahead()
        moved = self.ahead - before
        if moved <= -MIN_JUMP_SECONDS:
            logger.warning("The clock was set back by %.0f seconds; see docs/faults.md for the effects.", -moved)
        elif moved >= MIN_JUMP_SECONDS:
            logger.warning("The clock was set forward by %.0f seconds, or the machine slept.", moved)


def _ahead() -> float:
    """Of what has passed since the machine was started, which nobody can set."""
    return time.time() - time.monotonic()
