"""Convert our values to and from the Language Server Protocol, with the client's position encoding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from lsprotocol import types as lsp
from pygls.uris import from_fs_path, to_fs_path

from recevable.editor.complete import Proposal
from recevable.editor.faults import FaultyFile, PlacedDiagnostic
from recevable.editor.point import Hover
from recevable.editor.positions import Lines, Position
from recevable.editor.symbols import Symbol
from recevable.language.diagnostics import Severity

SOURCE: Final = "recevable"
# Maps a code to the path of its manual page.
Manual = Callable[[str], Path | None]
_SEVERITIES: Final = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Information,
}
_KINDS: Final = {
    "clé": lsp.CompletionItemKind.Property,
    "valeur": lsp.CompletionItemKind.EnumMember,
    "contrôle": lsp.CompletionItemKind.Event,
    "champ du dossier": lsp.CompletionItemKind.Field,
    "paramètre": lsp.CompletionItemKind.Constant,
    "définition": lsp.CompletionItemKind.Variable,
    "fonction": lsp.CompletionItemKind.Function,
    "mot du langage": lsp.CompletionItemKind.Keyword,
}


def path_of(uri: str) -> Path | None:
    """The path of a URI; None when it is not a file."""
    if not uri.startswith("file:"):
        return None
    found = to_fs_path(uri)
    return Path(found) if found else None


def uri_of(path: Path) -> str:
    """The URI of a file, as editors write it."""
    return from_fs_path(str(path)) or path.as_uri()


def offset_of(lines: Lines, place: lsp.Position) -> int:
    """The character offset of a position."""
    return lines.offset(Position(place.line, place.character))


def range_of(lines: Lines, start: int, end: int) -> lsp.Range:
    """The range of some characters."""
    first, last = lines.range(start, end)
    return lsp.Range(lsp.Position(first.line, first.character), lsp.Position(last.line, last.character))


def diagnostics(file: FaultyFile, encoding: str, manual: Manual) -> list[lsp.Diagnostic]:
    """The diagnostics of a file; `manual` gives the page of a code, if any."""
    lines = Lines(file.text, encoding)
    return [_diagnostic(fault, lines, manual(fault.diagnostic.code)) for fault in file.faults]


def _diagnostic(fault: PlacedDiagnostic, lines: Lines, page: Path | None) -> lsp.Diagnostic:
    one = fault.diagnostic
    return lsp.Diagnostic(
        range=range_of(lines, fault.start, fault.end),
        message=fault.message,
        severity=_SEVERITIES[one.severity],
        code=one.code,
        code_description=lsp.CodeDescription(uri_of(page)) if page is not None else None,
        source=SOURCE,
        data={"fix": one.fix} if one.fix is not None else None,
    )


def repairs(uri: str, faults: list[lsp.Diagnostic]) -> list[lsp.CodeAction]:
    """The quick fixes for diagnostics with a certain repair."""
    found = []
    for one in faults:
        fix = one.data.get("fix") if isinstance(one.data, dict) else None
        if not isinstance(fix, str):
            continue
        shown = f"Écrire `{fix.strip()}`" if fix.strip() and "\n" not in fix.strip() else "Corriger"
        found.append(
            lsp.CodeAction(
                title=f"{shown} ({one.code})",
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[one],
                is_preferred=True,
                edit=lsp.WorkspaceEdit(changes={uri: [lsp.TextEdit(one.range, fix)]}),
            )
        )
    return found


def item(one: Proposal, lines: Lines) -> lsp.CompletionItem:
    """A completion item."""
    return lsp.CompletionItem(
        label=one.label,
        kind=_KINDS.get(one.sort, lsp.CompletionItemKind.Reference),
        detail=one.detail,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, one.markdown) if one.markdown else None,
        sort_text=f"{one.rank}{one.label}",
        filter_text=one.text.strip(),
        text_edit=lsp.TextEdit(range_of(lines, one.start, one.end), one.text),
    )


def box(one: Hover, lines: Lines) -> lsp.Hover:
    """A hover."""
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, one.markdown), range_of(lines, one.start, one.end))


def symbol(one: Symbol, lines: Lines) -> lsp.DocumentSymbol:
    """A document symbol."""
    return lsp.DocumentSymbol(
        name=one.name,
        kind=lsp.SymbolKind.Object,
        range=range_of(lines, one.start, one.end),
        selection_range=range_of(lines, one.name_start, one.name_end),
        detail=one.detail,
    )
