"""Import from WordPress: after an index of the export, posts and comments are imported in committed batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import contextlib
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from articles.imports import ImportOutcome, ImportResult, import_articles
from articles.models import Article, Correction, FrontPageSlot
from articles.models.front_page_slot import FRONT_PAGE_SLOTS
from comments.imports.ids import advance_sequence
from comments.imports.importer import CommentImporter
from comments.models import Conversation
from comments.statuses import Policy
from newsite.importers.html_to_text import html_to_line
from newsite.importers.progress import Progress
from newsite.importers.redirects import Redirects, url_path
from newsite.importers.report import Report
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.comments import NAME_WAS_CUT, build_comment, is_too_long
from newsite.importers.wordpress.first_pass import ExportIndex, index_export
from newsite.importers.wordpress.media_library import MediaLibrary
from newsite.importers.wordpress.parser import read_wordpress
from newsite.importers.wordpress.posts import ConvertedPost, Skipped, build_article, describe, match_language
from newsite.importers.wordpress.records import WordPressComment, WordPressPost
from newsite.importers.wordpress.term_redirects import redirect_terms
from newsite.importers.wordpress.terms import TermMapper
from newsite.importers.xml_stream import InvalidFile

POST_BATCH_SIZE, COMMENT_BATCH_SIZE = 100, 1_000


@dataclass(frozen=True)
class Options:
    """Options of an import.

    `source` is the name of the site in import records; if empty, its address. `redirects` are pairs of old and new
    paths besides those of the export.
    """

    source: str = ""
    default_section: str = "News"
    pages_section: str = ""
    media_folder: Path | None = None
    dry_run: bool = False
    redirects: Sequence[tuple[str, str]] = ()


def import_wordpress(files: Sequence[Path], options: Options, report: Report, progress: Progress) -> None:
    """Import the files; errors in them are reported. A dry run does everything, then rolls it back."""
    index = index_export(files)
    with transaction.atomic() if options.dry_run else contextlib.nullcontext():
        if not options.dry_run:  # a rollback does not restore sequences
            advance_sequence(index.max_comment_id)
        _Import(index, options, report, progress).run(files)
        if options.dry_run:
            transaction.set_rollback(True)


class _Import:
    def __init__(self, index: ExportIndex, options: Options, report: Report, progress: Progress) -> None:
        self._report, self._progress, self._index = report, progress, index
        source = options.source or index.source or "wordpress"
        self._source = source
        self._pages_section = options.pages_section
        self._language = match_language(index.site.language)
        self._terms = TermMapper(
            source,
            index,
            default_section=options.default_section,
            pages_section=options.pages_section,
            warn=report.add_note,
        )
        self._media_library = MediaLibrary(source, index, options.media_folder, report, is_dry=options.dry_run)
        self._redirects = Redirects(report)
        self._extra_redirects = options.redirects
        self._comment_importer = CommentImporter(source, report.add_comment_remark)
        self._posts: list[WordPressPost] = []
        self._comments: list[WordPressComment] = []
        self._articles: dict[int, int | None] = {}  # by id of the post; None if it was not imported

    def run(self, files: Iterable[Path]) -> None:
        self._media_library.import_images(self._redirects)
        for file in files:
            try:
                for record in read_wordpress(file, on_progress=self._progress.update_bytes_read):
                    self._add_record(record)
            except InvalidFile as error:
                self._report.add_error(str(error))
            self._progress.next_file()
        self._flush()
        self._comment_importer.finish()
        if self._index.is_newsite_export:
            self._terms.import_empty_sections()
        elif self._index.has_site:
            redirect_terms(self._terms, self._index, self._redirects)
        for old, new in self._extra_redirects:
            self._redirects.add(old, new)
        self._redirects.flush()
        self._report_comments()

    def _add_record(self, record: object) -> None:
        if isinstance(record, WordPressPost):
            if len(self._posts) >= POST_BATCH_SIZE:
                self._flush()
            self._posts.append(record)
        elif isinstance(record, WordPressComment):
            self._comments.append(record)
            if len(self._comments) >= COMMENT_BATCH_SIZE:
                self._flush()

    def _flush(self) -> None:
        """Import the current batch; the comments of the last post may continue in the next one."""
        posts, self._posts = self._posts, []
        comments, self._comments = self._comments, []
        with transaction.atomic():
            self._articles |= self._import_posts(posts)
        for comment in comments:
            self._import_comment(comment)
        *complete, last = self._articles or [0]
        for post_id in complete:
            if article := self._articles[post_id]:
                self._comment_importer.finish_article(article)
        self._articles = {last: self._articles.get(last)}
        self._progress.imported_count += len(posts) + len(comments)

    def _import_posts(self, posts: list[WordPressPost]) -> dict[int, int | None]:
        converted: dict[str, tuple[WordPressPost, ConvertedPost]] = {}
        for post in posts:
            if post.kind == "attachment":
                continue
            try:
                converted_post = build_article(
                    post,
                    self._terms,
                    self._media_library,
                    import_pages=bool(self._pages_section),
                    language=self._language,
                )
            except Skipped as reason:
                self._report.add_skipped(f"{post.kind}s", describe(post), str(reason))
                continue
            if str(post.id) in converted:
                self._report.add_skipped(f"{post.kind}s", describe(post), "another one has the same id")
                continue
            converted[str(post.id)] = (post, converted_post)
        results = import_articles(self._source, [result.article_data for _post, result in converted.values()])
        _add_related([(converted[key][0], result) for key, result in results.items()])
        for key, (post, converted_post) in converted.items():
            self._finish_post(post, converted_post, results[key])
        articles: dict[int, int | None] = {post.id: None for post in posts}
        for key, result in results.items():
            articles[int(key)] = result.article.pk if result.article else None
        return articles

    def _finish_post(self, post: WordPressPost, converted_post: ConvertedPost, result: ImportResult) -> None:
        description = describe(post)
        self._report.count("articles", result.outcome.value)
        if result.outcome in {ImportOutcome.NEW, ImportOutcome.CHANGED}:
            for remark in converted_post.remarks:
                self._report.add_note(description, remark)
        elif result.outcome == ImportOutcome.KEPT_LOCAL:
            self._report.add_note(description, "changed there, but edited here since: our version is kept")
        elif result.outcome == ImportOutcome.DELETED_HERE:
            self._report.add_note(description, "it was deleted here and is not imported again")
        if result.article and result.article.day:
            self._add_redirects(post, result.article)

    def _add_redirects(self, post: WordPressPost, article: Article) -> None:
        new = article.get_absolute_url()
        if newsite_meta.is_newsite_export(post.meta):
            for old in post.meta.get(newsite_meta.REDIRECT, []):
                self._redirects.add(old, new)
            return
        self._redirects.add_with_feed(url_path(post.link), new)
        self._redirects.add(f"{self._index.base}/?p={post.id}", new)
        if post.kind == "page":
            self._redirects.add(f"{self._index.base}/?page_id={post.id}", new)

    def _import_comment(self, comment: WordPressComment) -> None:
        article = self._articles.get(comment.post)
        try:
            if article is None:
                raise Skipped("its article was not imported")
            self._comment_importer.add(build_comment(comment, article))
        except Skipped as reason:
            self._report.add_skipped("comments", f"comment {comment.id}", str(reason))
        else:
            if is_too_long(html_to_line(comment.author)):
                self._report.add_note(f"comment {comment.id}", NAME_WAS_CUT)

    def _report_comments(self) -> None:
        for outcome, number in self._comment_importer.counts.items():
            self._report.count("comments", outcome, number)
        for comment, pk in self._comment_importer.reassigned_ids:
            self._report.add_comment_remark(comment, f"its id is taken here: imported as comment {pk}")


def _add_related(imported: list[tuple[WordPressPost, ImportResult]]) -> None:
    """Create conversations with other settings than the default, corrections and front page slots of new articles.

    For existing articles, settings made here are kept.
    """
    new = [(post, each.article) for post, each in imported if each.outcome == ImportOutcome.NEW and each.article]
    conversations = [_conversation(post, article) for post, article in new]
    Conversation.objects.bulk_create([each for each in conversations if each], ignore_conflicts=True)
    Correction.objects.bulk_create(
        Correction(article=article, at=at, text=text)
        for post, article in new
        for at, text in newsite_meta.corrections(post.meta)
    )
    slots = [
        (article, newsite_meta.parse_number(post.meta, newsite_meta.FRONT_PAGE_SLOT) or 0) for post, article in new
    ]
    FrontPageSlot.objects.bulk_create(
        FrontPageSlot(article=article, position=position)
        for article, position in slots
        if 1 <= position <= FRONT_PAGE_SLOTS
    )


def _conversation(post: WordPressPost, article: Article) -> Conversation | None:
    """Return the conversation, or None if it has the default settings."""
    policy = newsite_meta.first_value(post.meta, newsite_meta.POLICY) or (
        Policy.CLOSED if post.comments == "closed" else Policy.OPEN
    )
    closes_after = newsite_meta.parse_number(post.meta, newsite_meta.CLOSES_AFTER)
    if policy not in Policy.values or (policy == Policy.OPEN and closes_after is None):
        return None
    return Conversation(article=article, policy=policy, closes_after=closes_after)
