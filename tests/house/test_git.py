"""The git client runs nothing that a received repository names, nor what the environment does."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from recevable import git

NAME = "regles/a.yaml"
# What git can be told to run, by the configuration of a repository.
CONFIGURED = [
    {"remote.origin.uploadpack": "{run}; false", "remote.origin.url": "."},
    {"remote.origin.url": "ext::{program}", "protocol.ext.allow": "always"},
    {"remote.origin.url": "ssh://h/x", "core.sshCommand": "{run}; false", "protocol.ssh.allow": "always"},
    {"remote.origin.url": "git://127.0.0.1:9/x", "core.gitProxy": "{program}"},
    {"remote.origin.url": "http://127.0.0.1:9/x", "credential.helper": "!{run}; false"},
    {"remote.origin.url": "x", "remote.origin.vcs": "essai"},
    {"core.fsmonitor": "{program}"},
    {"core.hooksPath": "{hooks}"},
    {"core.pager": "{run}", "pager.log": "true", "pager.ls-tree": "true"},
    {"diff.external": "{program}"},
    {"diff.a.command": "{program}", "diff.a.textconv": "{program}"},
    {"filter.a.smudge": "{run}", "filter.a.clean": "{run}", "filter.a.process": "{program}"},
    {"log.showSignature": "true", "gpg.program": "{program}"},
    {"alias.log": "!{run}", "alias.cat-file": "!{run}", "alias.rev-parse": "!{run}"},
    {"core.askPass": "{program}", "core.editor": "{program}", "sequence.editor": "{program}"},
]
ENVIRONMENT = {
    "GIT_EXTERNAL_DIFF": "{program}",
    "GIT_PAGER": "{program}",
    "GIT_SSH_COMMAND": "{program}",
    "GIT_ASKPASS": "{program}",
    "GIT_PROXY_COMMAND": "{program}",
    "GIT_TRACE": "{ran}",
    "GIT_TRACE2_EVENT": "{ran}",
    "GIT_DIR": "/nulle/part",
    "GIT_OBJECT_DIRECTORY": "/nulle/part",
    "GIT_ALLOW_PROTOCOL": "ext:file:ssh",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.fsmonitor",
    "GIT_CONFIG_VALUE_0": "{program}",
    "GIT_NO_LAZY_FETCH": "0",
}


class Repository:
    """A repository of two commits with one object away, as in a partial clone; and a program that leaves a mark."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ran = folder / "depot", folder / "MARQUE"
        self.program = folder / "git-remote-essai"
        self.program.write_text(f"#!/bin/sh\ntouch {self.ran}\nexit 1\n", "utf-8")
        self.program.chmod(0o755)
        self.hooks = folder / "hooks"
        self.hooks.mkdir()
        for hook in ("post-index-change", "reference-transaction", "pre-auto-gc", "post-checkout"):
            (self.hooks / hook).symlink_to(self.program)
        (self.folder / "regles").mkdir(parents=True)
        self.git("init", "-q", ".")
        for rank in (1, 2):
            (self.folder / NAME).write_text(f"regles: [{rank}]\n", "utf-8")
            (self.folder / ".gitattributes").write_text("*.yaml diff=a filter=a\n", "utf-8")
            self.git("add", "-A")
            self.git("commit", "-qm", f"{rank}")
        self.away = self.git("rev-parse", f"HEAD~1:{NAME}")
        (self.folder / ".git" / "objects" / self.away[:2] / self.away[2:]).unlink()

    def filled(self, text: str) -> str:
        return text.format(run=f"touch {self.ran}", program=self.program, ran=self.ran, hooks=self.hooks)

    def partial(self) -> None:
        self.git("config", "core.repositoryformatversion", "1")
        self.git("config", "extensions.partialClone", "origin")
        self.git("config", "remote.origin.promisor", "true")

    def git(self, *words: str) -> str:
        who = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(
            ["git", "-C", str(self.folder), *words], capture_output=True, text=True, check=True, env=os.environ | who
        )
        return done.stdout.strip()

    def everything(self) -> None:
        """All that the client is used for."""
        for words in (["--git-dir"], ["--show-toplevel"], ["--is-shallow-repository"], ["--verify", "HEAD^{commit}"]):
            assert git.run(self.folder, "rev-parse", *words).returncode == 0
        assert git.run(self.folder, "ls-tree", "-r", "-z", "--full-tree", "HEAD", "--").stdout
        assert git.run(self.folder, "log", "--first-parent", "-m", "--name-only", "-z", "--", "regles").returncode == 0
        assert git.contents(self.folder, [f"HEAD:{NAME}", f"HEAD~1:{NAME}"]) == [b"regles: [2]\n", None]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_the_trap_works_on_a_git_that_nothing_holds_back(repository: Repository) -> None:
    repository.partial()
    for key, value in CONFIGURED[0].items():
        repository.git("config", key, repository.filled(value))
    subprocess.run(
        ["git", "-C", str(repository.folder), "cat-file", "-p", repository.away], capture_output=True, check=False
    )
    assert repository.ran.exists()


@pytest.mark.parametrize("settings", CONFIGURED, ids=lambda settings: next(reversed(settings)))
def test_nothing_that_the_configuration_names_is_run(
    repository: Repository, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{repository.program.parent}{os.pathsep}{os.environ['PATH']}")
    repository.partial()
    for key, value in settings.items():
        repository.git("config", key, repository.filled(value))
    repository.ran.unlink(missing_ok=True)
    repository.everything()
    assert not repository.ran.exists()


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_nothing_that_the_environment_names_is_run_or_written(
    repository: Repository, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.partial()
    repository.git("config", "remote.origin.url", f"ext::{repository.program}")
    repository.git("config", "protocol.ext.allow", "always")
    names = [one for one in ENVIRONMENT if one.startswith("GIT_CONFIG")] if "CONFIG" in name else [name]
    for one in names:
        monkeypatch.setenv(one, repository.filled(ENVIRONMENT[one]))
    repository.everything()
    assert not repository.ran.exists()


def test_where_to_stop_looking_is_kept(tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repository.folder))
    assert git.run(repository.folder / "regles", "rev-parse", "--git-dir").returncode != 0


def test_objects_larger_than_any_pack_are_not_read(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "MOST", 11)
    with pytest.raises(git.TooMuch):
        git.contents(repository.folder, [f"HEAD:{NAME}"])
    monkeypatch.setattr(git, "MOST", 12)
    assert git.contents(repository.folder, [f"HEAD:{NAME}", f"HEAD:{NAME}"]) == [b"regles: [2]\n"] * 2
