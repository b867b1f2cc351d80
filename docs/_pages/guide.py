"""A guide is a model whose commands are run, in order, in a copy of the project: what it shows is what they print.

In a model, a `console` block holds commands (`$ …`), each with what to keep of its output: nothing means all of it, `~
REGEX` the next line that it matches, `~3 REGEX` that line and the three after it; the rest is `[…]`.  `? 1` is the exit
code to expect, 0 by default.  A `diff` block whose first line is `--- path` is applied to that file; a `yaml` block
whose first line is `# path` becomes it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from _pages.markdown import fill

ROOT: Final = Path(__file__).parents[2]
COPIED: Final = ("rules", "fixtures", "schemas")
REST: Final = "[…]"
_KEEP: Final = re.compile(r"~(\d*) (.*)")
_IDENTITY: Final = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Guide"), ("EMAIL", "guide@exemple.fr"), ("DATE", "2023-07-21T10:00:00+02:00"))
}


def page(model: str) -> str:
    """The guide of a model.  Raises ValueError when a command does not do what the model says."""
    with tempfile.TemporaryDirectory(prefix="recevable-guide-") as name:
        workshop = _Workshop(Path(name))
        return fill(model, {}, {"console": workshop.console, "diff": workshop.diff, "yaml": workshop.yaml})


class _Workshop:
    """A copy of the project in a repository of its own, and the command `recevable`."""

    def __init__(self, folder: Path) -> None:
        self.root, tools = folder / "projet", folder / "bin"
        self.root.mkdir()
        tools.mkdir()
        for one in COPIED:
            shutil.copytree(ROOT / one, self.root / one)
        for name, command in (("recevable", "-m recevable "), ("python", "")):
            shim = tools / name
            shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command}"$@"\n', "utf-8")
            shim.chmod(0o755)
        self.environment = {
            **os.environ, **_IDENTITY, "PATH": os.pathsep.join([str(tools), os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT / "engine"), "XDG_CACHE_HOME": str(folder / "cache"),
            "NO_COLOR": "1", "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
        }  # fmt: skip
        self.shell("git init -q -b principale . && git add . && git commit -q -m 'Règles en vigueur'", 0)

    def shell(self, command: str, code: int) -> str:
        """What a command prints, both streams in their order."""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False,
        )  # fmt: skip
        if done.returncode != code:
            raise ValueError(f"`{command}` ends with {done.returncode}, not {code}:\n{done.stdout}")
        return done.stdout

    def console(self, lines: list[str]) -> str:
        """A console block, its commands run."""
        shown: list[str] = []
        for command, code, kept in _commands(lines):
            output = self.shell(command, code).splitlines()
            shown += [f"$ {command}", *(_chosen(output, kept, command) if kept else output)]
        return "\n".join(["```console", *shown, "```"])

    def diff(self, lines: list[str]) -> str:
        """A change, made."""
        path = self.root / lines[0].removeprefix("--- ")
        old = "\n".join(line[1:] for line in lines[1:] if line[0] in " -")
        new = "\n".join(line[1:] for line in lines[1:] if line[0] in " +")
        text = path.read_text("utf-8")
        if text.count(f"{old}\n") != 1:
            raise ValueError(f"{lines[0]}: the lines to change are there {text.count(old)} times")
        path.write_text(text.replace(f"{old}\n", f"{new}\n"), "utf-8")
        return "\n".join(["```diff", *lines, "```"])

    def yaml(self, lines: list[str]) -> str:
        """A new file, when the first line names it."""
        found = re.fullmatch(r"# (\S+\.ya?ml)", lines[0])
        if found:
            (self.root / found[1]).write_text("\n".join(lines[1:]) + "\n", "utf-8")
        return "\n".join(["```yaml", *lines, "```"])


def _commands(lines: list[str]) -> Iterator[tuple[str, int, list[tuple[int, str]]]]:
    """Each command of a block, its exit code, and the lines to keep: how many after the one that matches."""
    command, code, kept = "", 0, list[tuple[int, str]]()
    for line in lines:
        keep = _KEEP.fullmatch(line)
        if line.startswith("$ "):
            if command:
                yield command, code, kept
            command, code, kept = line[2:], 0, []
        elif line.startswith("? "):
            code = int(line[2:])
        elif keep:
            kept.append((int(keep[1] or 0), keep[2]))
        else:
            raise ValueError(f"neither a command nor what to keep of it: {line}")
    yield command, code, kept


def _chosen(output: list[str], kept: list[tuple[int, str]], command: str) -> Iterator[str]:
    """The lines to keep, `[…]` where some are left out."""
    rank = 0
    for more, pattern in kept:
        found = next((n for n in range(rank, len(output)) if re.search(pattern, output[n])), None)
        if found is None:
            raise ValueError(f"`{command}` prints no line like {pattern}:\n" + "\n".join(output[rank:]))
        if found > rank:
            yield REST
        rank = found + more + 1
        yield from output[found:rank]
    if rank < len(output):
        yield REST
