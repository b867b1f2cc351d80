"""The decision as text: laid out to be read, and every amount, reason and source where an instructor looks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from recevable.decision.model import Decision, Part
from recevable.pack.model import Consequence, Result
from recevable.report.layout import Page
from recevable.report.text import render, summary

Decide = Callable[..., Decision]
PARIS = ZoneInfo("Europe/Paris")
PAGE = Page()
THIN, HARD = "\u202f", "\u00a0"
AMOUNT = re.compile(rf"-?\d{{1,3}}(?:{THIN}\d{{3}})*,\d{{2}}{HARD}€")


def lines_of(decision: Decision) -> list[str]:
    return render(decision, PARIS, PAGE).splitlines()


def body(decision: Decision) -> str:
    """The text without its receipt, whose digests change with the software."""
    return render(decision, PARIS, PAGE).partition("\nReçu : ")[0]


def block(decision: Decision, heading: str) -> list[str]:
    """The lines under a heading, up to the next blank line."""
    lines = lines_of(decision)
    start = lines.index(heading) + 1
    return lines[start : lines.index("", start)]


# --- the whole page ---------------------------------------------------------------------------------------------------


def test_no_line_of_any_decision_is_too_long_or_ends_with_a_space(every: dict[str, Decision]) -> None:
    assert every
    for name, decision in every.items():
        for line in lines_of(decision):
            assert len(line) <= PAGE.width, (name, line)
            assert line == line.rstrip(), (name, line)


def test_blank_lines_separate_and_never_pile_up(every: dict[str, Decision]) -> None:
    for name, decision in every.items():
        text = render(decision, PARIS, PAGE)
        assert "\n\n\n" not in text, name
        assert text.endswith("\n"), name
        assert not text.endswith("\n\n"), name


def test_no_jargon_of_the_machine_is_printed(every: dict[str, Decision]) -> None:
    words = re.compile(
        r"\b(None|True|False|Decimal|non_satisfait|a_apprecier|sans_objet|demi_superieur|parametre:|reponse:)"
    )
    for name, decision in every.items():
        assert not words.search(render(decision, PARIS, PAGE)), name


def test_every_amount_is_written_as_the_french_write_it(every: dict[str, Decision]) -> None:
    for name, decision in every.items():
        for line in lines_of(decision):
            for found in re.finditer(r"\S+[\s\u202f\u00a0]*€", line):
                assert AMOUNT.search(found[0]), (name, line)
            # a decimal point only in what is not a number for people: versions, times, sections, addresses
            assert not re.search(r"(?<![\w§.])\d+\.\d{2}(?![\w.])", line), (name, line)


def test_no_line_starts_with_what_should_end_the_one_before(every: dict[str, Decision]) -> None:
    for name, decision in every.items():
        for line in lines_of(decision):
            assert not re.match(r"\s*(»|[:;](?: |$)|\?$|€|%)", line), (name, line)
            assert not line.endswith(("«", "§", " =")), (name, line)


def test_the_amounts_of_a_request_end_in_one_column(every: dict[str, Decision]) -> None:
    seen = 0
    for name, decision in every.items():
        for line in lines_of(decision):
            found = re.match(r"    \S.* \.{3,} (.+?)(?=  |$)", line)
            if found:
                seen += 1
                assert found.end() == 78, (name, line)
    assert seen > 500


def test_colours_change_no_character(every: dict[str, Decision]) -> None:
    for name, decision in every.items():
        coloured = render(decision, PARIS, Page(colour=True))
        assert coloured.count("\x1b[") % 2 == 0, name
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(decision, PARIS, PAGE), name


def test_every_reason_is_printed_with_its_source_and_its_rule(every: dict[str, Decision]) -> None:
    def flat(text: str) -> str:
        return re.sub(r"\s+", " ", text)

    for name, decision in every.items():
        text = flat(render(decision, PARIS, PAGE))
        for request in decision.requests:
            for finding in request.findings:
                if finding.consequence is not None:
                    assert flat(finding.message) in text, (name, finding.rule)
                    assert flat(f"{finding.source} · {finding.rule}") in text, (name, finding.rule)
        for case in decision.recovery:
            assert flat(case.message) in text, (name, case.rule)
            assert flat(f"{case.source} · {case.rule}") in text, (name, case.rule)
        for line in decision.appraisals:
            assert flat(line.question) in text, (name, line.rule)


# --- the parts --------------------------------------------------------------------------------------------------------


def test_an_accepted_request_reads_from_the_verdict_to_the_cent(decide_small: Decide) -> None:
    assert body(decide_small("acceptee")) == (
        f"""\
