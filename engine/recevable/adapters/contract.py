"""What an adapter gives, and what it must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

from recevable.dossier.positions import Positions
from recevable.language.diagnostics import Diagnostic, Span


class ImportedPiece(Struct, frozen=True):
    """A file that an export names: its place in the dossier, its name, its size in bytes and the MD5 of its content.

    The export holds no content; the digest (hexadecimal, empty when not given) recognizes the file when it is sent.
    """

    place: str
    name: str
    size: int | None = None
    md5: str = ""


class ImportedDossier(Struct, frozen=True):
    """A dossier of an export: its name, its JSON (empty when `faults` say why there is none), its pieces.

    `remarks` are what a person should know and that refuses nothing.
    """

    name: str
    content: bytes = b""
    pieces: tuple[ImportedPiece, ...] = ()
    faults: tuple[Diagnostic, ...] = ()
    remarks: tuple[Diagnostic, ...] = ()


class ImportFormat(Struct, frozen=True):
    """A format that a programme imports: its name in commands and in `import.yaml`, and what people call it."""

    name: str
    title: str


class Cell(Struct, frozen=True):
    """What an applicant answered to one question of a portal, before it is given a meaning.

    `kind` is the type of the answer: `texte`, `entier`, `decimal`, `date`, `instant`, `booleen`, `case` (a box, never
    unanswered), `valeurs` (several texts), `fichiers`, `lignes` (repeated blocks), `rien` (titles, explanations).
    `value` is None when nothing was answered.  `unsure`: why the export does not say whether there is an answer.
    """

    pointer: str
    label: str
    ids: tuple[str, ...]
    kind: str
    value: Any = None
    unsure: str = ""


class Record(Struct, frozen=True):
    """A dossier of a portal: its number, its state, its answers; `form` is the number of its form, None when unknown.

    `data` are what the portal itself knows (`depose_le`, `demandeur.siret`), under the names of the adapter's `DATA`.
    """

    pointer: str
    number: str
    state: str
    form: int | None
    data: Mapping[str, Cell]
    answers: tuple[Cell, ...]
    annotations: tuple[Cell, ...]


class Question(Struct, frozen=True):
    """A question of a form as a portal describes it: what may be answered, for the checker of mappings."""

    label: str
    ids: tuple[str, ...]
    kind: str
    options: tuple[str, ...] = ()
    annotation: bool = False
    within: str = ""


class Export(Struct, frozen=True):
    """A read export: its dossiers, the questions of its form when it gives them, and the faults of the whole."""

    name: str
    records: tuple[Record, ...]
    questions: tuple[Question, ...]
    faults: tuple[Diagnostic, ...]
    remarks: tuple[Diagnostic, ...]
    positions: Positions | None

    def span(self, pointer: str) -> Span:
        """The place of a value in the export; its beginning when the export is too large for places."""
        if self.positions is None or pointer not in self.positions.values:
            return Span(self.name, 1, 1)
        return Span(self.name, *self.positions.line_column(self.positions.values[pointer]))


class Adapter(Protocol):
    """The interface of a module that reads the exports of a portal."""

    @property
    def NAME(self) -> str:  # noqa: N802
        """The name of the format, in commands and in `import.yaml`."""

    @property
    def TITLE(self) -> str:  # noqa: N802
        """What people call it, in French."""

    @property
    def STATES(self) -> tuple[str, ...]:  # noqa: N802
        """The states of a dossier at the portal."""

    @property
    def DATA(self) -> Mapping[str, str]:  # noqa: N802
        """The data of the portal itself, each with its kind, as that of a cell."""

    def read(self, content: bytes, name: str) -> Export:
        """The export; its faults say what cannot be read, in French, at their line.  Raises nothing."""
