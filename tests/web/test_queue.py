"""The queue: in the order of deadlines, filtered, a page after a key, reserved, and never a dossier of another."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.conftest import DAY, PROGRAMME, People, fixture
from tests.web.test_completions import signed

from recevable import Verdict as Proposed
from recevable_web.actions import acts, bulk, dossiers, preferences, reservations, selection
from recevable_web.actions.refused import Refused
from recevable_web.actions.selection import Selection
from recevable_web.pages.common import PAGE
from recevable_web.records.models import (
    NO_DEADLINE,
    UNKNOWN_DEADLINE,
    Account,
    Clock,
    Deadline,
    Dossier,
    DossierVersion,
    Event,
    QueueRequest,
    Reservation,
    Role,
    State,
    Verdict,
)

pytestmark = pytest.mark.both_databases

KNOWN = "solde-cinq-defauts"
# The most queries that a page makes, whatever it shows.
QUERIES = 8


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> Iterator[None]:
    today(DAY)
    cache.clear()
    yield
    cache.clear()


def browser(account: Account) -> Client:
    client = Client(SERVER_NAME="guichet.example", headers={"X-Forwarded-Proto": "https"})
    client.force_login(account)
    return client


def get(account: Account, address: str = "/") -> str:
    found = browser(account).get(address, secure=True)
    assert found.status_code == 200, found.status_code
    return found.content.decode()


def post(account: Account, address: str, **form: Any) -> str:
    found = browser(account).post(address, form, secure=True, follow=True)
    assert found.status_code == 200, found.status_code
    return found.content.decode()


def received(actor: Account, name: str = KNOWN, **changes: Any) -> Dossier:
    loaded = json.loads(fixture(name))
    loaded.update(changes)
    return dossiers.receive(actor, PROGRAMME, json.dumps(loaded).encode(), name)


def made(reference: str, deadline: date = NO_DEADLINE, **more: Any) -> Dossier:
    """A row of the queue, without the versions that stand behind a real one."""
    clock = Clock.NONE if deadline == NO_DEADLINE else Clock.UNKNOWN if deadline == UNKNOWN_DEADLINE else Clock.RUNS
    fields = {"programme": PROGRAMME, "state": State.TO_INSTRUCT, "clock": clock, **more}
    return Dossier.objects.create(reference=reference, deadline=deadline, **fields)


def listed(account: Account, address: str = "/") -> list[str]:
    return re.findall(r'<th scope="row"><a href="/dossiers/\d+">([^<]+)</a>', get(account, address))


# --- the row ----------------------------------------------------------------------------------------------------------


def test_a_dossier_that_comes_in_says_who_applies_what_is_proposed_and_when_silence_decides(
    instructor: Account,
) -> None:
    found = Dossier.objects.get(pk=received(instructor).pk)
    assert (found.applicant, found.siret) == ("Centre hospitalier de Val-Exemple", "99991101900019")
    assert (found.deadline, found.clock) == (date(2023, 9, 18), Clock.RUNS)
    (one,) = found.queue_requests.filter(open=True)
    assert (one.name, one.verdict, one.provisional) == ("solde", "completer", False)


def test_asking_to_complete_suspends_until_the_day_that_was_given_and_an_answer_resumes(
    instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    dossier = received(instructor)
    assert dossier.versions.count() == 1
    signed(validator, acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE))
    found = Dossier.objects.get(pk=dossier.pk)
    # two months from 18 July end on 18 September; thirty days and the day of the request do not count
    assert (found.clock, found.deadline, found.resumes) == (Clock.SUSPENDED, date(2023, 10, 19), date(2023, 10, 5))
    assert found.state == State.TO_COMPLETE
    words = "19 octobre 2023 au plus tard ; délai suspendu jusqu&#x27;au 4 octobre 2023 inclus"
    assert words in get(instructor, "/?onglet=en-attente")
    # nobody answers: the delay runs again by itself, and nothing else happens
    today(date(2023, 10, 5))
    page = get(instructor, "/?onglet=en-attente")
    assert "19 octobre 2023" in page
    assert "suspendu" not in page
    today(date(2023, 9, 14))
    answered(instructor, found)
    again = Dossier.objects.get(pk=dossier.pk)
    assert (again.clock, again.deadline, again.resumes) == (Clock.RUNS, date(2023, 9, 28), None)
    assert again.state == State.TO_INSTRUCT
    assert "À instruire (complément reçu le 14 septembre 2023)" in get(instructor)


def answered(actor: Account, dossier: Dossier) -> DossierVersion:
    """The applicant answers something about the balance."""
    loaded = json.loads(fixture(KNOWN))
    loaded["solde"].setdefault("pieces", {})["capture_test"] = {"environnement": "production", "reussi": True}
    return dossiers.supplement(actor, dossier, dossier.version, json.dumps(loaded).encode(), KNOWN)


def test_an_answered_request_has_no_deadline_and_is_open_no_more(instructor: Account, validator: Account) -> None:
    dossier = received(instructor)
    draft = acts.prepare(
        instructor, dossier, dossier.version, "solde", Verdict.REJECT, reason="Pièce fausse.", source="AF §7"
    )
    acts.sign(validator, draft)
    found = Dossier.objects.get(pk=dossier.pk)
    assert (found.clock, found.deadline, found.state) == (Clock.NONE, NO_DEADLINE, State.DECIDED)
    assert not found.queue_requests.filter(open=True).exists()


def test_a_dossier_whose_reception_is_not_known_comes_first(instructor: Account) -> None:
    loaded = json.loads(fixture(KNOWN))
    del loaded["solde"]["recue_le"]
    unknown = received(instructor, solde=loaded["solde"], reference="sans-reception")
    received(instructor)
    found = Dossier.objects.get(pk=unknown.pk)
    assert (found.clock, found.deadline) == (Clock.UNKNOWN, UNKNOWN_DEADLINE)
    assert listed(instructor) == ["sans-reception", json.loads(fixture(KNOWN)).get("reference", KNOWN)]
    assert "Réception non consignée" in get(instructor)


def test_a_new_fact_of_the_agency_is_on_the_row_at_once(instructor: Account) -> None:
    dossier = received(instructor)
    facts = {"solde": {"decision": {"sens": "rejetee", "le": "2023-08-30T10:00:00+02:00"}}}
    dossiers.with_facts(instructor, dossier, dossier.version, facts, "constat")
    found = Dossier.objects.get(pk=dossier.pk)
    assert found.clock == Clock.NONE
    assert not found.queue_requests.filter(open=True).exists()


# --- order, pages, tabs -----------------------------------------------------------------------------------------------


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([NO_DEADLINE, UNKNOWN_DEADLINE, *(DAY + timedelta(days) for days in range(5))]),
            st.sampled_from([State.TO_INSTRUCT, State.RECEIVED]),
            st.sampled_from([PROGRAMME, "prime-velo", "autre"]),
        ),
        max_size=25,
    ),
    st.integers(1, 6),
)
def test_pages_one_after_the_other_are_the_whole_in_the_order_of_deadlines(
    database: str, instructor: Account, many: list[tuple[date, State, str]], size: int
) -> None:
    Dossier.objects.all().delete()
    for rank, (deadline, state, programme) in enumerate(many):
        made(f"d{rank}", deadline, state=state, programme=programme)
    readable = {PROGRAMME, "prime-velo"}
    wanted = Dossier.objects.filter(programme__in=readable).order_by("deadline", "pk")
    seen: list[int] = []
    after: selection.Key | None = None
    while True:
        found, total, _ = selection.page(instructor, readable, Selection(), after, size)
        assert total == len(wanted) or not found
        seen += [one.pk for one in found[:size]]
        if len(found) <= size:
            break
        after = (found[size - 1].deadline, found[size - 1].pk)
    assert seen == [one.pk for one in wanted]


def test_each_tab_shows_its_dossiers(people: People, instructor: Account) -> None:
    for state in State:
        made(f"loin-{state}", DAY + timedelta(90), state=state)
    made("proche", DAY + timedelta(30))
    made("passee", DAY - timedelta(1), state=State.TO_VALIDATE)
    made("decidee", DAY, state=State.DECIDED)
    made("indu", state=State.DECIDED, recovery=True)
    assert listed(instructor) == ["proche", "loin-recu", "loin-a_instruire"]
    assert listed(instructor, "/?onglet=a-valider") == ["passee", "loin-a_valider"]
    assert listed(instructor, "/?onglet=en-attente") == ["loin-a_completer"]
    assert listed(instructor, "/?onglet=recouvrement") == ["indu"]
    assert listed(instructor, "/?onglet=decides") == ["decidee", "loin-decide", "indu"]
    assert "3 septembre 2023 (dépassée)" in get(instructor, "/?onglet=a-valider")
    assert browser(instructor).get("/?onglet=rien", secure=True).status_code == 404


def test_the_last_thing_done_does_not_move_a_dossier(instructor: Account) -> None:
    first, second = made("premier", DAY), made("second", DAY + timedelta(1))
    reservations.reserve(instructor, second)
    Event.objects.create(dossier=second, account=instructor, kind="note", text="Relance.")
    assert listed(instructor) == ["premier", "second"]
    assert first.pk < second.pk


def test_what_i_did_last_is_mine_and_readable(people: People, instructor: Account) -> None:
    other = people("ivan", Role.INSTRUCTOR)
    mine, hidden = made("mien"), made("ailleurs", programme="autre")
    for rank in range(30):
        Event.objects.create(dossier=mine, account=instructor, kind="note", text=f"Acte {rank:02}")
    Event.objects.create(dossier=hidden, account=instructor, kind="note", text="Caché")
    Event.objects.create(dossier=mine, account=other, kind="note", text="D'un autre")
    page = get(instructor, "/?onglet=mes-actions")
    assert re.findall(r"Acte \d\d", page) == [f"Acte {rank:02}" for rank in range(29, 4, -1)]
    assert "Caché" not in page
    assert "D&#x27;un autre" not in page
    (following,) = re.findall(r'href="(\?onglet=mes-actions&amp;apres=\d+)"', page)
    assert re.findall(r"Acte \d\d", get(instructor, "/" + following.replace("&amp;", "&"))) == [
        f"Acte {rank:02}" for rank in range(4, -1, -1)
    ]


def test_a_tab_offers_the_states_that_it_shows(instructor: Account) -> None:
    def offered(address: str) -> set[str]:
        (form,) = re.findall(r'<select[^>]*name="etat".*?</select>', get(instructor, address), re.DOTALL)
        return set(re.findall(r'value="(\w+)"', form))

    assert offered("/") == {State.RECEIVED, State.TO_INSTRUCT}
    assert offered("/?onglet=decides") == {State.DECIDED}
    # what is asked stays shown
    assert State.DECIDED in offered("/?etat=decide")


def test_more_than_a_thousand_are_not_counted(instructor: Account) -> None:
    _fill(1001)
    assert "Plus de 1\u202f000 dossiers" in get(instructor)
    Dossier.objects.order_by("pk")[0].delete()
    assert "1\u202f000 dossiers" in get(instructor)
    assert "Plus de" not in get(instructor)


def test_fewer_are_counted_when_requests_are_filtered(instructor: Account) -> None:
    _fill(51)
    QueueRequest.objects.bulk_create(
        QueueRequest(dossier=one, name="solde", title="Solde", verdict="accepter", provisional=False, settled=False)
        for one in Dossier.objects.all()
    )
    assert "Plus de 50 dossiers" in get(instructor, "/?verdict=accepter")
    assert "51 dossiers" in get(instructor)
    QueueRequest.objects.order_by("pk")[0].delete()
    page = get(instructor, "/?demande=solde")
    assert "50 dossiers" in page
    assert "Plus de" not in page
    assert page.count('name="choisis"') == PAGE
    assert "51 dossiers" not in page


def _fill(count: int, programme: str = PROGRAMME) -> None:
    Dossier.objects.bulk_create(
        Dossier(
            programme=programme,
            reference=f"{programme}-{rank:05}",
            state=State.TO_INSTRUCT,
            deadline=DAY + timedelta(rank % 700),
            clock=Clock.RUNS,
            applicant=f"Opérateur {rank}",
        )
        for rank in range(count)
    )


@pytest.mark.thorough
@pytest.mark.parametrize("address", ["/", "/?onglet=echeances", "/?verdict=completer&demande=solde&avant=2023-12-31"])
def test_a_page_makes_as_many_queries_for_ten_dossiers_as_for_ten_thousand(instructor: Account, address: str) -> None:
    received(instructor)
    _fill(10)
    few = _queries(instructor, address)
    _fill(10_000 if address == "/" else 500, "prime-velo")
    Dossier.objects.update(programme=PROGRAMME)
    assert _queries(instructor, address) == few
    assert few <= QUERIES


def _queries(account: Account, address: str) -> int:
    client = browser(account)
    client.get(address, secure=True)
    cache.clear()
    with CaptureQueriesContext(connection) as found:
        assert client.get(address, secure=True).status_code == 200
    return len(found)


# --- filters ----------------------------------------------------------------------------------------------------------


def test_filters_hold_together(people: People, instructor: Account) -> None:
    other = people("ivan", Role.INSTRUCTOR)
    asked_rows = [
        ("a", "solde", Proposed.ACCEPT, False),
        ("b", "solde", Proposed.REJECT, True),
        ("c", "avance", Proposed.ACCEPT, True),
    ]
    for rank, (reference, name, verdict, provisional) in enumerate(asked_rows):
        one = made(reference, DAY + timedelta(rank), instructor=[instructor, other, None][rank])
        QueueRequest.objects.create(
            dossier=one, name=name, title=name, verdict=str(verdict), provisional=provisional, settled=False
        )
    closed = QueueRequest.objects.create(
        dossier=Dossier.objects.get(reference="c"), name="solde", title="x", verdict="accepter", provisional=False,
        settled=False, open=False,
    )  # fmt: skip
    assert not closed.open
    wanted = {
        "demande=solde": ["a", "b"],
        "verdict=accepter": ["a", "c"],
        "demande=solde&verdict=accepter": ["a"],
        "provisoire=oui": ["b", "c"],
        "provisoire=non": ["a"],
        "instructeur=moi": ["a"],
        "instructeur=personne": ["c"],
        f"instructeur={other.pk}": ["b"],
        f"avant={DAY + timedelta(1)}": ["a", "b"],
        f"programme={PROGRAMME}": ["a", "b", "c"],
        "programme=prime-velo": [],
        "etat=recu": [],
        "etat=a_instruire&provisoire=oui&verdict=rejeter": ["b"],
    }
    assert {query: listed(instructor, f"/?{query}") for query in wanted} == wanted


@pytest.mark.parametrize(
    "query",
    [
        "verdict=x", "etat=x", "provisoire=peut-etre", "instructeur=1%20OR%201=1", "instructeur=99999999999999999999",
        "avant=2023-02-30", "avant=demain", "apres=x", "apres=2023-01-01.x", "apres=99999-01-01.1",
        "verdict=%27%3B%20DROP%20TABLE%20records_dossier%3B--", "demande=%27%20OR%20%271%27=%271",
    ],
)  # fmt: skip
def test_a_filter_that_is_none_breaks_nothing_and_leaks_nothing(instructor: Account, query: str) -> None:
    made("caché", programme="autre")
    page = get(instructor, f"/?{query}")
    assert "caché" not in page


@pytest.mark.parametrize("written", ["2023-09-05", "20230905", "2023-W36-2"])
@pytest.mark.parametrize("tab", ["a-instruire", "echeances"])
def test_a_day_is_the_same_however_python_reads_it(instructor: Account, written: str, tab: str) -> None:
    """A database compares texts or refuses them: only one way of writing a day reaches it."""
    for reference, ends in (("dedans", DAY), ("dehors", DAY + timedelta(9))):
        one = made(reference, ends)
        Deadline.objects.create(dossier=one, programme=PROGRAMME, kind="decision", title="x", day=ends, stands=True)
    page = get(instructor, f"/?onglet={tab}&avant={written}")
    assert "dedans" in page
    assert "dehors" not in page
    assert 'value="2023-09-05"' in page


def test_filters_are_kept_by_name_for_oneself(people: People, instructor: Account) -> None:
    other = people("ivan", Role.INSTRUCTOR)
    page = post(instructor, "/file/filtres", nom="  Mes   soldes ", onglet="echeances", demande="solde")
    assert "Le filtre est enregistré." in page
    assert 'href="?onglet=echeances&amp;demande=solde">Mes soldes</a>' in page
    assert "Mes soldes" not in get(other)
    assert "Donnez à ce filtre un nom" in post(instructor, "/file/filtres", nom=" ")
    assert "Le filtre est supprimé." in post(instructor, "/file/filtres", supprimer="Mes soldes")
    assert "n&#x27;existe plus" in post(instructor, "/file/filtres", supprimer="Mes soldes")
    assert "Mes soldes" not in get(instructor)


def test_a_name_of_a_filter_is_never_markup(instructor: Account) -> None:
    page = post(instructor, "/file/filtres", nom="<script>alert(1)</script>")
    assert "<script>alert" not in page


def test_no_more_filters_are_kept_than_a_person_can_read(instructor: Account) -> None:
    for rank in range(preferences.MOST_FILTERS):
        preferences.save_filter(instructor, f"f{rank}", {})
    with pytest.raises(Refused, match="supprimez-en un"):
        preferences.save_filter(instructor, "un de plus", {})
    preferences.save_filter(instructor, "f0", {"verdict": "rejeter"})


def test_columns_are_chosen_and_kept(people: People, instructor: Account) -> None:
    made("a", DAY, siret="73282932000074")
    assert "73282932000074" not in get(instructor)
    post(instructor, "/file/colonnes", colonne=["siret", "echeance"])
    page = get(instructor)
    assert "<td>73282932000074</td><td>4 septembre 2023</td>" in page
    assert "Gardez au moins une colonne." in post(instructor, "/file/colonnes")
    assert "n&#x27;existe pas" in post(instructor, "/file/colonnes", colonne=["secret"])


# --- reservations -----------------------------------------------------------------------------------------------------


def test_who_works_on_a_dossier_is_seen_by_all_until_it_expires(people: People, instructor: Account) -> None:
    other = people("ivan", Role.INSTRUCTOR)
    dossier = received(instructor)
    assert "il vous est réservé" in post(instructor, f"/dossiers/{dossier.pk}/instruire")
    found = reservations.of(dossier)
    assert found is not None
    since = timezone.localtime(found.since)
    hour = f"{since.hour}\u00a0h\u00a0{since:%M}"
    assert f"Ines depuis {hour}" in get(other)
    with pytest.raises(Refused, match=f"Ines instruit ce dossier depuis {hour}.") as refused:
        acts.prepare(other, dossier, dossier.version, "solde", Verdict.COMPLETE)
    assert refused.value.code == "RESERVE"
    Reservation.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert "Ines depuis" not in get(other)
    assert reservations.of(dossier) is None
    acts.prepare(other, dossier, dossier.version, "solde", Verdict.COMPLETE)
    assert Reservation.objects.get().account == other


def test_an_act_keeps_the_dossier_longer_and_takes_a_free_one(instructor: Account) -> None:
    dossier = received(instructor)
    reservations.reserve(instructor, dossier)
    since = timezone.now() - timedelta(minutes=20)
    Reservation.objects.update(since=since, until=since + reservations.LASTS)
    acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE)
    found = Reservation.objects.get()
    assert found.since == since
    assert found.until > timezone.now() + reservations.LASTS - timedelta(minutes=1)


def test_a_dossier_is_taken_over_with_a_reason_that_the_timeline_tells(people: People, instructor: Account) -> None:
    other = people("ivan", Role.INSTRUCTOR)
    dossier = received(instructor)
    reservations.reserve(instructor, dossier)
    with pytest.raises(Refused, match="Dites pourquoi"):
        reservations.take_over(other, dossier, "  ")
    with pytest.raises(Refused, match="Seule cette personne"):
        reservations.release(other, dossier)
    assert "Vous avez repris ce dossier" in post(other, f"/dossiers/{dossier.pk}/instruire", motif="Ines est absente.")
    assert Reservation.objects.get().account == other
    assert Event.objects.filter(kind="reprise", text="Dossier repris à Ines : Ines est absente.").exists()
    assert "Le dossier est libre." in post(other, f"/dossiers/{dossier.pk}/liberer")
    assert "déjà libre" in post(other, f"/dossiers/{dossier.pk}/liberer")


def test_the_person_who_signs_is_not_held_back(instructor: Account, validator: Account) -> None:
    dossier = received(instructor)
    draft = acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.COMPLETE)
    assert acts.sign(validator, draft).rank


def test_a_dossier_is_assigned_to_an_instructor_of_its_programme(
    people: People, instructor: Account, validator: Account
) -> None:
    foreign = people("loin", Role.INSTRUCTOR, programme="prime-velo")
    dossier = received(instructor)
    assert "affecté à Ines" in post(validator, f"/dossiers/{dossier.pk}/affecter", a=instructor.pk)
    assert "déjà affecté à Ines" in post(validator, f"/dossiers/{dossier.pk}/affecter", a=instructor.pk)
    assert "Choisissez à qui" in post(validator, f"/dossiers/{dossier.pk}/affecter", a=foreign.pk)
    with pytest.raises(Refused, match="n'est pas instructeur"):
        reservations.assign(validator, dossier, foreign)
    assert listed(instructor, "/?instructeur=moi") == [dossier.reference]
    assert "affecté à personne" in post(validator, f"/dossiers/{dossier.pk}/affecter", a="personne")


@pytest.mark.parametrize("role", [Role.VALIDATOR, Role.CONTROLLER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_only_instructors_take_dossiers(people: People, instructor: Account, role: Role) -> None:
    dossier = received(instructor)
    other = people("autre", role)
    for act in (reservations.reserve, reservations.release):
        with pytest.raises(Refused, match="Il faut être instructeur"):
            act(other, dossier)
    with pytest.raises(Refused, match="Il faut être instructeur"):
        reservations.take_over(other, dossier, "x")
    if role != Role.VALIDATOR:
        with pytest.raises(Refused, match="Il faut être"):
            reservations.assign(other, dossier, instructor)


# --- many at once -----------------------------------------------------------------------------------------------------


def test_a_bulk_action_tells_each_outcome_and_one_refusal_stops_nothing(people: People, instructor: Account) -> None:
    other = people("ivan", Role.INSTRUCTOR)
    ready, taken, stale = (received(instructor, reference=name) for name in ("pret", "pris", "vieux"))
    foreign = made("étranger", programme="autre")
    reservations.reserve(other, taken)
    chosen = [f"{ready.pk}:{ready.version}", f"{taken.pk}:{taken.version}", f"{stale.pk}:{stale.version + 7}",
              f"{foreign.pk}:1", "999999:1", "x:y"]  # fmt: skip
    page = post(instructor, "/file/lot", operation="preparer", choisis=chosen)
    assert "1 action faite, 5 refusées." in page
    assert "solde : « Demander un complément » est préparé" in page
    assert "Ivan instruit ce dossier" in page
    assert "a changé depuis que vous l&#x27;avez ouvert" in page
    assert "étranger" not in page
    assert [one.state for one in Dossier.objects.filter(reference__in=["pret", "pris", "vieux"]).order_by("pk")] == [
        State.TO_VALIDATE, State.TO_INSTRUCT, State.TO_INSTRUCT,
    ]  # fmt: skip


def test_the_outcomes_are_read_again_without_doing_anything_again(people: People, instructor: Account) -> None:
    dossier, client = received(instructor), browser(instructor)
    form = {"operation": "preparer", "choisis": [f"{dossier.pk}:{dossier.version}"]}
    assert client.post("/file/lot", form, secure=True)["Location"] == "/file/lot/resultats"
    pages = [client.get("/file/lot/resultats", secure=True).content.decode() for _ in range(2)]
    assert all("1 action faite, 0 refusée." in page for page in pages)
    assert dossier.drafts.count() == 1
    assert "Aucune action groupée" in get(people("ivan", Role.INSTRUCTOR), "/file/lot/resultats")


def test_what_was_proposed_when_the_list_was_shown_is_what_is_prepared(
    instructor: Account, today: Callable[[date], None]
) -> None:
    dossier = received(instructor)
    QueueRequest.objects.filter(dossier=dossier).update(verdict="accepter")
    (outcome,) = bulk.run(instructor, [(dossier.pk, dossier.version)], bulk.Operation.PREPARE)
    assert (outcome.done, "a changé" in outcome.message) == (False, True)


def test_nothing_is_prepared_where_nothing_waits(instructor: Account) -> None:
    one = made("vide")
    (outcome,) = bulk.run(instructor, [(one.pk, one.version)], bulk.Operation.PREPARE)
    assert not outcome.done
    assert "n'attend de décision" in outcome.message


def test_a_whole_filter_is_taken_up_to_a_limit_and_nothing_beyond(instructor: Account) -> None:
    _fill(30)
    page = post(instructor, "/file/lot", operation="reserver", tout="oui", avant=str(DAY + timedelta(9)))
    assert "10 actions faites, 0 refusée." in page
    assert Reservation.objects.count() == 10
    _fill(80, "prime-velo")
    Dossier.objects.update(programme=PROGRAMME)
    assert "Choisissez au plus 100 dossiers" in post(instructor, "/file/lot", operation="liberer", tout="oui")
    assert Reservation.objects.count() == 10


def test_a_bulk_action_needs_dossiers_and_something_to_do(instructor: Account) -> None:
    assert "Cochez au moins un dossier." in post(instructor, "/file/lot", operation="reserver")
    assert "Choisissez ce qu&#x27;il faut faire" in post(instructor, "/file/lot", operation="signer", choisis="1:1")
    assert "Choisissez à qui affecter" in post(instructor, "/file/lot", operation="affecter", choisis="1:1")


def test_a_fault_of_the_service_on_one_dossier_leaves_the_others(
    instructor: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = made("un"), made("deux")
    kept = reservations.reserve

    def broken(actor: Account, dossier: Dossier) -> Reservation:
        if dossier.pk == first.pk:
            raise RuntimeError("panne")
        return kept(actor, dossier)

    monkeypatch.setattr(reservations, "reserve", broken)
    found = bulk.run(instructor, [(first.pk, 1), (second.pk, 1)], bulk.Operation.RESERVE)
    assert [one.done for one in found] == [False, True]
    assert "rien n'a été fait" in found[0].message
    assert "panne" not in found[0].message
    assert "un" not in [record.getMessage() for record in caplog.records]


# --- rights -----------------------------------------------------------------------------------------------------------


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sets(st.sampled_from(["un", "deux", "trois"])),
    st.lists(st.tuples(st.sampled_from(["un", "deux", "trois"]), st.sampled_from(list(State))), max_size=8),
    st.sampled_from(sorted(selection.TABS)),
    st.sampled_from(["", "un", "deux"]),
)
def test_no_list_count_or_bulk_action_shows_the_dossier_of_another_programme(
    database: str, mine: set[str], many: list[tuple[str, State]], tab: str, programme: str
) -> None:
    with transaction.atomic():
        account = Account.objects.create_account("personne@essai.example", "Personne")
        for name in mine:
            account.grants.create(role=Role.INSTRUCTOR, programme=name, starts=date(2020, 1, 1), granted_by=None)
        for rank, (name, state) in enumerate(many):
            one = made(f"{name}-{rank}", DAY, state=state, programme=name, recovery=True)
            kind = "courrier_a_envoyer" if tab == "courriers" else "decision_implicite"
            if state in selection.OPEN or tab == "courriers":
                Deadline.objects.create(dossier=one, programme=name, kind=kind, title="x", day=DAY, stands=True)
        allowed = {f"{name}-{rank}" for rank, (name, _) in enumerate(many) if name in mine}
        asked = Selection(tab, programme=programme)
        found, total, _ = selection.page(account, mine, asked, None, 50)
        assert {one.reference for one in found} <= allowed
        assert total == len(found)
        assert {pk for pk, _ in selection.keys(account, mine, asked, 50)} == {one.pk for one in found}
        assert set(listed(account, f"/?onglet={tab}&programme={programme}")) == {one.reference for one in found}
        everything = [(one.pk, one.version) for one in Dossier.objects.all()]
        if everything:
            outcomes = bulk.run(account, everything, bulk.Operation.RESERVE)
            assert sum(one.done for one in outcomes) == len(allowed)
            assert set(Reservation.objects.values_list("dossier__reference", flat=True)) == allowed
        transaction.set_rollback(True)


def test_postgresql_plans_the_queue_and_a_dossier_once_but_not_what_filters_ask(
    database: str, instructor: Account
) -> None:
    dossier = received(instructor)
    client = browser(instructor)
    for _ in range(2):
        for address in ("/", "/?verdict=completer", f"/dossiers/{dossier.pk}"):
            assert dossier.reference in client.get(address, secure=True).content.decode(), address
    if database == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            planned = [statement for (statement,) in cursor.fetchall()]
        assert len([one for one in planned if "WITH page AS" in one]) == 1
        assert len([one for one in planned if "v.sha256" in one]) == 1
        assert not [one for one in planned if "q.verdict =" in one]
