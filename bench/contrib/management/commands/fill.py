from typing import Any

from django.contrib.sites.models import Site
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django_comments.models import Comment

from bench.contrib.models import Article


class Command(BaseCommand):
    help = "Its tables, and one article with 50 comments."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", run_syncdb=True, verbosity=0)
        paragraphs = ["The night boat, the quay and the price of herrings. " * 9] * 9
        article = Article.objects.create(headline="Headline", body="<p>" + "</p><p>".join(paragraphs) + "</p>")
        for number in range(50):
            text = f"Comment number {number}, of ordinary length. " * 3
            fields = {"site": Site.objects.get_current(), "user_name": "Ada", "comment": text}
            Comment.objects.create(content_object=article, **fields)
