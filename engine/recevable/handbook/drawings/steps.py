"""The values of a parameter over time as a step chart; an unknown value is a gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from recevable.decision.wording import day as day_words
from recevable.handbook.drawings import svg
from recevable.language.tables import Grid, Scale
from recevable.pack.model import Parameter

_WIDTH: Final = 640.0
_LEFT: Final = 20.0
# Room for the value after the last step.
_RIGHT: Final = 120.0
_TOP: Final = 34.0
_AXIS: Final = 150.0
# Below the axis, dates that are too close are put on several lines.
_LINE: Final = 15.0
_CHARACTER: Final = 6.5


def steps(parameter: Parameter, today: date, words: Callable[[Any], str]) -> str:
    """The chart of a parameter; an empty text with a single value or values without order."""
    ranks = [_rank(value.value) for value in parameter.values]
    known = [rank for rank in ranks if rank is not None]
    if len(ranks) < 2 or not known:
        return ""
    first = parameter.values[0].start
    last = parameter.until or max(parameter.values[-1].start, today)
    last = max(last, parameter.values[-1].start + timedelta(days=60))
    low, high = min(known), max(known)
    ends = [value.start for value in parameter.values[1:]] + [last]
    parts = [svg.element("line", x1=_LEFT, y1=_AXIS, x2=_WIDTH - _LEFT, y2=_AXIS, class_="axe")]
    dates = [(_x(value.start, first, last), day_words(value.start)) for value in parameter.values]
    lines = _lines(dates)
    for (x, text), line in zip(dates, lines, strict=True):
        parts.append(svg.element("line", x1=x, y1=_TOP, x2=x, y2=_AXIS, class_="grille"))
        parts.append(svg.label(text, x, _AXIS + (line + 1) * _LINE, "mois"))
    before: tuple[float, float] | None = None
    for value, rank, end in zip(parameter.values, ranks, ends, strict=True):
        x1, x2 = _x(value.start, first, last), _x(end, first, last)
        if rank is None:
            middle = _AXIS - 12
            parts.append(svg.element("line", x1=x1, y1=middle, x2=x2, y2=middle, class_="trou"))
            parts.append(svg.label("inconnue", x1 + 6, middle - 8, "nom"))
            before = None
            continue
        y = _y(rank, low, high)
        if before is not None:
            parts.append(svg.element("line", x1=x1, y1=before[1], x2=x1, y2=y, class_="marche"))
        parts.append(svg.element("line", x1=x1, y1=y, x2=x2, y2=y, class_="marche"))
        parts.append(svg.label(words(value.value), x1 + 6, y - 8, "nom"))
        before = (x2, y)
    parts.append(svg.today(today, first, last, _LEFT, _WIDTH - 2 * _LEFT - _RIGHT, _AXIS))
    height = _AXIS + (max(lines) + 2) * _LINE
    return svg.drawing(_WIDTH, height, "".join(parts), f"Valeurs de « {parameter.title} » dans le temps", "marches")


def _lines(dates: Sequence[tuple[float, str]]) -> list[int]:
    """The line of each text: the first where it does not overlap the one before it."""
    ends: list[float] = []
    found = []
    for x, text in dates:
        line = next((rank for rank, end in enumerate(ends) if end < x), len(ends))
        ends[line : line + 1] = [x + len(text) * _CHARACTER]
        found.append(line)
    return found


def _rank(value: Any) -> float | None:
    """The height of a value; None when it is unknown or has no order."""
    if value is None or isinstance(value, str | tuple | Grid | Scale):
        return None
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal())
    if hasattr(value, "months"):
        return float(value.months * 30 + value.days + value.seconds / 86400)
    return float(value)


def _x(day: date, first: date, last: date) -> float:
    return _LEFT + (day - first) / (last - first) * (_WIDTH - 2 * _LEFT - _RIGHT)


def _y(rank: float, low: float, high: float) -> float:
    share = 0.5 if high == low else (rank - low) / (high - low)
    return _AXIS - 24 - share * (_AXIS - 24 - _TOP)
