"""Read by Python at its start where PYTHONPATH names this folder: the process goes by a clock that one can set.

SET_CLOCK names a file with the seconds by which it is wrong. time_machine turns the time of day for all that Python
does; what has passed since the machine was started is untouched, as it is where somebody sets the clock. (Debian's
libfaketime makes Python 3.11's time.sleep fail.)
"""

from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
import sys
import threading
import time

import time_machine

FILE = Path(os.environ["SET_CLOCK"])


def follow() -> None:
    while not (seconds := FILE.read_text()):
        time.sleep(0.02)
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(seconds))).start()
    print("The clock is set.", file=sys.stderr, flush=True)


def begin() -> None:
    threading.Thread(target=follow, daemon=True).start()


begin()
os.register_at_fork(after_in_child=begin)
