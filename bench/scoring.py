"""Benchmark of training on 20,000 decisions and of scoring comments.

Usage: python -m bench scoring [DECISIONS]

Runs on a temporary PostgreSQL. Prints time and memory of the training, the quality of the scores on held-out decisions,
and milliseconds of processor time to score one comment of 5,000 characters (median and maximum of 101): the first time
a process sees its words, and again. Then prints the cost of the imports that training would need.

Comments and decisions are synthetic: tests/support/synthetic_comments.py describes their limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
import random
import resource
import statistics
import subprocess
import sys
import time

from django.contrib.auth.models import User
from django.utils import timezone

from articles.models import Article
from comments.classifier.features import text_buckets, word_buckets
from comments.classifier.train import feature_matrix
from comments.models import ScoringModel, TrainingState
from comments.scoring import retrain
from comments.scoring.predict import explain_scores, score_text
from comments.scoring.training_data import load_examples
from comments.statuses import Status
from tests.scoring.conftest import store_decided
from tests.support.synthetic_comments import CommentGenerator

LENGTH = 5_000
IMPORTS = """
import sys, time
def memory():
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
before, started = memory(), time.perf_counter()
__import__(sys.argv[1])
print(f"import {sys.argv[1]:22}{memory() - before:6.0f} MiB{time.perf_counter() - started:7.2f} s")
"""


def main(decisions: str = "20_000") -> None:
    measure(int(decisions))
    for name in ("comments.classifier.features", "numpy", "sklearn.linear_model"):
        subprocess.run([sys.executable, "-c", IMPORTS, name], check=True)


def measure(number: int) -> None:
    fill(number)
    TrainingState.objects.get_or_create(pk=1)
    known = timed("decisions read", load_examples)
    timed("made features", lambda: feature_matrix(example.text for example in known))
    learnt = timed("all of it: read, measured, learnt, stored", retrain.retrain)
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB\n")
    for lesson in learnt:
        held_out = f"{lesson.held_out_negative_count} approved and {lesson.held_out_positive_count} put away held out"
        print(
            f"{lesson.kind}: {lesson.negative_count} approved, {lesson.positive_count} put away; "
            f"{held_out}; area {lesson.roc_auc:.3f}"
        )
        for row in lesson.rows():
            shares = ("–" if share is None else f"{share:.3f}" for share in (row.precision, row.recall))
            print(f"  from {row.percent} %: precision, recall", *shares)
    score_comments()


def fill(number: int) -> None:
    start, what = timezone.now() - timedelta(days=100), list(CommentGenerator().labelled_comments(number))
    times = [start + timedelta(minutes=minute) for minute in range(number)]
    store_decided(what, times, article=Article.objects.all()[0], actor=User.objects.get(username="editor"))
    print(f"{number:,} decisions, {sum(len(each.text) for each in what) / number:.0f} characters each")


def timed(what: str, do: Callable[[], object]) -> object:
    wall, used = time.perf_counter(), time.process_time()
    done = do()
    print(f"{what:45}{time.perf_counter() - wall:7.1f} s, {time.process_time() - used:.1f} of processor")
    return done


def score_comments() -> None:
    parameters = [lesson.parameters() for lesson in ScoringModel.objects.newest_per_kind()]

    def anew(text: str) -> None:
        word_buckets.cache_clear()
        buckets = text_buckets(text)
        for each in parameters:
            each.score(buckets)

    def again(text: str) -> None:
        buckets = text_buckets(text)
        for each in parameters:
            each.score(buckets)

    print(f"\n{'both scores of one comment':34}{'first':>8}{'worst':>8}{'again':>8}{'whole':>8}{'phrases':>9}")
    for name, text in texts():
        first = milliseconds(anew, text)
        figures = [
            statistics.median(first),
            max(first),
            *(statistics.median(milliseconds(do, text)) for do in (again, score_text)),
        ]
        print(
            f"{name:34}",
            *(f"{figure:7.2f}" for figure in figures),
            f"{statistics.median(milliseconds(explain_scores, text)):8.2f}",
        )


def milliseconds(do: Callable[[str], object], text: str) -> list[float]:
    times = []
    for _ in range(101):
        started = time.process_time()
        do(text)
        times.append((time.process_time() - started) * 1000)
    return times


def texts() -> Iterator[tuple[str, str]]:
    chance = random.Random(1)
    yield "of ordinary length", CommentGenerator(2).text(Status.APPROVED, length=40)
    yield "prose", CommentGenerator(2).text(Status.APPROVED, length=1_500)[:LENGTH]
    yield "letters at random", "".join(chance.choices("abcdefghijklmnopqrstuvwxyz     ", k=LENGTH))
    yield "punctuation at random", "".join(chance.choices("!?.,;:-_", k=LENGTH))
    yield "single letters of many scripts", " ".join(chr(chance.randint(0x100, 0x800)) for _ in range(LENGTH // 2))
    yield (
        "ligatures of eighteen characters",
        " ".join("ﷺ" + chr(chance.randint(0x620, 0x64A)) for _ in range(LENGTH // 3)),
    )
    yield "Chinese characters at random", "".join(chr(chance.randint(0x4E00, 0x9FFF)) for _ in range(LENGTH))
