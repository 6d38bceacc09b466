"""Base of models with one row. If the row does not exist, the defaults of its fields apply."""

from __future__ import annotations

from enum import Enum
from typing import Any, Self

from django.db.models import Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from articles.models.typed_text import TypedText

SINGLETON_PK = 1


class Singleton(TypedText):
    """Base of models with one row. A CheckConstraint of each model allows only the primary key SINGLETON_PK.

    The row is created when its form is first saved, so a new site has none. Read it only through these methods, which
    apply the defaults. Use `objects` only for writing.
    """

    class Meta:
        abstract = True

    @classmethod
    def defaults(cls) -> Self:
        """Return an unsaved row with the values that apply while there is no row."""
        return cls(pk=SINGLETON_PK)

    @classmethod
    def current(cls) -> Self:
        """Return the row, or the defaults."""
        return cls._default_manager.filter(pk=SINGLETON_PK).first() or cls.defaults()

    @classmethod
    def value(cls, name: str) -> Combinable:
        """Return this field of the row, or its default, as an expression for a query of another table."""
        field: Any = cls._meta.get_field(name)
        value = Subquery(cls._default_manager.filter(pk=SINGLETON_PK).values(name)[:1])
        default = getattr(cls.defaults(), name)
        if default is None:
            return value
        default = default.value if isinstance(default, Enum) else default
        return Coalesce(value, Value(default), output_field=field)
