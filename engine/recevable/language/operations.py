"""The table of operations: for each, its types, its semantics, its French words and examples.

The type checker, the evaluator, the prose and the documentation all read this table; a target without a row rejects the
expression by name.  A *strict* operation has `compute`, called only with known values: an unknown operand makes the
result unknown.  The others (`et`, `si`, ...) have a row here and their own builder in `evaluate.py`.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Final

from msgspec import Struct

from recevable.language import calendar, identifiers, working_days
from recevable.language.calendar import Duration
from recevable.language.history import History, value_at
from recevable.language.tables import Scale, in_grid, in_scale
from recevable.language.tree import AT, IN_GRID, IN_SCALE, LITERAL, REFERENCES, Expr
from recevable.language.types import (
    BOOLEAN,
    DATE,
    DESIGNATION,
    DURATION,
    INSTANT,
    INTEGER,
    NUMBER,
    NUMERAL,
    NUMERIC,
    ORDERED,
    RESULT_TYPE,
    TABLES,
    TEXT,
    Kind,
    Type,
    unify,
)
from recevable.lazy import pattern

ROUNDINGS: Final = ("demi_superieur", "demi_pair", "inferieur", "superieur")
# Numbers have at most a hundred integer digits, integers included, to bound their growth.
MOST: Final = 10**100


_STEP: Final = pattern(r"\d{1,6}(\.\d{1,6})?", re.ASCII)

# What durations count, in the words of the type of a parameter, and how the values name it.
_MONTHS: Final = "mois"
_DAYS: Final = "jours"
_SECONDS: Final = "secondes"
_PARTS: Final = {_MONTHS: "months", _DAYS: "days", _SECONDS: "seconds"}

# List functions that have no result without an element; the last reads one element only.
FIRST: Final = "premier"
OF_SOME: Final = frozenset({"minimum", "maximum", "moyenne", FIRST})

COMPLETE: Final = "complets"
BEGUN: Final = "commences"


class TypeFault(Exception):
    """An operation rejected by its type rule: the operand (None for all), French message and help."""

    def __init__(self, message: str, operand: int | None = None, help: str = "") -> None:
        super().__init__(message)
        self.message, self.operand, self.help = message, operand, help


class Operation(Struct, frozen=True):
    """A row of the table.

    `typing` gives the result type of typed operands or raises TypeFault.  `compute` takes the zone first when `zoned`.
    `on_holidays`: the last operand is the calendar of public holidays.
    `examples` are pairs (expression, result as documented), all run by the tests.
    """

    name: str
    usage: str
    doc: str
    words: str
    typing: Callable[[Sequence[Expr]], Type]
    compute: Callable[..., Any] | None
    examples: tuple[tuple[str, str], ...]
    arity: tuple[int, int | None] = (2, 2)
    zoned: bool = False
    function: bool = False
    over_list: bool = False
    on_holidays: bool = False


# --- type rules -----------------------------------------------------------------------------------------------------


def _name(type_: Type) -> str:
    return f"`{type_.kind}`"


def _want(args: Sequence[Expr], index: int, kind: Kind) -> None:
    if args[index].type.kind is not kind:
        raise TypeFault(f"`{kind}` attendu, {_name(args[index].type)} trouvé", index)


def _all(kind: Kind, result: Type) -> Callable[[Sequence[Expr]], Type]:
    def rule(args: Sequence[Expr]) -> Type:
        for index in range(len(args)):
            _want(args, index, kind)
        return result

    return rule


def _meet(args: Sequence[Expr], verb: str) -> Type:
    common = args[0].type
    for index, arg in enumerate(args[1:], start=1):
        joined = unify(common, arg.type)
        if joined is None:
            raise TypeFault(f"impossible {verb} {_name(common)} et {_name(arg.type)}", index, _same(common, arg.type))
        common = joined
    return common


def _same(left: Type, right: Type) -> str:
    """What to write instead of the second of two incompatible operands."""
    if {left.kind, right.kind} == {Kind.DATE, Kind.INSTANT}:
        return "Écrivez `date_de(…)` autour de l'instant, ou `fin_de_jour(…)` autour de la date."
    model = _MODELS.get(left.kind)
    help = "Les deux côtés doivent être de même nature"
    return f"{help} : écrivez ici {model}, ou corrigez l'autre." if model else f"{help}."


_MODELS: Final = {
    Kind.BOOLEAN: "`vrai` ou `faux`",
    Kind.TEXT: 'un texte, comme `"texte"`',
    Kind.INTEGER: "un nombre entier, comme `12`",
    Kind.AMOUNT: "un montant, comme `1234.50`",
    Kind.RATE: "un taux, comme `0.20`",
    Kind.DATE: "une date, comme `2023-06-30`",
    Kind.INSTANT: "un instant, comme `2023-07-26T14:00:00`",
    Kind.DURATION: "une durée, comme `15 jours`",
}


def _enumerated(args: Sequence[Expr]) -> None:
    """A text compared with an enumerated field must be one of its values: a misspelt one would never match."""
    from recevable.language.diagnostics import suggest

    closed = next((a.type.values for a in args if a.type.values), ())
    for index, arg in enumerate(args):
        if closed and arg.op == LITERAL and arg.value not in closed:
            choices = ", ".join(f"`{v}`" for v in closed)
            raise TypeFault(
                f'`"{arg.value}"` n\'est pas une valeur possible de ce champ',
                index,
                suggest(str(arg.value), closed) or f"Valeurs possibles : {choices}.",
            )


def _equality(args: Sequence[Expr]) -> Type:
    common = _meet(args, "de comparer")
    if common.kind in TABLES | {Kind.LIST, Kind.OBJECT}:
        raise TypeFault(
            f"un {_name(common)} ne se compare pas", 0, "Comparez un de ses champs, ou écrivez `est present`."
        )
    if common.kind is Kind.TEXT:
        _enumerated(args)
    if common.kind is Kind.DURATION:
        _comparable(args)
    return BOOLEAN


def _order(args: Sequence[Expr]) -> Type:
    common = _meet(args, "de comparer")
    if common.kind not in ORDERED:
        raise TypeFault(f"un {_name(common)} ne s'ordonne pas", 0, "Seuls `=`, `!=` et `dans` s'appliquent ici.")
    if common.kind is Kind.DURATION:
        _comparable(args)
    return BOOLEAN


def counts(arg: Expr, unit: str) -> bool:
    """Whether a duration may contain `mois`, `jours` or `secondes`, from any source."""
    if isinstance(arg.value, Duration):
        return bool(getattr(arg.value, _PARTS[unit]))
    if arg.op == AT:
        return counts(arg.args[0], unit)
    if arg.op in REFERENCES | {IN_GRID, IN_SCALE}:
        return unit in arg.type.format.split()
    if arg.op == "jours" or any(part.type.kind is Kind.DATE for part in arg.args):
        return unit == _DAYS
    if any(part.type.kind is Kind.INSTANT for part in arg.args):
        return unit != _MONTHS
    return any(counts(part, unit) for part in arg.args if part.type.kind is Kind.DURATION)


_LENGTH: Final = "une durée en mois ou en années n'a pas de longueur fixe"


def _no_months(args: Sequence[Expr]) -> None:
    for index, arg in enumerate(args):
        if arg.type.kind is Kind.DURATION and counts(arg, _MONTHS):
            raise TypeFault(_LENGTH, index, "Employez `decale(date, durée, règle)`.")


def _comparable(args: Sequence[Expr]) -> None:
    """Durations that have a common measure: all in months, or none of them."""
    durations = [index for index, arg in enumerate(args) if arg.type.kind is Kind.DURATION]
    in_months = [index for index in durations if counts(args[index], _MONTHS)]
    if in_months and any(counts(args[index], unit) for index in durations for unit in (_DAYS, _SECONDS)):
        help = "Comparez-la à une autre durée en mois, ou comparez des dates, avec `decale(date, durée, règle)`."
        raise TypeFault(_LENGTH, in_months[0], help)


def _moved(args: Sequence[Expr]) -> Type | None:
    """date/instant ± duration."""
    base, other = args[0].type.kind, args[1]
    if base in (Kind.DATE, Kind.INSTANT) and other.type.kind in NUMERIC:
        written = f"{other.value} jour{'s' if other.value > 1 else ''}" if type(other.value) is int else "jours(…)"
        raise TypeFault("à une date s'ajoute une durée, non un nombre", 1, f"Dites l'unité : `{written}`.")
    if base not in (Kind.DATE, Kind.INSTANT) or other.type.kind is not Kind.DURATION:
        return None
    _no_months(args)
    if base is Kind.DATE and counts(other, _SECONDS):
        raise TypeFault(
            "on n'ajoute pas des heures à une date",
            1,
            "Partez d'un instant, par exemple `fin_de_jour(date)`.",
        )
    return Type(base)


def _numbers(args: Sequence[Expr], verb: str) -> Type:
    for index, arg in enumerate(args):
        if arg.type.kind not in NUMERIC:
            raise TypeFault(f"un nombre est attendu, {_name(arg.type)} trouvé", index)
    return _meet(args, verb)


def _plus(args: Sequence[Expr]) -> Type:
    if args[0].type.kind is args[1].type.kind is Kind.DURATION:
        return DURATION
    return _moved(args) or _numbers(args, "d'additionner")


def _minus(args: Sequence[Expr]) -> Type:
    kinds = {args[0].type.kind, args[1].type.kind}
    if kinds in ({Kind.DATE}, {Kind.INSTANT}, {Kind.DURATION}):
        return DURATION
    if all(arg.type.format == NUMERAL for arg in args):
        return INTEGER
    return _moved(args) or _numbers(args, "de soustraire")


def _scaled(args: Sequence[Expr]) -> Type:
    kinds = [a.type.kind for a in args]
    if Kind.DURATION in kinds:
        _want(args, 1 - kinds.index(Kind.DURATION), Kind.INTEGER)
        return DURATION
    for index, arg in enumerate(args):
        if arg.type.kind not in NUMERIC:
            raise TypeFault(f"un nombre est attendu, {_name(arg.type)} trouvé", index)
    if kinds.count(Kind.AMOUNT) == 2:
        raise TypeFault("multiplier deux montants n'a pas de sens", 1, "Un des deux doit être un nombre ou un taux.")
    for kind in (Kind.AMOUNT, Kind.RATE):
        if kind in kinds:
            return Type(kind)
    found = unify(args[0].type, args[1].type) or NUMBER
    return INTEGER if found.format == NUMERAL else found


def _ratio(args: Sequence[Expr]) -> Type:
    if args[0].type.kind is args[1].type.kind is Kind.DURATION:
        _comparable(args)
        return NUMBER
    for index, arg in enumerate(args):
        if arg.type.kind not in NUMERIC:
            raise TypeFault(f"un nombre est attendu, {_name(arg.type)} trouvé", index)
    top, bottom = args[0].type.kind, args[1].type.kind
    if bottom is Kind.AMOUNT and top is not Kind.AMOUNT:
        raise TypeFault("seul un montant se divise par un montant", 0)
    return Type(top) if top in (Kind.AMOUNT, Kind.RATE) and bottom is not top else NUMBER


def _opposite(args: Sequence[Expr]) -> Type:
    if args[0].type.kind not in NUMERIC and args[0].type.kind is not Kind.DURATION:
        raise TypeFault(f"un nombre ou une durée est attendu, {_name(args[0].type)} trouvé", 0)
    return args[0].type


def _conditional(args: Sequence[Expr]) -> Type:
    _want(args, 0, Kind.BOOLEAN)
    joined = unify(args[1].type, args[2].type)
    if joined is None:
        raise TypeFault(f"les deux issues diffèrent : {_name(args[1].type)} et {_name(args[2].type)}", 2)
    return joined


def _extreme(args: Sequence[Expr]) -> Type:
    common = _meet(args, "de comparer")
    if common.kind not in ORDERED:
        raise TypeFault(f"un {_name(common)} ne s'ordonne pas", 0)
    if common.kind is Kind.DURATION:
        _comparable(args)
    return common


def _membership(args: Sequence[Expr]) -> Type:
    return _equality(args)


def _among(args: Sequence[Expr]) -> Type:
    """A value compared with each element of a list of plain values."""
    listed = args[1].type.item
    if args[1].type.kind is not Kind.LIST or listed is None or listed.kind is Kind.OBJECT:
        help = 'Écrivez les valeurs entre crochets, `["a", "b"]`, ou le nom d\'une liste de valeurs.'
        raise TypeFault(f"une liste de valeurs est attendue, {_name(args[1].type)} trouvé", 1, help)
    if unify(args[0].type, listed) is None:
        raise TypeFault(f"impossible de chercher {_name(args[0].type)} dans une liste de {_name(listed)}", 0)
    return BOOLEAN


def _looked_up(args: Sequence[Expr]) -> Type:
    """The result of a table for keys of the types that it declares; a closed text must have all its values in it."""
    table, result = args[0].type, args[0].type.item
    assert result is not None
    for rank, wanted in enumerate(table.fields.values(), start=1):
        given = args[rank].type
        if unify(given, wanted) is None:
            raise TypeFault(f"`{wanted.kind}` attendu, {_name(given)} trouvé", rank)
        texts = (str(args[rank].value),) if args[rank].op == LITERAL else given.values
        lacking = [text for text in texts if wanted.values and text not in wanted.values]
        if lacking:
            listed = ", ".join(f"`{value}`" for value in lacking)
            raise TypeFault(f"cette grille n'a pas de ligne pour {listed}", rank, "Ajoutez-la à chaque valeur datée.")
    return result


def _days(*kinds: Kind, result: Type) -> Callable[[Sequence[Expr]], Type]:
    """Operands of these kinds before the holidays."""

    def rule(args: Sequence[Expr]) -> Type:
        for rank, kind in enumerate(kinds):
            _want(args, rank, kind)
            if kind is Kind.DURATION and counts(args[rank], _SECONDS):
                raise TypeFault("on n'ajoute pas des heures à une date", rank)
        return result

    return rule


def _clear_delay(day: date, delay: Duration, holidays: History) -> date | None:
    end = calendar.shift(day, delay, calendar.END_OF_MONTH, UTC)
    return working_days.carried(end + timedelta(days=1), holidays)


def _at(args: Sequence[Expr]) -> Type:
    if args[1].type.kind is Kind.INSTANT:
        raise TypeFault("`date` attendue après `au`, `instant` trouvé", 1, "Écrivez `au date_de(…)`.")
    _want(args, 1, Kind.DATE)
    return args[0].type


def _constant(args: Sequence[Expr], index: int, choices: Sequence[str] = ()) -> str:
    arg = args[index]
    if arg.op != LITERAL or arg.type.kind is not Kind.TEXT or (choices and arg.value not in choices):
        allowed = ", ".join(f'`"{c}"`' for c in choices) or "un texte entre guillemets"
        raise TypeFault("cet argument doit être écrit en toutes lettres dans la règle", index, f"Écrivez {allowed}.")
    return str(arg.value)


def _rounded(args: Sequence[Expr]) -> Type:
    if args[0].type.kind not in NUMERIC:
        raise TypeFault(f"un nombre est attendu, {_name(args[0].type)} trouvé", 0)
    step = _constant(args, 1)
    if not _STEP.fullmatch(step) or not Decimal(step):
        raise TypeFault(f"`{step}` n'est pas un pas d'arrondi", 1, 'Écrivez `"0.01"` pour le centime.')
    _constant(args, 2, tuple(ROUNDINGS))
    return NUMBER if args[0].type.kind is Kind.INTEGER else Type(args[0].type.kind)


def _shifted(args: Sequence[Expr]) -> Type:
    if args[0].type.kind not in (Kind.DATE, Kind.INSTANT):
        raise TypeFault(f"une date ou un instant est attendu, {_name(args[0].type)} trouvé", 0)
    _want(args, 1, Kind.DURATION)
    _constant(args, 2, (calendar.END_OF_MONTH, calendar.NEXT_MONTH))
    if args[0].type.kind is Kind.DATE and counts(args[1], _SECONDS):
        raise TypeFault("on n'ajoute pas des heures à une date", 1)
    return Type(args[0].type.kind)


def _months(args: Sequence[Expr]) -> Type:
    _want(args, 0, Kind.DATE)
    _want(args, 1, Kind.DATE)
    _constant(args, 2, (COMPLETE, BEGUN))
    return INTEGER


def _counted(args: Sequence[Expr]) -> Type:
    _want(args, 1, Kind.BOOLEAN)
    return INTEGER


def _summed(args: Sequence[Expr]) -> Type:
    if args[1].type.kind not in NUMERIC:
        raise TypeFault(f"un nombre est attendu, {_name(args[1].type)} trouvé", 1)
    return Type(args[1].type.kind)


def _filtered(args: Sequence[Expr]) -> Type:
    _want(args, 1, Kind.BOOLEAN)
    return args[0].type


def _least_of(args: Sequence[Expr]) -> Type:
    return _extreme(args[1:])


def _average(args: Sequence[Expr]) -> Type:
    found = _summed(args)
    return NUMBER if found.kind is Kind.INTEGER else found


def _first(args: Sequence[Expr]) -> Type:
    if args[1].type.kind in (Kind.LIST, Kind.OBJECT):
        raise TypeFault(f"un {_name(args[1].type)} n'est pas une valeur", 1, "Donnez un de ses champs.")
    return args[1].type


def _list_of_values(args: Sequence[Expr]) -> Type:
    item = _first(args)
    return Type(Kind.LIST, item=Type(item.kind, item.values, format=item.format, title=item.title, labels=item.labels))


def _pattern(args: Sequence[Expr]) -> Type:
    from recevable.language.patterns import matcher, whole

    _want(args, 0, Kind.TEXT)
    written = _constant(args, 1)
    try:
        matcher(whole(written))
    except ValueError:
        help = "Comme dans un schéma JSON, sans `(?=…)` ni `\\1` : `[A-Z]{2}[0-9]{4}`, par exemple."
        raise TypeFault("ce motif ne se lit pas, ou il est trop grand", 1, help) from None
    return BOOLEAN


def _quantified(args: Sequence[Expr]) -> Type:
    _want(args, 1, Kind.BOOLEAN)
    return BOOLEAN


def _presence(args: Sequence[Expr]) -> Type:
    return BOOLEAN


def _answer(args: Sequence[Expr]) -> Type:
    return TEXT


def _result(args: Sequence[Expr]) -> Type:
    return RESULT_TYPE


def _itself(value: str) -> str:
    return value


# --- meanings -------------------------------------------------------------------------------------------------------


def round_to(value: Decimal | int, step: str, direction: str) -> Decimal:
    """`value` rounded to a multiple of `step`, with as many decimals as `step` has, and no negative zero.

    Raises decimal.InvalidOperation when the result has more than 34 digits.
    """
    given, unit = Decimal(value), Decimal(step)
    # exact, toward zero: a 34-digit quotient could round to a half that the value does not reach
    count, rest = divmod(given, unit)
    if _away(direction, rest, unit, count):
        count += 1 if given > 0 else -1
    return (count * unit).quantize(unit) + 0


def _away(direction: str, rest: Decimal, unit: Decimal, count: Decimal) -> bool:
    """Whether to round to the multiple farther from zero."""
    if direction == "superieur":
        return rest > 0
    if direction == "inferieur":
        return rest < 0
    twice = 2 * abs(rest)
    return twice > unit or (twice == unit and (direction == "demi_superieur" or count % 2 != 0))


def _within(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an operation: a result outside the calendar (year 10 000) or the 34 digits is unknown."""

    def bounded(*values: Any) -> Any:
        try:
            return compute(*values)
        except (ValueError, ArithmeticError):
            return None

    return bounded


