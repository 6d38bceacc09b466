"""Set up Django, then print the report of tests/abuse/growth_report.py: python -m tests.abuse"""

from importlib import import_module
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("SECRET_KEY", "x" * 50)
django.setup()
import_module("tests.abuse.growth_report").main()
