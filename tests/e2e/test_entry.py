"""A request that came on paper, typed in a real browser: without a script, verified as it goes, saved twice at once."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.e2e.conftest import SignedIn
from tests.e2e.screens.entry import part
from tests.e2e.watched import Watched

OPERATOR = "Opérateur MSSanté"


def save(watched: Watched) -> None:
    """Press the button that saves a part, the one that is seen."""
    watched.page.get_by_role("button", name="Enregistrer", exact=True).last.click()


def test_a_part_is_typed_and_rows_come_and_go_without_a_script(signed_in: SignedIn) -> None:
    ines = signed_in("instructeur", scripts=False)
    part("Paiements")(ines)
    ines.page.get_by_role("button", name="Ajouter une ligne").click()
    ines.page.get_by_label("Montant versé").fill("8 000,5")
    ines.page.get_by_role("button", name="Ajouter une ligne").click()
    expect(ines.page.get_by_role("heading", name="Paiement n° 2")).to_be_visible()
    ines.page.get_by_role("button", name="Retirer cette ligne : Paiement n° 2").click()
    expect(ines.page.get_by_role("heading", name="Paiement n° 2")).to_have_count(0)
    # the key that sends a form saves, and takes out no row
    ines.page.get_by_label("Montant versé").press("Enter")
    expect(ines.page.get_by_role("status")).to_contain_text("La saisie est enregistrée.")
    expect(ines.page.get_by_label("Montant versé")).to_have_value("8 000,5")
    ines.page.get_by_role("link", name="Courrier 12").click()
    ines.page.get_by_text("1 renseignement").click()
    expect(ines.page.get_by_text(re.compile(r"8\s000,50\s€"))).to_be_visible()


def test_a_field_is_verified_as_it_is_left(signed_in: SignedIn) -> None:
    ines = signed_in("instructeur")
    part(OPERATOR)(ines)
    rate = ines.page.get_by_label("Taux de TVA")
    rate.fill("20")
    rate.press("Tab")
    expect(ines.page.get_by_text("« 20 » n'est pas un taux. Par exemple 20 % ou 0,20.")).to_be_visible()
    rate.fill("20 %")
    rate.press("Tab")
    expect(ines.page.get_by_text("n'est pas un taux")).to_have_count(0)


def test_two_windows_on_one_entry_lose_nothing(signed_in: SignedIn) -> None:
    first, second = signed_in("instructeur"), signed_in("instructeur")
    part(OPERATOR)(first)
    second.go(first.path().removeprefix("/"))
    first.page.get_by_label("Raison sociale").first.fill("Écrit ici")
    save(first)
    second.page.get_by_label("Raison sociale").first.fill("Écrit là")
    with second.expecting(409):
        save(second)
        expect(second.page.get_by_role("alert").first).to_contain_text("enregistrée ailleurs")
    row = second.page.get_by_role("row", name="Raison sociale")
    expect(row).to_contain_text("Écrit là")
    expect(row).to_contain_text("Écrit ici")
    expect(second.page.get_by_label("Raison sociale").first).to_have_value("Écrit là")
