"""The whole life of one request in a real browser, as those who lead it do: docs/guichet.md tells it, with pictures.

An enrolment is imported and accepted; an advance is accepted, announced, ordered and paid; a balance lacks a piece, is
completed, accepted and paid; a drawn control finds an error; the sum is claimed, the beneficiary heard, and it is paid
back.  Five persons, an empty demonstration, and nothing but pages: the register verifies at the end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import SignedIn, served
from tests.e2e.pictures import take
from tests.e2e.watched import Watched

FIXTURES: Final = Path(__file__).parents[2] / "fixtures" / "af-ope-mss"
MODEL: Final = "solde-petit-acheteur"
REFERENCE: Final = "vie-entiere"
# The number that the decision on the advance gives, and that the request for the balance cites.
NUMBER: Final = "ASP-VIE-0001"
ERROR: Final = "Cent boîtes personnelles déclarées n'existent pas."
# The pictures of the guide that this life makes, in their order.
LIFE: Final = (
    "vie-recu", "vie-signer", "vie-paiements", "vie-complement", "vie-envoi", "vie-controle", "vie-recouvrement",
    "vie-reverse",
)  # fmt: skip


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demonstration of its own, without dossiers."""
    with served(tmp_path_factory.mktemp("vie"), "--vide") as found:
        yield found


def stage(upto: str, *without: str) -> bytes:
    """The dossier as the beneficiary sends it, up to a request, without some pieces of it and what the agency says."""
    data = json.loads((FIXTURES / f"{MODEL}.json").read_bytes())
    data["reference"] = REFERENCE
    del data["paiements"]
    requests = ("enrolement", "avance", "solde")
    for rank, name in enumerate(requests):
        if rank > requests.index(upto):
            del data[name]
            continue
        data[name].pop("decision", None)
    for piece in without:
        del data[upto]["pieces"][piece]
    if upto == "solde":
        data["solde"]["numero_dossier_avance"] = NUMBER
    return json.dumps(data).encode()


def file(content: bytes) -> Any:
    return {"name": f"{REFERENCE}.json", "mimeType": "application/json", "buffer": content}


def said(watched: Watched, text: str) -> None:
    expect(watched.page.get_by_role("status")).to_contain_text(text)


def tab(watched: Watched, name: str) -> None:
    watched.page.get_by_role("navigation", name="Pages du dossier").get_by_role("link", name=name).click()


