"""Write a result to a file atomically."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from recevable import files
from recevable.cli.exits import usage


def emit(text: str | bytes) -> None:
    """Print machine-readable text in UTF-8, whatever the terminal."""
    click.echo(text.encode() if isinstance(text, str) else text, nl=False)


def check_writable(target: Path, option: str) -> None:
    """Check, before any work, that a file can be written.  Raises click.UsageError."""
    if target.is_dir():
        raise usage(f"{option} : `{target}` est un répertoire, donnez le nom d'un fichier.")
    if not target.parent.is_dir():
        raise usage(f"{option} : le répertoire `{target.parent}` n'existe pas.")


def write_whole(target: Path, content: str | bytes, option: str, before: bytes | None = None) -> bool:
    """Write a file atomically, a text in UTF-8; an existing file keeps its permissions.

    With `before`, a file that no longer has these bytes is left unchanged, even if it is saved during the call.
    Returns whether the file was written; raises click.UsageError when it cannot be.
    """
    # a run that writes no file need not import it
    import tempfile

    partial: Path | None = None
    try:
        with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=".recevable-", delete=False) as file:
            partial = Path(file.name)
            file.write(content.encode() if isinstance(content, str) else content)
        # the permissions of an ordinary file, not those of a temporary one
        partial.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        if before is not None:
            return _swapped(partial, target, before)
        partial.replace(target)
    except OSError:
        if partial is not None:
            partial.unlink(missing_ok=True)
        raise usage(f"{option} : `{target}` ne peut pas être écrit.") from None
    return True


def write_together(changes: Mapping[Path, tuple[bytes | None, bytes]], option: str) -> Path | None:
    """Write files, each with the bytes that it must still have (None: no file), all of them or none.

    Returns the file that was saved meanwhile, if any; raises click.UsageError when one cannot be written.  An
    interruption waits until all are written; whatever stops this, files that were already written get their old bytes
    again, and folders that were made are removed.  Killed outright, each file is whole.
    """
    import signal
    import tempfile

    partial: dict[Path, Path] = {}
    made: list[Path] = []
    done: list[Path] = []
    held: list[int] = []
    whole = False
    # only the main thread is interrupted, and only it may say what an interruption does
    signals = (signal.SIGINT, signal.SIGTERM) if _in_main_thread() else ()
    handlers = {one: signal.signal(one, lambda number, _frame: held.append(number)) for one in signals}
    target = Path()
    try:
        for target, (_, content) in changes.items():
            made += _folders(target.parent)
            with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=".recevable-", delete=False) as file:
                partial[target] = Path(file.name)
                file.write(content)
            partial[target].chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        for target, (before, _) in changes.items():
            placed = _put(partial[target], target) if before is None else _swapped(partial[target], target, before)
            if not placed:
                return target
            done.append(target)
        whole = True
    except OSError:
        raise usage(f"{option} : `{target}` ne peut pas être écrit.") from None
    finally:
        for file_ in partial.values():
            file_.unlink(missing_ok=True)
        if not whole:
            _undo({one: changes[one] for one in done}, made, option)
        for one, handler in handlers.items():
            signal.signal(one, handler)
    if held:
        raise KeyboardInterrupt
    return None


def _undo(changes: Mapping[Path, tuple[bytes | None, bytes]], made: Sequence[Path], option: str) -> None:
    """Give files their old bytes again, and remove folders that were made, innermost first."""
    for target, (before, after) in changes.items():
        if before is None:
            target.unlink(missing_ok=True)
        else:
            write_whole(target, before, option, after)
    for folder in reversed(made):
        folder.rmdir()


def _in_main_thread() -> bool:
    import threading

    return threading.current_thread() is threading.main_thread()


def _folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; returns those that were made, outermost first."""
    missing: list[Path] = []
    while not folder.exists():
        missing.insert(0, folder)
        folder = folder.parent
    for one in missing:
        one.mkdir()
    return missing


def _swapped(partial: Path, target: Path, before: bytes) -> bool:
    """Replace a file that contains `before`; the replaced file is compared again once out of reach.

    Remaining risk: a program that opened the file before, and writes to it after the last comparison.
    """
    kept = partial.with_suffix(".avant")
    try:
        if not _holds(target, before):
            return False
        try:
            target.rename(kept)
            # never replace a file saved meanwhile
            placed = _holds(kept, before) and _put(partial, target)
            if placed and not _holds(kept, before):
                # written through an open handle: restore it, unless there is something newer
                if _same(partial, target):
                    kept.replace(target)
                return False
            return placed
        finally:
            # nothing is there: restore it, whatever interrupted this
            if kept.exists():
                _put(kept, target)
    finally:
        kept.unlink(missing_ok=True)
        partial.unlink(missing_ok=True)


def _put(source: Path, target: Path) -> bool:
    """Give a file an unused name; False when the name exists."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        return False
    except OSError:
        # a file system without links: between these two calls, a file saved meanwhile can be lost
        if target.exists():
            return False
        source.rename(target)
    return True


def _same(one: Path, other: Path) -> bool:
    """Whether two names refer to the same file; the first may be missing, where links are unsupported."""
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
