"""Fake clock: Python loads this module at its start if PYTHONPATH contains the folder.

SET_CLOCK names a file with the offset of the clock in seconds. time_machine changes the time of day for all Python
code; the monotonic clock is unchanged, as on a host whose clock is set back. (Debian's libfaketime makes Python 3.11's
time.sleep fail.)
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
