"""Read the git repository of a pack, with git commands that need no terminal and ignore user configuration."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# The timeout of a git command, in seconds.
TIMEOUT: Final = 20
# The maximum number of bytes of objects read in one call.
MOST: Final = 256_000_000
# A repository's configuration is untrusted and may name commands: each is disabled here.
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
# Never fetch: missing objects are not read, even from a promisor remote.
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
# Where to stop looking for a repository: the only GIT_* variable kept.
_CEILING: Final = "GIT_CEILING_DIRECTORIES"
# The only commands used: none is an alias, runs an external diff, or reads files through a filter.
_WORDS: Final = ("cat-file", "log", "ls-tree", "rev-parse")
_LOG: Final = ("--no-ext-diff", "--no-textconv", "--no-show-signature")


class TooMuch(Exception):
    """The objects are larger than those of any pack."""


def run(folder: Path, *words: str, fed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a read-only git command in a folder, without any command named by the repository or the environment.

    Raises FileNotFoundError without git, subprocess.TimeoutExpired when it takes too long.
    """
    verb, *rest = words
    assert verb in _WORDS, verb
    dropped = {name for name in os.environ if name.startswith(("GIT_", "SSH_ASKPASS"))} - {_CEILING}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    # the command is found on PATH as usual; arguments do not go through a shell
    command = ["git", "--no-pager", "--no-replace-objects", "-C", str(folder), *_SETTINGS, verb]
    command += [*(_LOG if verb == "log" else ()), *rest]
    return subprocess.run(
        command, input=fed, capture_output=True, check=False, timeout=TIMEOUT, env={**kept, **_ENVIRONMENT}
    )


def contents(folder: Path, names: Sequence[str]) -> list[bytes | None]:
    """The bytes of each object, by id or as `commit:path`; None for an unreadable one.

    The output of git for each is `id type size`, a line feed, its bytes, a line feed.  Raises TooMuch.
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
