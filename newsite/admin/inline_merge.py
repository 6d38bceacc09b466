"""Merge of inline rows in a submitted form with changes by colleagues to the same rows."""

from __future__ import annotations

import re
from typing import Any, cast

from django.forms.models import BaseInlineFormSet
from django.http import QueryDict
from django.utils.translation import gettext as _

from articles.models import Byline
from articles.models.byline import set_bylines

Row = dict[str, list[str]]  # submitted values by field name; "initial-" precedes the values at opening


class MergingFormSet(BaseInlineFormSet):
    """Formset that merges concurrent changes.

    A row that was deleted in the meantime counts as new. Of fields with `show_hidden_initial`, only those that this
    user changed are saved. If a colleague changed the same field, nothing is saved and both values are shown.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._faults: list[tuple[int, str, str]] = []  # number of the form, field, message
        self._watched = [name for name, field in self.form.base_fields.items() if field.show_hidden_initial]
        if self.is_bound and self.management_form.is_valid():
            self._sort_rows()

    def clean(self) -> None:
        super().clean()
        for number, name, said in self._faults:
            self.forms[number].add_error(name, said)

    def _sort_rows(self) -> None:
        """Sort the rows: existing ones first, then new ones and those to restore."""
        standing = {str(each.pk): each for each in self.get_queryset()}
        found: list[tuple[Row, Any]] = []
        new: list[tuple[Row, Any]] = []
        for row in self._sent_rows():
            sent_id = _first(row, "id")
            if self.fk.unique and standing:
                sent_id = next(iter(standing))
            if each := standing.pop(sent_id, None):
                found.append((row, each))
            elif not sent_id or self._is_wanted_again(row):
                new.append(({**row, "id": [""]}, sent_id or None))
        self._queryset = [each for _row, each in found]
        self._settle(found, new)
        self._send_instead([row for row, _each in found + new], initial=len(found))

    def _sent(self) -> QueryDict:
        return cast(QueryDict, self.data)

    def _sent_rows(self) -> list[Row]:
        rows: dict[int, Row] = {number: {} for number in range(self.total_form_count())}
        pattern = re.compile(rf"(initial-)?{re.escape(str(self.prefix))}-([0-9]{{1,6}})-(.+)", re.DOTALL)
        for key in self._sent():
            match = pattern.fullmatch(key)
            if match and int(match[2]) in rows:
                rows[int(match[2])][(match[1] or "") + match[3]] = self._sent().getlist(key)
        return list(rows.values())

    def _is_wanted_again(self, row: Row) -> bool:
        """Return whether to restore a deleted row: only if this user changed it."""
        is_untouched = self._watched and all(
            _is_same(row, name, _first(row, f"initial-{name}")) for name in self._watched
        )
        return "DELETE" not in row and not is_untouched

    def _settle(self, found: list[tuple[Row, Any]], new: list[tuple[Row, Any]]) -> None:
        for number, (row, each) in enumerate(found):
            for name in self._watched:
                self._settle_field(number, row, name, each)
        for number, (row, gone) in enumerate(new, len(found)):
            for name in self._watched if gone else []:
                row[f"initial-{name}"] = [""]
                said = _("A colleague has removed this. Save again to restore it.")
                self._faults.append((number, name, said))

    def _settle_field(self, number: int, row: Row, name: str, each: Any) -> None:
        """Use the stored value if this user did not change the field, and report a conflict if both changed it."""
        value = getattr(each, name)
        stands = "" if value is None else str(value)
        opened = _first(row, f"initial-{name}") if f"initial-{name}" in row else stands
        row[f"initial-{name}"] = [stands]
        if _plain(stands) == _plain(opened) or (_is_same(row, name, stands) and "DELETE" not in row):
            return
        if not _is_same(row, name, opened) or "DELETE" in row:
            shown = getattr(each, f"get_{name}_display", lambda: stands)() or _("empty")
            said = _("A colleague changed this to “%s”. Save again to use yours.")
            self._faults.append((number, name, said % shown))
        if _is_same(row, name, opened):
            row[name] = [stands]
        row.pop("DELETE", None)

    def _send_instead(self, rows: list[Row], *, initial: int) -> None:
        data = self._sent().copy()
        for key in [key for key in data if re.match(rf"(initial-)?{re.escape(str(self.prefix))}-[0-9]", key)]:
            del data[key]
        for number, row in enumerate(rows):
            for name, values in row.items():
                _before, opened, plain = name.rpartition("initial-")
                data.setlist(f"{opened}{self.prefix}-{number}-{plain}", values)
        data[f"{self.prefix}-TOTAL_FORMS"], data[f"{self.prefix}-INITIAL_FORMS"] = str(len(rows)), str(initial)
        self.data = data
        del self.management_form


class BylineFormSet(MergingFormSet):
    """Formset of the authors of an article; compares authors instead of row ids."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = _("Delete this byline")

    def validate_unique(self) -> None:
        seen = set()
        for form in self._wanted():
            author = form.cleaned_data.get("author")
            if author in seen:
                form.add_error("author", _("This author is listed twice."))
            seen.add(author)

    def save(self, commit: bool = True) -> list[Byline]:
        wanted = {form.instance.author_id: form.instance.order for form in self._wanted()}
        written = set_bylines(self.instance, wanted)
        self.new_objects, self.deleted_objects = written.added, written.removed
        self.changed_objects = [(each, ["order"]) for each in written.reordered]
        return written.added + written.reordered

    def _wanted(self) -> list[Any]:
        gone = self.deleted_forms
        return [
            form
            for form in self.forms
            if form not in gone and form.is_valid() and (form in self.initial_forms or form.has_changed())
        ]


def _first(row: Row, name: str) -> str:
    return row.get(name, [""])[-1]


def _is_same(row: Row, name: str, value: str) -> bool:
    return _plain(_first(row, name)) == _plain(value)


def _plain(value: str) -> str:
    """Return the value without differences in line breaks between browsers."""
    return value.replace("\r\n", "\n").strip()
