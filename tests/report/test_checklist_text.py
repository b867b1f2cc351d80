"""The checklist as text: what the applicant brings first, what others verify last, and no line too long."""

from __future__ import annotations

import re
from datetime import date

import pytest
from msgspec.structs import replace

from recevable.decision.checklist import checklist
from recevable.programme import Programme
from recevable.report.checklist import render
from recevable.report.layout import Page

TODAY = date(2024, 5, 31)


def text_of(programme: Programme, request: str, profile: str, **changed: bool) -> str:
    return render(
        checklist(programme.decider, request, profile, TODAY),
        replace(programme.pack.manifest.requests[request], **changed),
        profile,
        TODAY,
        programme.pack.manifest.parties,
        Page(),
    )


def test_a_programme_that_rejects_what_is_incomplete_says_so_first(small: Programme) -> None:
    line = "  Une demande incomplète est rejetée : ce que le demandeur doit est à fournir au complet dès le"
    assert line in text_of(small, "prime", "particulier", strict=True).splitlines()
    assert line not in text_of(small, "prime", "particulier")


def test_the_whole_list_of_the_small_programme(small: Programme) -> None:
    assert (
        text_of(small, "prime", "particulier")
        == f"""\
Demande de prime : profil « particulier »                                      règles au 31 mai 2024
{"─" * 100}

  Délais à respecter
    ☐ Prime demandée dans les six mois de l'achat
      au plus tard : la fin du jour « Acheté le » décalé de « Délai pour demander la prime »
      (« Délai pour demander la prime » : 6 mois, pour une demande reçue à partir du 1er janvier
      2024)
      Délibération, art. 5 · DELAI-DEMANDE

  Pièces à joindre
    ☐ Facture du vélo
      Joindre la facture du vélo
        – Joindre une facture lisible
      Délibération, art. 4 · FACTURE
    ☐ Justificatif de domicile
      Joindre un justificatif de domicile de moins de trois mois
      Délibération, art. 4 · DOMICILE

  Informations à donner et conditions à remplir
    ☐ Bénéficiaire majeur
      Délibération, art. 1 · MAJORITE

▸ Points d'attention, qui entrent dans le calcul du montant

    • Vélo sans moteur
      si « Électrique » : non
      Délibération, art. 2 · VELO-MUSCULAIRE

    Aucun ne fait rejeter la demande ; une donnée qu'ils lisent et qui manque peut être demandée.
"""
    )


@pytest.mark.parametrize("profile", ["acheteur", "developpeur"])
@pytest.mark.parametrize("request_", ["enrolement", "avance", "solde"])
def test_a_list_is_laid_out_to_be_read(shipped: Programme, request_: str, profile: str) -> None:
    text = text_of(shipped, request_, profile)
    for line in text.splitlines():
        assert len(line) <= 100, line
        assert line == line.rstrip(), line
        assert not line.endswith("«"), line
    assert "\n\n\n" not in text
    assert not re.search(r"\b(None|True|False|si il)\b", text)


def test_what_others_verify_has_no_box_to_tick(shipped: Programme) -> None:
    text = text_of(shipped, "enrolement", "acheteur")
    mine, _, others = text.partition("▸ Ce que l'ANS vérifie ou fournit\n")
    assert "☐" in mine
    assert others
    assert "☐" not in others
    assert "Espace de confiance" in others


def test_each_rule_is_listed_once(shipped: Programme) -> None:
    rules = re.findall(r" · ([A-Z][A-Z0-9-]+)$", text_of(shipped, "solde", "acheteur"), re.MULTILINE)
    assert rules
    assert sorted(rules) == sorted(set(rules))


def test_a_condition_stands_above_what_depends_on_it(shipped: Programme) -> None:
    text = text_of(shipped, "enrolement", "developpeur")
    assert re.search(
        r"▸ Si « Le dépositaire n'est pas le représentant légal » : oui\n\n  Pièces à joindre\n    ☐ ", text
    )
