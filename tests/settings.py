"""The site's settings, with what makes tests fast or repeatable."""

import os

from newsite.settings import *  # noqa: F403 (all of them, and then some others)
from newsite.settings import DATABASES, VAR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SITE_URL = "http://testserver"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True  # otherwise each test client scans all static files
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "uploads": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

if "sqlite3" in DATABASES["default"]["ENGINE"]:
    VAR.mkdir(exist_ok=True)
    # A killed process loses nothing; only a power failure would.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    DATABASES["default"]["TEST"] = {"NAME": VAR / "test.sqlite3"}  # a file, since threads and processes share it
elif template := os.environ.get("TEST_TEMPLATE"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": template, "MIGRATE": False}
