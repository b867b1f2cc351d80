"""What is no regular file, for the tests that put one where a file is expected."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def bind_socket(path: Path) -> None:
    """A socket at this path."""
    # bound by a short name: the path of a socket is limited to a hundred bytes
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)