def _on_scale(scale: Scale, base: Any) -> Any:
    found = in_scale(scale, base)
    return in_bounds(found) if scale.marginal and found is not None else found


def in_bounds(value: Any) -> Any:
    """A number with at most a hundred integer digits, else unknown."""
    return value if abs(value) < MOST else None


def _add(zone: tzinfo, a: Any, b: Any) -> Any:
    if isinstance(a, date) and isinstance(b, Duration):
        return _shift(zone, a, b, calendar.END_OF_MONTH)
    return a + b if isinstance(a, Duration) else in_bounds(a + b)


def _subtract(zone: tzinfo, a: Any, b: Any) -> Any:
    if isinstance(b, Duration):
        return _add(zone, a, -b)
    if isinstance(a, date):
        gap = a - b
        return Duration(days=gap.days, seconds=gap.seconds, microseconds=gap.microseconds)
    return in_bounds(a - b)


def _multiply(a: Any, b: Any) -> Any:
    product = a * b
    return product if isinstance(product, Duration) else in_bounds(product)


def _divide(a: Any, b: Any) -> Any:
    if isinstance(a, Duration):
        return in_bounds(a / b)
    return None if b == 0 else in_bounds(Decimal(a) / Decimal(b))


def _shift(zone: tzinfo, moment: date | datetime, duration: Duration, overflow: str) -> date | datetime:
    return calendar.shift(moment, duration, overflow, zone)


