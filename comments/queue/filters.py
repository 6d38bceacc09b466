"""Filters of the moderation queue. Only the fields of the form reach a query."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import unquote

from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.urls import resolve
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.content.urls import split_url
from articles.models import Article, Section
from articles.params import parse_id
from comments.models import MAX_NAME_LENGTH, Comment, RuleHit
from comments.models.rule_hit import MAX_ENTRY_REFERENCE_LENGTH
from comments.queue.text_search import MAX_SEARCH_LENGTH, contains_all_words
from comments.text import confusables

MAX_ARTICLES_OFFERED = 10  # articles with matching headlines
MAX_HEADLINE_WORDS = 20


class DayField(forms.DateField):
    """Date within the range in which both the day and the next day have a valid midnight."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_validators = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))]


def rule_choices() -> list[tuple[str, str]]:
    known = [(path, path.rpartition(".")[2].replace("_", " ")) for path in settings.COMMENT_RULES]
    return [("", _("any")), *known]


def section_choices() -> list[tuple[str, str]]:
    """Return the sections as choices.

    Cached for 60 s, because every page of the queue shows them. A new section may appear a minute late.
    """
    known = cache.get_or_set("queue:sections", lambda: list(Section.objects.values_list("slug", "name")), 60)
    return [("", _("any")), *((slug, name) for slug, name in known or [])]  # Redis returns lists


class QueueFilters(forms.Form):
    """Filters given in the query string.

    An empty field is no filter. If one field is invalid, no filter applies and the form shows the error.
    """

    text = forms.CharField(
        label=gettext_lazy("Words in the comment"),
        max_length=MAX_SEARCH_LENGTH,
        widget=forms.TextInput(attrs={"type": "search", "data-key": "/"}),
    )
    name = forms.CharField(label=gettext_lazy("Name or similar"), max_length=MAX_NAME_LENGTH)
    article = forms.CharField(label=gettext_lazy("Article (URL or headline)"), max_length=2_000)
    section = forms.ChoiceField(choices=section_choices, label=gettext_lazy("Section"))
    rule = forms.ChoiceField(choices=rule_choices, label=gettext_lazy("Triggered rule"))
    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("To"))
    device = forms.CharField(label=gettext_lazy("Device"), max_length=32, widget=forms.HiddenInput)
    network = forms.CharField(label=gettext_lazy("Network"), max_length=32, widget=forms.HiddenInput)
    entry = forms.CharField(
        label=gettext_lazy("Entry"), max_length=MAX_ENTRY_REFERENCE_LENGTH, widget=forms.HiddenInput
    )

    use_required_attribute = False

    def __init__(self, query: Mapping[str, Any]) -> None:
        given = {name: query[name] for name in self.base_fields if query.get(name, "").strip()}
        super().__init__(given, auto_id="filter_%s", label_suffix="")
        self.submitted_values: dict[str, str] = given
        self.articles: list[Article] = []  # choices if several articles match
        for field in self.fields.values():
            field.required = False

    @property
    def is_active(self) -> bool:
        return bool(self.submitted_values) and self.is_valid()

    @property
    def query(self) -> dict[str, str]:
        """Return the filters for a link, to be parsed again. Empty if a field is invalid."""
        return self.submitted_values if self.is_valid() else {}

    def chips(self) -> list[tuple[str, str, dict[str, str]]]:
        """Return name, value and the query without the filter, for each active filter."""
        return [
            (
                str(self.fields[name].label),
                self._shown(name),
                {key: self.query[key] for key in self.query if key != name},
            )
            for name in self.query
        ]

    def _shown(self, name: str) -> str:
        value = self.cleaned_data[name]
        if name in {"rule", "section"}:
            return str(dict(self.fields[name].choices)[value])  # type: ignore[attr-defined]  # a ChoiceField
        if isinstance(value, date):
            return date_format(value)
        return f"{value[:8]}…" if name in {"device", "network"} else str(value)

    def clean_article(self) -> Article | None:
        raw = self.cleaned_data["article"]
        if not raw:
            return None
        found = list(_find_articles(raw)[: MAX_ARTICLES_OFFERED + 1])
        if len(found) == 1:
            return found[0]
        self.articles = found[:MAX_ARTICLES_OFFERED]
        raise ValidationError(_("Several articles match.") if found else _("No article found."))

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("End date is before start date."))
        return self.cleaned_data

    def conditions(self) -> dict[str, Q]:
        """Return the query condition of each filter, without the dates: see `times`."""
        if not self.is_active:
            return {}
        conditions = {
            "device": lambda device: Q(device=device),
            "name": _has_name,
            "network": lambda network: Q(network=network),
            "article": lambda article: Q(article=article),
            "rule": lambda _rule: Q(Exists(self.rule_hits().filter(comment=OuterRef("pk")))),
            "text": contains_all_words,
            "section": lambda slug: Q(article__section__slug=slug),
        }
        return {name: condition(value) for name, condition in conditions.items() if (value := self.cleaned_data[name])}

    def times(self, field: str = "created_at") -> Q:
        """Return the condition for the dates: whole days in the site's time zone."""
        within = Q()
        if self.is_active and (since := self.cleaned_data["since"]):
            within &= Q(**{f"{field}__gte": _midnight(since)})
        if self.is_active and (until := self.cleaned_data["until"]):
            within &= Q(**{f"{field}__lt": _midnight(until + timedelta(days=1))})
        return within

    def rule_hits(self) -> Any:
        return RuleHit.objects.filter(rule=self.cleaned_data["rule"], entry=self.cleaned_data["entry"])


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _has_name(name: str) -> Q:
    key = confusables.confusable_key(name)
    return Q(name_key=key) if key else Q(name_key="", name=name)


def _find_articles(raw: str) -> Any:
    """Find articles by id, by URL or by all words in the headline, newest first.

    Only articles that are public or have comments.
    """
    seen = Article.objects.published() | Article.objects.filter(Exists(Comment.objects.filter(article=OuterRef("pk"))))
    seen = seen.newest_first()
    if by_id := seen.filter(pk=parse_id(raw)):
        return by_id
    try:
        found = resolve(unquote(split_url(raw).path))
    except (Http404, ValueError):  # not a URL of this site, or not a URL
        return seen.filter(*(Q(headline__icontains=word) for word in raw.split()[:MAX_HEADLINE_WORDS]))
    return seen.filter(**found.kwargs) if found.url_name == "article" else seen.none()
