"""Import from Disqus: comments on articles that already exist here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import contextlib
from dataclasses import replace
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from comments.identity import hash_network, is_ip_address
from comments.imports.importer import CommentImporter
from comments.imports.records import MAX_KEY_LENGTH, ImportedCommentData, compute_key, device_of_email
from comments.statuses import Status
from comments.text.clean import clean_text
from newsite.importers.disqus.parser import DisqusPost, DisqusThread, read_disqus
from newsite.importers.disqus.threads import ThreadIndex
from newsite.importers.html_to_text import html_to_line, html_to_text
from newsite.importers.progress import Progress
from newsite.importers.report import Report
from newsite.importers.wordpress.comments import NAME_WAS_CUT, commenter_name, is_too_long
from newsite.importers.wordpress.posts import Skipped
from newsite.importers.xml_stream import InvalidFile


def import_disqus(
    files: Sequence[Path], report: Report, progress: Progress, *, source: str = "", dry_run: bool = False
) -> None:
    """Import the files; errors in them are reported. A dry run does everything, then rolls it back."""
    with transaction.atomic() if dry_run else contextlib.nullcontext():
        _Import(_placeholders(files), source, report, progress).run(files)
        if dry_run:
            transaction.set_rollback(True)


def _placeholders(files: Iterable[Path]) -> set[str]:
    """Return the ids of deleted posts that have a remaining descendant."""
    parents: set[str] = set()
    deleted: dict[str, str] = {}
    for file in files:
        with contextlib.suppress(InvalidFile):
            for record in read_disqus(file):
                if isinstance(record, DisqusPost) and record.is_deleted:
                    deleted[record.id] = record.parent
                elif isinstance(record, DisqusPost):
                    parents.add(record.parent)
    needed: set[str] = set()
    for each in parents & deleted.keys():
        id = each
        while id in deleted and id not in needed:
            needed.add(id)
            id = deleted[id]
    return needed


class _Import:
    def __init__(self, placeholders: set[str], source: str, report: Report, progress: Progress) -> None:
        self._placeholders, self._source = placeholders, source
        self._report, self._progress = report, progress
        self._threads = ThreadIndex()
        self._importers: dict[str, CommentImporter] = {}

    def run(self, files: Iterable[Path]) -> None:
        for file in files:
            try:
                for record in read_disqus(file, on_progress=self._progress.update_bytes_read):
                    self._import_record(record)
            except InvalidFile as error:
                self._report.add_error(str(error))
            self._progress.next_file()
        for importer in self._importers.values():
            importer.finish()
            for outcome, number in importer.counts.items():
                self._report.count("comments", outcome, number)

    def _import_record(self, record: DisqusThread | DisqusPost) -> None:
        if isinstance(record, DisqusThread):
            self._threads.add(record)
            return
        self._progress.imported_count += 1
        try:
            thread, comment = self._build_comment(record)
        except Skipped as reason:
            self._report.add_skipped("comments", f"comment {record.id or 'without a number'}", str(reason))
        else:
            self._importer_for(thread).add(comment)
            if comment.text and is_too_long(html_to_line(record.name)):
                self._report.add_note(f"comment {record.id}", NAME_WAS_CUT)

    def _importer_for(self, thread: DisqusThread) -> CommentImporter:
        source = self._source or f"disqus:{thread.forum}"[:120]
        if source not in self._importers:
            self._importers[source] = CommentImporter(source, self._report.add_comment_remark)
        return self._importers[source]

    def _build_comment(self, post: DisqusPost) -> tuple[DisqusThread, ImportedCommentData]:
        """Build the comment.

        Raise Skipped if it cannot be imported.
        """
        thread = self._threads.get(post.thread)
        if thread is None:
            raise Skipped("its thread is not in the export")
        article = self._threads.find_article(post.thread)
        if article is None:
            raise Skipped(f"no article has, or had, the URL {thread.link or 'of its thread, which is empty'}")
        if post.at is None:
            raise Skipped("it has no date")
        comment = ImportedCommentData(
            key=_comment_key(post),
            article=article,
            parent=_shorten_key(post.parent),
            name=commenter_name(html_to_line(post.name)),
            text=clean_text(html_to_text(post.message, keep_lines=False)),
            status=Status.SPAM if post.is_spam else Status.APPROVED,
            at=post.at,
            device=device_of_email(post.email or (f"{post.username}@disqus" if post.username else "")),
            network=hash_network(post.address) if is_ip_address(post.address) else "",
        )
        return thread, self._as_placeholder(post, comment) if post.is_deleted else _require_text(comment)

    def _as_placeholder(self, post: DisqusPost, comment: ImportedCommentData) -> ImportedCommentData:
        """Keep only the position of a deleted post with replies, without text, name and author."""
        if post.id not in self._placeholders:
            raise Skipped("it was deleted and has no replies")
        status = Status.SPAM if post.is_spam else Status.WITHDRAWN
        return replace(comment, name=_("Deleted"), text="", status=status, device="", network="")


def _require_text(comment: ImportedCommentData) -> ImportedCommentData:
    if not comment.text:
        raise Skipped("it has no text")
    return comment


def _comment_key(post: DisqusPost) -> str:
    """Return the id of the post; without one, a hash of its content."""
    return _shorten_key(post.id) or compute_key(post.thread, post.at, post.username, post.name, post.message)


def _shorten_key(id: str) -> str:
    return id if len(id) <= MAX_KEY_LENGTH else compute_key(id)
