"""What is wrong in a pack, as an editor shows it: for each file, ranges, messages and repairs."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from msgspec import Struct

from recevable import files
from recevable.editor.positions import offsets_of
from recevable.language.diagnostics import Diagnostic
from recevable.lint.run import lint
from recevable.pack.folder import MAX_BYTES
from recevable.pack.model import MANIFEST
from recevable.pack.yaml_strict import Unsaved


class Fault(Struct, frozen=True):
    """A diagnostic at the characters from `start` to `end` of a text, and its page of the manual, if there is one."""

    diagnostic: Diagnostic
    start: int
    end: int
    manual: Path | None

    @property
    def message(self) -> str:
        """What is wrong, then what to write instead."""
        return "\n".join(line for line in (self.diagnostic.message, self.diagnostic.help) if line)


class FaultyFile(Struct, frozen=True):
    """A file with its text and what is wrong in it."""

    path: Path
    text: str
    faults: tuple[Fault, ...]


def faulty_files(folder: Path, unsaved: Unsaved, today: date) -> list[FaultyFile]:
    """Every file of a pack in which something is wrong; what has no place is said at the top of the manifest."""
    by_file: dict[str, list[Diagnostic]] = {}
    for one in lint(folder, today, unsaved):
        by_file.setdefault(one.span.file if one.span is not None else MANIFEST, []).append(one)
    found: list[FaultyFile] = []
    for name, said in by_file.items():
        text = _text(folder / name, name, unsaved)
        faults = tuple(_fault(one, text, folder) for one in said)
        # the schema may stand beside the pack: `../../schemas/…`
        found.append(FaultyFile(Path(os.path.normpath(folder / name)), text, faults))
    return found


def _fault(one: Diagnostic, text: str, folder: Path) -> Fault:
    start, end = offsets_of(one.span, text) if one.span is not None else (0, 0)
    return Fault(one, start, end, _manual(one.code, folder))


def _manual(code: str, folder: Path) -> Path | None:
    """The page of a code in the documentation that stands in a folder above the pack."""
    pages = (parent / "docs" / "controles" / f"{code}.md" for parent in folder.parents)
    return next((page for page in pages if page.is_file()), None)


def _text(path: Path, name: str, unsaved: Unsaved) -> str:
    """The text of a file as the editor counts it; nothing of one that cannot be read."""
    try:
        data = unsaved[name] if name in unsaved else files.read(path, MAX_BYTES)
    except OSError:
        return ""
    return data.decode("utf-8", "replace")
