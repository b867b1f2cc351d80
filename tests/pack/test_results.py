"""`resultat("REGLE")`: what one rule reads of another, which never gains by what is missing."""

from __future__ import annotations

import itertools
import json
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from recevable import open_programme
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.compiled import CompiledPack
from recevable.pack.loader import load
from recevable.programme import Programme

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder

READ = """\
regles:
  - id: LUE
    titre: Revenu modeste
    demandes: [aide]
    quand: demandeur.profil = "particulier"
    condition: demandeur.revenu <= 20000.00
    si_faux: {consequence: signaler, message: Revenu élevé.}
    source: x
  - id: PIECE
    titre: Facture
    demandes: [aide]
    quand: demandeur.majeur
    piece: aide.facture
    si_absente: {consequence: signaler, message: Pas de facture.}
    si_invalide:
      - {cause: illisible, si: aide.facture.lisible = faux, consequence: signaler, message: Facture illisible.}
      - {cause: chere, si: aide.facture.prix > 2000.00, consequence: signaler, message: Facture chère.}
    source: x
  - id: AVIS
    titre: Avis
    demandes: [aide]
    appreciation: Le dossier est-il sincère ?
    reponses:
      oui: {resultat: satisfait}
      non: {consequence: signaler, message: Non.}
    source: x
"""
RULES = ("LUE", "PIECE", "AVIS")
VALUES = ("satisfait", "non_satisfait", "sans_objet")


@pytest.fixture
def with_rules(pack: PackFolder) -> Any:
    def made(*more: str) -> Path:
        pack.write("regles/lecture.yaml", READ + "".join(more))
        return pack.root

    return made