V-2024-001                                                                   décision au 31 mai 2024
Prime communale à l'achat d'un vélo
Texte en vigueur : version 2024, depuis le 1er janvier 2024 (Délibération du 12 décembre 2023).
{"─" * 100}

DEMANDE DE PRIME                                                      reçue le 6 mai 2024 à 10:00:00
  ▌ ACCEPTER ; à payer : 509,97 €
  6 contrôles : 4 satisfaits, 2 sans objet.

  Montants
    Prime de base ................................................... 359,97 €  Délibération, art. 2
      1 199,90 × 0,30 = 359,9700 ; le plus petit de 359,9700 et 400,00 = 359,9700
    Total déjà versé ................................................. inconnu  Délibération, art. 6
    Prime d'un foyer modeste ........................................ 509,97 €  Délibération, art. 3
      359,97 + 150,00 = 509,97 ; le plus petit de 509,97 et 1 199,90 = 509,97
""".replace(" €", f"{HARD}€").replace("1 199", f"1{THIN}199")
    )


def test_a_rejected_request_gives_its_reasons_then_the_rest_and_offers_no_repair(decide_small: Decide) -> None:
    decision = decide_small("hors-delai", "2024-09-20")
    text = body(decision)
    assert "▌ REJETER\n" in text
    assert block(decision, "  Motifs de rejet") == [
        "   1. La facture n'est pas au nom du bénéficiaire.",
        "      Délibération, art. 4 · FACTURE",
        "   2. Le bénéficiaire n'est pas majeur.",
        "      Délibération, art. 1 · MAJORITE",
        "   3. Demande déposée le 16 septembre 2024 à 00:00:00, plus de 6 mois après l'achat du 15 mars 2024.",
        "      Délibération, art. 5 · DELAI-DEMANDE",
        "      Aucun complément du dossier ne peut lever ces motifs.",
    ]
    assert block(decision, "  À compléter par ailleurs")[0] == "   4. La facture du vélo est illisible."
    assert "Pour que la demande soit acceptée" not in text
    assert "  Montants, pour mémoire\n" in text


def test_a_request_to_complete_says_what_to_ask_and_of_whom(decide_small: Decide) -> None:
    decision = decide_small("a-completer")
    assert block(decision, "  Pour que la demande soit acceptée") == [
        "    Demander au demandeur :",
        "      – Joindre la facture du vélo",
        "      – Joindre un justificatif de domicile de moins de trois mois",
    ]
    assert "  Montants, si la demande est acceptée\n" in body(decision)


def test_what_several_must_provide_is_sorted_by_who(decide: Decide) -> None:
    lines = block(decide("solde-sans-extraction"), "  Pour que la demande soit acceptée")
    assert [line for line in lines if line.endswith(" :")] == sorted(
        {line for line in lines if line.endswith(" :")}, key=lines.index
    )
    assert "    Demander à l'ANS :" in lines


def test_an_open_appraisal_says_where_the_answer_is_to_be_written(decide_small: Decide) -> None:
    decision = decide_small("association")
    assert "▌ ACCEPTER sous réserve d'une appréciation humaine ; montant estimé : 400,00" in body(decision)
    assert block(decision, "  Appréciations humaines") == [
        "    ? Le vélo de Les Roues libres sert-il à l'objet de l'association ?",
        "      À apprécier.",
        "      À consigner au dossier sous `appreciations.USAGE` : `conforme` ou `sans_rapport`.",
        "      Délibération, art. 1 · USAGE",
    ]
    (line,) = [line for line in lines_of(decision) if "Prime sans majoration" in line]
    assert line.endswith(f"400,00{HARD}€  provisoire")


def test_a_recorded_appraisal_says_who_when_and_why(decide_small: Decide) -> None:
    assert block(decide_small("association-appreciee"), "  Appréciations humaines")[1:3] == [
        "      Réponse « conforme » de Dominique Exemple, le 10 mai 2024, valable jusqu'au 10 mai 2025 :",
        "      Livraisons aux adhérents",
    ]


def test_an_expired_appraisal_says_since_when(decide_small: Decide) -> None:
    lines = block(decide_small("association-appreciee", "2025-05-11"), "  Appréciations humaines")
    assert lines[1] == "      Réponse expirée depuis le 10 mai 2025 : à apprécier de nouveau."


def test_a_warning_is_said_to_have_no_effect(decide_small: Decide) -> None:
    assert block(decide_small("association"), "  Signalements, qui ne changent pas le verdict") == [
        f"    ! Prix élevé pour un vélo sans moteur : 5{THIN}200,00{HARD}€.",
        "      Délibération, art. 2 · VELO-MUSCULAIRE",
    ]


def test_a_case_of_recovery_says_what_is_at_stake_and_that_nothing_is_ordered(decide_small: Decide) -> None:
    decision = decide_small("revente", "2025-06-30")
    text = body(decision)
    assert "  Recouvrement      À INSTRUIRE  1 cas\n" in text
    assert text.partition("\nRECOUVREMENT")[2] == (
        f"""\
{"1 cas à instruire":>88}
  Rien n'est ordonné d'office : chaque étape est proposée à un agent, qui en décide.

  ▌ Vélo revendu avant le terme : à instruire
    Vélo revendu le 1er juin 2025, avant 3 ans : demander le remboursement de 509,97{HARD}€.
    Le texte rend le reversement obligatoire.
    Montant en jeu .................................................. 509,97{HARD}€
    Délibération, art. 7 · REVENTE