class Life:
    """Those who lead the request, each in a window, and what several steps share."""

    def __init__(self, signed_in: SignedIn, address: str, folder: str) -> None:
        self.instructor = signed_in("instructeur", at=address)
        self.validator = signed_in("valideur", at=address)
        self.controller = signed_in("controleur", at=address)
        self.auditor = signed_in("auditeur", at=address)
        self.folder = folder
        self.dossier = ""
        self.paid = 0

    def picture(self, watched: Watched, name: str, heading: str = "") -> None:
        """Take a picture of the guide; what axe says of each screen is for `test_screens.py`."""
        take(watched, name, self.folder, heading)

    def at(self, watched: Watched, page: str = "") -> None:
        """Open the dossier, or one of its pages."""
        watched.go(f"{self.dossier}{page}")

    def sign(self, title: str) -> None:
        """Sign what was prepared and has a title in the dossier, read again by the validator."""
        page = self.validator.page
        page.get_by_role("link", name=f"Relire et signer : {title}").first.click()
        page.get_by_role("button", name="Signer").click()
        said(self.validator, "Signé : acte n°")

    def decide(self, title: str, picture: str = "") -> None:
        """Prepare what the rules propose about a request, and sign it."""
        self.at(self.instructor)
        self.instructor.page.get_by_text(f"Préparer : {title}").click()
        self.instructor.page.get_by_role("button", name="Préparer", exact=True).locator("visible=true").click()
        said(self.instructor, "La décision est préparée")
        self.at(self.validator)
        if picture:
            self.validator.page.get_by_role("link", name=f"Relire et signer : {title}").click()
            self.picture(self.validator, picture)
            self.at(self.validator)
        self.sign(title)

    def record(self, section: str, **values: str) -> None:
        """Record facts of the agency, by the field, after looking at what they change."""
        page = self.instructor.page
        self.at(self.instructor, f"/faits/{section}")
        for name, value in values.items():
            field = page.locator(f'[name="v:{section}.{name.replace("__", ".")}"]')
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        page.get_by_role("button", name="Voir ce qui va changer").last.click()
        page.get_by_role("button", name="Consigner ces faits").click()
        said(self.instructor, "consign")

    def complete(self, content: bytes) -> None:
        """What the beneficiary now sends."""
        self.at(self.instructor, "/versions")
        self.instructor.page.set_input_files("input[type=file]", file(content))
        self.instructor.page.get_by_role("button", name="Recevoir le complément").click()
        said(self.instructor, "Complément reçu")

    def send(self, picture: str = "") -> None:
        """Send the last letter of the dossier, and record that it was delivered."""
        page = self.instructor.page
        self.at(self.instructor, "/courriers")
        page.get_by_role("link", name="à envoyer").first.click()
        page.get_by_label("Comment il part").select_option("recommande")
        page.get_by_role("button", name="Consigner l'envoi").click()
        said(self.instructor, "L'envoi est consigné")
        page.get_by_label("Remis le").fill(page.get_by_label("Remis le").get_attribute("max") or "")
        page.get_by_label("Preuve de la remise").fill("Avis de réception signé")
        page.get_by_role("button", name="Consigner la remise").click()
        said(self.instructor, "La remise est consignée")
        if picture:
            self.picture(self.instructor, picture, "Envoi du courrier")

    def pay(self, title: str, picture: str = "") -> None:
        """Propose what a signed acceptance leaves to pay, sign it, order it, take the answer of the payer."""
        self.at(self.instructor, "/paiements")
        self.instructor.page.get_by_role("button", name=f"Préparer le paiement : {title}").click()
        said(self.instructor, "Le paiement est préparé")
        self.at(self.validator, "/paiements")
        self.sign("")
        self.validator.go("paiements")
        self.validator.page.get_by_label("Format").select_option("json")
        self.validator.page.get_by_role("button", name="Faire le fichier d'ordres").click()
        with self.validator.page.expect_download() as given:
            self.validator.page.get_by_role("link", name="Télécharger").click()
        (order,) = json.loads(given.value.path().read_bytes())["ordres"]
        self.paid += 1
        answer = {
            "ordre": order["ordre"], "statut": "paye", "paye_le": today(), "montant": order["montant"],
            "reference": f"VIR-{self.paid}",
        }  # fmt: skip
        content = json.dumps({"format": "recevable/reponses-paiements/1", "reponses": [answer]}).encode()
        self.instructor.go("paiements")
        self.instructor.page.set_input_files(
            "input[type=file]", {"name": "reponses.json", "mimeType": "application/json", "buffer": content}
        )
        self.instructor.page.get_by_role("button", name="Prendre les réponses").click()
        expect(self.instructor.page.get_by_text("Aucun écart.")).to_be_visible()
        self.at(self.instructor, "/paiements")
        expect(self.instructor.page.get_by_text("payés le")).to_have_count(self.paid)
        if picture:
            self.picture(self.instructor, picture, "Paiements")


def now() -> datetime:
    return datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris"))


def today() -> str:
    return now().date().isoformat()


def later(days: int) -> str:
    return (now().date() + timedelta(days=days)).isoformat()


def test_a_request_lives_from_its_enrolment_to_what_is_paid_back(
    signed_in: SignedIn, alone: str, request: pytest.FixtureRequest
) -> None:
    life = Life(signed_in, alone, request.config.getoption("--images"))
    steps: tuple[Callable[[Life], None], ...] = (enrolment, advance, balance, control, recovery, verified)
    for step in steps:
        step(life)


def enrolment(life: Life) -> None:
    """A file comes in, and the enrolment that it asks for is accepted."""
    page = life.instructor.page
    life.instructor.go("importer")
    page.get_by_label("Programme").select_option("af-ope-mss")
    page.set_input_files("input[type=file]", file(stage("enrolement")))
    page.get_by_role("button", name="Importer").click()
    page.get_by_role("link", name=REFERENCE).first.click()
    life.dossier = life.instructor.path().removeprefix("/")
    life.picture(life.instructor, "vie-recu")
    life.decide("Demande d'enrôlement")
    life.record("enrolement", decision__sens="validee", decision__le=now().strftime("%d/%m/%Y %H:%M:%S"))


def advance(life: Life) -> None:
    """The advance is accepted, told, and paid."""
    life.complete(stage("avance"))
    life.decide("Demande d'avance", "vie-signer")
    life.record(
        "avance", decision__sens="validee", decision__le=now().strftime("%d/%m/%Y %H:%M:%S"),
        decision__numero_dossier=NUMBER,
    )  # fmt: skip
    life.pay("Demande d'avance", "vie-paiements")


