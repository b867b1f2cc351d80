"""`django-admin import_folder FOLDER`: the files that a folder receives are imported, then put aside.

Run it from a timer.  A file goes to `recus/` when all its dossiers are known to the application, else to `refuses/`
with the reasons in a text file beside it.  It is moved last: killed at any moment, the command loses nothing, and what
was received already is recognized when it is run again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

import recevable
from recevable_web.actions import imports
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Import, ImportLine

RECEIVED: Final = "recus"
REFUSED: Final = "refuses"
_LOCK: Final = ".import"
# A file that is still being written has one of these names, or a name that begins with a dot.
_PARTIAL: Final = (".part", ".partiel", ".tmp")
# How many dossiers a file may hold: nobody waits for a page here.
_MOST: Final = 100_000


class Command(BaseCommand):
    """See the module."""

    help = "Importe les fichiers d'un répertoire : recus/ pour ceux qui sont reçus, refuses/ pour les autres."

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder, the programme, the account in whose name dossiers are received."""
        parser.add_argument("folder", type=Path, metavar="REPERTOIRE")
        parser.add_argument("--programme", required=True, help="Programme des dossiers.")
        parser.add_argument("--compte", required=True, dest="email", help="Adresse d'un compte instructeur.")
        parser.add_argument("--format", default=imports.NATIVE, help="Format des fichiers (défaut : recevable).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import every file of the folder, in the order of their names."""
        folder: Path = options["folder"]
        account = Account.objects.filter(email=options["email"].lower(), is_active=True).first()
        if account is None:
            raise CommandError(f"Aucun compte ouvert n'a l'adresse {options['email']}.")
        if not folder.is_dir():
            raise CommandError(f"{folder} n'est pas un répertoire.")
        with _alone(folder):
            for path in sorted(folder.iterdir()):
                if _is_waiting(path):
                    self._take(path, account, options["programme"], options["format"])

    def _take(self, path: Path, account: Account, programme: str, kind: str) -> None:
        try:
            opened = path.open("rb")
        except OSError as error:
            # another file may be read: this one stays where it is
            self.stderr.write(f"{_printable(path.name)} : illisible ({error.strerror}), laissé en place.")
            return
        with opened as stream:
            try:
                imported = imports.take(account, programme, [(_printable(path.name), stream)], kind=kind, most=_MOST)
            except Refused as refused:
                # nothing of the file is at fault: the right, the programme or the rules are
                raise CommandError(refused.message) from None
            digest = hashlib.file_digest(_rewound(stream), "sha256").hexdigest()
        refused_ = imported.lines.filter(outcome=ImportLine.Outcome.REFUSED)
        aside = path.parent / (REFUSED if refused_.exists() else RECEIVED)
        aside.mkdir(exist_ok=True)
        target = _free(aside, path, digest)
        if aside.name == REFUSED:
            reasons = aside / f"{target.name}.txt"
            partial = reasons.with_name(f".{reasons.name}.part")
            partial.write_text(_report(imported), "utf-8")
            partial.replace(reasons)
        path.replace(target)
        number = recevable.wording.count(imported.lines.count(), "dossier", "dossiers")
        self.stdout.write(
            f"{_printable(path.name)} : {number}, {refused_.count()} refusé(s), rangé dans {aside.name}/."
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One command at a time in a folder; the lock goes with the process, however it ends."""
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError(f"Un autre import est en cours dans {folder}.") from None
        yield


def _is_waiting(path: Path) -> bool:
    """Whether a file is one to import: complete, regular, no link."""
    return path.is_file() and not path.is_symlink() and not path.name.startswith(".") and path.suffix not in _PARTIAL


def _rewound(stream: Any) -> Any:
    stream.seek(0)
    return stream


def _free(aside: Path, path: Path, digest: str) -> Path:
    """Where a file is put: its name, with a part of its digest when another file has it."""
    target = aside / path.name
    if not os.path.lexists(target):
        return target
    return aside / f"{path.stem[:200]}.{digest[:12]}{path.suffix}"


def _report(imported: Import) -> str:
    """What became of each dossier of a file, in lines."""
    lines = []
    for line in imported.lines.order_by("rank"):
        lines.append(f"{_printable(line.name)} : {line.get_outcome_display().lower()}")
        for fault in (*line.faults, *line.remarks):
            words = " ".join(part for part in (fault["lieu"], fault["message"], fault["aide"]) if part)
            lines.append(f"  - {_printable(words)}")
    return "\n".join(lines) + "\n"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in text)
