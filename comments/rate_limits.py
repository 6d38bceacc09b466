"""Rate limits of readers' comments and other forms. docs/operate.md lists all limits."""

from __future__ import annotations

# Comments of a device. A device is young until enough of its comments are approved (comments/rules/builtin.py).
DEVICE_COMMENTS_PER_MINUTE, DEVICE_COMMENTS_PER_HOUR = 5, 30
YOUNG_DEVICE_COMMENTS_PER_MINUTE, YOUNG_DEVICE_COMMENTS_PER_HOUR = 3, 15

# Comments of a network. Readers share addresses: a school, a carrier.
NETWORK_HOLD_PER_MINUTE = 60
NETWORK_NEW_DEVICES_PER_MINUTE = 10  # above this they solve a proof of work, which takes a second
NETWORK_WAITING_DEVICES = 10  # a minute, which may wait instead and are held; above this they are refused
NETWORK_REFUSE_PER_MINUTE = 600  # more than the readers of any shared address write

# Short forms: recommend, report, edit, withdraw, subscribe (comments/readers/form_limit.py).
DEVICE_FORMS_PER_MINUTE = 20
NETWORK_FORMS_PER_MINUTE = 200
