"""The charts of an impact, in SVG: the flow of verdicts, and the distribution of differences in euros.

Each has a title and a description for screen readers; the page gives the same figures in tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from html import escape
from typing import Final

from msgspec import Struct

from recevable.decision.wording import amount, count, number
from recevable.outputs.impact.words import STATE
from recevable.trials.impact.model import STATES

Matrix = Mapping[tuple[str, str], int]

_WIDTH: Final = 780
_NODE: Final = 14  # width of the block of a state
_LABEL: Final = 220  # room for the names on each side
_BODY: Final = 220  # height shared by all requests
_LEAST: Final = 3.0  # a single request stays visible beside thousands
_GAP: Final = 26
_TOP: Final = 34


class Spread(Struct, frozen=True):
    """A bar: differences from `low` (inclusive) to `high` (exclusive), and their number."""

    low: Decimal
    high: Decimal
    count: int


# --- flows of verdicts ------------------------------------------------------------------------------------------------


class _Band(Struct):
    """A flow between two states, with its height and the positions of its ends."""

    before: str
    after: str
    count: int
    height: float
    left: float = 0.0
    right: float = 0.0


def flows(matrix: Matrix, title: str, identifier: str) -> str:
    """A chart of the requests of one kind, from the old verdict (left) to the new one (right)."""
    total = sum(matrix.values())
    bands = [
        _Band(before, after, matrix[before, after], max(_LEAST, matrix[before, after] / total * _BODY))
        for before in STATES
        for after in STATES
        if matrix.get((before, after))
    ]
    left = _stack(bands, left=True)
    right = _stack(sorted(bands, key=lambda band: (STATES.index(band.after), STATES.index(band.before))), left=False)
    height = max(top + size for blocks in (left, right) for _, top, size, _ in blocks) + 14
    moved = [band for band in bands if band.before != band.after]
    summary = ", ".join(f"{number(b.count)} de {STATE[b.before]} à {STATE[b.after]}" for b in moved)
    return "\n".join(
        [
            f'<svg class="flows" viewBox="0 0 {_WIDTH} {height:.0f}" role="img"'
            f' aria-labelledby="{identifier}-titre {identifier}-texte">',
            f'<title id="{identifier}-titre">{escape(title)} : verdicts avant et après</title>',
            f'<desc id="{identifier}-texte">{escape(summary)} ; {number(total - sum(b.count for b in moved))} sans '
            "changement.</desc>",
            f'<text x="{_LABEL}" y="16" text-anchor="end">avant</text>',
            f'<text x="{_WIDTH - _LABEL}" y="16">après</text>',
            # those that change are drawn last, on top
            *(_flow(band) for band in sorted(bands, key=lambda band: band.before != band.after)),
            *_blocks(left, _LABEL, "end"),
            *_blocks(right, _WIDTH - _LABEL - _NODE, "start"),
            *_counts(moved),
            "</svg>",
        ]
    )


def _stack(bands: Sequence[_Band], *, left: bool) -> list[tuple[str, float, float, int]]:
    """Stack the bands on one side; returns the blocks of states: name, top, height, count."""
    blocks: list[tuple[str, float, float, int]] = []
    at = float(_TOP)
    for state in STATES:
        own = [band for band in bands if (band.before if left else band.after) == state]
        if not own:
            continue
        top = at
        for band in own:
            if left:
                band.left = at
            else:
                band.right = at
            at += band.height
        blocks.append((state, top, at - top, sum(band.count for band in own)))
        at += _GAP
    return blocks


def _flow(band: _Band) -> str:
    start, end = _LABEL + _NODE, _WIDTH - _LABEL - _NODE
    middle = (start + end) / 2
    top, low = (band.left, band.right), (band.left + band.height, band.right + band.height)
    style = "stay" if band.before == band.after else f"move {band.after}"
    caption = f"{STATE[band.before]} → {STATE[band.after]} : {count(band.count, 'demande', 'demandes')}"
    return (
        f'<path class="{style}" d="M{start} {top[0]:.1f}C{middle:.0f} {top[0]:.1f} {middle:.0f} {top[1]:.1f} {end} '
        f"{top[1]:.1f}L{end} {low[1]:.1f}C{middle:.0f} {low[1]:.1f} {middle:.0f} {low[0]:.1f} {start} {low[0]:.1f}Z"
        f'"><title>{escape(caption)}</title></path>'
    )


def _blocks(blocks: Sequence[tuple[str, float, float, int]], x: float, anchor: str) -> Iterator[str]:
    at = x - 8 if anchor == "end" else x + _NODE + 8
    for state, top, height, total in blocks:
        yield f'<rect class="{state}" x="{x}" y="{top:.1f}" width="{_NODE}" height="{height:.1f}"/>'
        middle = top + height / 2 + 5
        label = f"{STATE[state]} {number(total)}"
        yield f'<text class="name" x="{at}" y="{middle:.1f}" text-anchor="{anchor}">{label}</text>'


def _counts(moved: Sequence[_Band]) -> Iterator[str]:
    """The numbers on the flows that change, each further along its curve than the one before."""
    start, end = _LABEL + _NODE, _WIDTH - _LABEL - _NODE
    for rank, band in enumerate(moved):
        t = (0.35, 0.5, 0.65, 0.2, 0.8)[rank % 5]
        # the curve of `_flow`: its control points have the same height as its ends
        x = start * (1 - t) ** 3 + (start + end) * 1.5 * t * (1 - t) + end * t**3
        y = band.left * (1 - t) ** 2 * (1 + 2 * t) + band.right * t**2 * (3 - 2 * t) + band.height / 2 + 5
        yield f'<text class="count" x="{x:.0f}" y="{y:.1f}" text-anchor="middle">{number(band.count)}</text>'


# --- spread of euros --------------------------------------------------------------------------------------------------

_BARS: Final = 12
_TALL, _SIDE, _FOOT, _HEAD = 220, 48, 44, 26
_BROAD: Final = 760


def spread(differences: Sequence[Decimal]) -> list[Spread]:
    """Differences in classes of one round width, from the lowest to the highest, empty classes included.

    0 is always a boundary: no class mixes increases and decreases.
    """
    if not differences:
        return []
    low, high = min(differences), max(differences)
    width = _round_width((max(high, Decimal(0)) - min(low, Decimal(0))) / _BARS)
    counts: dict[int, int] = {}
    for one in differences:
        rank = _class(one, width)
        counts[rank] = counts.get(rank, 0) + 1
    first, last = min(counts), max(counts)
    return [Spread(width * rank, width * (rank + 1), counts.get(rank, 0)) for rank in range(first, last + 1)]


def _class(difference: Decimal, width: Decimal) -> int:
    return int((difference / width).to_integral_value(ROUND_FLOOR))


def _round_width(least: Decimal) -> Decimal:
    """The smallest of 1, 2, 5, 10, 20… euros (or cents) that is at least `least`."""
    for power in range(-2, 20):
        for digit in (1, 2, 5):
            width = Decimal(digit).scaleb(power)
            if width >= least:
                return width
    return least


def bars(differences: Sequence[Decimal], title: str, identifier: str) -> str:
    """A bar chart of the number of differences in each class of euros."""
    classes = spread(differences)
    most = max(one.count for one in classes)
    step = min((_BROAD - 2 * _SIDE) / len(classes), 90.0)
    start = (_BROAD - step * len(classes)) / 2
    foot = _HEAD + _TALL
    summary = " ; ".join(f"{_between(one)} : {number(one.count)}" for one in classes if one.count)
    drawn: list[str] = []
    for rank, one in enumerate(classes):
        x = start + rank * step
        height = one.count / most * _TALL
        if one.count:
            style = "bar-down" if one.high <= 0 else "bar-up"
            drawn.append(
                f'<rect class="{style}" x="{x + 2:.1f}" y="{foot - height:.1f}" width="{step - 4:.1f}" '
                f'height="{height:.1f}"><title>{escape(_between(one))} : '
                f"{count(one.count, 'demande', 'demandes')}</title></rect>"
            )
            drawn.append(
                f'<text class="name" x="{x + step / 2:.1f}" y="{foot - height - 6:.1f}" text-anchor="middle">'
                f"{number(one.count)}</text>"
            )
    marks = [*(one.low for one in classes), classes[-1].high]
    every = max(1, -(-len(marks) // max(2, int(step * len(classes) // 90))))
    zero = next((rank for rank, mark in enumerate(marks) if mark == 0), 0)
    for rank, mark in enumerate(marks):
        if (rank - zero) % every == 0:
            x = start + rank * step
            drawn.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{foot}" y2="{foot + 5}"/>')
            drawn.append(f'<text x="{x:.1f}" y="{foot + 22}" text-anchor="middle">{escape(_signed(mark))}</text>')
    return "\n".join(
        [
            f'<svg class="bars" viewBox="0 0 {_BROAD} {foot + _FOOT}" role="img"'
            f' aria-labelledby="{identifier}-titre {identifier}-texte">',
            f'<title id="{identifier}-titre">{escape(title)}</title>',
            f'<desc id="{identifier}-texte">{escape(summary)}</desc>',
            *drawn,
            f'<line class="axis" x1="{start - 6:.1f}" x2="{start + step * len(classes) + 6:.1f}" y1="{foot}" '
            f'y2="{foot}"/>',
            "</svg>",
        ]
    )


def _between(one: Spread) -> str:
    return f"de {_signed(one.low)} à moins de {_signed(one.high)}"


def _signed(value: Decimal) -> str:
    whole = abs(value) == abs(value).to_integral_value()
    text = f"{number(int(abs(value)))}\u00a0€" if whole else amount(abs(value))
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{text}"
