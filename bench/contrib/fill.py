"""Its tables, and one article with 50 comments: python -m bench.contrib.fill"""

from __future__ import annotations

import os

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.contrib.settings"


def fill() -> None:
    from django.contrib.sites.models import Site  # noqa: PLC0415 (after setup)
    from django_comments.models import Comment  # noqa: PLC0415

    from bench.contrib.models import Article  # noqa: PLC0415

    paragraphs = ["The night boat, the quay and the price of herrings. " * 9] * 9
    article = Article.objects.create(headline="Headline", body="<p>" + "</p><p>".join(paragraphs) + "</p>")
    for number in range(50):
        text = f"Comment number {number}, of ordinary length. " * 3
        fields = {"site": Site.objects.get_current(), "user_name": "Ada", "comment": text}
        Comment.objects.create(content_object=article, **fields)


if __name__ == "__main__":
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    fill()
