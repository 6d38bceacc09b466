"""Command `manage.py evaluate_scoring FILE`."""

import csv
from pathlib import Path
import random
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments.classifier.csv_dataset import InvalidDataset, LabelledText, rarer_label, read_dataset
from comments.classifier.evaluation import evaluate, roc_auc
from comments.classifier.features import text_buckets
from comments.classifier.train import (
    INSTALL_HINT,
    IS_INSTALLED,
    MIN_EXAMPLES_PER_CLASS,
    TooFewExamples,
    feature_matrix,
    train_model,
)
from comments.classifier.weights import ModelParameters

HELD_OUT_ONE_IN = 5
SEED = 1


class Command(BaseCommand):
    help = (
        "Train on a CSV file with the columns text and label (two labels), as the site trains on decisions, and "
        "evaluate on unseen lines: a fifth of the file, drawn at random with a fixed seed, "
        "or another file. Nothing is stored, and the site's own models are not used."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--held-out", type=Path, metavar="FILE", help="Evaluate on this file and train on all of FILE."
        )
        parser.add_argument("--label", help="Label to predict. Default: the rarer one.")
        parser.add_argument(
            "--scores", type=Path, metavar="FILE", help="Write the score of each held-out line to this file."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not IS_INSTALLED:
            raise CommandError(INSTALL_HINT)
        try:
            lines = read_dataset(options["file"])
            older, held_out = (lines, _read_alike(options["held_out"], lines)) if options["held_out"] else _split(lines)
        except InvalidDataset as error:
            raise CommandError(str(error)) from error
        wanted = options["label"] or rarer_label(lines)
        if wanted not in {line.label for line in lines}:
            raise CommandError(f"No line has the label {wanted!r}.")
        parameters = self._learn(older, wanted)
        self._tell(self._score(held_out, parameters), [line.label == wanted for line in held_out])
        if options["scores"]:
            self._write(options["scores"], held_out, parameters)

    def _learn(self, lines: list[LabelledText], wanted: str) -> ModelParameters:
        started = time.perf_counter()
        try:
            parameters = train_model(
                feature_matrix(line.text for line in lines), [line.label == wanted for line in lines]
            )
        except TooFewExamples as error:
            raise CommandError(
                f"Not enough lines: at least {MIN_EXAMPLES_PER_CLASS} of each label are needed."
            ) from error
        seconds = time.perf_counter() - started
        count = sum(line.label == wanted for line in lines)
        self.stdout.write(f"Trained on {len(lines)} lines, {count} labelled {wanted!r}, in {seconds:.1f} s.")
        return parameters

    def _score(self, lines: list[LabelledText], parameters: ModelParameters) -> list[float]:
        started = time.perf_counter()
        scores = [parameters.score(text_buckets(line.text)) for line in lines]
        each = (time.perf_counter() - started) / max(len(lines), 1) * 1000
        self.stdout.write(f"Scored {len(lines)} held-out lines, {each:.2f} ms each.")
        return scores

    def _tell(self, scores: list[float], are_wanted: list[bool]) -> None:
        scored = list(zip(scores, are_wanted, strict=True))
        under = roc_auc(scored)
        self.stdout.write(f"ROC-AUC: {'–' if under is None else f'{under:.4f}'}\n\n from  precision  recall      F1")
        for row in evaluate(scored):
            precision, recall = (("–" if share is None else f"{share:.3f}") for share in (row.precision, row.recall))
            self.stdout.write(f"{row.percent:3} %  {precision:>9}  {recall:>6}  {row.f1:>6.3f}")

    def _write(self, path: Path, lines: list[LabelledText], parameters: ModelParameters) -> None:
        """Write line numbers and scores, without texts, because spreadsheets could execute them."""
        try:
            with path.open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["line", "score"])
                writer.writerows((line.number, f"{parameters.score(text_buckets(line.text)):.4f}") for line in lines)
        except OSError as error:
            raise CommandError(f"{path} could not be written: {error.strerror}.") from error


def _read_alike(path: Path, lines: list[LabelledText]) -> list[LabelledText]:
    """Read another file with the same labels as `lines`.

    Raise InvalidDataset, also if the labels differ, because the model could not recognise them.
    """
    others = read_dataset(path)
    trained, found = ({line.label for line in each} for each in (lines, others))
    if found != trained:
        shown, wanted = (" and ".join(map(repr, sorted(labels))) for labels in (found, trained))
        raise InvalidDataset(f"{path} must have the same two labels, {wanted}, and has {shown}.")
    return others


def _split(lines: list[LabelledText]) -> tuple[list[LabelledText], list[LabelledText]]:
    """Split the lines; hold out the same share of each label."""
    shuffled = sorted(random.Random(SEED).sample(lines, len(lines)), key=lambda line: line.label)  # noqa: S311
    return [line for place, line in enumerate(shuffled) if place % HELD_OUT_ONE_IN], shuffled[::HELD_OUT_ONE_IN]
