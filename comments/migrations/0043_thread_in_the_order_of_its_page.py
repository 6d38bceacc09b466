"""The index of a thread's replies is in the order of its page: by one of the thread alone PostgreSQL read all of a long
thread, and sorted it for five, where most threads are short.
"""

from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [("comments", "0042_article_without_its_own_index")]

    operations = [
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                fields=["thread", "is_shown", "path"],
                name="comment_in_thread",
                condition=models.Q(thread__isnull=False),
            ),
        ),
        migrations.AlterField(
            model_name="comment",
            name="thread",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="comments.comment",
            ),
        ),
    ]
