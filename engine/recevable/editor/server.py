"""The language server: answers requests from the editor's buffers, and publishes faults while the user types.

A request that fails is logged on standard error and gets an empty answer: the session goes on.  Standard output is
reserved for the protocol.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from recevable import __version__, files
from recevable.editor import protocol
from recevable.editor.complete import proposals
from recevable.editor.cursor import Cursor, cursor
from recevable.editor.faults import faulty_files
from recevable.editor.names import Names, names, schema_offset
from recevable.editor.packs import Buffers, Place
from recevable.editor.point import designated, hover
from recevable.editor.positions import Lines, offsets_of
from recevable.editor.symbols import symbols
from recevable.pack.model import MANIFEST
from recevable.pack.source import MAX_BYTES, FolderSource, OverlaidSource

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOG: Final = logging.getLogger("recevable")
# The typing pause before the pack is read again, in seconds.
PAUSE: Final = 0.25
_TRIGGERS: Final = ('"', ".", "{", "[", " ", ":")


class RulesServer(LanguageServer):
    """A session with one editor: its buffers, and the diagnostics published for each pack."""

    def __init__(self, today: Callable[[], date]) -> None:
        super().__init__("recevable", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental)
        self.today = today
        self.buffers = Buffers()
        self.published: dict[Path, set[Path]] = {}
        self.waiting: dict[Path, asyncio.Task[None]] = {}
        self.reading = asyncio.Lock()
        self.known: tuple[object, Names] | None = None

    @property
    def encoding(self) -> str:
        """The encoding in which the client counts columns."""
        return str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding) or "utf-16")

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log a fault of the session itself on standard error, without opening a window in the editor."""
        _LOG.error("recevable lsp : %s: %s", type(error).__name__, error)

    # --- buffers ------------------------------------------------------------------------------------------------------

    def keep(self, uri: str) -> None:
        """Record that a file was opened or changed."""
        path = protocol.path_of(uri)
        if path is not None:
            self.buffers.put(path, self.workspace.get_text_document(uri).source)
            self.later(path)

    def later(self, path: Path) -> None:
        """Schedule reading the pack of a file again after a typing pause."""
        place = self.buffers.place(path)
        for folder in {place.folder} if place else {f for f in self.published if path.is_relative_to(f)}:
            before = self.waiting.pop(folder, None)
            if before is not None:
                before.cancel()
            self.waiting[folder] = asyncio.get_running_loop().create_task(self.tell(folder))

    async def tell(self, folder: Path) -> None:
        """Publish the faults of a pack, and clear those that are gone."""
        await asyncio.sleep(PAUSE)
        async with self.reading:
            with _logging_errors(f"le contrôle de {folder.name}"):
                unsaved = self.buffers.unsaved(folder)
                here = MANIFEST in unsaved or (folder / MANIFEST).is_file()
                # off the event loop, so that requests are answered meanwhile
                source = OverlaidSource(FolderSource(folder), unsaved)
                files = (
                    await asyncio.to_thread(faulty_files, source, None, lambda name: _text(folder / name), folder)
                    if here
                    else []
                )
                faulty = {Path(os.path.normpath(folder / file.name)): file for file in files}
                for path, file in faulty.items():
                    self.publish(path, protocol.diagnostics(file, self.encoding, lambda code: _manual(code, folder)))
                for path in sorted(self.published.get(folder, set()) - faulty.keys()):
                    self.publish(path, [])
                self.published[folder] = set(faulty)

    def publish(self, path: Path, found: list[lsp.Diagnostic]) -> None:
        """Publish all the faults of a file."""
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(protocol.uri_of(path), found))

    # --- questions ----------------------------------------------------------------------------------------------------

    def names(self, place: Place) -> Names:
        """The names of a pack; read again when a buffer was changed or saved."""
        unsaved = self.buffers.sound(place.folder)
        key = (place.folder, tuple(sorted(unsaved.items())), self.today(), _stamps(place.folder))
        if self.known is None or self.known[0] != key:
            self.known = (key, names(OverlaidSource(FolderSource(place.folder), unsaved), self.today()))
        return self.known[1]

    def at(self, uri: str, position: lsp.Position) -> tuple[Place, Lines, Cursor] | None:
        """The cursor at a position of a file of a pack; None outside any pack."""
        path = protocol.path_of(uri)
        place = self.buffers.place(path) if path is not None else None
        if path is None or place is None or path not in self.buffers.texts or path.suffix != ".yaml":
            return None
        text = self.buffers.texts[path]
        lines = Lines(text, self.encoding)
        return place, lines, cursor(place.name, text, protocol.offset_of(lines, position))


