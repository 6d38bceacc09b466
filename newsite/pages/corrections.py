"""Page of all corrections, newest first."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from articles.models import Article, Correction
from articles.models.correction import CorrectionQuerySet
from articles.params import parse_id
from newsite.http.decorators import public_view
from newsite.http.page_cache import Expiry, cached_page, conditional_page
from newsite.pages.site_context import current_site_context, site_context, site_settings_version

PAGE_SIZE = 50


@public_view
def corrections(request: HttpRequest) -> HttpResponse:
    """Serve a page of corrections, cached by the versions of the articles: a correction changes that of its own."""
    wanted = _corrections_after(request) if "after" in request.GET else Correction.objects.newest_first()
    rows = list(
        wanted.published().values_list("pk", "article__version", "article__unpublish_at", site_settings_version())[
            : PAGE_SIZE + 1
        ]
    )
    shown, has_more = rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
    site = site_context(rows[0][3]) if rows else current_site_context()
    versions = ("corrections", has_more, site.version, tuple((pk, version) for pk, version, *_rest in shown))
    due = Expiry(
        changes_at=Article.objects.next_scheduled_change(),
        expires_at=min((row[2] for row in shown if row[2]), default=None),
    )

    def make() -> str:
        found = Correction.objects.newest_first().select_related("article").filter(pk__in=[row[0] for row in shown])
        context = {"site": site, "corrections": found, "more": shown[-1][0] if has_more else None}
        return render_to_string("newsite/corrections.html", context)

    is_first = "after" not in request.GET  # few readers request the others
    return (cached_page if is_first else conditional_page)(request, versions, make, expiry=due)


def _corrections_after(request: HttpRequest) -> CorrectionQuerySet:
    """Return the corrections after the one in the query.

    Raise Http404 if it does not exist.
    """
    last = Correction.objects.published().filter(pk=parse_id(request.GET["after"])).first()
    if last is None:
        raise Http404
    return Correction.objects.newest_first().after(last)
