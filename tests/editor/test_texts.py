"""What the library gives to those who edit a pack without a language server and without a disk."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Final

import pytest

import recevable
from recevable import editing

PACK = Path(__file__).parents[1] / "second_programme" / "prime-velo"
DOSSIERS = PACK.parent / "dossiers"
DAY: Final = date(2024, 5, 31)
RULES: Final = "regles/montants.yaml"
Files = dict[str, bytes]


@pytest.fixture
def files() -> Files:
    """The files of the small pack, its schema among them, as bytes that no disk holds."""
    return recevable.open_programme(PACK).files()


def typed(files: Files, name: str, old: str, new: str) -> tuple[str, int]:
    """The text of a file with `old` replaced by `new`, and the offset after what was typed."""
    text = files[name].decode()
    assert text.count(old) >= 1, old
    at = text.index(old)
    return text.replace(old, new, 1), at + len(new)


def test_names_are_completed_in_a_text_that_no_disk_holds(files: Files) -> None:
    text, offset = typed(files, RULES, "quand: non foyer_modeste", "quand: non foyer_")
    found = editing.completions(editing.names(recevable.MemorySource(files), DAY), RULES, text, offset)
    proposal = next(one for one in found if one.label == "foyer_modeste")
    assert text[proposal.start : proposal.end] == "foyer_"
    assert text[: proposal.start] + proposal.text + text[proposal.end :] == files[RULES].decode()


@pytest.mark.parametrize(("before", "quote"), [("quand: ", '"'), ('quand: "', '\\"')])
def test_rules_and_results_are_what_a_result_is_completed_with(files: Files, before: str, quote: str) -> None:
    known = editing.names(recevable.MemorySource(files), DAY)
    read = f"{before}resultat({quote}MAJ"
    text, offset = typed(files, RULES, "quand: non foyer_modeste", read)
    found = editing.completions(known, RULES, text, offset)
    assert {one.sort for one in found} == {"règle"}
    proposal = next(one for one in found if one.label == "MAJORITE")
    assert text[proposal.start : proposal.end] == "MAJ"
    text, offset = typed(files, RULES, "quand: non foyer_modeste", f"{read}ORITE{quote}) = {quote}sat")
    found = editing.completions(known, RULES, text, offset)
    assert [one.text for one in found] == ["satisfait", "non_satisfait", "sans_objet"]
    assert text[found[0].start : found[0].end] == "sat"


def test_the_keys_and_the_values_of_a_place_are_completed(files: Files) -> None:
    known = editing.names(recevable.MemorySource(files), DAY)
    text = "regles:\n  - id: ESSAI\n    ti\n"
    assert "titre" in [one.label for one in editing.completions(known, RULES, text, text.index("ti\n") + 2)]
    text = "regles:\n  - id: ESSAI\n    condition: vrai\n    si_faux: {consequence: r}\n"
    assert "rejeter" in [one.label for one in editing.completions(known, RULES, text, text.index("r}") + 1)]


def test_a_name_is_explained_where_it_is_written(files: Files) -> None:
    text = files[RULES].decode()
    offset = text.index("foyer_modeste", text.index("quand: non foyer_modeste")) + 3
    shown = editing.hover(editing.names(recevable.MemorySource(files), DAY), RULES, text, offset)
    assert shown is not None
    assert text[shown.start : shown.end] == "foyer_modeste"
    assert "foyer_modeste" in shown.markdown
    assert editing.hover(editing.names(recevable.MemorySource({}), DAY), RULES, "", 0) is None


def test_names_of_what_was_just_written_are_known_at_once(files: Files) -> None:
    files["parametres.yaml"] = files["parametres.yaml"].replace(b"majoration", b"rallonge")
    text = "regles:\n  - montant: ral"
    for pack in (recevable.MemorySource(files), recevable.MemorySource({**files, "programme.yaml": b"demandes: ["})):
        found = editing.completions(editing.names(pack, DAY), RULES, text, len(text))
        assert any("rallonge" in one.label for one in found) is (pack.contents == files)


def test_the_outline_of_a_text_gives_its_rules_in_order(files: Files) -> None:
    text = files[RULES].decode()
    ids = [line.split("- id: ")[1] for line in text.splitlines() if "- id: " in line]
    found = editing.outline(text)
    assert [one.name for one in found] == ids
    assert [text[one.name_start : one.name_end] for one in found] == ids
    assert all(one.start <= one.name_start < one.name_end <= one.end for one in found)


def test_an_edit_changes_the_characters_of_one_value_alone(files: Files) -> None:
    old = files["parametres.yaml"]
    place = ("parametres", "majoration", "valeurs", 0, "valeur")
    new = editing.with_value(old, place, "149.99")
    assert new == old.replace(b'"150.00"', b'"149.99"')
    assert new != old
    with pytest.raises(KeyError):
        editing.with_value(old, ("parametres", "inconnu"), "1")


def test_the_rules_of_an_edited_text_are_checked_and_compared_in_memory(files: Files) -> None:
    place = ("parametres", "majoration", "valeurs", 0, "valeur")
    changed = {**files, "parametres.yaml": editing.with_value(files["parametres.yaml"], place, "149.99")}
    wrong = {**files, "parametres.yaml": editing.with_value(files["parametres.yaml"], place, "beaucoup")}
    before = recevable.lint_pack(recevable.MemorySource(files), DAY)
    assert recevable.lint_pack(str(PACK), DAY) == recevable.lint_pack(PACK, DAY) == before
    (fault,) = recevable.lint_pack(recevable.MemorySource(wrong), DAY)
    assert fault.span is not None
    assert fault.span.file == "parametres.yaml"
    old, new = (recevable.open_programme(recevable.MemorySource(one)) for one in (files, changed))
    names = ("acceptee", "deux-demandes", "hors-delai")
    whole, slices = recevable.compare(old, new), [recevable.compare(old, new) for _ in range(2)]
    for rank, name in enumerate(names):
        content = (DOSSIERS / f"{name}.json").read_bytes()
        for one in (whole, slices[rank % 2]):
            one.add(content, DAY, f"{name}.json")
    # slices that other processes compared come back as plain values
    slices[0].tally.merge(pickle.loads(pickle.dumps(slices[1].tally)))
    assert slices[0].impact() == whole.impact()
    assert [one.part.origin.name for one in whole.impact().changes.parameters] == ["majoration"]
    with pytest.raises(ValueError, match="no request is named 'prme'"):
        recevable.compare(old, new, ["prme"])


def test_none_of_it_needs_a_language_server() -> None:
    code = (
        "import sys; from recevable import editing, lint_pack, compare\n"
        "print([m for m in sys.modules if m.partition('.')[0] in ('pygls', 'lsprotocol')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("text", ["", "\n", "regles:\n  - id: [\n", "a: 1\n", "3", "a: &x [*x]\n", "\tregles:"])
def test_a_text_with_nothing_to_show_has_an_empty_outline(text: str) -> None:
    assert list(editing.outline(text)) == []


def test_beyond_a_text_is_its_end(files: Files) -> None:
    known = editing.names(recevable.MemorySource(files), DAY)
    text = "regles:\n  - id: ESSAI\n    exception_a: "
    at_end = editing.completions(known, RULES, text, len(text))
    assert at_end
    for offset in (len(text) + 1, 10**9):
        assert editing.completions(known, RULES, text, offset) == at_end
        assert editing.hover(known, RULES, text, offset) == editing.hover(known, RULES, text, len(text))
    assert editing.completions(known, RULES, text, -1) == editing.completions(known, RULES, text, 0)
