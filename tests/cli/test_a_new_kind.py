"""A kind of rule added in one module and one block of schema: every command speaks of it, or refuses it by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.kinds.quota import Quota

from recevable.cli import exits
from recevable.pack.kinds import KINDS
from recevable.pack.kinds.base import Content, Expression, Kind, RuleCompiler, decisive
from recevable.pack.model import SATISFIED, Cause, Check, Consequence, Rule
from recevable.pack.reader import Reader
from recevable.programme import open_programme

Command = Callable[..., Any]
Rewrite = Callable[[str, str], None]
RULE = """\
regles:
  - id: QUOTA-PRIX
    titre: Prix du vélo dans la limite de la commune
    demandes: [prime]
    quand: velo.electrique = vrai
    quota: {de: velo.prix, au_plus: plafond * 10}
    si_depasse:
      consequence: completer
      message: "Le vélo coûte {velo.prix}, plus que la limite."
      reparation: "Justifier le prix du vélo"
    source: Délibération, art. 2
    exemples:
      - avec: {velo.electrique: true, velo.prix: "4000.00", prime.deposee_le: "2024-05-06T10:00:00"}
        resultat: satisfait
      - avec: {velo.electrique: true, velo.prix: "4000.01", prime.deposee_le: "2024-05-06T10:00:00"}
        resultat: "non_satisfait:depasse"
      - {avec: {velo.electrique: false}, resultat: sans_objet}
      - {avec: {velo.electrique: true}, resultat: manquant}
      - {avec: {}, resultat: manquant}
"""
FILE = "regles/quota.yaml"


@pytest.fixture
def folder(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small pack with a rule of the new kind."""
    monkeypatch.setitem(KINDS, Quota.key, Quota())
    found = Path(shutil.copytree(pack, tmp_path / "rules" / "prime-velo"))
    (found / FILE).write_text(RULE, "utf-8")
    return found


@pytest.fixture
def rewrite(folder: Path) -> Rewrite:
    """Replace some characters of the rule."""

    def edit(old: str, new: str) -> None:
        text = (folder / FILE).read_text("utf-8")
        assert text.count(old) == 1
        (folder / FILE).write_text(text.replace(old, new), "utf-8")

    return edit


def faults(recevable: Command, folder: Path) -> set[tuple[str, str]]:
    """What lint says of the rule: each code, and the rest of the line that it points at."""
    lines = (folder / FILE).read_text("utf-8").split("\n")
    cases = json.loads(recevable("lint", folder, "--format", "json").out)["cas"]
    (told,) = [case["constats"] for case in cases if case["fichier"].endswith(FILE)]
    return {(one["code"], lines[one["ligne"] - 1][one["colonne"] - 1 :]) for one in told}


# --- check ----------------------------------------------------------------------------------------------------------


def test_check_decides_by_it(recevable: Command, folder: Path, dossier: Callable[[str], Path], tmp_path: Path) -> None:
    data = json.loads(dossier("acceptee").read_text("utf-8"))
    data["velo"]["prix"] = "4200.00"
    path = tmp_path / "cher.json"
    path.write_text(json.dumps(data), "utf-8")
    outcome = recevable("check", "--rules", folder, "--au", "2024-05-31", "--trace", path)
    assert outcome.code == exits.NOT_ACCEPTED
    assert "Le vélo coûte 4 200,00 €, plus que la limite." in outcome.out.replace("\u202f", " ").replace("\xa0", " ")
    assert "Justifier le prix du vélo" in outcome.out
    assert "velo.prix <= plafond * 10" in outcome.out


def test_a_slip_is_told_where_it_is(recevable: Command, rewrite: Rewrite, folder: Path) -> None:
    rewrite("au_plus: plafond * 10", "au_plus: plafon * 10")
    outcome = recevable("lint", folder)
    assert outcome.code == exits.NOT_ACCEPTED
    assert "quota.yaml:6:37: erreur [EXP-NOM]" in outcome.out


