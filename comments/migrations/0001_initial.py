"""The tables of comments. PostgreSQL finds parts of words by their trigrams."""

import comments.models.notification
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import DatabaseError, migrations, models



class CreateTrigramExtension(TrigramExtension):
    """Create pg_trgm, or say who can. It may belong to others, so that going back does not drop it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        except DatabaseError as error:
            raise DatabaseError(
                "The search for words needs PostgreSQL's extension pg_trgm, and this user may not create it. Install the "
                "package postgresql-contrib if it is missing, let the owner of the database run CREATE EXTENSION pg_trgm, "
                "then migrate again."
            ) from error

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        pass


def create_index(apps, schema_editor):
    """SQLite searches without an index."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE INDEX comment_text ON comments_comment USING gin (upper(text) gin_trgm_ops)")


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS comment_text")



REJECT_REASONS = [
    ("Insulting", "It attacks people rather than what they say."),
    ("Off topic", "It is not about this article."),
    ("Advertising", "It advertises something."),
    ("Personal data", "It gives away something private about someone."),
    ("Unlawful", "It may be against the law."),
    ("Unfounded", "It states as a fact what nothing supports."),
    ("Without a reason", ""),
]


def create_reject_reasons(apps, schema_editor):
    """Give editors a list to begin with. The sentence is what the author of a comment is told."""
    reasons = apps.get_model("comments", "RejectReason").objects.using(schema_editor.connection.alias)
    for order, (title, sentence) in enumerate(REJECT_REASONS):
        reasons.create(order=order, title=title, sentence=sentence)



