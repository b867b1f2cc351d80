"""Facts: every value of a dossier becomes a value of the language, exactly, and what is not there stays unknown."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recevable.dossier.facts import Extractor
from recevable.language.evaluate import Layout
from recevable.language.tree import FIELD
from recevable.language.types import AMOUNT, BOOLEAN, DATE, INSTANT, INTEGER, RATE, TEXT, Kind, Type

PARIS = ZoneInfo("Europe/Paris")
DETAIL = Type(Kind.OBJECT, fields={"recu": INSTANT})
LINE = Type(Kind.OBJECT, fields={"montant": AMOUNT, "le": DATE, "lu": BOOLEAN, "detail": DETAIL})
FIELDS = {
    "signe": BOOLEAN, "nom": TEXT, "nombre": INTEGER, "verse": AMOUNT, "taux": RATE, "jour": DATE, "recu": INSTANT,
    "lignes": Type(Kind.LIST, item=LINE), "noms": Type(Kind.LIST, item=TEXT), "jours": Type(Kind.LIST, item=DATE),
    "piece": Type(Kind.OBJECT, fields={"jour": DATE}), "piece.jour": DATE, "piece.note.texte": TEXT,
}  # fmt: skip
Facts = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def facts() -> Facts:
    """What the extractor makes of a dossier, by path."""
    layout = Layout(PARIS)
    fill = Extractor(FIELDS, layout)

    def read(data: dict[str, Any]) -> dict[str, Any]:
        slots = layout.empty()
        fill(data, slots)
        return {path: slots[layout.slot(FIELD, path)] for path in FIELDS}

    return read


@pytest.mark.parametrize(("path", "written", "value"), [
    ("signe", True, True), ("signe", False, False), ("nom", "", ""), ("nom", "Été", "Été"), ("nombre", 0, 0),
    ("verse", "8000.00", Decimal("8000.00")), ("verse", "-0.10", Decimal("-0.10")), ("taux", "0.20", Decimal("0.20")),
    ("taux", "1", Decimal(1)), ("jour", "2023-06-30", date(2023, 6, 30)),
    ("recu", "2023-07-26T14:00:00", datetime(2023, 7, 26, 12, tzinfo=UTC)),
    ("recu", "2023-01-26T14:00:00", datetime(2023, 1, 26, 13, tzinfo=UTC)),
    ("recu", "2023-07-26T14:00:00Z", datetime(2023, 7, 26, 14, tzinfo=UTC)),
    ("recu", "2023-07-26T14:00:00.250000+04:00", datetime(2023, 7, 26, 10, 0, 0, 250_000, tzinfo=UTC)),
    ("noms", ["a", "b"], ["a", "b"]), ("jours", ["2023-06-30"], [date(2023, 6, 30)]), ("lignes", [], []),
])  # fmt: skip
def test_a_value_is_converted_once_and_exactly(facts: Facts, path: str, written: object, value: object) -> None:
    found = facts({path: written})[path]
    assert found == value
    assert type(found) is type(value)
    if isinstance(found, Decimal):
        assert str(found) == written


def test_the_members_of_a_list_are_converted_too(facts: Facts) -> None:
    line = {"montant": "8.00", "le": "2023-05-04", "lu": True, "detail": {"recu": "2023-07-26T12:00:00Z"}}
    assert facts({"lignes": [line, {"montant": "9.00"}]})["lignes"] == [
        {
            "montant": Decimal("8.00"),
            "le": date(2023, 5, 4),
            "lu": True,
            "detail": {"recu": datetime(2023, 7, 26, 12, tzinfo=UTC)},
        },
        {"montant": Decimal("9.00")},
    ]


def test_what_is_absent_stays_unknown(facts: Facts) -> None:
    assert set(facts({}).values()) == {None}


def test_null_is_unknown(facts: Facts) -> None:
    assert set(facts(dict.fromkeys(["signe", "verse", "lignes", "piece"])).values()) == {None}


def test_a_false_or_empty_value_is_known(facts: Facts) -> None:
    found = facts({"signe": False, "nombre": 0, "nom": "", "lignes": []})
    assert [found[path] for path in ("signe", "nombre", "nom", "lignes")] == [False, 0, "", []]


def test_an_object_is_known_to_be_there_with_what_it_holds(facts: Facts) -> None:
    found = facts({"piece": {"jour": "2023-06-30", "note": {"texte": "vu"}}})
    assert found["piece"] is not None
    assert (found["piece.jour"], found["piece.note.texte"]) == (date(2023, 6, 30), "vu")


def test_an_empty_object_is_there_and_its_members_are_unknown(facts: Facts) -> None:
    found = facts({"piece": {}})
    assert found["piece"] == {}
    assert found["piece.jour"] is None


def test_the_dossier_itself_is_not_changed(facts: Facts) -> None:
    data = {"piece": {"jour": "2023-06-30"}, "lignes": [{"montant": "8.00"}]}
    facts(data)
    assert data == {"piece": {"jour": "2023-06-30"}, "lignes": [{"montant": "8.00"}]}


def test_an_extractor_that_travelled_takes_out_the_same(facts: Facts) -> None:
    layout = Layout(PARIS)
    travelled: Extractor = pickle.loads(pickle.dumps(Extractor(FIELDS, layout)))
    data = {"piece": {"jour": "2023-06-30"}, "lignes": [{"montant": "8.00"}]}
    slots = layout.empty()
    travelled(data, slots)
    assert {path: slots[layout.slot(FIELD, path)] for path in FIELDS} == facts(data)


def test_a_name_that_means_something_to_python_is_only_a_name() -> None:
    fields = dict.fromkeys(("class", "d", "s", "v1", "None", 'a"b', "a\\b", "return", "__import__"), TEXT)
    layout = Layout(PARIS)
    fill, slots = Extractor(fields, layout), [None] * len(fields)
    fill(dict.fromkeys(fields, "x"), slots)
    assert slots == ["x"] * len(fields)
