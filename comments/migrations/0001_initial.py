
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('articles', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('path', models.CharField(blank=True, editable=False, max_length=54)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('text', models.TextField(verbose_name='comment')),
                ('status', models.PositiveSmallIntegerField(choices=[(0, 'held'), (1, 'approved'), (2, 'rejected'), (3, 'spam'), (4, 'withdrawn')], default=0, verbose_name='status')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written at')),
                ('decided_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='decided at')),
                ('looked_at', models.DateTimeField(blank=True, null=True, verbose_name='looked at by a person')),
                ('public_replies', models.PositiveIntegerField(default=0, editable=False)),
                ('shown_replies', models.PositiveIntegerField(default=0, editable=False)),
                ('is_shown', models.BooleanField(default=False, editable=False)),
                ('recommendations', models.PositiveIntegerField(default=0, editable=False, verbose_name='recommendations')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('device', models.CharField(blank=True, max_length=32, verbose_name='device')),
                ('network', models.CharField(blank=True, max_length=32, verbose_name='network')),
                ('text_hash', models.CharField(editable=False, max_length=32)),
                ('submission_key', models.CharField(editable=False, max_length=32, null=True, unique=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='articles.article', verbose_name='article')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='comments.comment', verbose_name='in reply to')),
                ('thread', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.comment')),
            ],
            options={
                'verbose_name': 'comment',
                'verbose_name_plural': 'comments',
                'ordering': ['status', '-created_at', '-id'],
                'permissions': [('moderate_comment', 'Can approve, reject and hold comments')],
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='Conversation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy', models.CharField(choices=[('open', 'open: judged by the rules'), ('hold', 'hold everything for a moderator'), ('closed', 'closed')], default='open', max_length=8, verbose_name='comments')),
                ('public_count', models.PositiveIntegerField(default=0, editable=False)),
                ('version', models.PositiveBigIntegerField(default=1, editable=False)),
                ('recommended_at', models.DateTimeField(editable=False, null=True)),
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='conversation', to='articles.article')),
            ],
            options={
                'verbose_name': 'conversation',
                'verbose_name_plural': 'conversations',
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('was', models.PositiveSmallIntegerField(choices=[(0, 'held'), (1, 'approved'), (2, 'rejected'), (3, 'spam'), (4, 'withdrawn')], null=True, verbose_name='was')),
                ('now', models.PositiveSmallIntegerField(choices=[(0, 'held'), (1, 'approved'), (2, 'rejected'), (3, 'spam'), (4, 'withdrawn')], verbose_name='now')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('findings', models.JSONField(blank=True, default=list, verbose_name='findings')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='comments.comment')),
            ],
            options={
                'verbose_name': 'decision',
                'verbose_name_plural': 'decisions',
                'ordering': ['at', 'id'],
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='Recommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.CharField(max_length=32)),
                ('network', models.CharField(max_length=32)),
                ('counts', models.BooleanField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.comment')),
            ],
            options={
                'verbose_name': 'recommendation',
                'verbose_name_plural': 'recommendations',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SitePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy', models.CharField(choices=[('open', 'open: judged by the rules'), ('hold', 'hold everything for a moderator'), ('closed', 'closed')], default='open', max_length=8, verbose_name='comments on the whole site')),
            ],
            options={
                'verbose_name': 'switch for all comments',
                'verbose_name_plural': 'switch for all comments',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_site_policy')],
            },
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['status', '-created_at', '-id'], name='comment_by_status'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['-created_at', '-id'], name='comment_newest'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('is_shown', True), ('thread', None)), fields=['article', '-created_at', '-id'], name='comment_opening'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('is_shown', True), ('thread', None)), fields=['article', '-recommendations', '-id'], name='comment_opening_recommended'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('is_shown', True)), fields=['thread', 'path'], name='comment_reply'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['article', 'device', '-created_at'], name='comment_own'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['device', '-created_at'], name='comment_of_device'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['device', 'status', 'decided_at'], name='comment_record_of_device'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['network', '-created_at'], name='comment_of_network'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['text_hash', '-created_at'], name='comment_same_text'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('parent', None), ('thread', None)), models.Q(('parent__isnull', False), ('thread__isnull', False)), _connector='OR'), name='reply_is_in_a_thread'),
        ),
        migrations.AddIndex(
            model_name='recommendation',
            index=models.Index(fields=['comment', 'network'], name='recommendation_of_network'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.UniqueConstraint(fields=('comment', 'device'), name='one_recommendation_a_device'),
        ),
    ]
