"""Values of a file read as wanted, and every other character stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.pack.edit import Path, at
from recevable.pack.rewrite import Data, Text, read_as, with_values
from recevable.pack.yaml_strict import cut

FILE = """\
# en-tête
titre: "Un dossier"
demandes:
  avance:            # la première
    verdict: accepter
    montants:
      avance_ht: "6666.67"   # hors taxes
      avance_ttc: '8000.00'
  solde: {verdict: rejeter, regles: ["SOL-DELAI:depasse", SOL-RIB], montants: {}}
questions:
- APP-UN   # demandée
- APP-DEUX
recouvrement:
  - regle: IND-UN
    montant: "1.00"
  - {regle: IND-DEUX, clos: true}
rien: []
note: >
  Un texte
  plié.
"""


def data(text: str, path: Path = ()) -> Any:
    return read_as(at(cut("", text.encode())[1], path))


def written(wanted: dict[Path, Data], text: str = FILE) -> str:
    return with_values(text.encode(), wanted).decode()


CASES: list[tuple[Path, Data, str, str]] = [
    (("demandes", "avance", "verdict"), Text("completer"), "verdict: accepter", "verdict: completer"),
    (("demandes", "avance", "montants", "avance_ttc"), Text("1.00", True), "'8000.00'", '"1.00"'),
    (
        ("demandes", "avance", "montants"), {"avance_ttc": Text("8000.00")},
        '      avance_ht: "6666.67"   # hors taxes\n', "",
    ),
    (("demandes", "avance", "montants"), {}, FILE[FILE.index("\n      avance_ht"):FILE.index("\n  solde")], " {}"),
    (
        ("demandes", "solde", "regles"), [Text("SOL-RIB"), Text("SOL-FORME:faux", True)],
        '"SOL-DELAI:depasse", SOL-RIB', 'SOL-RIB, "SOL-FORME:faux"',
    ),
    (("demandes", "solde", "montants"), {"solde_ttc": Text("2.00", True)}, "{}", '{solde_ttc: "2.00"}'),
    (("questions",), [Text("APP-DEUX")], "- APP-UN   # demandée\n", ""),
    (("questions",), [Text("APP-UN"), Text("APP-DEUX"), Text("APP:3")], "- APP-DEUX\n", '- APP-DEUX\n- "APP:3"\n'),
    (("questions",), [], "\n- APP-UN   # demandée\n- APP-DEUX\n", " []\n"),
    (("questions",), Text("aucune"), "\n- APP-UN   # demandée\n- APP-DEUX\n", " aucune\n"),
    (("rien",), [Text("X")], "rien: []", "rien: [X]"),
    (
        ("recouvrement",), [{"regle": Text("IND-DEUX"), "clos": Text("true")}],
        '  - regle: IND-UN\n    montant: "1.00"\n', "",
    ),
    (
        ("recouvrement", 0), {"regle": Text("IND-UN"), "montant": Text("1.00", True), "clos": Text("false")},
        '    montant: "1.00"\n', '    montant: "1.00"\n    clos: false\n',
    ),
    (("note",), Text("Un autre"), ">\n  Un texte\n  plié.", '"Un autre"'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "wanted", "old", "new"), CASES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_what_changes_is_replaced(path: Path, wanted: Data, old: str, new: str, ending: str, mark: str) -> None:
    before = (mark + FILE).replace("\n", ending)
    old, new = old.replace("\n", ending), new.replace("\n", ending)
    assert before.count(old) == 1
    assert with_values(before.encode(), {path: wanted}).decode() == before.replace(old, new)


def test_several_places_change_at_once() -> None:
    after = written({case[0]: case[1] for case in (CASES[0], CASES[1], CASES[4], CASES[6])})
    for path, wanted, _, _ in (CASES[0], CASES[1], CASES[4], CASES[6]):
        assert _plain(data(after, path)) == _plain(wanted)


def test_what_already_reads_so_stays_as_it_is() -> None:
    assert written({("demandes",): data(FILE, ("demandes",))}) == FILE


def test_the_key_that_opens_an_item_stays() -> None:
    with pytest.raises(ValueError, match="opens an item"):
        written({("recouvrement", 0): {"montant": Text("1.00", True)}})


def test_a_path_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(KeyError):
        written({("demandes", "autre"): Text("x")})


def _plain(found: Data) -> object:
    if isinstance(found, dict):
        return {key: _plain(value) for key, value in found.items()}
    return sorted(map(str, map(_plain, found))) if isinstance(found, list) else found.text


_TEXTS = st.builds(Text, st.text("aé:#, -{[\"'", min_size=1, max_size=6).map(str.strip).filter(bool), st.booleans())
_VALUES = st.recursive(
    _TEXTS,
    lambda inner: (
        st.lists(_TEXTS, max_size=3, unique_by=lambda text: text.text)
        | st.dictionaries(st.sampled_from(["un", "deux", "a:b"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from([("demandes", "avance", "montants"), ("demandes", "solde"), ("questions",), ("rien",), ("note",)]),
    _VALUES,
)
def test_any_value_can_be_written_and_reads_back(path: Path, wanted: Data) -> None:
    after = written({path: wanted})
    assert _plain(data(after, path)) == _plain(wanted)
    assert after.startswith("# en-tête\ntitre:")
