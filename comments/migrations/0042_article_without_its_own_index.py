"""An index that begins every other one of an article's comments, too: PostgreSQL read a whole conversation by it, and
sorted it for a page.
"""

from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [("articles", "0043_key_of_new_drafts"), ("comments", "0041_clicks")]

    operations = [
        migrations.AlterField(
            model_name="comment",
            name="article",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="comments",
                to="articles.article",
                verbose_name="article",
            ),
        ),
    ]
