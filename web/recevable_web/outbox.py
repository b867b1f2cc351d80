"""The outbox: a folder where whatever delivers letters finds them, a PDF and a slip in JSON for each sending.

Files appear whole or not at all, the slip last: it says that both are there.  A sending always has the same names, so
that writing it again, after a crash, gives no second letter.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def deposit(folder: Path, name: str, pdf: bytes, slip: Mapping[str, Any]) -> None:
    """Write a sending to the outbox; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder, f"{name}.pdf", pdf)
    text = json.dumps({**slip, "fichier": f"{name}.pdf"}, ensure_ascii=False, indent=2)
    _write(folder, f"{name}.json", text.encode() + b"\n")


def _write(folder: Path, name: str, content: bytes) -> None:
    """A file that appears whole: readers of the folder pass over names that begin with a dot."""
    hidden = folder / f".{name}.{os.getpid()}"
    try:
        with hidden.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        hidden.replace(folder / name)
    finally:
        hidden.unlink(missing_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
