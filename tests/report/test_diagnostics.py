"""Excerpts of diagnostics: the caret stands where the reader of a terminal sees its character."""

from __future__ import annotations

from recevable.language.diagnostics import Diagnostic, Span
from recevable.report.diagnostics import render
from recevable.report.layout import Page


def test_the_caret_is_below_its_character_after_wide_and_combined_ones() -> None:
    line = "titre: 書e\u0301 fin"
    found = Diagnostic("X", "faute", Span("a.yaml", 1, line.index("fin") + 1, 3))
    shown, caret = render([found], Page(), lambda file, number: line).splitlines()[1:]
    assert shown == f"  | {line}"
    # an ideogram takes two cells, an accent none
    assert caret == "  | " + " " * 11 + "^^^"
