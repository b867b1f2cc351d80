"""The pages for applicants: true on the day, the same for all, kept by nobody; and what attacks them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.core import signing
from django.test import Client
from tests.web.conftest import PROGRAMME, People

from recevable import MemorySource, open_programme
from recevable_web import packs
from recevable_web.actions import limits
from recevable_web.pages import middleware, public
from recevable_web.records.models import Event, Role, Session, Usage

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = f"/demandeurs/{PROGRAMME}/acheteur"
SIMULATOR: Final = f"{PAGE}/simuler/avance"
# Nothing here depends on the kind of database: it only says which rules are in force.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
STATE: Final = re.compile(r'name="etat" value="([^"]*)"')
ASKED: Final = re.compile(r'name="question" value="([^"]*)"')


@pytest.fixture
def client(database: str) -> Client:
    return Client(SERVER_NAME="guichet.example", headers={"x-forwarded-proto": "https"})


def shown(client: Client, path: str) -> str:
    found = client.get(path)
    assert found.status_code == 200
    return found.content.decode()


class Conversation:
    """Somebody in front of the simulator."""

    def __init__(self, client: Client, path: str = f"{SIMULATOR}?au=2023-09-04") -> None:
        self.client, self.path = client, path.partition("?")[0]
        self.page = shown(client, path)

    def field(self, wanted: re.Pattern[str]) -> str:
        found = wanted.search(self.page)
        return "" if found is None else found[1]

    def post(self, **fields: str) -> int:
        sent = {"etat": self.field(STATE), "question": self.field(ASKED), **fields}
        body = "&".join(f"{name}={quote(value)}" for name, value in sent.items())
        found = self.client.post(self.path, body, content_type="application/x-www-form-urlencoded")
        self.page = found.content.decode()
        return found.status_code


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "first"),
    [
        ("2022-01-01", "Pas encore ouvert"),
        ("2022-12-01", "Programme ouvert"),
        ("2023-07-10", "Programme ouvert"),
        ("2023-09-28", "Programme ouvert"),
        ("2023-09-29", "Programme fermé"),
        ("2026-11-29", "Programme fermé"),
    ],
)
def test_a_page_says_first_what_is_true_on_its_day(client: Client, on: str, first: str) -> None:
    headings = re.findall(r"<h2[^>]*>([^<]*)", shown(client, f"{PAGE}?au={on}"))
    assert headings[0].startswith(first)


def test_a_page_answers_the_questions_of_applicants(client: Client) -> None:
    text = shown(client, f"{PAGE}?au=2023-07-10").replace("\u202f", " ").replace("\u00a0", " ")
    for said in (
        "Qui peut en bénéficier", "Ce que cela coûte", "Comment le montant est calculé", "26 juillet 2023 à 14:00:00",
        "58,33 €", "250 000,00 €", "facture acquittée", "Où une autre page et le texte diffèrent",
        "personne physique", "8 000,00 €",
    ):  # fmt: skip
        assert said in text.replace("&#x27;", "'"), said
    # the balance of the example, computed by the engine
    assert "Solde à verser" in text


def test_the_values_of_a_page_are_those_of_its_day(client: Client) -> None:
    """Under version 1 of the text nobody knows until when an advance could be asked for."""
    before = shown(client, f"{PAGE}?au=2022-12-01")
    assert "date non connue à ce jour" in before
    steps = before.partition('<h2 id="comment"')[2].partition('<h2 id="fournir"')[0]
    assert "28 septembre 2023 à 14:00:00" in steps
    assert "26 juillet 2023" not in steps


def test_what_differs_names_both_sources(client: Client) -> None:
    part = shown(client, f"{PAGE}?au=2023-07-10").partition('id="ecarts"')[2]
    assert part.count("L'autre page") == part.count("(AF §") >= 5
    assert 'id="ecarts"' not in shown(client, f"/demandeurs/{PROGRAMME}/developpeur?au=2023-07-10")


def test_a_page_may_be_kept_by_anybody_and_is_not_sent_twice(client: Client, people: People) -> None:
    found = client.get(f"{PAGE}?au=2023-07-10")
    assert found["Cache-Control"] == "public, max-age=300"
    assert not found.cookies
    assert "Vary" not in found
    again = client.get(f"{PAGE}?au=2023-07-10", headers={"if-none-match": found["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", found["ETag"])
    # somebody who has signed in reads the same bytes
    client.force_login(people("ines", Role.INSTRUCTOR))
    assert client.get(f"{PAGE}?au=2023-07-10").content == found.content
    assert client.get(f"{PAGE}?au=2023-07-11")["ETag"] != found["ETag"]


@pytest.mark.parametrize("on", ["hier", "2023-02-31", "0001-01-01", "9999-12-31", "2023-07-10' OR 1=1", "<script>"])
def test_a_day_that_is_none_is_refused_with_what_to_do(client: Client, on: str) -> None:
    for path in (PAGE, SIMULATOR):
        found = client.get(path, {"au": on})
        assert found.status_code == 400
        assert "Choisissez une date" in found.content.decode()
        assert on not in found.content.decode() or not on.startswith("<")


@pytest.mark.parametrize(
    "path",
    ["/demandeurs/autre/acheteur", f"/demandeurs/{PROGRAMME}/vendeur", f"{PAGE}/simuler/recouvrement",
     f"{PAGE}/simuler/autre", f"/demandeurs/{PROGRAMME}/..%2f..%2fetc"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_second_programme_needs_no_change(client: Client) -> None:
    second = open_programme(ROOT / "tests" / "second_programme" / "prime-velo")
    packs.publish(packs.store(second, "essai"), date(2020, 1, 1))
    assert "Prime communale" in shown(client, "/demandeurs")
    page = shown(client, "/demandeurs/prime-velo/particulier?au=2024-05-31").replace("\u00a0", " ")
    assert "400,00 €" in page
    assert "Comment le montant est calculé" in page
    talk = Conversation(client, "/demandeurs/prime-velo/particulier/simuler/prime?au=2024-05-31")
    for _ in range(40):
        if 'id="resultat"' in talk.page:
            break
        assert talk.post(sait_pas="1") == 200
    assert 'id="resultat"' in talk.page


def test_a_pack_that_says_something_wrong_to_applicants_breaks_no_other_page(client: Client) -> None:
    files = open_programme(ROOT / "tests" / "second_programme" / "prime-velo").files()
    files["demandeurs.yaml"] = b"retard: Au plus tard le {jour_inconnu}.\n"
    packs.publish(packs.store(open_programme(MemorySource(files, "faux")), "faux"), date(2020, 1, 1))
    assert "prime-velo" not in shown(client, "/demandeurs")
    for path in ("/demandeurs/prime-velo/particulier", "/demandeurs/prime-velo/particulier/simuler/prime"):
        found = client.get(path)
        assert found.status_code == 503
        assert "pas disponible" in found.content.decode()


def test_rules_that_are_not_in_force_yet_are_not_listed(client: Client) -> None:
    second = open_programme(ROOT / "tests" / "second_programme" / "prime-velo")
    packs.publish(packs.store(second, "à venir"), date(2090, 1, 1))
    assert "Prime communale" not in shown(client, "/demandeurs")
    assert client.get("/demandeurs/prime-velo/particulier").status_code == 404


# --- the simulator --------------------------------------------------------------------------------------------------


def test_a_conversation_keeps_nothing_anywhere(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    before = (Session.objects.count(), Event.objects.count())
    talk = Conversation(client)
    with caplog.at_level("DEBUG"):
        talk.post(reponse="01/07/2023 10:00")
        talk.post(choix="2")
    assert "Votre demande serait rejetée." in talk.page
    assert (Session.objects.count(), Event.objects.count()) == before
    # the token against forged forms, which says nothing of anybody
    assert set(client.cookies) == {"__Host-csrf"}
    assert "2023 10:00" not in caplog.text
    found = client.get(f"{SIMULATOR}?au=2023-09-04")
    assert found["Cache-Control"] == "no-store"
    assert "ETag" not in found


def test_every_step_says_that_it_is_no_decision(client: Client) -> None:
    talk = Conversation(client)
    pages = [talk.page]
    for _ in range(30):
        if 'id="resultat"' in talk.page:
            break
        talk.post(sait_pas="1")
        pages.append(talk.page)
    assert all("ne vaut pas décision" in page for page in pages)
    assert len(pages) > 10


def test_a_rejection_gives_its_own_reasons_and_nothing_that_was_not_asked(client: Client) -> None:
    there = Conversation(client, f"{PAGE}/simuler/solde?au=2023-09-04")
    choices = re.findall(r'name="choix"[^>]*value="([^"]*)"', there.page)
    assert there.post(choix=choices[-1]) == 200
    (against,) = re.findall(r"oppose</h3>(.*?)(?:<h3>|</section>)", there.page, re.DOTALL)
    assert "Votre demande serait rejetée" in there.page
    assert "Aucune demande d" in against
    assert "manque au dossier" not in against
    assert "fournir ou" not in there.page


def test_back_change_and_finish(client: Client) -> None:
    talk = Conversation(client)
    first = talk.field(ASKED)
    talk.post(reponse="01/07/2023 10:00")
    second = talk.field(ASKED)
    assert second != first
    talk.post(revenir="1")
    assert talk.field(ASKED) == first
    talk.post(reponse="01/07/2023 10:00")
    talk.post(choix="1")
    talk.post(reprendre=second)
    assert talk.field(ASKED) == second
    talk.post(choix="2")
    assert "Votre demande serait rejetée." in talk.page
    talk.post(reprendre=first)
    talk.post(terminer="1")
    assert 'id="resultat"' in talk.page


def test_an_answer_that_is_none_is_explained_and_asked_again(client: Client) -> None:
    talk = Conversation(client)
    first = talk.field(ASKED)
    for typed, said in (
        ("", "il manque une réponse"),
        ("hier", "« hier » ne se lit pas. Le jour et l'heure, par exemple 26/07/2023 14:00."),
        ("x" * 301, "dépasse"),
    ):
        assert talk.post(reponse=typed) == 200
        assert 'role="alert"' in talk.page
        assert said in talk.page.replace("&#x27;", "'")
        assert talk.field(ASKED) == first


def test_whoever_asks_for_funding_finds_the_pages_from_the_sign_in(client: Client) -> None:
    page = shown(client, "/connexion")
    assert 'href="/demandeurs"' in page
    assert "simulateur" in page


def test_html_in_an_answer_stays_text(client: Client) -> None:
    talk = Conversation(client)
    talk.post(reponse='"><script>alert(1)</script>')
    assert "<script>alert" not in talk.page
    assert "&lt;script&gt;alert" in talk.page


@pytest.mark.parametrize("change", [
    lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
    lambda text: text[1:],
    lambda text: "",
    lambda text: "x" * 70_000,
    lambda text: signing.dumps([[PROGRAMME, "acheteur", "avance"], "2023-09-04", "", []], salt="autre"),
    lambda text: signing.dumps([[PROGRAMME, "acheteur", "solde"], "2023-09-04", "", []], salt="recevable.simulation"),
    lambda text: signing.dumps("x", key="une autre clé", salt="recevable.simulation"),
], ids=["altered", "cut", "empty", "huge", "other-salt", "other-request", "other-key"])  # fmt: skip
def test_a_state_that_was_not_signed_here_for_this_is_refused(client: Client, change: Any) -> None:
    talk = Conversation(client)
    assert talk.post(etat=change(talk.field(STATE)), reponse="01/07/2023 10:00") == 400
    assert "ne peut pas continuer" in talk.page


def test_a_state_that_was_left_too_long_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Conversation(client)
    monkeypatch.setattr(public, "LEFT", -1)
    assert talk.post(reponse="01/07/2023 10:00") == 400


def test_rules_that_changed_since_end_the_simulation(client: Client) -> None:
    """An answer chosen by its rank may mean another under other rules."""
    talk = Conversation(client)
    talk.post(reponse="01/07/2023 10:00")
    before = open_programme(PROGRAMME)
    files = before.files()
    files["demandeurs.yaml"] += b"# une ligne de plus\n"
    changed = open_programme(MemorySource(files, "modifié"))
    packs.publish(packs.store(changed, "modifié"), date(2020, 1, 2))
    assert talk.post(choix="1") == 409
    assert "Les règles ont changé" in talk.page


def test_a_question_that_is_not_asked_is_refused(client: Client) -> None:
    talk = Conversation(client)
    for key in ("inconnu", "__class__", "controles.manquement", "../etc"):
        assert talk.post(question=key, choix="1") == 200
        assert 'role="alert"' in talk.page


def test_forms_that_are_too_big_or_no_forms_are_refused_unread(client: Client) -> None:
    kind = "application/x-www-form-urlencoded"
    assert client.post(SIMULATOR, "etat=" + "x" * (public.BODY + 1), content_type=kind).status_code == 413
    fields = "&".join(f"a{rank}=" for rank in range(10_000))
    assert client.post(SIMULATOR, fields[: public.BODY], content_type=kind).status_code == 413
    assert client.post(SIMULATOR, {"etat": "x"}).status_code == 415
    assert client.post(SIMULATOR, b"{}", content_type="application/json").status_code == 415
    assert client.put(SIMULATOR, "etat=x", content_type=kind).status_code == 405


def test_too_many_answers_end_the_simulation(client: Client) -> None:
    many = [["x", "y"] for _ in range(600)]
    state = signing.dumps([[PROGRAMME, "acheteur", "avance"], "2023-09-04", "", many], salt="recevable.simulation")
    talk = Conversation(client)
    assert talk.post(etat=state, sait_pas="1") == 409


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times a minute, and a minute that does not end."""
    for key in [one for one, limit in middleware.LIMITED.items() if limit is limits.PUBLIC]:
        monkeypatch.setitem(middleware.LIMITED, key, limits.PUBLIC._replace(times=3))
    monkeypatch.setattr("recevable_web.actions.limits.time.time", lambda: 1_700_000_000.0)


@pytest.mark.usefixtures("rarely")
def test_one_address_may_ask_only_so_often(client: Client) -> None:
    statuses = [client.get(PAGE, REMOTE_ADDR="192.0.2.1").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = client.get(SIMULATOR, REMOTE_ADDR="192.0.2.1")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60
    assert client.head(PAGE, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert client.get(PAGE, REMOTE_ADDR="192.0.2.2").status_code == 200
    assert "192.0.2" not in str(list(Usage.objects.values_list()))


@pytest.mark.usefixtures("rarely")
def test_what_a_client_says_of_its_address_counts_for_nothing(client: Client) -> None:
    said = [f"198.51.100.{rank}" for rank in range(5)]
    answers = [client.get(PAGE, REMOTE_ADDR="192.0.2.1", headers={"x-forwarded-for": one}) for one in said]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
