"""Read the git repository of a pack, and save files in it, with git commands that need no terminal and run nothing that
the repository or the environment names: no hook, filter, signature program or editor.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

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
# Those that save, used only by `commit` and `create`.  A file is stored byte for byte.
_SAVING: Final = ("commit-tree", "hash-object", "init", "read-tree", "update-index", "update-ref", "write-tree")
_ASKING: Final = ("config", "ls-files", "symbolic-ref")
# What git leaves in its folder while a merge or the like waits for somebody to settle a conflict.
_PENDING: Final = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
_LOG: Final = ("--no-ext-diff", "--no-textconv", "--no-show-signature")


class TooMuch(Exception):
    """The objects are larger than those of any pack."""


def run(folder: Path, *words: str, fed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a read-only git command in a folder, without any command named by the repository or the environment.

    Raises FileNotFoundError without git, subprocess.TimeoutExpired when it takes too long.
    """
    verb, *rest = words
    assert verb in (*_WORDS, *_ASKING), verb
    return _run(folder, verb, rest, fed, {})


def _run(
    folder: Path, verb: str, rest: Sequence[str], fed: bytes, more: Mapping[str, str], settings: Sequence[str] = ()
) -> subprocess.CompletedProcess[bytes]:
    dropped = {name for name in os.environ if name.startswith(("GIT_", "SSH_ASKPASS"))} - {_CEILING}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    # the command is found on PATH as usual; arguments do not go through a shell
    command = ["git", "--no-pager", "--no-replace-objects", "-C", str(folder), *_SETTINGS, *settings, verb]
    command += [*(_LOG if verb == "log" else ()), *rest]
    return subprocess.run(
        command, input=fed, capture_output=True, check=False, timeout=TIMEOUT, env={**kept, **_ENVIRONMENT, **more}
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


# --- saving -----------------------------------------------------------------------------------------------------------


class NotSavedError(Exception):
    """git refused to save; nothing changed in the history."""


class Person(NamedTuple):
    """Who saves."""

    name: str
    email: str


def top(folder: Path) -> Path | None:
    """The root of the repository that holds a folder; None when there is none."""
    found = run(folder, "rev-parse", "--show-toplevel")
    return None if found.returncode else Path(os.fsdecode(found.stdout.removesuffix(b"\n")))


def person(folder: Path) -> Person | None:
    """Who git knows here; None unless both a name and an address are configured."""
    name, email = (run(folder, "config", "--get", f"user.{key}").stdout.decode().strip() for key in ("name", "email"))
    return Person(name, email) if name and email else None


def branch(folder: Path) -> str:
    """The current branch; empty when none is open."""
    return run(folder, "symbolic-ref", "--quiet", "--short", "HEAD").stdout.decode().strip()


def unsettled(folder: Path) -> bool:
    """Whether a merge or the like is under way, or a file is in conflict."""
    inside = run(folder, "rev-parse", "--git-dir").stdout.removesuffix(b"\n")
    git_dir = folder / os.fsdecode(inside)
    return any((git_dir / name).exists() for name in _PENDING) or bool(run(folder, "ls-files", "-u").stdout)


def recorded(folder: Path, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The files below some paths in the last commit: mode and object id; paths are from the root of the repository."""
    listed = run(folder, "ls-tree", "-r", "-z", "--full-tree", "HEAD", "--", *paths).stdout
    found = {}
    for entry in listed.split(b"\0"):
        about, _, name = entry.partition(b"\t")
        if name:
            mode, _, identifier = about.decode("ascii").split(" ")
            found[os.fsdecode(name)] = mode, identifier
    return found


def present(folder: Path, paths: Sequence[str]) -> list[str]:
    """The files below some paths on disk, tracked or not, but for those that the repository ignores."""
    listed = run(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths).stdout
    return sorted({os.fsdecode(name) for name in listed.split(b"\0") if name})


def create(folder: Path) -> None:
    """Make a repository in a folder.  Raises NotSavedError."""
    _saving(folder, "init", "-q", "--template=", ".")


def stored(folder: Path, content: bytes) -> str:
    """Store the bytes of a file and return their id; an object that is there already is not written again."""
    return _saving(folder, "hash-object", "-w", "--no-filters", "--stdin", fed=content).decode().strip()


def commit(folder: Path, files: Mapping[str, str | None], message: str, who: Person) -> str:
    """Save some files on the current branch and return the id of the commit; whatever else waits is left as it is.

    `files` are ids of stored bytes by path from the root of the repository; None removes a file.  Raises NotSavedError,
    also when somebody saved meanwhile.
    """
    head = run(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").stdout.decode().strip()
    known = recorded(folder, list(files)) if head else {}
    lines = []
    for name, identifier in files.items():
        mode = known.get(name, ("100644", ""))[0] if identifier else "0"
        lines.append(f"{mode} {identifier or '0' * 40}\t{name}\0")
    entries = os.fsencode("".join(lines))
    names = {"NAME": who.name, "EMAIL": who.email}
    identity = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in names.items()}
    with tempfile.TemporaryDirectory(prefix="recevable-") as scratch:
        # a tree of its own: what others prepared for their next commit stays out of this one
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        _saving(folder, "read-tree", head or "--empty", more=index)
        _saving(folder, "update-index", "-z", "--index-info", fed=entries, more=index)
        tree = _saving(folder, "write-tree", more=index).decode().strip()
    parents = ["-p", head] if head else []
    made = _saving(folder, "commit-tree", tree, *parents, fed=message.encode(), more=identity).decode().strip()
    _saving(folder, "update-index", "-z", "--index-info", fed=entries)
    _saving(folder, "update-ref", "-m", "recevable enregistrer", "HEAD", made, head or "0" * len(made), more=identity)
    return made


def _saving(folder: Path, *words: str, fed: bytes = b"", more: Mapping[str, str] | None = None) -> bytes:
    verb, *rest = words
    assert verb in _SAVING, verb
    done = _run(folder, verb, rest, fed, more or {}, _without_filters(folder))
    if done.returncode:
        raise NotSavedError(done.stderr.decode("utf-8", "replace").strip())
    return done.stdout


def _without_filters(folder: Path) -> list[str]:
    """Settings that disable the filters of a repository: git runs one to know whether a file just saved has changed."""
    listed = run(folder, "config", "-z", "--name-only", "--get-regexp", r"^filter\.").stdout
    names = {os.fsdecode(key).rpartition(".")[0] for key in listed.split(b"\0") if key}
    disabled = ("clean=", "smudge=", "process=", "required=false")
    return [word for name in sorted(names) for setting in disabled for word in ("-c", f"{name}.{setting}")]
