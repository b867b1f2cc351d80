"""`recevable enregistrer`: a pack is saved with what changed in words, or refused in French; nothing is ever lost."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recevable import git as engine_git
from recevable.cli import exits

Command = Callable[..., Any]
WHO = ("--auteur", "Anne Exemple <anne@exemple.fr>")
EXPECTED = """\
titre: Une prime
au: "2024-05-31"
demandes: {prime: {verdict: accepter, montants: {prime_accordee: "509.97"}}}
a_apprecier: []
recouvrement: []
"""
INVENTORY = """\
exigences:
  - {id: REQ-1, section: art. 1, resume: Une aide., traitement: information, motif: Ne règle rien.}
"""


def git(*words: str) -> str:
    who = ["-c", "user.name=Autre", "-c", "user.email=autre@exemple.fr", "-c", "init.defaultBranch=principale"]
    return subprocess.run(["git", *who, *words], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def mine(pack: Path, dossier: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small pack with a known dossier, in no repository, for somebody whom git does not know."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    folder = Path(shutil.copytree(pack, "rules/prime-velo"))
    (folder / "exigences.yaml").write_text(INVENTORY, "utf-8")
    Path("fixtures/prime-velo").mkdir(parents=True)
    shutil.copy(dossier("acceptee"), "fixtures/prime-velo")
    Path("fixtures/prime-velo/acceptee.attendu.yaml").write_text(EXPECTED, "utf-8")
    return folder


@pytest.fixture
def saved(mine: Path) -> Path:
    """The same, saved once."""
    git("init", "-q", ".")
    git("add", "-A")
    git("commit", "-qm", "Règles")
    return mine


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{text.count(old)} × {old!r}"
    path.write_text(text.replace(old, new), "utf-8")


def raise_threshold(folder: Path) -> None:
    """A change that the known dossier does not see."""
    edit(folder / "parametres.yaml", 'valeur: "6 mois"', 'valeur: "7 mois"')


def state() -> dict[str, bytes]:
    return {
        path.as_posix(): path.read_bytes()
        for path in sorted(Path().rglob("*"))
        if path.is_file() and ".git/" not in path.as_posix()
    }


def test_what_changed_is_saved_in_words(recevable: Command, saved: Path) -> None:
    raise_threshold(saved)
    outcome = recevable("enregistrer", *WHO, "rules/prime-velo")
    assert (outcome.code, outcome.err) == (0, "")
    message = git("log", "-1", "--format=%B")
    assert message.splitlines()[0] == "Modifier delai_de_demande"
    assert "Paramètre delai_de_demande modifié : Délai pour demander la prime" in message
    assert "à partir du 1er janvier 2024 : 6 mois → 7 mois" in message.replace("\u00a0", " ")
    assert "Effet sur les dossiers connus : 1 dossier décidé deux fois : aucun ne change." in message
    assert "Essais : 3 essais réussis." in message
    assert "Fichiers modifiés : rules/prime-velo/parametres.yaml" in message
    assert git("log", "-1", "--format=%an %ae %cn") == "Anne Exemple anne@exemple.fr Anne Exemple"
    assert git("status", "--porcelain") == ""
    assert outcome.out.splitlines()[-1].startswith("1 fichier enregistré sur la branche principale (")
    again = recevable("enregistrer", *WHO, "rules/prime-velo")
    assert (again.code, again.out) == (0, "rules/prime-velo : rien n'a changé depuis le dernier enregistrement.\n")


def test_new_and_deleted_files_are_saved_byte_for_byte(recevable: Command, saved: Path) -> None:
    (saved / "JOURNAL.md").write_bytes(b"# Journal\r\n\r\nMotif\r\n")
    Path("fixtures/prime-velo/acceptee.json").unlink()
    Path("fixtures/prime-velo/acceptee.attendu.yaml").unlink()
    assert recevable("enregistrer", *WHO, "rules/prime-velo").code == 0
    raw = subprocess.run(["git", "cat-file", "-p", "HEAD:rules/prime-velo/JOURNAL.md"], capture_output=True, check=True)
    assert raw.stdout == b"# Journal\r\n\r\nMotif\r\n"
    assert git("ls-tree", "-r", "--name-only", "HEAD", "fixtures") == ""
    assert "Fichiers supprimés : fixtures/prime-velo/acceptee.attendu.yaml" in git("log", "-1", "--format=%B")


def test_what_others_prepare_stays_as_it_is(recevable: Command, saved: Path) -> None:
    raise_threshold(saved)
    Path("lettre.txt").write_text("prête", "utf-8")
    Path("note.txt").write_text("à part", "utf-8")
    git("add", "lettre.txt")
    assert recevable("enregistrer", *WHO, "rules/prime-velo").code == 0
    assert git("status", "--porcelain").splitlines() == ["A  lettre.txt", "?? note.txt"]
    assert git("show", "--name-only", "--format=", "HEAD") == "rules/prime-velo/parametres.yaml"


def test_no_command_of_the_repository_is_run(recevable: Command, saved: Path, tmp_path: Path) -> None:
    raise_threshold(saved)
    # to git, a file that is newer than its index may have changed: it would ask the filter
    later = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
    os.utime(saved / "exigences.yaml", (later, later))
    git("add", "rules/prime-velo/exigences.yaml")
    program = f"touch {tmp_path}/MARQUE; cat"
    hooks = tmp_path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"):
        (hooks / hook).write_text(f"#!/bin/sh\ntouch {tmp_path}/MARQUE\nexit 1\n", "utf-8")
        (hooks / hook).chmod(0o755)
    (saved / ".gitattributes").write_text("* filter=x diff=x\n", "utf-8")
    for key, value in {
        "filter.x.clean": program, "filter.x.process": program, "core.fsmonitor": program, "commit.gpgSign": "true",
        "gpg.program": program, "core.hooksPath": str(hooks), "core.editor": program,
    }.items():  # fmt: skip
        git("config", key, value)
    assert recevable("enregistrer", *WHO, "rules/prime-velo").code == 0
    assert not (tmp_path / "MARQUE").exists()


def test_a_fault_of_the_rules_is_shown_and_nothing_is_saved(recevable: Command, saved: Path) -> None:
    edit(saved / "parametres.yaml", 'valeur: "6 mois"', 'valeur: "6 moi"')
    before, head = state(), git("rev-parse", "HEAD")
    outcome = recevable("enregistrer", *WHO, "rules/prime-velo")
    assert outcome.code == exits.INVALID_RULES
    assert "rules/prime-velo/parametres.yaml:" in outcome.out
    assert "Rien n'est enregistré : corrigez d'abord ces fautes. Vos fichiers sont gardés tels quels." in outcome.out
    assert (state(), git("rev-parse", "HEAD")) == (before, head)


def test_trials_that_fail_are_saved_only_as_a_draft(recevable: Command, saved: Path) -> None:
    edit(saved / "parametres.yaml", 'valeur: "0.30"', 'valeur: "0.29"')
    head = git("rev-parse", "HEAD")
    outcome = recevable("enregistrer", *WHO, "rules/prime-velo")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "échoué  acceptee" in outcome.out
    assert "Rien n'est enregistré : 1 essai échoue sur 3. `recevable test --revoir` les met à jour ;" in outcome.out
    assert git("rev-parse", "HEAD") == head
    assert recevable("enregistrer", "--brouillon", *WHO, "rules/prime-velo").code == 0
    message = git("log", "-1", "--format=%B")
    assert message.splitlines()[0] == "Brouillon : Modifier part_de_la_commune"
    assert "2 essais réussis, 1 en échec" in message
    assert "1 change, sans changer de verdict ; " in " ".join(message.split())


def test_outside_a_repository_it_offers_to_make_one(
    recevable: Command, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = recevable("enregistrer", *WHO, "rules/prime-velo")
    assert outcome.code == exits.USAGE
    assert "n'est pas dans un dépôt git, rien n'est enregistré. Ajoutez --creer" in outcome.err
    assert not Path(".git").exists()
    terminal = io.StringIO("x\no\n\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", terminal)
    outcome = recevable("enregistrer", *WHO, "rules/prime-velo")
    assert outcome.code == 0, outcome.err
    assert git("log", "--format=%s") == "Enregistrer le paquet rules/prime-velo"
    assert git("status", "--porcelain") == ""


def test_a_repository_is_made_when_asked_for(recevable: Command, mine: Path) -> None:
    assert recevable("enregistrer", "--creer", "-m", "Premières règles", *WHO, "rules/prime-velo").code == 0
    assert git("log", "--format=%s") == "Premières règles"
    assert sorted(git("ls-tree", "-r", "--name-only", "HEAD").splitlines())[0].startswith("fixtures/prime-velo/")


def test_a_conflict_is_refused_and_told(recevable: Command, saved: Path) -> None:
    git("checkout", "-qb", "autre")
    edit(saved / "parametres.yaml", 'valeur: "6 mois"', 'valeur: "8 mois"')
    git("commit", "-qam", "Huit")
    git("checkout", "-q", "-")
    raise_threshold(saved)
    git("commit", "-qam", "Sept")
    assert subprocess.run(["git", "merge", "autre"], capture_output=True, check=False, env=_identity()).returncode
    before, head = state(), git("rev-parse", "HEAD")
    outcome = recevable("enregistrer", *WHO, "rules/prime-velo")
    assert outcome.code == exits.USAGE
    assert "une fusion est en cours" in outcome.err
    assert (state(), git("rev-parse", "HEAD")) == (before, head)


def _identity() -> dict[str, str]:
    names = {f"GIT_{role}_{key}": "a@exemple.fr" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    return {**os.environ, **names}


def test_two_versions_left_in_a_file_are_told(recevable: Command, saved: Path) -> None:
    (saved / "JOURNAL.md").write_text("<<<<<<< HEAD\nun\n=======\ndeux\n>>>>>>> autre\n", "utf-8")
    outcome = recevable("enregistrer", *WHO, "rules/prime-velo")
    assert outcome.code == exits.USAGE
    assert "contient deux versions à départager" in outcome.err


def test_no_open_branch_is_told(recevable: Command, saved: Path) -> None:
    git("checkout", "-q", "--detach")
    raise_threshold(saved)
    outcome = recevable("enregistrer", *WHO, "rules/prime-velo")
    assert outcome.code == exits.USAGE
    assert "aucune branche ouverte" in outcome.err


def test_what_somebody_saved_meanwhile_is_kept(
    recevable: Command, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_threshold(saved)
    whole = engine_git._run

    def meanwhile(folder: Path, verb: str, *words: Any) -> Any:
        if verb == "update-ref":
            git("commit", "-q", "--allow-empty", "-m", "Entre-temps")
        return whole(folder, verb, *words)

    monkeypatch.setattr(engine_git, "_run", meanwhile)
    before = state()
    outcome = recevable("enregistrer", *WHO, "rules/prime-velo")
    assert outcome.code == exits.USAGE
    assert "git a refusé d'enregistrer" in outcome.err
    assert git("log", "-1", "--format=%s") == "Entre-temps"
    assert state() == before


def test_nothing_is_saved_for_show(recevable: Command, saved: Path) -> None:
    raise_threshold(saved)
    head = git("rev-parse", "HEAD")
    outcome = recevable("enregistrer", "--essai", *WHO, "rules/prime-velo")
    assert outcome.code == 0
    assert outcome.out.startswith("Modifier delai_de_demande\n")
    assert outcome.out.endswith("Rien n'est enregistré (--essai).\n")
    assert git("rev-parse", "HEAD") == head


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "git ne sait pas qui enregistre : ajoutez --auteur"),
        (("--auteur", "Anne"), "écrivez 'Prénom Nom <courriel>'"),
    ],
)
def test_who_saves_must_be_known(recevable: Command, saved: Path, words: tuple[str, ...], said: str) -> None:
    raise_threshold(saved)
    outcome = recevable("enregistrer", *words, "rules/prime-velo")
    assert outcome.code == exits.USAGE
    assert said in outcome.err


def test_git_knows_who_saves(recevable: Command, saved: Path) -> None:
    git("config", "user.name", "Connue")
    git("config", "user.email", "connue@exemple.fr")
    raise_threshold(saved)
    assert recevable("enregistrer", "-m", "  Sept\n mois ", "rules/prime-velo").code == 0
    assert git("log", "-1", "--format=%an %s") == "Connue Sept mois"


def test_one_pack_is_saved_at_a_time(recevable: Command, saved: Path) -> None:
    shutil.copytree(saved, "rules/autre")
    outcome = recevable("enregistrer", *WHO)
    assert outcome.code == exits.USAGE
    assert "un paquet s'enregistre à la fois" in outcome.err
