"""Functions and patterns that no fuzz target reaches, each with the reason. A name that ends in a dot is a prefix.

For a new function that takes untrusted text, add a target instead of an entry here.
"""

STAFF = "input of logged-in staff"
OPERATOR = "input of the operator: environment, command line, files of the host"
FIXED = "names from this code base, no input"
NUMBERS = "numbers, dates and states that a form has validated"
PICTURES = "generated file names; uploads are limited by bytes and pixels"
IMAGES = "an uploaded image, whose bytes, chunks and scans are limited: tests/abuse/test_images.py"
STORED_ELSEWHERE = "bytes that this software has written"
ONE_BY_ONE = "calls functions with targets for each stored row"
WITHOUT_TEXT = "reads only the path or the method of a request"

FUNCTIONS = {
    # The newsroom.
    "articles.admin.base.": STAFF,
    "articles.admin.autocomplete.": STAFF,
    "articles.models.preview_link.": STAFF,
    "articles.models.typed_text.": STAFF,
    "articles.admin.images.": STAFF,
    "articles.editing.": STAFF,
    "comments.admin.": STAFF,
    "comments.queue.bulk.": STAFF,
    "comments.queue.actions.": STAFF,
    "comments.queue.clusters.": NUMBERS,
    "comments.queue.selection.": STAFF,
    "comments.models.comment.Comment.expect_stamp": FIXED,
    "comments.models.background_job.": STAFF,
    "comments.stats.": NUMBERS,
    "comments.moderation.redaction._replace_text": "stores the result of `redacted_text`",
    "comments.moderation.redaction.redact": "stores the result of `redacted_text`",
    "newsite.admin.": STAFF,
    "newsite.accounts.two_factor.": "generated keys; codes of six digits",
    "newsite.accounts.audit_log.": STAFF,
    "newsite.accounts.login_limits.LoginLimitHandler.wait": WITHOUT_TEXT,
    "newsite.accounts.login_limits.lockout_response": WITHOUT_TEXT,
    "newsite.accounts.views.": "a code is at most 20 characters long; Django handles the rest",
    "newsite.accounts.admin.": STAFF,
    "newsite.accounts.upload_permission.": WITHOUT_TEXT,
    "newsite.http.stale_requests._count_drop": FIXED,
    # Images and files.
    "articles.images.decode_upload.": IMAGES,
    "articles.images.headers.": IMAGES,
    "articles.images.protocol.": IMAGES,
    "articles.images.limits.": IMAGES,
    "articles.images.process.": IMAGES,
    "articles.images.program.": IMAGES,
    "articles.admin.image_status.": PICTURES,
    "articles.images.queue.": IMAGES,
    "articles.images.draw_renditions.": PICTURES,
    "articles.images.upload.": PICTURES,
    "articles.models.image.": PICTURES,
    "articles.images.renditions.": PICTURES,
    "articles.images.html.": PICTURES,
    "articles.templatetags.": PICTURES,
    "newsite.storage.s3.": PICTURES,
    "newsite.pages.media.": PICTURES,
    "newsite.storage.atomic.": PICTURES,
    # The host.
    "comments.privacy.": OPERATOR,
    "comments.classifier.csv_dataset.": OPERATOR,
    "newsite.backup.": OPERATOR,
    "newsite.conf.csp.": OPERATOR,
    "newsite.conf.databases.": OPERATOR,
    "newsite.demo.": OPERATOR,
    "newsite.conf.env.": OPERATOR,
    "newsite.management.": OPERATOR,
    "newsite.importers.report.": "writes text unchanged",
    "newsite.db.replica.": OPERATOR,
    "newsite.observability.logging.logging_config": OPERATOR,
    "newsite.observability.logging.gunicorn_logging_config": OPERATOR,
    "newsite.observability.sentry.init_sentry": OPERATOR,
    "newsite.wsgi.": OPERATOR,
    "newsite.urls.FileNumberConverter.": "six digits at most",
    # Derived from text that a target covers, or without text.
    "articles.content.sanitizer._FigureNormalizer.handle_charref": "the cleaner writes no such references",
    "articles.models.article.slug_from_headline": "Django's `slugify`, of 500 characters",
    "articles.search.query._with_configs": "at most 20 terms of a query, on PostgreSQL only",
    "articles.search.query._conjunction": "at most 20 terms of a query, on PostgreSQL only",
    "articles.search.query.matching_words": "at most 20 terms of a query",
    "comments.akismet.": "a worker sends text unchanged; at most 1,000 bytes of the response are read",
    "comments.filters.blocks._match": "at most 20 words of a comment that hit a block",
    "comments.filters.blocks._preview_links": ONE_BY_ONE,
    "comments.filters.blocks._refusal": "one word of a comment that hit a block",
    "comments.filters.blocks._matching_links": "at most 20 words of a comment that hit a block",
    "comments.fields.PlainTextField.__init__": FIXED,
    "comments.classifier.": ONE_BY_ONE,
    "comments.scoring.": ONE_BY_ONE,
    "comments.submission.attack_mode.counted_devices": FIXED,
    "comments.submission.collect_facts._used": FIXED,
    "comments.submission.proof_of_work._key": "a generated nonce, or a signed ticket",
    "comments.submission.device_history._texts": "a device is compared by the database",
    "comments.notifications.moderator_alerts._notify": FIXED,
    "comments.filters.word_list._rebuild": FIXED,
    "comments.filters.word_list._match": "at most 10 words that hit an entry",
    "comments.models.scoring_model.": FIXED,
    "comments.models.notification.SubscriptionQuerySet.to_mailbox": OPERATOR,
    "comments.models.notification.SuppressedAddress.includes": "a keyed hash of an address that a form has validated",
    "comments.text.confusables._plainness": FIXED,
    "comments.readers.form_limit.FormRefused.__init__": FIXED,
    "comments.db.compiled_query.": FIXED,
    "comments.submission.near_duplicates._cached_fingerprint": "the fingerprint of a text, which has a target",
    "comments.readers.recommendations.delete_recommendations": FIXED,
    "comments.readers.reports._record_not_hidden": FIXED,
    "comments.text.role_words.": FIXED,
    "comments.rules.builtin.": FIXED,
    "comments.rules.engine.": FIXED,
    "comments.threads.pages.thread_page": "a path is compared by the database",
    "comments.filters.backtest.": ONE_BY_ONE,
    "newsite.db.outage.": WITHOUT_TEXT,
    "newsite.pages.errors.": WITHOUT_TEXT,
    "newsite.pages.service_unavailable.": WITHOUT_TEXT,
    "newsite.pages.feeds.list_page_feed": "a slug is compared by the database",
    "newsite.pages.comment_updates.new_comment_count": WITHOUT_TEXT,
    "newsite.importers.html_tree.Node.child": FIXED,
    "newsite.importers.html_tree._Builder.handle_startendtag": "the cleaner writes no such elements",
    "newsite.cache.local.": STORED_ELSEWHERE,
    "comments.views.recommend._page": WITHOUT_TEXT,
    "newsite.observability.metrics.": FIXED,
    "newsite.observability.views.": WITHOUT_TEXT,
    "newsite.observability.middleware._log": "writes the result of `redact_path`, which has a target",
    "newsite.observability.middleware.request_metrics_middleware.middleware": "calls functions with targets",
    "newsite.observability.middleware.view_name": WITHOUT_TEXT,
    "newsite.cache.redis.": STORED_ELSEWHERE,
    "newsite.cache.serializer.": STORED_ELSEWHERE,
    "newsite.pages.sitemaps.": WITHOUT_TEXT,
    "comments.views.permalink.comment_permalink": WITHOUT_TEXT,
    "comments.views.responses.": FIXED,
    "comments.views.subscriptions._preferences": "a form, which has a target",
    "articles.urls.article_urls": FIXED,
    "newsite.pages.views.healthz": WITHOUT_TEXT,
    "newsite.pages.views.readyz": WITHOUT_TEXT,
    "newsite.importers.wordpress.media_html.Media.": "a protocol: it has no code",
    "newsite.importers.wordpress.shortcodes._video_shortcode": FIXED,
}

DYNAMIC_PATTERNS = {
    "comments.queue.detail._pattern": "escaped words; target: a comment with highlighted findings",
    "comments.queue.detail.highlight": "escaped words; target: a comment with highlighted findings",
    "comments.text.normalize._foreign_capitals": "one word at a time; target: the word list",
    "newsite.http.middleware._takes_image": "one fixed pattern",
    "newsite.admin.inline_merge._send_instead": STAFF,
    "newsite.admin.inline_merge._sent_rows": STAFF,
    "newsite.http.placeholders.split_at_placeholders": "random generated marks",
}

# Methods of patterns that are used under another name.
PATTERN_USES = {
    "articles.content.embeds._PATTERNS": frozenset({"fullmatch"}),  # of at most 500 characters
}
# Slow because of a library: seconds for 40,000 characters below which growth is ignored, and the reason.
NH3 = "nh3 0.3 takes quadratic time for characters that it escapes: 16 ms for 40,000; a body comes in 512 kB"
SLOW_LIBRARIES = {
    "an article's body": (0.12, NH3),
    "an article's body with figures": (0.12, NH3),
    "an imported article": (0.06, NH3),
    "an imported article with markup": (0.2, NH3),
    "an imported comment with markup": (0.2, NH3),
}
