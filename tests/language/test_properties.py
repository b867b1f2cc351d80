"""What holds of every expression: both evaluators agree, nothing raises, knowing less never changes a verdict.

Expressions are drawn as texts from a grammar of their own, well typed by construction, over the facts of `conftest.py`.
"""

from __future__ import annotations

import decimal
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.decision.steps import step_maker
from recevable.language.calendar import Duration, age, months_between
from recevable.language.check import Scope
from recevable.language.evaluate import EXACT, Evaluators, Layout, Slots, build
from recevable.language.generated import Program
from recevable.language.operations import round_to
from recevable.language.prose import prose
from recevable.language.syntax import MAX_LENGTH
from recevable.language.tree import VARIABLE, Expr, references
from recevable.language.types import Kind
from recevable.language.unparse import literal, unparse

Typed = Callable[[str], Expr]
Facts = Mapping[str, Any]

# For each symbol, its words and then what it is made of: `{symbol}` is drawn in turn, `@` is the item of a loop.
# `ecart` is a duration in days, `duree` one in days and hours, `mois` one in months, `periode` any.
GRAMMAR: Final[dict[str, tuple[list[str], list[str]]]] = {
    "booleen": (
        "signe complet piece.lisible est_acheteur vrai faux".split(),
        [
            "({booleen} et {booleen})", "({booleen} ou {booleen})", "({booleen} et {booleen} et {booleen})",
            "(non {booleen})", "(si {booleen} alors {booleen} sinon {booleen})", "({booleen} = {booleen})",
            "({booleen} dans [{booleen}, {booleen}])", "({entier} < {entier})", "({entier} = {nombre})",
            "({nombre} >= {nombre})", "({montant} <= {montant})", "({montant} = {montant})", "({taux} != {taux})",
            "({date} > {date})", "({instant} <= {instant})", "({instant} = {instant})", "({duree} = {duree})",
            "({duree} >= {duree})", "({date} entre {date} et {date})", "({duree} entre {duree} et {duree})",
            "({duree} != {duree})", "({duree} < {duree})", "({date} != {date})", "({date} = {date})",
            "({mois} < {mois})", "({mois} = {mois})", "({mois} entre {mois} et {mois})",
            "({instant} != {instant})", "({instant} entre {instant} et {instant})", "({texte} != {texte})",
            "({montant} != {montant})", "({entier} != {entier})", "({booleen} != {booleen})",
            "({date} dans [{date}, {date}])", "({instant} dans [{instant}])", "({texte} dans [{texte}, {texte}])",
            "({montant} dans [{montant}, {montant}])",
            "({entier} dans [{entier}, {entier}])", "({duree} dans [{duree}])", "({texte} = {texte})",
            '(profil = "acheteur")', '(profil dans ["acheteur", "developpeur"])', '(reponse("APP-AVIS") = "favorable")',
            "({champ} est present)", "({champ} est absent)", "siret_valide({texte})", "iban_valide({texte})",
            "bic_valide({texte})", "tous(@ dans {liste}, {booleen})", "certains(@ dans {liste}, {booleen})",
            "tous(@ dans {liste} si {booleen}, {booleen})", "certains(@ dans {liste} si {booleen}, {booleen})",
            "premier(@ dans {liste}, {booleen})", "commence_par({texte}, {texte})", "contient({texte}, {texte})",
            'motif({texte}, "[0-9]+|AGRI.*")',
        ],
    ),
    "entier": (
        "age rang 0 1 3 40 10000000".split(),
        [
            "({entier} + {entier})", "({entier} - {entier})", "({entier} * {entier})", "(-{entier})",
            "(si {booleen} alors {entier} sinon {entier})", "min({entier}, {entier})", "longueur({texte})",
            "nombre(@ dans {liste}, {booleen})", "somme(@ dans {liste}, {entier})",
            "nombre(@ dans {liste} si {booleen}, {booleen})", "maximum(@ dans {liste}, {entier})",
            "premier(@ dans {liste} si {booleen}, {entier})", "nombre_de_jours({date}, {date})",
            'nombre_de_mois({date}, {date}, "{compte}")', "age({date}, {date})", "annee({date})", "mois({date})",
            "jour({date})",
        ],
    ),
    "nombre": (
        "2.0 2.00 0.5 1.005 99999999999999999999999999999999999.9".split(),
        [
            "({nombre} + {entier})", "({entier} / {entier})", "({montant} / {montant})", "({nombre} * {nombre})",
            "(-{nombre})", 'arrondi({nombre}, "{pas}", "{sens}")', 'arrondi({entier}, "{pas}", "{sens}")',
            "max({nombre}, {entier})", "({duree} / {duree})", "({mois} / {mois})",
            "moyenne(@ dans {liste}, {entier})",
        ],
    ),
    "montant": (
        "prix verse plafond total".split(),
        [
            "({montant} + {montant})", "({montant} - {montant})", "({montant} * {entier})", "({taux} * {montant})",
            "({montant} / {entier})", "({montant} + 0.005)", "(-{montant})", 'arrondi({montant}, "{pas}", "{sens}")',
            "min({montant}, {montant}, 8000.00)", "(si {booleen} alors {montant} sinon 0)",
            "somme(@ dans {liste}, {montant})", "somme(@ dans {liste} si {booleen}, {montant})",
            "minimum(@ dans {liste}, {montant})", "moyenne(@ dans {liste} si {booleen}, {montant})",
        ],
    ),
    "taux": (["taux"], ["(1 + {taux})", "({taux} * {taux})", "({taux} / 2)", "max({taux}, 0.20)"]),
    "date": (
        "jour veille piece.jour aujourd_hui 2024-02-29 2023-03-26 9999-12-31 0001-01-01".split(),
        [
            "({date} + {ecart})", "({date} - {ecart})", "date_de({instant})",
            'decale({date}, {jours_et_mois}, "{bord}")',
            "min({date}, {date})", "maximum(@ dans {liste} si {booleen}, {date})",
            "premier(@ dans {liste}, {date})", "(si {booleen} alors {date} sinon {date})",
        ],
    ),
    "instant": (
        "recu ferme 2023-03-25T14:00:00 2023-10-29T00:30:00Z 9999-12-31T22:59:59Z".split(),
        [
            "({instant} + {duree})", "({instant} - {duree})", "debut_de_jour({date})", "fin_de_jour({date})",
            'decale({instant}, {periode}, "{bord}")', "max({instant}, {instant})",
            "({instant} + 1 jours)", "({instant} + 24 heures)",
        ],
    ),
    "ecart": (
        ["1 jours", "15 jours", "0 mois", "delai"], ["({date} - {date})", "jours({entier})", "({ecart} + {ecart})",
            "({ecart} * {entier})", "(-{ecart})"],
    ),
    "duree": (
        ["24 heures", "1 jours", "90 minutes", "preavis"],
        ["{ecart}", "({instant} - {instant})", "({duree} - {duree})", "min({duree}, {duree})",
         "({entier} * {duree})", "(-{duree})"],
    ),
    "mois": (
        ["1 mois", "2 ans", "engagement", "0 jours"],
        ["({mois} + {mois})", "({mois} * {entier})", "(-{mois})", "max({mois}, {mois})"],
    ),
    "jours_et_mois": (["1 mois", "engagement"], ["{mois}", "({mois} + {ecart})", "({ecart} - {mois})"]),
    "periode": (
        ["1 mois", "2 ans", "engagement"],
        ["({periode} + {duree})", "(si {booleen} alors {jours_et_mois} sinon {duree})"],
    ),
    "texte": (
        ["nom", "siret", '"73282932000074"', '""', '"Été « 1 »"'],
        ["normalise({texte})", "siren_de({texte})", "(si {booleen} alors {texte} sinon {texte})"],
    ),
    "liste": (["lignes"], []),
    "champ": (["signe", "age", "piece", "piece.jour", "lignes", "demande.lisible"], []),
    "pas": (["0.01", "0.05", "1", "10"], []),
    "sens": (["demi_superieur", "demi_pair", "inferieur", "superieur"], []),
    "bord": (["fin_de_mois", "mois_suivant"], []),
    "compte": (["complets", "commences"], []),
}  # fmt: skip
ITEMS: Final = {
    "booleen": ["@.recu"], "entier": ["@.nombre"], "montant": ["@.prix"], "date": ["@.jour"],
    "texte": ["@.libelle", "@.acheteur.siret"], "champ": ["@.jour", "@"], "liste": ["@.lots"],
}  # fmt: skip
KINDS: Final = ["booleen", "entier", "nombre", "montant", "taux", "date", "instant", "duree", "texte"]
PRESENCE: Final = " est "
DEPTH: Final = 4


