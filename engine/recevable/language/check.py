"""Static checking: turn syntax into a typed tree, resolving names and applying the type rules of operations.

A checked expression cannot raise a type error when evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import tzinfo
from decimal import Decimal
from functools import partial
from typing import Any, Final

from msgspec import Struct

from recevable.language.calendar import parse_instant
from recevable.language.diagnostics import suggest
from recevable.language.habits import meant
from recevable.language.operations import FUNCTIONS, OPERATIONS, Operation, TypeFault
from recevable.language.syntax import KEYWORDS, MAX_LENGTH, ExpressionError, Syntax, parse
from recevable.language.tree import (
    ABSENT,
    ANSWER,
    AT,
    EACH,
    ELEMENT,
    FIELD,
    FILTER,
    HISTORY,
    IN_GRID,
    IN_SCALE,
    LITERAL,
    PARAMETER,
    PRESENT,
    RESULT,
    TODAY,
    VARIABLE,
    Expr,
)
from recevable.language.types import (
    BOOLEAN,
    DATE,
    DURATION,
    HOLIDAYS,
    INSTANT,
    RESULT_TYPE,
    TABLES,
    TEXT,
    Kind,
    Type,
    lookup,
    walk,
)
from recevable.language.unparse import unparse

# What compares several values, and what compares the elements of a list.
_EXTREMES: Final = {"min": "minimum", "max": "maximum"}
_LITERALS: Final = {"booleen": BOOLEAN, "texte": TEXT, "date": DATE, "duree": DURATION}


class Scope(Struct, frozen=True):
    """The meaning of names: facts, plain names (operation and type), aliases of paths, recorded answers, results.

    `results` maps the rules to what to read instead of their result, empty for those that have one.
    `read_on` maps a parameter to the field, or to the day, that says which of its values is in force; None where there
    is no such day.
    """

    facts: Type
    zone: tzinfo
    names: Mapping[str, tuple[str, Type]] = {}
    aliases: Mapping[str, str] = {}
    answers: Mapping[str, tuple[str, ...]] = {}
    read_on: Mapping[str, str | Expr | None] = {}
    results: Mapping[str, str] = {}

    def suggestions(self) -> Iterable[str]:
        """Every known name, for suggestions."""
        yield from self.names
        yield TODAY
        for path, _ in walk(self.facts):
            if ELEMENT not in path and EACH not in path:
                yield path
            for alias, target in self.aliases.items():
                if path.startswith(f"{target}."):
                    yield alias + path[len(target) :]


def compile_text(text: str, scope: Scope, expected: Kind | None = None) -> Expr:
    """Parse and check one expression; raises ExpressionError.

    `expected` is the kind required (boolean for a condition).
    """
    expr = check(parse(text), scope)
    if expected is not None and expr.type.kind is not expected:
        hint = "Écrivez une comparaison, par exemple `champ = vrai`." if expected is Kind.BOOLEAN else ""
        raise ExpressionError(f"`{expected}` attendu ici, `{expr.type.kind}` trouvé", expr.start, expr.end, hint)
    return expr


def check(syntax: Syntax, scope: Scope) -> Expr:
    """The typed tree of a syntax tree; raises ExpressionError at the first fault."""
    return _Checker(scope).visit(syntax, {})


# The element of each loop around an expression, and the expression that each `soit` names.
Names = Mapping[str, Type | Expr]
# The largest expression, once what `soit` names is in its place: what walks a tree goes through all of it, and it can
# still be written when one of its parts changes.
MOST_NODES: Final = 1_000
MOST_WRITTEN: Final = MAX_LENGTH - 200


def uses(syntax: Syntax, name: str) -> bool:
    """Whether a name is read in an expression."""
    if syntax.op == "nom" and str(syntax.value).partition(".")[0] == name:
        return True
    return any(uses(arg, name) for arg in syntax.args)


def size(expr: Expr) -> int:
    """How many nodes a tree has, those that are shared as many times as they appear."""
    return _measured(expr, sum)


def levels(expr: Expr) -> int:
    """How deep a tree is."""
    return _measured(expr, partial(max, default=0))


def _measured(expr: Expr, together: Callable[[Iterable[int]], int]) -> int:
    """One for each node, and what is below it, `together`; a node that is shared is measured once."""
    known: dict[int, int] = {}

    def count(node: Expr) -> int:
        if id(node) not in known:
            known[id(node)] = 1 + together(map(count, node.args))
        return known[id(node)]

    return count(expr)


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def visit(self, node: Syntax, variables: Names) -> Expr:
        if node.op == "nom":
            return self.name(node, variables)
        if node.op == "nombre":
            kind = Kind.INTEGER if isinstance(node.value, int) else Kind.NUMBER
            return Expr(LITERAL, (), Type(kind, literal=True), node.value, node.start, node.end)
        if node.op == "instant":
            try:
                moment = parse_instant(node.value, self.scope.zone)
            except ValueError as error:
                raise ExpressionError(str(error), node.start, node.end) from None
            return Expr(LITERAL, (), INSTANT, moment, node.start, node.end)
        if node.op in _LITERALS:
            return Expr(LITERAL, (), _LITERALS[node.op], node.value, node.start, node.end)
        if node.op == "appel":
            return self.call(node, variables)
        if node.op in (PRESENT, ABSENT):
            return self.presence(node, variables)
        if node.op == AT:
            return self.at_date(node, variables)
        if node.op == "soit":
            return self.naming(node, variables)
        if node.op == "parmi" and node.args[1].op == "nom":
            sought, listed = self.visit(node.args[0], variables), self.members(node.args[1], variables)
            return self.apply("parmi", (sought, listed), node)
        return self.apply(node.op, tuple(self.visit(arg, variables) for arg in node.args), node)

    def apply(self, op: str, args: tuple[Expr, ...], node: Syntax, value: Any = None) -> Expr:
        try:
            type_ = OPERATIONS[op].typing(args)
        except TypeFault as fault:
            place: Syntax | Expr = node if fault.operand is None else args[fault.operand]
            raise ExpressionError(fault.message, place.start, place.end, fault.help) from None
        return Expr(op, args, type_, value, node.start, node.end)

    def name(self, node: Syntax, variables: Names) -> Expr:
        text = str(node.value)
        head, _, rest = text.partition(".")
        inside = variables.get(head)
        if isinstance(inside, Expr):
            if rest and inside.op not in (FIELD, VARIABLE):
                raise ExpressionError(f"`{head}` n'a pas de champs", node.start, node.end, "Ôtez ce qui suit le point.")
            if not rest:
                return inside
            if inside.op == VARIABLE:
                variable, path = inside.value
                head, rest = variable, f"{path}.{rest}" if path else rest
                inside = variables[head]
            else:
                text = f"{inside.value}.{rest}"
                head, inside = "", None
        if isinstance(inside, Type):
            type_ = lookup(inside, rest) if rest else inside
            if type_ is None:
                known = [f"{head}.{path}" for path, _ in walk(inside)]
                raise ExpressionError(f"champ inconnu : `{text}`", node.start, node.end, suggest(text, known), text)
            return Expr(VARIABLE, (), type_, (head, rest), node.start, node.end)
        if head in self.scope.aliases:
            text = self.scope.aliases[head] + (f".{rest}" if rest else "")
        type_ = lookup(self.scope.facts, text)
        if type_ is not None:
            return Expr(FIELD, (), type_, text, node.start, node.end)
        if text == TODAY:
            return Expr(TODAY, (), DATE, TODAY, node.start, node.end)
        if text in self.scope.names:
            op, type_ = self.scope.names[text]
            if type_.format == HOLIDAYS:
                help = f"Écrivez par exemple `est_ferie(date, {text})` ou `proroge(date, {text})`."
                raise ExpressionError(f"`{text}` est un calendrier de jours fériés", node.start, node.end, help)
            if type_.kind in TABLES:
                help = f"Donnez ce dont il dépend : `{text}(…)`."
                raise ExpressionError(f"`{text}` est un tableau (`{type_.kind}`)", node.start, node.end, help)
            if text in self.scope.read_on:
                return self.read_on(node, text, type_)
            return Expr(op, (), type_, text, node.start, node.end)
        what = "champ inconnu" if rest else "nom inconnu"
        raise ExpressionError(
            f"{what} : `{node.value}`",
            node.start,
            node.end,
            self._unknown_name(str(node.value), text, dotted=bool(rest)),
            str(node.value),
        )

    def members(self, node: Syntax, variables: Names) -> Expr:
        """A list of values by its name, or the values of a field of a list: `factures.numero`."""
        parts = str(node.value).split(".")
        for end in range(1, len(parts)):
            path, rest = ".".join(parts[:end]), ".".join(parts[end:])
            try:
                source = self.name(Syntax("nom", (), path, node.start, node.start + len(path)), variables)
            except ExpressionError:
                continue
            item = source.type.item
            if item is None or item.kind is not Kind.OBJECT or source.op not in (FIELD, VARIABLE):
                continue
            taken = self.taken(variables)
            names = (f"element_{rank}" for rank in range(1, len(taken) + 2))
            variable = next(name for name in names if name not in taken)
            try:
                read = self.name(Syntax("nom", (), f"{variable}.{rest}", 0, 0), {**variables, variable: item})
            except ExpressionError:
                known = [f"{path}.{below}" for below, _ in walk(item)]
                help = suggest(str(node.value), known)
                message = f"champ inconnu : `{node.value}`"
                raise ExpressionError(message, node.start, node.end, help, str(node.value)) from None
            return self.apply("liste", (source, read), node, variable)
        return self.visit(node, variables)

    def at_date(self, node: Syntax, variables: Names) -> Expr:
        """A parameter at a date: the first operand is all its values."""
        named, day = node.args
        name = str(named.value[0] if named.op == "appel" else named.value)
        op, type_ = self.scope.names.get(name, ("", BOOLEAN))
        if op != PARAMETER:
            known = [known for known, (op, _) in self.scope.names.items() if op == PARAMETER]
            help = suggest(name, known) or "Donnez le nom d'un paramètre, puis la date à laquelle le lire."
            message = f"`{name}` n'est pas un paramètre : il n'a pas de valeurs dans le temps"
            raise ExpressionError(message, named.start, named.end, help)
        if (named.op == "appel") is not (type_.kind in TABLES):
            if type_.kind in TABLES:
                return self.name(named, variables)
            raise ExpressionError(f"`{name}` n'est pas un tableau", named.start, named.end, f"Écrivez `{name} au …`.")
        history = Expr(HISTORY, (), type_, name, named.start, named.start + len(name))
        read = self.apply(AT, (history, self.visit(day, variables)), node, name)
        return self.look_up(read, named, variables) if named.op == "appel" else read

    def table(self, node: Syntax, name: str, variables: Names) -> Expr:
        """A table at its own date, for what it depends on."""
        op, type_ = self.scope.names[name]
        if name in self.scope.read_on:
            return self.look_up(self.read_on(node, name, type_), node, variables)
        return self.look_up(Expr(op, (), type_, name, node.start, node.start + len(name)), node, variables)

    def look_up(self, table: Expr, node: Syntax, variables: Names) -> Expr:
        name, type_ = node.value[0], table.type
        if node.value[1] is not None or len(node.args) != len(type_.fields):
            usage = f"Écrivez `{name}({', '.join(type_.fields)})`."
            raise ExpressionError(f"`{name}` attend {len(type_.fields)} valeur(s)", node.start, node.end, usage)
        keys = tuple(self.visit(arg, variables) for arg in node.args)
        return self.apply(IN_GRID if type_.kind is Kind.GRID else IN_SCALE, (table, *keys), node)

    def read_on(self, node: Syntax, name: str, type_: Type) -> Expr:
        """A parameter that is read on the day of a field of the dossier."""
        path = self.scope.read_on[name]
        if path is None:
            message = f"`{name}` se lit à la date du texte appliqué à une demande, et il n'y en a pas ici"
            raise ExpressionError(message, node.start, node.end, f"Écrivez `{name} au …`, avec une date du dossier.")
        moment = path if isinstance(path, Expr) else self.name(Syntax("nom", (), path, node.start, node.end), {})
        day = moment if moment.type.kind is Kind.DATE else self.apply("date_de", (moment,), node)
        history = Expr(HISTORY, (), type_, name, node.start, node.end)
        return self.apply(AT, (history, day), node, name)

    def naming(self, node: Syntax, variables: Names) -> Expr:
        """`soit x = a : b`: b with a in the place of x."""
        name = str(node.value)
        if name in self.taken(variables) or name in FUNCTIONS:
            raise ExpressionError(
                f"`{name}` désigne déjà autre chose", node.start, node.end, "Choisissez un autre nom."
            )
        value, body = node.args
        if not uses(body, name):
            raise ExpressionError(f"`{name}` ne sert pas", node.start, node.end, "Ôtez `soit`, ou employez ce nom.")
        expr = self.visit(body, {**variables, name: self.visit(value, variables)})
        if size(expr) > MOST_NODES or len(unparse(expr)) > MOST_WRITTEN:
            help = "Donnez un nom à une partie du calcul, avec une `deduction` ou un `calcul`."
            raise ExpressionError("expression démesurée une fois ses `soit` remplacés", node.start, node.end, help)
        return expr

    def taken(self, variables: Names) -> tuple[str, ...]:
        """The names that mean something already."""
        return (*variables, *self.scope.facts.fields, *self.scope.names, *self.scope.aliases, TODAY)

    def _unknown_name(self, written: str, text: str, *, dotted: bool) -> str:
        if meant(text, KEYWORDS):
            return f"Écrivez `{meant(text, KEYWORDS)}`."
        if any(text in type_.values for _, type_ in walk(self.scope.facts)):
            return f'Un texte se met entre guillemets : `"{text}"`.'
        close = suggest(written, self.scope.suggestions())
        if dotted:
            return f"{close} Un champ nouveau se déclare d'abord dans le schéma du dossier.".lstrip()
        return close or "Ni champ du dossier, ni paramètre, montant ou déduction du paquet."

    def presence(self, node: Syntax, variables: Names) -> Expr:
        if node.args[0].op == "appel" and node.args[0].value[0] == ANSWER:
            return Expr(node.op, (self.call(node.args[0], variables),), BOOLEAN, None, node.start, node.end)
        if node.args[0].op != "nom":
            raise ExpressionError(
                "`est absent` et `est present` s'appliquent à un champ", node.args[0].start, node.args[0].end
            )
        target = self.name(node.args[0], variables)
        if target.op not in (FIELD, VARIABLE):
            raise ExpressionError(
                f"`{target.value}` n'est pas un champ du dossier : sa présence n'a pas de sens",
                target.start,
                target.end,
            )
        args = (target,) if target.op == VARIABLE else ()
        return Expr(node.op, args, BOOLEAN, target.value, node.start, node.end)

    def call(self, node: Syntax, variables: Names) -> Expr:
        name, variable = node.value
        row = FUNCTIONS.get(name)
        if row is None and self.scope.names.get(name, ("", BOOLEAN))[1].kind in TABLES:
            return self.table(node, name, variables)
        if row is None:
            hint = suggest(name, FUNCTIONS) or f"Fonctions : {', '.join(sorted(FUNCTIONS))}."
            raise ExpressionError(f"fonction inconnue : `{name}`", node.start, node.start + len(name), hint, name)
        if row.over_list != (variable is not None):
            help = f"Écrivez `{row.usage}`."
            for values, over_list in _EXTREMES.items():
                if name in (values, over_list):
                    help = f"Entre plusieurs valeurs, écrivez `{FUNCTIONS[values].usage}` ; sur une liste, "
                    help += f"`{FUNCTIONS[over_list].usage}`."
            raise ExpressionError(f"`{name}` s'emploie autrement", node.start, node.end, help)
        low, high = row.arity if variable is None else (2, 3)
        if not low <= len(node.args) <= (high or len(node.args)):
            raise ExpressionError(
                f"`{name}` reçoit {len(node.args)} argument(s)",
                node.start,
                node.end,
                f"Écrivez `{row.usage}`.",
            )
        if name == ANSWER:
            return self.answer(node)
        if name == RESULT:
            return self.result(node)
        if row.on_holidays:
            args = tuple(self.visit(arg, variables) for arg in node.args[:-1])
            return self.apply(name, (*args, self.holidays(node.args[-1], row)), node)
        if variable is None:
            return self.apply(name, tuple(self.visit(arg, variables) for arg in node.args), node)
        source = self.visit(node.args[0], variables)
        if source.type.kind is not Kind.LIST or source.type.item is None or source.op not in (FIELD, VARIABLE):
            raise ExpressionError(
                f"une liste du dossier est attendue, `{source.type.kind}` trouvé", source.start, source.end
            )
        if "." in variable:
            raise ExpressionError(f"`{variable}` ne peut pas nommer un élément", node.start, node.end, "Ôtez le point.")
        if variable in self.taken(variables):
            raise ExpressionError(
                f"`{variable}` désigne déjà autre chose", node.start, node.end, "Choisissez un autre nom."
            )
        inside = {**variables, variable: source.type.item}
        if len(node.args) > 2:
            kept = self.visit(node.args[2], inside)
            source = self.apply(FILTER, (source, kept), node, variable)
        body = self.visit(node.args[1], inside)
        return self.apply(name, (source, body), node, variable)

    def holidays(self, node: Syntax, row: Operation) -> Expr:
        """The calendar of public holidays that a function on working days reads, in all its years."""
        names = [name for name, (_, type_) in self.scope.names.items() if type_.format == HOLIDAYS]
        if node.op != "nom" or node.value not in names:
            help = f"Donnez {' ou '.join(f'`{name}`' for name in names)}." if names else f"Écrivez `{row.usage}`."
            message = "un paramètre de type `jours_feries` est attendu ici"
            raise ExpressionError(message, node.start, node.end, help)
        return Expr(HISTORY, (), self.scope.names[node.value][1], node.value, node.start, node.end)

    def answer(self, node: Syntax) -> Expr:
        arg = node.args[0]
        if arg.op != "texte" or arg.value not in self.scope.answers:
            hint = suggest(str(arg.value), self.scope.answers) or "Donnez l'identifiant d'une règle `appreciation`."
            raise ExpressionError(
                f"appréciation inconnue : `{arg.value}`", arg.start, arg.end, hint, unknown=str(arg.value)
            )
        type_ = Type(Kind.TEXT, values=self.scope.answers[arg.value])
        return Expr(ANSWER, (), type_, arg.value, node.start, node.end)

    def result(self, node: Syntax) -> Expr:
        arg = node.args[0]
        known = [rule for rule, instead in self.scope.results.items() if not instead]
        if arg.op != "texte":
            help = 'Écrivez-le entre guillemets : `resultat("REGLE")`.'
            raise ExpressionError("l'identifiant d'une règle est attendu ici", arg.start, arg.end, help)
        if arg.value not in self.scope.results:
            written = str(arg.value)
            help = suggest(written, known) or "Donnez l'identifiant d'une règle."
            raise ExpressionError(f"règle inconnue : `{written}`", arg.start, arg.end, help, unknown=written)
        if arg.value not in known:
            help = self.scope.results[arg.value]
            raise ExpressionError(f"la règle `{arg.value}` n'a pas de résultat", arg.start, arg.end, help)
        return Expr(RESULT, (), RESULT_TYPE, arg.value, node.start, node.end)


def parse_decimal(text: str) -> Decimal:
    """Parse a decimal such as `58.33`; raises ValueError with a French message."""
    import re

    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,10})?", text, re.ASCII):
        hint = " (la décimale s'écrit avec un point)" if "," in text else ""
        raise ValueError(f"`{text}` n'est pas un nombre décimal{hint}")
    return Decimal(text)
