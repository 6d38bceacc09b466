"""View that accepts comments. Every response returns the reader's text, except after the comment is stored."""

from __future__ import annotations

from datetime import date
import re

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from articles.models import Article
from comments.forms import CommentForm
from comments.identity import get_reader, set_device_cookie
from comments.statuses import Status
from comments.submission.proof_of_work import issue_wait_ticket, new_challenge
from comments.submission.receipts import as_receipt, set_receipt
from comments.submission.submit import CommentRefused, SubmissionResult, submit
from comments.text.clean import remove_controls
from comments.views.decorators import CROSS_SITE_MESSAGE, form_view, is_same_site
from comments.views.responses import SeeOther, with_retry_status
from newsite.observability.metrics import COMMENTS
from newsite.pages import article as articlepage
from newsite.pages.redirects import redirect_response
from newsite.pages.site_context import current_site_context


@form_view
def post_comment(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    try:
        shown = articlepage.get_published(day, slug)
    except Http404:
        if request.method == "POST":
            return redirect_response(request) or _article_is_gone(request)
        raise
    article_url = reverse("article", args=[day, slug])
    if request.method != "POST":
        query = request.META["QUERY_STRING"]
        return SeeOther(f"{article_url}{query and '?'}{query}#write")
    article = Article(pk=shown.pk)
    form = CommentForm(request.POST, article=article, staff=staff_author(request))
    is_valid = form.is_valid()
    if not is_same_site(request):
        form.add_error(None, CROSS_SITE_MESSAGE)
        return _form_again(shown, form, status=403)
    if not is_valid:
        return _form_again(shown, form, status=422)
    try:
        result = submit(article, form.submitted(), get_reader(request))
    except CommentRefused as error:
        COMMENTS.labels("challenged" if error.purpose else "refused").inc()
        return _challenge(form, error, article_url) if error.purpose else _refused(shown, form, error)
    COMMENTS.labels(Status(result.comment.status).name.lower()).inc()
    return _accepted(request, result, day, slug)


def staff_author(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) and request.user.is_staff else None


def _accepted(request: HttpRequest, result: SubmissionResult, day: date, slug: str) -> HttpResponse:
    """Redirect (303) to the article with the reader's comment.

    htmx receives the page directly, because it loses the fragment of a redirect.
    """
    path = reverse("article_private", args=[day, slug])
    yours = f"{path}#comment-{result.comment.pk}"
    response: HttpResponse
    if "HX-Request" in request.headers:
        device = result.device or get_reader(request).device
        received = None if result.device else as_receipt(result.comment)
        html = articlepage.render_page(
            articlepage.get_published(day, slug), own_device=device, received=received, is_private=True
        )
        response = HttpResponse(html, headers={"HX-Replace-Url": yours})
    else:
        response = SeeOther(yours)
    if result.device:
        set_device_cookie(response, result.device)
    else:
        set_receipt(response, result.comment, path=path)
    return response


def _form_again(shown: articlepage.PublishedArticle, form: CommentForm, *, status: int) -> HttpResponse:
    form.prepare_redisplay()
    wanted = articlepage.ConversationQuery(reply_to=form.cleaned_data.get("parent"))
    return HttpResponse(articlepage.render_page(shown, wanted, form=form, is_private=True), status=status)


def _refused(shown: articlepage.PublishedArticle, form: CommentForm, error: CommentRefused) -> HttpResponse:
    form.add_error(None, error.message)
    return with_retry_status(_form_again(shown, form, status=422), error)


def _challenge(form: CommentForm, error: CommentRefused, article_url: str) -> HttpResponse:
    """Answer with the comment and a proof of work, which the script of the page solves and sends."""
    ticket, seconds = issue_wait_ticket(error.purpose, form.data.get("ticket", ""))
    context = {
        "site": current_site_context(),
        "article_url": article_url,
        "text": form.cleaned_data["comment"],
        "name": form.cleaned_data["name"],
        "hidden": [(name, form.data.get(name, "")) for name in ("parent", "rendered", "website", "idempotency_key")],
        "message": error.message,
        "challenge": new_challenge(error.purpose),
        "ticket": ticket,
        "attempt": _attempt_of(form),
        "seconds": seconds,
    }
    return HttpResponse(render_to_string("newsite/proof_of_work.html", context), status=422)


def _attempt_of(form: CommentForm) -> int:
    """Return how often this comment has been challenged; the script solves the first two without a click."""
    earlier = str(form.data.get("attempt", ""))
    return int(earlier) + 1 if re.fullmatch("[0-9]{1,2}", earlier) else 1


def _article_is_gone(request: HttpRequest) -> HttpResponse:
    """Answer 404 for an article that was unpublished in the meantime, with the reader's text."""
    text, name = (remove_controls(request.POST.get(field, "")) for field in ("comment", "name"))
    context = {"site": current_site_context(), "text": text, "name": name}
    return render(request, "newsite/article_gone.html", context, status=404)
