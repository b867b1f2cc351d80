"""One cause is read once, with every rule that it stops."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.decision.conftest import Decide, Judge, amount, completing, condition, undue

from recevable.decision.model import Datum, Finding, Verdict
from recevable.decision.points import points
from recevable.language.types import AMOUNT
from recevable.pack.model import Result
from recevable.report.layout import Page
from recevable.report.text import render

PARIS: Final = ZoneInfo("Europe/Paris")
PROPOSES: Final = {"montant_propose": "prime"}
RECEIVED: Final = {"recue_le": "2023-06-01T12:00:00+02:00"}


def said(judge: Judge, rules: list[dict[str, Any]], **aide: Any) -> list[tuple[str, list[str]]]:
    """The points of a decision, each with its rules."""
    findings = [f for f in judge(rules, **aide).findings if f.result is not Result.SATISFIED]
    return [(point.message, [f.rule for f in point.findings]) for point in points(findings)]


def test_a_datum_that_several_rules_miss_is_one_point_that_names_them(judge: Judge) -> None:
    rules = [completing("UNE", "aide.bal = 1"), completing("DEUX", "aide.bal < 9")]
    assert said(judge, rules) == [("Donnée manquante : Aide › Boîtes (aide.bal).", ["UNE", "DEUX"])]


def test_each_datum_is_said_once_even_where_rules_share_only_some(judge: Judge) -> None:
    rules = [
        completing("UNE", "aide.bal = 1"),
        completing("DEUX", "aide.bal < 9 et aide.cout > 1.00 et aide.plafond > 1.00"),
    ]
    assert said(judge, rules) == [
        ("Donnée manquante : Aide › Boîtes (aide.bal).", ["UNE", "DEUX"]),
        ("Données manquantes : Aide › Coût (aide.cout), Aide › Plafond (aide.plafond).", ["DEUX"]),
    ]


def test_a_sentence_that_several_rules_say_is_one_point(judge: Judge) -> None:
    rules = [completing("UNE", "aide.bal = 1", "Trop."), completing("DEUX", "aide.bal = 2", "Trop."),
             completing("TROIS", "aide.bal = 3", "Autre.")]  # fmt: skip
    assert said(judge, rules, bal=4) == [("Trop.", ["UNE", "DEUX"]), ("Autre.", ["TROIS"])]


def test_the_same_sentence_with_another_consequence_is_another_point(judge: Judge) -> None:
    rules = [completing("UNE", "aide.bal = 1", "Faux."), condition("aide.bal = 2")]
    assert said(judge, rules, bal=4) == [("Faux.", ["UNE"]), ("Faux.", ["ESSAI"])]


def test_what_is_wrong_with_one_datum_for_two_rules_is_told_for_both(judge: Judge) -> None:
    rules = [completing("UNE", "aide.cout / aide.bal < 9.00"), completing("DEUX", "aide.plafond / aide.bal < 9.00")]
    ((message, names),) = said(judge, rules, bal=0, cout="1.00", plafond="1.00")
    assert names == ["UNE", "DEUX"]
    assert "dans `aide.cout / aide.bal` ; division par zéro, dans `aide.plafond / aide.bal`" in message


def test_the_repair_asks_for_a_datum_once_of_whoever_a_rule_names(judge: Judge) -> None:
    rules = [completing("UNE", "aide.bal = 1"), completing("DEUX", "aide.bal < 9", aupres_de="mairie")]
    (action,) = judge(rules).repair.actions
    assert (action.text, action.party) == ("Renseigner : Aide › Boîtes (aide.bal)", "mairie")
    assert action.rules == ("UNE", "DEUX")


def test_a_value_that_no_rule_gives_is_named_and_left_out_where_something_else_stands(judge: Judge) -> None:
    given = amount("part", "aide.cout") | {"quand": "aide.bal = 1"}
    reads = completing("LIRE", "part > 1.00")
    assert said(judge, [given, reads], bal=2, cout="5.00") == [
        ("Aucune règle ne donne « Montant part » dans ce cas.", ["LIRE"])
    ]
    rules = [given, reads, completing("AUTRE", "aide.bal = 1", "Une seule boîte.")]
    assert said(judge, rules, bal=2, cout="5.00") == [("Une seule boîte.", ["AUTRE"])]


# --- an amount that is not known --------------------------------------------------------------------------------------


def unknown_amounts(judge: Judge, rules: list[dict[str, Any]], **aide: Any) -> list[str]:
    decision = judge([*rules, amount("prime", "aide.cout * 2")], PROPOSES, **aide)
    assert decision.verdict is not Verdict.ACCEPT
    return [f.message for f in decision.findings if f.rule == "MON-PRIME"]


def test_an_amount_that_is_not_known_is_told_with_what_it_misses(judge: Judge) -> None:
    said = ["Montant non calculable. Donnée manquante : Aide › Coût (aide.cout)."]
    assert unknown_amounts(judge, [condition("aide.bal = 1")], bal=1) == said
    # another point that says nothing of it does not hide it
    assert unknown_amounts(judge, [completing("UNE", "aide.bal = 1")], bal=2) == said


def test_an_amount_that_is_not_known_is_silent_under_a_rejection(judge: Judge) -> None:
    assert unknown_amounts(judge, [condition("aide.bal = 1")], bal=2) == []


def test_an_amount_is_silent_when_another_rule_asks_for_what_it_misses(judge: Judge) -> None:
    for text in ("aide.cout > 1.00", "aide.cout est present", "connu"):
        known = {"id": "DED", "titre": "Connu", "deduction": "connu", "vaut": "aide.cout est present",
                 "exigences": ["REQ-1"], "source": "Texte §1"}  # fmt: skip
        assert unknown_amounts(judge, [known, completing("UNE", text), condition("aide.bal = 1")], bal=1) == [], text


def test_an_amount_misses_the_element_of_a_list_that_another_rule_asks_for(judge: Judge) -> None:
    total = amount("prime", "somme(f dans aide.factures, f.prix)")
    asks = completing("UNE", "tous(f dans aide.factures, f.prix est present)")
    decision = judge([asks, condition("aide.bal = 1"), total], PROPOSES, bal=1, factures=[{}, {"prix": "1.00"}])
    assert decision.verdict is Verdict.COMPLETE
    assert [f.rule for f in decision.findings if f.result is not Result.SATISFIED] == ["UNE"]


# --- what people read -------------------------------------------------------------------------------------------------


def test_the_report_says_one_cause_once_and_names_the_rules(decide: Decide) -> None:
    rules = [completing("UNE", "aide.bal = 1"), completing("DEUX", "aide.bal < 9"), condition("aide.cout > 1.00")]
    text = render(decide(rules, {**RECEIVED, "cout": "2.00"}), PARIS, Page())
    assert text.count("aide.bal") == 2  # the point and the repair
    assert "Texte §1 · UNE, DEUX" in text


def test_cases_of_recovery_ask_once_for_what_they_all_miss(decide: Decide) -> None:
    rules = [condition("aide.bal = 1")]
    for id_ in ("UN", "DEUX"):
        rules.append(undue(id_, "aide.cout > 1.00", "aide.cout", {"etape": "demander", "message": "À demander."}))
    text = render(decide(rules, {**RECEIVED, "bal": 1}), PARIS, Page())
    assert text.count("(aide.cout)") == 1
    assert text.count("Étape à déterminer : il manque une donnée, demandée plus bas.") == 2
    assert "Texte §1 · UN, DEUX" in text


class _Counted(str):
    """A name that counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        _Counted.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_many_missing_data_are_not_held_against_each_other() -> None:
    many = 2_000
    missing = tuple(Datum(_Counted(f"aide.devis[{rank}].prix"), "Prix", AMOUNT, None) for rank in range(many))
    (point,) = points([Finding("UNE", "Une", Result.MISSING, "Texte", (), missing=missing)])
    assert len(point.missing) == many
    assert _Counted.compared < 20 * many
