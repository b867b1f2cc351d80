"""Another programme writes its letters without code, by another law: no silence that decides, no applicant by name."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.letters.conftest import FACTS as SHARED
from tests.letters.conftest import SIGNED, read_back

import recevable
from recevable import MemorySource, Programme, letters, open_programme
from recevable.letters.typography import typeset
from recevable.pack.letter_kinds import EVERY, KINDS, ROLES, names

SECOND = Path(__file__).parents[1] / "second_programme"
PACK = SECOND / "prime-velo"
DAY = date(2024, 10, 1)
FACTS: dict[str, Any] = {**SIGNED, "destinataire": {"nom": "Camille Exemple", "adresse": ["2 rue du Port"]}}


@pytest.fixture(scope="session")
def velo() -> Programme:
    return open_programme(PACK, prepared=False)


def letter(
    programme: Programme, kind: str, name: str, on: date = DAY, request: str = "prime", **more: Any
) -> letters.LetterContent:
    dossier = programme.read((SECOND / "dossiers" / f"{name}.json").read_bytes(), name)
    decision = programme.decide(dossier, on).request(request)
    facts = {**FACTS, **more}
    if kind == "accuse_reception":
        del facts["signataire"]
    return letters.write(programme, kind, dossier, on, facts, decision)


def texts(content: letters.LetterContent) -> str:
    return content.data.decode().replace("\u00a0", " ").replace("\u202f", " ")


def test_it_writes_the_letters_that_its_pack_holds(velo: Programme) -> None:
    assert [kind.name for kind in letters.kinds(velo)] == [
        "accuse_reception", "demande_complement", "acceptation", "rejet",
    ]  # fmt: skip
    assert [kind.name for verdict in recevable.Verdict if (kind := letters.kind_for(velo, verdict))] == [
        "rejet", "demande_complement", "acceptation",
    ]  # fmt: skip


def test_each_of_its_letters_is_an_accessible_file(velo: Programme) -> None:
    made = [
        letter(velo, "rejet", "hors-delai"),
        letter(velo, "acceptation", "acceptee", date(2024, 5, 31)),
        letter(velo, "demande_complement", "a-completer", date(2024, 5, 31), completer_avant_le="2024-07-01"),
    ]
    for content in made:
        found = read_back(letters.pdf(content.data))
        assert found.standards["pdfuaid:part"] == "1"
        assert found.holds("Camille Exemple")
        assert found.holds("Bonjour,")
    assert read_back(letters.pdf(made[1].data)).holds("Vous recevrez 509,97 €.")
    assert [content.confirmed for content in made] == [True, True, True]


def test_where_silence_decides_nothing_an_acknowledgement_does_not_say_when(velo: Programme) -> None:
    content = letter(velo, "accuse_reception", "acceptee", date(2024, 5, 31))
    assert "Sans réponse" not in texts(content)
    assert "tribunal" not in texts(content)
    assert "Il manque" not in texts(content)
    asks = letter(velo, "accuse_reception", "a-completer", date(2024, 5, 31), completer_avant_le="2024-07-01")
    assert "Il manque" in texts(asks)
    assert [one.source for one in asks.unconfirmed] == ["CRPA, L.\u00a0114-5"]


def test_texts_are_those_in_force_on_the_date_of_the_letter(velo: Programme) -> None:
    assert "maison du vélo" in texts(letter(velo, "rejet", "hors-delai", date(2024, 9, 20)))
    assert "service des mobilités" in texts(letter(velo, "acceptation", "acceptee", date(2024, 5, 31)))
    # the text that holds the reasons begins in June
    with pytest.raises(letters.LetterRefused, match="motifs"):
        letter(velo, "rejet", "hors-delai", date(2024, 5, 31))
    with pytest.raises(letters.LetterRefused, match="émetteur"):
        letter(velo, "acceptation", "acceptee", date(2023, 12, 31))


def test_a_block_for_some_requests_is_in_their_letters_only(velo: Programme) -> None:
    with_prime = texts(letter(velo, "acceptation", "acceptee", date(2024, 5, 31)))
    assert "Vous recevrez" in with_prime
    assert "Bienvenue" not in with_prime


def test_without_the_name_of_the_applicant_nothing_is_written(velo: Programme) -> None:
    assert "Camille Exemple" in texts(letter(velo, "rejet", "hors-delai", destinataire={"adresse": ["2 rue du Port"]}))
    manifest = velo.files()["programme.yaml"]
    assert b"\ndemandeur: " in manifest
    unnamed = re.sub(rb"\ndemandeur: .*", b"", manifest)
    nobody = open_programme(MemorySource({**velo.files(), "programme.yaml": unnamed}))
    with pytest.raises(letters.LetterRefused, match="à qui"):
        letter(nobody, "rejet", "hors-delai", destinataire={"adresse": ["2 rue du Port"]})


def test_a_kind_that_the_pack_does_not_write_is_refused(velo: Programme) -> None:
    dossier = velo.read((SECOND / "dossiers" / "revente.json").read_bytes(), "revente")
    with pytest.raises(letters.LetterRefused, match="pas de texte"):
        letters.write(velo, "mise_en_demeure", dossier, DAY, FACTS)
    with pytest.raises(ValueError, match="no letter"):
        letters.write(velo, "carte_postale", dossier, DAY, FACTS)


def files(programme: Programme, **changed: str | None) -> MemorySource:
    found: dict[str, bytes] = dict(programme.files())
    for name, text in changed.items():
        path = f"courriers/{name}.yaml"
        if text is None:
            del found[path]
        else:
            found[path] = text.encode()
    return MemorySource(found)


def test_a_pack_without_letters_writes_none_and_one_that_lacks_one_says_which(velo: Programme) -> None:
    none = open_programme(files(velo, **dict.fromkeys(
        ("communs", "accuse_reception", "demande_complement", "acceptation", "rejet")
    )))  # fmt: skip
    assert letters.kinds(none) == ()
    assert letters.kind_for(none, "rejeter") is None
    lacking = open_programme(files(velo, rejet=None))
    with pytest.raises(letters.LetterRefused, match="rejet"):
        letters.kind_for(lacking, "rejeter")


def test_a_faulty_letter_stops_letters_and_not_decisions(velo: Programme) -> None:
    written = (PACK / "courriers" / "rejet.yaml").read_text("utf-8")
    faulty = open_programme(files(velo, rejet=written.replace("role: motifs", "role: texte")))
    dossier = faulty.read((SECOND / "dossiers" / "hors-delai.json").read_bytes(), "d")
    assert faulty.decide(dossier, DAY).request("prime").verdict == "rejeter"
    with pytest.raises(recevable.InvalidPack) as raised:
        letters.kinds(faulty)
    (fault,) = raised.value.diagnostics
    assert (fault.code, str(fault.span)) == ("COU-BLOC", "courriers/rejet.yaml:2:1")
    told = recevable.lint_pack(faulty.source, date(2026, 11, 1))
    assert [str(one.span) for one in told if one.code == "COU-BLOC"] == ["courriers/rejet.yaml:2:1"]


def test_texts_that_changed_since_the_pack_was_opened_are_not_used(tmp_path: Path) -> None:
    shutil.copytree(PACK, tmp_path / "paquet")
    programme = open_programme(tmp_path / "paquet", prepared=False)
    path = tmp_path / "paquet" / "courriers" / "rejet.yaml"
    path.write_text(path.read_text("utf-8").replace("refusée", "acceptée"), "utf-8")
    with pytest.raises(recevable.InvalidPack, match="a changé"):
        letter(programme, "rejet", "hors-delai")


def test_its_data_are_plain_json(velo: Programme) -> None:
    data = json.loads(letter(velo, "rejet", "hors-delai").data)
    assert data["nature"] == "rejet"
    assert data["apercu"] is None
    assert data["date"] == "2024-10-01"


def test_the_second_shipped_programme_writes_its_letters_and_asks_nobody_to_complete() -> None:
    programme = open_programme("reconditionneurs")
    kinds = {kind.name for kind in letters.kinds(programme)}
    # what is incomplete is rejected, and nothing is to be completed
    assert kinds == set(KINDS) - {"demande_complement"}
    made: Counter[str] = Counter()
    for path in recevable.sample_dossiers("reconditionneurs"):
        on = date.fromisoformat(str(yaml.safe_load(path.with_suffix(".attendu.yaml").read_text("utf-8"))["au"]))
        dossier = programme.read(path.read_bytes(), path.name)
        decision = programme.decide(dossier, on).request("aide")
        for kind in ("accuse_reception", "acceptation", "rejet"):
            given = {key: value for key, value in SHARED[kind].items() if key != "completer_avant_le"}
            try:
                content = letters.write(programme, kind, dossier, on, given, decision)
            except letters.LetterRefused:
                continue
            made[kind] += 1
            said = content.data.decode()
            assert "MSSanté" not in said
            assert "compléter" not in said.replace("n’est pas à compléter", "")
            if kind == "rejet":
                reasons = [one for one in decision.findings if one.consequence == "rejeter" and one.message]
                assert reasons
                assert all(typeset(one.message) in said for one in reasons)
            if made[kind] == 1:
                assert read_back(letters.pdf(content.data)).holds(typeset(programme.applicant(dossier).name))
    assert min(made[kind] for kind in ("accuse_reception", "acceptation", "rejet")) > 20


def test_the_guide_tells_every_kind_role_fact_and_name() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "courriers.md").read_text("utf-8")
    for kind in KINDS.values():
        roles = ", ".join(f"`{role}`" for role in kind.roles)
        own = ", ".join(f"`{fact.name}`" for fact in kind.facts if fact not in EVERY)
        assert f"| `{kind.name}.yaml` | {kind.title} | {roles} | {own} |\n" in guide
        for fact in kind.facts:
            assert f"| `{fact.name}` | " in guide
        for name, what in names(kind).items():
            assert f"| `{{{name}}}` | {what} |" in guide or kind.fact(name) is not None
    for name, role in ROLES.items():
        said = ", ".join(f"`{{{one}}}`" for one in role.names) or "–"
        assert f"| `{name}` | {role.title} | {role.law or '–'} | {said} |" in guide


def test_a_text_that_is_cited_says_where_and_when_it_was_read(velo: Programme, tmp_path: Path) -> None:
    assert "https://" not in texts(letter(velo, "rejet", "hors-delai"))
    folder = Path(shutil.copytree(PACK, tmp_path / "prime-velo"))
    manifest = folder / "programme.yaml"
    told = 'art. 6, art. 7], adresse: "https://exemple.fr/d", consultee_le: "2024-01-15"}'
    manifest.write_text(manifest.read_text("utf-8").replace("art. 6, art. 7]}", told), "utf-8")
    said = texts(letter(open_programme(folder, prepared=False), "rejet", "hors-delai"))
    assert "« Délibération » désigne : Délibération du 12 décembre 2023" in said
    assert "(https://exemple.fr/d, consulté le 15 janvier 2024)." in said
