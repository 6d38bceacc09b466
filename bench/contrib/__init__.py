"""The least site with django-contrib-comments, to be measured beside ours: one page, its comments, its form.

As `startproject` and the package's own documentation set it up. DATABASE_URL names the database, as for ours.
"""
