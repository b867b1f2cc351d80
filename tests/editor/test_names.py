"""What the editor says of a name: at which day its value is read, every rule that gives it, and what is a choice."""

from __future__ import annotations

from datetime import date

from recevable import data
from recevable.editor.names import Names, Sort, names
from recevable.pack.source import FolderSource


def shipped() -> Names:
    return names(FolderSource(data.shipped("rules") / "af-ope-mss"), date(2023, 6, 15))


def test_a_parameter_says_for_which_day_its_value_is_told() -> None:
    found = shipped().find("fin_depot_avance", Sort.PARAMETER)
    assert found is not None
    assert found.detail == "instant : 26 juillet 2023 à 14:00:00 aujourd'hui"
    assert "Pour une demande décidée aujourd'hui : **26 juillet 2023 à 14:00:00**" in found.markdown
    assert "(la valeur est lue à la date de la décision)" in found.markdown
    assert "- à partir du 9 septembre 2022 : inconnue" in found.markdown


def test_a_parameter_and_a_rule_that_are_choices_say_so() -> None:
    found = shipped()
    parameter = found.find("ouverture_services_asp", Sort.PARAMETER)
    rule = found.find("ELI-SERVICE", Sort.RULE)
    assert parameter is not None
    assert rule is not None
    assert "Choix de gestion, là où le texte se tait. Le texte ne donne que le mois" in parameter.markdown
    assert "Choix de gestion, là où le texte se tait : Le texte dit « fournissant un Service »" in rule.markdown


def test_a_name_that_several_rules_give_shows_them_all() -> None:
    found = shipped().find("taux_usuel", Sort.DEFINITION)
    assert found is not None
    for rule in ("TAUX-USUEL-METROPOLE", "TAUX-USUEL-ANTILLES-REUNION", "TAUX-USUEL-GUYANE-MAYOTTE"):
        assert rule in found.detail
        assert f"Défini par `{rule}`, quand `operateur.territoire" in found.markdown
