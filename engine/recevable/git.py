"""What git knows of the files of a pack: its own commands, without a terminal and in its own words."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# Seconds after which git is not waited for.
TIMEOUT: Final = 20
# The most bytes that are read of the objects of one question.
MOST: Final = 256_000_000
# The configuration of a repository may come from anybody, and name commands: each is put out of use here.
_SETTINGS: Final = tuple(
    word
    for setting in (
        "core.quotePath=false",
        "core.fsmonitor=false",
        f"core.hooksPath={os.devnull}",
        f"core.attributesFile={os.devnull}",
        "core.pager=cat",
        "core.sshCommand=false",
        "core.gitProxy=false",
        "core.askPass=false",
        "core.editor=false",
        "core.alternateRefsCommand=true",
        "credential.helper=",
        "diff.external=",
        "diff.ignoreSubmodules=all",
        "gpg.program=false",
        "gpg.ssh.program=false",
        "gpg.x509.program=false",
        "log.showSignature=false",
        "log.mailmap=false",
        "maintenance.auto=false",
        "gc.auto=0",
        "protocol.allow=never",
        "submodule.recurse=false",
    )
    for word in ("-c", setting)
)
# Nothing is fetched: what is not there is not read, even where the repository promises it.
_ENVIRONMENT: Final = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_SSH_COMMAND": "false",
    "GIT_ASKPASS": "false",
    "GIT_TERMINAL_PROMPT": "0",
}
# The only commands asked for.  None is an alias, shows differences with another program, or reads files by a filter.
# Where to stop looking for a repository: the one thing that is taken over from GIT_*.
_CEILING: Final = "GIT_CEILING_DIRECTORIES"
_WORDS: Final = ("cat-file", "log", "ls-tree", "rev-parse")
_LOG: Final = ("--no-ext-diff", "--no-textconv", "--no-show-signature")


class TooMuch(Exception):
    """What is asked for is larger than anything that a pack holds."""


def run(folder: Path, *words: str, fed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a git command that reads, in a folder; no command that the repository or the environment names is run.

    Raises FileNotFoundError without git, subprocess.TimeoutExpired when it does not answer.
    """
    verb, *rest = words
    assert verb in _WORDS, verb
    dropped = {name for name in os.environ if name.startswith(("GIT_", "SSH_ASKPASS"))} - {_CEILING}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    # the command is found by its name on PATH, as a person's own would be; no shell sees the arguments
    command = ["git", "--no-pager", "--no-replace-objects", "-C", str(folder), *_SETTINGS, verb]
    command += [*(_LOG if verb == "log" else ()), *rest]
    return subprocess.run(
        command, input=fed, capture_output=True, check=False, timeout=TIMEOUT, env={**kept, **_ENVIRONMENT}
    )


def contents(folder: Path, names: Sequence[str]) -> list[bytes | None]:
    """The bytes of each object, by its identifier or as `commit:path`; None for one that cannot be read.

    Each comes as `id type size`, a line feed, its bytes, a line feed.  Raises TooMuch.
    """
    wanted = list(dict.fromkeys(names))
    fed = b"".join(os.fsencode(f"{name}\n") for name in wanted)
    sizes = run(folder, "cat-file", "--batch-check=%(objectsize)", fed=fed).stdout.split()
    if sum(int(size) for size in sizes if size.isdigit()) > MOST:
        raise TooMuch
    answers = run(folder, "cat-file", "--batch", fed=fed).stdout
    found: dict[str, bytes | None] = dict.fromkeys(wanted)
    at = 0
    for name in wanted:
        end = answers.find(b"\n", at)
        head = answers[at:end].rsplit(b" ", 2)
        if end < 0 or not head[-1].isdigit():
            at = end + 1 if end >= 0 else len(answers)
            continue
        size = int(head[-1])
        found[name] = answers[end + 1 : end + 1 + size]
        at = end + 2 + size
    return [found[name] for name in names]
