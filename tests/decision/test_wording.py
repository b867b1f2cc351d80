"""Values in a sentence: as an instructor writes them, and as French says that they are not known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recevable.decision.wording import duration, filled, rate, words
from recevable.language.calendar import Duration
from recevable.language.types import AMOUNT, BOOLEAN, DATE, DURATION, INSTANT, INTEGER, NUMBER, RATE, TEXT, Kind, Type

PARIS = ZoneInfo("Europe/Paris")


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "type_", "said"),
    [
        (True, BOOLEAN, "oui"),
        (False, BOOLEAN, "non"),
        (Decimal("1250.5"), AMOUNT, "1 250,50 €"),
        (Decimal("0.085"), RATE, "8,5 %"),
        (12345, INTEGER, "12 345"),
        ("dom", Type(Kind.TEXT, values=("dom",), labels={"dom": "Outre-mer"}), "Outre-mer"),
        (("dom", "x"), Type(Kind.LIST, item=Type(Kind.TEXT, labels={"dom": "Outre-mer"})), "Outre-mer et x"),
        (Decimal("-0.5"), NUMBER, "\N{MINUS SIGN}0,5"),
        (date(2023, 7, 1), DATE, "1er juillet 2023"),
        (datetime(2023, 7, 26, 12, 0, 1, tzinfo=UTC), INSTANT, "26 juillet 2023 à 14:00:01"),
        (Duration(months=14, days=1), DURATION, "1 an 2 mois 1 jour"),
        ([], Type(Kind.LIST), "0 élément"),
        ([1, 2], Type(Kind.LIST), "2 éléments"),
        ({}, Type(Kind.OBJECT), "fourni"),
        ("OPE-2023", TEXT, "OPE-2023"),
        (None, TEXT, "non renseigné"),
    ],
)
def test_a_value_is_written_as_people_write_it(value: Any, type_: Type, said: str) -> None:
    assert plain(words(value, type_, PARIS)) == said


@pytest.mark.parametrize(
    ("before", "type_", "said"),
    [
        ("réponse reçue le ", DATE, "réponse reçue à une date non renseignée."),
        ("n'a été demandé que le ", INSTANT, "n'a été demandé qu'à une date non renseignée."),
        ("après le ", DATE, "après une date non renseignée."),
        ("jusqu'au ", DATE, "jusqu'à une date non renseignée."),
        ("la décision du ", INSTANT, "la décision de date non renseignée."),
        ("elle est datée du ", DATE, "elle est de date non renseignée."),
        ("Le ", DATE, "À une date non renseignée."),
        ("dans le délai donné (", INSTANT, "dans le délai donné (date non renseignée."),
        ("date de l'ANS : ", DATE, "date de l'ANS : date non renseignée."),
        ("un écart de ", AMOUNT, "un écart d'un montant non renseigné."),
        ("ne peut dépasser ", AMOUNT, "ne peut dépasser un montant non renseigné."),
        ("au taux : ", RATE, "au taux : taux non renseigné."),
        ("sous ", DURATION, "sous une durée non renseignée."),
        ("il en compte ", INTEGER, "il en compte un nombre non renseigné."),
        ("le rapport est ", NUMBER, "le rapport est un nombre non renseigné."),
        ("le numéro ", TEXT, "le numéro non renseigné."),
    ],
)
def test_what_is_not_known_is_said_in_the_sentence(before: str, type_: Type, said: str) -> None:
    assert filled([before, "."], [(None, type_)], PARIS) == said


@pytest.mark.parametrize(
    ("value", "after", "said"),
    [
        (0, " jours de plus", "0 jour de plus"),
        (1, " jours", "1 jour"),
        (1, "\u00a0semaines", "1 semaine"),
        (2, " jours", "2 jours"),
        (1, " ans et plus", "1 an et plus"),
        (1, " mois", "1 mois"),
    ],
)
def test_a_unit_of_time_agrees_with_its_count(value: int, after: str, said: str) -> None:
    assert plain(filled(["", after], [(value, INTEGER)], PARIS)) == said


def test_a_duration_of_nothing_and_a_rate_are_words() -> None:
    assert duration(Duration()) == "0 jour"
    assert duration(Duration(months=24, days=15)) == "2 ans 15 jours"
    assert plain(rate(Decimal("0.2"))) == "20 %"
