"""Ordinary comments in ten languages, and those of the demo: no rule holds one for what it says; none is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.test import Client
import pytest

from comments.models import Comment, Decision, WordListEntry
from comments.rules.builtin import ESTABLISHED_MIN_APPROVED
from comments.statuses import Status
from tests.abuse.test_busy_hour import texts
from tests.conftest import client_of, make_article, make_comment, send

FILES = sorted((Path(__file__).parent / "ordinary").glob("*.txt"))
LANGUAGES = ["ar", "de", "en", "es", "fr", "it", "nl", "pl", "tr", "zh"]
BEGIN = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
EVERY = timedelta(minutes=7)
LISTED = [
    *(
        "viagra",
        "cialis",
        "casino",
        "idiot",
        "idiots",
        "moron",
        "retard",
        "bastard",
        "bitch",
        "whore",
        "asshole",
        "shit",
    ),
    *(
        "fuck",
        "nazi",
        "faggot",
        "rapist",
        "penis",
        "porn",
        "escort",
        "bitcoin",
        "crypto",
        "hell",
        "ass",
        "cunt",
        "slut",
    ),
    *("arschloch", "fotze", "hurensohn", "wichser", "schlampe", "connard", "salope", "encule", "putain", "pute"),
    *("puta", "mierda", "cabron", "gilipollas", "maricon", "stronzo", "cazzo", "puttana", "vaffanculo", "kut", "hoer"),
    *(
        "klootzak",
        "kurwa",
        "chuj",
        "pizda",
        "dupek",
        "orospu",
        "siktir",
        "yarrak",
        "ibne",
        "pezevenk",
        "傻逼",
        "操你妈",
    ),
]


def comments(path):
    """One a line, with the name before it; a line break is written as backslash and n."""
    for line in path.read_text("utf-8").splitlines():
        name, _bar, text = line.partition(" | ")
        yield name, text.replace("\\n", "\n")


def test_there_are_fifty_of_each_language():
    found = {path.stem: list(comments(path)) for path in FILES}
    assert sorted(found) == LANGUAGES
    assert {language: len(set(each)) for language, each in found.items()} == dict.fromkeys(LANGUAGES, 50)


def reasons():
    return {
        finding["rule"].rpartition(".")[2]
        for findings in Decision.objects.values_list("findings", flat=True)
        for finding in findings
    }


@pytest.fixture
def listed(db):
    for word in LISTED:
        entry = WordListEntry(
            kind=WordListEntry._meta.get_field("kind").default, value=word, outcome=WordListEntry.Outcome.REFUSE
        )
        entry.full_clean()
        entry.save()


@pytest.fixture
def earlier(db):
    """An article of another day, where trusted readers have written."""
    return make_article(published_at=BEGIN - timedelta(days=40))


def trusted(article):
    """The browser of a reader with as many approved comments as give a device all its room."""
    made = [make_comment(article, created_at=BEGIN - timedelta(days=30)) for _ in range(ESTABLISHED_MIN_APPROVED)]
    device = f"{int(BEGIN.timestamp()) - 40 * 24 * 60 * 60:08x}{made[0].pk:024}"
    Comment.objects.filter(pk__in=[each.pk for each in made]).update(device=device)
    return client_of(device)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "is_trusted", [pytest.param(False, id="new"), pytest.param(True, id="trusted", marks=pytest.mark.slow)]
)
def test_no_ordinary_comment_is_held_for_what_it_says_or_changed(listed, earlier, time_machine, path, is_trusted):
    article = None
    for number, (name, text) in enumerate(comments(path)):
        time_machine.move_to(BEGIN + number * EVERY, tick=False)
        article = article if article and number % 10 else make_article()
        parent = make_comment(article).pk if number % 5 == 0 else ""
        if not is_trusted:
            client = Client()
        elif number % 10 == 0:
            client = trusted(earlier)
        answer = send(client, article, comment=text, name=name, parent=parent, address=f"198.51.{number}.7")
        assert answer.status_code == 303, (text, answer.text[-3_000:])
        comment = Comment.objects.latest("pk")
        assert (comment.name, comment.text) == (name, text)
        assert comment.status == (Status.APPROVED if is_trusted else Status.PENDING), (
            text,
            comment.decisions.get().findings,
        )
    assert reasons() <= {"device_is_not_trusted"}


@pytest.mark.slow
def test_no_comment_of_the_demo_is_held_for_what_it_says(listed, earlier, time_machine):
    for number, text in enumerate(texts()):
        time_machine.move_to(BEGIN + number * EVERY, tick=False)
        if number % 10 == 0:
            article, client = make_article(), trusted(earlier)
        answer = send(client, article, comment=text, name=f"Reader {number}", address=f"198.51.{number % 250}.7")
        assert answer.status_code == 303, text
        assert Comment.objects.latest("pk").status == Status.APPROVED, text
