"""Fills the table of firings from the findings that Decisions hold."""

from itertools import groupby

from django.db import migrations

AT_ONCE = 2_000
SEVERITY = ["publish", "hold", "spam", "refuse"]
APPROVED = 1


def fill(apps, schema_editor):
    using = schema_editor.connection.alias
    Firing = apps.get_model("comments", "Firing")
    decisions = apps.get_model("comments", "Decision").objects.using(using).order_by("comment_id", "at", "id")
    columns = ["comment_id", "comment__created_at", "comment__looked_at", "cause", "by_id", "now", "findings"]
    rows = decisions.values_list(*columns).iterator(chunk_size=AT_ONCE)
    waiting = []
    for (comment_id, written_at, looked_at), history in groupby(rows, key=lambda row: row[:3]):
        firings, is_approved = told(history)
        is_overruled = is_approved and looked_at is not None
        for (rule, entry), is_alone in firings.items():
            firing = Firing(comment_id=comment_id, rule=rule, entry=entry, is_alone=is_alone, written_at=written_at)
            firing.is_overruled = is_alone and is_overruled
            waiting.append(firing)
        if len(waiting) >= AT_ONCE:
            Firing.objects.using(using).bulk_create(waiting, batch_size=AT_ONCE)
            waiting = []
    Firing.objects.using(using).bulk_create(waiting, batch_size=AT_ONCE)


def told(history):
    """What a comment's decisions say of it: its firings, and whether a person approved the words it has now."""
    firings, is_approved = {}, False
    for *_comment, cause, by, now, findings in history:
        if cause == "edited":
            firings, is_approved = dict.fromkeys(firings, False), False
        firings |= weighed(findings)
        if by is not None:
            is_approved = now == APPROVED
    return firings, is_approved


def weighed(findings):
    fired = [(each["rule"][:200], each.get("entry", "")[:60], SEVERITY.index(each["outcome"])) for each in findings]
    worst = max((outcome for _rule, _entry, outcome in fired), default=0)
    decisive = {(rule, entry) for rule, entry, outcome in fired if outcome == worst > 0}
    alone = decisive if len(decisive) == 1 else set()
    if len(rules := {rule for rule, _entry in decisive}) == 1:
        alone = alone | {(rules.pop(), "")}
    return {key: key in alone for rule, entry, _outcome in fired for key in ((rule, ""), (rule, entry))}


class Migration(migrations.Migration):
    dependencies = [("comments", "0010_firings")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
