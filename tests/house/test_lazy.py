"""Patterns that are compiled on first use: the same answers as those of `re`, and nothing compiled before."""

from __future__ import annotations

import re

import pytest

from recevable.lazy import pattern


def test_a_pattern_is_compiled_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    real = re.compile

    def counted(source: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(source)
        return real(source, flags)

    monkeypatch.setattr(re, "compile", counted)
    found = pattern(r"(\d+)-x", re.IGNORECASE)
    assert compiled == []
    assert found.sub(r"<\1>", "12-X et 3-x") == "<12> et <3>"
    assert found.fullmatch("12-X") is not None
    assert found.search(b"1".decode()) is None
    assert set(compiled) == {r"(\d+)-x"}
    assert pattern(rb"a+").fullmatch(b"aa") is not None


def test_a_wrong_pattern_is_refused_on_use() -> None:
    with pytest.raises(re.error):
        pattern("(").match("")
