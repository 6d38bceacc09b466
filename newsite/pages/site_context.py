"""What every page shows: masthead, footer, and the paper's own words. Made once for each version of the paper."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models.expressions import Combinable
from django.template.loader import render_to_string

from articles.models import Paper, Section
from newsite.http.page_cache import kept


@dataclass(frozen=True)
class Frame:
    version: int
    name: str
    tagline: str
    house_rules: str
    privacy: str
    masthead: str
    footer: str
    site_url: str = settings.SITE_URL


def paper_version() -> Combinable:
    """To be read in the same query as what the page is about."""
    return Paper.value("version")


def frame_of(version: int) -> Frame:
    return kept(("frame", version), lambda: _make(version))


def current_frame() -> Frame:
    return frame_of(Paper.current().version)


def _make(version: int) -> Frame:
    paper = Paper.current()
    context = {"paper": paper, "sections": list(Section.objects.all()), "links": list(paper.footer_links.all())}
    return Frame(
        version=version,
        name=paper.name,
        tagline=paper.tagline,
        house_rules=paper.house_rules,
        privacy=paper.privacy,
        masthead=render_to_string("newsite/_masthead.html", context),
        footer=render_to_string("newsite/_footer.html", context),
    )
