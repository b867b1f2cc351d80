"""`recevable impact` as a policy officer types it: folders, revisions of git, formats, exit codes, refusals."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from recevable.cli import exits

Command = Callable[..., Any]
SCHEMAS = Path(__file__).parents[2] / "schemas"
DAY = ("--au", "2024-05-31")


@pytest.fixture
def changed(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small pack, in the current folder, whose supplement is a cent less."""
    monkeypatch.chdir(tmp_path)
    folder = Path(shutil.copytree(pack, "rules/prime-velo"))
    edit(folder / "parametres.yaml", '"150.00"', '"149.99"')
    return folder


@pytest.fixture
def dossiers(dossier: Callable[[str], Path]) -> Path:
    return dossier("acceptee").parent


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{text.count(old)} × {old!r}"
    path.write_text(text.replace(old, new), "utf-8")


def git(*words: str) -> str:
    """A git command in the current folder, whoever runs the tests."""
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "Essai"), ("EMAIL", "essai@exemple.fr"))}  # fmt: skip
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=True, env={**os.environ, **who})
    return done.stdout.strip()


@pytest.fixture
def history(changed: Path, pack: Path) -> Path:
    """A repository of which the first commit holds the pack as it is, and the work tree the changed one."""
    text = (changed / "parametres.yaml").read_text("utf-8")
    shutil.copy(pack / "parametres.yaml", changed)
    git("init", "-q", ".")
    git("add", "-A")
    git("commit", "-qm", "un")
    (changed / "parametres.yaml").write_text(text, "utf-8")
    return changed


# --- what it says -----------------------------------------------------------------------------------------------------


def test_an_amount_that_moves_is_told_to_the_cent(
    recevable: Command, pack: Path, changed: Path, dossiers: Path
) -> None:
    outcome = recevable("impact", *DAY, pack, changed, dossiers / "acceptee.json")
    assert outcome.code == exits.NOT_ACCEPTED
    text = outcome.out.replace("\u00a0", " ").replace("\u202f", " ")
    assert "1 dossier décidé deux fois : 1 change, sans changer de verdict ; − 0,01 € à payer." in text
    assert "à partir du 1er janvier 2024 : 150,00 € → 149,99 €" in text
    assert re.search(r"en moins \.+ − 0,01 €  1 demande", text)
    assert "à payer 509,97 € → 509,96 € (− 0,01 €)" in text
    assert "à cause de : paramètre majoration" in text


def test_a_verdict_that_moves_is_in_the_matrix(recevable: Command, pack: Path, changed: Path, dossiers: Path) -> None:
    edit(changed / "regles" / "prime.yaml", 'si_absente: {consequence: completer, message: "La facture',
         'si_absente: {consequence: rejeter, message: "La facture')  # fmt: skip
    outcome = recevable("impact", *DAY, pack, changed, dossiers)
    assert re.search(r"Demande de prime : \d+ verdicts? change", outcome.out)
    said = " ".join(outcome.out.split())
    assert "– Motif maintenu (demande un complément → rejette) : La facture du vélo manque." in said
    back = " ".join(recevable("impact", *DAY, changed, pack, dossiers).out.split())
    assert "– Motif maintenu (rejette → demande un complément) : La facture du vélo manque." in back
    assert re.search(r"^ +compléter( +\S+)*$", outcome.out, re.MULTILINE)


def test_nothing_that_changes_is_said_and_exits_with_0(recevable: Command, pack: Path, dossiers: Path) -> None:
    outcome = recevable("impact", *DAY, pack, pack, dossiers / "acceptee.json")
    assert (outcome.code, outcome.err) == (exits.ACCEPTED, "")
    assert "1 dossier décidé deux fois : aucun ne change." in outcome.out
    assert "Les deux paquets sont identiques." in outcome.out


def test_dossiers_may_come_by_lines_and_by_the_standard_input(
    recevable: Command, pack: Path, changed: Path, line: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("d.ndjson").write_bytes(line("acceptee") + b"\n" + line("hors-delai") + b"\n")
    found = recevable("impact", *DAY, "--format", "json", pack, changed, "d.ndjson").json
    assert {d["dossier"] for d in found["dossiers"]} == {"d.ndjson:1", "d.ndjson:2"}
    assert found["bilan"]["decides"] == 2
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line("acceptee"))))
    assert recevable("impact", *DAY, pack, changed, "-").code == exits.NOT_ACCEPTED


