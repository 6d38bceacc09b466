"""Attacks on the running parts."""

from tests.deploy.conftest import _empty_caches, address

__all__ = ["_empty_caches", "address"]