@st.composite
def texts(draw: st.DrawFn, symbol: str = "booleen", presence: bool = True) -> str:
    """The text of an expression of the type that a symbol names."""

    def grow(symbol: str, depth: int, items: list[str]) -> str:
        words, makes = GRAMMAR[symbol]
        # the lots of a line have no lots
        held = [item for item in items if symbol != "liste" or item.startswith("l")]
        words = [*words, *(word.replace("@", item) for item in held for word in ITEMS.get(symbol, ()))]
        makes = [make for make in makes if presence or PRESENCE not in make]
        if not makes or depth == 0 or draw(st.integers(0, 3)) == 0:
            return draw(st.sampled_from(words))
        make = draw(st.sampled_from(makes))
        inner = items
        if "@" in make:
            source = grow("liste", 0, items)
            item = f"{'l' if source == 'lignes' else 'p'}{len(items)}"
            make, inner = make.replace("{liste}", source).replace("@", item), [*items, item]
        return re.sub(r"\{(\w+)\}", lambda match: grow(match[1], depth - 1, inner), make)

    text = grow(symbol, DEPTH, [])
    assume(len(text) <= MAX_LENGTH)
    return text


# Conditions are what rules are mostly made of.
SYMBOLS = st.sampled_from(["booleen", "booleen", "booleen", *KINDS])
ANY = SYMBOLS.flatmap(texts)
DEFINITE = SYMBOLS.flatmap(lambda kind: texts(kind, presence=False))

BOOLEANS = st.booleans()
INTEGERS = st.integers(-3, 40) | st.just(10**7)
AMOUNTS = st.sampled_from(
    [Decimal(text) for text in ("0.00", "-0.01", "95.00", "8000.00", "8000.005", "999999999999.99")]
)
DAYS = st.sampled_from(
    [date(2023, 3, 25), date(2023, 10, 29), date(2024, 1, 31), date(2024, 2, 29), date.min, date.max]
)
INSTANTS = st.sampled_from(
    [
        datetime(2023, 3, 25, 13, tzinfo=UTC),
        datetime(2023, 10, 29, 0, 30, tzinfo=UTC),
        datetime(2023, 7, 26, 12, 0, 0, 500_000, tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ]
)
TEXTS = st.sampled_from(["", "73282932000074", "FR7630006000011234567890189", "AGRIFRPP", "été"])
PROFILES = st.sampled_from(["acheteur", "developpeur"])
PARTS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "nature": PROFILES, "prix": AMOUNTS, "nombre": INTEGERS, "recu": BOOLEANS, "jour": DAYS, "libelle": TEXTS,
    "acheteur": st.fixed_dictionaries({}, optional={"siret": TEXTS}),
}  # fmt: skip
LOTS = st.lists(st.fixed_dictionaries({}, optional=PARTS), max_size=2)
LINES = st.fixed_dictionaries({}, optional={**PARTS, "lots": LOTS})
KNOWN: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "signe": BOOLEANS, "complet": BOOLEANS, "age": INTEGERS, "rang": INTEGERS, "prix": AMOUNTS, "verse": AMOUNTS,
        "taux": st.sampled_from([Decimal("0"), Decimal("0.20"), Decimal("0.085")]), "jour": DAYS, "veille": DAYS,
        "recu": INSTANTS, "ferme": INSTANTS, "nom": TEXTS, "siret": TEXTS, "profil": PROFILES,
        "lignes": st.lists(LINES, max_size=3), "piece": st.just({}), "piece.lisible": BOOLEANS, "piece.jour": DAYS,
        "plafond": AMOUNTS, "total": AMOUNTS, "est_acheteur": BOOLEANS, "aujourd_hui": DAYS,
        "delai": st.builds(Duration, days=INTEGERS), "engagement": st.builds(Duration, INTEGERS),
        "preavis": st.builds(Duration, days=INTEGERS, seconds=INTEGERS),
        "APP-AVIS": st.sampled_from(["favorable", "defavorable"]),
    }
)  # fmt: skip
# Most facts are known, so that few values are unknown.
WORLDS = KNOWN.flatmap(
    lambda facts: st.sets(st.sampled_from(sorted(facts)), max_size=8).map(
        lambda unknown: {name: fact for name, fact in facts.items() if name not in unknown}
    )
)

# The Python type of the values of each kind.
VALUES: Final[dict[Kind, type]] = {
    Kind.BOOLEAN: bool, Kind.INTEGER: int, Kind.DATE: date, Kind.INSTANT: datetime, Kind.DURATION: Duration,
    Kind.TEXT: str,
}  # fmt: skip

thorough = settings(
    max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def slots_of(layout: Layout, facts: Facts) -> Slots:
    """The facts in their places; what is not among them is unknown."""
    slots = layout.empty()
    for (op, name), index in layout.slots.items():
        if op != VARIABLE:
            slots[index] = facts.get(name)
    return slots


def evaluate(expr: Expr, scope: Scope, facts: Facts) -> Any:
    """What the reference evaluator gives."""
    layout = Layout(scope.zone)
    evaluator = build(expr, layout)
    with decimal.localcontext(EXACT):
        return evaluator(slots_of(layout, facts))


def forget(data: st.DataObject, facts: Facts) -> dict[str, Any]:
    """The same facts with some of them unknown, or some members of the items of a list."""
    kept = {name: fact for name, fact in facts.items() if data.draw(st.booleans(), label=f"keep {name}")}
    if "lignes" in kept:
        kept["lignes"] = [
            {name: fact for name, fact in line.items() if data.draw(st.booleans(), label=f"keep {name} of a line")}
            for line in kept["lignes"]
        ]
    return kept


@pytest.mark.parametrize("symbol", GRAMMAR)
def test_every_part_of_the_grammar_is_sound(symbol: str, typed: Typed) -> None:
    """Each alternative alone, so that the properties below are known to reach all of them."""
    words, makes = GRAMMAR[symbol]
    for text in (*words, *makes):
        complete = re.sub(r"\{(\w+)\}", lambda match: GRAMMAR[match[1]][0][0], text.replace("@", "l"))
        if symbol == "champ":
            complete = f"{complete} est present"
        elif symbol == "liste":
            complete = f"nombre(e dans {complete}, vrai)"
        elif symbol in ("pas", "sens", "bord", "compte"):
            complete = f'"{complete}"'
        typed(complete)


@thorough
@given(sources=st.lists(ANY, min_size=1, max_size=4), facts=WORLDS)
def test_both_evaluators_give_the_same_values(sources: list[str], facts: Facts, typed: Typed, scope: Scope) -> None:
    exprs = [typed(source) for source in sources]
    layout = Layout(scope.zone)
    run = Program(exprs, layout)
    expected = [repr(evaluate(expr, scope, facts)) for expr in exprs]
    with decimal.localcontext(EXACT):
        assert [repr(value) for value in run(slots_of(layout, facts))] == expected


@thorough
@given(drawn=SYMBOLS.flatmap(lambda kind: st.tuples(st.just(kind), texts(kind))), facts=WORLDS)
def test_a_value_is_unknown_or_of_the_type_that_was_announced(
    drawn: tuple[str, str], facts: Facts, typed: Typed, scope: Scope
) -> None:
    expr = typed(drawn[1])
    assert expr.type.kind == drawn[0] or {expr.type.kind, drawn[0]} == {Kind.INTEGER, Kind.NUMBER}
    value = evaluate(expr, scope, facts)
    assert value is None or isinstance(value, VALUES.get(expr.type.kind, (int, Decimal)))


@thorough
@given(source=ANY)
def test_a_tree_written_back_and_read_again_is_the_same(source: str, typed: Typed) -> None:
    expr = typed(source)
    assert typed(unparse(expr)) == expr
    assert unparse(typed(unparse(expr))) == unparse(expr)


@thorough
@given(source=DEFINITE, facts=WORLDS, data=st.data())
def test_knowing_less_leaves_a_value_as_it_was_or_unknown(
    source: str, facts: Facts, data: st.DataObject, typed: Typed, scope: Scope
) -> None:
    expr = typed(source)
    less = evaluate(expr, scope, forget(data, facts))
    assert less is None or literal(less) == literal(evaluate(expr, scope, facts))


@thorough
@given(source=ANY, facts=WORLDS)
def test_a_value_depends_only_on_what_the_tree_says_it_reads(
    source: str, facts: Facts, typed: Typed, scope: Scope
) -> None:
    expr = typed(source)
    read = {name: fact for name, fact in facts.items() if name in references(expr)}
    assert repr(evaluate(expr, scope, read)) == repr(evaluate(expr, scope, facts))


@thorough
@given(source=ANY)
def test_every_expression_can_be_said_in_one_line(source: str, typed: Typed) -> None:
    sentence = prose(typed(source), lambda op, name: name, lambda value, type_: literal(value))
    assert sentence
    assert "\n" not in sentence
    assert not re.search(r"\{[\d*]\}", sentence)


NUMBERS = st.sampled_from(["entier", "nombre", "montant", "taux"]).flatmap(texts)
REDONE: Final[dict[str, Callable[..., Any]]] = {
    "+": lambda *operands: reduce(operator.add, operands),
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if isinstance(a, Duration) else Decimal(a) / Decimal(b),
    "oppose": operator.neg,
    "min": min,
    "max": max,
    "somme": lambda *operands: sum(operands),
    "minimum": lambda *operands: min(operands),
    "maximum": lambda *operands: max(operands),
    "moyenne": lambda *operands: Decimal(sum(operands)) / len(operands),
    "arrondi": round_to,
    "nombre_de_jours": lambda first, last: (last - first).days,
    "nombre_de_mois": lambda first, last, which: months_between(first, last, begun=which == "commences"),
    "age": age,
}


@thorough
@given(source=NUMBERS, facts=WORLDS)
def test_doing_the_steps_of_a_number_again_gives_the_number(
    source: str, facts: Facts, typed: Typed, scope: Scope
) -> None:
    expr, layout = typed(source), Layout(scope.zone)
    evaluator, make = build(expr, layout), step_maker(expr, Evaluators(layout))
    make(layout.empty())
    with decimal.localcontext(EXACT):
        value = evaluator(slots_of(layout, facts))
        found = make(slots_of(layout, facts))
        assert [REDONE[step.operation](*step.operands) for step in found] == [step.value for step in found]
    assert (found == ()) if value is None else (not found or found[-1].value == value)
