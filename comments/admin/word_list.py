"""The lists of words and domains in Django's admin: one entry at a time, or many lines at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments.admin.backtests import TriedFirst
from comments.admin.paginator import CappedPaginator
from comments.admin.rule_stats_mixin import Measured
from comments.models import ListEntry
from comments.models.word_list import LONGEST_ENTRY
from comments.text.patterns import BadEntry, folded

MOST_LINES = 10_000
FAULTS_SHOWN = 100
_AT_ONCE = 500  # parameters of one query


@dataclass(frozen=True)
class Fault:
    number: int
    line: str
    reason: str


class ManyForm(forms.ModelForm):
    lines = forms.CharField(
        label=gettext_lazy("One entry per line"),
        widget=forms.Textarea(attrs={"rows": 15, "class": "vLargeTextField", "dir": "auto"}),
    )

    class Meta:
        model = ListEntry
        fields = ["kind", "outcome", "note"]

    def clean_lines(self) -> list[tuple[int, str]]:
        """With their numbers, as an editor counts them."""
        typed = enumerate(self.cleaned_data["lines"].splitlines(), start=1)
        lines = [(number, " ".join(line.split())) for number, line in typed if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(_("Please enter up to %d lines at a time.") % MOST_LINES)
        return lines

    def _post_clean(self) -> None:
        """There is no one entry to be checked."""

    def entries(self, author: User) -> tuple[list[ListEntry], list[Fault]]:
        """Of a valid form: what can be listed, and which lines cannot."""
        good: dict[str, tuple[int, ListEntry]] = {}
        faults: list[Fault] = []
        fields = {name: self.cleaned_data[name] for name in ("kind", "outcome", "note")}
        for number, line in self.cleaned_data["lines"]:
            try:
                if len(line) > LONGEST_ENTRY:
                    raise BadEntry(_("Too long (maximum %d characters).") % LONGEST_ENTRY)
                key = folded(fields["kind"], line)
                if key in good:
                    raise BadEntry(_("Duplicate of line %d.") % good[key][0])
                good[key] = number, ListEntry(value=line, folded=key, author=author, **fields)
            except BadEntry as error:
                faults.append(Fault(number, line, str(error)))
        for earlier in _listed_already(list(good)):
            number, entry = good.pop(earlier.folded)
            faults.append(Fault(number, entry.value, _("Already listed as “%s”.") % earlier.value))
        return [entry for _number, entry in good.values()], sorted(faults, key=lambda fault: fault.number)


def _listed_already(keys: list[str]) -> list[ListEntry]:
    found: list[ListEntry] = []
    for start in range(0, len(keys), _AT_ONCE):
        found += ListEntry.objects.filter(folded__in=keys[start : start + _AT_ONCE])
    return found


@admin.register(ListEntry)
class ListEntryAdmin(Measured, TriedFirst):
    rule = "comments.rules.builtin.is_on_a_list"
    list_display = ["value", "kind", "outcome", "hits", "last_hit_at", "measured", "note", "author", "created_at"]
    list_filter = ["kind", "outcome"]
    list_select_related = ["author"]
    list_per_page = 50
    search_fields = ["value", "note"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    fields = tried_fields = ("kind", "value", "outcome", "note")
    change_list_template = "admin/comments/listentry/change_list.html"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"is_nav_sidebar_enabled": False, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: ListEntry, form: Any, change: bool) -> None:
        """To change an entry writes what the form has, since hits are counted meanwhile."""
        if change:
            obj.save(update_fields=[*self.tried_fields, "folded"])
        else:
            obj.author = cast(User, request.user)
            super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        many = path("add/many/", self.admin_site.admin_view(self.add_many), name="comments_listentry_add_many")
        return [many, *super().get_urls()]

    def add_many(self, request: HttpRequest) -> HttpResponse:
        """Takes the lines that are right; those that are not come back, each with its reason."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ManyForm(request.POST if request.method == "POST" else None)
        faults: list[Fault] = []
        if form.is_valid():
            entries, faults = form.entries(cast(User, request.user))
            self._add(request, entries)
            if not faults:
                return HttpResponseRedirect(reverse("admin:comments_listentry_changelist"))
            form.data = {**request.POST.dict(), "lines": "\n".join(fault.line for fault in faults)}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Bulk add entries"),
            "opts": self.opts,
            "form": form,
            "faults": faults[:FAULTS_SHOWN],
            "more_faults": max(0, len(faults) - FAULTS_SHOWN),
        }
        return TemplateResponse(request, "admin/comments/listentry/add_many.html", context)

    def _add(self, request: HttpRequest, entries: list[ListEntry]) -> None:
        if not entries:
            return
        added = ListEntry.objects.bulk_create(entries, ignore_conflicts=True, batch_size=_AT_ONCE)
        keys = [entry.folded for entry in added]
        for start in range(0, len(keys), _AT_ONCE):
            chosen = ListEntry.objects.filter(folded__in=keys[start : start + _AT_ONCE])
            LogEntry.objects.log_actions(cast(int, request.user.pk), chosen, ADDITION, change_message=[{"added": {}}])
        text = ngettext("%(count)d entry added.", "%(count)d entries added.", len(added))
        self.message_user(request, text % {"count": len(added)}, messages.SUCCESS)