class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('articles', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTrigramExtension(),
        migrations.CreateModel(
            name='Cluster',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='first seen')),
                ('pending_count', models.PositiveIntegerField(default=0, verbose_name='pending')),
                ('is_attack', models.BooleanField(db_default=False, default=False)),
            ],
            options={
                'verbose_name': 'cluster',
                'verbose_name_plural': 'clusters',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='NewDeviceHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField(unique=True)),
                ('site', models.PositiveIntegerField(default=0)),
                ('article', models.PositiveIntegerField(default=0)),
                ('is_attack', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'hourly rate of new devices',
                'verbose_name_plural': 'hourly rates of new devices',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='RejectReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(help_text='Shown to moderators.', max_length=60, verbose_name='title')),
                ('sentence', models.CharField(blank=True, help_text='Shown to the author on their page and by email. Leave blank to say nothing.', max_length=300, verbose_name='message to the author')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
            ],
            options={
                'verbose_name': 'rejection reason',
                'verbose_name_plural': 'rejection reasons',
                'ordering': ['order', 'id'],
            },
        ),
        migrations.CreateModel(
            name='SuppressedAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address_key', models.CharField(max_length=32, unique=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'suppressed address',
                'verbose_name_plural': 'suppressed addresses',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='BackgroundJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('bulk', 'Bulk action'), ('undo', 'Undo of a bulk action'), ('backtest', 'Backtest')], max_length=10, verbose_name='type')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('requested_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='started at')),
                ('parameters', models.JSONField(blank=True, default=dict)),
                ('cursor', models.JSONField(blank=True, default=dict)),
                ('result', models.JSONField(blank=True, default=dict)),
                ('done', models.PositiveIntegerField(default=0, verbose_name='done')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='total')),
                ('last_step_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('lease_expires_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('problem', models.CharField(blank=True, max_length=300, verbose_name='problem')),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
            ],
            options={
                'verbose_name': 'background job',
                'verbose_name_plural': 'background jobs',
                'ordering': ['-requested_at', '-id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('device', 'device'), ('network', 'network'), ('name', 'name'), ('domain', 'link domain')], max_length=7, verbose_name='kind')),
                ('value', models.CharField(help_text='Copy the device or network from a comment, or enter an IP address, a name (look-alikes are included) or a domain (subdomains are included). Many readers may share a network.', max_length=253, verbose_name='blocked')),
                ('outcome', models.CharField(choices=[('hold', 'Hold'), ('refuse', 'Refuse')], default='hold', help_text='Hold: goes to a moderator; the author sees “awaiting approval”. Refuse: rejected straight away; the reader is told.', max_length=6, verbose_name='outcome')),
                ('reason', models.CharField(help_text='For colleagues only. Readers don’t see it.', max_length=300, verbose_name='reason')),
                ('begins_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='starts at')),
                ('ends_at', models.DateTimeField(blank=True, help_text='Leave blank to block indefinitely.', null=True, verbose_name='ends at')),
                ('hits', models.PositiveIntegerField(default=0, editable=False, verbose_name='hits')),
                ('last_hit_at', models.DateTimeField(editable=False, null=True, verbose_name='last hit at')),
                ('key', models.CharField(editable=False, max_length=253)),
                ('author', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
            ],
            options={
                'verbose_name': 'block',
                'verbose_name_plural': 'blocked readers',
                'ordering': ['-begins_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Attack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='started')),
                ('last_exceeded_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='last above the limit')),
                ('is_manual', models.BooleanField(default=False, verbose_name='turned on manually')),
                ('rate', models.PositiveIntegerField(default=0, verbose_name='new devices per minute')),
                ('limit', models.PositiveIntegerField(default=0, verbose_name='limit')),
                ('challenged_count', models.PositiveIntegerField(default=0, verbose_name='proof-of-work checks')),
                ('has_initial_comments', models.BooleanField(default=False)),
                ('article', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article', verbose_name='article')),
                ('cluster', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='attack', to='comments.cluster')),
            ],
            options={
                'verbose_name': 'attack',
                'verbose_name_plural': 'attacks',
                'ordering': ['-started_at', '-id'],
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('path', models.CharField(blank=True, editable=False, max_length=54)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('text', models.TextField(verbose_name='comment')),
                ('status', models.PositiveSmallIntegerField(choices=[(0, 'pending'), (1, 'approved'), (2, 'rejected'), (3, 'spam'), (4, 'deleted by author')], default=0, verbose_name='status')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='posted at')),
                ('decided_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='decided at')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                ('edited_at', models.DateTimeField(editable=False, null=True, verbose_name='edited at')),
                ('redacted_at', models.DateTimeField(editable=False, null=True, verbose_name='edited by a moderator at')),
                ('picked_at', models.DateTimeField(editable=False, null=True, verbose_name='picked at')),
                ('anonymized_at', models.DateTimeField(editable=False, null=True, verbose_name='anonymized at')),
                ('approved_reply_count', models.PositiveIntegerField(default=0, editable=False)),
                ('visible_reply_count', models.PositiveIntegerField(default=0, editable=False)),
                ('is_visible', models.BooleanField(default=False, editable=False)),
                ('recommendations', models.PositiveIntegerField(default=0, editable=False, verbose_name='recommendations')),
                ('open_reports', models.PositiveIntegerField(default=0, editable=False, verbose_name='reports')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('is_collapsed', models.BooleanField(db_default=False, default=False, editable=False)),
                ('spam_score', models.FloatField(editable=False, null=True)),
                ('rejected_score', models.FloatField(editable=False, null=True)),
                ('suspicion', models.FloatField(db_default=0.5, default=0.5, editable=False)),
                ('device', models.CharField(blank=True, max_length=32, verbose_name='device')),
                ('network', models.CharField(blank=True, max_length=32, verbose_name='network')),
                ('name_key', models.CharField(blank=True, editable=False, max_length=32)),
                ('text_hash', models.CharField(editable=False, max_length=32)),
                ('submission_key', models.CharField(editable=False, max_length=32, null=True, unique=True)),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='articles.article', verbose_name='article')),
                ('cluster', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='comments', to='comments.cluster')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='comments.comment', verbose_name='in reply to')),
                ('staff', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='staff account')),
                ('thread', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.comment')),
            ],
            options={
                'verbose_name': 'comment',
                'verbose_name_plural': 'comments',
                'ordering': ['status', '-created_at', '-id'],
                'permissions': [('moderate_comment', 'Can approve, reject and hold comments'), ('redact_comment', 'Can redact comments'), ('view_original', 'Can see redacted text')],
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateTimeField()),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('comment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='claim', to='comments.comment')),
            ],
            options={
                'verbose_name': 'claim',
                'verbose_name_plural': 'claims',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('open_reports', models.PositiveIntegerField()),
                ('new_version', models.PositiveIntegerField(null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('job', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='comments.backgroundjob')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.comment')),
            ],
            options={
                'verbose_name': 'comment of a bulk action',
                'verbose_name_plural': 'comments of bulk actions',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AkismetRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('check', 'Check for spam'), ('spam', 'Report missed spam'), ('ham', 'Report false positive')], default='check', max_length=5, verbose_name='request')),
                ('state', models.CharField(choices=[('pending', 'Queued'), ('in_progress', 'In progress'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='pending', max_length=11, verbose_name='status')),
                ('answer', models.CharField(blank=True, choices=[('spam', 'Spam'), ('sure', 'Definitely spam'), ('ham', 'Not spam')], max_length=4, verbose_name='answer')),
                ('encrypted_data', models.TextField(blank=True, editable=False)),
                ('is_only_hold', models.BooleanField(default=False, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created at')),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='next attempt at')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('lease_expires_at', models.DateTimeField(editable=False, null=True)),
                ('last_error', models.CharField(blank=True, max_length=300, verbose_name='last error')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='done at')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='akismet_requests', to='comments.comment')),
            ],
            options={
                'verbose_name': 'Akismet request',
                'verbose_name_plural': 'Akismet',
                'ordering': ['-due_at', '-id'],
                'permissions': [('resend_akismetrequest', 'Can repeat Akismet requests')],
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='Moderation',
            fields=[
            ],
            options={
                'verbose_name': 'moderation',
                'verbose_name_plural': 'moderation',
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('comments.comment',),
        ),
        migrations.CreateModel(
            name='Statistics',
            fields=[
            ],
            options={
                'verbose_name': 'statistics',
                'verbose_name_plural': 'statistics',
                'proxy': True,
                'default_permissions': ['view'],
                'indexes': [],
                'constraints': [],
            },
            bases=('comments.comment',),
        ),
        migrations.CreateModel(
            name='ConfirmationRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address_key', models.CharField(max_length=32)),
                ('domain_key', models.CharField(blank=True, db_default='', default='', max_length=32)),
                ('device', models.CharField(max_length=32)),
                ('network', models.CharField(max_length=32)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'confirmation',
                'verbose_name_plural': 'confirmations',
                'default_permissions': (),
                'indexes': [models.Index(fields=['address_key', 'at'], name='confirmation_of_address'), models.Index(condition=models.Q(('domain_key', ''), _negated=True), fields=['domain_key', 'at'], name='confirmation_of_domain'), models.Index(fields=['device', 'at'], name='confirmation_by_device'), models.Index(fields=['network', 'at'], name='confirmation_by_network')],
            },
        ),
        migrations.CreateModel(
            name='Conversation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy', models.CharField(choices=[('open', 'Open'), ('hold', 'Pre-moderated'), ('closed', 'Closed')], default='open', max_length=8, verbose_name='comments')),
                ('closes_after', models.PositiveSmallIntegerField(blank=True, help_text='Leave blank for the site default; 0 means never.', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='close comments after (days)')),
                ('public_count', models.PositiveIntegerField(default=0, editable=False)),
                ('published_count', models.PositiveIntegerField(default=0, editable=False)),
                ('pick_count', models.PositiveIntegerField(default=0, editable=False)),
                ('version', models.PositiveBigIntegerField(default=1, editable=False)),
                ('recommended_at', models.DateTimeField(editable=False, null=True)),
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='conversation', to='articles.article')),
            ],
            options={
                'verbose_name': 'comments',
                'verbose_name_plural': 'comments',
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_status', models.PositiveSmallIntegerField(choices=[(0, 'pending'), (1, 'approved'), (2, 'rejected'), (3, 'spam'), (4, 'deleted by author')], null=True, verbose_name='from')),
                ('to_status', models.PositiveSmallIntegerField(choices=[(0, 'pending'), (1, 'approved'), (2, 'rejected'), (3, 'spam'), (4, 'deleted by author')], verbose_name='to')),
                ('cause', models.CharField(choices=[('submitted', 'the rules'), ('decided', 'a moderator'), ('withdrawn', 'the author'), ('edited', 'the author’s edit'), ('reported', 'readers’ reports'), ('picked', 'a pick'), ('unpicked', 'a removed pick'), ('redacted', 'a redaction'), ('returned', 'a return to an earlier status'), ('undone', 'an undo'), ('akismet', 'Akismet'), ('imported', 'the import'), ('attack', 'an attack')], default='decided', max_length=9, verbose_name='cause')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('author_message', models.CharField(blank=True, max_length=300, verbose_name='message to the author')),
                ('findings', models.JSONField(blank=True, default=list, verbose_name='findings')),
                ('wait_time', models.DurationField(editable=False, null=True, verbose_name='waiting time')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
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
            name='EarlierText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='comment')),
                ('until', models.DateTimeField(default=django.utils.timezone.now, verbose_name='until')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='earlier_texts', to='comments.comment')),
            ],
            options={
                'verbose_name': 'earlier version of a comment',
                'verbose_name_plural': 'earlier versions of comments',
                'ordering': ['until', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ImportedComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=120)),
                ('key', models.CharField(max_length=40)),
                ('source_hash', models.CharField(max_length=32)),
                ('version', models.PositiveIntegerField(default=1)),
                ('comment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='imported', to='comments.comment')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ModeratorOnDuty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_on_duty', models.BooleanField(default=False, verbose_name='moderation alerts')),
                ('reminded_at', models.DateTimeField(editable=False, null=True)),
                ('alerted_at', models.DateTimeField(editable=False, null=True)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'moderation alerts',
                'verbose_name_plural': 'moderation alerts',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='NewDevicePost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('device', models.CharField(max_length=32)),
                ('network', models.CharField(max_length=32)),
                ('has_proof', models.BooleanField(default=False)),
                ('proof_key', models.CharField(blank=True, db_default='', default='', max_length=32)),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('comment', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.comment')),
            ],
            options={
                'verbose_name': 'new device’s post',
                'verbose_name_plural': 'new devices’ posts',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('text', models.CharField(max_length=500, verbose_name='note')),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='comments.comment')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='RateLimitEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.CharField(blank=True, max_length=32)),
                ('network', models.CharField(max_length=32)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'rate limit event',
                'verbose_name_plural': 'rate limit events',
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('device', ''), _negated=True), fields=['device', 'at'], name='rate_limit_device'), models.Index(fields=['network', 'at'], name='rate_limit_network'), models.Index(fields=['at'], name='rate_limit_at')],
            },
        ),
        migrations.CreateModel(
            name='Recommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.CharField(max_length=32)),
                ('network', models.CharField(max_length=32)),
                ('is_counted', models.BooleanField()),
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
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('complaint', models.CharField(choices=[('offensive', 'Offensive or abusive'), ('spam', 'Spam or advertising'), ('off_topic', 'Off topic'), ('personal', 'Shares personal information'), ('illegal', 'Illegal content'), ('other', 'Something else')], max_length=9, verbose_name='reason')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('device', models.CharField(max_length=32)),
                ('network', models.CharField(max_length=32)),
                ('is_counted', models.BooleanField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date')),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='comments.comment')),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
                'ordering': ['at', 'id'],
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='RuleHit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=200, verbose_name='rule')),
                ('entry', models.CharField(blank=True, max_length=60, verbose_name='entry')),
                ('is_decisive', models.BooleanField(verbose_name='sole reason')),
                ('is_overruled', models.BooleanField(default=False, verbose_name='overturned')),
                ('comment_created_at', models.DateTimeField(verbose_name='posted at')),
                ('comment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rule_hits', to='comments.comment')),
            ],
            options={
                'verbose_name': 'rule hit',
                'verbose_name_plural': 'rule hits',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ScoringModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('spam', 'Spam'), ('rejected', 'Rejected')], max_length=8, verbose_name='score')),
                ('trained_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='trained at')),
                ('format', models.PositiveSmallIntegerField(default=2)),
                ('weights', models.BinaryField(default=bytes)),
                ('checksum', models.CharField(blank=True, max_length=64)),
                ('negative_count', models.PositiveIntegerField(verbose_name='approved comments in training')),
                ('positive_count', models.PositiveIntegerField(verbose_name='spam or rejected comments in training')),
                ('held_out_negative_count', models.PositiveIntegerField(default=0)),
                ('held_out_positive_count', models.PositiveIntegerField(default=0)),
                ('evaluation', models.JSONField(blank=True, default=list)),
                ('roc_auc', models.FloatField(null=True)),
            ],
            options={
                'verbose_name': 'scoring model',
                'verbose_name_plural': 'learned scores',
                'permissions': [('train_scoringmodel', 'Can retrain scores')],
                'default_permissions': ['view', 'delete'],
                'indexes': [models.Index(fields=['kind', '-id'], name='scoring_model_newest')],
            },
        ),
        migrations.CreateModel(
            name='Shingle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.BigIntegerField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.comment')),
            ],
            options={
                'verbose_name': 'shingle',
                'verbose_name_plural': 'shingles',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SitePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy', models.CharField(choices=[('open', 'Open'), ('hold', 'Pre-moderated'), ('closed', 'Closed')], default='open', max_length=8, verbose_name='comments on all articles')),
                ('attack_mode', models.CharField(choices=[('auto', 'Automatic: on when there are unusually many new readers'), ('on', 'On'), ('off', 'Off')], db_default='auto', default='auto', help_text='While it is on, new readers’ browsers have to solve a small puzzle before a comment is accepted, which takes a second or two. Readers with an approved comment won’t notice.', max_length=4, verbose_name='attack mode')),
                ('closes_after', models.PositiveSmallIntegerField(blank=True, help_text='Default for all articles. Leave blank for never.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='close comments after (days)')),
                ('reserved_names', models.TextField(blank=True, default='Admin\nAdministrator\nEditor\nEditors\nThe editors\nModerator\nModerators\nNewsroom\nStaff\nSupport\nSystem', help_text='One per line. Readers can’t use these names or look-alikes. The site’s name, staff and authors are already protected.', verbose_name='reserved names')),
                ('spam_held_from', models.PositiveSmallIntegerField(blank=True, help_text='Leave blank for never.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='hold when the spam score reaches (%)')),
                ('spam_from', models.PositiveSmallIntegerField(blank=True, help_text='Leave blank for never.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='file as spam when the spam score reaches (%)')),
                ('rejected_held_from', models.PositiveSmallIntegerField(blank=True, help_text='Leave blank for never.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='hold when the rejection score reaches (%)')),
            ],
            options={
                'verbose_name': 'comment settings',
                'verbose_name_plural': 'comment settings',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_site_policy')],
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.CharField(max_length=32, unique=True)),
                ('address', models.EmailField(max_length=254, verbose_name='address')),
                ('address_key', models.CharField(blank=True, db_default='', default='', editable=False, max_length=32)),
                ('token', models.CharField(default=comments.models.notification.new_token, max_length=64, unique=True)),
                ('decisions', models.BooleanField(default=True, verbose_name='emails about decisions')),
                ('replies', models.CharField(choices=[('at_once', 'straight away'), ('daily', 'in a daily summary'), ('never', 'never')], default='at_once', max_length=7, verbose_name='emails about replies')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmed at')),
            ],
            options={
                'verbose_name': 'subscription',
                'verbose_name_plural': 'subscriptions',
                'default_permissions': (),
                'indexes': [models.Index(fields=['address_key'], name='subscription_of_mailbox')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('confirm', 'Confirmation'), ('approved', 'Comment approved'), ('rejected', 'Comment rejected'), ('reply', 'Reply'), ('duty', 'Comments waiting'), ('alert', 'Many reports')], max_length=8, verbose_name='type')),
                ('state', models.CharField(choices=[('pending', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='pending', max_length=9, verbose_name='status')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created at')),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='next attempt at')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('lease_expires_at', models.DateTimeField(null=True)),
                ('batch', models.BigIntegerField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=300, verbose_name='last error')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent at')),
                ('comment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.comment')),
                ('decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.decision')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subscription', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='comments.subscription')),
            ],
            options={
                'verbose_name': 'email',
                'verbose_name_plural': 'email log',
                'ordering': ['-due_at', '-id'],
                'permissions': [('resend_notification', 'Can resend failed emails')],
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='TrainingState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('requested_at', models.DateTimeField(null=True)),
                ('attempted_at', models.DateTimeField(null=True)),
                ('lease_expires_at', models.DateTimeField(null=True)),
                ('last_decision_id', models.PositiveBigIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_training_state')],
            },
        ),
        migrations.CreateModel(
            name='UsualRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('site', models.PositiveIntegerField(default=0)),
                ('article', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'usual rate of new devices',
                'verbose_name_plural': 'usual rates of new devices',
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_usual_rate')],
            },
        ),
        migrations.CreateModel(
            name='WordListEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('word', 'word'), ('phrase', 'phrase'), ('wildcard', 'wildcard'), ('domain', 'link domain')], default='word', help_text='Words match whole words only: “cialis” matches “C1ALIS”, “c i a l i s” and “ciális”, but not “specialist”. A phrase is several words in a row. In a wildcard, an asterisk stands for any letters at the end of a word or within it: “via*”, “v*gra”. A domain matches links to it and its subdomains, not mentions of it.', max_length=8, verbose_name='kind')),
                ('value', models.CharField(max_length=100, verbose_name='word or domain')),
                ('outcome', models.CharField(choices=[('hold', 'Hold'), ('spam', 'Spam'), ('refuse', 'Refuse')], default='hold', help_text='Hold: goes to a moderator. Spam: filed as spam; the author sees “awaiting approval”. Refuse: not accepted; the author is told which words to remove.', max_length=6, verbose_name='outcome')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note for colleagues')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created at')),
                ('hits', models.PositiveIntegerField(default=0, editable=False, verbose_name='hits')),
                ('last_hit_at', models.DateTimeField(editable=False, null=True, verbose_name='last hit at')),
                ('normalized', models.CharField(editable=False, max_length=300, unique=True)),
                ('author', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
            ],
            options={
                'verbose_name': 'banned word or link',
                'verbose_name_plural': 'banned words and links',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='WordListVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(max_length=16)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_word_list_version')],
            },
        ),
        migrations.AddIndex(
            model_name='backgroundjob',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['last_step_at'], name='job_unfinished'),
        ),
        migrations.AddIndex(
            model_name='block',
            index=models.Index(fields=['key', 'kind'], name='block_of'),
        ),
        migrations.AddIndex(
            model_name='attack',
            index=models.Index(fields=['last_exceeded_at'], name='attack_running'),
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
            index=models.Index(condition=models.Q(('is_collapsed', False), ('status', 0)), fields=['suspicion', 'id'], name='comment_waiting_suspicion'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('is_collapsed', False), ('status', 0)), fields=['created_at', 'id'], name='comment_waiting'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('is_collapsed', True)), fields=['cluster', 'created_at', 'id'], name='comment_collapsed'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('cluster__isnull', False)), fields=['cluster', '-created_at', '-id'], name='comment_of_cluster'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('is_visible', True), ('level', 1)), fields=['article', '-created_at', '-id'], name='comment_opening'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('is_visible', True), ('level', 1)), fields=['article', '-recommendations', '-id'], name='comment_opening_recommended'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('is_visible', True)), fields=['thread', 'path'], name='comment_reply'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('thread__isnull', False)), fields=['thread', 'is_visible', 'path'], name='comment_in_thread'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('status', 1)), fields=['article', '-created_at', '-id'], name='comment_in_feed'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['article', '-created_at', '-id'], name='comment_of_article'),
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
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('open_reports__gt', 0)), fields=['created_at', 'id'], name='comment_reported'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('reviewed_at', None), ('status', 1)), fields=['-created_at', '-id'], name='comment_unreviewed'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('status', 1)), fields=['name_key', '-created_at'], name='comment_same_name'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['name_key', '-created_at'], name='comment_of_name'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('picked_at__isnull', False), ('status', 1)), fields=['article', '-picked_at', '-id'], name='comment_picked'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('status__in', [2, 3, 4])), fields=['status', 'decided_at'], name='comment_expired'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('network', ''), _negated=True), fields=['created_at'], name='comment_with_network'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('level', 1), ('parent', None), ('thread', None)), models.Q(('level__gt', 1), ('parent__isnull', False), ('thread__isnull', False)), _connector='OR'), name='reply_is_in_a_thread'),
        ),
        migrations.AddIndex(
            model_name='bulkitem',
            index=models.Index(fields=['job', 'id'], name='bulk_in_order'),
        ),
        migrations.AddIndex(
            model_name='bulkitem',
            index=models.Index(condition=models.Q(('problem', ''), _negated=True), fields=['job', 'id'], name='bulk_skipped'),
        ),
        migrations.AddIndex(
            model_name='akismetrequest',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'in_progress'])), fields=['due_at', 'id'], name='akismet_due'),
        ),
        migrations.AddIndex(
            model_name='akismetrequest',
            index=models.Index(fields=['state', '-due_at', '-id'], name='akismet_by_state'),
        ),
        migrations.AddIndex(
            model_name='akismetrequest',
            index=models.Index(condition=models.Q(('encrypted_data', ''), _negated=True), fields=['created_at'], name='akismet_encrypted'),
        ),
        migrations.AddConstraint(
            model_name='akismetrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'check'), ('state__in', ['pending', 'in_progress'])), fields=('comment',), name='one_open_request_a_comment'),
        ),
        migrations.AddConstraint(
            model_name='akismetrequest',
            constraint=models.CheckConstraint(condition=models.Q(('encrypted_data', ''), models.Q(('kind', 'check'), ('state__in', ['pending', 'in_progress', 'failed'])), _connector='OR'), name='no_address_once_answered'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(condition=models.Q(('wait_time__isnull', False)), fields=['at', 'wait_time'], name='decision_waited'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(condition=models.Q(('actor__isnull', False)), fields=['id'], name='decision_of_a_person'),
        ),
        migrations.AddConstraint(
            model_name='importedcomment',
            constraint=models.UniqueConstraint(fields=('source', 'key'), name='comment_imported_once'),
        ),
        migrations.AddIndex(
            model_name='newdevicepost',
            index=models.Index(fields=['at'], name='new_device_post_at'),
        ),
        migrations.AddConstraint(
            model_name='newdevicepost',
            constraint=models.UniqueConstraint(condition=models.Q(('proof_key', ''), _negated=True), fields=('proof_key',), name='proof_used_once'),
        ),
        migrations.AddIndex(
            model_name='recommendation',
            index=models.Index(fields=['comment', 'network'], name='recommendation_of_network'),
        ),
        migrations.AddIndex(
            model_name='recommendation',
            index=models.Index(fields=['device', '-at'], name='recommendation_by_device'),
        ),
        migrations.AddIndex(
            model_name='recommendation',
            index=models.Index(fields=['network', '-at'], name='recommendation_by_network'),
        ),
        migrations.AddIndex(
            model_name='recommendation',
            index=models.Index(condition=models.Q(('network', ''), _negated=True), fields=['at'], name='recommendation_with_network'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.UniqueConstraint(fields=('comment', 'device'), name='one_recommendation_a_device'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['device', '-at'], name='report_by_device'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['network', '-at'], name='report_by_network'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['comment', 'network'], name='report_of_network'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('reviewed_at', None)), fields=['at'], name='report_open'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('network', ''), _negated=True), fields=['at'], name='report_with_network'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('comment', 'device'), name='one_report_a_device'),
        ),
        migrations.AddIndex(
            model_name='rulehit',
            index=models.Index(fields=['rule', 'entry', '-comment_created_at', '-comment'], name='rule_hit_of'),
        ),
        migrations.AddIndex(
            model_name='rulehit',
            index=models.Index(fields=['comment_created_at'], name='rule_hit_at'),
        ),
        migrations.AddConstraint(
            model_name='rulehit',
            constraint=models.UniqueConstraint(fields=('comment', 'rule', 'entry'), name='one_rule_hit_a_comment'),
        ),
        migrations.AddIndex(
            model_name='shingle',
            index=models.Index(fields=['key', '-id'], name='shingle_key'),
        ),
        migrations.AddIndex(
            model_name='shingle',
            index=models.Index(fields=['at'], name='shingle_at'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'sending'])), fields=['due_at', 'id'], name='notification_due'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['state', '-due_at', '-id'], name='notification_by_state'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['batch'], name='notification_batch'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('subscription', 'decision'), name='one_notification_a_decision'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('subscription', 'comment'), name='one_notification_a_reply'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('subscription__isnull', False), ('user', None)), models.Q(('subscription', None), ('user__isnull', False)), _connector='OR'), name='notification_has_recipient'),
        ),
        migrations.RunPython(create_index, drop_index),
        migrations.RunPython(create_reject_reasons, migrations.RunPython.noop),
    ]
