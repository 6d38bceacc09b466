"""Autocomplete fields of the admin that ignore invalid ids."""

from __future__ import annotations

from collections.abc import Iterable
import re
from typing import Any

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.http import HttpRequest

_ID = re.compile(r"[0-9]{1,18}")


def _valid_ids(values: Iterable[Any]) -> list[Any]:
    """Return the values that can be ids. Django passes any submitted text to the database."""
    return [each for each in values if _ID.fullmatch(str(each))]


class _AutocompleteSelect(AutocompleteSelect):
    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, _valid_ids(value), attr)


class _AutocompleteSelectMultiple(AutocompleteSelectMultiple):
    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, _valid_ids(value), attr)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return _valid_ids(super().value_from_datadict(data, files, name))


class AutocompleteMixin(BaseModelAdmin):
    """Mixin for a `ModelAdmin` that sets `autocomplete_fields`."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = (_AutocompleteSelectMultiple if db_field.many_to_many else _AutocompleteSelect)(
                db_field, self.admin_site
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)
