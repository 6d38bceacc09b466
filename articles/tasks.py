"""What happens after a picture was taken in. A task only says "look": what is due stands in the picture's row."""

from __future__ import annotations

from django_tasks import task

from articles import renditions


@task()
def draw_renditions(pk: int) -> None:
    renditions.draw(pk)
