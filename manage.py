#!/usr/bin/env python3
"""Command line of Django (./manage.py help)."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsite.settings")
    if sys.argv[1:2] == ["runserver"]:  # for development; a production server is told its address
        os.environ.setdefault("SITE_URL", "http://127.0.0.1:8000")
    execute_from_command_line(sys.argv)