def test_a_key_of_another_kind_is_refused(recevable: Command, rewrite: Rewrite, folder: Path) -> None:
    rewrite("    si_depasse:", "    si_absente:")
    outcome = recevable("lint", folder)
    assert outcome.code == exits.NOT_ACCEPTED
    assert "Vouliez-vous dire `si_depasse` ?" in outcome.out


# --- lint -----------------------------------------------------------------------------------------------------------


def test_lint_finds_nothing_to_say_of_a_good_rule(recevable: Command, folder: Path) -> None:
    assert faults(recevable, folder) == set()


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("velo.electrique = vrai\n", "velo.prix > 5000.00\n", "REG-ECHEC-CERTAIN", "plafond * 10"),
        ("velo.electrique = vrai\n", "velo.prix < 100.00\n", "REG-SANS-ECHEC", "plafond * 10"),
        ("velo.electrique = vrai\n", "velo.prix < 100.00 et velo.prix > 200.00\n", "REG-JAMAIS", "velo.prix < 100.00"),
        ("coûte {velo.prix}", "coûte cher", "REG-MESSAGE-MUET", '"Le vélo coûte cher'),
        ('"non_satisfait:depasse"', "manquant", "REG-ISSUES", "exemples"),
    ],
)
def test_lint_reasons_on_it(
    recevable: Command, rewrite: Rewrite, folder: Path, old: str, new: str, code: str, place: str
) -> None:
    rewrite(old, new)
    assert any(found == code and text.startswith(place) for found, text in faults(recevable, folder))


def test_lint_knows_two_rules_that_say_the_same(recevable: Command, folder: Path) -> None:
    (folder / FILE).write_text(RULE + RULE.removeprefix("regles:\n").replace("QUOTA-PRIX", "QUOTA-BIS"), "utf-8")
    assert ("REG-DOUBLE", "QUOTA-BIS") in faults(recevable, folder)


# --- test, coverage, mutate -----------------------------------------------------------------------------------------


def test_its_examples_run(recevable: Command, rewrite: Rewrite, folder: Path) -> None:
    assert recevable("test", folder).code == exits.ACCEPTED
    rewrite('velo.prix: "4000.01"', 'velo.prix: "4000.00"')
    outcome = recevable("test", folder)
    assert outcome.code == exits.NOT_ACCEPTED
    assert "non_satisfait:depasse" in outcome.out


def test_coverage_counts_its_outcomes_and_its_edges(recevable: Command, folder: Path) -> None:
    packs = json.loads(recevable("coverage", folder, "--format", "json").out)["paquets"]
    (line,) = [line for line in packs[0]["regles"] if line["regle"] == "QUOTA-PRIX"]
    assert set(line["issues"]) == {"satisfait", "non_satisfait:depasse", "manquant", "sans_objet"}
    assert [edge["comparaison"] for edge in line["limites"]] == ["velo.prix <= plafond * 10"]
    assert line["manques"] == []


def survivors(recevable: Command, folder: Path) -> dict[str, str]:
    """The mutants of the rule that survive, each with the rest of the line that it points at."""
    report = json.loads(recevable("mutate", folder, "--regle", "QUOTA-PRIX", "--format", "json").out)
    lines = (folder / FILE).read_text("utf-8").split("\n")
    found = report["paquets"][0]["survivants"]
    return {one["mutant"]: lines[one["ligne"] - 1][one["colonne"] - 1 :] for one in found}


def test_mutate_changes_what_it_says_where_it_is_written(recevable: Command, folder: Path) -> None:
    assert "QUOTA-PRIX/quota/quota/1" not in survivors(recevable, folder)
    (folder / FILE).write_text(RULE[: RULE.index("    exemples:")], "utf-8")
    found = survivors(recevable, folder)
    assert found["QUOTA-PRIX/quota/quota/1"].startswith("quota: {de")
    assert found["QUOTA-PRIX/nombre/au_plus/1"].startswith("10}")
    assert found["QUOTA-PRIX/consequence/consequence:depasse/1"] == "completer"
    assert found["QUOTA-PRIX/cle-retiree/quand/1"] == "velo.electrique = vrai"


# --- doc, checklist, lsp --------------------------------------------------------------------------------------------


