"""Moving in from WordPress: `survey` looks first, then posts and comments come in, each lot of them for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import contextlib
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from articles.imports import BroughtIn, Fate, bring_in
from articles.models import Article, Correction, FrontPlace
from articles.models.front_page_slot import PLACES
from comments.imports.ids import make_room
from comments.imports.importer import Intake
from comments.models import Conversation
from comments.statuses import Policy
from newsite.importers.html_to_text import as_line
from newsite.importers.progress import Progress
from newsite.importers.redirects import Redirects, path_of
from newsite.importers.report import Report
from newsite.importers.wordpress import comments as spoken
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress import posts as pieces
from newsite.importers.wordpress.first_pass import Survey, survey
from newsite.importers.wordpress.media_library import Library
from newsite.importers.wordpress.parser import read
from newsite.importers.wordpress.posts import Made, NotTaken
from newsite.importers.wordpress.records import Comment, Post
from newsite.importers.wordpress.term_redirects import redirect_terms
from newsite.importers.wordpress.terms import Terms
from newsite.importers.xml_stream import BrokenFile

POSTS_AT_ONCE, COMMENTS_AT_ONCE = 100, 1_000


@dataclass(frozen=True)
class Options:
    """`source`: what the site is called in what we remember; empty: its address. `redirects`: besides those that the
    export itself makes, old paths and new ones.
    """

    source: str = ""
    default_section: str = "News"
    pages_section: str = ""
    media_folder: Path | None = None
    dry_run: bool = False
    redirects: Sequence[tuple[str, str]] = ()


def import_wordpress(files: Sequence[Path], options: Options, report: Report, progress: Progress) -> None:
    """Broken files are in the report. A dry run does all of it, and takes it back."""
    found = survey(files)
    with transaction.atomic() if options.dry_run else contextlib.nullcontext():
        if not options.dry_run:  # sequences do not come back
            make_room(found.highest_comment)
        _Import(found, options, report, progress).run(files)
        if options.dry_run:
            transaction.set_rollback(True)


class _Import:
    def __init__(self, found: Survey, options: Options, report: Report, progress: Progress) -> None:
        self._report, self._progress, self._survey = report, progress, found
        source = options.source or found.source or "wordpress"
        self._source = source
        self._pages = options.pages_section
        self._language = pieces.language_of(found.site.language)
        self._terms = Terms(
            source,
            found,
            default_section=options.default_section,
            pages_section=options.pages_section,
            tell=report.noted,
        )
        self._library = Library(source, found, options.media_folder, report, is_dry=options.dry_run)
        self._redirects = Redirects(report)
        self._more_redirects = options.redirects
        self._intake = Intake(source, report.of_comment)
        self._posts: list[Post] = []
        self._comments: list[Comment] = []
        self._articles: dict[int, int | None] = {}  # by the number of the post; None: it became none

    def run(self, files: Iterable[Path]) -> None:
        self._library.take_in(self._redirects)
        for file in files:
            try:
                for record in read(file, told=self._progress.read):
                    self._take(record)
            except BrokenFile as error:
                self._report.broken(str(error))
            self._progress.next_file()
        self._flush()
        self._intake.end()
        if self._survey.is_ours:
            self._terms.take_sections_of_ours()
        elif self._survey.is_export:
            redirect_terms(self._terms, self._survey, self._redirects)
        for old, new in self._more_redirects:
            self._redirects.add(old, new)
        self._redirects.flush()
        self._conclude()

    def _take(self, record: object) -> None:
        if isinstance(record, Post):
            if len(self._posts) >= POSTS_AT_ONCE:
                self._flush()
            self._posts.append(record)
        elif isinstance(record, Comment):
            self._comments.append(record)
            if len(self._comments) >= COMMENTS_AT_ONCE:
                self._flush()

    def _flush(self) -> None:
        """The comments of the last post may go on."""
        posts, self._posts = self._posts, []
        comments, self._comments = self._comments, []
        with transaction.atomic():
            self._articles |= self._bring_in(posts)
        for comment in comments:
            self._add(comment)
        *whole, last = self._articles or [0]
        for number in whole:
            if article := self._articles[number]:
                self._intake.end_of(article)
        self._articles = {last: self._articles.get(last)}
        self._progress.done += len(posts) + len(comments)

    def _bring_in(self, posts: list[Post]) -> dict[int, int | None]:
        made: dict[str, tuple[Post, Made]] = {}
        for post in posts:
            if post.kind == "attachment":
                continue
            try:
                new = pieces.make(
                    post, self._terms, self._library, takes_pages=bool(self._pages), language=self._language
                )
            except NotTaken as reason:
                self._report.skipped(f"{post.kind}s", pieces.named(post), str(reason))
                continue
            if str(post.id) in made:
                self._report.skipped(f"{post.kind}s", pieces.named(post), "another one has the same id")
                continue
            made[str(post.id)] = (post, new)
        result = bring_in(self._source, [each.piece for _post, each in made.values()])
        _add_what_belongs_to([(made[key][0], each) for key, each in result.items()])
        for key, (post, new) in made.items():
            self._conclude_post(post, new, result[key])
        articles: dict[int, int | None] = {post.id: None for post in posts}
        for key, each in result.items():
            articles[int(key)] = each.article.pk if each.article else None
        return articles

    def _conclude_post(self, post: Post, new: Made, result: BroughtIn) -> None:
        name = pieces.named(post)
        self._report.count("articles", result.fate.value)
        if result.fate in {Fate.NEW, Fate.CHANGED}:
            for remark in new.remarks:
                self._report.noted(name, remark)
        elif result.fate == Fate.KEPT:
            self._report.noted(name, "changed there, but edited here since: our version is kept")
        elif result.fate == Fate.GONE:
            self._report.noted(name, "it was deleted here and is not imported again")
        if result.article and result.article.day:
            self._redirect(post, result.article)

    def _redirect(self, post: Post, article: Article) -> None:
        new = article.get_absolute_url()
        if newsite_meta.is_ours(post.meta):
            for old in post.meta.get(newsite_meta.REDIRECT, []):
                self._redirects.add(old, new)
            return
        self._redirects.add_with_feed(path_of(post.link), new)
        self._redirects.add(f"{self._survey.base}/?p={post.id}", new)
        if post.kind == "page":
            self._redirects.add(f"{self._survey.base}/?page_id={post.id}", new)

    def _add(self, comment: Comment) -> None:
        article = self._articles.get(comment.post)
        try:
            if article is None:
                raise NotTaken("its article was not imported")
            self._intake.add(spoken.make(comment, article))
        except NotTaken as reason:
            self._report.skipped("comments", f"comment {comment.id}", str(reason))
        else:
            if spoken.is_too_long(as_line(comment.author)):
                self._report.noted(f"comment {comment.id}", spoken.NAME_WAS_CUT)

    def _conclude(self) -> None:
        for fate, number in self._intake.counts.items():
            self._report.count("comments", fate, number)
        for incoming, pk in self._intake.other_ids:
            self._report.of_comment(incoming, f"its id is taken here: imported as comment {pk}")


def _add_what_belongs_to(brought: list[tuple[Post, BroughtIn]]) -> None:
    """New conversations that are not as all others, corrections, places of the front page. What is here since is
    decided here.
    """
    new = [(post, each.article) for post, each in brought if each.fate == Fate.NEW and each.article]
    conversations = [_conversation(post, article) for post, article in new]
    Conversation.objects.bulk_create([each for each in conversations if each], ignore_conflicts=True)
    Correction.objects.bulk_create(
        Correction(article=article, at=at, text=text)
        for post, article in new
        for at, text in newsite_meta.corrections(post.meta)
    )
    places = [(article, newsite_meta.number(post.meta, newsite_meta.FRONT_PLACE) or 0) for post, article in new]
    FrontPlace.objects.bulk_create(
        FrontPlace(article=article, place=place) for article, place in places if 1 <= place <= PLACES
    )


def _conversation(post: Post, article: Article) -> Conversation | None:
    """None for one that is open."""
    policy = newsite_meta.first(post.meta, newsite_meta.POLICY) or (
        Policy.CLOSED if post.comments == "closed" else Policy.OPEN
    )
    closes_after = newsite_meta.number(post.meta, newsite_meta.CLOSES_AFTER)
    if policy not in Policy.values or (policy == Policy.OPEN and closes_after is None):
        return None
    return Conversation(article=article, policy=policy, closes_after=closes_after)
