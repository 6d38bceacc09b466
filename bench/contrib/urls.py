from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import include, path

from bench.contrib.models import Article


def article_page(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "page.html", {"article": get_object_or_404(Article, pk=pk)})


urlpatterns = [path("comments/", include("django_comments.urls")), path("<int:pk>/", article_page)]
