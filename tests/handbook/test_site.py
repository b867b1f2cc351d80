"""The site: a page for everything, links that lead somewhere, nothing from outside, no text that acts."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from msgspec.structs import replace
from tests.handbook.conftest import ADDRESS, DAY, HOSTILE

from recevable.handbook.history import Change, History
from recevable.handbook.site import build
from recevable.handbook.sources import scripts, sources
from recevable.handbook.survey import Survey
from recevable.pack.letters import Letters
from recevable.report.layout import visible
from recevable.trials.suite import Origin

if TYPE_CHECKING:
    from tests.handbook.conftest import Pages


def test_there_is_a_page_for_every_rule_and_every_parameter(pages: Pages, surveyed: Survey) -> None:
    wanted = {f"regles/{rule}.html" for rule in surveyed.pack.rules}
    wanted |= {f"parametres/{name}.html" for name in surveyed.pack.parameters}
    wanted |= {f"{name}.html" for name in ("index", "calendrier", "pieces", "regles", "parametres", "calculs")}
    assert wanted | {"courriers.html", "exigences.html", "champs.html", "search.html"} <= set(pages)


def test_every_link_leads_to_a_page_and_to_an_anchor_that_exist(pages: Pages) -> None:
    lost = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if link == ADDRESS:
                continue
            assert not parts.scheme, link
            target = (
                posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) if parts.path else name
            )
            anchor = unquote(parts.fragment)
            if target not in pages or (anchor and anchor not in pages[target].anchors):
                lost.append((name, link))
    assert lost == []


def test_nothing_is_loaded_from_outside(pages: Pages, site: Path) -> None:
    for name, page in pages.items():
        for loaded in page.loaded:
            parts = urlsplit(loaded)
            assert (parts.scheme, parts.netloc) == ("", ""), (name, loaded)
            assert (site / posixpath.normpath(posixpath.join(posixpath.dirname(name), parts.path))).is_file(), loaded
    for sheet in site.rglob("*.css"):
        assert not re.search(r"@import|url\((?!data:|[\"']?data:)[\"']?https?:", sheet.read_text("utf-8"))


def test_a_text_of_the_pack_is_only_ever_text(pages: Pages) -> None:
    page = pages["regles/MAJORITE.html"]
    assert " ".join(page.words.split()).count(" ".join(visible(HOSTILE).split())) >= 1
    assert page.tags.count("script") == pages["regles/USAGE.html"].tags.count("script")
    for one in pages.values():
        assert "‮" not in one.words


@pytest.mark.thorough
def test_the_site_is_the_same_when_it_is_built_again(surveyed: Survey, site: Path, tmp_path: Path) -> None:
    build(
        sources(surveyed),
        surveyed.pack.manifest.title,
        tmp_path / "travail",
        tmp_path / "site",
        scripts(surveyed),
    )

    def contents(folder: Path) -> dict[str, bytes]:
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    first, again = contents(site), contents(tmp_path / "site")
    assert first.keys() == again.keys()
    assert [name for name, content in first.items() if again[name] != content] == []


def test_no_path_of_the_machine_and_no_english_word_of_the_theme_is_left(pages: Pages, site: Path) -> None:
    for name, page in pages.items():
        assert str(site) not in page.words
        for english in ("Skip to content", "On this page", "Back to top", "Toggle", "Previous", "Built with"):
            assert english not in page.words, name


def test_the_texts_of_letters_are_shown_with_what_is_left_to_confirm(pages: Pages, surveyed: Survey) -> None:
    page = pages["courriers.html"]
    words = " ".join(page.words.split())
    assert "1 texte est à confirmer par le service juridique." in words
    assert "Nous ne pouvons pas l'accorder." in words
    assert "les voies et délais de recours (CJA R. 421-5)" in words
    assert "pour : Demande de prime" in words
    assert "depuis le 1er septembre 2024" in words
    assert "courriers.html" in {urlsplit(link).path for link in pages["index.html"].links}
    without = dict(sources(replace(surveyed, letters=Letters())))
    assert "courriers" not in without
    assert "courriers" not in without["index"]


# --- what the pages say -----------------------------------------------------------------------------------------------


def test_a_rule_is_told_in_words_and_as_written_with_the_real_result_of_its_examples(pages: Pages) -> None:
    words = " ".join(pages["regles/FACTURE.html"].words.split())
    assert "Facture du vélo" in words
    assert "Délibération, art. 4" in words
    assert "si_absente: {consequence: completer" in words
    assert re.search(r"Essayer sur votre dossier.* satisfait .* non satisfait absente", words)
    assert "La facture n'est pas au nom du bénéficiaire." in words
    assert "Historique indisponible" in words


def test_the_list_of_parameters_and_their_pages_show_the_value_of_the_day(site: Path) -> None:
    for page in ("parametres.html", "parametres/part_de_la_commune.html"):
        text = (site / page).read_text("utf-8").replace("\u00a0", " ").replace("&nbsp;", " ")
        assert re.search(r'class="valeur p-part_de_la_commune">\d+ % depuis le', text), page


def test_a_source_leads_to_the_page_where_the_text_was_read(pages: Pages, site: Path) -> None:
    assert ADDRESS in pages["regles/FACTURE.html"].links
    text = (site / "regles/FACTURE.html").read_text("utf-8")
    assert 'title="Délibération du 12 décembre 2023, consulté le 5 janvier 2026">Délibération</a>, art.' in text
    # a text without address is none
    modified = (site / "parametres/part_de_la_commune.html").read_text("utf-8")
    assert "Délibération modificative, art.\u00a01" in modified.replace("art. 1", "art.\u00a01")
    assert "Textes cités" in pages["index.html"].words
    assert "5 janvier 2026" in pages["index.html"].words


def test_a_fact_of_several_parts_is_told_part_by_part(pages: Pages) -> None:
    words = " ".join(pages["regles/FACTURE.html"].words.split())
    assert "Facture : Lisible : oui Au nom du bénéficiaire : oui" in words
    assert "{lisible: oui" not in words


def test_a_case_that_is_chosen_gives_the_answer_of_the_engine_with_its_steps(pages: Pages, site: Path) -> None:
    page, text = pages["regles/FACTURE.html"], (site / "regles/FACTURE.html").read_text("utf-8")
    cases = text.count('<details class="essai" name="essai-FACTURE">')
    assert cases == text.count('class="essai"') == 2
    words = " ".join(page.words.split())
    satisfied, absent = words[words.index("Essayer sur votre dossier") :].split("non satisfait absente")[:2]
    # the message is that of the decision, and each step says what it read
    assert "Conséquence compléter Message La facture du vélo manque. Réparation Joindre la facture du vélo" in absent
    assert "« Facture » est fourni → faux" in absent
    assert "« Lisible » : non → faux Lisible : oui" in satisfied
    assert "Message" not in satisfied
    amount = " ".join(pages["regles/PRIME-DE-BASE.html"].words.split())
    assert "Calcul 1 000,00 × 0,25 = 250,0000" in amount.replace("\u202f", " ")


def test_an_example_that_fails_shows_what_was_expected_and_what_came(surveyed: Survey, tmp_path: Path) -> None:
    (first, *others) = surveyed.examples["FACTURE"]
    wrong = replace(first, result=replace(first.result, expected="non_satisfait:absente"))
    told = dict(sources(replace(surveyed, examples={**surveyed.examples, "FACTURE": (wrong, *others)})))
    assert "attendu" in told["regles/FACTURE"]
    assert "attendu" not in dict(sources(surveyed))["regles/FACTURE"]


def test_a_value_that_is_not_in_the_text_is_marked(pages: Pages) -> None:
    assert "choix de gestion" in pages["parametres/plafond.html"].words
    assert "choix de gestion" not in pages["parametres/majoration.html"].words


def test_the_values_of_a_parameter_are_drawn_over_time(pages: Pages) -> None:
    page = pages["parametres/part_de_la_commune.html"]
    assert "svg" in page.tags
    words = page.words.replace("\u00a0", " ")
    assert "1er janvier 2024" in words
    assert "30 %" in words
    assert "25 %" in words
    assert "Délibération modificative, art. 1" in words


def test_the_calendar_the_documents_and_the_deductions_are_drawn(pages: Pages) -> None:
    assert "svg" in pages["calculs.html"].tags
    documents = " ".join(pages["pieces.html"].words.split())
    assert re.search(r"Facture du vélo FACTURE · Délibération, art. 4 toujours toujours", documents)
    assert "non demandée" in documents


def test_the_matrix_gives_rules_and_trials_of_each_requirement(pages: Pages, surveyed: Survey) -> None:
    words = " ".join(pages["exigences.html"].words.split())
    assert re.search(r"REQ-1 .* portée par des règles MAJORITE : aucun essai", words)
    assert re.search(r"REQ-2 Une définition\. définition Un mot\.", words)
    tried = replace(surveyed, exercised={**surveyed.exercised, "MAJORITE": {Origin.EXAMPLE: 2, Origin.SCENARIO: 1}})
    told = dict(sources(tried))["exigences"]
    assert "2 exemples\\, 1 scénario" in told
    assert "aucun essai" not in told


def test_the_menu_opens_on_the_way_to_its_page_only(pages: Pages) -> None:
    home, rule = (set(pages[name].links) for name in ("index.html", "regles/FACTURE.html"))
    assert not any(link.startswith("regles/") for link in home)
    # the rules of the same file are one click away
    assert {"MAJORITE.html", "../fichiers/montants.html"} <= rule


def test_the_menu_marks_its_page_and_says_in_french_what_its_boxes_do(site: Path) -> None:
    text = (site / "regles/FACTURE.html").read_text("utf-8")
    menu = text[text.index('<div class="sidebar-tree">') : text.index('<div class="main">')]
    assert menu.count("current-page") == menu.count('href="#"') == 1
    assert menu.count('type="checkbox"') == menu.count("has-children") == 2
    assert menu.count('aria-label="Ouvrir ou fermer : ') == 2
    assert "Toggle" not in menu
    assert menu.count("<li ") == menu.count("</li>")
    # a page that is not in the menu opens nothing
    search = (site / "search.html").read_text("utf-8")
    menu = search[search.index('<div class="sidebar-tree">') : search.index('<div class="main">')]
    assert "calendrier.html" in menu
    assert "has-children" not in menu


def test_what_a_file_says_to_an_editor_is_not_told_to_the_reader(pages: Pages) -> None:
    for name in ("regles.html", "fichiers/prime.html"):
        assert "Ce que vaut la prime." in pages[name].words
        assert "yaml-language-server" not in pages[name].words
        assert "vim:" not in pages[name].words


def test_every_choice_where_the_text_is_silent_is_listed_and_on_its_page(pages: Pages) -> None:
    listed = pages["choix.html"]
    assert "Le texte ne dit pas de quelle année." in listed.words
    assert {"regles/FOYER-MODESTE.html", "parametres/plafond.html"} <= set(listed.links)
    for page in ("regles/FOYER-MODESTE.html", "parametres/plafond.html"):
        assert "choix de gestion" in pages[page].words
        assert "../choix.html" in pages[page].links
    assert "Le texte ne dit pas de quelle année." in pages["regles/FOYER-MODESTE.html"].words
    assert "choix de gestion" not in pages["regles/MAJORITE.html"].words
    assert "choix.html" in pages["index.html"].links


def test_a_parameter_says_at_which_day_its_value_is_read(pages: Pages) -> None:
    assert "à la date de la réception de la demande" in pages["parametres/part_de_la_commune.html"].words
    assert "en vigueur le 26 novembre 2026" in pages["parametres/part_de_la_commune.html"].words
    assert "à la date de la décision" in pages["parametres/conservation.html"].words
    assert "Lue au jour de" in pages["parametres.html"].words


def test_the_documents_are_those_of_a_day_that_is_said(pages: Pages) -> None:
    assert "à chaque profil de demandeur, le 26 novembre 2026." in pages["pieces.html"].words


def test_the_table_of_computations_says_in_which_case_each_rule_applies(pages: Pages) -> None:
    words = pages["calculs.html"].words.replace("\u00a0", " ")
    assert "applique quand : « Le foyer est modeste » : oui" in words
    assert "applique quand : « Le foyer est modeste » : non" in words
    assert "Se calcule ainsi : " in words


# --- what lawyers asked for -------------------------------------------------------------------------------------------


def test_a_sentence_gives_the_values_of_the_day(pages: Pages) -> None:
    words = " ".join(pages["regles/DELAI-DEMANDE.html"].words.split())
    assert "« Délai pour demander la prime » (6 mois)" in words
    assert "Les valeurs entre parenthèses sont celles du 26 novembre 2026." in words


def test_a_value_of_several_says_since_when(pages: Pages) -> None:
    words = pages["calculs.html"].words.replace("\u00a0", " ")
    assert re.search(r"\d+ % depuis le 1er \w+ 20\d\d\)", words)


def test_the_script_of_dates_has_every_value_of_every_parameter_that_a_sentence_names(
    pages: Pages, surveyed: Survey, site: Path
) -> None:
    text = (site / "_static" / "valeurs.js").read_text("utf-8")
    known = json.loads(text.removeprefix("window.VALEURS = ").removesuffix(";\n"))
    assert known["jour"] == "2026-11-26"
    dated = {"part_de_la_commune": len(surveyed.pack.parameters["part_de_la_commune"].values)}
    assert {name: len(known["parametres"][name]["valeurs"]) for name in dated} == dated
    named = {
        name
        for page in site.rglob("*.html")
        for name in re.findall(r'class="valeur p-([a-z0-9_]+)"', page.read_text("utf-8"))
    }
    assert named
    assert named <= known["parametres"].keys()


def test_the_menu_names_subjects_and_not_files(pages: Pages) -> None:
    assert "Ce que vaut la prime" in pages["index.html"].words + pages["regles.html"].words
    assert "prime.yaml" not in pages["regles.html"].words
    assert "Montants" in pages["regles.html"].words


def test_examples_that_fail_are_an_alarm_on_the_first_page(surveyed: Survey) -> None:
    (first, *others) = surveyed.examples["FACTURE"]
    wrong = replace(first, result=replace(first.result, expected="manquant"))
    home = dict(sources(replace(surveyed, examples={**surveyed.examples, "FACTURE": (wrong, *others)})))["index"]
    assert "Des exemples échouent" in home
    assert "/regles/FACTURE" in home
    assert "Des exemples échouent" not in dict(sources(surveyed))["index"]


def test_the_cells_of_a_table_say_their_column_for_narrow_screens(site: Path) -> None:
    text = (site / "regles" / "FACTURE.html").read_text("utf-8")
    assert '<td data-intitule="Conséquence">' in text
    # the rows of a table without headings are labelled by their first cell
    assert 'data-intitule="Identifiant"' not in text


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", "- id: A", "Écriture de la règle"),
        ("- id: A\n  titre: Un", "- id: A\n  titre: Deux", "titre : Un → Deux"),
        ("- id: A\n  titre: Un", "- {id: A, titre: Un}", None),
        ("- id: [", "- id: A", "Modification dont le texte ne se lit plus"),
    ],
)
def test_history_says_what_changed_and_not_the_title_of_a_commit(
    surveyed: Survey, before: str, after: str, said: str | None
) -> None:
    past = History({"FACTURE": (Change(DAY, "Fix: typo in YAML", before, after),)})
    page = dict(sources(replace(surveyed, history=past)))["regles/FACTURE"]
    page = page.replace("\\", "").replace("\u00a0", " ")
    assert "Fix" not in page
    assert said is None or said in page
    assert said is not None or "26 novembre 2026" not in page.partition("Historique")[2]


def test_the_nature_of_a_rule_leads_to_its_meaning_in_the_vocabulary(pages: Pages) -> None:
    assert "../vocabulaire.html#nature-piece" in pages["regles/FACTURE.html"].links
    assert "nature-piece" in pages["vocabulaire.html"].anchors
    assert "vocabulaire.html" in pages["index.html"].links


def test_a_rule_names_the_rules_whose_result_it_reads_and_not_what_they_read(pages: Pages) -> None:
    reader, read = pages["regles/VELO-MUSCULAIRE.html"], pages["regles/MAJORITE.html"]
    assert "Résultats d'autres règles" in reader.words
    assert "MAJORITE.html" in reader.links
    assert "beneficiaire.majeur" not in reader.words
    assert "VELO-MUSCULAIRE.html" in read.links
    assert "Sert à" in read.words
