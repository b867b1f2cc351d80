"""Rights given and taken back, accounts closed, sessions ended: who may, what is kept, what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from tests.web.conftest import DAY, PROGRAMME, People
from tests.web.test_pages import browser, get, post
from tests.web.test_spine import refused

import recevable
from recevable_web import packs
from recevable_web.actions import accounts, register, rights
from recevable_web.records.models import Access, Account, AccountEvent, Act, Grant, Publication, Role, Session
from recevable_web.records.sessions import IDLE, LONGEST, WAITING, digest

ELSEWHERE = "prime-velo"


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


@pytest.fixture
def administrator(people: People) -> Account:
    return people("adam", Role.ADMINISTRATOR)


def given(actor: Account, account: Account, role: Role = Role.INSTRUCTOR, **more: Any) -> Grant:
    wanted = {"programme": PROGRAMME, "starts": DAY, "ends": None, "reason": "Arrivée.", **more}
    return accounts.grant(actor, account, role, **wanted)


# --- rights -----------------------------------------------------------------------------------------------------------


def test_a_right_is_given_for_a_reason_and_sealed(people: People, administrator: Account) -> None:
    someone = people("ines")
    held = given(administrator, someone, ends=DAY + timedelta(days=30), reason="  Remplace \n Ivan.  ")
    assert (held.granted_by, held.reason) == (administrator, "Remplace Ivan.")
    assert rights.has(someone, PROGRAMME, Role.INSTRUCTOR)
    act = Act.objects.get()
    assert (act.kind, act.author, act.subject) == ("droit:accorde", administrator, f"compte {someone.pk}")
    content = json.loads(bytes(act.content.content))
    assert content["role"] == "instructeur"
    assert content["motif"] == "Remplace Ivan."
    assert recevable.ledger.verify(register.export()).faults == ()
    (event,) = AccountEvent.objects.filter(account=someone)
    assert (event.actor, event.programme) == (administrator, PROGRAMME)
    assert "du 4 septembre 2023 au 4 octobre 2023" in event.text


def test_what_is_no_right_is_refused(people: People, administrator: Account) -> None:
    someone = people("ines")
    with refused("SOI-MEME"):
        given(administrator, administrator, Role.AUDITOR)
    with refused("DROIT"):
        given(people("autre", Role.INSTRUCTOR), someone)
    with refused("DROIT"):
        given(people("ailleurs", Role.ADMINISTRATOR, programme=ELSEWHERE), someone)
    with refused("DROIT"):
        given(administrator, someone, programme=ELSEWHERE)
    with refused("ROLE"):
        given(administrator, someone, "directeur")  # type: ignore[arg-type]
    with refused("DEBUT"):
        given(administrator, someone, starts=DAY - timedelta(days=1))
    with refused("FIN"):
        given(administrator, someone, ends=DAY - timedelta(days=1))
    for reason in ("", " \n", "x" * 501):
        with refused("MOTIF"):
            given(administrator, someone, reason=reason)
    someone.is_active = False
    someone.save()
    with refused("FERME"):
        given(administrator, someone)
    assert not someone.grants.exists()
    assert not Act.objects.exists()


def test_nobody_gives_himself_a_right_even_past_the_action(administrator: Account) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(
            account=administrator, role=Role.AUDITOR, programme=PROGRAMME, starts=DAY, granted_by=administrator
        )


def test_a_programme_that_is_not_published_has_no_right(people: People) -> None:
    somewhere = people("adele", Role.ADMINISTRATOR, programme="inconnu")
    with refused("PROGRAMME"):
        given(somewhere, people("ines"), programme="inconnu")


@pytest.mark.parametrize(
    ("first", "second"),
    [(Role.INSTRUCTOR, Role.ADMINISTRATOR), (Role.ADMINISTRATOR, Role.VALIDATOR), (Role.AUDITOR, Role.CONTROLLER),
     (Role.ADMINISTRATOR, Role.AUDITOR), (Role.PUBLISHER, Role.AUDITOR)],
)  # fmt: skip
def test_who_decides_neither_administers_nor_audits(
    people: People, administrator: Account, first: Role, second: Role
) -> None:
    someone = people("ines")
    given(administrator, someone, first, starts=DAY + timedelta(days=5), ends=DAY + timedelta(days=9))
    with refused("INCOMPATIBLE"):
        given(administrator, someone, second)
    with refused("INCOMPATIBLE"):
        given(administrator, someone, second, starts=DAY + timedelta(days=9))
    # one after the other, it may be
    given(administrator, someone, second, ends=DAY + timedelta(days=4))
    given(administrator, someone, second, starts=DAY + timedelta(days=10))


def test_two_roles_that_decide_may_be_held_at_once(people: People, administrator: Account) -> None:
    someone = people("victor")
    given(administrator, someone, Role.INSTRUCTOR)
    given(administrator, someone, Role.VALIDATOR)


def test_the_same_right_is_not_given_twice(people: People, administrator: Account) -> None:
    someone = people("ines")
    held = given(administrator, someone)
    with refused("DEJA"):
        given(administrator, someone, starts=DAY + timedelta(days=1))
    accounts.revoke(administrator, held, "Départ.")
    # the same day, after it was taken back
    given(administrator, someone)
    assert rights.has(someone, PROGRAMME, Role.INSTRUCTOR)


def test_a_right_that_is_taken_back_holds_no_more_at_once(people: People, administrator: Account) -> None:
    someone = people("ines")
    held = given(administrator, someone)
    client = browser(someone)
    assert get(client, "/importer").status_code == 200
    accounts.revoke(administrator, held, "Départ.")
    assert get(client, "/importer").status_code == 404
    assert not rights.grants(someone).exists()
    kept = Grant.objects.get(pk=held.pk)
    assert (kept.revoked_by, kept.revoked_reason) == (administrator, "Départ.")
    with refused("DEJA"):
        accounts.revoke(administrator, held, "Encore.")
    assert list(Act.objects.order_by("rank").values_list("kind", flat=True)) == ["droit:accorde", "droit:retire"]


def test_a_right_may_be_ended_after_a_day(
    people: People, administrator: Account, today: Callable[[date], None]
) -> None:
    someone = people("ines")
    held = given(administrator, someone)
    for wrong in (DAY - timedelta(days=1),):
        with refused("FIN"):
            accounts.revoke(administrator, held, "Départ.", wrong)
    accounts.revoke(administrator, held, "Départ.", DAY + timedelta(days=2))
    with refused("FIN"):
        accounts.revoke(administrator, held, "Non.", DAY + timedelta(days=3))
    today(DAY + timedelta(days=2))
    assert rights.has(someone, PROGRAMME, Role.INSTRUCTOR)
    today(DAY + timedelta(days=3))
    assert not rights.has(someone, PROGRAMME, Role.INSTRUCTOR)
    with refused("DEJA"):
        accounts.revoke(administrator, held, "Encore.")


def test_the_last_administrator_without_end_is_kept(people: People, administrator: Account) -> None:
    second = people("adele")
    mine = Grant.objects.get(account=administrator)
    with refused("DERNIER"):
        accounts.revoke(administrator, mine, "Je pars.")
    with refused("DERNIER"):
        accounts.revoke(administrator, mine, "Je pars.", DAY + timedelta(days=90))
    # one whose right ends, or has not begun, does not replace
    given(administrator, second, Role.ADMINISTRATOR, ends=DAY + timedelta(days=9))
    with refused("DERNIER"):
        accounts.revoke(second, mine, "Il part.")
    with refused("DERNIER"):
        accounts.close(second, administrator, "Il part.")
    third = people("anne")
    given(administrator, third, Role.ADMINISTRATOR)
    accounts.close(second, administrator, "Il part.")
    with refused("DERNIER"):
        accounts.revoke(second, third.grants.get(), "Elle aussi.")


def test_the_rights_of_a_closed_account_hold_no_more_and_come_back(people: People, administrator: Account) -> None:
    someone = people("ines", Role.INSTRUCTOR)
    client = browser(someone)
    accounts.close(administrator, someone, "Absence.")
    assert get(client, "/").status_code == 302
    assert not Session.objects.filter(account=someone).exists()
    assert not rights.has(someone, PROGRAMME, Role.INSTRUCTOR)
    with refused("DEJA"):
        accounts.close(administrator, someone, "Encore.")
    accounts.reopen(administrator, someone, "Retour.")
    assert rights.has(someone, PROGRAMME, Role.INSTRUCTOR)
    with refused("DEJA"):
        accounts.reopen(administrator, someone, "Encore.")
    for act in (accounts.close, accounts.reopen):
        with refused("SOI-MEME"):
            act(administrator, administrator, "Moi.")


def test_an_account_of_two_programmes_is_closed_by_who_administers_both(people: People, administrator: Account) -> None:
    someone = people("ines", Role.INSTRUCTOR)
    Grant.objects.create(account=someone, role=Role.AUDITOR, programme=ELSEWHERE, starts=DAY)
    for act in (
        lambda: accounts.close(administrator, someone, "Départ."),
        lambda: accounts.correct(administrator, someone, "cheffe", "a@b.example"),
        lambda: accounts.end_sessions(administrator, someone),
    ):
        with refused("DROIT"):
            act()
    Grant.objects.create(account=administrator, role=Role.ADMINISTRATOR, programme=ELSEWHERE, starts=DAY)
    accounts.close(administrator, someone, "Départ.")


def test_what_a_letter_says_of_a_person_is_corrected(people: People, administrator: Account) -> None:
    someone = people("ines")
    accounts.correct(administrator, someone, " cheffe \n de service ", "Ines@Ailleurs.example")
    someone.refresh_from_db()
    assert (someone.capacity, someone.email) == ("cheffe de service", "ines@ailleurs.example")
    for capacity, address, code in (
        ("x" * 201, "a@b.example", "QUALITE"),
        ("x", "sans-arobase", "ADRESSE"),
        ("x", "a b@c.example", "ADRESSE"),
        ("x", administrator.email, "ADRESSE"),
        ("cheffe de service", "ines@ailleurs.example", "RIEN"),
    ):
        with refused(code):
            accounts.correct(administrator, someone, capacity, address)


def test_the_first_administrator_is_named_from_the_server_once(people: People) -> None:
    someone = people("adam")
    with refused("PROGRAMME"):
        accounts.first_administrator(someone, "inconnu")
    held = accounts.first_administrator(someone, PROGRAMME)
    assert held.granted_by is None
    assert rights.has(someone, PROGRAMME, Role.ADMINISTRATOR)
    with refused("DEJA"):
        accounts.first_administrator(people("adele"), PROGRAMME)


# --- the database refuses too -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [{"role": "valideur"}, {"programme": ELSEWHERE}, {"starts": date(2019, 1, 1)}, {"reason": "autre"},
     {"granted_at": "2020-01-01T00:00:00Z"}],
)  # fmt: skip
def test_a_right_is_never_rewritten(instructor: Account, change: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Grant.objects.filter(account=instructor).update(**change)


def test_a_right_and_what_happened_are_never_deleted(people: People, administrator: Account) -> None:
    given(administrator, people("ines"))
    for model in (Grant, AccountEvent):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            model.objects.all()._raw_delete("default")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AccountEvent.objects.update(text="rien")


# --- sessions ---------------------------------------------------------------------------------------------------------


def is_in(client: Any) -> bool:
    return bool(get(client, "/mon-compte").status_code == 200)


def test_the_database_does_not_hold_the_key_of_a_session(instructor: Account) -> None:
    client = browser(instructor)
    key = client.cookies["__Host-session"].value
    kept = Session.objects.get()
    assert kept.session_key == digest(key) != key
    thief = browser()
    thief.cookies["__Host-session"] = kept.session_key
    assert not is_in(thief)


@pytest.mark.parametrize(("idle", "open_"), [(IDLE - timedelta(minutes=1), True), (IDLE, False)])
def test_a_session_ends_after_half_an_hour_without_a_request(instructor: Account, idle: timedelta, open_: bool) -> None:
    client = browser(instructor)
    Session.objects.update(seen_at=timezone.now() - idle)
    assert is_in(client) == open_
    if open_:
        # it was used: half an hour begins again
        assert timezone.now() - Session.objects.get().seen_at < timedelta(seconds=30)


def test_a_session_ends_after_twelve_hours_whatever_is_done(instructor: Account) -> None:
    client = browser(instructor)
    kept = Session.objects.get()
    assert kept.expire_date - kept.started_at == LONGEST == timedelta(hours=12)
    # a message writes the session anew, and moves nothing
    post(client, "/mon-compte/sessions", session="aucune")
    assert Session.objects.get().expire_date == kept.expire_date
    Session.objects.update(expire_date=timezone.now())
    assert not is_in(client)


def test_a_session_before_signing_in_is_short(database: str) -> None:
    from recevable_web.records.sessions import SessionStore

    store = SessionStore()
    store["a"] = 1
    store.save()
    kept = Session.objects.get()
    assert kept.account is None
    assert kept.expire_date - kept.started_at == WAITING


def test_signing_in_again_gives_another_key_and_forgets_what_is_over(instructor: Account) -> None:
    client = browser(instructor)
    before = client.cookies["__Host-session"].value
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    client.force_login(instructor)
    assert client.cookies["__Host-session"].value != before
    assert Session.objects.count() == 1


def test_one_s_own_sessions_are_listed_and_ended(people: People, instructor: Account) -> None:
    here, there, other = browser(instructor), browser(instructor), browser(people("autre", Role.INSTRUCTOR))
    page = get(here, "/mon-compte").content.decode()
    (key,) = re.findall(r'name="session" value="([0-9a-f]{64})"', page)
    assert "celle-ci" in page
    assert "Instructeur de af-ope-mss, depuis le 1er janvier 2020" in page
    # somebody else's, one's own, and nothing
    for wanted in (digest(other.cookies["__Host-session"].value), digest(here.cookies["__Host-session"].value), ""):
        post(here, "/mon-compte/sessions", session=wanted)
    assert is_in(here)
    assert is_in(there)
    assert is_in(other)
    post(here, "/mon-compte/sessions", session=key)
    assert not is_in(there)
    more = browser(instructor)
    post(here, "/mon-compte/sessions", session="autres")
    assert not is_in(more)
    assert is_in(here)
    assert is_in(other)


def test_an_administrator_ends_the_sessions_of_somebody_at_once(
    people: People, administrator: Account, instructor: Account
) -> None:
    client = browser(instructor)
    boss = browser(administrator)
    assert "Sessions ouvertes" in get(boss, f"/administration/comptes/{instructor.pk}").content.decode()
    post(boss, f"/administration/comptes/{instructor.pk}/sessions")
    assert not is_in(client)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_an_administrator_gives_and_takes_back_a_right(people: People, administrator: Account) -> None:
    someone = people("ines")
    boss, hers = browser(administrator), browser(someone)
    assert "Ines" in get(boss, "/administration?etat=sans-droit").content.decode()
    there = f"/administration/comptes/{someone.pk}"
    form = {"role": "instructeur", "programme": PROGRAMME, "debut": "2023-09-04", "fin": "", "motif": "Arrivée."}
    assert get(hers, "/importer").status_code == 404
    assert post(boss, f"{there}/droits", **form).status_code == 302
    assert get(hers, "/importer").status_code == 200
    page = get(boss, there).content.decode()
    assert "En cours, depuis le 4 septembre 2023. Donné par Adam" in page
    held = Grant.objects.get(account=someone)
    post(boss, f"/administration/droits/{held.pk}/retirer", motif="Départ.", fin="")
    assert get(hers, "/importer").status_code == 404
    assert "Retiré le" in get(boss, there).content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"role": ""}, "role"), ({"role": "roi"}, "role"), ({"motif": " "}, "motif"), ({"debut": ""}, "debut"),
     ({"debut": "hier"}, ""), ({"fin": "2023-09-03"}, "fin"), ({"programme": ELSEWHERE}, "")],
)  # fmt: skip
def test_a_refused_form_keeps_what_was_typed_and_leads_to_the_field(
    people: People, administrator: Account, change: dict[str, str], field: str
) -> None:
    someone = people("ines")
    form = {"role": "valideur", "programme": PROGRAMME, "debut": "2023-09-04", "fin": "", "motif": "Un <b>motif</b>."}
    there = f"/administration/comptes/{someone.pk}/droits"
    found = post(browser(administrator), there, **{**form, **change})
    page = found.content.decode()
    assert found.status_code == 422
    assert "<title>Erreur : Ines" in page
    assert 'id="refus"' in page
    if field:
        assert f'href="#accorder-{field}"' in page
        assert f'id="accorder-{field}"' in page
    if "motif" not in change:
        assert 'value="Un &lt;b&gt;motif&lt;/b&gt;."' in page
    assert not someone.grants.exists()


def test_the_list_of_accounts_goes_by_pages_without_a_name_in_the_address(
    people: People, administrator: Account
) -> None:
    for rank in range(60):
        Account.objects.create(email=f"p{rank}@essai.example", name=f"Personne {rank % 7}")
    client, there, seen = browser(administrator), "/administration", []
    while there:
        page = get(client, there).content.decode()
        seen += re.findall(r"/administration/comptes/(\d+)\"", page)
        following = re.findall(r'href="(\?etat=[^"]+apres=\d+)"', page)
        there = "/administration" + following[0].replace("&amp;", "&") if following else ""
        assert "Personne" not in there
    assert len(seen) == len(set(seen)) == Account.objects.count()
    for wrong in ("?etat=autre", "?role=roi"):
        assert get(client, f"/administration{wrong}").status_code == 404


def test_the_auditor_sees_who_opened_what(people: People, administrator: Account, instructor: Account) -> None:
    from tests.web.test_pages import received

    one, two = received(instructor), received(instructor, "solde-formulaire-incomplet")
    for dossier in (one, two):
        get(browser(instructor), f"/dossiers/{dossier.pk}")
    auditor = browser(people("aude", Role.AUDITOR))
    page = get(auditor, "/audit").content.decode()
    assert page.count("solde-cinq-defauts") == 1
    assert page.count("solde-formulaire-incomplet") == 1
    assert "solde-cinq" not in get(auditor, f"/audit?dossier={two.pk}").content.decode()
    assert "Aucune consultation" in get(auditor, f"/audit?compte={administrator.pk}").content.decode()
    day = timezone.localtime().date().isoformat()
    now = timezone.localtime(timezone.now()).date()
    assert "solde-cinq" in get(auditor, f"/audit?du={now}&au={now}").content.decode()
    assert "Aucune consultation" in get(auditor, f"/audit?au={now - timedelta(days=1)}").content.decode()
    assert "n'est pas une date" in get(auditor, "/audit?du=hier").content.decode().replace("&#x27;", "'")
    for far in ("du=0001-01-01", "au=0001-01-01", "du=9999-12-31", "au=9999-12-31"):
        assert get(auditor, f"/audit?{far}").status_code == 200
    assert day


def test_the_auditor_sees_who_opened_a_file_of_many_dossiers(people: People, instructor: Account) -> None:
    stranger = people("zoe", Role.INSTRUCTOR, programme=ELSEWHERE)
    for who in (instructor, stranger):
        Access.objects.create(account=who, dossier=None, what="export")
    # the same person opens a file of another programme too
    Access.objects.create(account=instructor, programme=ELSEWHERE, what="ordres d'ailleurs")
    Access.objects.create(account=instructor, programme=PROGRAMME, what="ordres d'ici")
    auditor = browser(people("aude", Role.AUDITOR))
    page = get(auditor, "/audit").content.decode().replace("&#x27;", "'")
    assert page.count("<td>export</td>") == 1
    assert "Ines" in page
    assert "Zoe" not in page
    assert "ordres d'ici" in page
    assert "ordres d'ailleurs" not in page
    assert list(Access.objects.filter(what="audit").values_list("programme", flat=True)) == [PROGRAMME]


def test_the_auditor_reads_a_long_log_by_pages(people: People, instructor: Account) -> None:
    from tests.web.test_pages import received

    dossier = received(instructor)
    Access.objects.bulk_create(Access(account=instructor, dossier=dossier, what=f"vue-{rank}") for rank in range(60))
    client, there, seen = browser(people("aude", Role.AUDITOR)), f"/audit?compte={instructor.pk}", []
    while there:
        page = get(client, there).content.decode()
        seen += re.findall(r"vue-\d+", page)
        following = re.findall(r'href="\?([^"]+avant=\d+)"', page)
        there = "/audit?" + following[0].replace("&amp;", "&") if following else ""
    assert seen == [f"vue-{rank}" for rank in reversed(range(60))]


def test_the_history_of_accounts_is_that_of_the_programme(people: People, administrator: Account) -> None:
    someone = people("ines")
    given(administrator, someone)
    packs.publish(packs.store(recevable.open_programme(PROGRAMME), "x"), DAY)
    Publication.objects.create(
        pack=packs.in_force(PROGRAMME, DAY),
        programme=ELSEWHERE,
        in_force_from=DAY,  # type: ignore[misc]
    )
    elsewhere = people("adele", Role.ADMINISTRATOR, programme=ELSEWHERE)
    given(elsewhere, someone, programme=ELSEWHERE, reason="Secret.")
    page = get(browser(people("aude", Role.AUDITOR)), "/audit/comptes").content.decode()
    assert "Instructeur de af-ope-mss" in page
    assert "Secret." not in page
    page = get(browser(administrator), f"/administration/comptes/{someone.pk}").content.decode()
    assert "Secret." not in page


def test_the_command_names_the_first_administrator_and_says_why_not(people: People) -> None:
    from django.core.management import CommandError, call_command

    someone = people("adam")
    with pytest.raises(CommandError, match="se connecter une fois"):
        call_command("administrateur", "absent@essai.example", PROGRAMME)
    with pytest.raises(CommandError, match="n'est publiée"):
        call_command("administrateur", someone.email, "inconnu")
    call_command("administrateur", someone.email.upper(), PROGRAMME)
    assert rights.has(someone, PROGRAMME, Role.ADMINISTRATOR)
    with pytest.raises(CommandError, match="déjà un administrateur"):
        call_command("administrateur", people("adele").email, PROGRAMME)