def faults(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(DiagnosticError) as refused:
        CompiledPack(load(root)).verify()
    return [(d.code, d.message) for d in refused.value.diagnostics]


def rule(name: str, condition: str, requests: str = "[aide]") -> str:
    return (
        f"  - {{id: {name}, titre: x, demandes: {requests}, condition: '{condition}',\n"
        "     si_faux: {consequence: signaler, message: x}, source: x}\n"
    )


def every_dossier() -> list[dict[str, Any]]:
    """Every combination of what the rules that are read may find, missing data included."""
    profiles: list[dict[str, Any]] = [{}, {"profil": "particulier"}, {"profil": "association"}]
    incomes: list[dict[str, Any]] = [{}, {"revenu": "1.00"}, {"revenu": "90000.00"}]
    adults: list[dict[str, Any]] = [{}, {"majeur": True}, {"majeur": False}]
    legible: list[dict[str, Any]] = [{"lisible": True}, {"lisible": False}]
    bills: list[Any] = [None, {}, *legible, *(one | {"prix": "5.00"} for one in legible)]
    found = []
    for profile, income, adult, bill in itertools.product(profiles, incomes, adults, bills):
        request: dict[str, Any] = {"recue_le": "2023-06-01T10:00:00Z"}
        if bill is not None:
            request["facture"] = bill
        found.append({"programme": "aide-velo", "demandeur": profile | income | adult, "aide": request})
    return found


def decided(programme: Programme, dossier: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """The result and the cause of every finding, by rule."""
    read = programme.read(json.dumps(dossier).encode())
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in programme.decide(read, date(2023, 6, 2), ["aide"]).request("aide").findings:
        found.setdefault(finding.rule, []).append((str(finding.result), finding.cause))
    return found


def documented(findings: list[tuple[str, str]], *, absent: bool) -> str | None:
    """What `resultat` gives, from what the rule itself finds; None: unknown."""
    results = {result for result, _ in findings}
    if absent:
        return None
    if "non_satisfait" in results:
        return "non_satisfait"
    if results & {"manquant", "a_apprecier"}:
        return None
    return "satisfait" if "satisfait" in results else "sans_objet"


def outcome(value: str | None, wanted: str, gap: str) -> str:
    return gap if value is None else "satisfait" if value == wanted else "non_satisfait"


def test_a_result_is_read_as_the_rule_finds_it_and_unknown_while_it_lacks_something(with_rules: Any) -> None:
    """For every dossier and every value; both engines run on each, and must agree."""
    readers = [
        rule(f"{read}-{rank}", f'resultat("{read}") = "{value}"') for read in RULES for rank, value in enumerate(VALUES)
    ]
    programme = open_programme(with_rules(*readers), prepared=False)
    for dossier in every_dossier():
        found = decided(programme, dossier)
        bill = dossier["aide"].get("facture")
        for read in RULES:
            absent = read == "PIECE" and dossier["demandeur"].get("majeur") is True and bill is None
            value = documented(found[read], absent=absent)
            gap = "a_apprecier" if read == "AVIS" else "manquant"
            for rank, wanted in enumerate(VALUES):
                assert [result for result, _ in found[f"{read}-{rank}"]] == [outcome(value, wanted, gap)], dossier


def test_what_is_missing_never_improves_who_reads_a_result(with_rules: Any) -> None:
    """Any combination of results: a datum removed may only leave the answer, or make it unknown."""
    conditions = (
        'resultat("LUE") != "satisfait"',
        'non (resultat("PIECE") = "non_satisfait") et resultat("LUE") dans ["non_satisfait", "sans_objet"]',
        'si resultat("LUE") = "sans_objet" alors resultat("PIECE") = "satisfait" sinon en_regle',
        "non en_regle",
    )
    deduction = "  - {id: REGLE, titre: x, deduction: en_regle, source: x,\n"
    vaut = 'resultat("PIECE") != "sans_objet" et (resultat("INDIRECTE") = "satisfait" ou est_particulier)'
    deduction += f"     vaut: '{vaut}'}}\n"
    indirect = rule("INDIRECTE", 'est_particulier et resultat("LUE") != "non_satisfait"')
    readers = [rule(f"LIT-{rank}", condition) for rank, condition in enumerate(conditions)]
    programme = open_programme(with_rules(deduction, indirect, *readers), prepared=False)
    answers = {}
    for dossier in every_dossier():
        found = decided(programme, dossier)
        answers[json.dumps(dossier, sort_keys=True)] = [found[f"LIT-{rank}"][0][0] for rank in range(len(conditions))]
    seen = {answer for every in answers.values() for answer in every}
    assert seen == {"satisfait", "non_satisfait", "manquant"}
    for text, before in answers.items():
        for less in without_one(json.loads(text)):
            for one, other in zip(before, answers[json.dumps(less, sort_keys=True)], strict=True):
                assert other in (one, "manquant"), (text, less)


def without_one(dossier: dict[str, Any]) -> list[dict[str, Any]]:
    """The dossier without each of its data that `every_dossier` also leaves out, alone."""
    found = []
    for path in (("demandeur", "profil"), ("demandeur", "revenu"), ("demandeur", "majeur"), ("aide", "facture")):
        less = json.loads(json.dumps(dossier))
        if less[path[0]].pop(path[1], None) is not None:
            found.append(less)
    return found


def test_what_a_result_lacks_is_asked_for_where_it_is_read(with_rules: Any) -> None:
    root = with_rules(rule("LIT", 'resultat("PIECE") = "satisfait" et resultat("AVIS") = "satisfait"'))
    programme = open_programme(root, prepared=False)
    read = programme.read(json.dumps(every_dossier()[-6] | {"demandeur": {"majeur": True}}).encode())
    decision = programme.decide(read, date(2023, 6, 2), ["aide"]).request("aide")
    (finding,) = [one for one in decision.findings if one.rule == "LIT"]
    assert {datum.name for datum in finding.missing} == {"aide.facture", "reponse:AVIS"}


def test_a_result_is_told_in_words_and_in_messages(with_rules: Any) -> None:
    more = rule("LIT", 'resultat("LUE") = "satisfait"').replace("message: x", 'message: "Vu : {resultat(\\"LUE\\")}."')
    programme = open_programme(with_rules(more), prepared=False)
    assert programme.conditions("aide", "LIT") == (
        "Le résultat de la règle « Revenu modeste » est égal à « satisfait ».",
    )
    dossier = every_dossier()[-1] | {"demandeur": {"profil": "particulier", "revenu": "90000.00"}}
    read = programme.read(json.dumps(dossier).encode())
    decision = programme.decide(read, date(2023, 6, 2), ["aide"]).request("aide")
    assert "Vu : non satisfait." in [finding.message for finding in decision.findings]


@pytest.mark.parametrize(
    ("rules", "circle"),
    [
        ([rule("A", 'resultat("A") = "satisfait"')], "A → A"),
        ([rule("A", 'resultat("B") = "satisfait"'), rule("B", 'resultat("A") = "satisfait"')], "A → B → A"),
    ],
)
def test_a_result_cannot_depend_on_itself(with_rules: Any, rules: list[str], circle: str) -> None:
    assert ("PAQ-CYCLE", f"définition circulaire : {circle}") in faults(with_rules(*rules))


def test_a_result_and_a_name_cannot_depend_on_each_other(with_rules: Any) -> None:
    deduction = '  - {id: D, titre: x, deduction: nomme, vaut: \'resultat("A") = "satisfait"\', source: x}\n'
    assert [code for code, _ in faults(with_rules(rule("A", "nomme"), deduction))] == ["PAQ-CYCLE"]


FACTURES = Path(__file__).parents[1] / "second_programme" / "factures"
ELEMENT = """\
regles:
  - {id: LIT-PERIODE, titre: x, demandes: [solde], LOOP condition: 'resultat("FAC-PERIODE") = "satisfait"',
     si_faux: {consequence: signaler, message: x}, source: "Délibération, art. 1"}
"""


def test_the_result_about_an_element_is_read_about_the_same_element_only(tmp_path: Path) -> None:
    root = tmp_path / "factures"
    shutil.copytree(FACTURES, root)
    (root / "regles" / "lecture.yaml").write_text(ELEMENT.replace("LOOP", ""), "utf-8")
    assert [code for code, _ in faults(root)] == ["PAQ-ORDRE"]
    loop = "pour_chaque: g dans demande.factures,"
    (root / "regles" / "lecture.yaml").write_text(ELEMENT.replace("LOOP", loop), "utf-8")
    programme = open_programme(root, prepared=False)
    dossier = programme.read((FACTURES.parent / "dossiers-factures" / "quatre.json").read_bytes())
    found: dict[str, dict[str, str]] = {}
    for one in programme.decide(dossier, date(2024, 9, 1), ["solde"]).request("solde").findings:
        if one.element is not None:
            found.setdefault(one.rule, {})[one.element.key] = str(one.result)
    assert set(found["FAC-PERIODE"].values()) == {"satisfait", "non_satisfait"}
    # nothing is asked about an element that a rule sets aside: this one, or another
    assert found["LIT-PERIODE"] == {"F-1": "satisfait", "F-2": "sans_objet", "F-3": "satisfait", "F-4": "sans_objet"}


def test_only_a_rule_of_the_same_request_is_read(with_rules: Any) -> None:
    root = with_rules(rule("A", 'resultat("LUE") = "satisfait"', "[recouvrement]"))
    assert [code for code, _ in faults(root)] == ["PAQ-DEMANDE"]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ('resultat("LEU") = "satisfait"', "règle inconnue : `LEU`"),
        ('resultat("AID-PRIME") = "satisfait"', "la règle `AID-PRIME` n'a pas de résultat"),
        ('resultat("REC-CONTROLE") = "satisfait"', "la règle `REC-CONTROLE` n'a pas de résultat"),
        ('resultat("LUE") = "manquant"', '`"manquant"` n\'est pas une valeur possible de ce champ'),
    ],
)
def test_what_has_no_result_is_refused_by_a_sentence(with_rules: Any, condition: str, said: str) -> None:
    assert said in [message for _, message in faults(with_rules(rule("A", condition)))]


def test_results_read_from_each_other_without_end_are_refused(with_rules: Any) -> None:
    """Each reads the one before twice: the tests would double at each rule."""
    chain = [rule("R0", "demandeur.majeur")]
    for rank in range(1, 30):
        read = f'resultat("R{rank - 1}")'
        chain.append(rule(f"R{rank}", f'{read} = "satisfait" ou {read} = "sans_objet"'))
    assert {code for code, _ in faults(with_rules(*chain))} == {"PAQ-ORDRE"}
