"""What is missing is named by the datum that somebody can give; a calculation that cannot be done says why."""

from __future__ import annotations

from typing import Any

import pytest
from tests.decision.conftest import Judge, completing, condition, deduction

from recevable.decision.model import Verdict
from recevable.decision.unknowns import missing_message


@pytest.mark.parametrize(("text", "factures", "missing"), [
    ("tous(f dans aide.factures, f.payee)", [{"payee": True}, {}, {"payee": True}], ["aide.factures[1].payee"]),
    ("certains(f dans aide.factures, f.payee)", [{}, {"payee": False}, {}],
     ["aide.factures[0].payee", "aide.factures[2].payee"]),
    ("nombre(f dans aide.factures, f.payee) > 1", [{"payee": True}, {}], ["aide.factures[1].payee"]),
    ("somme(f dans aide.factures, f.prix) > 1.00", [{}, {"prix": "2.00"}], ["aide.factures[0].prix"]),
    ("tous(f dans aide.factures, f.payee)", None, ["aide.factures"]),
    # with a filter, what it reads is asked for first; then only what it keeps
    ("somme(f dans aide.factures si f.payee, f.prix) > 1.00", [{"payee": False}, {}, {"payee": True}],
     ["aide.factures[1].payee"]),
    ("somme(f dans aide.factures si f.payee, f.prix) > 1.00", [{"payee": False}, {"payee": True}],
     ["aide.factures[1].prix"]),
    ("minimum(f dans aide.factures si f.payee, f.prix) > 1.00", [{"payee": True}, {"payee": False}],
     ["aide.factures[0].prix"]),
    ("premier(f dans aide.factures, f.prix) > 1.00", [{}, {}], ["aide.factures[0].prix"]),
    ("premier(f dans aide.factures si f.payee, f.prix) > 1.00", [{"payee": False}, {"payee": True}, {"payee": True}],
     ["aide.factures[1].prix"]),
    # a list in each element
    ("tous(f dans aide.factures, certains(a dans f.avenants, a.payee))",
     [{"avenants": [{"payee": True}]}, {"avenants": [{"payee": False}, {}]}], ["aide.factures[1].avenants[1].payee"]),
    ("tous(f dans aide.factures, certains(a dans f.avenants, a.payee))", [{"avenants": [{"payee": True}]}, {}],
     ["aide.factures[1].avenants"]),
    ("somme(f dans aide.factures, nombre(a dans f.avenants si a.payee, vrai)) > 1", [{"avenants": [{}]}],
     ["aide.factures[0].avenants[0].payee"]),
])  # fmt: skip
def test_in_a_list_what_is_missing_is_named_by_its_element(
    judge: Judge, text: str, factures: list[Any] | None, missing: list[str]
) -> None:
    given = {} if factures is None else {"factures": factures}
    (finding,) = judge([condition(text)], **given).findings
    assert [datum.name for datum in finding.missing] == missing
    for name in missing:
        assert f"({name})" in finding.message


@pytest.mark.parametrize(("inner", "outer", "missing"), [
    ("certains(f dans aide.devis, f.payee)", "deduit et f.payee",
     ["aide.devis[0].payee", "aide.factures[0].payee", "aide.factures[1].payee"]),
    # what the inner loop left known must not be taken for what the outer one lacks
    ("certains(f dans aide.devis, f.prix > 5.00)", "deduit et f.payee",
     ["aide.devis[0].prix", "aide.factures[0].payee", "aide.factures[1].payee"]),
    ("tous(f dans aide.factures, f.prix > 5.00)", "deduit et f.payee",
     ["aide.factures[0].prix", "aide.factures[0].payee", "aide.factures[1].prix", "aide.factures[1].payee"]),
    ("certains(f dans aide.devis, f.prix > 5.00)", "deduit et f.prix > 1.00 et f.payee",
     ["aide.devis[0].prix", "aide.factures[0].prix", "aide.factures[0].payee", "aide.factures[1].prix",
      "aide.factures[1].payee"]),
])  # fmt: skip
def test_a_deduction_inside_a_loop_may_loop_by_the_same_name(
    judge: Judge, inner: str, outer: str, missing: list[str]
) -> None:
    """The search comes back to its own element once it has gone through the other list."""
    rules = [deduction("deduit", inner), condition(f"tous(f dans aide.factures, {outer})")]
    (finding,) = judge(rules, factures=[{}, {}], devis=[{}, {"payee": False, "prix": "2.00"}]).findings
    assert sorted(datum.name for datum in finding.missing) == sorted(missing)


def test_an_unknown_element_does_not_hide_what_the_others_decide(judge: Judge) -> None:
    rule = condition("tous(f dans aide.factures, f.payee)")
    assert judge([rule], factures=[{}, {"payee": False}]).verdict is Verdict.REJECT
    rule = condition("certains(f dans aide.factures, f.payee)")
    assert judge([rule], factures=[{}, {"payee": True}]).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("name", ["minimum", "maximum", "moyenne", "premier"])
def test_a_list_without_an_element_has_no_such_value(judge: Judge, name: str) -> None:
    (finding,) = judge([condition(f"{name}(f dans aide.factures si f.payee, f.prix) > 1.00")], factures=[]).findings
    assert finding.message == (
        f"Calcul impossible : aucun élément, dans `{name}(f dans aide.factures si f.payee, f.prix)`. "
        "À faire vérifier au demandeur : Aide › Factures (aide.factures)."
    )


