"""The decision as JSON: plain types only, amounts as texts with their cents, instants in UTC."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from recevable.decision.model import Decision, Part
from recevable.language.calendar import Duration
from recevable.language.diagnostics import Diagnostic, Span
from recevable.report.json_format import decision_data, decision_line, diagnostic_data, dump, indented, line, plain

Decide = Callable[..., Decision]


def leaves(value: Any) -> Iterator[Any]:
    """Every value that is neither an object nor a list; every key."""
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)


def test_only_plain_types_and_no_float_ever(every: dict[str, Decision]) -> None:
    for name, decision in every.items():
        for leaf in leaves(decision_data(decision)):
            assert type(leaf) in (str, int, bool, type(None)), (name, leaf)


def test_what_is_printed_is_what_was_made(every: dict[str, Decision]) -> None:
    for name, decision in every.items():
        for indent in (True, False):
            text = dump(decision_data(decision), indent=indent)
            assert json.loads(text) == decision_data(decision), name
            assert ("\n" in text) is indent


def test_what_is_written_piece_by_piece_is_what_is_written_at_once(every: dict[str, Decision]) -> None:
    hostile = {"reference": "\x01 ##[group]::\x01\u200e\U0001f600", "title": "é\u202e##vso["}
    for decision in every.values():
        for one in (decision, replace(decision, **hostile)):
            assert decision_line(one) == line(decision_data(one))
            named = decision_line(one, "\x01::a##b")
            assert named == line({"dossier": "\x01::a##b", **decision_data(one)})
            assert indented(named) == dump({"dossier": "\x01::a##b", **decision_data(one)}, indent=True)


def test_a_part_without_findings_is_not_written(every: dict[str, Decision]) -> None:
    decision = next(one for one in every.values() if one.requests)
    request = decision.requests[0]
    (first, second), nothing = request.findings[:2], Part.of((), notable=True)
    parts = (nothing, Part.of((first,), notable=False), nothing, Part.of((second,), notable=True), nothing)
    for given in (parts, (nothing,), (nothing, nothing), ()):
        one = replace(decision, requests=(replace(request, parts=given),))
        told = json.loads(decision_line(one))["demandes"][request.label]["constats"]
        assert len(told) == (2 if given is parts else 0)


def test_findings_with_the_same_identity_are_never_mistaken_for_each_other(every: dict[str, Decision]) -> None:
    decision = next(one for one in every.values() if one.requests)
    request = decision.requests[0]
    for rank in range(300):
        # made and forgotten: the next ones may have their addresses
        findings = tuple(replace(one, title=f"{rank} {one.title}") for one in request.findings[:3])
        one = replace(decision, requests=(replace(request, parts=(Part.of(findings, notable=rank % 2 == 0),)),))
        told = json.loads(decision_line(one))["demandes"][request.label]["constats"]
        assert [each["titre"] for each in told] == [finding.title for finding in findings]


def test_every_amount_has_its_cents(every: dict[str, Decision]) -> None:
    seen = 0
    for name, decision in every.items():
        for found in objects(decision_data(decision)):
            if found.get("type") == "montant" and found.get("valeur") is not None:
                seen += 1
                assert re.fullmatch(r"-?\d+\.\d{2,}", found["valeur"]), (name, found)
    assert seen > 500


def test_every_key_is_ascii_and_every_result_is_one_of_the_five(every: dict[str, Decision]) -> None:
    results = {"satisfait", "non_satisfait", "manquant", "sans_objet", "a_apprecier"}
    for decision in every.values():
        for found in objects(decision_data(decision)):
            assert all(key.isascii() for key in found)
            if "resultat" in found:
                assert found["resultat"] in results


def test_the_totals_of_a_request_count_its_findings(every: dict[str, Decision]) -> None:
    for name, decision in every.items():
        for request in decision_data(decision)["demandes"].values():
            assert sum(request["bilan"].values()) == len(request["constats"]), name


def test_a_trace_is_there_only_when_asked_for(decide_small: Decide) -> None:
    plainly, traced = (decision_data(decide_small("revente", trace=trace)) for trace in (False, True))
    assert "trace" not in plainly["demandes"]["prime"]
    (line,) = [line for line in traced["demandes"]["prime"]["trace"] if line["regle"] == "MAJORITE"]
    assert line == {
        "regle": "MAJORITE",
        "cause": "faux",
        "issue": "satisfait",
        "tests": [
            {
                "expression": "beneficiaire.majeur = vrai",
                "valeur": True,
                "lu": [{"nom": "beneficiaire.majeur", "titre": "Majeur", "type": "booleen", "valeur": True}],
            }
        ],
    }


@pytest.mark.parametrize(("value", "data"), [
    (None, None), (True, True), (3, 3), ("é", "é"), (Decimal("8000.00"), "8000.00"), (Decimal("1E+3"), "1000"),
    (Decimal("0.1000"), "0.1000"), (date(2023, 6, 30), "2023-06-30"),
    (datetime(2023, 7, 26, 12, tzinfo=UTC), "2023-07-26T12:00:00Z"),
    (datetime(2023, 7, 26, 14, 0, 0, 500, tzinfo=timezone(timedelta(hours=2))), "2023-07-26T12:00:00.000500Z"),
    (Duration(14, 3, 5), {"mois": 14, "jours": 3, "secondes": 5}),
    ([Decimal("1.00"), {"le": date(2023, 6, 30)}], ["1.00", {"le": "2023-06-30"}]),
    ((1, 2), [1, 2]),
])  # fmt: skip
def test_a_value_of_the_language_becomes_plain(value: object, data: object) -> None:
    assert plain(value) == data
    assert type(plain(value)) is type(data)


def test_a_diagnostic_keeps_its_place_and_its_help() -> None:
    assert diagnostic_data(Diagnostic("C", "m", Span("f", 2, 3), "h")) == {
        "code": "C", "gravite": "erreur", "fichier": "f", "ligne": 2, "colonne": 3, "message": "m", "aide": "h",
    }  # fmt: skip
    assert diagnostic_data(Diagnostic("C", "m"))["ligne"] is None
