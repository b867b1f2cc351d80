"""A real session: the client of pygls, over stdio, against the command that an editor starts."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

import recevable

ROOT = Path(recevable.__file__).parents[2]
PACK = ROOT / "tests" / "second_programme" / "prime-velo"
SHIPPED = ROOT / "rules" / "af-ope-mss"
PATIENCE = 30
T = TypeVar("T")


class Session:
    """An editor with files open: it types, asks, and reads what it is told."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.client = LanguageClient("essai", "1")
        self.told: dict[str, list[lsp.Diagnostic]] = {}
        self.news = asyncio.Event()
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}

        def told(params: lsp.PublishDiagnosticsParams) -> None:
            self.told[params.uri] = list(params.diagnostics)
            self.news.set()

        self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(told)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, PATIENCE))

    def start(self, encodings: list[lsp.PositionEncodingKind], *command: str) -> lsp.InitializeResult:
        capabilities = lsp.ClientCapabilities(general=lsp.GeneralClientCapabilities(position_encodings=encodings))
        self.wait(self.client.start_io(sys.executable, *(command or ("-m", "recevable", "lsp"))))
        result = self.wait(self.client.initialize_async(lsp.InitializeParams(capabilities)))
        self.client.initialized(lsp.InitializedParams())
        return result

    def stop(self) -> None:
        self.wait(self.client.shutdown_async(None))
        self.client.exit(None)
        self.wait(self.client.stop())  # type: ignore[no-untyped-call]  # pygls leaves it untyped

    def open(self, path: Path, text: str | None = None) -> str:
        uri = path.as_uri()
        self.texts[uri] = path.read_bytes().decode("utf-8") if text is None else text
        self.versions[uri] = 1
        document = lsp.TextDocumentItem(uri, "yaml", 1, self.texts[uri])
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
        return uri

    def write(self, uri: str, text: str) -> None:
        """The whole text of an open file anew."""
        self.texts[uri] = text
        self.versions[uri] += 1
        changes = [lsp.TextDocumentContentChangeWholeDocument(text)]
        document = lsp.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, changes))

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))

    def until(self, holds: Callable[[dict[str, list[lsp.Diagnostic]]], bool]) -> None:
        """Wait for what is told to be as said."""

        async def watch() -> None:
            while not holds(self.told):
                self.news.clear()
                await self.news.wait()

        self.wait(watch())

    def place(self, uri: str, before: str) -> lsp.TextDocumentPositionParams:
        """The position after the only occurrence of some characters, as UTF-16 counts it."""
        text = self.texts[uri]
        assert text.count(before) == 1, (before, text.count(before))
        head = text[: text.index(before) + len(before)]
        line, start = head.count("\n"), head.rfind("\n") + 1
        units = len(head[start:].encode("utf-16-le")) // 2
        return lsp.TextDocumentPositionParams(lsp.TextDocumentIdentifier(uri), lsp.Position(line, units))

    def completion(self, uri: str, before: str) -> dict[str, lsp.CompletionItem]:
        at = self.place(uri, before)
        params = lsp.CompletionParams(at.text_document, at.position)
        found = self.wait(self.client.text_document_completion_async(params))
        return {item.label: item for item in found.items} if isinstance(found, lsp.CompletionList) else {}

    def hover(self, uri: str, before: str) -> str:
        at = self.place(uri, before)
        found = self.wait(self.client.text_document_hover_async(lsp.HoverParams(at.text_document, at.position)))
        return found.contents.value if found and isinstance(found.contents, lsp.MarkupContent) else ""

    def definition(self, uri: str, before: str) -> tuple[str, str] | None:
        """The file and the line where a definition is."""
        at = self.place(uri, before)
        params = lsp.DefinitionParams(at.text_document, at.position)
        found = self.wait(self.client.text_document_definition_async(params))
        if not isinstance(found, lsp.Location):
            return None
        path = Path(found.uri.removeprefix("file://"))
        return path.name, path.read_text("utf-8").splitlines()[found.range.start.line].strip()


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """One session for the tests of a module."""
    loop = asyncio.new_event_loop()
    found = Session(loop)
    found.start([lsp.PositionEncodingKind.Utf16])
    yield found
    found.stop()
    loop.close()


@pytest.fixture
def make_session() -> type[Session]:
    """A session still to start, with a command of its own."""
    return Session


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the second programme."""
    return Path(shutil.copytree(PACK, tmp_path / "rules" / "prime-velo"))
