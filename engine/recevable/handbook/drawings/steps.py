"""The values of a parameter over time, as a chart in steps; a value that is not known is a gap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

from recevable.decision.wording import day as day_words
from recevable.handbook.drawings import svg
from recevable.pack.model import Parameter

_WIDTH: Final = 640.0
_HEIGHT: Final = 190.0
_LEFT: Final = 20.0
_TOP: Final = 34.0
_BOTTOM: Final = 40.0


def steps(parameter: Parameter, today: date, words: Callable[[Any], str]) -> str:
    """The chart of a parameter with several values; an empty text when there is only one or they have no order."""
    ranks = [_rank(value.value) for value in parameter.values]
    known = [rank for rank in ranks if rank is not None]
    if len(ranks) < 2 or not known:
        return ""
    first = parameter.values[0].start
    last = parameter.until or max(parameter.values[-1].start, today)
    last = max(last, parameter.values[-1].start + timedelta(days=60))
    low, high = min(known), max(known)
    ends = [value.start for value in parameter.values[1:]] + [last]
    parts = [svg.element("line", x1=_LEFT, y1=_HEIGHT - _BOTTOM, x2=_WIDTH - _LEFT, y2=_HEIGHT - _BOTTOM, class_="axe")]
    before: tuple[float, float] | None = None
    for value, rank, end in zip(parameter.values, ranks, ends, strict=True):
        x1, x2 = _x(value.start, first, last), _x(end, first, last)
        parts.append(svg.element("line", x1=x1, y1=_TOP, x2=x1, y2=_HEIGHT - _BOTTOM, class_="grille"))
        parts.append(svg.label(day_words(value.start), x1, _HEIGHT - _BOTTOM + 18, "mois", text_anchor=_side(x1)))
        if rank is None:
            middle = _HEIGHT - _BOTTOM - 12
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
    return svg.drawing(_WIDTH, _HEIGHT, "".join(parts), f"Valeurs de « {parameter.title} » dans le temps", "marches")


def _rank(value: Any) -> float | None:
    """A value as a height; None when it is not known or has no order."""
    if value is None or isinstance(value, str):
        return None
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal())
    if hasattr(value, "months"):
        return float(value.months * 30 + value.days + value.seconds / 86400)
    return float(value)


def _x(day: date, first: date, last: date) -> float:
    return _LEFT + (day - first) / (last - first) * (_WIDTH - 2 * _LEFT - 120)


def _y(rank: float, low: float, high: float) -> float:
    share = 0.5 if high == low else (rank - low) / (high - low)
    return _HEIGHT - _BOTTOM - 24 - share * (_HEIGHT - _BOTTOM - 24 - _TOP)


def _side(x: float) -> str:
    return "start" if x < _LEFT + 20 else "middle"
