"""The pages that list articles: which ones, under which versions, and how the front page arranges them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from articles.models import Article
from articles.models.article import ArticleQuerySet
from newsite.frame import current_frame, frame_of, paper_version

LISTED = 40
SECOND_RANK = 4
IN_A_COLUMN = 4
MOST_DISCUSSED = 5


@dataclass(frozen=True)
class Listed:
    """One article of a list, under its versions: what the list shows of it moves with them."""

    pk: int
    version: int
    comments: int
    paper: int


def versions_of(articles: ArticleQuerySet) -> tuple[Listed, ...]:
    """The newest of these, in one query."""
    rows = articles.newest().values_list(
        "pk", "version", Coalesce(F("conversation__public_count"), 0), Coalesce(paper_version(), 0)
    )
    return tuple(Listed(*row) for row in rows[:LISTED])


def newest_of(listed: tuple[Listed, ...]) -> dict[str, Any]:
    """The articles of a list, each with the number of its comments, and the frame."""
    by_pk = (
        Article.objects.select_related("section")
        .prefetch_related("bylines__author")
        .in_bulk([each.pk for each in listed])
    )
    articles = []
    for each in listed:
        if article := by_pk.get(each.pk):
            article.comment_count = each.comments  # type: ignore[attr-defined]  # for the templates
            articles.append(article)
    return {"articles": articles, "frame": frame_of(listed[0].paper) if listed else current_frame()}


def front_context(listed: tuple[Listed, ...]) -> dict[str, Any]:
    """The newest article leads, the next few follow in the second rank, the rest stands by section."""
    context = newest_of(listed)
    articles = context["articles"]
    by_section = sorted(articles[1 + SECOND_RANK :], key=lambda article: (article.section.order, article.section.name))
    columns = [
        {"section": section, "articles": list(each)[:IN_A_COLUMN]}
        for section, each in groupby(by_section, key=lambda article: article.section)
    ]
    discussed = sorted((article for article in articles if article.comment_count), key=lambda a: -a.comment_count)
    return {
        **context,
        "lead": articles[0] if articles else None,
        "second_rank": articles[1 : 1 + SECOND_RANK],
        "columns": columns,
        "most_discussed": discussed[:MOST_DISCUSSED],
    }
