"""How long comments had been held when people decided on them, for the decisions that there are."""

from django.db import migrations
from django.db.models import DurationField, ExpressionWrapper, F, OuterRef, Q, Subquery

HELD = 0


def fill(apps, schema_editor):
    Decision = apps.get_model("comments", "Decision").objects.using(schema_editor.connection.alias)
    earlier = Decision.filter(comment=OuterRef("comment"), at__lt=OuterRef("at"))
    arrival = earlier.exclude(was=HELD).order_by("-at", "-pk")[:1]
    by_people = Decision.filter(was=HELD, by__isnull=False).exclude(now=HELD)
    held_by = {"held_by": Subquery(arrival.values("by")), "held_because": Subquery(arrival.values("cause"))}
    waits = by_people.annotate(held_at=Subquery(arrival.values("at")), **held_by)
    counted = waits.filter(Q(held_by=None) | Q(held_because="undone"), held_at__isnull=False)
    Decision.filter(pk__in=counted.values("pk")).update(
        waited=ExpressionWrapper(F("at") - Subquery(arrival.values("at")), DurationField())
    )


class Migration(migrations.Migration):
    dependencies = [("comments", "0014_waited")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
