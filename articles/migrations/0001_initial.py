"""The tables of articles. PostgreSQL finds their words by an index."""

import articles.models.article
import articles.models.image
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models



def create_index(apps, schema_editor):
    """SQLite searches without an index."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE INDEX article_words ON articles_searchdocument USING gin (vector)")


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS article_words")



class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('headline', models.CharField(max_length=250, verbose_name='headline')),
                ('standfirst', models.TextField(blank=True, help_text='One or two sentences below the headline.', max_length=600, verbose_name='standfirst')),
                ('body', models.TextField(blank=True, verbose_name='story')),
                ('description', models.CharField(blank=True, db_default='', help_text='Shown by search engines and on social media. Leave blank to use the standfirst.', max_length=300, verbose_name='description')),
                ('language', models.CharField(choices=articles.models.article.language_choices, default=articles.models.article.site_language, max_length=16, verbose_name='language')),
                ('slug', models.SlugField(allow_unicode=True, blank=True, help_text='Last part of the URL. Leave blank to make it from the headline.', max_length=180, verbose_name='slug')),
                ('is_ready', models.BooleanField(db_default=False, default=False, help_text='Tell editors it’s ready to publish.', verbose_name='ready for review')),
                ('published_at', models.DateTimeField(blank=True, help_text='Leave blank to keep it a draft; choose a future time to schedule it.', null=True, verbose_name='publish date')),
                ('unpublish_at', models.DateTimeField(blank=True, help_text='Readers won’t see it after this time.', null=True, verbose_name='take down at')),
                ('first_published_at', models.DateTimeField(editable=False, null=True)),
                ('updated_at', models.DateTimeField(editable=False, null=True)),
                ('day', models.DateField(editable=False, null=True)),
                ('version', models.PositiveBigIntegerField(default=1, editable=False)),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='last changed')),
            ],
            options={
                'verbose_name': 'article',
                'verbose_name_plural': 'articles',
                'permissions': [('publish_article', 'Can publish, schedule and unpublish articles')],
            },
        ),
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('slug', models.SlugField(allow_unicode=True, max_length=120, unique=True, verbose_name='slug')),
                ('about', models.TextField(blank=True, verbose_name='about')),
            ],
            options={
                'verbose_name': 'author',
                'verbose_name_plural': 'authors',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                ('slug', models.SlugField(allow_unicode=True, max_length=80, unique=True, verbose_name='slug')),
                ('description', models.CharField(blank=True, max_length=200, verbose_name='description')),
                ('tint', models.CharField(choices=[('slate', 'Slate'), ('sea', 'Sea'), ('moss', 'Moss'), ('clay', 'Clay'), ('plum', 'Plum')], default='slate', max_length=8, verbose_name='colour')),
                ('order', models.PositiveSmallIntegerField(default=0, help_text='Position in the navigation.', verbose_name='order')),
            ],
            options={
                'verbose_name': 'section',
                'verbose_name_plural': 'sections',
                'ordering': ['order', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('slug', models.SlugField(allow_unicode=True, max_length=100, unique=True, verbose_name='slug')),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'tags',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_document', serialize=False, to='articles.article')),
                ('version', models.PositiveBigIntegerField()),
                ('config', models.CharField(db_index=True, max_length=16)),
                ('words', models.TextField(blank=True)),
                ('vector', django.contrib.postgres.search.SearchVectorField(null=True)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Byline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bylines', to='articles.article')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bylines', to='articles.author', verbose_name='author')),
            ],
            options={
                'verbose_name': 'byline',
                'verbose_name_plural': 'bylines',
                'ordering': ['order', 'id'],
            },
        ),
        migrations.AddField(
            model_name='article',
            name='authors',
            field=models.ManyToManyField(related_name='articles', through='articles.Byline', to='articles.author', verbose_name='bylines'),
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(help_text='Say what was wrong and what is right. Shown below the article and on the Corrections page.', max_length=1000, verbose_name='correction')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='date')),
                ('actor', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='articles.article')),
            ],
            options={
                'verbose_name': 'correction',
                'verbose_name_plural': 'corrections',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='EditLock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('expires_at', models.DateTimeField()),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
            ],
            options={
                'verbose_name': 'edit lock',
                'verbose_name_plural': 'edit locks',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='FrontPageSlot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=1, help_text='1 is the lead, 2–5 stand below it. Empty slots show the latest stories.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='slot')),
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='front_page_slot', to='articles.article', verbose_name='article')),
            ],
            options={
                'verbose_name': 'front page slot',
                'verbose_name_plural': 'front page',
                'ordering': ['position', '-article__published_at'],
            },
        ),
        migrations.CreateModel(
            name='Image',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(blank=True, max_length=200, upload_to='images/%Y/%m/', verbose_name='file')),
                ('original', models.FileField(blank=True, db_default='', default='', editable=False, max_length=200, storage=articles.models.image.uploads_storage, upload_to='')),
                ('problem', models.CharField(blank=True, db_default='', default='', editable=False, max_length=20)),
                ('width', models.PositiveIntegerField(editable=False)),
                ('height', models.PositiveIntegerField(editable=False)),
                ('digest', models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                ('alt_text', models.CharField(help_text='Describe the image for people who can’t see it.', max_length=300, verbose_name='alt text')),
                ('caption', models.CharField(blank=True, max_length=500, verbose_name='caption')),
                ('credit', models.CharField(blank=True, help_text='e.g. Jane Doe/Reuters', max_length=200, verbose_name='credit')),
                ('focal_point_x', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='focal point, % from left')),
                ('focal_point_y', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='focal point, % from top')),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded at')),
                ('renditions', models.JSONField(default=dict, editable=False)),
                ('due_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, editable=False, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'image',
                'verbose_name_plural': 'images',
                'ordering': ['-uploaded_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('focal_point_x__lte', 100), ('focal_point_y__lte', 100)), name='focal_point_in_image'), models.CheckConstraint(condition=models.Q(('file', ''), ('original', ''), _connector='OR'), name='image_waiting_or_ready')],
            },
        ),
        migrations.CreateModel(
            name='BodyImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='body_images', to='articles.article')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='body_images', to='articles.image')),
            ],
        ),
        migrations.AddField(
            model_name='article',
            name='images_in_body',
            field=models.ManyToManyField(editable=False, related_name='body_articles', through='articles.BodyImage', to='articles.image'),
        ),
        migrations.AddField(
            model_name='article',
            name='lead_image',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='articles.image', verbose_name='main image'),
        ),
        migrations.CreateModel(
            name='ImportRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('article', 'Article'), ('author', 'Author'), ('image', 'Image'), ('section', 'Section'), ('tag', 'Tag')], max_length=8)),
                ('key', models.CharField(max_length=200)),
                ('object_id', models.BigIntegerField()),
                ('source_hash', models.CharField(blank=True, max_length=32)),
                ('local_hash', models.CharField(blank=True, max_length=32)),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(fields=['kind', 'object_id'], name='imported_as')],
                'constraints': [models.UniqueConstraint(fields=('source', 'kind', 'key'), name='imported_once')],
            },
        ),
        migrations.CreateModel(
            name='PreviewLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('recipient', models.CharField(blank=True, max_length=120, verbose_name='shared with')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='preview_links', to='articles.article')),
            ],
            options={
                'verbose_name': 'preview link',
                'verbose_name_plural': 'preview links',
                'ordering': ['-created_at', '-pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='HistoricalArticle',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('byline_snapshot', models.JSONField(default=list)),
                ('tag_snapshot', models.JSONField(default=list)),
                ('headline', models.CharField(max_length=250, verbose_name='headline')),
                ('standfirst', models.TextField(blank=True, help_text='One or two sentences below the headline.', max_length=600, verbose_name='standfirst')),
                ('body', models.TextField(blank=True, verbose_name='story')),
                ('description', models.CharField(blank=True, db_default='', help_text='Shown by search engines and on social media. Leave blank to use the standfirst.', max_length=300, verbose_name='description')),
                ('language', models.CharField(choices=articles.models.article.language_choices, default=articles.models.article.site_language, max_length=16, verbose_name='language')),
                ('slug', models.SlugField(allow_unicode=True, blank=True, help_text='Last part of the URL. Leave blank to make it from the headline.', max_length=180, verbose_name='slug')),
                ('is_ready', models.BooleanField(db_default=False, default=False, help_text='Tell editors it’s ready to publish.', verbose_name='ready for review')),
                ('published_at', models.DateTimeField(blank=True, help_text='Leave blank to keep it a draft; choose a future time to schedule it.', null=True, verbose_name='publish date')),
                ('unpublish_at', models.DateTimeField(blank=True, help_text='Readers won’t see it after this time.', null=True, verbose_name='take down at')),
                ('first_published_at', models.DateTimeField(editable=False, null=True)),
                ('updated_at', models.DateTimeField(editable=False, null=True)),
                ('day', models.DateField(editable=False, null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lead_image', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='articles.image', verbose_name='main image')),
                ('section', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='articles.section', verbose_name='section')),
            ],
            options={
                'verbose_name': 'historical article',
                'verbose_name_plural': 'historical articles',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name='article',
            name='section',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='articles.section', verbose_name='section'),
        ),
        migrations.CreateModel(
            name='SiteSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('tagline', models.CharField(blank=True, max_length=160, verbose_name='tagline')),
                ('house_rules_url', models.CharField(blank=True, default='/house-rules/', help_text='Linked below the comment form. Leave blank for none.', max_length=200, validators=[django.core.validators.RegexValidator('^(/(?![/\\\\])|https?://)\\S*$', 'Enter a path such as /about/, or a URL starting with https://')], verbose_name='house rules link')),
                ('privacy_url', models.CharField(blank=True, default='/privacy/', help_text='Linked below the comment form. Leave blank for none.', max_length=200, validators=[django.core.validators.RegexValidator('^(/(?![/\\\\])|https?://)\\S*$', 'Enter a path such as /about/, or a URL starting with https://')], verbose_name='privacy link')),
                ('version', models.PositiveBigIntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'site settings',
                'verbose_name_plural': 'site settings',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_site_settings')],
            },
        ),
        migrations.CreateModel(
            name='FooterLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=60, verbose_name='text')),
                ('address', models.CharField(max_length=200, validators=[django.core.validators.RegexValidator('^(/(?![/\\\\])|https?://)\\S*$', 'Enter a path such as /about/, or a URL starting with https://')], verbose_name='link')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('site_settings', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='footer_links', to='articles.sitesettings')),
            ],
            options={
                'verbose_name': 'footer link',
                'verbose_name_plural': 'footer links',
                'ordering': ['order', 'id'],
            },
        ),
        migrations.AddField(
            model_name='article',
            name='tags',
            field=models.ManyToManyField(blank=True, related_name='articles', to='articles.tag', verbose_name='tags'),
        ),
        migrations.CreateModel(
            name='Autosave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(db_default='', default='', max_length=36)),
                ('fields', models.JSONField()),
                ('saved_at', models.DateTimeField()),
                ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'autosave',
                'verbose_name_plural': 'autosaves',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('user', 'article'), name='one_autosave_a_user_and_article'), models.UniqueConstraint(condition=models.Q(('article', None)), fields=('user', 'key'), name='one_draft_a_person_and_new_form')],
            },
        ),
        migrations.AddConstraint(
            model_name='byline',
            constraint=models.UniqueConstraint(fields=('article', 'author'), name='one_byline_an_author'),
        ),
        migrations.AddIndex(
            model_name='correction',
            index=models.Index(fields=['-at', '-id'], name='correction_newest'),
        ),
        migrations.AddConstraint(
            model_name='bodyimage',
            constraint=models.UniqueConstraint(fields=('article', 'image'), name='one_body_image_an_image'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['-published_at', '-id'], name='article_newest'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['section', '-published_at', '-id'], name='article_newest_of_section'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('unpublish_at__isnull', False)), fields=['unpublish_at'], name='article_that_ends'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.UniqueConstraint(fields=('day', 'slug'), name='one_article_an_address'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('published_at', None), ('day__isnull', False), _connector='OR'), name='published_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('unpublish_at', None), ('unpublish_at__gt', models.F('published_at')), _connector='OR'), name='unpublished_after_it_was_published'),
        ),
        migrations.RunPython(create_index, drop_index),
    ]
