"""Every legal deadline as a date: on the dossier, and in one list, the first day first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.conftest import DAY, PROGRAMME, People
from tests.web.test_completions import signed
from tests.web.test_dossier import read
from tests.web.test_pages import browser, get
from tests.web.test_queue import made
from tests.web.test_spine import received, version_of

from recevable_web.actions import acts, appraisals, deadline_list, dossiers
from recevable_web.actions.selection import Key, Selection
from recevable_web.records.models import UNKNOWN_DEADLINE, Account, Deadline, Dossier, Role, State, Verdict

TAB = "/?onglet=echeances"
QUERIES = 8


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> Iterator[None]:
    today(DAY)
    cache.clear()
    yield
    cache.clear()


def kinds(dossier: Dossier) -> dict[str, date]:
    """The delays of a dossier, letters apart."""
    kept = Deadline.objects.filter(dossier=dossier, letter=None)
    return {one.kind: one.day for one in kept.order_by("-day")}


def due(reference: str, day: date, **more: Any) -> Deadline:
    of = {name: more.pop(name) for name in ("state", "programme", "instructor") if name in more}
    dossier = made(reference, **of)
    fields = {"kind": "complement", "title": "Délai", "programme": dossier.programme, **more}
    return Deadline.objects.create(dossier=dossier, day=day, **fields)


def listed(account: Account, address: str = TAB) -> list[str]:
    found = get(browser(account), address)
    assert found.status_code == 200
    return re.findall(r'<th scope="row"><a href="/dossiers/\d+">([^<]+)</a>', found.content.decode())


# --- what is counted --------------------------------------------------------------------------------------------------


def test_each_event_starts_its_delays_and_what_answers_stops_them(
    instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    dossier = received(instructor, "solde-capture-absente")
    silence = kinds(dossier)["decision_implicite"]
    assert list(kinds(dossier)) == ["decision_implicite"]
    signed(validator, acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE))
    assert kinds(dossier) == {"decision_implicite": silence + timedelta(days=31), "complement": date(2023, 10, 4)}
    one = Deadline.objects.get(kind="decision_implicite")
    assert (one.resumes, one.stands, one.to_confirm) == (date(2023, 10, 5), True, True)
    assert "L231-4" in one.source
    loaded = dossiers.composed(dossiers.latest(dossier))
    loaded["solde"]["pieces"]["capture_test"] = {
        "environnement": "production", "reussi": True, "realise_le": "2023-06-12",
    }  # fmt: skip
    dossiers.supplement(instructor, dossier, version_of(dossier), json.dumps(loaded).encode(), "reponse")
    assert kinds(dossier) == {"decision_implicite": silence}
    acts.sign(validator, acts.prepare(instructor, dossier, version_of(dossier), "solde", Verdict.ACCEPT))
    found = Deadline.objects.filter(dossier=dossier, letter=None)
    assert {one.kind for one in found} == {"retrait", "controle"}
    assert sorted(one.day for one in found if one.kind == "controle") == [date(2025, 6, 30), date(2025, 9, 28)]
    page = read(browser(instructor), f"/dossiers/{dossier.pk}")
    assert "jusqu'au 30 juin 2025 inclus" in page
    assert "jusqu'au 28 septembre 2025 à 14 h 00" in page.replace("\u00a0", " ")


def test_an_appraisal_expires(instructor: Account) -> None:
    dossier = received(instructor, "avance-meme-siren")
    (question, *_) = appraisals.open_questions(dossier)
    end = DAY + timedelta(days=10)
    appraisals.record(instructor, dossier, dossier.version, question.rule, question.answers[0], "Vérifié.", end)
    assert kinds(dossier)["appreciation"] == end
    page = read(browser(instructor), f"/dossiers/{dossier.pk}")
    assert f"L'appréciation rendue expire ({question.title}) : jusqu'au 14 septembre 2023 inclus" in page


def test_what_has_not_changed_is_not_written_again(instructor: Account, today: Callable[[date], None]) -> None:
    dossier = received(instructor)
    before = Deadline.objects.get()
    today(DAY + timedelta(days=1))
    dossiers.evaluate(dossiers.latest(dossier), DAY + timedelta(days=1))
    assert Deadline.objects.get().pk == before.pk


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_comes_soon_and_what_has_passed_and_stands(people: People, instructor: Account) -> None:
    due("inconnue", UNKNOWN_DEADLINE, stands=True)
    due("passee", DAY - timedelta(1), stands=True, title="Le silence vaut rejet")
    due("finie", DAY - timedelta(1))
    due("ce-jour", DAY, to_confirm=True)
    due("suspendue", DAY + timedelta(20), stands=True, resumes=DAY + timedelta(10), state=State.TO_COMPLETE)
    due("trente", DAY + timedelta(30), instructor=instructor)
    due("loin", DAY + timedelta(31), stands=True)
    due("ailleurs", DAY, programme="autre")
    wanted = ["inconnue", "passee", "ce-jour", "suspendue", "trente"]
    assert listed(instructor) == wanted
    assert listed(instructor, f"{TAB}&instructeur=moi") == ["trente"]
    assert listed(instructor, f"{TAB}&etat=a_completer") == ["suspendue"]
    assert listed(instructor, f"{TAB}&avant={DAY}") == ["inconnue", "passee", "ce-jour"]
    page = read(browser(instructor), TAB)
    assert "5 échéances, au plus tôt d'abord" in page
    assert "Le silence vaut rejet" in page
    assert "Dépassé depuis le 3 septembre 2023" in page
    assert "Jusqu'au 4 septembre 2023 inclus" in page
    assert "Suspendu jusqu'au 13 septembre 2023 inclus, puis au plus tard jusqu'au 24 septembre 2023 inclus" in page
    assert "À confirmer" in page
    assert "dans 3 jours" not in page
    assert listed(people("aude", Role.AUDITOR)) == wanted


def test_a_day_that_the_calendar_does_not_reach_is_not_guessed(instructor: Account) -> None:
    one = due("loin", UNKNOWN_DEADLINE, counted=date(2032, 1, 5), stands=True)
    said = "au plus tôt le 5 janvier 2032 : le calendrier des jours fériés ne va pas jusque-là"
    assert said.capitalize() in read(browser(instructor), TAB)
    assert listed(instructor) == [one.dossier.reference]


@pytest.mark.parametrize("size", [1, 3])
def test_pages_one_after_the_other_are_the_whole(instructor: Account, size: int) -> None:
    for rank in range(8):
        due(f"d{rank}", DAY + timedelta(rank % 3), stands=bool(rank % 2), programme=["autre", PROGRAMME][rank % 5 > 0])
    programmes = {PROGRAMME, "autre"}
    wanted = [one.pk for one in Deadline.objects.order_by("day", "pk")]
    seen: list[int] = []
    after: Key | None = None
    while True:
        found, total = deadline_list.page(instructor, programmes, Selection("echeances"), after, size)
        assert total == len(wanted)
        seen += [one.pk for one in found[:size]]
        if len(found) <= size:
            break
        after = (found[size - 1].day, found[size - 1].pk)
    assert seen == wanted


def test_the_list_asks_as_many_questions_for_many_as_for_few(instructor: Account) -> None:
    def queries() -> int:
        client = browser(instructor)
        get(client, TAB)
        cache.clear()
        with CaptureQueriesContext(connection) as found:
            get(client, TAB)
        return len(found)

    due("un", DAY)
    few = queries()
    dossier = Dossier.objects.get()
    Deadline.objects.bulk_create(
        Deadline(dossier=dossier, programme=PROGRAMME, kind="complement", title="x", day=DAY) for _ in range(500)
    )
    assert queries() == few
    assert few <= QUERIES