def test_the_day_of_a_known_dossier_is_that_of_its_expectation(
    recevable: Command, pack: Path, changed: Path, dossiers: Path
) -> None:
    shutil.copy(dossiers / "acceptee.json", ".")
    Path("acceptee.attendu.yaml").write_text('au: "2024-05-31"\n')
    found = recevable("impact", "--format", "json", pack, changed, "acceptee.json").json
    assert found["bilan"]["dates"] == [{"date": "2024-05-31", "origine": "attendu", "dossiers": 1}]
    Path("acceptee.attendu.yaml").write_text('au: "31/05/2024"\n')
    outcome = recevable("impact", pack, changed, "acceptee.json")
    assert outcome.code == exits.USAGE
    assert "acceptee.attendu.yaml:1:5: erreur [ATTENDU-DATE] `au` n'est pas une date" in outcome.err


# --- formats ----------------------------------------------------------------------------------------------------------


def schema() -> Any:
    """The validator of the JSON format."""
    contents = [
        json.loads((SCHEMAS / f"{name}.schema.json").read_bytes()) for name in ("impact", "rapport", "decision")
    ]
    registry: Registry[Any] = Registry()
    registry = registry.with_resources([(one["$id"], DRAFT202012.create_resource(one)) for one in contents])
    return jsonschema.Draft202012Validator(contents[0], registry=registry)


def test_json_follows_its_schema(recevable: Command, pack: Path, changed: Path, dossiers: Path) -> None:
    edit(changed / "regles" / "prime.yaml", "id: MAJORITE", "id: ADULTE")
    edit(changed / "regles" / "recouvrement.yaml", "montant: total_verse", "montant: total_verse + 1")
    Path("faux.json").write_text("{}")
    outcome = recevable("impact", *DAY, "--format", "json", pack, changed, dossiers, "faux.json")
    found = json.loads(outcome.out)
    schema().validate(found)
    assert outcome.code == exits.USAGE
    assert found["erreurs"][0]["dossier"] == "faux.json"
    assert any(dossier["recouvrement"]["cas"] for dossier in found["dossiers"])


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("old", "new", "fewer"),
    [
        ('valeur: "250000.00"', 'valeur: "40000.00"', True),
        ('valeur: "5.00"', 'valeur: "6.00"', False),  # some over-payment becomes 0, an integer
    ],
)
def test_a_shipped_comparison_follows_the_schema_too(
    recevable: Command, tmp_path: Path, old: str, new: str, fewer: bool
) -> None:
    root = SCHEMAS.parent
    shutil.copytree(root / "rules" / "af-ope-mss", tmp_path / "rules" / "af-ope-mss")
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    changed = tmp_path / "rules" / "af-ope-mss"
    edit(changed / "parametres.yaml", old, new)
    outcome = recevable(
        "impact", "--format", "json", root / "rules" / "af-ope-mss", changed, root / "fixtures" / "af-ope-mss"
    )
    found = outcome.json
    schema().validate(found)
    assert found["bilan"]["a_payer"]["nombre_en_moins" if fewer else "nombre_en_plus"] > 0
    assert found["bilan"]["changent"] == len(found["dossiers"])


