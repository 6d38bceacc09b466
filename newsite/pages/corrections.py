"""All corrections of the paper, the newest first."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from articles.models import Article, Correction
from articles.models.correction import CorrectionQuerySet
from articles.params import as_id
from newsite.http.decorators import for_reading
from newsite.http.page_cache import Due, public_page, stored_page
from newsite.pages.site_context import current_frame, frame_of, paper_version

LISTED = 50


@for_reading
def corrections(request: HttpRequest) -> HttpResponse:
    """Kept under the versions of the articles: a correction moves its own."""
    wanted = _after(request) if "after" in request.GET else Correction.objects.newest()
    rows = list(
        wanted.published().values_list("pk", "article__version", "article__unpublish_at", paper_version())[: LISTED + 1]
    )
    shown, has_more = rows[:LISTED], len(rows) > LISTED
    frame = frame_of(rows[0][3]) if rows else current_frame()
    versions = ("corrections", has_more, frame.version, tuple((pk, version) for pk, version, *_rest in shown))
    due = Due(changes=Article.objects.next_due(), ends=min((row[2] for row in shown if row[2]), default=None))

    def make() -> str:
        found = Correction.objects.newest().select_related("article").filter(pk__in=[row[0] for row in shown])
        context = {"frame": frame, "corrections": found, "more": shown[-1][0] if has_more else None}
        return render_to_string("newsite/corrections.html", context)

    is_first = "after" not in request.GET  # everybody comes by the first page, hardly anybody by the others
    return (stored_page if is_first else public_page)(request, versions, make, due=due)


def _after(request: HttpRequest) -> CorrectionQuerySet:
    """Raises Http404 for one that is not there."""
    last = Correction.objects.published().filter(pk=as_id(request.GET["after"])).first()
    if last is None:
        raise Http404
    return Correction.objects.newest().behind(last)
