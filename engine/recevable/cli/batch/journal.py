"""The output of a long run, written block after block, which an interruption at any moment leaves usable.

Beside the file to write, a folder holds what is written so far and a journal: what the run is made from, then each
block that is wholly on the disk.  To go on, what the journal does not know of is cut off.  The file itself only appears
at the end, whole.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from io import BufferedWriter
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from recevable.cli.exits import usage

_END: Final = b'{"acheve":true}\n'


class Block(Struct, frozen=True, rename={"source": "entree", "end": "fin", "tally": "bilan"}):
    """A block of dossiers that were decided: the digest of what was read, the size of the output after it, counts.

    `tally` is JSON, which the journal does not look at.
    """

    source: str
    end: int
    dossiers: int
    tally: msgspec.Raw


class Journal:
    """The folder of one run, locked as long as it is open.  Raises click.UsageError when it cannot be used."""

    def __init__(self, target: Path, *, resume: bool) -> None:
        """Open the folder of `target`: an empty one, or with `resume` that of a run that was interrupted, if any."""
        self.target, self.folder = target, target.with_name(f"{target.name}.en-cours")
        # those of the run that was interrupted, and how many dossiers all blocks have
        self.blocks: list[Block] = []
        self.dossiers = 0
        self.plan: dict[str, Any] | None = None
        self.ended = False
        self._output: BufferedWriter | None = None
        if self.folder.exists() and not resume:
            raise usage(
                f"--out : un traitement interrompu est dans `{self.folder}` ; reprenez-le avec --resume, ou effacez-le."
            )
        try:
            self.folder.mkdir(exist_ok=True)
            self._journal = (self.folder / "journal").open("a+b")
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._read()
        except BlockingIOError:
            self.close()
            raise usage(f"--out : un autre traitement écrit déjà dans `{self.folder}`.") from None
        except OSError as error:
            self.close()
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> click.UsageError:
        return usage(f"--out : `{self.folder}` ne peut pas être écrit ({error.strerror}).")

    def _read(self) -> None:
        """Read what the journal knows, and cut off what comes after it, in the journal and in the output."""
        output = self.folder / "sortie"
        self._journal.seek(0)
        lines = self._journal.read().splitlines(keepends=True)
        if lines and lines[-1] == _END and not output.exists():
            # all is done but to forget the folder
            self.plan, self.ended = msgspec.json.decode(lines[0]), True
            self.blocks = [_block(line) for line in lines[1:-1]]
            return
        self._output = output.open("ab")
        size, kept = self._output.tell(), 0
        for rank, line in enumerate(lines):
            try:
                if not rank:
                    self.plan = msgspec.json.decode(line)
                elif line != _END:
                    block = _block(line)
                    # a disk may lose what was written last
                    if block.end > size:
                        break
                    self.blocks.append(block)
            except msgspec.DecodeError:
                break
            kept += len(line)
        self.dossiers = sum(block.dossiers for block in self.blocks)
        self._journal.truncate(kept)
        self._output.truncate(self.blocks[-1].end if self.blocks else 0)

    def begin(self, plan: dict[str, Any]) -> None:
        """Say what the run is made from."""
        self.plan = plan
        self._note(msgspec.json.encode(plan) + b"\n")

    def add(self, source: str, content: bytes, dossiers: int, tally: bytes) -> None:
        """Write a block: its output first, which the journal then knows of; `tally` is JSON.  Raises OSError."""
        assert self._output is not None
        self._output.write(content)
        self._output.flush()
        os.fsync(self._output.fileno())
        block = Block(source, self._output.tell(), dossiers, msgspec.Raw(tally))
        self._note(msgspec.json.encode(block) + b"\n")
        self.dossiers += dossiers

    def _note(self, line: bytes) -> None:
        self._journal.write(line)
        self._journal.flush()
        os.fsync(self._journal.fileno())

    def end(self, convert: Callable[[Path, Path], None] | None = None) -> None:
        """Make the file of the output, through `convert(output, made)` if given; then forget the folder."""
        if not self.ended:
            made = self.folder / "sortie"
            if convert is not None:
                made = self.folder / "converti"
                convert(self.folder / "sortie", made)
                with made.open("rb+") as stream:
                    os.fsync(stream.fileno())
            self._note(_END)
            made.replace(self.target)
        self.close()
        shutil.rmtree(self.folder)

    def close(self) -> None:
        """Leave the run as it is, to be gone on with."""
        for stream in (self._output, self._journal):
            # on a full disk, closing fails as writing did
            with suppress(OSError):
                if stream is not None:
                    stream.close()

    def abandon(self) -> None:
        """Leave nothing of a run that wrote nothing."""
        self.close()
        if not self.dossiers and not self.ended:
            shutil.rmtree(self.folder, ignore_errors=True)


def _block(line: bytes) -> Block:
    """A block of the journal, which no longer holds the line that it was read from.  Raises msgspec.DecodeError."""
    found = msgspec.json.decode(line, type=Block)
    return replace(found, tally=found.tally.copy())
