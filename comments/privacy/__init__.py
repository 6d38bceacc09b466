"""Retention of readers' data, and export and erasure for one data subject.

`retention` deletes data after some days. `data_subject`, `export` and `erase` handle requests of one person.
`anonymize` removes text and author of a comment. `verify` searches for data that is left.
"""
