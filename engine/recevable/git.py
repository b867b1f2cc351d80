"""What git knows of the files of a pack: its own commands, without a terminal and in its own words."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# Seconds after which git is not waited for.
TIMEOUT: Final = 20
_SETTINGS: Final = ("-c", "core.quotePath=false", "-c", "log.showSignature=false")


def run(folder: Path, *words: str, fed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a git command in a folder.

    Raises FileNotFoundError without git, subprocess.TimeoutExpired when it does not answer.
    """
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    # the command is found by its name on PATH, as a person's own would be; no shell sees the arguments
    command = ["git", "-C", str(folder), *_SETTINGS, *words]
    return subprocess.run(command, input=fed, capture_output=True, check=False, timeout=TIMEOUT, env=environment)


def contents(folder: Path, names: Sequence[str]) -> list[bytes | None]:
    """The bytes of each object, by its identifier or as `commit:path`, in one run; None for one that cannot be read.

    Each comes as `id type size`, a line feed, its bytes, a line feed.
    """
    answers = run(folder, "cat-file", "--batch", fed=b"".join(os.fsencode(f"{name}\n") for name in names)).stdout
    found: list[bytes | None] = []
    at = 0
    for _ in names:
        end = answers.find(b"\n", at)
        head = answers[at:end].rsplit(b" ", 2)
        if end < 0 or not head[-1].isdigit():
            found.append(None)
            at = end + 1 if end >= 0 else len(answers)
            continue
        size = int(head[-1])
        found.append(answers[end + 1 : end + 1 + size])
        at = end + 2 + size
    return found
