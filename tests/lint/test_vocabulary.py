"""The vocabulary: every word of packs is in it, with a meaning, and it is told where it is needed."""

from __future__ import annotations

import pytest

from recevable.decision.model import Verdict
from recevable.language.operations import OPERATIONS
from recevable.language.types import Kind
from recevable.lint.vocabulary import (
    CONSEQUENCE,
    GROUPS,
    KIND,
    PARAMETER_KEY,
    RESULT,
    RULE_KEY,
    TYPE,
    VERDICT,
    WORD,
    meanings,
    used,
    vocabulary,
)
from recevable.pack.kinds import KINDS
from recevable.pack.model import Consequence, Result


def words(group: str) -> list[str]:
    return [term.word for term in vocabulary() if term.group == group]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (KIND, list(KINDS)),
        (RESULT, [*Result]),
        (CONSEQUENCE, [*Consequence]),
        (VERDICT, [*Verdict]),
        (TYPE, [*Kind]),
        (WORD, [row.name for row in OPERATIONS.values()]),
    ],
)
def test_a_group_has_every_word_of_what_it_is_about(group: str, expected: list[str]) -> None:
    assert sorted(words(group)) == sorted(expected)


def test_the_keys_of_rules_and_parameters_are_those_of_their_schemas() -> None:
    assert {"quand", "si_absente", "consequence", "message", "en_vigueur", "exemples"} <= {*words(RULE_KEY)}
    assert {"a_partir_du", "valeurs", "reference"} <= {*words(PARAMETER_KEY)}


def test_every_term_has_a_meaning_and_is_there_once() -> None:
    assert {term.group for term in vocabulary()} == {*GROUPS}
    assert [term.word for term in vocabulary() if not term.meaning.strip()] == []
    seen = [(term.word, term.group) for term in vocabulary()]
    assert len(seen) == len({*seen})


def test_a_word_may_have_several_meanings_and_capitals_do_not_matter() -> None:
    assert [term.group for term in meanings("Rejeter")] == [CONSEQUENCE, VERDICT]
    assert meanings("fin_de_non_recevoir") == ()


def test_the_words_of_a_text_are_found_in_order_and_once() -> None:
    assert used("Mettez `quand` sous `si_faux`, puis `quand` ; `rien_de_tel` n'existe pas.") == ("quand", "si_faux")
