"""Preview of an unpublished article, for holders of a preview link."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from articles.models import Article, PreviewLink
from comments.views.decorators import private_view
from newsite.pages.article import render_article
from newsite.pages.errors import plain_page
from newsite.pages.site_context import current_site_context


@private_view
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """Show the saved article; redirect to the article once it is public; answer 410 if the link has expired.

    The response is not cached and not indexed by search engines, and its links send no referrer.
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
    context = {"site": current_site_context(), "article": render_article(article), "is_by_link": is_by_link}
    return render_to_string("newsite/preview.html", context)
