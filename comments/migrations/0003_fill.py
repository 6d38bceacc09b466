"""Fills the new columns from what is there, and gives editors a list of reasons to begin with."""

from django.db import migrations
from django.db.models import F

from comments import names

REASONS = [
    ("Insulting", "It attacks people rather than what they say."),
    ("Off topic", "It is not about this article."),
    ("Advertising", "It advertises something."),
    ("Personal data", "It gives away something private about somebody."),
    ("Unlawful", "It may be against the law."),
    ("Unfounded", "It states as a fact what nothing supports."),
    ("Without a reason", ""),
]


def fill(apps, schema_editor):
    using = schema_editor.connection.alias
    Comment = apps.get_model("comments", "Comment").objects.using(using)
    Conversation = apps.get_model("comments", "Conversation").objects.using(using)
    Decision = apps.get_model("comments", "Decision").objects.using(using)
    Decision.filter(was=None).update(cause="submitted")
    Decision.filter(by=None).exclude(was=None).update(cause="withdrawn")
    Conversation.update(published=F("public_count"))
    for name in set(Comment.values_list("name", flat=True)):
        Comment.filter(name=name).update(name_key=names.key(name))
    RejectReason = apps.get_model("comments", "RejectReason").objects.using(using)
    for order, (title, sentence) in enumerate(REASONS):
        RejectReason.create(order=order, title=title, sentence=sentence)


class Migration(migrations.Migration):
    dependencies = [("comments", "0002_picks_reports_and_edits")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
