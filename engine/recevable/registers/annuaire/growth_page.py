"""A comparison of two counts as one HTML page: words, a chart in SVG, and the figures behind it.

The page holds no script and asks for nothing from outside; it opens from a file, prints, and follows the reader's light
or dark setting. Signals differ by shape and label as well as by colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape

from recevable.registers.annuaire.french import decimal, number, percent, plural, signed
from recevable.registers.annuaire.growth import Growth, OperatorGrowth, Statistic, change
from recevable.registers.annuaire.growth_text import LABELS, explanation, limits, overall, reason, when

_WIDTH, _HEIGHT = 960, 520
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 24, 24, 64
_LABELLED = 8  # signals named on the chart; all are in the table
_CHANGES = (-95, -90, -80, -70, -50, -30, -20, -10, -5, 0, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 5000)
_TICK_GAP = 26.0  # pixels between two marks of the vertical axis

_STYLE = """
:root { color-scheme: light dark; --ink: #161616; --soft: #5a5a5a; --line: #d5d5d5; --paper: #ffffff;
  --band: #e8edff; --dot: #4a5fae; --signal: #b3261e; --rule: #3a3a3a; }
@media (prefers-color-scheme: dark) { :root { --ink: #f2f2f2; --soft: #b5b5b5; --line: #444444; --paper: #161616;
  --band: #232a45; --dot: #93a5ee; --signal: #ff8a80; --rule: #d0d0d0; } }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { max-width: 46rem; margin: .5rem 0; }
.soft { color: var(--soft); }
figure { margin: 1.5rem 0; }
figcaption { color: var(--soft); font-size: .9rem; max-width: 46rem; }
svg { display: block; width: 100%; min-width: 40rem; height: auto; font: 13px system-ui, sans-serif; }
svg text { fill: var(--soft); }
svg .name { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
.grid { stroke: var(--line); }
.band { fill: var(--band); }
.common { stroke: var(--rule); stroke-width: 1.5; }
.dot { fill: var(--dot); fill-opacity: .55; }
.signal { fill: var(--signal); stroke: var(--paper); }
.leader { stroke: var(--soft); stroke-width: .75; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; font-size: .92rem; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: right;
  vertical-align: top; }
th:first-child, td:first-child, .text { text-align: left; }
th { color: var(--soft); font-weight: 600; }
summary { cursor: pointer; margin: 2rem 0 .5rem; font-weight: 600; }
@media print { details:not([open]) { display: none; } }
"""


def growth_page(growth: Growth) -> str:
    """The whole HTML document; the same comparison gives the same bytes."""
    signals = growth.signals
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="fr">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            "<title>Évolution des BAL par opérateur</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            "<h1>Évolution des BAL par opérateur</h1>",
            f'<p class="soft">Extractions : {escape(when(growth.old))}, puis {escape(when(growth.new))}.</p>',
            f"<p><strong>{escape(overall(growth))}.</strong> {escape(_verdict(signals))}</p>",
            *([_chart(growth, growth.statistic)] if growth.statistic else []),
            "<h2>Comment lire</h2>",
            *(f"<p>{escape(sentence)}</p>" for sentence in explanation(growth)),
            *_signals(signals),
            *_everyone(growth),
            "</body>",
            "</html>",
            "",
        ]
    )


def _verdict(signals: Sequence[OperatorGrowth]) -> str:
    if not signals:
        return "Aucun opérateur ne s'écarte de l'ensemble."
    return f"{plural(len(signals), 'opérateur est signalé', 'opérateurs sont signalés')} pour examen."


def _signals(signals: Sequence[OperatorGrowth]) -> Iterator[str]:
    if not signals:
        return
    yield "<h2>Opérateurs signalés</h2>"
    yield '<div class="wide"><table>'
    yield '<thead><tr><th scope="col">Opérateur</th><th scope="col" class="text">Signal</th>'
    yield '<th scope="col" class="text">Pourquoi</th></tr></thead><tbody>'
    for one in signals:
        yield (
            f'<tr><td>{escape(one.operator)}</td><td class="text">{escape(LABELS[one.signal or ""])}</td>'
            f'<td class="text">{escape(reason(one))}</td></tr>'
        )
    yield "</tbody></table></div>"


def _everyone(growth: Growth) -> Iterator[str]:
    yield f"<details><summary>Tous les opérateurs ({number(len(growth.operators))})</summary>"
    yield '<div class="wide"><table><thead><tr>'
    for heading in ("Opérateur", "Avant", "Après", "Variation", "Croissance", "Écart (en écarts habituels)", "Signal"):
        yield f'<th scope="col">{heading}</th>'
    yield "</tr></thead><tbody>"
    for one in sorted(growth.operators, key=lambda one: (-one.new, one.operator)):
        cells = (
            one.operator,
            number(one.old),
            number(one.new),
            signed(one.new - one.old),
            "" if one.growth is None else percent(change(one.growth)),
            "" if one.gap is None else decimal(one.gap),
            LABELS[one.signal] if one.signal else "",
        )
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table></div></details>"


class _Scale:
    """Where a number of mailboxes and a growth fall on the chart."""

    def __init__(self, growth: Growth, statistic: Statistic) -> None:
        self.largest = max(one.old for one in growth.operators)
        low, high = (math.log1p(float(limit)) for limit in limits(growth, statistic))
        margin = (high - low) * 0.75
        # Beyond this an operator is drawn on the edge: one that grew a hundredfold must not flatten the others.
        self.bottom, self.top = min(low - margin, -0.05), max(high + margin, 0.05)

    def x(self, boxes: int) -> float:
        """Pixels for a number of mailboxes, at least 1."""
        return _LEFT + math.log10(boxes) / max(1.0, math.log10(self.largest)) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, logarithm: float) -> float:
        """Pixels for a growth given as a logarithm, kept inside the chart."""
        within = min(max(logarithm, self.bottom), self.top)
        return _TOP + (self.top - within) / (self.top - self.bottom) * (_HEIGHT - _TOP - _BOTTOM)

    def beyond(self, logarithm: float) -> bool:
        """Whether a growth is out of the chart."""
        return not self.bottom <= logarithm <= self.top


def _chart(growth: Growth, statistic: Statistic) -> str:
    scale = _Scale(growth, statistic)
    drawn = [one for one in growth.operators if one.growth is not None]
    quiet = [one for one in drawn if not one.signal]
    # The gravest last, so that nothing covers it.
    notable = [one for one in reversed(growth.signals) if one.growth is not None]
    elements = [
        *_frame(growth, statistic, scale),
        *(_dot(one, scale) for one in quiet),
        *(_mark(one, scale) for one in notable),
        *_names(list(reversed(notable))[:_LABELLED], scale),
    ]
    return "\n".join(
        [
            "<figure>",
            '<div class="wide">',
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="titre-courbe">',
            '<title id="titre-courbe">Croissance de chaque opérateur selon son nombre de BAL au départ</title>',
            *elements,
            "</svg>",
            "</div>",
            "<figcaption>Un point par opérateur : à droite les plus gros, en haut ceux qui croissent le plus. La bande "
            "contient les croissances ordinaires, le trait plein est la croissance commune. Les triangles sont les "
            "opérateurs signalés, les plus importants nommés ; un point hors bande sans triangle représente trop peu "
            "de BAL pour être signalé. Ce qui sort du cadre est dessiné sur son bord.</figcaption>",
            "</figure>",
        ]
    )


def _frame(growth: Growth, statistic: Statistic, scale: _Scale) -> Iterator[str]:
    right, foot = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    low, high = (scale.y(math.log1p(float(limit))) for limit in limits(growth, statistic))
    yield f'<rect class="band" x="{_LEFT}" y="{high:.1f}" width="{right - _LEFT}" height="{low - high:.1f}"/>'
    taken: list[float] = []
    for ticks in sorted(_CHANGES, key=lambda change: (change != 0, abs(change))):
        logarithm = math.log1p(ticks / 100)
        y = scale.y(logarithm)
        if scale.beyond(logarithm) or any(abs(y - other) < _TICK_GAP for other in taken):
            continue
        taken.append(y)
        yield f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{percent(Decimal(ticks) / 100, 0)}</text>'
    for power in range(math.floor(math.log10(scale.largest)) + 1):
        x = scale.x(10**power)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{foot}"/>'
        yield f'<text x="{x:.1f}" y="{foot + 20}" text-anchor="middle">{number(10**power)}</text>'
    common = scale.y(float(statistic.common))
    yield f'<line class="common" x1="{_LEFT}" x2="{right}" y1="{common:.1f}" y2="{common:.1f}"/>'
    label = f"croissance commune {percent(change(statistic.common))}"
    yield f'<text class="name" x="{right - 4}" y="{common - 6:.1f}" text-anchor="end">{escape(label)}</text>'
    middle = (_LEFT + right) / 2
    yield f'<text x="{middle:.1f}" y="{_HEIGHT - 12}" text-anchor="middle">BAL dans l’ancienne extraction</text>'


def _dot(one: OperatorGrowth, scale: _Scale) -> str:
    x, y = _place(one, scale)
    return f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{escape(_caption(one))}</title></circle>'


def _mark(one: OperatorGrowth, scale: _Scale) -> str:
    """A triangle that points up for an unusual increase, down for an unusual decrease."""
    x, y = _place(one, scale)
    way = -1 if one.gap is not None and one.gap > 0 else 1
    return (
        f'<path class="signal" d="M{x:.1f} {y + way * 8:.1f}l7 {-way * 13}h-14z">'
        f"<title>{escape(_caption(one))}</title></path>"
    )


def _names(signals: Sequence[OperatorGrowth], scale: _Scale) -> Iterator[str]:
    """The identifiers beside their triangles, moved apart where they would overlap."""
    placed: list[tuple[float, float]] = []
    for one in signals:
        x, y = _place(one, scale)
        leftwards = x > _WIDTH - 260
        at = x - 14 if leftwards else x + 14
        level = y + 4
        while any(abs(level - other) < 15 and abs(x - beside) < 240 for beside, other in placed):
            level += 15 if y < _HEIGHT / 2 else -15
        placed.append((x, level))
        if abs(level - y - 4) > 1:
            end = at + (2 if leftwards else -2)
            yield f'<line class="leader" x1="{x:.1f}" y1="{y:.1f}" x2="{end:.1f}" y2="{level - 4:.1f}"/>'
        anchor = "end" if leftwards else "start"
        yield f'<text class="name" x="{at:.1f}" y="{level:.1f}" text-anchor="{anchor}">{escape(_name(one))}</text>'


def _place(one: OperatorGrowth, scale: _Scale) -> tuple[float, float]:
    return scale.x(max(1, one.old)), scale.y(float(one.growth or 0))


def _name(one: OperatorGrowth) -> str:
    return one.operator if one.growth is None else f"{one.operator} ({percent(change(one.growth), 0)})"


def _caption(one: OperatorGrowth) -> str:
    return f"{_name(one)} : {number(one.old)} → {number(one.new)} BAL"
