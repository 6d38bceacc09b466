"""Minimal site with django-contrib-comments for comparison: one page with comments and a form.

It follows `startproject` and the documentation of the package. DATABASE_URL names the database.
"""
