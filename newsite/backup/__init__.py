"""Backup of the whole site during operation, and restore: `manage.py backup` and `manage.py restore`.

The settings, including SECRET_KEY, are not part of it.
"""
