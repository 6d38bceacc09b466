"""Detection of changes of the system clock, whose effects need an explanation in the log."""

from __future__ import annotations

import logging
import time

MIN_JUMP_SECONDS = 5.0  # smaller corrections are routine

logger = logging.getLogger(__name__)


class Clock:
    def __init__(self) -> None:
        self.ahead = _ahead()

    def look(self) -> None:
        """Log a change of the clock since the last call, or since creation."""
        before, self.ahead = self.ahead, _ahead()
        moved = self.ahead - before
        if moved <= -MIN_JUMP_SECONDS:
            logger.warning("The clock was set back by %.0f seconds; see docs/faults.md for the effects.", -moved)
        elif moved >= MIN_JUMP_SECONDS:
            logger.warning("The clock was set forward by %.0f seconds, or the machine slept.", moved)


def _ahead() -> float:
    """Return the difference to the monotonic clock, which cannot be set."""
    return time.time() - time.monotonic()
