"""The options of `recevable check`."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from recevable import data
from recevable.outputs.run import seen_from_here

PACK = Path(__file__).parents[1] / "second_programme" / "prime-velo"

Command = Callable[..., Any]
Dossier = Callable[[str], Path]


# --- --demande --------------------------------------------------------------------------------------------------------


def test_only_the_requests_that_are_asked_for_are_decided(check: Command, dossier: Dossier) -> None:
    path = dossier("deux-demandes")
    for asked in (["adhesion"], ["prime"], ["adhesion", "prime"], ["prime", "recouvrement"]):
        options = [word for request in asked for word in ("--demande", request)]
        (decision,) = check("--format", "json", *options, path).json["decisions"]
        assert set(decision["demandes"]) == set(asked) - {"recouvrement"}


def test_recovery_alone_may_be_asked_for(check: Command, dossier: Dossier) -> None:
    outcome = check("--demande", "recouvrement", dossier("acceptee"))
    assert outcome.code == 0
    assert "Aucun cas de recouvrement n'est établi." in outcome.out


def test_a_request_that_the_dossier_does_not_hold_is_an_error(check: Command, dossier: Dossier) -> None:
    outcome = check("--demande", "adhesion", dossier("acceptee"))
    assert (outcome.code, outcome.out) == (2, "")
    assert f"erreur [ENTREE-DEMANDE] `{dossier('acceptee')}` ne contient pas `adhesion`" in outcome.err


def test_among_several_programmes_a_request_of_none_is_refused_and_that_of_another_is_absent(
    check: Command, pack: Path, dossier: Dossier, tmp_path: Path
) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(pack, rules / "prime-velo")
    shutil.copytree(pack.parent / "embauches", rules / "embauches")
    outcome = check("--rules", rules, "--demande", "prima", dossier("acceptee"))
    assert (outcome.code, outcome.out) == (2, "")
    assert "--demande : `prima` n'est pas une demande. Vouliez-vous dire `prime` ?" in outcome.err
    outcome = check("--rules", rules, "--demande", "embauche", dossier("acceptee"))
    assert (outcome.code, outcome.out) == (2, "")
    assert "ne contient pas `embauche`" in outcome.err
    assert "Demandes du dossier : `prime`" in outcome.err


def test_an_unknown_request_is_refused_before_any_decision(check: Command, dossier: Dossier) -> None:
    outcome = check("--demande", "prime", "--demande", "prima", dossier("acceptee"))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(
        "recevable : --demande : `prima` n'est pas une demande. Vouliez-vous dire `prime` ?\n"
    )


# --- --au -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["0203-09-04", "1899-12-31", "2101-01-01", "9999-12-31"])
def test_a_day_of_a_year_that_nobody_means_is_refused(day: str, check: Command, dossier: Dossier) -> None:
    outcome = check("--au", day, dossier("acceptee"))
    assert (outcome.code, outcome.out) == (2, "")
    assert f"--au : l'année {day[:4]} n'est pas entre 1900 et 2100 : vérifiez-la." in outcome.err


def test_the_day_of_the_decision_is_the_one_that_is_given(check: Command, dossier: Dossier) -> None:
    (decision,) = check("--format", "json", "--au", "2024-07-03", dossier("acceptee")).json["decisions"]
    assert decision["date_de_decision"] == "2024-07-03"
    assert decision["demandes"]["prime"]["verdict"] == "completer"


def test_the_day_of_the_decision_is_today_by_default(recevable: Command, pack: Path, dossier: Dossier) -> None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    paris = ZoneInfo("Europe/Paris")
    before = datetime.now(paris).date()
    report = recevable("check", "--rules", pack, "--format", "json", dossier("acceptee")).json
    assert before.isoformat() <= report["decisions"][0]["date_de_decision"] <= datetime.now(paris).date().isoformat()


@pytest.mark.parametrize(
    "day", ["2024-02-30", "31/05/2024", "2024-5-31", "demain", "", "2024-05-31T00:00:00", "0000-01-01"]
)
def test_a_day_that_is_none_is_refused_with_the_form_to_use(check: Command, dossier: Dossier, day: str) -> None:
    outcome = check("--au", day, dossier("acceptee"))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"recevable : `--au` : `{day}` est refusé, ")
    assert "AAAA-MM-JJ" in outcome.err or "n'existe pas au calendrier" in outcome.err


# --- --format ---------------------------------------------------------------------------------------------------------


def test_json_is_one_report_of_decisions_errors_and_totals(check: Command, dossier: Dossier, tmp_path: Path) -> None:
    outcome = check("--format", "json", dossier("acceptee"), tmp_path / "absent.json", dossier("a-completer"))
    assert outcome.code == 2
    assert set(outcome.json) == {"decisions", "erreurs", "bilan"}
    assert [d["acceptee"] for d in outcome.json["decisions"]] == [True, False]
    (error,) = outcome.json["erreurs"]
    assert error["erreurs"][0]["code"] == "ENTREE-LECTURE"
    assert outcome.json["bilan"] == {
        "dossiers": 3,
        "acceptes": 1,
        "non_acceptes": 1,
        "illisibles": 1,
        "sans_decision": 0,
        "demandes": {"rejeter": 0, "indecidable": 0, "completer": 1, "accepter": 1},
    }


def test_json_without_any_decision_is_still_a_report(check: Command, tmp_path: Path) -> None:
    report = check("--format", "json", tmp_path / "absent.json").json
    assert (report["decisions"], report["bilan"]["illisibles"]) == ([], 1)


def test_ndjson_has_a_line_for_each_dossier_whatever_became_of_it(
    check: Command, dossier: Dossier, tmp_path: Path
) -> None:
    lines = check("--format", "ndjson", dossier("acceptee"), tmp_path / "absent.json", dossier("association")).lines
    assert ["erreurs" in line for line in lines] == [False, True, False]


def test_the_three_formats_tell_the_same(check: Command, dossier: Dossier) -> None:
    path = dossier("association")
    (decision,) = check("--format", "json", path).json["decisions"]
    assert check("--format", "ndjson", path).lines == [decision]
    text = check(path).out
    request = decision["demandes"]["prime"]
    assert "▌ ACCEPTER sous réserve d'une appréciation humaine ; montant estimé : 400,00\u00a0€" in text
    assert (request["verdict"], request["provisoire"]) == ("accepter", True)
    flat = re.sub(r"\s+", " ", text)
    assert all(re.sub(r"\s+", " ", f["message"]) in flat for f in request["constats"] if f["consequence"])


def test_the_report_fits_its_schema(check: Command, dossier: Dossier, tmp_path: Path) -> None:
    shipped = {path.name: json.loads(path.read_bytes()) for path in data.shipped("schemas").glob("*.schema.json")}
    registry = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in shipped.values()])
    schema = jsonschema.Draft202012Validator(shipped["rapport.schema.json"], registry=registry)
    paths = [dossier("revente"), dossier("association"), dossier("hors-delai"), tmp_path / "absent.json"]
    for options in ([], ["--trace"]):
        report = check("--format", "json", *options, *paths).json
        assert [error.message for error in schema.iter_errors(report)] == []
    report["decisions"][0]["inattendu"] = 1
    assert not schema.is_valid(report)


# --- --trace ----------------------------------------------------------------------------------------------------------


def test_a_trace_shows_each_rule_its_expression_and_what_it_read(check: Command, dossier: Dossier) -> None:
    plain = check(dossier("a-completer")).out
    traced = check("--trace", dossier("a-completer")).out
    assert "Trace :" not in plain
    assert "FACTURE [absente] → non_satisfait:absente" in traced
    assert "prime.pieces.facture est present → faux" in traced
    assert "avec beneficiaire.justificatif_de_domicile.date = 2024-01-02, aujourd_hui = 2024-05-31" in traced
    assert "avec prime.deposee_le = 2024-05-06T10:00:00+02:00, " in traced, "on the clock of the programme"


def test_a_trace_says_where_each_expression_is_written(check: Command, dossier: Dossier) -> None:
    traced = re.sub(r"\s+", " ", check("--trace", dossier("a-completer")).out)
    found = re.findall(r"([\w.]+) est present → (?:vrai|faux) \((\S+):(\d+)\)", traced)
    assert found
    for field, file, line in found:
        written = (PACK / file).read_text("utf-8").split("\n")[int(line) - 1]
        assert field.rpartition(".")[2] in written, (field, file, line)


def test_a_trace_changes_nothing_else(check: Command, dossier: Dossier) -> None:
    (plain,) = check("--format", "json", dossier("revente")).json["decisions"]
    (traced,) = check("--format", "json", "--trace", dossier("revente")).json["decisions"]
    assert traced["demandes"]["prime"].pop("trace")
    assert traced["recouvrement"].pop("trace")
    assert traced == plain


# --- --rules ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_pack(pack: Path, tmp_path: Path) -> Path:
    """A copy of the small pack, to be spoiled."""
    return Path(shutil.copytree(pack, tmp_path / "prime-velo"))


@pytest.mark.parametrize("make", [lambda p: p / "absent", lambda p: p.mkdir() or p, lambda p: p.write_text("x") and p])
def test_rules_that_are_not_there_are_refused(
    recevable: Command, dossier: Dossier, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    folder = make(tmp_path / "regles")
    outcome = recevable("check", "--rules", folder, dossier("acceptee"))
    assert (outcome.code, outcome.out) == (3, "")
    assert f"erreur [PAQ-ABSENT] `{folder}` ne contient aucun paquet de règles" in outcome.err
    assert "aide : Donnez un dossier qui contient programme.yaml" in outcome.err


@pytest.mark.parametrize("form", ["text", "json", "ndjson"])
def test_invalid_rules_are_shown_at_their_place_and_nothing_is_decided(
    recevable: Command, dossier: Dossier, own_pack: Path, form: str
) -> None:
    file = own_pack / "regles" / "prime.yaml"
    text = file.read_text("utf-8")
    wrong = text.replace("condition: beneficiaire.majeur = vrai", "condition: beneficiaire.majeure = vrai")
    file.write_text(wrong, "utf-8")
    outcome = recevable("check", "--rules", own_pack, "--format", form, dossier("acceptee"), dossier("association"))
    number = text[: text.index("condition: beneficiaire.majeur")].count("\n") + 1
    assert outcome.code == 3
    assert f"{seen_from_here(file)}:{number}:16: erreur [" in outcome.err
    assert "  |     condition: beneficiaire.majeure = vrai\n" in outcome.err
    assert "  |                ^" in outcome.err
    if form == "json":
        assert outcome.json["decisions"] == []
        assert outcome.json["erreurs"][0]["erreurs"][0]["fichier"] == seen_from_here(file)
    elif form == "ndjson":
        (line,) = outcome.lines
        assert line["dossier"] is None
    else:
        assert outcome.out == ""


def test_every_slip_of_a_pack_is_shown_at_once(recevable: Command, dossier: Dossier, own_pack: Path) -> None:
    file = own_pack / "regles" / "prime.yaml"
    text = file.read_text("utf-8").replace("si_faux:", "si_fau:").replace("si_absente:", "si_absent:")
    file.write_text(text, encoding="utf-8")
    outcome = recevable("check", "--rules", own_pack, dossier("acceptee"))
    assert outcome.code == 3
    assert outcome.err.count("erreur [PAQ-CLE-INCONNUE]") == 4
    assert "Vouliez-vous dire `si_faux` ?" in outcome.err


# --- --rules and --preuve ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--rules", "--preuve"])
def test_a_path_that_may_not_be_read_is_refused_by_its_option(
    check: Command, dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    found = tmp_path / "ferme"
    found.touch()
    asked = os.access
    # a mode would not stop a superuser
    monkeypatch.setattr(os, "access", lambda path, mode: path != found if mode == os.R_OK else asked(path, mode))
    outcome = check(option, found, dossier("acceptee"))
    assert (outcome.code, outcome.out) == (2, "")
    assert f"`{option}` : `{found}` ne peut pas être lu" in outcome.err