def _has_form(text: str, pattern: str) -> bool:
    # imported late: few rules have a pattern, and the engine of patterns takes time to load
    from recevable.language.patterns import matcher, whole

    return matcher(whole(pattern))(text)


def _month_count(first: date, last: date, which: str) -> int:
    return calendar.months_between(first, last, begun=which == BEGUN)


_QUOTES = str.maketrans("«»“”„‟’‘‛′–—‐‑‒−\u00a0\u202f\u2009", '""""""\'\'\'\'------   ')


# Cache: the same deadlines and days occur in every request of every dossier.
_remembered = lru_cache(maxsize=4096)
_day_of = _remembered(_within(lambda zone, a: calendar.day_of(a, zone)))
_start_of_day = _remembered(_within(lambda zone, a: calendar.start_of_day(a, zone)))
_end_of_day = _remembered(_within(lambda zone, a: calendar.end_of_day(a, zone)))


@lru_cache(maxsize=1024)
def normalise(text: str) -> str:
    """Lower case, with quotes, dashes and spaces unified; accents are significant, in any encoding.

    French quotation marks have inner spaces that straight ones do not, so quotes are removed.
    """
    return " ".join(unicodedata.normalize("NFC", text).translate(_QUOTES).replace('"', " ").casefold().split())


def _op(
    name: str,
    usage: str,
    doc: str,
    words: str,
    typing: Any,
    compute: Any,
    *examples: tuple[str, str],
    **more: Any,
) -> Operation:
    return Operation(name, usage, doc, words, typing, compute, examples, **more)