"""
    )


def test_a_closed_case_claims_nothing(decide_small: Decide) -> None:
    text = body(decide_small("revente-remboursee", "2025-06-30"))
    case = text.partition("\nRECOUVREMENT")[2]
    assert "▌ Vélo revendu avant le terme : clos\n    Prime remboursée : classer.\n" in case
    assert "€" not in case
    assert "ordonné" not in case


@pytest.mark.parametrize("name", ["recouvrement-quatre-cas"])
def test_amounts_at_most_or_proposed_are_called_so(decide: Decide, name: str) -> None:
    text = body(decide(name))
    assert "Montant en jeu, au plus ....." in text
    assert "Montant proposé ....." in text
    assert "Le texte laisse le reversement à la discrétion de l'administration." in text
    assert "Le texte ne dit pas si le reversement est obligatoire." in text


def test_a_value_of_the_text_that_is_not_known_is_named_and_nobody_is_asked_for_it(decide: Decide) -> None:
    decision = decide("avance-v1-date-inconnue")
    text = body(decision)
    assert "▌ PAS DE DÉCISION\n" in text
    assert "  Sans réponse à cette date\n" in text
    assert (
        "tant que ces valeurs ne sont pas connues : « Date de\n  fermeture », « Fin de dépôt des demandes d'avance »"
        in text
    )
    assert "Pour que la demande soit acceptée" not in text


def test_an_amount_is_calculated_in_full_sight(decide: Decide) -> None:
    text = body(decide("solde-piege-du-centime")).replace(THIN, " ").replace(HARD, " ")
    calculations = [line.strip() for line in text.splitlines() if re.match(r"      .* = [\d ]+,\d", line)]
    assert any(re.fullmatch(r"58,33 × \d+ = [\d ]+,\d\d", line) for line in calculations)
    assert any("arrondi au centime le plus proche = " in line for line in calculations)
    for line in calculations:
        first = line.partition(" ; ")[0].partition(" · ")[0]
        left, _, right = first.rpartition(" = ")
        if re.fullmatch(r"[\d ,+×−]+", left):
            # what is printed must be true
            expression = left.replace(" ", "").replace(",", ".").replace("×", "*").replace("−", "-")
            assert eval(expression) == pytest.approx(float(right.replace(" ", "").replace(",", "."))), line


def test_a_summary_precedes_several_requests_and_only_several(decide_small: Decide, decide: Decide) -> None:
    alone, two = body(decide_small("acceptee")), body(decide_small("deux-demandes"))
    rows = f"""
  Demande de prime                    ACCEPTER  509,97{HARD}€
  Adhésion à l'atelier de réparation  ACCEPTER