def balance(life: Life) -> None:
    """The balance lacks a piece: it is asked for, sent, answered; then the balance is accepted and paid."""
    life.complete(stage("solde", "capture_test"))
    life.decide("Demande de solde")
    life.at(life.instructor)
    life.picture(life.instructor, "vie-complement", "Demande de solde")
    life.send("vie-envoi")
    life.complete(stage("solde"))
    life.decide("Demande de solde")
    life.pay("Demande de solde")


def control(life: Life) -> None:
    """The dossier is drawn, controlled by somebody who has not decided it, and an error is found."""
    page = life.controller.page
    life.controller.go("campagnes")
    page.get_by_label("Titre de la campagne").fill("Contrôles de l'automne")
    page.get_by_label("Décisions signées du").fill(today())
    page.get_by_label("au, ce jour compris").fill(today())
    page.get_by_label("Nombre de dossiers à tirer").fill("1")
    page.get_by_text("Seulement les dossiers qui ont été payés").click()
    page.get_by_role("button", name="Tirer au sort").click()
    page.get_by_role("link", name=REFERENCE).click()
    check(life, "notification", "Produisez l'extraction de l'annuaire.", later(30))
    check(life, "reponse", "Extraction produite.")
    check(life, "constat", ERROR, later(30))
    check(life, "observations", "L'éditeur a compté deux fois un service.")
    page.get_by_label("Conclusion").select_option("a_recouvrer")
    check(life, "conclusion", ERROR)
    life.picture(life.controller, "vie-controle", "Ce qui a été fait")
    life.record(
        "controles", declaration_erronee__constate_par="ans",
        declaration_erronee__constate_le=now().strftime("%d/%m/%Y %H:%M:%S"), declaration_erronee__description=ERROR,
    )  # fmt: skip


def check(life: Life, step: str, text: str, due: str = "") -> None:
    """Write down a step of a control."""
    section = life.controller.page.locator(f'section[aria-labelledby="e-{step}"]')
    section.get_by_label("Texte").fill(text)
    if due:
        section.get_by_label("Dernier jour pour répondre").fill(due)
    section.get_by_role("button", name="Inscrire").click()


def recovery(life: Life) -> None:
    """What the rules find is claimed in part, after the beneficiary was heard, and paid back."""
    page, title = life.controller.page, "Cas 1, déclaration erronée"
    life.at(life.controller, "/procedures")
    life.controller.unfold()
    page.get_by_label("Jour où l'agence a connu les faits").first.fill(today())
    page.get_by_label("Faits", exact=True).first.fill(ERROR)
    page.get_by_role("button", name="Ouvrir la procédure").first.click()
    page.locator("main").get_by_role("link", name=title).first.click()
    procedure = life.controller.path().removeprefix("/")
    page.get_by_role("button", name="Préparer", exact=True).click()
    signed(life, procedure)
    life.send()
    life.controller.go(procedure)
    page.get_by_label("Preuve").fill("Avis de réception signé")
    page.get_by_role("button", name="Consigner", exact=True).click()
    page.get_by_label("Reçues le").fill(today())
    page.get_by_label("Ce que le bénéficiaire a répondu").fill("L'erreur vient de l'éditeur.")
    page.get_by_role("button", name="Consigner", exact=True).click()
    page.get_by_label("Somme à reverser, en euros").fill("1 000,00")
    page.get_by_label("Motif").fill("Erreur de bonne foi, sur une partie des boîtes.")
    page.get_by_label("Pourquoi cette somme").fill("La part qui correspond aux boîtes déclarées en trop.")
    life.picture(life.controller, "vie-recouvrement", "Préparer la décision")
    page.get_by_role("button", name="Préparer", exact=True).click()
    signed(life, procedure)
    life.controller.go(procedure)
    page.get_by_label("Montant").first.fill("1000")
    page.get_by_role("button", name="Préparer", exact=True).click()
    signed(life, procedure)
    life.controller.go(procedure)
    page.get_by_label("Reçu le").fill(today())
    page.get_by_label("Somme, en euros").fill("1000")
    page.get_by_label("Référence de l'encaissement").fill("ENC-1")
    page.get_by_role("button", name="Consigner", exact=True).click()
    expect(page.get_by_text("Close").first).to_be_visible()
    life.picture(life.controller, "vie-reverse", "Étapes")


def signed(life: Life, procedure: str) -> None:
    """Sign what was prepared in a procedure."""
    life.validator.go(procedure)
    life.sign("")


def verified(life: Life) -> None:
    """Every act is in the register, whose chain is intact."""
    life.auditor.go("registre?verifier")
    said(life.auditor, "La chaîne est intacte")
