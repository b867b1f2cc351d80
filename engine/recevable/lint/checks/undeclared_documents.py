"""SRC-DOCUMENTS: a programme that declares no document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity, Span
from recevable.lint.model import Fault, View
from recevable.pack.model import MANIFEST

CODE: Final = "SRC-DOCUMENTS"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report one fault for the pack."""
    manifest = view.pack.manifest
    if not manifest.documents:
        help = "Ajoutez `documents: [{nom: …, titre: …, sections: [...]}]`."
        message = "le programme ne déclare pas les textes que ses règles citent"
        yield Fault(Span(MANIFEST, 1, 1), message, help, manifest.programme)
