"""The balance follows the advance: what refuses the one refuses the other, what is open on the one is open on both."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.pack.model import Consequence, Pack, Rule

if TYPE_CHECKING:
    from tests.packs.conftest import World

Appraised = Callable[..., dict[str, Any]]
BALANCE: Final = "solde-cas-b"
DAY: Final = "2023-10-02"
LATE: Final = "2023-07-27T09:00:00+02:00"
# For each rule that can refuse an advance, a whole dossier made such that it speaks.
REASONS: Final[dict[str, dict[str, Any]]] = {
    "AVA-DELAI": {"avance.recue_le": LATE},
    "AVA-COMPLEMENT-TARDIF": {"avance.pieces_recues_le": LATE},
    "AVA-ENROLEMENT-TARDIF": {"enrolement.recue_le": LATE},
    "ELI-CONTRAT-V2-TARDIF": {"ans.contrat_v2.signe_ans_le": "2023-07-27"},
    "ELI-ESPACE-CONFIANCE": {"ans.espace_de_confiance": False},
    "ELI-REFERENCEMENT-CLOS": {"ans.referencement": {"sur_liste": False}},
    "ELI-REFERENCEMENT-INCERTAIN": {"ans.referencement.sur_liste": False},
    "ELI-DOUBLON": {"ans.autres_dossiers_meme_siren": 1},
}
# Those that a human settles.
QUESTIONS: Final = (
    "AVA-COMPLEMENT-TARDIF",
    "AVA-ENROLEMENT-TARDIF",
    "ELI-CONTRAT-V2-TARDIF",
    "ELI-REFERENCEMENT-INCERTAIN",
    "ELI-DOUBLON",
)


def _refusals(rule: Rule) -> list[str]:
    return [cause.name for cause in rule.causes if cause.consequence is Consequence.REJECT]


def test_every_rule_that_can_refuse_an_advance_is_among_the_reasons(pack: Pack) -> None:
    found = {rule.id for rule in pack.rules.values() if "avance" in rule.requests and _refusals(rule)}
    assert found == set(REASONS)
    assert {name for name in found if pack.rules[name].question is not None} == set(QUESTIONS)


@pytest.mark.parametrize("rule", REASONS)
def test_a_balance_is_never_accepted_for_good_while_its_advance_is_refused_or_in_doubt(
    world: World, pack: Pack, appraised: Appraised, rule: str
) -> None:
    assert world.request("solde", BALANCE, au=DAY).accepted
    answers: list[dict[str, Any]] = [{}]
    if rule in QUESTIONS:
        refused = [appraised(word, le="2023-09-01") for word in _refusals(pack.rules[rule])]
        expired = {**refused[0], "expire_le": "2023-10-01"}
        unsigned = {key: value for key, value in refused[0].items() if key != "auteur"}
        ahead = {**refused[0], "le": "2023-10-03"}
        unknown = {**refused[0], "reponse": "oui"}
        answers += [{f"appreciations.{rule}": one} for one in (*refused, expired, unsigned, ahead, unknown)]
    for answer in answers:
        changes = {**REASONS[rule], **answer}
        advance, balance = (world.request(name, BALANCE, changes, au=DAY) for name in ("avance", "solde"))
        assert not advance.accepted
        assert not balance.accepted, answer
        assert (balance.verdict, balance.provisional) == (advance.verdict, advance.provisional)


@pytest.mark.parametrize("rule", QUESTIONS)
def test_the_answer_that_saves_the_advance_saves_the_balance(
    world: World, pack: Pack, appraised: Appraised, rule: str
) -> None:
    failing = {cause.name for cause in pack.rules[rule].causes}
    saving = next(word for word in pack.rules[rule].answers if word not in failing)
    answer = {**REASONS[rule], f"appreciations.{rule}": appraised(saving, le="2023-09-01")}
    for name in ("avance", "solde"):
        assert world.request(name, BALANCE, answer, au=DAY).accepted


@settings(max_examples=examples(200))
@given(data=st.data())
def test_whatever_happens_to_the_dossier_no_balance_outlives_its_advance(
    world: World, pack: Pack, names: list[str], data: Any
) -> None:
    content = world.data(data.draw(st.sampled_from([n for n in names if n.startswith("solde-")])))
    for reason in data.draw(st.lists(st.sampled_from(sorted(REASONS)), max_size=3, unique=True)):
        for path, value in REASONS[reason].items():
            *parents, last = path.split(".")
            node = content
            for part in parents:
                node = node.setdefault(part, {})
            node[last] = copy.deepcopy(value)
    who = {"auteur": "Agent", "motif": "Motif", "le": "2022-10-01"}
    end = st.sampled_from(("2023-09-30", "2099-12-31"))
    recorded = {
        name: st.fixed_dictionaries(
            {"reponse": st.sampled_from(tuple(pack.rules[name].answers)), "expire_le": end}
        ).map(lambda answer: {**answer, **who})
        for name in QUESTIONS
    }
    content["appreciations"] = data.draw(st.fixed_dictionaries({}, optional=recorded))
    decision = world.decide(content, date(2023, 10, 2))
    answers = {r.name: world.answer(decision, r.name) for r in decision.requests}
    if "avance" not in answers:
        return
    refusing = {f for f, result in answers["avance"].findings.items() if f in REASONS and result != "manquant"}
    if refusing or answers["avance"].verdict == "rejeter":
        assert not answers["solde"].accepted, refusing
