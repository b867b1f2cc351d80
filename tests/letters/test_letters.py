"""Every kind of letter, read back: it says what the decision says, is tagged, and is the same bytes anywhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.letters.conftest import BASE, DAY, FACTS, FIXTURES, SIGNED, Read, dossier_of, read_back, squeezed

import recevable
from recevable import Dossier, Programme, letters, wording
from recevable.letters.typography import typeset
from recevable.pack.letter_kinds import KINDS

# The dossiers whose every letter is read back: a few, or `all` (in CI).
WANTED = os.environ.get("RECEVABLE_TEST_LETTERS", "")
FEW = (
    "solde-cinq-defauts",
    "solde-avance-irrecevable-enrolement-tardif",
    "avance-developpeur-complete",
    "enrolement-acheteur-commande-absente",
    "enrolement-siret-absent",
    "solde-avance-versee-hors-taxe-par-erreur",
    "recouvrement-nombre-de-bal",
)
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json")) if WANTED == "all" else FEW


def day_of(name: str) -> date:
    """The day on which a known dossier is decided."""
    expected = yaml.safe_load((FIXTURES / f"{name}.attendu.yaml").read_text("utf-8"))
    return date.fromisoformat(str(expected["au"]))


def made(
    programme: Programme, dossier: Dossier, on: date
) -> Iterator[tuple[letters.LetterContent, recevable.RequestDecision]]:
    """Every letter about a request that a dossier can have on a day."""
    for decision in programme.decide(dossier, on).requests:
        for kind in KINDS.values():
            if not kind.request:
                continue
            facts = dict(FACTS[kind.name])
            if "completer_avant_le" in facts:
                facts["completer_avant_le"] = (on + timedelta(days=30)).isoformat()
            try:
                yield letters.write(programme, kind.name, dossier, on, facts, decision), decision
            except letters.LetterRefused:
                continue


def fits(content: letters.LetterContent, found: Read) -> None:
    """The PDF says what the data say, all of it, in this order, with the tags of what it is."""
    data = json.loads(content.data)
    texts = list(said(data))
    place = 0
    for text in texts:
        at = found.text.find(squeezed(text), place)
        assert at >= 0, text
        place = at
    parts = [part for block in data["blocs"] for part in block["contenu"]]
    items = [one for part in parts if part["nature"] == "liste" for one in part["elements"]]
    tables = [part for part in parts if part["nature"] == "tableau"]
    rows = sum(len(one["lignes"]) + 2 for one in tables)
    assert found.tags[0] == "Document"
    assert found.counts["H1"] == 1
    assert found.counts["H2"] == sum(bool(block["titre"]) for block in data["blocs"])
    assert found.counts["LI"] == found.counts["LBody"] == len(items)
    assert (found.counts["Table"], found.counts["TR"]) == (len(tables), rows)
    assert found.counts["TH"] == found.scopes == 3 * len(tables)
    assert found.untagged == 0
    assert found.faults == ()
    assert (found.language, found.title) == ("fr-FR", content.title)
    assert found.standards == {"pdfuaid:part": "1", "pdfaid:part": "2", "pdfaid:conformance": "A"}
    assert found.watermark is (data["apercu"] is not None)


def said(data: dict[str, Any]) -> Iterator[str]:
    """Every text of the data of a letter, in the order of the page."""
    yield data["emetteur"]["nom"]
    yield from (*data["emetteur"]["lignes"], *data["destinataire"], data["fait_le"])
    yield from (value for row in data["references"] for value in row)
    yield from (data["a_confirmer"], data["objet"], data["appel"])
    for block in data["blocs"]:
        yield block["titre"]
        for part in block["contenu"]:
            if part["nature"] == "paragraphe":
                yield part["texte"]
            elif part["nature"] == "liste":
                for one in part["elements"]:
                    yield from (one["texte"], *one["details"], one["source"])
            else:
                yield from (*part["entetes"], *(cell for row in part["lignes"] for cell in row), *part["total"])
        yield block["a_confirmer"]
    yield from (data["formule"], *data["signature"])


@pytest.mark.parametrize("name", NAMES)
def test_the_letters_of_a_dossier_say_its_decision(programme: Programme, name: str) -> None:
    on = day_of(name)
    dossier = dossier_of(programme, name)
    for content, decision in made(programme, dossier, on):
        found = read_back(letters.pdf(content.data))
        fits(content, found)
        kind = KINDS[content.kind]
        if kind.verdict:
            assert kind.verdict == decision.verdict
        assert found.holds(typeset(programme.applicant(dossier).name))
        assert found.holds(typeset(decision.title))
        if kind.name == "acceptation" and decision.proposed is not None:
            for line in decision.amounts:
                assert found.holds(typeset(line.title))
                assert found.holds(wording.words(line.value, line.type, programme.zone))
                assert all(found.holds(recevable.step_words(step)) for step in line.steps)
            assert found.holds(wording.amount(decision.proposed.value))
            # nothing is said to be paid when nothing is left to pay
            assert found.holds("est versée sur le compte") is (decision.settled is False)
        asked = [one for one in decision.repair.actions if kind.asks]
        findings = {one.rule: one for one in decision.findings if one.consequence == "completer"}
        for action in asked:
            assert found.holds(typeset(action.words)) is (action.party == "demandeur")
            if action.party == "demandeur":
                assert all(found.holds(typeset(findings[rule].source)) for rule in action.rules)
        if kind.name == "rejet":
            reasons = [one for one in decision.findings if one.consequence == "rejeter" and one.message]
            assert reasons
            assert all(found.holds(typeset(one.message)) and found.holds(typeset(one.source)) for one in reasons)
        if kind.name in ("rejet", "accuse_reception", "acceptation"):
            assert found.holds("tribunal administratif")
        assert not [rule for rule in programme.pack.rules if rule in found.text]
        # nor a path of the dossier, which only an instructor reads
        assert not re.search(r"\boperateur\.[a-z]", found.text)


@pytest.mark.parametrize("name", NAMES)
def test_the_letters_of_a_recovery_say_its_sum_and_its_text(programme: Programme, name: str) -> None:
    on = day_of(name)
    dossier = dossier_of(programme, name)
    cases = [case for case in programme.decide(dossier, on).recovery if case.amount.value]
    assert cases or WANTED == "all" or not name.startswith("recouvrement")
    for case in cases:
        cents = int(case.amount.value * 100)
        found = {"constats": [{"texte": case.title, "source": case.source}], "montant": cents}
        heard = (on - timedelta(days=60)).isoformat()
        for kind, facts in (
            ("mise_en_demeure", {**found, "repondre_avant_le": (on + timedelta(days=60)).isoformat()}),
            ("fin_contradictoire", {"contradictoire_le": heard, "suite": case.title, "montant": cents}),
            (
                "ouverture_contradictoire",
                {"acte": "abrogation", "decision_le": heard, "decision_reprise": case.title,
                 "constats": found["constats"], "repondre_avant_le": (on + timedelta(days=30)).isoformat()},
            ),
            (
                "constat_controle",
                {"controle": f"{case.title} ({case.source})",
                 "repondre_avant_le": (on + timedelta(days=30)).isoformat()},
            ),
            (
                "proposition_ordre",
                {**found, "contradictoire_le": heard,
                 "bases": [{"libelle": case.title, "montant": cents, "source": case.source}]},
            ),
            ("retrait", {"acte": "retrait", "decision_le": heard, "decision_reprise": case.title,
                         "contradictoire_le": heard, "constats": found["constats"]}),
        ):  # fmt: skip
            content = letters.write(
                programme, kind, dossier, on, {**(SIGNED if KINDS[kind].fact("signataire") else BASE), **facts}
            )
            read = read_back(letters.pdf(content.data))
            fits(content, read)
            assert read.holds(typeset(case.title))
            if "constats" in facts:
                assert read.holds(typeset(case.source))
            if kind in ("mise_en_demeure", "proposition_ordre"):
                assert read.holds(wording.amount(case.amount.value))


def test_the_few_dossiers_make_every_letter_about_a_request(programme: Programme) -> None:
    names = {content.kind for name in FEW for content, _ in made(programme, dossier_of(programme, name), day_of(name))}
    assert names == {kind.name for kind in KINDS.values() if kind.request}


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if not kind.request])
@pytest.mark.parametrize("draft", [False, True])
def test_a_letter_made_of_facts_says_them(programme: Programme, kind: str, draft: bool) -> None:
    dossier, facts = dossier_of(programme, "solde-cinq-defauts"), FACTS[kind]
    content = letters.write(programme, kind, dossier, DAY, facts, draft=draft)
    found = read_back(letters.pdf(content.data))
    fits(content, found)
    for one in facts.get("constats", []):
        assert found.holds(typeset(one["texte"]))
        assert found.holds(typeset(one["source"]))
    for one in facts.get("bases", []):
        assert found.holds(wording.amount(one["montant"] // 100))
    for said_ in (facts[name] for name in ("controle", "suite") if name in facts):
        assert all(found.holds(typeset(one)) for one in said_.split("\n\n"))
    if "decision_le" in facts:
        # two decisions may bear one date
        assert found.holds(typeset(f"Décision en cause : {facts['decision_reprise']}"))
        with pytest.raises(letters.InvalidFacts, match="decision_reprise"):
            letters.write(programme, kind, dossier, DAY, without(kind, "decision_reprise"), draft=draft)
    for name in ("contradictoire_le", "repondre_avant_le", "decision_le"):
        if name in facts:
            assert found.holds(wording.day(date.fromisoformat(facts[name])))
    assert found.holds("À confirmer par le service juridique") is draft
    assert not content.confirmed


# --- the same bytes --------------------------------------------------------------------------------------------------


def content_of(programme: Programme, kind: str = "demande_complement", draft: bool = False) -> letters.LetterContent:
    dossier = dossier_of(programme, "solde-cinq-defauts")
    decision = programme.decide(dossier, DAY).request("solde")
    return letters.write(programme, kind, dossier, DAY, FACTS[kind], decision, draft=draft)


def test_a_letter_is_the_same_bytes_in_another_process_zone_and_place(programme: Programme, tmp_path: Path) -> None:
    content = content_of(programme)
    assert content.data == content_of(programme).data
    here = letters.pdf(content.data)
    assert here == letters.pdf(content.data)
    code = "import sys; from recevable import letters; sys.stdout.buffer.write(letters.pdf(open(0, 'rb').read()))"
    environment = {"TZ": "Asia/Tokyo", "HOME": str(tmp_path), "PYTHONHASHSEED": "7", "LANG": "C"}
    elsewhere = subprocess.run(
        [sys.executable, "-c", code], input=content.data, cwd=tmp_path, env=environment, capture_output=True, check=True
    )
    assert elsewhere.stdout == here


def test_threads_write_the_same_letters(programme: Programme) -> None:
    data = content_of(programme).data
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(letters.pdf, [data] * 12)) == {letters.pdf(data)}


def test_the_data_of_a_letter_are_never_markup(programme: Programme) -> None:
    hostile = '#read("/etc/passwd") $x$ *gras* \\ ] } <lien> @ref // --- `code` https://exemple.example'
    facts = {**FACTS["demande_complement"], "mention": hostile, "reference": '"}; #panic()'}
    dossier = dossier_of(programme, "solde-cinq-defauts")
    decision = programme.decide(dossier, DAY).request("solde")
    found = read_back(letters.pdf(letters.write(programme, "demande_complement", dossier, DAY, facts, decision).data))
    assert found.holds(hostile)
    assert found.holds('"}; #panic()')
    assert "root:" not in found.text


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"date": "hier"}', b'{"date": "2023-09-04"}', b"\xff"])
def test_what_is_no_letter_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="letter"):
        letters.pdf(data)


def test_the_delay_to_complete_is_that_of_the_programme_unless_a_day_is_given(programme: Programme) -> None:
    dossier = dossier_of(programme, "solde-cinq-defauts")
    decision = programme.decide(dossier, DAY).request("solde")
    (clock,) = programme.clocks("complement", DAY, DAY)
    assert clock.day is not None
    assert clock.day != date(2023, 10, 11)
    for facts, day in (
        (without("demande_complement", "completer_avant_le"), clock.day),
        (without("demande_complement", completer_avant_le="2023-10-11"), date(2023, 10, 11)),
    ):
        content = letters.write(programme, "demande_complement", dossier, DAY, facts, decision)
        assert typeset(wording.day(day)) in content.data.decode()


# --- what is refused -------------------------------------------------------------------------------------------------


def refused(programme: Programme, kind: str, facts: dict[str, Any], name: str = "solde-cinq-defauts") -> str:
    dossier = dossier_of(programme, name)
    decision = programme.decide(dossier, day_of(name)).request("solde") if KINDS[kind].request else None
    with pytest.raises(letters.LetterRefused) as raised:
        letters.pdf(letters.write(programme, kind, dossier, day_of(name), facts, decision).data)
    assert all(reason.endswith(".") for reason in raised.value.reasons)
    return " ".join(raised.value.reasons)


def without(kind: str, *names: str, **more: Any) -> dict[str, Any]:
    return {**{key: value for key, value in FACTS[kind].items() if key not in names}, **more}


def test_another_verdict_demands_the_reason_of_whoever_departs_from_the_rules(programme: Programme) -> None:
    assert "écart" in refused(programme, "rejet", FACTS["rejet"])
    departure = [{"texte": "Le service n'est pas exploité par le demandeur.", "source": "AF §1.1"}]
    dossier = dossier_of(programme, "solde-cinq-defauts")
    decision = programme.decide(dossier, DAY).request("solde")
    content = letters.write(programme, "rejet", dossier, DAY, {**FACTS["rejet"], "ecart": departure}, decision)
    assert read_back(letters.pdf(content.data)).holds("Le service n’est pas exploité par le demandeur.")
    follows = without("demande_complement", ecart=departure)
    assert "suit les règles" in refused(programme, "demande_complement", follows)


FIXED: dict[str, Any] = {
    "ecart": [{"texte": "La facture a été vue au contrôle.", "source": "AF §6.2"}],
    "montant": 123456,
    "motif_montant": "Le forfait, et les boîtes prouvées.",
}


def test_an_acceptance_against_the_rules_tells_the_sum_that_it_fixes_after_theirs(programme: Programme) -> None:
    dossier = dossier_of(programme, "solde-cinq-defauts")
    decision = programme.decide(dossier, DAY).request("solde")
    content = letters.write(programme, "acceptation", dossier, DAY, {**FACTS["acceptation"], **FIXED}, decision)
    found = read_back(letters.pdf(content.data))
    assert found.holds("arrête le solde du financement à 1 234,56 €")
    assert found.holds("Somme fixée par la présente décision")
    assert found.holds("Le forfait, et les boîtes prouvées.")
    assert found.holds("La facture a été vue au contrôle.")
    assert decision.proposed is not None
    assert found.holds(wording.amount(decision.proposed.value))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"montant": None, "motif_montant": None}, "quelle somme elle fixe"),
        ({"motif_montant": None}, "a un motif"),
        ({"montant": 10**12}, "dépasse"),
    ],
)
def test_an_acceptance_against_the_rules_is_refused_without_a_sum_that_they_allow(
    programme: Programme, changed: dict[str, Any], words: str
) -> None:
    facts = {name: value for name, value in {**FIXED, **changed}.items() if value is not None}
    assert words in refused(programme, "acceptation", {**FACTS["acceptation"], **facts})


def test_an_acceptance_that_follows_the_rules_fixes_no_sum(programme: Programme) -> None:
    facts = {**FACTS["acceptation"], "montant": 800000, "motif_montant": "Le forfait."}
    dossier = dossier_of(programme, "avance-acheteur-complete")
    decision = programme.decide(dossier, day_of("avance-acheteur-complete")).request("avance")
    with pytest.raises(letters.LetterRefused, match="pas de somme à fixer"):
        letters.write(programme, "acceptation", dossier, day_of("avance-acheteur-complete"), facts, decision)


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        ("demande_complement", without("demande_complement", completer_avant_le="2023-09-04"), "après la date"),
        ("demande_complement", without("demande_complement", "reference"), "référence"),
        ("mise_en_demeure", without("mise_en_demeure", repondre_avant_le="2023-09-01"), "après la date"),
        ("proposition_ordre", without("proposition_ordre", montant=90001), "total"),
        ("proposition_ordre", without("proposition_ordre", contradictoire_le="2023-09-05"), "après la date"),
        (
            "fin_contradictoire",
            without("fin_contradictoire", observations=[{"recues_le": "2023-07-03", "resume": "Trop tôt."}]),
            "hors de la procédure",
        ),
        (
            "ouverture_contradictoire",
            without("ouverture_contradictoire", repondre_avant_le="2023-09-04"),
            "après la date",
        ),
        ("notification_controle", without("notification_controle", repondre_avant_le="2023-09-04"), "après la date"),
        ("retrait", without("retrait", "contradictoire_le"), "contradictoire"),
        ("retrait", without("retrait", acte="abrogation"), "date d'effet"),
        ("retrait", without("retrait", effet_le="2023-09-04"), "date d'effet"),
        ("mise_en_demeure", without("mise_en_demeure", mention="a\u202eb"), "U+202E"),
        ("mise_en_demeure", without("mise_en_demeure", mention="健"), "健"),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_reason(
    programme: Programme, kind: str, facts: dict[str, Any], words: str
) -> None:
    assert words in refused(programme, kind, facts)


def test_a_letter_is_refused_when_a_judgement_or_a_value_is_missing(programme: Programme) -> None:
    open_ = next(
        name
        for name in sorted(path.stem for path in FIXTURES.glob("solde-*.json"))
        if any(one.provisional for one in programme.decide(dossier_of(programme, name), day_of(name)).requests)
    )
    assert "appréciation reste ouverte" in refused(programme, "acceptation", FACTS["acceptation"], open_)


def test_an_acknowledgement_is_not_made_once_silence_has_decided(programme: Programme) -> None:
    dossier = dossier_of(programme, "solde-cinq-defauts")
    facts = without("accuse_reception", "completer_avant_le", completer_avant_le="2024-12-31")
    decision = programme.decide(dossier, DAY).request("solde")
    last = date(2023, 9, 18)
    letters.write(programme, "accuse_reception", dossier, last, facts, decision)
    with pytest.raises(letters.LetterRefused, match="18 septembre 2023"):
        letters.write(programme, "accuse_reception", dossier, last + timedelta(days=1), facts, decision)


@pytest.mark.parametrize("kind", KINDS)
def test_facts_of_another_form_are_refused_where_they_are(programme: Programme, kind: str) -> None:
    schema = KINDS[kind].schema()
    for name in schema["required"]:
        with pytest.raises(letters.InvalidFacts) as raised:
            letters.read_facts(KINDS[kind], json.dumps(without(kind, name)).encode(), "f.json", programme.zone)
        assert name in raised.value.diagnostics[0].message
    for wrong in ({"inconnu": 1}, {"agent": "Camille"}, {"agent": {"nom": " ", "qualite": "x"}}):
        with pytest.raises(letters.InvalidFacts):
            letters.read_facts(KINDS[kind], json.dumps({**FACTS[kind], **wrong}).encode(), "f.json", programme.zone)


def test_amounts_are_whole_cents(programme: Programme) -> None:
    for wrong in (0, -1, 1.5, "100"):
        with pytest.raises(letters.InvalidFacts):
            letters.write(
                programme, "mise_en_demeure", dossier_of(programme, "solde-cinq-defauts"), DAY,
                without("mise_en_demeure", montant=wrong),
            )  # fmt: skip


# --- typography ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("L'ASP : oui ; non ?", "L’ASP\u00a0: oui\u202f; non\u202f?"),
        ("CRPA, article L. 114-5", "CRPA, article\u00a0L.\u00a0114-5"),
        ("AF §5.1 et §7", "AF\u00a0§\u00a05.1 et\u00a0§\u00a07"),
        ("§7", "§\u00a07"),
        ("le 4 septembre 2023, le 1er mars", "le 4\u00a0septembre 2023, le 1er\u00a0mars"),
        ("30 jours, 2 mois, 5 personnes", "30\u00a0jours, 2\u00a0mois, 5 personnes"),
        ("« AF »", "«\u00a0AF\u00a0»"),
        ("15 000 boîtes", "15\u202f000 boîtes"),
        ("https://exemple.example/a:b", "https://exemple.example/a:b"),
    ],
)
def test_lines_never_break_where_they_should_not(text: str, printed: str) -> None:
    assert typeset(text) == printed
    assert typeset(printed) == printed


@pytest.mark.parametrize(("pack", "name"), [("af-ope-mss", FEW[0]), ("reconditionneurs", "par-courrier")])
@pytest.mark.parametrize("kind", ["ouverture_contradictoire", "retrait"])
def test_undoing_never_says_that_the_decision_was_in_favour(pack: str, name: str, kind: str) -> None:
    # a rejection is withdrawn too
    made = recevable.open_programme(pack)
    dossier = made.read((FIXTURES.parent / pack / f"{name}.json").read_bytes(), name)
    facts = {**FACTS[kind], "decision_reprise": "rejet, Demande, acte n° 12"}
    assert b"faveur" not in letters.write(made, kind, dossier, DAY, facts).data


def test_a_letter_says_since_when_a_decision_is_repealed(programme: Programme) -> None:
    facts = {**FACTS["retrait"], "acte": "abrogation", "effet_le": "2023-09-01"}
    said = letters.write(programme, "retrait", dossier_of(programme, FEW[0]), DAY, facts).data.decode()
    assert "l’abrogation, à compter du 1er septembre 2023, de la décision" in said.replace("\N{NO-BREAK SPACE}", " ")
