"""A folder that somebody sends with its `.git`: none of the commands that its configuration names is run."""

import shutil
import subprocess
from pathlib import Path

import pytest

from recevable import git

KEYS = [
    "core.fsmonitor", "core.sshCommand", "core.pager", "pager.log", "diff.external", "diff.x.textconv",
    "diff.x.command",
    "filter.x.smudge", "credential.helper", "gpg.program", "core.gitProxy", "core.askPass", "core.alternateRefsCommand",
    "remote.origin.uploadpack",
]  # fmt: skip


def _git(folder: Path, *words: str) -> str:
    person = ("-c", "user.name=x", "-c", "user.email=a@b", "-c", "gc.auto=0")
    return subprocess.run(
        ["git", "-C", str(folder), *person, *words], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A repository with a missing file, that promises to fetch it, and every setting that names a command."""
    if shutil.which("git") is None:
        pytest.skip("git n'est pas installé")
    folder = tmp_path / "src"
    folder.mkdir()
    _git(folder, "init", "-q", ".")
    (folder / ".gitattributes").write_text("* diff=x filter=x\n")
    for text in ("un", "deux"):
        (folder / "a.yaml").write_text(text)
        _git(folder, "add", "-A")
        _git(folder, "commit", "-qm", text)
    lost = _git(folder, "rev-parse", "HEAD~1:a.yaml")
    (folder / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    for key, value in {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(folder),
        "log.showSignature": "true",
        **dict.fromkeys(KEYS, f"touch {tmp_path}/RUN; false"),
        **{f"alias.{verb}": f"!touch {tmp_path}/RUN" for verb in git._WORDS},
    }.items():
        _git(folder, "config", key, value)
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("rev-parse", "HEAD"),
        ("ls-tree", "-r", "HEAD"),
        ("log", "-p", "--format=%H"),
        ("log", "-m", "--name-only", "--format=%H", "--", "a.yaml"),
    ],
)
def test_no_command_of_the_configuration_is_run(trap: Path, words: tuple[str, ...]) -> None:
    git.run(trap, *words)
    assert not (trap.parent / "RUN").exists()


def test_what_is_promised_elsewhere_is_not_fetched(trap: Path) -> None:
    assert git.contents(trap, ["HEAD:a.yaml", "HEAD~1:a.yaml"]) == [b"deux", None]
    assert not (trap.parent / "RUN").exists()


def test_the_environment_names_no_command_either(trap: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "SSH_ASKPASS",
        "GIT_PROXY_COMMAND",
    ):
        monkeypatch.setenv(name, f"touch {trap.parent}/RUN")
    monkeypatch.setenv("GIT_DIR", "/nulle/part")
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file")
    assert git.run(trap, "log", "-p", "--format=%s").stdout.startswith(b"deux")
    assert git.contents(trap, ["HEAD~1:a.yaml"]) == [None]
    assert not (trap.parent / "RUN").exists()


def test_only_commands_that_read_are_known(trap: Path) -> None:
    with pytest.raises(AssertionError):
        git.run(trap, "fetch")