class _Page(HTMLParser):
    """What a page asks for, its tags and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what could be fetched or run."""
        self.tags.append(tag)
        fetched = ("src", "href", "srcset", "data", "action", "poster", "background")
        self.asked += [value or "" for name, value in attrs if name in fetched or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        """The text."""
        self.words += data


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202e&'


def test_the_page_asks_for_nothing_and_lets_no_dossier_act(
    recevable: Command, pack: Path, changed: Path, dossiers: Path
) -> None:
    content = json.loads((dossiers / "acceptee.json").read_bytes())
    content["reference"] = "V-2024-001"
    content["beneficiaire"]["nom"] = HOSTILE
    name = 'a"><img src=y onerror=alert(3)>.json'
    Path(name).write_text(json.dumps(content))
    edit(changed / "regles" / "prime.yaml", "    titre: Bénéficiaire majeur", f"    titre: '{HOSTILE[:25]}'")
    edit(
        changed / "regles" / "prime.yaml", "condition: beneficiaire.majeur = vrai", "condition: non beneficiaire.majeur"
    )
    text = recevable("impact", *DAY, "--format", "html", pack, changed, name).out
    page = _Page(text)
    assert [asked for asked in page.asked if not asked.startswith("#")] == []
    assert not {"img", "link", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert (page.tags.count("script"), page.tags.count("style")) == (1, 1)
    assert "<script>alert(1)" not in text.replace(text[text.rindex("<script>") :], "")
    assert name in page.words
    assert "@import" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)


def test_the_page_leads_to_the_texts_where_they_were_read(
    recevable: Command, pack: Path, changed: Path, dossiers: Path
) -> None:
    text = recevable("impact", *DAY, "--format", "html", pack, changed, dossiers).out
    assert "Les textes que citent les sources" not in text
    edit(changed / "programme.yaml", "art. 6, art. 7]}",
         'art. 6, art. 7], adresse: "https://exemple.fr/d?a=1&b=2", consultee_le: "2024-01-15"}')  # fmt: skip
    text = recevable("impact", *DAY, "--format", "html", pack, changed, dossiers).out
    link = '<a href="https://exemple.fr/d?a=1&amp;b=2">Délibération</a>'
    assert f"<li>{link}, Délibération du 12 décembre 2023 (consulté le 15 janvier 2024)</li>" in text
    assert "Délibération modificative</a>" not in text


def test_the_page_holds_charts_figures_and_every_dossier(
    recevable: Command, pack: Path, changed: Path, dossiers: Path
) -> None:
    edit(changed / "regles" / "prime.yaml", 'si_absente: {consequence: completer, message: "La facture',
         'si_absente: {consequence: rejeter, message: "La facture')  # fmt: skip
    text = recevable("impact", *DAY, "--format", "html", pack, changed, dossiers).out
    found = recevable("impact", *DAY, "--format", "json", pack, changed, dossiers).json
    page = _Page(text)
    assert page.tags.count("svg") == 2
    assert all(dossier["dossier"] in page.words for dossier in found["dossiers"])


@pytest.mark.parametrize("fmt", ["text", "json", "html"])
def test_a_comparison_gives_the_same_bytes_twice(
    recevable: Command, pack: Path, changed: Path, dossiers: Path, fmt: str
) -> None:
    args = ("impact", *DAY, "--format", fmt, pack, changed, dossiers)
    assert recevable(*args).out == recevable(*args).out


# --- --output ---------------------------------------------------------------------------------------------------------


def test_a_result_is_written_whole_to_a_file(recevable: Command, pack: Path, changed: Path, dossiers: Path) -> None:
    outcome = recevable("impact", *DAY, "--output", "i.txt", pack, changed, dossiers / "acceptee.json")
    assert (outcome.code, outcome.out) == (exits.NOT_ACCEPTED, "")
    assert (
        outcome.err
        == "i.txt : écrit. 1 dossier décidé deux fois : 1 change, sans changer de verdict ; − 0,01 € à payer.\n"
    )
    assert Path("i.txt").read_text("utf-8") == recevable("impact", *DAY, pack, changed, dossiers / "acceptee.json").out
    assert sorted(path.name for path in Path().iterdir()) == ["i.txt", "rules"]


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (".", "est un répertoire"),
        ("absent/i.html", "le répertoire `absent` n'existe pas"),
        ("d.json", "est lu par cette commande, il serait écrasé"),
        ("rules/prime-velo/parametres.yaml", "est lu par cette commande, il serait écrasé"),
    ],
)
def test_what_is_read_is_never_overwritten(
    recevable: Command, pack: Path, changed: Path, dossiers: Path, output: str, sentence: str
) -> None:
    shutil.copy(dossiers / "acceptee.json", "d.json")
    before = Path("d.json").read_bytes(), (changed / "parametres.yaml").read_bytes()
    outcome = recevable("impact", *DAY, "--output", output, pack, changed, "d.json")
    assert outcome.code == exits.USAGE
    assert sentence in outcome.err
    assert (Path("d.json").read_bytes(), (changed / "parametres.yaml").read_bytes()) == before


# --- revisions of git -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("old", ["HEAD:rules/prime-velo", "HEAD", "HEAD:rules/prime-velo/"])
def test_a_pack_is_read_as_it_was_at_a_revision(recevable: Command, history: Path, dossiers: Path, old: str) -> None:
    found = recevable("impact", *DAY, "--format", "json", old, "rules/prime-velo", dossiers / "acceptee.json").json
    assert found["avant"]["commit"] == git("rev-parse", "HEAD")
    assert found["apres"]["commit"] is None
    assert [d["demandes"]["prime"]["difference_a_payer"] for d in found["dossiers"]] == ["-0.01"]


