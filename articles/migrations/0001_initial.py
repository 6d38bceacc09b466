
import articles.models.article
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('headline', models.CharField(max_length=250, verbose_name='headline')),
                ('standfirst', models.TextField(blank=True, help_text='One or two sentences under the headline.', max_length=600, verbose_name='standfirst')),
                ('body', models.TextField(blank=True, verbose_name='body')),
                ('language', models.CharField(choices=articles.models.article.language_choices, default=articles.models.article.site_language, max_length=16, verbose_name='language')),
                ('slug', models.SlugField(allow_unicode=True, blank=True, help_text='The last part of the address. Empty: made from the headline.', max_length=200, verbose_name='slug')),
                ('published_at', models.DateTimeField(blank=True, help_text='Empty: a draft. In the future: scheduled. In the past: public.', null=True, verbose_name='published at')),
                ('first_published_at', models.DateTimeField(editable=False, null=True)),
                ('day', models.DateField(editable=False, null=True)),
                ('version', models.PositiveBigIntegerField(default=1, editable=False)),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
            ],
            options={
                'verbose_name': 'article',
                'verbose_name_plural': 'articles',
                'permissions': [('publish_article', 'Can publish, schedule and take back articles')],
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
                ('tint', models.CharField(choices=[('slate', 'slate'), ('sea', 'sea'), ('moss', 'moss'), ('clay', 'clay'), ('plum', 'plum')], default='slate', max_length=8, verbose_name='tint')),
                ('order', models.PositiveSmallIntegerField(default=0, help_text='Its place in the masthead.', verbose_name='order')),
            ],
            options={
                'verbose_name': 'section',
                'verbose_name_plural': 'sections',
                'ordering': ['order', 'name'],
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
            name='Paper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('tagline', models.CharField(blank=True, max_length=160, verbose_name='tagline')),
                ('house_rules', models.CharField(blank=True, default='/house-rules/', help_text='The address that the comment form links. Empty: no link.', max_length=200, validators=[django.core.validators.RegexValidator('^(/(?![/\\\\])|https?://)\\S*$', 'Write an address of this site, such as /imprint/, or one that begins with https://.')], verbose_name='house rules')),
                ('privacy', models.CharField(blank=True, default='/privacy/', help_text='The address that the comment form links. Empty: no link.', max_length=200, validators=[django.core.validators.RegexValidator('^(/(?![/\\\\])|https?://)\\S*$', 'Write an address of this site, such as /imprint/, or one that begins with https://.')], verbose_name='privacy')),
                ('version', models.PositiveBigIntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'site',
                'verbose_name_plural': 'site',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_paper')],
            },
        ),
        migrations.CreateModel(
            name='FooterLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=60, verbose_name='text')),
                ('address', models.CharField(max_length=200, validators=[django.core.validators.RegexValidator('^(/(?![/\\\\])|https?://)\\S*$', 'Write an address of this site, such as /imprint/, or one that begins with https://.')], verbose_name='address')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='footer_links', to='articles.paper')),
            ],
            options={
                'verbose_name': 'footer link',
                'verbose_name_plural': 'footer links',
                'ordering': ['order', 'id'],
            },
        ),
        migrations.AddField(
            model_name='article',
            name='section',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='articles.section', verbose_name='section'),
        ),
        migrations.AddConstraint(
            model_name='byline',
            constraint=models.UniqueConstraint(fields=('article', 'author'), name='one_byline_an_author'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['-published_at', '-id'], name='article_newest'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['section', '-published_at', '-id'], name='article_newest_of_section'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.UniqueConstraint(fields=('day', 'slug'), name='one_article_an_address'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('published_at', None), ('day__isnull', False), _connector='OR'), name='published_on_a_day'),
        ),
    ]
