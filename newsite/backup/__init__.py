"""A copy of the whole site, made while it runs, and the way back: `manage.py backup` and `manage.py restore`.

Not in it: the settings, and SECRET_KEY with them.
"""
