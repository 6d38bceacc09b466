"""Admin of the word list: single entries, or many lines in one form."""

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

from comments.admin.backtests import BacktestAdminMixin
from comments.admin.paginator import CappedPaginator
from comments.admin.rule_stats_mixin import RuleStatsAdminMixin
from comments.models import WordListEntry
from comments.models.word_list import MAX_ENTRY_LENGTH
from comments.text.patterns import InvalidEntry, normalize_entry

MAX_LINES = 10_000
MAX_ERRORS_SHOWN = 100
_BATCH_SIZE = 500  # query parameters


@dataclass(frozen=True)
class LineError:
    number: int
    line: str
    reason: str


class BulkAddForm(forms.ModelForm):
    lines = forms.CharField(
        label=gettext_lazy("One entry per line"),
        widget=forms.Textarea(attrs={"rows": 15, "class": "vLargeTextField", "dir": "auto"}),
    )

    class Meta:
        model = WordListEntry
        fields = ["kind", "outcome", "note"]

    def clean_lines(self) -> list[tuple[int, str]]:
        """Return the lines with their numbers, starting at 1."""
        typed = enumerate(self.cleaned_data["lines"].splitlines(), start=1)
        lines = [(number, " ".join(line.split())) for number, line in typed if line.strip()]
        if len(lines) > MAX_LINES:
            raise forms.ValidationError(_("Please enter up to %d lines at a time.") % MAX_LINES)
        return lines

    def _post_clean(self) -> None:
        """Skip the validation of a single instance."""

    def entries(self, author: User) -> tuple[list[WordListEntry], list[LineError]]:
        """Return the valid entries and the errors by line. The form must be valid."""
        good: dict[str, tuple[int, WordListEntry]] = {}
        faults: list[LineError] = []
        fields = {name: self.cleaned_data[name] for name in ("kind", "outcome", "note")}
        for number, line in self.cleaned_data["lines"]:
            try:
                if len(line) > MAX_ENTRY_LENGTH:
                    raise InvalidEntry(_("Too long (maximum %d characters).") % MAX_ENTRY_LENGTH)
                key = normalize_entry(fields["kind"], line)
                if key in good:
                    raise InvalidEntry(_("Duplicate of line %d.") % good[key][0])
                good[key] = number, WordListEntry(value=line, normalized=key, author=author, **fields)
            except InvalidEntry as error:
                faults.append(LineError(number, line, str(error)))
        for earlier in _existing_entries(list(good)):
            number, entry = good.pop(earlier.normalized)
            faults.append(LineError(number, entry.value, _("Already listed as “%s”.") % earlier.value))
        return [entry for _number, entry in good.values()], sorted(faults, key=lambda fault: fault.number)


def _existing_entries(keys: list[str]) -> list[WordListEntry]:
    found: list[WordListEntry] = []
    for start in range(0, len(keys), _BATCH_SIZE):
        found += WordListEntry.objects.filter(normalized__in=keys[start : start + _BATCH_SIZE])
    return found


@admin.register(WordListEntry)
class WordListEntryAdmin(RuleStatsAdminMixin, BacktestAdminMixin):
    rule = "comments.rules.builtin.matches_word_list"
    list_display = ["value", "kind", "outcome", "hits", "last_hit_at", "measured", "note", "author", "created_at"]
    list_filter = ["kind", "outcome"]
    list_select_related = ["author"]
    list_per_page = 50
    search_fields = ["value", "note"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    fields = backtest_fields = ("kind", "value", "outcome", "note")
    change_list_template = "admin/comments/wordlistentry/change_list.html"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"is_nav_sidebar_enabled": False, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: WordListEntry, form: Any, change: bool) -> None:
        """Write only the fields of the form for a saved entry, because hits are counted concurrently."""
        if change:
            obj.save(update_fields=[*self.backtest_fields, "normalized"])
        else:
            obj.author = cast(User, request.user)
            super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        many = path("add/many/", self.admin_site.admin_view(self.add_many), name="comments_wordlistentry_add_many")
        return [many, *super().get_urls()]

    def add_many(self, request: HttpRequest) -> HttpResponse:
        """Add the valid lines. Show the invalid ones again, each with its reason."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = BulkAddForm(request.POST if request.method == "POST" else None)
        faults: list[LineError] = []
        if form.is_valid():
            entries, faults = form.entries(cast(User, request.user))
            self._add(request, entries)
            if not faults:
                return HttpResponseRedirect(reverse("admin:comments_wordlistentry_changelist"))
            form.data = {**request.POST.dict(), "lines": "\n".join(fault.line for fault in faults)}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Bulk add entries"),
            "opts": self.opts,
            "form": form,
            "faults": faults[:MAX_ERRORS_SHOWN],
            "more_faults": max(0, len(faults) - MAX_ERRORS_SHOWN),
        }
        return TemplateResponse(request, "admin/comments/wordlistentry/bulk_add.html", context)

    def _add(self, request: HttpRequest, entries: list[WordListEntry]) -> None:
        if not entries:
            return
        added = WordListEntry.objects.bulk_create(entries, ignore_conflicts=True, batch_size=_BATCH_SIZE)
        keys = [entry.normalized for entry in added]
        for start in range(0, len(keys), _BATCH_SIZE):
            chosen = WordListEntry.objects.filter(normalized__in=keys[start : start + _BATCH_SIZE])
            LogEntry.objects.log_actions(cast(int, request.user.pk), chosen, ADDITION, change_message=[{"added": {}}])
        text = ngettext("%(count)d entry added.", "%(count)d entries added.", len(added))
        self.message_user(request, text % {"count": len(added)}, messages.SUCCESS)
