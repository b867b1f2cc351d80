"""The page of a comparison stands alone, is sound HTML, and shows every operator and every signal."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from lxml import etree, html

from recevable.registers.annuaire.growth import Growth, Snapshot, compare
from recevable.registers.annuaire.growth_page import growth_page

SVG = "{http://www.w3.org/2000/svg}"
PERSONS = frozenset({"personnelles"})
PAIRS = {f"op{number}": (100 * number + 40, 108 * number + 43) for number in range(12)}


def page(pairs: dict[str, tuple[int, int]]) -> tuple[str, Growth]:
    old = Snapshot(
        "a",
        datetime(2025, 1, 31, 3, 0, tzinfo=UTC),
        PERSONS,
        {name: {"personnelles": a} for name, (a, _) in pairs.items()},
    )
    new = Snapshot("b", None, PERSONS, {name: {"personnelles": b} for name, (_, b) in pairs.items()})
    growth = compare(old, new)
    return growth_page(growth), growth


def chart(text: str) -> etree._Element:
    found = re.search(r"<svg.*?</svg>", text, re.DOTALL)
    assert found is not None
    return etree.fromstring(found[0])


def test_the_page_asks_for_nothing_from_outside_and_runs_nothing() -> None:
    text, _ = page({**PAIRS, "gonfle": (500, 5000)})
    assert "default-src 'none'" in text
    assert not re.search(r"<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|https?:|\son\w+=", text)


def test_every_operator_is_on_the_chart_once_and_signals_have_another_shape() -> None:
    text, growth = page({**PAIRS, "gonfle": (500, 5000), "fond": (500, 50), "neuf": (0, 400)})
    drawn = chart(text)

    def operators(tag: str) -> list[str]:
        return sorted((one.findtext("title") or "").partition(" ")[0] for one in drawn.findall(tag))

    assert operators("circle") == sorted(PAIRS)
    assert operators("path") == ["fond", "gonfle"]
    assert len(growth.signals) == 3


def rows(text: str, table: int) -> list[list[str]]:
    """The text of the cells of a table of the page, its heading left out."""
    found = list(html.fromstring(text).iter("tbody"))[table]
    return [["".join(map(str, cell.itertext())) for cell in row] for row in found]


def test_every_operator_is_in_the_table() -> None:
    text, growth = page({**PAIRS, "neuf": (0, 400)})
    by_size = sorted(growth.operators, key=lambda one: (-one.new, one.operator))
    assert [row[0] for row in rows(text, -1)] == [one.operator for one in by_size]


def test_signals_are_explained_in_a_table_of_their_own() -> None:
    text, _ = page({**PAIRS, "gonfle": (500, 5000)})
    ((operator, signal, why),) = rows(text, 0)
    assert (operator, signal) == ("gonfle", "hausse")
    assert "fois l'écart habituel" in why
    assert "1 opérateur est signalé pour examen" in text


@pytest.mark.parametrize(
    "pairs",
    [
        PAIRS,
        dict.fromkeys(PAIRS, (100, 100)),
        dict.fromkeys(PAIRS, (1, 1)),
        {**PAIRS, "geant": (10_000_000, 1), "nain": (1, 10_000_000)},
        {"seul": (5, 9)},
        {"neuf": (0, 9)},
        {},
    ],
)
def test_nothing_is_drawn_outside_the_chart(pairs: dict[str, tuple[int, int]]) -> None:
    text, growth = page(pairs)
    assert ("<svg" in text) == (growth.statistic is not None)
    if growth.statistic is None:
        return
    drawn = chart(text)
    _, _, width, height = (float(size) for size in drawn.get("viewBox", "").split())
    for element in drawn.iter():
        for names, limit in ((("x", "x1", "x2", "cx"), width), (("y", "y1", "y2", "cy"), height)):
            for name in names:
                assert 0 <= float(element.get(name, "0")) <= limit


def test_names_are_escaped() -> None:
    text, _ = page({**PAIRS, "<b>&\"'": (500, 5000)})
    assert "<b>" not in text
    assert "&lt;b&gt;&amp;" in text


def test_the_same_comparison_gives_the_same_page() -> None:
    assert page(PAIRS)[0] == page(PAIRS)[0]


def test_the_page_says_when_each_extraction_was_made() -> None:
    assert "Extractions : 31/01/2025 à 04:00, puis date inconnue." in page(PAIRS)[0]
