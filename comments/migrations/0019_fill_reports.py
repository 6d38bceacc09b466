"""Reports that moderators have looked at, or whose comment its author has withdrawn, are open no more."""

from django.db import migrations
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

WITHDRAWN = 4


def fill(apps, schema_editor):
    using = schema_editor.connection.alias
    Comment = apps.get_model("comments", "Comment").objects.using(using)
    Report = apps.get_model("comments", "Report").objects.using(using)
    Comment.filter(status=WITHDRAWN, open_reports__gt=0).update(open_reports=0)
    look = Subquery(Comment.filter(pk=OuterRef("comment")).values("looked_at"))
    settled = Report.filter(Q(comment__open_reports=0) | Q(comment__looked_at__gte=F("at")))
    settled.update(looked_at=Coalesce(look, F("at")))


class Migration(migrations.Migration):
    dependencies = [("comments", "0018_reports_open")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
