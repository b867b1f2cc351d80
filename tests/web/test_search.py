"""The search: by the beginning of words, whatever their accents; no query language, no other programme, no trace."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.conftest import DAY, PROGRAMME, People, fixture

from recevable_web.actions import dossiers, selection
from recevable_web.actions.selection import Selection
from recevable_web.records import search
from recevable_web.records.models import Account, Dossier, QueueRequest, Role, SearchText, State

pytestmark = pytest.mark.both_databases

KNOWN = "solde-cinq-defauts"


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


def searched(account: Account, words: str, **filters: str) -> str:
    found = browser(account).post("/recherche", {"mots": words, **filters}, secure=True, follow=True)
    assert found.status_code == 200
    return found.content.decode()


def named(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/dossiers/\d+">([^<]+)</a>', page)


def made(reference: str, text: str = "", programme: str = PROGRAMME, **more: Any) -> Dossier:
    fields = {"state": State.TO_INSTRUCT, "deadline": DAY, **more}
    one = Dossier.objects.create(reference=reference, programme=programme, **fields)
    SearchText.objects.create(dossier=one, programme=programme, version=1, words=search.indexed([reference, text]))
    return one


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hôpital de l'Œuvre-Élisabéth", ["hopital", "de", "l", "oeuvre", "elisabeth"]),
        ("732 829 320 00074", ["73282932000074"]),
        ("732\u202f829\u00a0320", ["732829320"]),
        ("SIRET 732 829 320 00074 du 4 9 2023", ["siret", "73282932000074", "du", "4", "9", "2023"]),
        ("ASP-MSS-2023-1101", ["asp", "mss", "2023", "1101"]),
        ("STRASSE straße ﬁn İstanbul", ["strasse", "strasse", "fin", "istanbul"]),
        ("  '\"*&|!()<>:%_\\ ", []),
        ("a" * 100, ["a" * 60]),
        ("naïve\u0301 №12", ["naive", "no12"]),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert search.words(text) == words


@given(st.text(max_size=60))
def test_words_are_words_for_both_databases_and_folding_again_changes_nothing(text: str) -> None:
    found = search.words(text)
    assert all(re.fullmatch(r"[^\W_]+", word) for word in found)
    assert [again for word in found for again in search.words(word)] == found


def test_a_dossier_of_too_many_words_keeps_the_first_ones() -> None:
    many = " ".join(f"mot{rank}" for rank in range(search.MOST_WORDS + 10))
    kept = search.indexed(["reference", many]).split()
    assert len(kept) == search.MOST_WORDS
    assert kept[:2] == ["reference", "mot0"]


# --- what is found ----------------------------------------------------------------------------------------------------


def test_a_dossier_is_found_by_reference_name_number_and_text(instructor: Account) -> None:
    loaded = json.loads(fixture(KNOWN))
    loaded["operateur"]["raison_sociale"] = "Clinique de l'Étoile"
    loaded["operateur"]["contact"] = {"courriel": "bureau@etoile.example"}
    loaded["reference"] = "REF-2023/17"
    dossiers.receive(instructor, PROGRAMME, json.dumps(loaded).encode(), "x")
    made("autre", "Hospice de la Lune")
    words = ["REF-2023/17", "ref 17", "etoile", "ÉTOI", "clinique étoile", "99991101900019", "999 911 019 00019",
             "999911019", "ASP-MSS-2023-1101", "bureau@etoile.example"]  # fmt: skip
    assert {word: named(searched(instructor, word)) for word in words} == {word: ["REF-2023/17"] for word in words}
    for absent in ("lune etoile", "toile", "solde", "FR76"):
        assert "Aucun dossier que vous pouvez ouvrir" in searched(instructor, absent), absent
    iban = (
        loaded["operateur"]["paiement"]["iban"] if "paiement" in loaded["operateur"] else "FR7630001007941234567890185"
    )
    assert named(searched(instructor, iban)) == []


def test_a_new_version_is_searched_and_the_old_words_are_forgotten(instructor: Account) -> None:
    dossier = dossiers.receive(instructor, PROGRAMME, fixture(KNOWN), "x")
    facts = {"solde": {"decision": {"sens": "a_modifier"}}, "controles": {"manquement": {"description": "Zèbre rayé"}}}
    dossiers.with_facts(instructor, dossier, dossier.version, facts, "constat")
    assert len(named(searched(instructor, "zebre"))) == 1
    facts = {"controles": {"manquement": {"description": "Girafe"}}}
    now = Dossier.objects.get(pk=dossier.pk)
    dossiers.with_facts(instructor, now, now.version, facts, "constat")
    assert named(searched(instructor, "zebre")) == []
    assert len(named(searched(instructor, "girafe"))) == 1


def test_short_words_are_found_whole_only(instructor: Account) -> None:
    made("ab-1", "la maison")
    assert named(searched(instructor, "la")) == ["ab-1"]
    assert named(searched(instructor, "m")) == []
    assert named(searched(instructor, "mai")) == ["ab-1"]


def test_what_is_found_comes_in_the_order_of_deadlines_and_filtered(instructor: Account) -> None:
    for rank, reference in enumerate(["c", "a", "b"]):
        one = made(f"{reference}-x", "mot commun", deadline=date(2023, 9, 10 - rank), state=list(State)[rank])
        QueueRequest.objects.create(
            dossier=one, name="solde", title="Solde", verdict=["accepter", "rejeter", "rejeter"][rank],
            provisional=rank == 2, settled=False,
        )  # fmt: skip
    assert named(searched(instructor, "commun")) == ["b-x", "a-x", "c-x"]
    assert named(searched(instructor, "commun", verdict="rejeter")) == ["b-x", "a-x"]
    assert named(searched(instructor, "commun", verdict="rejeter", provisoire="oui")) == ["b-x"]
    assert named(searched(instructor, "commun", etat=State.RECEIVED)) == ["c-x"]
    assert named(searched(instructor, "commun", avant="2023-09-09")) == ["b-x", "a-x"]
    assert named(searched(instructor, "commun", programme="autre")) == []
    assert "ne peut pas être lu" in searched(instructor, "commun", verdict="x")


def test_pages_follow_each_other(instructor: Account) -> None:
    for rank in range(60):
        made(f"d{rank:02}", "mot")
    client = browser(instructor)
    client.post("/recherche", {"mots": "mot"}, secure=True)
    pages = [named(client.get(f"/recherche?page={n}", secure=True).content.decode()) for n in (1, 2, 3, 99, "x", -1)]
    assert [len(page) for page in pages] == [25, 25, 10, 10, 25, 25]
    assert [one for page in pages[:3] for one in page] == [f"d{rank:02}" for rank in range(60)]


def test_too_many_hits_are_told_and_narrowed(instructor: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST", 5)
    for rank in range(6):
        made(f"d{rank}", "mot")
    page = searched(instructor, "mot")
    assert "Plus de 5 dossiers contiennent ces mots" in page
    assert "Plus de" not in searched(instructor, "mot d3")


# --- attacks ----------------------------------------------------------------------------------------------------------

ATTACKS = [
    "'", '"', "*", "a*", "mot'; DROP TABLE records_dossier;--", "' OR '1'='1", "mot:*B", "!mot", "mot & autre",
    "mot | x", "mot <-> x", "(mot", "mot)", "\\", "NEAR(mot x)", "words:mot", "^mot", "mot NOT x", "-mot", "{mot}",
    "%", "_", "😀", "AND", "OR NOT", "''::tsquery", "$$mot$$", "%(mot)s", "%s", "mot\\u0027",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_is_typed_is_a_query(instructor: Account, attack: str) -> None:
    made("d1", "mot")
    made("caché", "mot autre x", programme="ailleurs")
    page = searched(instructor, attack)
    assert set(named(page)) <= {"d1"}
    assert Dossier.objects.count() == 2


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_whatever_is_typed_is_words_or_nothing(database: str, instructor: Account, text: str) -> None:
    words = search.words(text)[: search.MOST_ASKED]
    if words:
        selection.found_by_words(instructor, {PROGRAMME}, Selection(), words)


def test_what_is_typed_is_never_markup(instructor: Account) -> None:
    page = searched(instructor, '"><script>alert(1)</script>')
    assert "<script>alert" not in page


def test_a_question_is_short(instructor: Account) -> None:
    assert "Cherchez au plus 12 mots" in searched(instructor, " ".join(f"m{rank}" for rank in range(13)))
    assert "Écrivez au moins un mot" in searched(instructor, "***")
    assert "Écrivez au moins un mot" in searched(instructor, " ")


# --- rights and traces ------------------------------------------------------------------------------------------------


def test_another_programme_neither_shows_nor_counts(
    people: People, instructor: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST", 3)
    for rank in range(10):
        made(f"loin{rank}", "mot", programme="prime-velo")
    made("mien", "mot")
    page = searched(instructor, "mot")
    assert named(page) == ["mien"]
    assert "1 dossier trouvé" in page
    assert "Plus de" not in page
    assert named(searched(instructor, "mot", programme="prime-velo")) == []
    for role in (Role.ADMINISTRATOR, Role.DRAFTER, Role.PUBLISHER):
        assert named(searched(people(role.value, role), "mot")) == []


def test_what_was_searched_is_in_no_address_and_is_one_person_s(
    people: People, instructor: Account, caplog: pytest.LogCaptureFixture
) -> None:
    made("d1", "Dupontel")
    caplog.set_level(logging.DEBUG)
    client = browser(instructor)
    first = client.post("/recherche", {"mots": "Dupontel"}, secure=True)
    assert first["Location"] == "/recherche"
    page = client.get("/recherche", secure=True).content.decode()
    assert 'value="Dupontel"' in page
    assert not re.search(r'href="[^"]*dupontel', page, re.IGNORECASE)
    said = [one for one in caplog.records if not one.name.startswith("django.db")]
    assert not any("dupontel" in one.getMessage().lower() for one in said)
    other = browser(people("ivan", Role.INSTRUCTOR))
    assert "Dupontel" not in other.get("/recherche", secure=True).content.decode()
    client.post("/recherche", {"effacer": "oui"}, secure=True)
    assert "Dupontel" not in client.get("/recherche", secure=True).content.decode()


def test_what_is_in_an_address_searches_nothing(instructor: Account) -> None:
    made("d1", "mot")
    assert named(browser(instructor).get("/recherche?mots=mot", secure=True).content.decode()) == []
