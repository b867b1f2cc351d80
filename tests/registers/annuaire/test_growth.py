"""Operators that depart from the whole are signalled, by a statistic that none of them can bend."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recevable.registers.annuaire.errors import EvidenceError
from recevable.registers.annuaire.growth import Growth, Snapshot, change, compare, snapshot
from recevable.registers.annuaire.growth_text import growth_data, growth_text

ORDINARY = {f"op{number}": (1000, 1000 + change) for number, change in enumerate((60, 70, 75, 80, 80, 85, 90, 100))}


def snapshots(pairs: dict[str, tuple[int, int]], applications: tuple[int, int] = (0, 0)) -> tuple[Snapshot, Snapshot]:
    figures = frozenset({"personnelles"} if applications == (0, 0) else {"applicatives", "personnelles"})
    return (
        Snapshot("a", None, figures, {n: boxes(old, applications[0]) for n, (old, _) in pairs.items()}),
        Snapshot("b", None, figures, {n: boxes(new, applications[1]) for n, (_, new) in pairs.items()}),
    )


def boxes(persons: int, applications: int = 0) -> dict[str, int]:
    return {"personnelles": persons, "applicatives": applications}


def compared(pairs: dict[str, tuple[int, int]], **options: Any) -> Growth:
    return compare(*snapshots(pairs), **options)


def signals(growth: Growth) -> dict[str, str | None]:
    return {one.operator: one.signal for one in growth.signals}


def test_the_whole_is_the_median_of_the_operators_and_their_median_distance_to_it() -> None:
    growth = compared(ORDINARY)
    assert growth.statistic is not None
    logarithms = [math.log(new / old) for old, new in ORDINARY.values()]
    common = statistics.median(logarithms)
    deviation = statistics.median(abs(one - common) for one in logarithms)
    assert float(growth.statistic.common) == pytest.approx(common)
    assert float(growth.statistic.deviation) == pytest.approx(deviation)
    assert float(growth.statistic.unit) == pytest.approx(max(0.01, 1.4826 * deviation))
    assert growth.statistic.operators == 8
    assert (growth.old_total, growth.new_total) == (8000, 8640)


def test_an_operator_that_departs_is_signalled_with_its_direction() -> None:
    growth = compared({**ORDINARY, "gonfle": (1000, 2000), "fond": (1000, 500)})
    assert signals(growth) == {"gonfle": "hausse", "fond": "baisse"}


def test_operators_that_grow_like_the_others_are_not_signalled() -> None:
    assert signals(compared(ORDINARY)) == {}


def test_the_largest_stakes_come_first() -> None:
    growth = compared({**ORDINARY, "petit": (100, 300), "grand": (10_000, 30_000), "neuf": (0, 5000)})
    assert [one.operator for one in growth.signals] == ["grand", "neuf", "petit"]


def test_one_enormous_operator_does_not_move_the_whole() -> None:
    with_giant = compared({**ORDINARY, "geant": (1_000_000, 9_000_000)}).statistic
    without = compared({**ORDINARY, "geant": (1_000_000, 1_080_000)}).statistic
    assert with_giant is not None
    assert without is not None
    assert abs(with_giant.common - without.common) < Decimal("0.005")


def test_a_few_boxes_are_never_signalled_whatever_their_growth() -> None:
    assert signals(compared({**ORDINARY, "minuscule": (2, 20)})) == {}
    assert signals(compared({**ORDINARY, "minuscule": (2, 33)})) == {"minuscule": "hausse"}
    assert signals(compared({**ORDINARY, "minuscule": (2, 20)}, smallest=15)) == {"minuscule": "hausse"}


def test_small_operators_do_not_take_part_in_the_whole() -> None:
    many = {**ORDINARY, **{f"petit{number}": (2, 4) for number in range(100)}}
    assert compared(many).statistic == compared(ORDINARY).statistic


def test_identical_growths_do_not_make_a_trifle_a_signal() -> None:
    same = {f"op{number}": (10_000, 10_800) for number in range(10)}
    assert signals(compared({**same, "presque": (10_000, 10_900)})) == {}
    assert signals(compared({**same, "loin": (10_000, 11_300)})) == {"loin": "hausse"}


def test_the_threshold_is_an_argument() -> None:
    pairs = {**ORDINARY, "un_peu": (1000, 1125)}
    assert signals(compared(pairs)) == {}
    assert signals(compared(pairs, threshold=Decimal(2))) == {"un_peu": "hausse"}


def test_operators_that_appear_or_vanish_are_told_apart() -> None:
    growth = compared({**ORDINARY, "neuf": (0, 30), "parti": (30, 0), "a_peine": (0, 29), "rien": (0, 0)})
    assert signals(growth) == {"neuf": "apparu", "parti": "disparu"}
    assert "rien" not in {one.operator for one in growth.operators}


def test_an_operator_on_one_side_only_counts_as_zero_on_the_other() -> None:
    old, new = snapshots(ORDINARY)
    fuller = Snapshot("b", None, new.figures, {**new.boxes, "neuf": boxes(50)})
    assert signals(compare(old, fuller)) == {"neuf": "apparu"}
    assert signals(compare(fuller, old)) == {"neuf": "disparu"}


def test_too_few_operators_give_no_statistic_rather_than_a_bad_one() -> None:
    growth = compared({"a": (100, 100), "b": (100, 100), "c": (100, 100), "d": (100, 900)})
    assert growth.statistic is None
    assert signals(growth) == {}
    assert "trop peu" in growth_text(growth)
    assert growth_data(growth)["statistique"] is None


def test_application_boxes_are_compared_only_when_both_extractions_list_them() -> None:
    pairs = {f"op{number}": (100, 100) for number in range(6)}
    both = compare(*snapshots(pairs, applications=(100, 300)))
    assert (both.left_out, both.old_total, both.new_total) == ((), 1200, 2400)
    old, new = snapshots(pairs, applications=(100, 300))
    one = compare(replace(old, figures=frozenset({"personnelles"})), new)
    assert (one.left_out, one.old_total, one.new_total) == (("applicatives",), 600, 600)
    assert "BAL applicatives ne sont pas comparées" in growth_text(one)
    assert growth_data(one)["applicatives_comparees"] is False


def test_boxes_of_a_further_type_are_compared_only_when_both_counts_have_them() -> None:
    figures = frozenset({"personnelles", "cabinets"})
    old = Snapshot("a", None, figures, {f"op{number}": {"personnelles": 100, "cabinets": 50} for number in range(6)})
    new = replace(old, source="b")
    both = compare(old, new)
    assert (both.old_total, both.new_total, both.left_out) == (900, 900, ("applicatives",))
    one = compare(old, replace(new, figures=frozenset({"personnelles"})))
    assert (one.old_total, one.new_total) == (600, 600)
    assert one.left_out == ("applicatives", "cabinets")
    assert "Les BAL du chiffre « cabinets » ne sont pas comparées" in growth_text(one)
    assert growth_data(one)["chiffres_compares"] == ["personnelles"]


sizes = st.integers(0, 5000)
worlds = st.dictionaries(st.integers(0, 60).map("op{}".format), st.tuples(sizes, sizes), min_size=1, max_size=40)


@given(worlds)
def test_every_operator_is_where_the_documented_rule_puts_it(pairs: dict[str, tuple[int, int]]) -> None:
    growth = compared(pairs)
    by_name = {one.operator: one for one in growth.operators}
    assert set(by_name) == {name for name, pair in pairs.items() if pair != (0, 0)}
    logarithms = {name: math.log(new / old) for name, (old, new) in pairs.items() if old and new}
    reference = [logarithms[name] for name in logarithms if pairs[name][0] >= 30]
    assert (growth.statistic is None) == (len(reference) < 5)
    if growth.statistic is None:
        return
    common = statistics.median(reference)
    unit = max(0.01, 1.4826 * statistics.median([abs(one - common) for one in reference]))
    for name, logarithm in logarithms.items():
        gap = (logarithm - common) / unit
        stake = pairs[name][1] - pairs[name][0] * math.exp(common)
        assume(abs(abs(gap) - 3.5) > 1e-6)
        assume(abs(abs(stake) - 30) > 1e-6)
        signalled = abs(gap) > 3.5 and abs(stake) >= 30
        assert by_name[name].signal == (("hausse" if gap > 0 else "baisse") if signalled else None)


@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_the_operators_changes_nothing(pairs: dict[str, tuple[int, int]], chance: Any) -> None:
    names = list(pairs)
    chance.shuffle(names)
    assert compared(pairs) == compared({name: pairs[name] for name in names})


@given(worlds)
def test_half_of_the_operators_lie_within_the_interval_that_the_text_gives(pairs: dict[str, tuple[int, int]]) -> None:
    growth = compared(pairs)
    statistic = growth.statistic
    assume(statistic is not None)
    assert statistic is not None
    reference = [one.growth for one in growth.operators if one.growth is not None and one.old >= 30]
    within = [one for one in reference if abs(one - statistic.common) <= statistic.deviation + Decimal("1e-20")]
    assert len(within) * 2 >= len(reference)


def test_the_text_tells_the_whole_the_rule_and_each_signal() -> None:
    text = growth_text(compared({**ORDINARY, "gonfle": (1000, 2000)})).replace("\u202f", " ").replace("\u00a0", " ")
    assert "9 000 → 10 640 BAL attribuées (+18,2 %)" in text
    assert "La croissance commune est celle de l'opérateur médian : +8,0 %" in text
    assert "La moitié de ces opérateurs ont une croissance comprise entre +7,0 % et +9,0 %" in text
    assert "plus de 3,5 fois l'écart habituel" in text
    assert "gonfle : hausse, 1 000 → 2 000 BAL (+100,0 %)" in text
    assert "Un signal est une question à poser, pas une conclusion" in text


def test_the_data_hold_no_float() -> None:
    def floats(node: Any) -> bool:
        if isinstance(node, dict):
            return any(floats(child) for child in node.values())
        if isinstance(node, list):
            return any(floats(child) for child in node)
        return isinstance(node, float)

    data = growth_data(compared({**ORDINARY, "gonfle": (1000, 2000)}))
    assert not floats(data)
    assert data["croissance"] == "0.1822"
    assert [one for one in data["operateurs"] if one["signal"]] == [
        {
            "operateur": "gonfle",
            "ancien": 1000,
            "nouveau": 2000,
            "croissance": "1.0000",
            "ecart": "45.09",
            "attendu": 1080,
            "signal": "hausse",
        }
    ]


def test_extractions_given_in_the_wrong_order_are_refused() -> None:
    old, new = snapshots(ORDINARY)
    dated = [replace(one, generated=datetime(2025, 1 + n, 1, tzinfo=UTC)) for n, one in enumerate((old, new))]
    assert signals(compare(dated[0], dated[1])) == signals(compare(dated[0], dated[0])) == {}
    with pytest.raises(EvidenceError, match="plus ancienne"):
        compare(dated[1], dated[0])


def test_a_change_is_the_exponential_of_a_growth() -> None:
    assert change(Decimal(0)) == 0
    assert round(change(Decimal(2).ln()), 9) == 1


# From proofs.


BAL = {
    "applicatives": None,
    "organisationnelles": 2,
    "personnelles": 3,
    "types_inconnus": 9,
    "types_contradictoires": 9,
}


def proof(**changes: Any) -> dict[str, Any]:
    return {
        "portee": None,
        "applicatives_connues": False,
        "extraction": {"produite_le": "2025-02-28T16:00:00+01:00"},
        "operateurs": [
            {"identifiants": ["3a"], "bal": BAL},
            {"identifiants": ["1b", "3c"], "bal": {**BAL, "applicatives": 4}},
        ],
        **changes,
    }


def test_a_proof_gives_the_boxes_of_a_price_by_operator() -> None:
    always = {"organisationnelles": 2, "personnelles": 3}
    found = snapshot(proof(), "p")
    assert found.boxes == {"3a": {**always, "applicatives": 0}, "1b+3c": {**always, "applicatives": 4}}
    assert found.figures == {"organisationnelles", "personnelles"}
    assert snapshot(proof(applicatives_connues=True), "p").figures == {*always, "applicatives"}


@pytest.mark.parametrize("counted", [7, None])
def test_a_proof_gives_the_boxes_of_the_further_types_that_its_extraction_lists(counted: int | None) -> None:
    boxes = {**BAL, "cabinets": counted}
    operators = [{"identifiants": ["3a"], "bal": boxes}]
    found = snapshot(proof(operateurs=operators, autres_types={"CAB": "cabinets"}, bal={"attribuees": boxes}), "p")
    assert ("cabinets" in found.figures) is (counted is not None)
    assert found.boxes["3a"].get("cabinets") == counted


def test_a_proof_of_one_operator_cannot_be_compared() -> None:
    with pytest.raises(EvidenceError, match="ne compte qu'un opérateur"):
        snapshot(proof(portee=["3a"]), "p")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"portee": None},
        proof(operateurs=None),
        proof(operateurs=[{}]),
        proof(operateurs=[{"identifiants": [1], "bal": {}}]),
        proof(
            operateurs=[
                {"identifiants": ["3a"], "bal": {"applicatives": None, "organisationnelles": -9, "personnelles": 1}}
            ]
        ),
        proof(
            operateurs=[
                {"identifiants": ["3a"], "bal": {"applicatives": 1.5, "organisationnelles": 1, "personnelles": 1}}
            ]
        ),
        proof(operateurs=[{"identifiants": ["3a"], "bal": {**BAL, "personnelles": 10**400}}]),
        proof(autres_types={"CAB": "cabinets"}, bal={"attribuees": {"cabinets": 3}}),
        proof(autres_types={"CAB": "cabinets"}),
        proof(extraction={"produite_le": 5}),
        proof(extraction={"produite_le": "hier"}),
        proof(extraction={"produite_le": "2025-02-28T16:00:00"}),
        proof(extraction=[]),
    ],
)
def test_a_proof_that_is_not_whole_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError, match="incomplète ou a été modifiée"):
        snapshot(broken, "p")
