"""Text format of Prometheus, version 0.0.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate

from newsite.observability.counters import BUCKET, BUCKET_LABELS, METRICS, SECONDS, SUM, Key

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def format_metrics(counted: Counter[Key], gauges: Iterable[tuple[str, str, float]]) -> str:
    return "\n".join([*_counted(counted), *_gauges(gauges), ""])


def _counted(counted: Counter[Key]) -> Iterator[str]:
    for name, metric in METRICS.items():
        yield from _head(name, metric.kind, metric.help)
        if name == SECONDS:
            yield from _histogram(counted)
            continue
        for labels, number in sorted((labels, number) for (own, labels), number in counted.items() if own == name):
            yield _line(name, dict(zip(metric.labels, labels, strict=True)), number)


def _histogram(counted: Counter[Key]) -> Iterator[str]:
    for view in sorted({labels[0] for name, labels in counted if name == BUCKET}):
        sums = list(accumulate(counted[BUCKET, (view, le)] for le in BUCKET_LABELS))
        for le, number in zip(BUCKET_LABELS, sums, strict=True):
            yield _line(BUCKET, {"view": view, "le": le}, number)
        yield _line(SUM, {"view": view}, counted[SUM, (view,)])
        yield _line(f"{SECONDS}_count", {"view": view}, sums[-1])


def _gauges(gauges: Iterable[tuple[str, str, float]]) -> Iterator[str]:
    for name, text, number in gauges:
        yield from _head(name, "gauge", text)
        yield _line(name, {}, number)


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def _line(name: str, labels: dict[str, str], number: float) -> str:
    inside = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels.items())
    return f"{name}{{{inside}}} {number:.10g}" if inside else f"{name} {number:.10g}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
