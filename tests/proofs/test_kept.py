"""Answers are kept by the digest of what they depend on, and given again while it is the same."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from recevable import cache, data
from recevable.cli.app import cli
from recevable.editor.faults import faulty_files
from recevable.handbook.sources import sources
from recevable.handbook.survey import survey
from recevable.pack import properties as written
from recevable.pack.source import FolderSource
from recevable.programme import open_programme
from recevable.proofs import properties, questions
from recevable.trials.proved import Answer, Answers, Kept, Keys, Status, bounds_of, of_properties

PACK = "reconditionneurs"
AIDE, RECOVERY = "aide:MIN-PLAFOND:satisfait", "recouvrement:CON-TARDIVE:vrai"
REFUTED = """proprietes:
  - id: PRO-UN
    titre: Aucune aide n'est accordée
    source: Décret
    demande: aide
    jamais: verdict(aide) = "accepter"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a pack with one property, which does not hold, and a cache of its own."""
    for kind in ("rules", "schemas", "fixtures"):
        shutil.copytree(data.shipped(kind) / PACK, tmp_path / kind / PACK)
    found = tmp_path / "rules" / PACK
    (found / written.PROPERTIES).write_text(REFUTED, "utf-8")
    (tmp_path / "cache").mkdir(mode=0o700)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The identities of what the solver, or a known dossier, was asked."""
    found: list[str] = []
    about_one, about_any = properties.ask, questions.ask

    def of_property(prover: Any, typed: Any) -> Answer:
        found.append(typed.property.id.text)
        return about_one(prover, typed)

    def of_question(prover: Any, question: Any) -> Answer:
        found.append(question.id)
        return about_any(prover, question)

    monkeypatch.setattr(properties, "ask", of_property)
    monkeypatch.setattr(questions, "ask", of_question)
    return found


def prove(folder: Path) -> dict[str, Any]:
    wanted = [word for name in ("PRO-UN", AIDE, RECOVERY) for word in ("--propriete", name)]
    result = CliRunner().invoke(cli, ["prove", "--format", "json", *wanted, str(folder)], catch_exceptions=False)
    found: dict[str, Any] = json.loads(result.output)["paquets"][0]
    return found


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), "utf-8")


def test_what_was_answered_is_not_asked_again(folder: Path, asked: list[str]) -> None:
    first = prove(folder)
    assert asked == ["PRO-UN", AIDE, RECOVERY]
    assert prove(folder) == first
    assert len(asked) == 3
    assert first["reponses"][0]["exemple"]["decisions"]


def test_a_changed_rule_is_asked_about_in_its_contexts_only(folder: Path, asked: list[str]) -> None:
    prove(folder)
    asked.clear()
    change(folder, "regles/controle.yaml", "recue_le > decale", "recue_le >= decale")
    # and a line more above other rules
    change(folder, "regles/de_minimis.yaml", "regles:\n", "regles:\n\n")
    prove(folder)
    assert asked == [RECOVERY]
    asked.clear()
    change(folder, "regles/de_minimis.yaml", "condition: reste_de_minimis > 0", "condition: reste_de_minimis >= 1")
    prove(folder)
    assert asked == ["PRO-UN", AIDE]


def test_another_value_of_a_parameter_or_another_sentence_is_asked_about(folder: Path, asked: list[str]) -> None:
    prove(folder)
    asked.clear()
    change(folder, written.PROPERTIES, "jamais: verdict", "jamais: vrai et verdict")
    prove(folder)
    assert asked == ["PRO-UN"]
    asked.clear()
    change(folder, "parametres.yaml", 'valeur: "8.00"', 'valeur: "7.00"')
    prove(folder)
    assert "PRO-UN" in asked
    assert AIDE in asked


def test_a_damaged_file_and_another_solver_are_asked_about(folder: Path, asked: list[str]) -> None:
    prove(folder)
    (kept,) = Path(folder.parents[1] / "cache").glob("*.preuves")
    kept.write_bytes(kept.read_bytes()[:-20] + b"x" * 20)
    asked.clear()
    prove(folder)
    assert asked == ["PRO-UN", AIDE, RECOVERY]
    compiled = open_programme(folder, prepared=False).compiled
    key = Keys(compiled, bounds_of(compiled.pack)).of(AIDE, ["aide"])
    assert Answers(folder).get(key) is not None
    assert Answers(folder).get(key, "z3 0.0.0") is None
    # another length of lists is another question
    assert Answers(folder).get(Keys(compiled, bounds_of(compiled.pack, 4)).of(AIDE, ["aide"])) is None


def test_what_is_not_decided_is_not_kept(folder: Path) -> None:
    answers = Answers(folder)
    answers.put("a", Kept(Answer(Status.UNDECIDED, reason="temps"), (), "z3"))
    answers.put("b", Kept(Answer(Status.PROVED), (), "z3"))
    answers.write(whole=True)
    assert (Answers(folder).get("a"), Answers(folder).get("b")) == (None, Kept(Answer(Status.PROVED), (), "z3"))


def test_without_a_cache_nothing_is_kept(folder: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, cache.OFF)
    prove(folder)
    prove(folder)
    assert len(asked) == 6


def test_the_answers_about_properties_are_read_without_the_solver(folder: Path) -> None:
    prove(folder)
    programme = open_programme(folder, prepared=False)
    ((one, kept),) = of_properties(programme.compiled, programme.source, folder).values()
    assert (one.id.text, kept.answer.status) == ("PRO-UN", Status.REFUTED)
    assert kept.shown


# --- the editor and the site ----------------------------------------------------------------------------------------


def shown_in_an_editor(folder: Path) -> list[tuple[str, str]]:
    files = faulty_files(FolderSource(folder), date(2026, 1, 1), folder=folder)
    return [
        (file.name, file.text[fault.start : fault.end])
        for file in files
        for fault in file.faults
        if fault.diagnostic.code == "PREUVE-ABSENTE"
    ]


def test_an_editor_shows_a_refuted_property_at_its_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_in_an_editor(folder) == []
    prove(folder)
    monkeypatch.setattr(properties, "ask", lambda *_: pytest.fail("the solver was asked"))
    assert shown_in_an_editor(folder) == [(written.PROPERTIES, "PRO-UN")]
    (folder / "tolerances.yaml").write_text(
        "tolerances:\n  - controle: PREUVE-ABSENTE\n    sujet: PRO-UN\n    motif: Le service le sait\n"
        '    expire_le: "2026-06-30"\n',
        "utf-8",
    )
    assert shown_in_an_editor(folder) == []
    (folder / "tolerances.yaml").unlink()
    # what is shown is about the rules as they are
    change(folder, "regles/de_minimis.yaml", "condition: reste_de_minimis > 0", "condition: reste_de_minimis >= 1")
    assert shown_in_an_editor(folder) == []
    # and not about rules that cannot be read
    change(folder, "regles/de_minimis.yaml", "condition: reste_de_minimis >= 1", "condition: reste_de_minimi > 0")
    assert shown_in_an_editor(folder) == []


def test_the_site_says_what_is_proved_of_the_pack_as_it_is(folder: Path) -> None:
    def page() -> str:
        found = survey(open_programme(folder, prepared=False), date(2026, 1, 1), with_history=False)
        return dict(sources(found))["preuves"]

    assert "1 sans réponse pour le paquet" in page()
    prove(folder)
    assert "1 réfutée" in page()
    assert "accepter" in page()
    (folder / written.PROPERTIES).unlink()
    found = survey(open_programme(folder, prepared=False), date(2026, 1, 1), with_history=False)
    assert "preuves" not in dict(sources(found))
