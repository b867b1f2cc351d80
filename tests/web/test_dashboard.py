"""The dashboard says what the rows say, of the team and of no person, and each chart is a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from tests.web.conftest import DAY, PROGRAMME, People
from tests.web.test_pages import browser, get, received
from tests.web.test_payments import accepted, signed

from recevable_web.actions import acts, dashboard, statistics
from recevable_web.pages.dashboard import bars
from recevable_web.records.models import Account, Clock, Dossier, Role, State, Verdict


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


@pytest.mark.usefixtures("database")
def test_each_open_dossier_is_in_one_stretch_of_the_backlog() -> None:
    offsets = (-400, -1, 0, 7, 8, 30, 31, 60, 61, 900)
    rows = [(Clock.RUNS, DAY + timedelta(days=days), State.TO_INSTRUCT) for days in offsets]
    rows += [(Clock.SUSPENDED, date.max, State.TO_COMPLETE), (Clock.UNKNOWN, date.min, State.RECEIVED)]
    rows += [(Clock.NONE, date.max, State.TO_VALIDATE), (Clock.RUNS, DAY - timedelta(days=9), State.DECIDED)]
    Dossier.objects.bulk_create(
        Dossier(programme=PROGRAMME, reference=f"R-{rank}", clock=clock, deadline=deadline, state=state)
        for rank, (clock, deadline, state) in enumerate(rows)
    )
    Dossier.objects.create(programme="autre", reference="x", clock=Clock.RUNS, deadline=DAY)
    found = dashboard.backlog(PROGRAMME, DAY)
    assert found == dashboard.Backlog(overdue=2, within=(2, 2, 2), later=2, suspended=1, unknown=1, none=1)


def test_sums_are_those_of_the_acts_and_of_the_payments(instructor: Account, validator: Account) -> None:
    dossier = accepted(instructor, validator)
    before = dashboard.euros(PROGRAMME, statistics.totals(PROGRAMME))
    assert (before.accepted, before.ordered, before.paid) == (800_000, 0, 0)
    signed(instructor, validator, dossier)
    after = dashboard.euros(PROGRAMME, statistics.totals(PROGRAMME))
    assert after == before._replace(ordered=800_000)
    assert dashboard.euros("autre", statistics.totals("autre")) == dashboard.Euros(0, 0, 0, 0, 0, 0, 0)


def test_the_page_holds_every_figure_as_text_and_names_nobody(
    people: People, instructor: Account, validator: Account
) -> None:
    accepted(instructor, validator)
    asked = received(instructor)
    acts.sign(validator, acts.prepare(instructor, asked, asked.version, "solde", Verdict.COMPLETE))
    received(instructor, "appreciation-consignee")
    client = browser(people("aude", Role.AUDITOR))
    get(client, "/tableau-de-bord")
    with CaptureQueriesContext(connection) as found:
        page = get(client, "/tableau-de-bord").content.decode()
    assert len(found.captured_queries) <= 8
    assert page.count("<svg") == page.count("</svg>") > 10
    assert "style=" not in page
    rows = dict(re.findall(r'<th scope="row">([^<]*)</th><td class="guichet-nombre">([^<]*)</td>', page))
    assert rows["Accepter"] == rows["Demander un complément"] == "1"
    assert rows["Accordés par des décisions signées"].replace("\u202f", " ").replace("\xa0", " ") == "8 000,00 €"
    assert instructor.name not in page
    assert validator.name not in page


def test_an_empty_programme_has_its_page(people: People) -> None:
    page = get(browser(people("aude", Role.AUDITOR)), "/tableau-de-bord").content.decode()
    assert "Aucune décision n'est encore signée." in page
    assert "Aucune pièce n'a manqué." in page


@given(st.lists(st.integers(0, 10**12)))
def test_a_bar_is_as_long_as_its_share_and_never_lost(values: list[int]) -> None:
    found = bars([("x", Decimal(value), str(value)) for value in values])
    assert [one.length for one in found if one.value == "0"] == [0] * values.count(0)
    assert all(1 <= one.length <= 100 for one in found if one.value != "0")
    longest = max(values, default=0)
    for value, one in zip(values, found, strict=True):
        assert longest == 0 or abs(one.length - value * 100 / longest) <= 1
