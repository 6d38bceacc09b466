"""The article as it will look, for whoever was given a link to it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from articles.models import Article, PreviewLink
from newsite.http.decorators import private_view
from newsite.pages.article import render_article
from newsite.pages.errors import plain_page
from newsite.pages.site_context import current_site_context


@private_view
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """As it stands now; once it is public, the article itself. A link that has ended says so and nothing else.

    No cache keeps it, no search engine lists it, and where its links lead nobody learns whence one came.
    """
    link = PreviewLink.get_by_token(token)
    if link is None:
        raise Http404
    if not link.is_active():
        response = plain_page(410, _("This preview link has expired."), _("Ask the person who sent it for a new one."))
    elif link.article.is_public():
        response = HttpResponseRedirect(link.article.get_absolute_url())
    else:
        response = HttpResponse(preview_html(link.article, is_by_link=True))
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def preview_html(article: Article, *, is_by_link: bool = False) -> str:
    context = {"frame": current_site_context(), "article": render_article(article), "is_by_link": is_by_link}
    return render_to_string("newsite/preview.html", context)
