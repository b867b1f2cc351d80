"""The history of each rule: the commits of the pack's repository that changed its text.

A rule is identified by its id, in any file.  The repository is only read, within a time limit; without one, the history
gives the reason.
"""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Final

from msgspec import Struct

from recevable import git
from recevable.pack.loader import RULES

# The timeout of git in seconds, and the maximum number of commits read.
MOST_COMMITS: Final = 400
_COMMIT: Final = re.compile(r"\x01([0-9a-f]{40,64})\x02", re.ASCII)
_ITEM: Final = re.compile(r"^( *)- ")
_ID: Final = re.compile(r"""^[ {]*(?:- )?[ {]*id: *["']?([A-Z][A-Z0-9.]*(?:-[A-Z0-9.]+)*)""", re.ASCII)


class Block(Struct, frozen=True):
    """The lines of a file that contain one rule: the number of the first, and the text."""

    first: int
    text: str

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.first + self.text.count("\n")


class Change(Struct, frozen=True):
    """A commit that changed a rule: its day, its subject, and the text before and after."""

    day: date
    subject: str
    before: str
    after: str


class History(Struct, frozen=True):
    """The changes of each rule, the latest first; or why they are unknown.

    `pending` are the rules whose text differs from the repository.
    """

    changes: Mapping[str, tuple[Change, ...]] = {}
    pending: frozenset[str] = frozenset()
    missing: str = ""
    partial: bool = False


def blocks(text: str) -> dict[str, Block]:
    """The block of each rule of a file, by id, even when the file is not valid."""
    lines = text.split("\n")
    starts = [(number, found) for number, line in enumerate(lines) if (found := _ITEM.match(line))]
    if not starts:
        return {}
    indent = starts[0][1].group(1)
    firsts = [number for number, found in starts if found.group(1) == indent]
    result: dict[str, Block] = {}
    for first, following in zip(firsts, [*firsts[1:], len(lines)], strict=True):
        item = lines[first:following]
        while item and (not item[-1].strip() or _outside(item[-1], len(indent))):
            item.pop()
        name = next((found.group(1) for line in item if (found := _ID.match(line)) and _is_key(line, len(indent))), "")
        if name:
            result.setdefault(name, Block(first + 1, textwrap.dedent("\n".join(item))))
    return result


def _outside(line: str, indent: int) -> bool:
    """Whether a comment is not deeper than the dash of its item, and so belongs to what follows."""
    return line.lstrip().startswith("#") and len(line) - len(line.lstrip()) <= indent


def _is_key(line: str, indent: int) -> bool:
    """Whether a line has the indentation of the keys of an item."""
    return len(line) - len(line.lstrip(" ")) in (indent, indent + 2)


def read(folder: Path, files: Mapping[str, str], zone: tzinfo) -> History:
    """The history of every rule of a pack; `files` are the current texts of the rule files, by name."""
    try:
        return _read(folder, files, zone)
    except FileNotFoundError:
        return History(missing="git n'est pas installé")
    except subprocess.TimeoutExpired:
        return History(missing=f"git n'a pas répondu en {git.TIMEOUT} secondes")
    except git.TooMuch:
        return History(missing="le dépôt git contient des fichiers démesurés")
    except subprocess.CalledProcessError:
        return History(missing="le paquet n'est pas dans un dépôt git que l'on puisse lire")


def _read(folder: Path, files: Mapping[str, str], zone: tzinfo) -> History:
    shallow = _output(folder, "rev-parse", "--is-shallow-repository").strip() == "true"
    # first parents form a sequence of states; a merge dates what it brought
    log = _output(
        folder, "log", "--first-parent", "-m", f"--max-count={MOST_COMMITS + 1}", "--no-renames", "--name-only", "-z",
        "--format=%x01%H%x02%cI%x02%s", "--", RULES,
    )  # fmt: skip
    commits = list(_commits(log))
    if not commits:
        return History(missing="le paquet n'est pas enregistré dans un dépôt git")
    partial = shallow or len(commits) > MOST_COMMITS
    commits = commits[:MOST_COMMITS][::-1]
    wanted = [(commit, name) for commit, _, _, names in commits for name in names]
    read = git.contents(folder, [f"{commit}:{name}" for commit, name in wanted])
    for (commit, name), data in zip(wanted, read, strict=True):
        if data is None and _output(folder, "ls-tree", "--full-tree", commit, "--", name):
            return History(missing="le dépôt git est incomplet")
    # a file that does not exist is empty
    contents = {one: (data or b"").decode("utf-8", "replace") for one, data in zip(wanted, read, strict=True)}
    state: dict[str, dict[str, Block]] = {}
    known: dict[str, str] = {}
    changes: dict[str, list[Change]] = {}
    for commit, when, subject, names in commits:
        for name in names:
            state[name] = blocks(contents[commit, name])
        now = {rule: block.text for file in sorted(state) for rule, block in state[file].items()}
        day = datetime.fromisoformat(when).astimezone(zone).date()
        for rule, text in now.items():
            if known.get(rule) != text:
                changes.setdefault(rule, []).append(Change(day, subject, known.get(rule, ""), text))
        known = now
    current = {rule: block.text for name in sorted(files) for rule, block in blocks(files[name]).items()}
    pending = frozenset(rule for rule, text in current.items() if known.get(rule) != text)
    return History({rule: tuple(reversed(found)) for rule, found in changes.items()}, pending, "", partial)


def _commits(log: str) -> Iterator[tuple[str, str, str, list[str]]]:
    """Each commit with the rule files that it changed, relative to the root of the repository."""
    _, *entries = _COMMIT.split(log)
    for commit, rest in zip(entries[::2], entries[1::2], strict=True):
        head, *names = rest.split("\x00")
        when, subject = head.split("\x02", 1)
        # the list of names starts on its own line
        files = [name.removeprefix("\n") for name in names]
        yield commit, when, subject.strip(), [name for name in files if name.endswith(".yaml") and "\n" not in name]


def _output(folder: Path, *words: str) -> str:
    done = git.run(folder, *words)
    done.check_returncode()
    return done.stdout.decode("utf-8", "replace")
