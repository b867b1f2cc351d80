"""Archives (ZIP) that hold dossiers and their pieces: everything is verified before anything is read.

What an archive may do to who opens it is refused: too much once unpacked, names that lead elsewhere, links, encrypted
or nested archives.  Nothing is ever written to the disk.
"""

from __future__ import annotations

import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import IO, Final

# Bytes of the archive, of one file, of all files; how many files; how much smaller a file may be in the archive.
MOST_BYTES: Final = 100_000_000
MOST_BYTES_FILE: Final = 30_000_000
MOST_BYTES_TOTAL: Final = 300_000_000
MOST_FILES: Final = 5_000
MOST_RATIO: Final = 100
# Below this size the ratio says nothing: a form of spaces is very small once packed.
_SMALL: Final = 1_000_000
# The directory of an archive: what each file takes in it, names included.
_DIRECTORY: Final = MOST_FILES * 400
_LONGEST_NAME: Final = 300
_ENTRY_SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_ARCHIVES: Final = (".zip", ".rar", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".zst")
# What systems leave in archives, and nobody sent.
_LEFT: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_END: Final = struct.Struct("<4s4H2LH")
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class BadArchive(Exception):
    """An archive that is not opened: `message` says why and `help` what to do, in French."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.message, self.help = message, help


@dataclass(frozen=True, slots=True)
class Group:
    """A dossier of an archive: the name of its JSON, and the names of its pieces with their path below it."""

    dossier: str
    pieces: tuple[tuple[str, str], ...]


class Archive:
    """An open archive whose directory was found sound."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Verify the archive; raises BadArchive, or zipfile.BadZipFile turned into one."""
        _end(stream)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, struct.error):
            raise _damaged() from None
        self._members = _verified(self._zip.infolist())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files, in the order of the archive, normalized (NFC)."""
        return tuple(self._members)

    def read(self, name: str) -> bytes:
        """The bytes of a file, never more than it announced; raises BadArchive."""
        info = self._members[name]
        try:
            with self._zip.open(info) as stream:
                content = stream.read(info.file_size + 1)
        except (
            zipfile.BadZipFile,
            ValueError,
            OSError,
            NotImplementedError,
            EOFError,
            RuntimeError,
            struct.error,
            zlib.error,
        ):
            raise _damaged(name) from None
        if len(content) != info.file_size:
            raise _damaged(name)
        if content.startswith(_ENTRY_SIGNATURES):
            raise _nested(name)
        return content


def groups(names: Collection[str]) -> tuple[list[Group], list[str]]:
    """The dossiers of an archive with their pieces, and the files that belong to none.

    A JSON alone in its folder owns what is in it and below; of several in a folder, each owns the folder that has its
    name (`REF-1.json` and `REF-1/`).  A file belongs to the nearest dossier above it.
    """
    dossiers = [name for name in names if name.lower().endswith(".json")]
    by_folder: dict[str, list[str]] = {}
    for name in dossiers:
        by_folder.setdefault(_folder(name), []).append(name)
    owned: dict[str, list[tuple[str, str]]] = {name: [] for name in dossiers}
    orphans = []
    for name in names:
        if name in owned:
            continue
        owner, path = _owner(name, by_folder)
        if owner is None:
            orphans.append(name)
        else:
            owned[owner].append((name, path))
    return [Group(name, tuple(pieces)) for name, pieces in owned.items()], orphans


def place(path: str, places: Collection[str]) -> str | None:
    """The place that a file's path names, or None: `enrolement.pieces.rib.pdf`, `enrolement/pieces/rib/page 1.pdf`.

    The last word alone (`rib.pdf`, `rib/recto.png`) names a place when only one ends with it.
    """
    *folders, last = path.split("/")
    stem = last.rpartition(".")[0] or last
    for parts in ([*folders, stem], folders):
        whole = ".".join(parts)
        if whole in places:
            return whole
    for word in (stem, *reversed(folders)):
        found = [one for one in places if one.rpartition(".")[2] == word]
        if len(found) == 1:
            return found[0]
    return None


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _owner(name: str, by_folder: dict[str, list[str]]) -> tuple[str | None, str]:
    """The dossier above a file, and the file's path below it."""
    folder = _folder(name)
    while True:
        found = by_folder.get(folder, [])
        below = name.removeprefix(f"{folder}/") if folder else name
        first, _, rest = below.partition("/")
        named = [one for one in found if one.rpartition("/")[2].rpartition(".")[0] == first]
        if rest and named:
            return named[0], rest
        if len(found) == 1:
            return found[0], below
        if not folder:
            return None, name
        folder = _folder(folder)