_function = partial(_op, function=True)
_ONE = {"arity": (1, 1)}
_MANY: dict[str, Any] = {"arity": (2, None)}

# Each row shows the result for an unknown operand.  The facts of the examples are in `docs/_pages/sample.py`.
OPERATIONS: Final[dict[str, Operation]] = {
    row.name: row
    for row in (
        # logic
        _op("et", "a et b", "Vrai si tous sont vrais ; faux dès que l'un est faux, même si un autre est inconnu.",
            "{0} et {1}", _all(Kind.BOOLEAN, BOOLEAN), None,
            ("vrai et faux", "faux"), ("vrai et manque = 1", "inconnu"), ("faux et manque = 1", "faux"), **_MANY),
        _op("ou", "a ou b", "Vrai dès que l'un est vrai, même si un autre est inconnu ; faux si tous sont faux.",
            "{0} ou {1}", _all(Kind.BOOLEAN, BOOLEAN), None,
            ("faux ou vrai", "vrai"), ("faux ou manque = 1", "inconnu"), ("vrai ou manque = 1", "vrai"), **_MANY),
        _op("non", "non a", "L'inverse ; inconnu reste inconnu.", "il n'est pas vrai que {0}",
            _all(Kind.BOOLEAN, BOOLEAN), operator.not_, ("non faux", "vrai"), ("non manque = 1", "inconnu"), **_ONE),
        _op("si", "si c alors a sinon b", "L'une des deux valeurs selon la condition ; inconnu si la condition l'est.",
            "{1} si {0}, sinon {2}", _conditional, None,
            ("si 1 < 2 alors 10 sinon 20", "10"), ("si manque = 1 alors 10 sinon 20", "inconnu"), arity=(3, 3)),
        # comparison
        _op("=", "a = b", "Égalité de deux valeurs de même nature.", "{0} est égal à {1}", _equality,
            operator.eq, ("2 = 2.00", "vrai"), ('"a" = "b"', "faux"), ("manque = 1", "inconnu")),
        _op("!=", "a != b", "Différence.", "{0} diffère de {1}", _equality, operator.ne,
            ("2 != 3", "vrai"), ("manque != 1", "inconnu")),
        _op("<", "a < b", "Strictement inférieur, ou strictement antérieur.", "{0} est inférieur à {1}", _order,
            operator.lt, ("2 < 3", "vrai"), ("2023-06-30 < 2023-06-30", "faux"), ("manque < 3", "inconnu")),
        _op("<=", "a <= b", "Inférieur ou égal, ou au plus tard.", "{0} est au plus {1}", _order, operator.le,
            ("2023-07-26T14:00:00 <= 2023-07-26T12:00:00Z", "vrai"), ("3 <= 2", "faux"), ("manque <= 3", "inconnu")),
        _op(">", "a > b", "Strictement supérieur, ou strictement postérieur.", "{0} est supérieur à {1}", _order,
            operator.gt, ("2023-07-26T14:00:01 > 2023-07-26T14:00:00", "vrai"), ("2 > 2", "faux"), ("manque > 3", "inconnu")),
        _op(">=", "a >= b", "Supérieur ou égal, ou au plus tôt.", "{0} est au moins {1}", _order, operator.ge,
            ("2 >= 2", "vrai"), ("manque >= 1", "inconnu")),
        _op("dans", 'x dans ["a", "b"]', "La valeur est l'une de celles de la liste.", "{0} est parmi {1}", _membership,
            lambda a, *members: a in members, ('"b" dans ["a", "b"]', "vrai"), ("4 dans [1, 2, 3]", "faux"), ("manque dans [1, 2]", "inconnu"), **_MANY),
        _op("parmi", "x dans liste", "La valeur figure dans une liste de valeurs : un paramètre, un champ, ou un champ de chaque élément d'une liste ; inconnu si l'un d'eux manque.", "{0} est parmi {1}", _among,
            lambda a, items: a in items,
            ('"75" dans departements', "vrai"), ('"2A" dans departements', "faux"), ("libelle dans departements", "inconnu"),
            ('"solde" dans paiements.demande', "vrai"), ("95.01 dans paiements.montant", "faux"), ('"solde" dans remboursements.demande', "inconnu")),
        _op("entre", "x entre a et b", "Entre deux bornes, toutes deux comprises.", "{0} est compris entre {1} et {2}",
            _order, lambda a, low, high: low <= a <= high,
            ("2 entre 2 et 5", "vrai"), ("6 entre 2 et 5", "faux"), ("manque entre 2 et 5", "inconnu"), arity=(3, 3)),
        _op("present", "x est present", "La donnée figure au dossier ; jamais inconnu.", "{0} est fourni", _presence, None,
            ("age est present", "vrai"), ("manque est present", "faux"), **_ONE),
        _op("absent", "x est absent", "La donnée ne figure pas au dossier ; jamais inconnu.", "{0} n'est pas fourni",
            _presence, None, ("manque est absent", "vrai"), ("age est absent", "faux"), **_ONE),
        # arithmetic
        _op("+", "a + b", "Somme exacte ; une date ou un instant plus une durée en jours ou moins.", "{0} plus {1}", _plus,
            _within(_add), ("58.33 + 20.83", "79.16"), ("2023-06-30 + 15 jours", "2023-07-15"), ("manque + 1", "inconnu"), zoned=True),
        _op("-", "a - b", "Différence exacte ; la durée entre deux dates ou deux instants.", "{0} moins {1}", _minus,
            _within(_subtract), ("8095.00 - 8000.00", "95.00"), ("2023-07-15 - 2023-06-30 = 15 jours", "vrai"),
            ("1 - manque", "inconnu"), zoned=True),
        _op("*", "a * b", "Produit exact ; un montant se multiplie par un nombre ou par un taux, une durée par un entier.",
            "{0} multiplié par {1}", _scaled, _within(_multiply), ("58.33 * 5", "291.65"), ("2 * 15 jours = 30 jours", "vrai"),
            ("manque * 0", "inconnu")),
        _op("/", "a / b", "Quotient à 34 chiffres, aussi de deux durées en jours ou moins, ou de deux durées en mois ; diviser par zéro donne inconnu.",
            "{0} divisé par {1}", _ratio, _within(_divide), ("1 / 4", "0.25"), ("(2023-07-15 - 2023-06-30) / 30 jours", "0.5"),
            ("2 ans / 3 mois", "8"), ("1 / 0", "inconnu"), ("manque / 2", "inconnu")),
        _op("oppose", "-a", "L'opposé, d'un nombre ou d'une durée.", "l'opposé de {0}", _opposite, operator.neg, ("-2 + 5", "3"),
            ("2023-07-15 + -(15 jours)", "2023-06-30"), ("-manque", "inconnu"), **_ONE),
        # numbers
        _function("min", "min(a, b, ...)", "Le plus petit.", "le plus petit de {*}", _extreme, min,
                  ("min(351647.67, 250000.00)", "250000.00"), ("min(manque, 1)", "inconnu"), **_MANY),
        _function("max", "max(a, b, ...)", "Le plus grand.", "le plus grand de {*}", _extreme, max,
                  ("max(2023-06-30, 2023-07-26)", "2023-07-26"), ("max(1, manque)", "inconnu"), **_MANY),
        _function("arrondi", 'arrondi(x, "0.01", "demi_superieur")',
                  "Arrondi à un multiple du pas ; sens : demi_superieur, demi_pair, inferieur, superieur.",
                  "{0} arrondi", _rounded, _within(round_to),
                  ('arrondi(8000.004, "0.01", "demi_superieur")', "8000.00"),
                  ('arrondi(7233.337, "0.01", "demi_superieur")', "7233.34"),
                  ('arrondi(0.005, "0.01", "demi_pair")', "0.00"),
                  ('arrondi(manque, "10", "superieur")', "inconnu"), arity=(3, 3)),
        # lists
        _function("somme", "somme(p dans liste, expression)", "Somme sur une liste ; 0 si elle est vide, inconnu si elle manque.",
                  "la somme, sur {0}, de {1}", _summed, None,
                  ("somme(p dans paiements, p.montant)", "8095.00"),
                  ('somme(p dans paiements, si p.demande = "avance" alors p.montant sinon 0)', "8000.00"),
                  ("somme(r dans remboursements, r.montant)", "inconnu"), over_list=True),
        _function("nombre", "nombre(p dans liste, condition)", "Combien d'éléments remplissent la condition.",
                  "le nombre, parmi {0}, de ceux pour lesquels {1}", _counted, None,
                  ('nombre(p dans paiements, p.demande = "solde")', "1"),
                  ("nombre(p dans paiements, manque = 1)", "inconnu"), over_list=True),
        _function("tous", "tous(p dans liste, condition)", "Vrai si chaque élément la remplit ; vrai si la liste est vide.",
                  "pour chaque élément de {0}, {1}", _quantified, None,
                  ("tous(p dans paiements, p.montant > 0)", "vrai"),
                  ("tous(p dans paiements, p.montant > 0 et manque = 1)", "inconnu"),
                  ("tous(p dans paiements, p.montant < 0 et manque = 1)", "faux"), over_list=True),
        _function("certains", "certains(p dans liste, condition)", "Vrai si au moins un élément la remplit.",
                  "pour l'un des éléments de {0}, {1}", _quantified, None,
                  ("certains(p dans paiements, p.montant > 9000.00)", "faux"),
                  ("certains(p dans paiements, p.montant > 9000.00 ou manque = 1)", "inconnu"),
                  ("certains(p dans paiements, p.montant > 100.00 ou manque = 1)", "vrai"), over_list=True),
        _op("filtre", "somme(p dans liste si condition, expression)",
            "Dans toute fonction sur une liste, `si` ne retient que les éléments qui remplissent la condition ; inconnu si elle l'est pour l'un d'eux.",
            "{0} (seulement les éléments pour lesquels {2})", _filtered, None,
            ('somme(p dans paiements si p.demande = "avance", p.montant)', "8000.00"),
            ("nombre(p dans paiements si p.montant > 100.00, vrai)", "1"),
            ("tous(p dans paiements si p.montant < 0, faux)", "vrai"),
            ("somme(p dans paiements si manque = 1, p.montant)", "inconnu"), arity=(3, 3)),
        _function("minimum", "minimum(p dans liste, expression)", "La plus petite valeur sur une liste ; inconnu si elle est vide.",
                  "le plus petit, sur {0}, de {1}", _least_of, None,
                  ("minimum(p dans paiements, p.montant)", "95.00"), ("minimum(p dans paiements si p.montant < 0, p.montant)", "inconnu"),
                  ("minimum(r dans remboursements, r.montant)", "inconnu"), over_list=True),
        _function("maximum", "maximum(p dans liste, expression)", "La plus grande valeur sur une liste ; inconnu si elle est vide.",
                  "le plus grand, sur {0}, de {1}", _least_of, None,
                  ("maximum(p dans paiements, p.montant)", "8000.00"), ("maximum(p dans paiements, manque)", "inconnu"), over_list=True),
        _function("moyenne", "moyenne(p dans liste, expression)", "La somme divisée par le nombre d'éléments ; inconnu si la liste est vide.",
                  "la moyenne, sur {0}, de {1}", _average, None,
                  ("moyenne(p dans paiements, p.montant)", "4047.50"), ("moyenne(p dans paiements, manque)", "inconnu"), over_list=True),
        _function("premier", "premier(p dans liste, expression)",
                  "La valeur du premier élément, dans l'ordre du dossier ; inconnu sans élément.",
                  "pour le premier élément de {0}, {1}", _first, None,
                  ("premier(p dans paiements, p.demande)", '"avance"'), ('premier(p dans paiements si p.demande = "solde", p.montant)', "95.00"),
                  ("premier(r dans remboursements, r.montant)", "inconnu"), over_list=True),
        _function("liste", "liste(p dans liste, expression)",
                  "Les valeurs sur une liste, dans l'ordre du dossier : pour y chercher une valeur, ou pour les écrire dans un message ; inconnu si l'une l'est.",
                  "les valeurs, sur {0}, de {1}", _list_of_values, None,
                  ('"solde" dans liste(p dans paiements, p.demande)', "vrai"), ('95.01 dans liste(p dans paiements, p.montant)', "faux"),
                  ('"solde" dans liste(p dans paiements si p.montant > 100.00, p.demande)', "faux"),
                  ("3 dans liste(p dans paiements, manque)", "inconnu"), over_list=True),
        # parameters in time
        _op("au", "smic au 2023-05-01", "Un paramètre à la valeur en vigueur à une date ; inconnu avant la première valeur, après la dernière ou si elle n'est pas connue.",
            "{0} (valeur à la date de {1})", _at, value_at,
            ("smic au 2023-04-30", "11.27"), ("smic au 2023-05-01", "11.52"), ("smic au 2022-12-31", "inconnu"),
            ("smic au (2023-05-01 + jours(manque))", "inconnu")),
        _op("grille", "aide(categorie)", "La valeur d'une grille pour une catégorie ; inconnu si la grille n'a pas de ligne pour elle.",
            "{0} pour {1}", _looked_up, in_grid,
            ('part_aidee("solde")', "0.30"), ("part_aidee(premier(r dans remboursements, r.demande))", "inconnu")),
        _op("bareme", "bareme_degressif(montant)",
            "La valeur d'un barème pour un nombre : celle de sa tranche ou, si le barème est marginal, la somme de chaque tranche à sa valeur ; inconnu au-dessous de zéro et au-delà de la dernière tranche.",
            "{0} appliqué à {1}", _looked_up, _within(_on_scale),
            ("frais_admis(12000.00)", "5600.0000"), ("frais_admis(60000.00)", "inconnu"), ("points(10)", "2"), ("points(11)", "3"),
            ("points(manque)", "inconnu")),
        # calendar
        _function("date_de", "date_de(instant)", "Le jour d'un instant, à l'heure du programme ; hors du calendrier, inconnu.", "le jour de {0}",
                  _all(Kind.INSTANT, DATE), _day_of,
                  ("date_de(2023-06-30T22:30:00Z)", "2023-07-01"),
                  ("date_de(2023-06-30T22:30:00Z + jours(manque))", "inconnu"), zoned=True, **_ONE),
        _function("debut_de_jour", "debut_de_jour(date)", "La première seconde d'un jour, à l'heure du programme.",
                  "le début du jour {0}", _all(Kind.DATE, INSTANT), _start_of_day,
                  ("debut_de_jour(2023-07-04) = 2023-07-03T22:00:00Z", "vrai"),
                  ("debut_de_jour(2023-07-04 + jours(manque))", "inconnu"), zoned=True, **_ONE),
        _function("fin_de_jour", "fin_de_jour(date)", "Le dernier instant d'un jour, à l'heure du programme : sa dernière seconde (23:59:59) y tient tout entière.",
                  "la fin du jour {0}", _all(Kind.DATE, INSTANT), _end_of_day,
                  ("2023-06-30T21:59:59Z < fin_de_jour(2023-06-30)", "vrai"), ("2023-06-30T22:00:00Z <= fin_de_jour(2023-06-30)", "faux"),
                  ("fin_de_jour(2023-06-30 + jours(manque))", "inconnu"), zoned=True, **_ONE),
        _function("decale", 'decale(date, 2 ans, "fin_de_mois")',
                  "Décale d'une durée ; la règle dit que faire quand le jour n'existe pas : fin_de_mois ou mois_suivant.",
                  "{0} décalé de {1}", _shifted, _within(_shift),
                  ('decale(2023-06-30, 2 ans, "fin_de_mois")', "2025-06-30"),
                  ('decale(2023-01-31, 1 mois, "fin_de_mois")', "2023-02-28"),
                  ('decale(2023-01-31, 1 mois, "mois_suivant")', "2023-03-01"),
                  ('decale(2023-01-31, jours(manque), "fin_de_mois")', "inconnu"), arity=(3, 3), zoned=True),
        _function("jours", "jours(n)", "La durée de n jours, pour un nombre qui vient du dossier.", "{0} jours",
                  _all(Kind.INTEGER, DURATION), lambda a: Duration(days=a),
                  ("2023-06-30 + jours(15)", "2023-07-15"), ("2023-06-30 + jours(manque)", "inconnu"), **_ONE),
        _function("nombre_de_jours", "nombre_de_jours(a, b)",
                  "Le nombre de jours d'une date à l'autre ; négatif si la seconde est antérieure.", "le nombre de jours de {0} à {1}",
                  _all(Kind.DATE, INTEGER), lambda a, b: (b - a).days,
                  ("nombre_de_jours(2023-06-30, 2023-07-15)", "15"), ("nombre_de_jours(2023-07-15, 2023-06-30)", "-15"),
                  ("nombre_de_jours(2023-06-30, 2023-06-30 + jours(manque))", "inconnu")),
        _function("nombre_de_mois", 'nombre_de_mois(a, b, "complets")',
                  "Le nombre de mois d'une date à l'autre, de quantième à quantième ou, à défaut, au dernier jour du mois : complets, ou commences pour compter aussi celui qui est entamé ; négatif si la seconde date est antérieure.",
                  "le nombre de mois de {0} à {1}", _months, _month_count,
                  ('nombre_de_mois(2023-01-15, 2023-03-14, "complets")', "1"),
                  ('nombre_de_mois(2023-01-15, 2023-03-15, "commences")', "2"),
                  ('nombre_de_mois(2023-01-15, 2023-03-16, "commences")', "3"),
                  ('nombre_de_mois(2023-01-31, 2023-02-28, "complets")', "1"),
                  ('nombre_de_mois(2023-01-31, 2023-02-28 + jours(manque), "complets")', "inconnu"), arity=(3, 3)),
        _function("age", "age(naissance, date)",
                  "L'âge en années révolues à une date ; né un 29 février, on a un an de plus le 1er mars des années ordinaires ; inconnu avant la naissance.",
                  "l'âge, à {1}, de qui est né à {0}", _all(Kind.DATE, INTEGER), _within(calendar.age),
                  ("age(2005-07-15, 2023-07-14)", "17"), ("age(2005-07-15, 2023-07-15)", "18"),
                  ("age(2004-02-29, 2023-02-28)", "18"), ("age(2005-07-15, 2023-07-14 + jours(manque))", "inconnu")),
        _function("annee", "annee(date)", "L'année d'une date.", "l'année de {0}", _all(Kind.DATE, DESIGNATION), lambda a: a.year,
                  ("annee(2023-07-26)", "2023"), ("annee(2023-07-26 + jours(manque))", "inconnu"), **_ONE),
        _function("mois", "mois(date)", "Le mois d'une date, de 1 à 12.", "le mois de {0}", _all(Kind.DATE, INTEGER), lambda a: a.month,
                  ("mois(2023-07-26)", "7"), ("mois(2023-07-26 + jours(manque))", "inconnu"), **_ONE),
        _function("jour", "jour(date)", "Le jour du mois d'une date, de 1 à 31.", "le quantième de {0}", _all(Kind.DATE, INTEGER), lambda a: a.day,
                  ("jour(2023-07-26)", "26"), ("jour(2023-07-26 + jours(manque))", "inconnu"), **_ONE),
        # working days
        _function("est_ferie", "est_ferie(date, feries)", "La date est un jour férié ; inconnu hors des années que le paquet donne.",
                  "{0} est un jour férié ({1})", _days(Kind.DATE, result=BOOLEAN), working_days.is_holiday,
                  ("est_ferie(2023-07-14, feries)", "vrai"), ("est_ferie(2023-07-15, feries)", "faux"),
                  ("est_ferie(2030-07-14, feries)", "inconnu"), ("est_ferie(2023-07-14 + jours(manque), feries)", "inconnu"), on_holidays=True),
        _function("jours_ouvres", "jours_ouvres(a, b, feries)",
                  "Le nombre de jours du lundi au vendredi, fériés exclus, après une date et jusqu'à une autre ; négatif si elle est antérieure.",
                  "le nombre de jours ouvrés de {0} à {1} ({2})", _days(Kind.DATE, Kind.DATE, result=INTEGER), partial(working_days.count_days, working_days.OPENED),
                  ("jours_ouvres(2023-07-13, 2023-07-17, feries)", "1"), ("jours_ouvres(2023-07-17, 2023-07-13, feries)", "-1"),
                  ("jours_ouvres(2023-07-13, 2030-07-17, feries)", "inconnu"),
                  ("jours_ouvres(2023-07-13, 2023-07-13 + jours(manque), feries)", "inconnu"), arity=(3, 3), on_holidays=True),
        _function("jours_ouvrables", "jours_ouvrables(a, b, feries)",
                  "Le même, du lundi au samedi.",
                  "le nombre de jours ouvrables de {0} à {1} ({2})", _days(Kind.DATE, Kind.DATE, result=INTEGER), partial(working_days.count_days, working_days.WORKED),
                  ("jours_ouvrables(2023-07-13, 2023-07-17, feries)", "2"),
                  ("jours_ouvrables(2023-07-13, 2023-07-13 + jours(manque), feries)", "inconnu"), arity=(3, 3), on_holidays=True),
        _function("ajoute_jours_ouvres", "ajoute_jours_ouvres(date, n, feries)",
                  "Le n-ième jour ouvré après une date, ou avant elle si n est négatif ; la date même pour 0.",
                  "le jour ouvré de rang {1} après {0} ({2})", _days(Kind.DATE, Kind.INTEGER, result=DATE), _within(partial(working_days.nth_day, working_days.OPENED)),
                  ("ajoute_jours_ouvres(2023-07-13, 1, feries)", "2023-07-17"), ("ajoute_jours_ouvres(2023-07-17, -1, feries)", "2023-07-13"),
                  ("ajoute_jours_ouvres(2023-07-13, manque, feries)", "inconnu"), arity=(3, 3), on_holidays=True),
        _function("ajoute_jours_ouvrables", "ajoute_jours_ouvrables(date, n, feries)",
                  "Le même, du lundi au samedi.",
                  "le jour ouvrable de rang {1} après {0} ({2})", _days(Kind.DATE, Kind.INTEGER, result=DATE), _within(partial(working_days.nth_day, working_days.WORKED)),
                  ("ajoute_jours_ouvrables(2023-07-13, 1, feries)", "2023-07-15"),
                  ("ajoute_jours_ouvrables(2023-07-13, manque, feries)", "inconnu"), arity=(3, 3), on_holidays=True),
        _function("proroge", "proroge(date, feries)",
                  "La date, prorogée au premier jour ouvré qui suit quand elle tombe un samedi, un dimanche ou un jour férié.",
                  "{0}, prorogé au premier jour ouvré ({1})", _days(Kind.DATE, result=DATE), _within(working_days.carried),
                  ("proroge(2023-07-13, feries)", "2023-07-13"), ("proroge(2023-07-14, feries)", "2023-07-17"),
                  ("proroge(2023-07-14 + jours(manque), feries)", "inconnu"), on_holidays=True),
        _function("delai_franc", "delai_franc(date, 2 mois, feries)",
                  "Le dernier jour d'un délai franc : ni le jour qui l'ouvre ni celui de son échéance ne comptent, et il est prorogé au premier jour ouvré.",
                  "la fin du délai franc de {1} ouvert le {0} ({2})", _days(Kind.DATE, Kind.DURATION, result=DATE), _within(_clear_delay),
                  ("delai_franc(2023-05-10, 2 mois, feries)", "2023-07-11"), ("delai_franc(2023-05-13, 2 mois, feries)", "2023-07-17"),
                  ("delai_franc(2023-05-13, jours(manque), feries)", "inconnu"), arity=(3, 3), on_holidays=True),
        # texts and identifiers
        _function("normalise", "normalise(texte)",
                  "Le texte en minuscules, espaces, tirets et apostrophes unifiés, guillemets ôtés ; les accents comptent.",
                  "{0} (aux espaces, guillemets et majuscules près)", _all(Kind.TEXT, TEXT), normalise,
                  ('normalise("Achat   ET Déploiement")', '"achat et déploiement"'), ("normalise(libelle)", "inconnu"), **_ONE),
        _function("longueur", "longueur(texte)", "Le nombre de caractères.", "la longueur de {0}",
                  _all(Kind.TEXT, INTEGER), len, ('longueur("abc")', "3"), ("longueur(libelle)", "inconnu"), **_ONE),
        _function("commence_par", "commence_par(texte, debut)", "Le texte commence par l'autre, lettre pour lettre.",
                  "{0} commence par {1}", _all(Kind.TEXT, BOOLEAN), str.startswith,
                  ('commence_par("75056", "75")', "vrai"), ('commence_par("Paris", "p")', "faux"), ('commence_par(libelle, "a")', "inconnu")),
        _function("contient", "contient(texte, partie)", "L'autre texte figure dans le premier, lettre pour lettre.",
                  "{0} contient {1}", _all(Kind.TEXT, BOOLEAN), operator.contains,
                  ('contient("achat et pose", "pose")', "vrai"), ('contient("achat", "Achat")', "faux"), ('contient(libelle, "a")', "inconnu")),
        _function("motif", 'motif(texte, "[0-9]+")',
                  "Le texte entier a la forme donnée, écrite comme dans un schéma JSON ; la recherche ne dure jamais plus que le texte.",
                  "{0} a la forme {1}", _pattern, _has_form,
                  ('motif("75056", "[0-9]+")', "vrai"), ('motif("75056 ", "[0-9]+")', "faux"), ('motif("75a56", "[0-9]+|[A-Z]")', "faux"),
                  ('motif(libelle, "[a-z]+")', "inconnu")),
        _function("siret_valide", "siret_valide(texte)",
                  "14 chiffres, avec ou sans espaces, clé du SIRET et du SIREN justes, SIREN qui n'est pas nul.",
                  "{0} est un SIRET valide", _all(Kind.TEXT, BOOLEAN), identifiers.is_siret,
                  ('siret_valide("732 829 320 00074")', "vrai"), ('siret_valide("73282932000075")', "faux"),
                  ('siret_valide("00000000000000")', "faux"), ("siret_valide(libelle)", "inconnu"), **_ONE),
        _function("siret_compact", "siret_compact(texte)",
                  "Le SIRET ou le SIREN sans espaces, pour comparer deux façons de l'écrire ; sa clé n'est pas vérifiée.",
                  "{0} (aux espaces près)", _all(Kind.TEXT, TEXT), identifiers.compact_siret,
                  ('siret_compact("732 829 320 00074")', '"73282932000074"'), ("siret_compact(libelle)", "inconnu"), **_ONE),
        _function("siren_de", "siren_de(siret)", "Les neuf premiers chiffres d'un SIRET ; ce qui n'est pas un SIRET n'en a pas : inconnu.",
                  "le SIREN de {0}", _all(Kind.TEXT, TEXT), identifiers.siren_of,
                  ('siren_de("732 829 320 00074")', '"732829320"'), ('siren_de("73282932000075")', "inconnu"),
                  ("siren_de(libelle)", "inconnu"), **_ONE),
        _function("iban_valide", "iban_valide(texte)", "Clé de l'IBAN juste, et clé RIB pour un compte français.",
                  "{0} est un IBAN valide", _all(Kind.TEXT, BOOLEAN), identifiers.is_iban,
                  ('iban_valide("FR76 3000 6000 0112 3456 7890 189")', "vrai"),
                  ('iban_valide("FR7630006000011234567890188")', "faux"), ("iban_valide(libelle)", "inconnu"), **_ONE),
        _function("iban_compact", "iban_compact(texte)",
                  "L'IBAN en majuscules et sans espaces, pour comparer deux façons de l'écrire ; sa clé n'est pas vérifiée.",
                  "{0} (aux espaces et majuscules près)", _all(Kind.TEXT, TEXT), identifiers.compact,
                  ('iban_compact("fr76 3000 6000 0112 3456 7890 189")', '"FR7630006000011234567890189"'),
                  ("iban_compact(libelle)", "inconnu"), **_ONE),
        _function("bic_valide", "bic_valide(texte)", "8 ou 11 caractères de la forme d'un BIC.", "{0} est un BIC valide",
                  _all(Kind.TEXT, BOOLEAN), identifiers.is_bic,
                  ('bic_valide("AGRIFRPP")', "vrai"), ('bic_valide("AGRI")', "faux"), ("bic_valide(libelle)", "inconnu"), **_ONE),
        _function("bic_complet", "bic_complet(texte)",
                  "Le BIC en majuscules, sans espaces et à 11 caractères : 8 caractères désignent le siège, XXX.",
                  "{0} (aux espaces, aux majuscules et au XXX du siège près)", _all(Kind.TEXT, TEXT), identifiers.full_bic,
                  ('bic_complet("agri frpp")', '"AGRIFRPPXXX"'), ("bic_complet(libelle)", "inconnu"), **_ONE),
        _function("reponse", 'reponse("ID")',
                  "La réponse humaine enregistrée et en cours de validité à une règle d'appréciation ; inconnu sinon.",
                  "la réponse à l'appréciation {0}", _answer, None,
                  ('reponse("APP-EXEMPLE") = "favorable"', "vrai"), ('reponse("APP-A-VENIR") = "favorable"', "inconnu"), **_ONE),
        _function("resultat", 'resultat("ID")',
                  "Le résultat d'une autre règle de la demande : satisfait, non_satisfait ou sans_objet ; inconnu quand il lui "
                  "manque une donnée, une pièce ou une appréciation.",
                  "le résultat de la règle {0}", _result, _itself,
                  ('resultat("VER-EXEMPLE") = "satisfait"', "vrai"), ('resultat("VER-EXEMPLE") dans ["non_satisfait", "sans_objet"]', "faux"),
                  ('resultat("VER-A-COMPLETER") != "satisfait"', "inconnu"), **_ONE),
    )
}  # fmt: skip

FUNCTIONS: Final = {name: row for name, row in OPERATIONS.items() if row.function}