def _manual(code: str, folder: Path) -> Path | None:
    """The manual page of a code in the documentation of a folder above the pack; None when there is none."""
    pages = (parent / "docs" / "controles" / f"{code}.md" for parent in folder.parents)
    return next((page for page in pages if page.is_file()), None)


def _stamps(folder: Path) -> tuple[tuple[str, int], ...]:
    """The modification time of each file of a pack."""
    found = []
    for path in sorted(folder.rglob("*.yaml")):
        try:
            found.append((str(path), path.stat().st_mtime_ns))
        except OSError:
            continue
    return tuple(found)


@contextmanager
def _logging_errors(what: str) -> Iterator[None]:
    """Log any exception on standard error and suppress it."""
    try:
        yield
    except Exception:  # noqa: BLE001  # whatever fails, the session goes on
        _LOG.exception("recevable lsp : erreur interne pendant %s.", what)


def make_server(today: Callable[[], date] = date.today) -> RulesServer:
    """A server with every feature; `today` gives the day of the values that are shown."""
    server = RulesServer(today)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        with _logging_errors("l'ouverture d'un fichier"):
            server.keep(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        with _logging_errors("la frappe"):
            server.keep(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        with _logging_errors("l'enregistrement"):
            path = protocol.path_of(params.text_document.uri)
            if path is not None:
                server.later(path)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        with _logging_errors("la fermeture d'un fichier"):
            path = protocol.path_of(params.text_document.uri)
            if path is not None:
                server.buffers.close(path)
                server.later(path)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: lsp.DidChangeWatchedFilesParams) -> None:
        with _logging_errors("un changement sur le disque"):
            for event in params.changes:
                path = protocol.path_of(event.uri)
                if path is not None:
                    server.later(path)

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=list(_TRIGGERS)))
    def complete(params: lsp.CompletionParams) -> lsp.CompletionList | None:
        with _logging_errors("une complétion"):
            found = server.at(params.text_document.uri, params.position)
            if found is not None:
                place, lines, here = found
                items = [protocol.item(one, lines) for one in proposals(here, server.names(place))]
                return lsp.CompletionList(is_incomplete=False, items=items)
        return None

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        with _logging_errors("un survol"):
            found = server.at(params.text_document.uri, params.position)
            if found is not None:
                place, lines, here = found
                about = hover(here, server.names(place))
                return protocol.box(about, lines) if about is not None else None
        return None

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def defined(params: lsp.DefinitionParams) -> lsp.Location | None:
        with _logging_errors("la recherche d'une définition"):
            found = server.at(params.text_document.uri, params.position)
            name = designated(found[2], server.names(found[0])) if found is not None else None
            if found is not None and name is not None:
                return _location(server, found[0], name[0].target)
        return None

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def listed(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol] | None:
        with _logging_errors("le plan d'un fichier"):
            path = protocol.path_of(params.text_document.uri)
            text = server.buffers.texts.get(path) if path is not None else None
            if path is not None and text is not None and server.buffers.place(path) is not None:
                lines = Lines(text, server.encoding)
                return [protocol.symbol(one, lines) for one in symbols(text)]
        return None

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix]))
    def repaired(params: lsp.CodeActionParams) -> list[lsp.CodeAction] | None:
        with _logging_errors("une correction"):
            return protocol.repairs(params.text_document.uri, list(params.context.diagnostics))
        return None

    return server


def _location(server: RulesServer, place: Place, target: Any) -> lsp.Location | None:
    """The place where a name is defined: in a file of the pack, or in the dossier schema."""
    if target is None:
        return None
    if isinstance(target, tuple):
        path, pointer = target
        text = _text(path)
        start = end = schema_offset(path, pointer)
    else:
        path = place.folder / target.file
        unsaved = server.buffers.texts.get(path)
        text = _text(path) if unsaved is None else unsaved
        start, end = offsets_of(target, text)
    return lsp.Location(protocol.uri_of(path), protocol.range_of(Lines(text, server.encoding), start, end))


def _text(path: Path) -> str:
    """The text of a file; empty when unreadable."""
    try:
        return files.read(path, MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def serve(stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Serve one editor until it closes; only protocol messages are written to `stdout`."""
    make_server().start_io(stdin, stdout)
