"""What git remembers of each rule, followed by its identifier; nothing but words when git remembers nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, date
from pathlib import Path

import pytest

from recevable.handbook import history
from recevable.handbook.history import History, blocks, read

ONE = """\
regles:

  # Ce qui suit.
  - id: UN
    titre: Premier

  # De l'autre.
  - titre: Second
    id: DEUX
"""


def git(folder: Path, day: str, *words: str) -> None:
    """A git command, whoever runs the tests and whenever."""
    known = {"NAME": "Essai", "EMAIL": "essai@exemple.fr", "DATE": f"{day}T12:00:00Z"}
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in known.items()}
    subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=True, env={**os.environ, **who})


def save(pack: Path, day: str, subject: str, files: Mapping[str, str]) -> None:
    """Commit the rules of a pack as they are on a day: these files and no other."""
    shutil.rmtree(pack / "regles", ignore_errors=True)
    (pack / "regles").mkdir(parents=True)
    for name, text in files.items():
        (pack / "regles" / name).write_text(text, "utf-8")
    git(pack, day, "add", "-A", ".")
    git(pack, day, "commit", "-qm", subject)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack below the root of its repository, whose second rule is rewritten, moved to another file, then dropped."""
    root = tmp_path_factory.mktemp("depot")
    git(root, "2026-01-01", "init", "-q", ".")
    folder = root / "rules" / "é"
    save(folder, "2026-01-01", "Première rédaction", {"un.yaml": ONE})
    save(folder, "2026-02-01", "Un autre titre", {"un.yaml": ONE.replace("Second", "Deuxième")})
    moved = "regles:\n- titre: Deuxième\n  id: DEUX\n"
    only = ONE[: ONE.index("  # De l'autre")]
    save(folder, "2026-03-01", "Un fichier à part", {"un.yaml": only, "deux.yaml": moved})
    save(folder, "2026-04-01", "Plus rien d'autre", {"un.yaml": only})
    return folder


def told(found: History, rule: str) -> list[tuple[date, str]]:
    return [(change.day, change.subject) for change in found.changes.get(rule, ())]


def test_a_block_is_the_lines_of_a_rule_without_what_introduces_the_next() -> None:
    found = blocks(ONE)
    assert list(found) == ["UN", "DEUX"]
    assert (found["UN"].first, found["UN"].last, found["UN"].text) == (4, 5, "- id: UN\n  titre: Premier")
    assert (found["DEUX"].first, found["DEUX"].last) == (8, 9)


def test_an_identifier_inside_a_rule_is_not_that_of_a_rule() -> None:
    assert list(blocks("regles:\n  - id: UN\n    exemples:\n      - id: DEUX\n        x: 1\n")) == ["UN"]


@pytest.mark.parametrize("text", ["", "regles:\n", "regles: [\n", "- 1\n- 2\n", "\x00"])
def test_a_file_without_rules_has_no_block(text: str) -> None:
    assert blocks(text) == {}


def test_a_rule_has_the_commits_that_changed_its_text_the_latest_first(pack: Path) -> None:
    found = read(pack, {"regles/un.yaml": (pack / "regles" / "un.yaml").read_text("utf-8")}, UTC)
    assert (found.missing, found.partial, found.pending) == ("", False, frozenset())
    assert told(found, "UN") == [(date(2026, 1, 1), "Première rédaction")]


def test_a_rule_that_only_moves_to_another_file_has_not_changed(pack: Path) -> None:
    found = read(pack, {}, UTC)
    assert told(found, "DEUX") == [(date(2026, 2, 1), "Un autre titre"), (date(2026, 1, 1), "Première rédaction")]
    (latest, first) = found.changes["DEUX"]
    assert (latest.before, latest.after) == (first.after, first.after.replace("Second", "Deuxième"))
    assert first.before == ""


def test_what_is_not_committed_is_pending(pack: Path) -> None:
    now = (pack / "regles" / "un.yaml").read_text("utf-8").replace("Premier", "Nouveau")
    found = read(pack, {"regles/un.yaml": f"{now}\n  - id: TROIS\n    titre: Neuf\n"}, UTC)
    assert found.pending == {"UN", "TROIS"}
    assert told(found, "TROIS") == []


def test_the_oldest_commits_are_left_out_of_a_long_history(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_COMMITS", 2)
    found = read(pack, {}, UTC)
    assert found.partial
    assert {change.day for changes in found.changes.values() for change in changes} == {date(2026, 3, 1)}


def test_without_a_repository_the_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert read(tmp_path, {}, UTC) == History(missing="le paquet n'est pas dans un dépôt git que l'on puisse lire")


def test_in_a_repository_that_does_not_hold_it_the_reason_is_told(tmp_path: Path) -> None:
    git(tmp_path, "2026-01-01", "init", "-q", ".")
    assert read(tmp_path, {}, UTC).missing


def test_without_git_the_reason_is_told(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert read(pack, {}, UTC) == History(missing="git n'est pas installé")


def test_a_git_that_does_not_answer_is_not_waited_for(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("git", 20)

    monkeypatch.setattr(subprocess, "run", never)
    assert read(pack, {}, UTC) == History(missing="git n'a pas répondu en 20 secondes")


def test_a_repository_that_lacks_an_object_has_no_history_rather_than_a_false_one(tmp_path: Path) -> None:
    git(tmp_path, "2026-01-01", "init", "-q", ".")
    folder = tmp_path / "paquet"
    save(folder, "2026-01-01", "Première rédaction", {"un.yaml": ONE})
    save(folder, "2026-02-01", "Un autre titre", {"un.yaml": ONE.replace("Second", "Deuxième")})
    name = ["git", "-C", str(folder), "rev-parse", "HEAD~1:paquet/regles/un.yaml"]
    away = subprocess.run(name, capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / ".git" / "objects" / away[:2] / away[2:]).unlink()
    assert read(folder, {}, UTC) == History(missing="le dépôt git est incomplet")
