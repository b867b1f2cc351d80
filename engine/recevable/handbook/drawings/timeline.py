"""The calendar of a programme on one timeline: versions, windows of the requests, numbered dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from recevable.handbook.drawings import svg
from recevable.language.calendar import MONTHS

_WIDTH: Final = 960.0
_LEFT: Final = 20.0
_BAR: Final = 22.0
_DOT: Final = 10.0


class Band(Struct, frozen=True):
    """A period; an end that is unknown or open is None."""

    text: str
    start: date | None
    end: date | None
    style: str


class Mark(Struct, frozen=True):
    """A dated point: its number, its day, its label and the anchor of its row in the table."""

    number: int
    day: date
    text: str
    anchor: str
    house: bool


def timeline(bands: Sequence[Band], marks: Sequence[Mark], today: date) -> str:
    """The drawing; an empty text when there is nothing to draw."""
    scale = _scale(bands, marks)
    if scale is None:
        return ""
    parts: list[str] = []
    y = 12.0
    for band in bands:
        parts.append(_band(band, scale, y))
        y += _BAR + 8
    axis = y + 8
    lanes: list[float] = []
    dots = []
    for mark in marks:
        x = scale.x(mark.day)
        lane = next((rank for rank, last in enumerate(lanes) if x - last >= 2 * _DOT + 2), len(lanes))
        lanes[lane : lane + 1] = [x]
        dots.append(_dot(mark, x, axis + 30 + lane * (2 * _DOT + 4), axis))
    height = axis + 36 + len(lanes) * (2 * _DOT + 4) + 24
    now = svg.today(today, scale.first, scale.last, _LEFT, _WIDTH - 2 * _LEFT, height - 22)
    parts = [*_grid(scale, axis, height - 22), now, *parts, *dots]
    return svg.drawing(_WIDTH, height, "".join(parts), "Calendrier du programme", "frise")


def covers(bands: Sequence[Band], marks: Sequence[Mark], day: date) -> bool:
    """Whether a day is within the drawing, and so is marked on it."""
    scale = _scale(bands, marks)
    return scale is not None and scale.first <= day <= scale.last


class _Scale(Struct, frozen=True):
    first: date
    last: date

    def x(self, day: date) -> float:
        share = (day - self.first) / (self.last - self.first)
        return _LEFT + min(max(share, 0.0), 1.0) * (_WIDTH - 2 * _LEFT)


def _scale(bands: Sequence[Band], marks: Sequence[Mark]) -> _Scale | None:
    days = [m.day for m in marks] + [d for band in bands for d in (band.start, band.end) if d is not None]
    if not days:
        return None
    margin = max((max(days) - min(days)) // 25, timedelta(days=20))
    return _Scale(_before(min(days), margin), _after(max(days), margin))


def _before(day: date, margin: timedelta) -> date:
    return day - margin if day - date.min > margin else date.min


def _after(day: date, margin: timedelta) -> date:
    return day + margin if date.max - day > margin else date.max


def _band(band: Band, scale: _Scale, y: float) -> str:
    start = _LEFT if band.start is None else scale.x(band.start)
    end = _WIDTH - _LEFT if band.end is None else scale.x(band.end)
    bar = svg.element(
        "rect", svg.element("title", svg.text(band.text)), x=start, y=y, width=max(end - start, 3.0), height=_BAR, rx=4,
        class_=f"bande {band.style}",
    )  # fmt: skip
    # a text that would leave the drawing is right-aligned
    wide = len(band.text) * 7.0
    at_end = start + wide > _WIDTH - _LEFT
    place = _WIDTH - _LEFT - 6 if at_end else start + 7
    return bar + svg.label(band.text, place, y + 15, "nom", text_anchor="end" if at_end else "start")


def _dot(mark: Mark, x: float, y: float, axis: float) -> str:
    stem = svg.element("line", x1=x, y1=axis, x2=x, y2=y - _DOT, class_="tige")
    circle = svg.element("circle", cx=x, cy=y, r=_DOT)
    number = svg.label(str(mark.number), x, y + 4, text_anchor="middle")
    title = svg.element("title", svg.text(mark.text))
    style = "repere maison" if mark.house else "repere"
    return stem + svg.element("a", svg.element("g", title + circle + number, class_=style), href=f"#{mark.anchor}")


def _grid(scale: _Scale, axis: float, bottom: float) -> list[str]:
    """A line for each year, quarter or month, depending on the time covered."""
    months = (scale.last.year - scale.first.year) * 12 + scale.last.month - scale.first.month
    step = 1 if months <= 14 else 3 if months <= 48 else 12 if months <= 300 else 120
    found = [svg.element("line", x1=_LEFT, y1=axis, x2=_WIDTH - _LEFT, y2=axis, class_="axe")]
    for year in range(scale.first.year, scale.last.year + 1):
        if step >= 12 and year % (step // 12):
            continue
        for month in range(1, 13, min(step, 12)):
            day = date(year, month, 1)
            if scale.first <= day <= scale.last:
                x = scale.x(day)
                found.append(svg.element("line", x1=x, y1=8, x2=x, y2=bottom, class_="an" if month == 1 else "grille"))
                text = str(year) if month == 1 else MONTHS[month - 1]
                found.append(svg.label(text, x, bottom + 16, "an" if month == 1 else "mois", text_anchor="middle"))
    return found
