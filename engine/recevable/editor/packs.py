"""Find the pack of an open file, and read unsaved buffers instead of the disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from recevable.language.diagnostics import DiagnosticError
from recevable.pack.model import MANIFEST
from recevable.pack.nodes import File
from recevable.pack.yaml_strict import parse


class Place(Struct, frozen=True):
    """A file of a pack: the folder of the pack, and the name of the file in it."""

    folder: Path
    name: str


class Buffers:
    """The open files, with the editor's contents."""

    def __init__(self) -> None:
        self.texts: dict[Path, str] = {}
        # the last valid YAML: the rest of a pack keeps its names while a line is being typed
        self._sound: dict[Path, str] = {}

    def put(self, path: Path, text: str) -> None:
        """Record that a file was opened or changed."""
        self.texts[path] = text
        if _is_sound(text):
            self._sound[path] = text

    def close(self, path: Path) -> None:
        """Record that a file was closed: the disk is used again."""
        self.texts.pop(path, None)
        self._sound.pop(path, None)

    def place(self, path: Path) -> Place | None:
        """The pack of a file: the nearest parent folder with a manifest, saved or not; None when there is none."""
        for folder in path.parents:
            if folder / MANIFEST in self.texts or (folder / MANIFEST).is_file():
                return Place(folder, path.relative_to(folder).as_posix())
        return None

    def unsaved(self, folder: Path) -> dict[str, bytes]:
        """The buffers of a pack, by file name."""
        return _inside(self.texts, folder)

    def sound(self, folder: Path) -> dict[str, bytes]:
        """The same, each as of its last valid YAML."""
        return _inside(self._sound, folder)


def _inside(texts: Mapping[Path, str], folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): text.encode("utf-8", "surrogatepass")
        for path, text in texts.items()
        if path.suffix == ".yaml" and path.is_relative_to(folder)
    }


def _is_sound(text: str) -> bool:
    try:
        parse(File("", text.removeprefix("\ufeff")))
    except DiagnosticError:
        return False
    return True
