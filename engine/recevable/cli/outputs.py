"""Writing a result to a file: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import click

from recevable import files
from recevable.cli.exits import usage


def emit(text: str) -> None:
    """Print what a machine reads: UTF-8 whatever the terminal."""
    click.echo(text.encode(), nl=False)


def check_writable(target: Path, option: str) -> None:
    """Refuse, before any work, a place where nothing can be written.  Raises click.UsageError."""
    if target.is_dir():
        raise usage(f"{option} : `{target}` est un répertoire, donnez le nom d'un fichier.")
    if not target.parent.is_dir():
        raise usage(f"{option} : le répertoire `{target.parent}` n'existe pas.")


def write_whole(target: Path, content: str | bytes, option: str, before: bytes | None = None) -> bool:
    """Put a file in place at once, a text in UTF-8; one that is there keeps its rights.

    With `before`, a file that no longer holds these bytes is left alone, whatever is saved while this works.  The
    answer tells whether the file was put in place; raises click.UsageError when it cannot be written.
    """
    # of a module that a run without a file to write need not load
    import tempfile

    partial: Path | None = None
    try:
        with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=".recevable-", delete=False) as file:
            partial = Path(file.name)
            file.write(content.encode() if isinstance(content, str) else content)
        # a file of a person's own, not one that only its author may read
        partial.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        if before is not None:
            return _swapped(partial, target, before)
        partial.replace(target)
    except OSError:
        if partial is not None:
            partial.unlink(missing_ok=True)
        raise usage(f"{option} : `{target}` ne peut pas être écrit.") from None
    return True


def _swapped(partial: Path, target: Path, before: bytes) -> bool:
    """Put a file in the place of one that holds `before`; the one that it replaces is compared once out of reach.

    What remains: a program that opened the file before, and writes in it after the last comparison.
    """
    kept = partial.with_suffix(".avant")
    try:
        if not _holds(target, before):
            return False
        try:
            target.rename(kept)
            # neither takes the place of a file that somebody saved meanwhile
            placed = _holds(kept, before) and _put(partial, target)
            if placed and not _holds(kept, before):
                # written through a handle that was open: it is put back, unless there is something newer
                if _same(partial, target):
                    kept.replace(target)
                return False
            return placed
        finally:
            # nothing is there: it is put back, whatever stopped this
            if kept.exists():
                _put(kept, target)
    finally:
        kept.unlink(missing_ok=True)
        partial.unlink(missing_ok=True)


def _put(source: Path, target: Path) -> bool:
    """Give a file a name that nothing has; false when something has it."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        return False
    except OSError:
        # a file system without links: between these two, the one chance left to lose what is saved
        if target.exists():
            return False
        source.rename(target)
    return True


def _same(one: Path, other: Path) -> bool:
    """Whether two names are those of one file; the first may be gone, where there are no links."""
    try:
        return not one.exists() or one.samefile(other)
    except FileNotFoundError:
        return False


def _holds(target: Path, content: bytes) -> bool:
    try:
        return files.read(target, len(content)) == content
    except (files.TooLargeError, files.NotRegularError):
        return False


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