"""
    assert rows in two
    assert "  Demande de prime  " not in alone
    assert "  Demande de solde      COMPLÉTER  5 motifs\n" in body(decide("solde-cinq-defauts"))


def test_the_counts_agree_with_the_findings(every: dict[str, Decision]) -> None:
    for name, decision in every.items():
        for request in decision.requests:
            counts = request.counts()
            text = f"{sum(counts.values())} contrôles : {counts[Result.SATISFIED]} satisfaits"
            assert text in render(decision, PARIS, PAGE), name


def test_a_request_that_is_not_accepted_for_good_promises_no_payment(every: dict[str, Decision]) -> None:
    for name, decision in every.items():
        payable = render(decision, PARIS, PAGE).count("à payer : ")
        assert payable == sum(r.payable is not None for r in decision.requests), name


def test_a_trace_fits_the_page_too(decide: Decide) -> None:
    for line in lines_of(decide("solde-cas-b", trace=True)):
        assert len(line) <= PAGE.width, line
        assert line == line.rstrip()


def test_the_receipt_names_what_the_decision_was_computed_from(decide_small: Decide) -> None:
    decision = decide_small("acceptee")
    receipt = render(decision, PARIS, PAGE).partition("\nReçu : ")[2].replace("\n", " ")
    for digest in (
        decision.receipt.pack_sha256, decision.receipt.schema_sha256, decision.receipt.dossier_sha256,
        decision.receipt.engine_sha256,
    ):  # fmt: skip
        assert digest[:12] in receipt


def test_a_long_name_keeps_its_line_and_the_day_the_next(decide_small: Decide) -> None:
    name = "d/" * 45 + "a.json"
    first, second, *_ = render(decide_small("acceptee"), PARIS, PAGE, name).splitlines()
    assert first == f"{name}  (V-2024-001)"
    assert second == f"{'décision au 31 mai 2024':>100}"


def test_a_decision_is_headed_by_what_is_known_of_its_dossier(decide_small: Decide) -> None:
    decision = decide_small("acceptee")
    headed = [
        render(replace(decision, reference=reference), PARIS, PAGE, name).partition("  décision")[0].strip()
        for reference in ("V-2024-001", "")
        for name in ("a.json", "")
    ]
    assert headed == ["a.json  (V-2024-001)", "V-2024-001", "a.json", "Dossier sans référence"]


def test_nothing_of_a_dossier_acts_on_the_terminal(decide_small: Decide) -> None:
    decision = decide_small("association")
    hostile = "\x1b[2J\u202e\x07"
    request = decision.requests[0]
    findings = tuple(
        replace(f, message=f"{f.message}{hostile}") if f.consequence is Consequence.SIGNAL else f
        for f in request.findings
    )
    appraisals = tuple(replace(line, question=f"{hostile} ?") for line in decision.appraisals)
    spoiled = replace(
        decision,
        reference=hostile,
        appraisals=appraisals,
        requests=(replace(request, parts=(Part.of(findings, notable=True),)),),
    )
    text = render(spoiled, PARIS, PAGE, f"a{hostile}.json")
    assert not set(text) & set(hostile) - set("[2J")
    assert text.count("\\u001b[2J\\u202e\\u0007") == 4


def test_the_balance_names_only_what_happened() -> None:
    counts = [(3, "dossier", "dossiers"), (0, "accepté", "acceptés"), (1, "illisible", "illisibles")]
    assert summary(counts, PAGE) == "Bilan : 3 dossiers, 1 illisible.\n"
