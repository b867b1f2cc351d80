"""Where durable_rules does not load, one sentence says what to do."""

from __future__ import annotations

import sys

import pytest

from recevable.cli import exits
from recevable.cli.app import run_code
from recevable.inference import library


def test_a_library_that_does_not_load_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library.NAME, None)
    with pytest.raises(
        library.NotLoaded, match=r"prenez Python 3\.11 ou 3\.12, ou compilez-le par `CPPFLAGS=-D"
    ) as told:
        library.load()
    assert "\n" not in str(told.value)
    assert str(told.value).endswith(".")


def test_the_command_says_it_and_no_more(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, library.NAME, None)
    for name in [name for name in sys.modules if name.startswith(("recevable.inference", "recevable.cli.check"))]:
        monkeypatch.delitem(sys.modules, name)
    assert run_code(["check", "x.json"]) == exits.INTERNAL
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("recevable : durable_rules ne se charge pas avec ce Python (")
    assert said.err.count("\n") == 1
