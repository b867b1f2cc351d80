"""The error of this package: an unusable input, with a message to help correct it.

Messages are in French, give a place (file, line, column) and never quote the file, which could reveal an address or a
name.
"""

from __future__ import annotations

from recevable.files import NotRegularError


class EvidenceError(Exception):
    """An input was refused.

    `source` is the file as the user named it, `line` counts from 1, `problem` says what is wrong and `repair` what to
    do; both are whole French sentences without their final full stop.
    """

    def __init__(
        self, source: str, problem: str, repair: str, *, line: int | None = None, column: int | None = None
    ) -> None:
        self.source = source
        self.problem = problem
        self.repair = repair
        self.line = line
        self.column = column
        super().__init__(str(self))

    def __str__(self) -> str:
        place = self.source
        if self.line is not None:
            place += f", ligne {self.line}"
        if self.column is not None:
            place += f", colonne {self.column}"
        return f"{place} : {self.problem}. {self.repair}."


def file_reason(error: OSError) -> str:
    """Say in French why a file could not be opened, read or written."""
    match error:
        case FileNotFoundError():
            return "le fichier ou le dossier n'existe pas"
        case PermissionError():
            return "l'accès est refusé"
        case IsADirectoryError():
            return "c'est un dossier, pas un fichier"
        case NotRegularError():
            return "ce n'est pas un fichier ordinaire (tube, périphérique ou prise)"
        case _:
            return "le système ne permet pas de le lire ou de l'écrire"
