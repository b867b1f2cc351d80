"""The two packs of a comparison: a folder, a shipped pack, or a pack at a git revision.

A revision is read with `git`, without a checkout: the files of the pack, and the schemas beside it, are written to a
temporary folder with the same layout.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Final

import click
from msgspec import Struct

from recevable import git
from recevable.cli.exits import usage
from recevable.cli.packs import pack_folders
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.model import MANIFEST
from recevable.programme import Programme, open_programme

SCHEMAS: Final = "schemas"
# Modes of regular files in a git tree; links and submodules are ignored.
_REGULAR: Final = ("100644", "100755", "100664")


class Chosen(Struct, frozen=True):
    """A pack to compare: its name on the command line, its folder, and its commit (or empty)."""

    name: str
    folder: Path
    commit: str = ""


class _Revision(Struct, frozen=True):
    """`REV:path`, or `REV` alone (`path` None)."""

    name: str
    revision: str
    path: str | None


def choose(old: str, new: str, scratch: Path) -> tuple[Chosen, Chosen]:
    """Resolve both packs; those of git are written below `scratch`.  Raises click.UsageError."""
    first, second = _meant(old), _meant(new)
    return _chosen(first, second, scratch / "avant"), _chosen(second, first, scratch / "apres")


def earlier(folder: Path, since: str = "") -> Programme | None:
    """A pack as it was: at `since`, named as for `choose`, else as last recorded in git; None when git keeps none.

    Raises click.UsageError when `since` is no pack, or an invalid one.
    """
    with tempfile.TemporaryDirectory(prefix="recevable-") as scratch:
        try:
            if since:
                chosen, _ = choose(since, str(folder), Path(scratch))
            else:
                with chdir(folder):
                    here = os.fsdecode(_git("rev-parse", "--show-prefix").stdout.removesuffix(b"\n"))
                    chosen, _ = choose(f"HEAD:{here.rstrip('/') or '.'}", ".", Path(scratch))
            return open_programme(chosen.folder, prepared=False)
        except (click.UsageError, FileNotFoundError):
            if since:
                raise
        except DiagnosticError as error:
            if since:
                raise usage(f"`{since}` est invalide : {error.diagnostics[0].message}.") from None
    return None


def _meant(name: str) -> Chosen | _Revision:
    """Resolve a name of the command line: on disk first, then in git."""
    refused: click.UsageError | None = None
    try:
        folders = pack_folders([name])
    except click.UsageError as error:
        refused = error
    else:
        if len(folders) > 1:
            among = ", ".join(f"`{folder.as_posix()}`" for folder in folders)
            raise usage(f"`{name}` contient plusieurs paquets de règles : choisissez entre {among}.")
        return Chosen(name, folders[0])
    revision, colon, path = name.partition(":")
    if not colon and (Path(name).exists() or name.startswith("-")):
        raise refused
    if not colon and not _is_revision(name):
        installed = shutil.which("git") is not None
        why = "Ce n'est pas non plus une révision git." if installed else "Sans git, aucune révision ne peut être lue."
        raise usage(f"{refused.message} {why}")
    return _Revision(name, revision, path if colon else None)


def _is_revision(name: str) -> bool:
    """Whether a word that is not a pack is a git revision here."""
    return shutil.which("git") is not None and bool(_commit(name))


def _chosen(side: Chosen | _Revision, other: Chosen | _Revision, scratch: Path) -> Chosen:
    if isinstance(side, Chosen):
        return side
    if not side.revision or side.revision.startswith("-"):
        raise usage(f"`{side.name}` : une révision git ne peut pas être vide ni commencer par `-`.")
    if shutil.which("git") is None:
        raise usage(f"`{side.name}` désigne une révision git, mais la commande git n'est pas installée.")
    inside = _git("rev-parse", "--git-dir")
    if inside.returncode:
        owner = b"dubious ownership" in inside.stderr
        why = "git refuse de lire ce dépôt, qui est à quelqu'un d'autre" if owner else "ici n'est pas un dépôt git"
        raise usage(f"`{side.name}` désigne une révision git, mais {why}.")
    commit = _commit(side.revision)
    if not commit:
        raise usage(f"`{side.name}` : ce dépôt git n'a pas de révision `{side.revision}`.")
    files = _tree(commit)
    path = _path(side, other, files)
    prefix = "" if path == "." else f"{path}/"
    if f"{prefix}{MANIFEST}" not in files:
        packs = _packs(files)
        known = f" Paquets à cette révision : {', '.join(f'`{p}`' for p in packs)}." if packs else ""
        raise usage(f"`{side.name}` : `{path}` n'est pas un paquet de règles à cette révision.{known}")
    beside = posixpath.normpath(posixpath.join(path, "..", "..", SCHEMAS))
    wanted = [name for name in files if name.startswith((prefix, f"{beside}/"))]
    root = scratch / "depot"
    _write(side, root, {name: files[name] for name in wanted})
    return Chosen(side.name, root / path, commit)


def _path(side: _Revision, other: Chosen | _Revision, files: dict[str, tuple[str, str]]) -> str:
    """The folder of the pack in the tree: as given, else that of the other side, else the only one."""
    if side.path is not None:
        return _inside(side, side.path)
    packs = _packs(files)
    beside = other.path if isinstance(other, _Revision) else _below_the_root(other.folder)
    if beside is not None:
        path = _inside(side, beside)
        if path in packs:
            return path
    usual = [path for path in packs if path.startswith("rules/")] or packs
    if len(usual) == 1:
        return usual[0]
    if not usual:
        raise usage(f"`{side.name}` : cette révision ne contient aucun paquet de règles.")
    among = ", ".join(f"`{side.revision}:{path}`" for path in usual)
    raise usage(f"`{side.name}` : plusieurs paquets à cette révision ; écrivez {' ou '.join(among.split(', '))}.")


def _inside(side: _Revision, path: str) -> str:
    """A path from the root of the repository; as in git, `./` is relative to the current folder."""
    if path.startswith(("./", "../")):
        path = posixpath.join(os.fsdecode(_git("rev-parse", "--show-prefix").stdout.rstrip(b"\n")), path)
    path = posixpath.normpath(path)
    if path.startswith(("/", "..")):
        raise usage(f"`{side.name}` : `{path}` n'est pas dans le dépôt git.")
    return path


def _below_the_root(folder: Path) -> str | None:
    """A folder relative to the root of the current repository; None when outside."""
    top = _git("rev-parse", "--show-toplevel")
    root = Path(os.fsdecode(top.stdout.rstrip(b"\n"))).resolve()
    whole = folder.resolve()
    return whole.relative_to(root).as_posix() if not top.returncode and whole.is_relative_to(root) else None


def _packs(files: dict[str, tuple[str, str]]) -> list[str]:
    return sorted(posixpath.dirname(name) or "." for name in files if posixpath.basename(name) == MANIFEST)


# --- git --------------------------------------------------------------------------------------------------------------


def _git(*words: str) -> subprocess.CompletedProcess[bytes]:
    with _answering():
        return git.run(Path(), *words)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except subprocess.TimeoutExpired:
        raise usage(f"git n'a pas répondu en {git.TIMEOUT} secondes : la révision n'est pas lue.") from None
    except git.TooMuch:
        raise usage("ce dépôt git contient des fichiers démesurés : la révision n'est pas lue.") from None


def _commit(revision: str) -> str:
    """The commit id of a revision; empty when unknown to git."""
    if "\0" in revision:
        return ""
    found = _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    return found.stdout.decode("ascii", "replace").strip() if not found.returncode else ""


def _tree(commit: str) -> dict[str, tuple[str, str]]:
    """Every file of a commit: path to (mode, object id)."""
    listed = _git("ls-tree", "-r", "-z", "--full-tree", commit, "--")
    found: dict[str, tuple[str, str]] = {}
    for entry in listed.stdout.split(b"\0"):
        about, _, name = entry.partition(b"\t")
        if name:
            mode, _, identifier = about.decode("ascii").split(" ")
            found[os.fsdecode(name)] = mode, identifier
    return found


def _write(side: _Revision, root: Path, files: dict[str, tuple[str, str]]) -> None:
    """Write files of a tree below a folder, byte for byte: git filters and attributes are not applied."""
    for name, (mode, _) in files.items():
        if mode not in _REGULAR or any(part in ("", "..") for part in name.split("/")):
            raise usage(f"`{side.name}` : `{name}` n'est pas un fichier ordinaire à cette révision, il n'est pas lu.")
    identifiers = [identifier for _, identifier in files.values()]
    with _answering():
        contents = git.contents(Path(), identifiers)
    for name, content in zip(files, contents, strict=True):
        if content is None:
            raise usage(f"`{side.name}` : `{name}` ne peut pas être lu, le dépôt git est incomplet.")
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
