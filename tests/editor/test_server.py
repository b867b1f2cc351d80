"""A handler that fails is told on standard error, answered by nothing, and ends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types as lsp

from recevable.editor import server as module
from recevable.editor.server import make_server

if TYPE_CHECKING:
    from pathlib import Path

QUESTIONS = {
    lsp.TEXT_DOCUMENT_COMPLETION: lsp.CompletionParams,
    lsp.TEXT_DOCUMENT_HOVER: lsp.HoverParams,
    lsp.TEXT_DOCUMENT_DEFINITION: lsp.DefinitionParams,
}


@pytest.mark.parametrize("method", QUESTIONS)
def test_a_question_that_crashes_is_logged_and_answered_by_nothing(
    method: str, pack: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: Any) -> None:
        raise ZeroDivisionError("au milieu")

    monkeypatch.setattr(module, "cursor", crash)
    monkeypatch.setattr(module.RulesServer, "encoding", "utf-16")
    server = make_server()
    path = pack / "regles" / "prime.yaml"
    server.buffers.put(path, path.read_text("utf-8"))
    asked = QUESTIONS[method](lsp.TextDocumentIdentifier(path.as_uri()), lsp.Position(3, 4))
    assert server.protocol.fm.features[method](asked) is None
    (record,) = caplog.records
    assert "erreur interne" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError
