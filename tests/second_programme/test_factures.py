"""Rules about each element of a list: one finding per invoice, and those set aside that count in no amount."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from recevable import data as shipped_data
from recevable.cli.app import run_code
from recevable.decision.model import Decision, RequestDecision, Verdict
from recevable.decision.outlook import OutlookReader
from recevable.editor.names import Sort, names
from recevable.inference.engine import Engine, EngineDisagreement
from recevable.pack.model import Consequence, Result
from recevable.pack.source import FolderSource
from recevable.programme import InvalidDossier, InvalidPack, Programme, open_programme

HERE = Path(__file__).parent
PACK = HERE / "factures"
FOUR = HERE / "dossiers-factures" / "quatre.json"
DAY: Final = date(2024, 7, 31)
Data = dict[str, Any]
Decide = Callable[[Data], RequestDecision]


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme(PACK)


@pytest.fixture
def four() -> Data:
    """Four invoices: F-1 and F-3 count, F-2 was paid too early, F-4 is judged to be something else."""
    found: Data = json.loads(FOUR.read_bytes())
    return found


@pytest.fixture
def decide(programme: Programme) -> Decide:
    return lambda data: decided(programme, data).requests[0]


def decided(programme: Programme, data: Data) -> Decision:
    return programme.decide(programme.read(json.dumps(data).encode()), DAY)


def invoices(data: Data) -> list[Data]:
    found: list[Data] = data["solde"]["factures"]
    return found


def answer(word: str) -> dict[str, str]:
    return {"reponse": word, "auteur": "Agent", "motif": "Vu.", "le": "2024-07-11", "expire_le": "2030-01-01"}


def results(request: RequestDecision, rule: str) -> dict[str, Result]:
    return {f.element.key: f.result for f in request.findings if f.rule == rule and f.element is not None}


def counted(request: RequestDecision) -> dict[str, bool | None]:
    """Whether each invoice is set aside."""
    return {line.element.key: line.set_aside for line in request.elements}


# --- one finding per element ------------------------------------------------------------------------------------------


def test_each_element_has_its_finding_named_by_its_key(decide: Decide, four: Data) -> None:
    request = decide(four)
    assert results(request, "FAC-PERIODE") == {
        "F-1": Result.SATISFIED,
        "F-2": Result.FAILED,
        "F-3": Result.SATISFIED,
        "F-4": Result.SATISFIED,
    }
    (aside,) = [f for f in request.findings if f.rule == "FAC-PERIODE" and f.result is Result.FAILED]
    assert aside.element is not None
    assert (aside.element.label, aside.element.place) == ("Facture F-2", "solde.factures[1]")
    assert aside.message.startswith("Facture F-2 : payée le 29 février 2024, hors")


def test_what_is_set_aside_counts_in_no_amount(decide: Decide, four: Data) -> None:
    request = decide(four)
    assert counted(request) == {"F-1": False, "F-2": True, "F-3": False, "F-4": True}
    assert {line.element.key: str(line.amounts[0].value) for line in request.elements} == {
        "F-1": "40.00",
        "F-2": "45.00",
        "F-3": "300.00",
        "F-4": "47.50",
    }
    assert request.payable is not None
    assert request.payable.value == Decimal("340.00")
    assert request.verdict is Verdict.ACCEPT


def test_nothing_more_is_asked_about_an_element_set_aside(decide: Decide, four: Data) -> None:
    invoices(four)[1] |= {"ht": "500.00", "nature": "autre"}
    request = decide(four)
    assert request.verdict is Verdict.ACCEPT
    assert not request.provisional
    assert {f.result for f in request.findings if f.element and f.element.key == "F-2"} <= {
        Result.FAILED,
        Result.NOT_APPLICABLE,
        Result.SATISFIED,
    }


def test_an_element_in_default_asks_for_what_it_lacks_and_the_others_do_not(decide: Decide, four: Data) -> None:
    del invoices(four)[2]["justificatif"]
    request = decide(four)
    assert request.verdict is Verdict.COMPLETE
    assert [a.text for a in request.repair.actions] == ["Joindre le justificatif de paiement (Facture F-3)"]
    invoices(four)[0]["ht"] = "100.00"
    assert [a.text for a in decide(four).repair.actions] == [
        "Joindre le justificatif de paiement (Facture F-1, Facture F-3)"
    ]


@pytest.mark.parametrize("elements", [[], None])
def test_without_an_element_there_is_nothing_to_check_and_without_a_list_it_is_asked_for(
    decide: Decide, four: Data, elements: list[Data] | None
) -> None:
    four["solde"]["factures"] = elements
    if elements is None:
        del four["solde"]["factures"]
    request = decide(four)
    of_each = [f for f in request.findings if f.rule == "FAC-PERIODE"]
    if elements is None:
        assert [f.result for f in of_each] == [Result.MISSING]
        assert {d.name for f in of_each for d in f.missing} == {"solde.factures"}
        assert request.verdict is Verdict.COMPLETE
    else:
        assert [f.result for f in of_each] == [Result.NOT_APPLICABLE]
        assert request.verdict is Verdict.REJECT  # nothing is left to pay back


def test_each_element_is_evaluated_by_both_engines(
    programme: Programme, four: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    evaluate = Engine.evaluate

    def noted(self: Engine, slots: Any, *more: Any) -> Any:
        seen.append(slots)
        return evaluate(self, slots, *more)

    monkeypatch.setattr(Engine, "evaluate", noted)
    programme.decide(programme.read(json.dumps(four).encode()), DAY, ["solde"])
    assert len(seen) == 1 + len(invoices(four))


def test_a_wrong_answer_of_one_engine_on_one_element_stops_the_decision(
    programme: Programme, four: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    # generated code that takes the invoice for another
    from recevable.language.generated import Program

    run = Program.__call__
    layout = programme.compiled.context("solde").layout
    slot = layout.slot("champ", "solde.factures[*].ht")

    def wrong(self: Program, slots: list[Any]) -> list[Any]:
        if slots[slot] == Decimal("80.00"):
            slots[slot] = Decimal("81.00")
        return run(self, slots)

    monkeypatch.setattr(Program, "__call__", wrong)
    with pytest.raises(EngineDisagreement):
        decided(programme, four)


# --- what is not known ------------------------------------------------------------------------------------------------


def test_an_element_that_may_be_set_aside_makes_the_total_unknown(decide: Decide, four: Data) -> None:
    del invoices(four)[0]["payee_le"]
    request = decide(four)
    assert counted(request)["F-1"] is None
    assert request.verdict is Verdict.COMPLETE
    assert request.proposed is not None
    assert request.proposed.value is None
    assert {d.name for f in request.findings for d in f.missing} == {"solde.factures[0].payee_le"}
    (finding,) = [f for f in request.findings if f.rule == "FAC-PERIODE" and f.result is Result.MISSING]
    assert "Facture F-1" in finding.message


def test_an_open_question_about_an_element_makes_the_decision_provisional(decide: Decide, four: Data) -> None:
    four["appreciations"] = {}
    request = decide(four)
    assert request.provisional
    assert request.payable is None
    assert request.proposed is not None
    assert request.proposed.value is None
    assert counted(request)["F-4"] is None


def test_an_answer_counts_for_its_element_only(programme: Programme, decide: Decide, four: Data) -> None:
    invoices(four)[0]["nature"] = "autre"
    four["appreciations"]["FAC-LIEN:F-1"] = answer("oui")
    request = decide(four)
    assert counted(request) == {"F-1": False, "F-2": True, "F-3": False, "F-4": True}
    assert request.payable is not None
    lines = {line.label: line.requests for line in decided(programme, four).appraisals}
    assert lines == {"FAC-LIEN:F-1": ("solde",), "FAC-LIEN:F-4": ("solde",)}


@pytest.mark.parametrize("name", ["FAC-LIEN:F-9", "FAC-LIEN"])
def test_an_answer_about_no_element_is_told_and_does_nothing(programme: Programme, four: Data, name: str) -> None:
    four["appreciations"] = {name: answer("oui")}
    decision = decided(programme, four)
    assert decision.requests[0].provisional
    (told,) = [line for line in decision.appraisals if line.label == name]
    assert str(told.state) == "invalide"


def _without(data: Data, path: tuple[Any, ...]) -> Data:
    found = copy.deepcopy(data)
    holder: Any = found
    for part in path[:-1]:
        holder = holder[part]
    del holder[path[-1]]
    return found


def _random_dossier(draw: random.Random) -> Data:
    made = [
        {
            "numero": f"F-{rank}",
            "emetteur": draw.choice(["Cars", "Trains"]),
            "nature": draw.choice(["train", "car", "autre"]),
            "ht": draw.choice(["40.00", "99.99", "100.00", "700.00"]),
            "payee_le": draw.choice(["2024-02-29", "2024-03-01", "2024-06-30"]),
            **draw.choice([{}, {"justificatif": {"emetteur": "Cars"}}]),
        }
        for rank in range(draw.randrange(1, 4))
    ]
    records = {f"FAC-LIEN:{one['numero']}": answer(draw.choice(["oui", "non"])) for one in made if draw.random() < 0.7}
    solde = {"recue_le": "2024-07-10T10:00:00", "debut": "2024-03-01", "fin": "2024-06-30", "factures": made}
    return {"programme": "factures", "solde": solde, "appreciations": records}


def test_removing_a_datum_never_improves_an_answer(decide: Decide) -> None:
    draw, tried = random.Random(7), 0
    for _ in range(25):
        whole = _random_dossier(draw)
        before = decide(whole)
        had = before.payable.value if before.payable is not None else 0
        paths = [("solde", "debut"), ("solde", "fin"), ("solde", "factures")]
        paths += [("appreciations", name) for name in whole["appreciations"]]
        for rank, one in enumerate(invoices(whole)):
            paths += [("solde", "factures", rank, key) for key in one if key != "numero"]  # type: ignore[misc]
        for path in paths:
            after = decide(_without(whole, path))
            tried += 1
            accepted = after.verdict is Verdict.ACCEPT and not after.provisional
            assert not accepted or (before.verdict is Verdict.ACCEPT and not before.provisional), path
            assert (after.payable.value if after.payable is not None else 0) <= had, path
    assert tried > 300


def test_the_order_of_the_elements_changes_nothing(decide: Decide, four: Data) -> None:
    seen = set()
    for order in permutations(invoices(four)):
        request = decide({**four, "solde": {**four["solde"], "factures": list(order)}})
        assert request.payable is not None
        seen.add((str(request.payable.value), tuple(sorted(counted(request).items()))))
    assert len(seen) == 1


def test_a_dossier_cannot_say_what_an_element_is(programme: Programme, four: Data, tmp_path: Path) -> None:
    pack = _copy(tmp_path, "dossier.schema.json", '"additionalProperties": false,', '"$comment": "",')
    four["solde"]["factures"] = []
    four["solde"]["factures[*]"] = {"payee_le": "2024-01-01", "ht": "10.00"}
    other = open_programme(pack)
    request = decided(other, four).requests[0]
    assert {f.result for f in request.findings if f.rule == "FAC-PERIODE"} == {Result.NOT_APPLICABLE}


def test_a_loop_around_a_total_keeps_its_own_element(tmp_path: Path, four: Data) -> None:
    """The rules that set elements aside use a variable that the loop around them uses too."""
    pack = _copy(
        tmp_path,
        "regles/factures.yaml",
        "    condition: remboursement >= 20.00\n",
        "    condition: tous(p dans demande.factures, p.ht < somme(f dans demande.factures, f.ht) + p.ht)\n",
    )
    text = (pack / "regles" / "factures.yaml").read_text("utf-8")
    twice = "nombre(p dans demande.factures, p.numero = f.numero) = 1 et f.payee_le entre"
    (pack / "regles" / "factures.yaml").write_text(text.replace("condition: f.payee_le entre", f"condition: {twice}"))
    request = decided(open_programme(pack), four).requests[0]
    assert [f.result for f in request.findings if f.rule == "MINIMUM"] == [Result.SATISFIED]


# --- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "said"), [(None, "`numero` manque"), ("F-1", "« F-1 » est déjà le `numero`")])
def test_an_element_without_a_key_of_its_own_is_a_fault_of_the_dossier(
    programme: Programme, four: Data, key: str | None, said: str
) -> None:
    invoices(four)[1]["numero"] = key
    if key is None:
        del invoices(four)[1]["numero"]
    with pytest.raises(InvalidDossier) as raised:
        programme.read(json.dumps(four, indent=1).encode())
    (fault,) = raised.value.diagnostics
    assert said in fault.message
    assert fault.span is not None
    assert fault.span.line > 10


# --- what is said -----------------------------------------------------------------------------------------------------


def test_the_text_says_what_is_set_aside_and_why(programme: Programme, four: Data) -> None:
    text = programme.to_text(decided(programme, four))
    assert "Écarté, sans effet sur le reste de la demande" in text
    assert "× Facture F-2 : payée le 29 février 2024" in text
    assert "Facture F-2, montant admis" in text
    assert "écarté" in text.split("Facture F-2, montant admis")[1].splitlines()[0]


def test_the_json_follows_its_schema_and_names_the_element(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["check", "--rules", str(PACK), "--au", "2024-07-31", "--format", "ndjson", "--trace", str(FOUR)]
    assert run_code(asked) == 0
    found = json.loads(capsys.readouterr().out)
    schema = json.loads((shipped_data.shipped("schemas") / "decision.schema.json").read_text("utf-8"))
    del found["dossier"]
    Draft202012Validator(schema).validate(found)
    request = found["demandes"]["solde"]
    aside = [one["element"]["cle"] for one in request["constats"] if one["consequence"] == "ecarter"]
    assert aside == ["F-2", "F-4"]
    assert {one["cle"]: one["ecarte"] for one in request["elements"]} == {
        "F-1": False,
        "F-2": True,
        "F-3": False,
        "F-4": True,
    }
    (line,) = [t for t in request["trace"] if t["regle"] == "FAC-PERIODE" and t.get("element") == "Facture F-2"]
    assert line["tests"][-1]["expression"] == "f.payee_le entre solde.debut et solde.fin"


def test_a_finding_is_shown_at_the_line_of_its_element(capsys: pytest.CaptureFixture[str]) -> None:
    run_code(["check", "--rules", str(PACK), "--au", "2024-07-31", "--format", "github", str(FOUR)])
    (told,) = [line for line in capsys.readouterr().out.splitlines() if "FAC-PERIODE" in line]
    assert "line=10," in told


def test_the_checklist_says_for_each(programme: Programme) -> None:
    titles = [item.title for section in programme.checklist("", "solde", DAY) for item in section.items]
    assert "Justificatif de paiement, pour chaque facture" in titles


def test_a_limit_is_to_be_shown_by_the_rule_that_has_it_and_by_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    run_code(["coverage", str(PACK)])
    lacking: dict[str, list[str]] = {}
    for line in capsys.readouterr().out.splitlines():
        if line.startswith("    ✗ "):
            lacking[list(lacking)[-1]].append(line.strip(" ✗"))
        elif line.startswith("  ") and "factures.yaml" in line:
            lacking[line.split()[0]] = []
    assert "FAC-PERIODE" not in lacking
    # what sets invoices aside is not to be shown again by their sum, nor what all rules about an invoice share
    assert lacking["REMBOURSEMENT"] == ["manquant"]
    assert lacking["FAC-LIEN"] == ["satisfait", "manquant"]


def test_every_trial_and_mutant_of_a_rule_about_each_element_is_readable(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_code(["test", str(PACK)]) == 0
    capsys.readouterr()
    run_code(["mutate", str(PACK), "--format", "json"])
    said = capsys.readouterr().out
    (found,) = json.loads(said)["paquets"]
    assert "[*]" not in said
    assert found["comptes"] > 50
    alive = [one["mutant"] for one in found["survivants"]]
    assert not [name for name in alive if name.startswith(("FAC-PERIODE/comparaison", "FAC-ADMIS/calcul"))]
    assert [one["mutant"] for one in found["invalides"]] == ["REMBOURSEMENT/regle-retiree/regle/1"]


# --- slips ------------------------------------------------------------------------------------------------------------


def _copy(pack: Path, file: str, written: str, slip: str) -> Path:
    for path in PACK.rglob("*.*"):
        name = path.relative_to(PACK).as_posix()
        text = path.read_text("utf-8")
        if name == file:
            assert written in text, written
            text = text.replace(written, slip)
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        (pack / name).write_text(text, "utf-8")
    return pack


MANIFEST: Final = "programme.yaml"
RULES: Final = "regles/factures.yaml"
PERIOD: Final = "f.payee_le entre demande.debut et demande.fin"
SLIPS: Final = [
    (MANIFEST, "solde.factures: {", "solde.facture: {", "PAQ-CHAMP", "`solde.facture` n'est pas un champ"),
    (MANIFEST, "cle: numero", "cle: justificatif", "PAQ-CHAMP", "`justificatif` n'est pas un texte"),
    (MANIFEST, "listes:\n  solde.factures: {titre: Facture, cle: numero}\n", "", "PAQ-CHAMP", "une liste que"),
    (RULES, "f dans demande.factures", "demande.factures", "PAQ-VALEUR", "`pour_chaque` nomme un élément"),
    (RULES, "condition: f.payee_le", "condition: f.paye_le", "EXP-NOM", "champ inconnu : `f.paye_le`"),
    (RULES, PERIOD, "g.payee_le > demande.debut", "EXP-NOM", "g.payee_le"),
    (RULES, "condition: remboursement >=", "condition: admis >=", "PAQ-ORDRE", "pour chaque élément de"),
    (RULES, "nom: admis", "nom: ht", "PAQ-NOM", "`ht` est déjà un champ"),
    (RULES, "si_faux: {consequence: rejeter", "si_faux: {consequence: ecarter", "PAQ-CAUSE", "`ecarter` écarte"),
    (RULES, PERIOD, "f.admis <= remboursement", "PAQ-CYCLE", "circulaire"),
    (RULES, PERIOD, "f.admis est present", "EXP-TYPE", "sa présence n'a pas de sens"),
    (RULES, "montant: min(f.ht", "quand: f.ht > 0\n    montant: min(f.ht", "PAQ-CLE-INCONNUE", "n'a pas de `quand`"),
    (RULES, "montant: min(f.ht", "montant: min(somme(g dans demande.factures, g.admis)", "PAQ-CYCLE", "admis → admis"),
    (
        RULES,
        "condition: remboursement >=",
        'condition: reponse("FAC-LIEN") = "oui" et remboursement >=',
        "PAQ-ORDRE",
        "une réponse pour chaque élément",
    ),
]


@pytest.mark.parametrize(("file", "written", "slip", "code", "said"), SLIPS)
def test_a_slip_is_told_at_its_line(tmp_path: Path, file: str, written: str, slip: str, code: str, said: str) -> None:
    with pytest.raises(InvalidPack) as raised:
        open_programme(_copy(tmp_path, file, written, slip))
    found = [d for d in raised.value.diagnostics if d.code == code]
    assert found, [(d.code, d.message) for d in raised.value.diagnostics]
    assert said in found[0].message, found[0].message
    assert found[0].span is not None


def test_ecarter_is_a_consequence_like_the_others() -> None:
    assert [str(one) for one in Consequence] == ["rejeter", "completer", "signaler", "ecarter"]


# --- before there is a dossier, and around it -------------------------------------------------------------------------


def _answers(data: Data) -> Data:
    return {f"solde.{key}": value for key, value in data["solde"].items()}


def test_the_forecast_holds_what_is_then_decided(programme: Programme) -> None:
    draw, settled, reader = random.Random(11), 0, OutlookReader(programme.decider, "solde")
    for _ in range(40):
        data = _random_dossier(draw)
        data["appreciations"] = {}
        if draw.random() < 0.3:
            invoices(data)[0].pop(draw.choice(["ht", "payee_le", "nature"]), None)
        outlook = reader.read(_answers(data), DAY)
        request = decided(programme, data).requests[0]
        assert request.verdict in outlook.verdicts, data
        settled += len(outlook.verdicts) == 1
    assert settled == 40


def test_a_list_that_is_not_known_leaves_everything_open(programme: Programme, four: Data) -> None:
    answers = _answers(four)
    del answers["solde.factures"]
    outlook = OutlookReader(programme.decider, "solde").read(answers, DAY)
    assert outlook.open == ("solde.factures",)
    assert {Verdict.REJECT, Verdict.COMPLETE, Verdict.ACCEPT} <= set(outlook.verdicts)


def test_the_site_names_the_elements_and_writes_no_path_of_the_engine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sphinx")
    site = tmp_path / "site"
    assert run_code(["doc", str(PACK), "--output", str(site), "--sans-historique"]) == 0
    pages = {path.name: path.read_text("utf-8") for path in site.rglob("*.html")}
    assert not [name for name, page in pages.items() if "[*]" in page]
    assert "Pour chaque" in pages["FAC-PERIODE.html"]
    assert "écarter" in pages["FAC-PERIODE.html"]


def test_an_impact_compares_each_element(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    after = _copy(tmp_path / "apres", "parametres.yaml", '"300.00"', '"200.00"')
    run_code(["impact", str(PACK), str(after), str(FOUR.parent), "--au", "2024-07-31", "--format", "json"])
    ((requests),) = [one["demandes"] for one in json.loads(capsys.readouterr().out)["dossiers"]]
    assert list(requests) == ["solde"]


def test_an_editor_completes_the_names_of_elements() -> None:
    found = names(FolderSource(PACK), DAY).by_sort[Sort.FIELD]
    assert "f.justificatif.emetteur" in found
    assert not [name for name in found if "[*]" in name]
