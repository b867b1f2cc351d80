"""`recevable lsp`: without its extra, and when the editor goes away."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.bounds import HANG

if TYPE_CHECKING:
    from tests.cli.conftest import Command


def test_without_the_extra_it_says_what_to_install(recevable: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.delitem(sys.modules, "recevable.editor.server", raising=False)
    monkeypatch.delitem(sys.modules, "recevable.editor.protocol", raising=False)
    monkeypatch.setitem(sys.modules, "pygls.lsp.server", None)
    outcome = recevable("lsp", "--stdio")
    assert outcome.code == 2
    assert "installez recevable avec son option `editeur`" in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_without_its_streams_there_is_no_session(closed: str) -> None:
    command = f'"{sys.executable}" -m recevable lsp --stdio {closed}'
    found = subprocess.run(command, shell=True, capture_output=True, timeout=HANG, check=False)
    assert found.returncode == 2
    assert "doivent être ouvertes" in found.stderr.decode()


@pytest.mark.parametrize("said", [b"", b"Content-Length: 3\r\n\r\n{]}", b"bonjour\n"])
def test_an_editor_that_goes_away_ends_the_session_and_reads_nothing_but_the_protocol(said: bytes) -> None:
    command = (sys.executable, "-m", "recevable", "lsp", "--stdio")
    found = subprocess.run(command, input=said, capture_output=True, timeout=HANG, check=False)
    assert found.returncode == 0
    assert found.stdout == b""