def test_the_site_has_its_page(recevable: Command, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "site"
    outcome = recevable("doc", folder, "--au", "2024-05-31", "--sans-historique", "--output", output)
    assert outcome.code == exits.ACCEPTED, outcome.err
    page = (output / "regles" / "QUOTA-PRIX.html").read_text("utf-8")
    for words in ("Quota", "Ce qui est compté", "Quota permis", "depasse", "Justifier le prix du vélo"):
        assert words in page, words
    assert "Quota" in (output / "index.html").read_text("utf-8")


def test_a_checklist_lists_it(recevable: Command, folder: Path) -> None:
    options = ("--profil", "particulier", "--demande", "prime", "--au", "2024-05-31", "--rules", folder)
    outcome = recevable("checklist", *options)
    assert "☐ Prix du vélo dans la limite de la commune\n      Justifier le prix du vélo" in outcome.out
    sections = json.loads(recevable("checklist", *options, "--format", "json").out)["conditions"]
    kinds = {item["regle"]: item["nature"] for section in sections for item in section["elements"]}
    assert kinds["QUOTA-PRIX"] == "quota"


# --- a kind that says nothing special -------------------------------------------------------------------------------


class Bare(Kind):
    """As little as a kind can say: how it is read, and what it asks."""

    key = "jamais"
    expressions = (Expression(("jamais",), "Ne doit pas arriver"),)

    def read(self, reader: Reader) -> Content:
        message = reader.scalar("message")
        causes = [Cause("arrive", message, (), Consequence.REJECT)] if message is not None else []
        return Content(tuple(causes))

    def checks(self, rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
        (test,) = self.proper(rule)
        closing = decisive(compiler.boolean(test.text), test, cause="arrive", fails_when=True)
        return [Check(rule.id, "arrive", (*compiler.opening(rule), closing), SATISFIED)]


class Mute(Bare):
    """A kind that asks nothing and defines nothing."""

    key = "rien"
    expressions = (Expression(("rien",), "Rien"),)

    def checks(self, rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
        return Kind.checks(self, rule, compiler)


BARE = """\
regles:
  - id: JAMAIS-CHER
    titre: Vélo hors de prix
    demandes: [prime]
    jamais: velo.prix > 9000.00
    message: "Le vélo coûte {velo.prix}."
    source: Délibération, art. 2
    exemples:
      - {avec: {velo.prix: "9000.01"}, resultat: "non_satisfait:arrive"}
      - {avec: {velo.prix: "9000.00"}, resultat: satisfait}
      - {avec: {}, resultat: manquant}
"""


def test_a_kind_that_says_nothing_special_works_everywhere(
    recevable: Command, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dossier: Callable[[str], Path]
) -> None:
    monkeypatch.setitem(KINDS, Bare.key, Bare())
    (folder / FILE).write_text(BARE, "utf-8")
    assert "JAMAIS-CHER" in recevable("check", "--rules", folder, "--trace", dossier("acceptee")).out
    assert faults(recevable, folder) == {("EXP-VALEUR", "9000.00")}
    assert recevable("test", folder).code == exits.ACCEPTED
    assert "JAMAIS-CHER" in recevable("coverage", folder, "--format", "json").out
    assert (
        "JAMAIS-CHER/regle-retiree/regle/1"
        in recevable("mutate", folder, "--regle", "JAMAIS-CHER", "--format", "json").out
    )
    output = tmp_path / "site"
    assert recevable("doc", folder, "--sans-historique", "--output", output).code == exits.ACCEPTED
    assert "Jamais" in (output / "regles" / "JAMAIS-CHER.html").read_text("utf-8")
    options = ("--profil", "particulier", "--demande", "prime", "--rules", folder)
    assert "Vélo hors de prix" in recevable("checklist", *options).out


def test_a_kind_that_does_nothing_is_refused_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, Mute.key, Mute())
    (folder / FILE).write_text(BARE.replace("jamais:", "rien:"), "utf-8")
    with pytest.raises(NotImplementedError, match="the kind `rien` says neither what `JAMAIS-CHER` checks"):
        open_programme(folder)