def test_two_revisions_are_compared(recevable: Command, history: Path, dossiers: Path) -> None:
    git("commit", "-qam", "deux")
    outcome = recevable("impact", *DAY, "HEAD~1", "HEAD", dossiers / "acceptee.json")
    assert outcome.code == exits.NOT_ACCEPTED
    assert git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("old", "sentence"),
    [
        ("HEAD~7:rules/prime-velo", "ce dépôt git n'a pas de révision `HEAD~7`"),
        ("HEAD:rules/autre", "`rules/autre` n'est pas un paquet de règles à cette révision. Paquets à cette révision"),
        (":rules/prime-velo", "une révision git ne peut pas être vide"),
        ("--upload-pack=x:rules", "ne peut pas être vide ni commencer par `-`"),
        ("nulle-part", "`nulle-part` ne désigne aucun paquet de règles"),
    ],
)
def test_a_revision_that_cannot_be_read_is_a_misuse(
    recevable: Command, history: Path, dossiers: Path, old: str, sentence: str
) -> None:
    outcome = recevable("impact", *DAY, "--", old, "rules/prime-velo", dossiers / "acceptee.json")
    assert (outcome.code, outcome.out) == (exits.USAGE, "")
    assert sentence in outcome.err


def test_outside_a_repository_a_revision_is_a_misuse(
    recevable: Command, changed: Path, dossiers: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    outcome = recevable("impact", *DAY, "HEAD:rules/prime-velo", changed, dossiers / "acceptee.json")
    assert outcome.code == exits.USAGE
    assert "ici n'est pas un dépôt git" in outcome.err


def test_a_repository_that_lacks_an_object_is_a_misuse(recevable: Command, history: Path, dossiers: Path) -> None:
    identifier = git("rev-parse", "HEAD:rules/prime-velo/parametres.yaml")
    Path(".git", "objects", identifier[:2], identifier[2:]).unlink()
    outcome = recevable("impact", *DAY, "HEAD:rules/prime-velo", "rules/prime-velo", dossiers / "acceptee.json")
    assert (outcome.code, outcome.out) == (exits.USAGE, "")
    assert "`rules/prime-velo/parametres.yaml` ne peut pas être lu, le dépôt git est incomplet." in outcome.err


def test_a_git_that_does_not_answer_is_not_waited_for(
    recevable: Command, history: Path, dossiers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("git", 20)

    monkeypatch.setattr(subprocess, "run", never)
    outcome = recevable("impact", *DAY, "HEAD:rules/prime-velo", "rules/prime-velo", dossiers / "acceptee.json")
    assert (outcome.code, outcome.out) == (exits.USAGE, "")
    assert "git n'a pas répondu en 20 secondes" in outcome.err


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_pack_that_is_wrong_is_named_with_its_side(
    recevable: Command, pack: Path, changed: Path, dossiers: Path
) -> None:
    edit(changed / "regles" / "prime.yaml", "beneficiaire.majeur = vrai", "beneficiaire.majer = vrai")
    outcome = recevable("impact", *DAY, pack, changed, dossiers)
    assert (outcome.code, outcome.out) == (exits.INVALID_RULES, "")
    assert outcome.err.startswith("Le paquet NOUVEAU, `rules/prime-velo`, est invalide :\n")
    assert "regles/prime.yaml:42:16: erreur" in outcome.err


def test_two_programmes_cannot_be_compared(recevable: Command, changed: Path, dossiers: Path) -> None:
    outcome = recevable("impact", *DAY, "af-ope-mss", changed, dossiers)
    assert outcome.code == exits.USAGE
    assert "ces paquets sont de deux programmes" in outcome.err


def test_a_request_that_does_not_exist_is_a_misuse(
    recevable: Command, pack: Path, changed: Path, dossiers: Path
) -> None:
    outcome = recevable("impact", *DAY, "--demande", "prme", pack, changed, dossiers)
    assert outcome.code == exits.USAGE
    assert "--demande : `prme` n'est pas une demande. Vouliez-vous dire `prime`" in outcome.err


def test_a_request_that_one_pack_has_alone_may_be_compared(
    recevable: Command, pack: Path, changed: Path, dossiers: Path
) -> None:
    request = "  essai: {titre: Essai, racine: adhesion, reception: adhesion.deposee_le}\n"
    edit(changed / "programme.yaml", "demandes:\n", f"demandes:\n{request}")
    outcome = recevable("impact", *DAY, "--demande", "essai", pack, changed, dossiers / "deux-demandes.json")
    assert outcome.code in (exits.ACCEPTED, exits.NOT_ACCEPTED), outcome.err
    assert "Essai" in outcome.out


def test_nothing_to_compare_is_a_misuse(recevable: Command, pack: Path, changed: Path, dossiers: Path) -> None:
    outcome = recevable("impact", *DAY, "--demande", "adhesion", pack, changed, dossiers / "acceptee.json")
    assert outcome.code == exits.USAGE
    assert "aucun dossier ne contient `adhesion` : rien n'est comparé" in outcome.err


def test_a_dossier_on_which_rules_contradict_each_other_is_told_and_the_others_go_on(
    recevable: Command, pack: Path, changed: Path, dossiers: Path
) -> None:
    edit(changed / "regles" / "montants.yaml", "quand: non foyer_modeste", "quand: velo.electrique")
    files = (dossiers / "acceptee.json", dossiers / "association.json")
    outcome = recevable("impact", *DAY, pack, changed, *files, "--format", "json")
    assert outcome.code == exits.INVALID_RULES
    said = "erreur [REGLES-CONTRADICTION] avec le paquet `rules/prime-velo`, des règles contradictoires s'appliquent"
    assert f"{files[0]}:1:1: {said}" in outcome.err
    assert "la suite n'a pas été lue" not in outcome.err
    data = json.loads(outcome.out)
    assert (data["bilan"]["decides"], data["bilan"]["sans_decision"], data["bilan"]["illisibles"]) == (1, 1, 0)
    (told,) = data["erreurs"]
    assert told["dossier"] == str(files[0])
    assert [error["code"] for error in told["erreurs"]] == ["REGLES-CONTRADICTION"]


@pytest.mark.parametrize(("form", "said"), [("text", "1 dossier n'est pas comparé : les règles d'un paquet s'y"),
                                            ("html", "<h2>Dossiers sans décision (1)</h2>")])  # fmt: skip
def test_a_dossier_that_is_not_compared_is_counted_in_what_people_read(
    recevable: Command, pack: Path, changed: Path, dossiers: Path, form: str, said: str
) -> None:
    edit(changed / "regles" / "montants.yaml", "quand: non foyer_modeste", "quand: velo.electrique")
    outcome = recevable("impact", *DAY, pack, changed, dossiers / "acceptee.json", "--format", form)
    assert outcome.code == exits.INVALID_RULES
    assert said in outcome.out
    assert "Dossiers illisibles" not in outcome.out
    assert "dossier est illisible" not in outcome.out


# --- what may change for other dossiers -------------------------------------------------------------------------------


@pytest.fixture
def unseen(changed: Path) -> Path:
    """A change that shows on no dossier at hand: one price of a bicycle is refused."""
    edit(changed / "parametres.yaml", '"149.99"', '"150.00"')
    right = "condition: beneficiaire.majeur = vrai"
    edit(changed / "regles" / "prime.yaml", right, f"{right} et (velo.prix est absent ou velo.prix != 77.77)")
    return changed


def test_a_change_that_no_dossier_at_hand_shows_is_shown_by_another(
    recevable: Command, pack: Path, unseen: Path, dossiers: Path
) -> None:
    line = ("impact", *DAY, str(pack), str(unseen), str(dossiers))
    assert recevable(*line).code == 0
    result = recevable(*line, "--prouver", "--format", "json")
    assert result.code == 1
    whole = json.loads(result.out)
    schema().validate(whole)
    assert whole["bilan"]["changent"] == 0
    by_id = {one["id"]: one for one in whole["au_dela"]["changements"]}
    assert by_id["prime:accepter:rejeter"]["dossier"]["velo"]["prix"] == "77.77"
    assert whole["au_dela"]["demandes"] > len(by_id)
    text = " ".join(recevable(*line, "--prouver").out.split())
    assert "aucun de vos dossiers ne le dément, mais celui-ci le dément" in text
    assert "après : Demande de prime : rejeter" in text
    page = recevable(*line, "--prouver", "--format", "html").out
    assert "Ce qui peut changer pour d’autres dossiers" in page
    assert "77.77" in page


def test_nothing_that_may_change_for_any_dossier_is_said_to_be_proved(
    recevable: Command, pack: Path, dossiers: Path
) -> None:
    outcome = recevable("impact", "--prouver", *DAY, str(pack), str(pack), str(dossiers))
    assert outcome.code == 0
    assert "Aucun autre changement n'est possible, pour aucun dossier : c'est prouvé" in " ".join(outcome.out.split())