def _end(stream: IO[bytes]) -> None:
    """Verify the last record of an archive, before its directory is read into memory."""
    size = stream.seek(0, 2)
    if size > MOST_BYTES:
        raise BadArchive(
            f"cette archive fait {size} octets, au plus {MOST_BYTES}", "Envoyez les dossiers en plusieurs archives."
        )
    stream.seek(max(0, size - _END.size - 20))
    tail = stream.read()
    if len(tail) < _END.size:
        raise _damaged()
    signature, *numbers = _END.unpack(tail[-_END.size :])
    if signature != b"PK\x05\x06" or numbers[-1] != 0:
        raise BadArchive(
            "ce fichier n'est pas une archive ZIP complète, ou elle se termine par un commentaire",
            "Refaites l'archive avec l'outil de votre système, sans commentaire, puis recommencez.",
        )
    if tail.startswith(b"PK\x06\x07") or max(numbers) == 0xFFFFFFFF or 0xFFFF in numbers[:4]:
        raise BadArchive(
            "cette archive est au format ZIP64", "Envoyez les dossiers en plusieurs archives plus petites."
        )
    _, _, _, count, directory, _, _ = numbers
    if count > MOST_FILES or directory > _DIRECTORY:
        raise BadArchive(
            f"cette archive contient plus de {MOST_FILES} fichiers", "Envoyez les dossiers en plusieurs archives."
        )
    stream.seek(0)


def _verified(infos: Iterable[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    known: set[str] = set()
    total = packed = count = 0
    for info in infos:
        count += 1
        if count > MOST_FILES:
            raise BadArchive(
                f"cette archive contient plus de {MOST_FILES} fichiers", "Envoyez les dossiers en plusieurs archives."
            )
        name = _name(info)
        if info.is_dir():
            continue
        if name.startswith(_LEFT[0]) or name.rpartition("/")[2] in _LEFT[1:]:
            continue
        _sound(info, name)
        total, packed = total + info.file_size, packed + info.compress_size
        if total > MOST_BYTES_TOTAL:
            raise BadArchive(
                f"cette archive ferait plus de {MOST_BYTES_TOTAL} octets une fois ouverte",
                "Envoyez les dossiers en plusieurs archives.",
            )
        if name.casefold() in known:
            raise BadArchive(
                f"deux fichiers de l'archive portent le même nom : « {name} »",
                "Donnez un nom à chacun, puis recommencez.",
            )
        known.add(name.casefold())
        found[name] = info
    if total > _SMALL and total > MOST_RATIO * max(packed, 1):
        raise _bomb()
    if not found:
        raise BadArchive("cette archive ne contient aucun fichier", "Mettez-y les dossiers, puis recommencez.")
    return found


def _name(info: zipfile.ZipInfo) -> str:
    """The name of an entry, if it leads nowhere else than below the archive."""
    name = unicodedata.normalize("NFC", info.filename)
    parts = name.removesuffix("/").split("/")
    shown = "".join(char if char.isprintable() else "�" for char in name[:80])
    help = "Refaites l'archive à partir d'un dossier de votre poste, puis recommencez."
    if info.orig_filename != info.filename or not name.isprintable() or "�" in name:
        raise BadArchive(f"le nom « {shown} » contient un caractère qui ne se lit pas", "Renommez ce fichier.")
    if len(name) > _LONGEST_NAME:
        raise BadArchive(f"le nom « {shown}… » dépasse {_LONGEST_NAME} caractères", "Raccourcissez-le.")
    if name.startswith("/") or "\\" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
        raise BadArchive(f"le chemin « {shown} » sort de l'archive", help)
    return name


def _sound(info: zipfile.ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise BadArchive(
            f"« {name} » est un lien, non un fichier", "Mettez dans l'archive le fichier lui-même, puis recommencez."
        )
    if info.flag_bits & 0x1:
        raise BadArchive(f"« {name} » est chiffré", "Refaites l'archive sans mot de passe, puis recommencez.")
    if info.compress_type not in _METHODS:
        raise BadArchive(
            f"« {name} » est comprimé d'une manière qui n'est pas admise", "Refaites une archive ZIP simple."
        )
    if name.lower().endswith(_ARCHIVES):
        raise _nested(name)
    if info.file_size > MOST_BYTES_FILE:
        raise BadArchive(
            f"« {name} » fait {info.file_size} octets, au plus {MOST_BYTES_FILE}",
            "Réduisez ce fichier, puis recommencez.",
        )
    if info.file_size > _SMALL and info.file_size > MOST_RATIO * max(info.compress_size, 1):
        raise _bomb(name)


def _bomb(name: str = "") -> BadArchive:
    what = f"« {name} »" if name else "cette archive"
    return BadArchive(
        f"{what} ferait plus de {MOST_RATIO} fois sa taille une fois déballé{'' if name else 'e'}",
        "Vérifiez ce que l'archive contient, puis envoyez ce fichier à part.",
    )


def _nested(name: str) -> BadArchive:
    return BadArchive(f"« {name} » est lui-même une archive", "Sortez-en les fichiers, puis refaites l'archive.")


def _damaged(name: str = "") -> BadArchive:
    return BadArchive(
        f"« {name} » est abîmé dans l'archive" if name else "cette archive est abîmée ou n'en est pas une",
        "Refaites l'archive, puis recommencez.",
    )