def test_people_read_the_list_of_an_element(judge: Judge) -> None:
    text = "tous(f dans aide.factures, tous(a dans f.avenants, a.payee))"
    (finding,) = judge([condition(text)], factures=[{"avenants": [{"payee": True}, {}]}]).findings
    assert finding.message == (
        "Donnée manquante : Payé, 2e élément de « Avenants » (1er élément de « Factures ») "
        "(aide.factures[0].avenants[1].payee)."
    )


def test_the_presence_of_a_part_of_a_list_of_an_element_is_known_by_its_place(judge: Judge) -> None:
    """A removal of that part is what the rule tests: it is not asked for."""
    rule = condition("tous(f dans aide.factures, certains(a dans f.avenants si a.payee est present, a.payee))")
    assert judge([rule], factures=[{"avenants": [{"payee": True}, {}]}]).verdict is Verdict.ACCEPT


def test_people_read_a_rank_that_counts_from_one(judge: Judge) -> None:
    (finding,) = judge([condition("tous(f dans aide.factures, f.payee)")], factures=[{"payee": True}, {}]).findings
    assert finding.message == "Donnée manquante : Payée, 2e élément de « Factures » (aide.factures[1].payee)."


def test_only_the_branch_that_is_taken_is_asked_for(judge: Judge) -> None:
    rule = condition("(si aide.bal = 1 alors aide.cout > 1.00 sinon aide.jour > 2023-01-01)")
    (finding,) = judge([rule], bal=1).findings
    assert [datum.name for datum in finding.missing] == ["aide.cout"]


def test_a_division_by_zero_says_so_and_names_the_divisor(judge: Judge) -> None:
    decision = judge([condition("aide.cout / aide.bal <= 10.00")], cout="100.00", bal=0)
    (finding,) = decision.findings
    assert decision.verdict is Verdict.COMPLETE
    assert finding.message == (
        "Calcul impossible : division par zéro, dans `aide.cout / aide.bal`. À faire vérifier au demandeur : "
        "Aide › Boîtes (aide.bal)."
    )
    assert [(datum.name, datum.value) for datum in finding.missing] == [("aide.bal", 0)]
    assert [action.text for action in decision.repair.actions] == ["Vérifier : Aide › Boîtes (aide.bal)"]
    assert [action.words for action in decision.repair.actions] == ["Vérifier : Aide › Boîtes"]


def test_a_divisor_that_is_missing_is_asked_for(judge: Judge) -> None:
    (finding,) = judge([condition("aide.cout / aide.bal <= 10.00")], cout="100.00").findings
    assert finding.message == "Donnée manquante : Aide › Boîtes (aide.bal)."


@pytest.mark.parametrize(("party", "asked"), [({}, "au demandeur"), ({"aupres_de": "agence"}, "à l'agence")])
def test_a_siren_that_no_siret_gives_is_told_with_the_siret_and_whom_to_ask(
    judge: Judge, party: dict[str, str], asked: str
) -> None:
    rule = {**condition('siren_de(aide.siret) = "732829320"'), **party}
    decision = judge([rule], siret="732 829 320 00075")
    (finding,) = decision.findings
    assert decision.verdict is Verdict.COMPLETE
    assert finding.message == (
        "Calcul impossible : « 732 829 320 00075 » n'est pas un SIRET valide, dans `siren_de(aide.siret)`. "
        f"À faire vérifier {asked} : Aide › SIRET (aide.siret)."
    )


def test_the_siret_of_an_element_is_told_with_its_element(judge: Judge) -> None:
    rule = condition('tous(f dans aide.factures, siren_de(f.siret) = "732829320")')
    (finding,) = judge([rule], factures=[{"siret": "732 829 320 00074"}, {"siret": "123"}]).findings
    assert "« 123 » n'est pas un SIRET valide" in finding.message
    assert [datum.name for datum in finding.missing] == ["aide.factures[1].siret"]


def test_a_date_outside_the_calendar_says_so(judge: Judge) -> None:
    (finding,) = judge([condition("aide.jour + jours(aide.bal) > 2023-01-01")], jour="2023-01-01", bal=9999999).findings
    assert finding.message.startswith("Calcul impossible : date hors du calendrier, dans `aide.jour + ")
    assert {datum.name for datum in finding.missing} == {"aide.jour", "aide.bal"}


def test_a_parameter_without_a_value_on_that_day_is_said_and_nobody_is_asked_for_it(judge: Judge) -> None:
    received = {"recue_le": "2019-06-01T12:00:00+02:00"}
    rules = [condition("aide.bal = limite"), completing("AUTRE", "aide.bal < limite")]
    decision = judge(rules, parameters={"limite": "reception"}, bal=1, **received)
    assert decision.verdict is Verdict.UNDECIDABLE
    assert {f.message for f in decision.findings} == {
        "La valeur de ce paramètre n'est pas connue à la date de référence : limite."
    }
    assert (decision.repair.actions, decision.repair.possible) == ((), False)
    assert decision.repair.obstacles == ("parametre:limite",)


def test_a_calculation_without_any_datum_says_that_it_is_the_rule_s(judge: Judge) -> None:
    (finding,) = judge([condition("1 / (2 - 2) < aide.bal")], bal=1).findings
    assert finding.message == (
        "Calcul impossible : division par zéro, dans `1 / (2 - 2)`. À vérifier : Calcul de la règle (1 / (2 - 2))."
    )


def test_what_misses_nothing_that_can_be_named_is_said_all_the_same() -> None:
    assert missing_message(()) == "Aucune règle ne donne cette valeur dans ce cas."
