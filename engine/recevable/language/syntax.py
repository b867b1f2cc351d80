"""From expression text to a syntax tree: tokens and a precedence-climbing parser.

It knows the grammar and nothing of names, types or values.  Grammar, loosest binding first::

    expression  := "si" expression "alors" expression "sinon" expression
                 | "soit" identifiant "=" expression ":" expression | ou
    ou          := et ("ou" et)*
    et          := non ("et" non)*
    non         := "non" non | "si" ... | comparaison
    comparaison := somme [("=" | "!=" | "<" | "<=" | ">" | ">=") somme
                         | "dans" ("[" somme ("," somme)* "]" | nom)
                         | "entre" somme "et" somme
                         | "est" ("absent" | "present")]
    somme       := produit (("+" | "-") produit)*
    produit     := signe (("*" | "/") signe)*
    signe       := "-" signe | primaire
    primaire    := littéral | nom ["au" primaire] | fonction "(" arguments ")" ["au" primaire] | "(" expression ")"
    arguments   := expression ("," expression)* | identifiant "dans" nom ["si" expression] "," expression
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from recevable.language.calendar import Duration, parse_date
from recevable.language.habits import (
    article,
    counted,
    first_of_list,
    grouped,
    is_sentence,
    joined,
    meant,
    presence,
    relation,
    unit,
    unreadable,
    written_day,
)

MAX_LENGTH: Final = 4_000
MAX_DEPTH: Final = 40
# The nesting limit of nodes; `a + b + c` has three levels.  Everything that walks a tree is recursive.
MAX_LEVELS: Final = 100
# Digits of a number: more is a mistake, which exact arithmetic (34 digits) would silently round.
MAX_DIGITS: Final = 40

KEYWORDS: Final = frozenset(
    "et ou non soit si alors sinon dans au entre est absent absente present presente vrai faux".split()
)
# Units of time: the part of a duration that they count in, and how many of it they are.
UNITS: Final = {
    "mois": ("months", 1),
    "an": ("months", 12),
    "ans": ("months", 12),
    "jour": ("days", 1),
    "jours": ("days", 1),
    "heure": ("seconds", 3600),
    "heures": ("seconds", 3600),
    "minute": ("seconds", 60),
    "minutes": ("seconds", 60),
    "seconde": ("seconds", 1),
    "secondes": ("seconds", 1),
}
_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<instant>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})?)
  | (?P<date>\d{4}-\d{2}-\d{2})
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
  | (?P<text>"[^"\n]*")
  | (?P<op>!=|<=|>=|[=<>+\-*/(),\[\]]|:(?!\d))
    """,
    re.VERBOSE | re.ASCII,
)
# A character by its number, as other languages write it
_ESCAPE: Final = re.compile(r"\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{6}", re.ASCII)
_FORMS: Final = (
    "Une expression relie des noms et des valeurs par des signes : `nom = valeur`, `nom <= autre_nom`, "
    "`nom est present`, `nom * autre_nom`."
)
# What may follow `est`, in messages.
PRESENCE: Final = "`absent` ou `present`"
_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
# Words that announce a condition, as the keys of a rule do.
_KEYS: Final = frozenset("quand lorsque condition si_faux calcul montant deduction vaut".split())


class ExpressionError(Exception):
    """A fault in an expression: half-open character range, sentence and help in French.

    `unknown` is the name that designates nothing, when that is the fault.
    """

    def __init__(self, message: str, start: int, end: int, help: str = "", unknown: str = "") -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.help = message, start, max(end, start + 1), help
        self.unknown = unknown

    def shifted(self, offset: int) -> ExpressionError:
        """The same fault in a longer text."""
        return type(self)(self.message, self.start + offset, self.end + offset, self.help, self.unknown)


class SyntaxFault(ExpressionError):
    """A text that is no expression at all."""


class SentenceFault(SyntaxFault):
    """Words of a sentence where an expression or a name is wanted."""


class Syntax(Struct, frozen=True):
    """A node of the untyped tree: the operation's name, its operands, a literal's or a name's value, its place."""

    op: str
    args: tuple[Syntax, ...]
    value: Any
    start: int
    end: int


class _Token(Struct, frozen=True):
    kind: str
    text: str
    start: int
    end: int


def parse(text: str) -> Syntax:
    """Parse one expression; raises ExpressionError with the place of the first fault."""
    if len(text) > MAX_LENGTH:
        raise SyntaxFault(
            f"expression de {len(text)} caractères, au plus {MAX_LENGTH}",
            0,
            1,
            "Découpez-la avec une `deduction`.",
        )
    try:
        tree = _Parser(text).parse()
    except SyntaxFault as fault:
        if is_sentence(text, KEYWORDS, explained=bool(fault.help)):
            raise SentenceFault("c'est une phrase, non une expression", 0, len(text), _FORMS) from None
        raise
    _check_levels(tree)
    return tree


def _check_levels(tree: Syntax) -> None:
    pending = [(tree, 1)]
    while pending:
        node, level = pending.pop()
        if level > MAX_LEVELS:
            raise _too_deep(node.start, node.end)
        pending.extend((arg, level + 1) for arg in node.args)


def _too_deep(start: int, end: int) -> ExpressionError:
    return SyntaxFault("expression trop imbriquée", start, end, "Découpez-la avec une `deduction`.")


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise SyntaxFault(*unreadable(text, position))
        day = written_day(text, position)
        if day is not None:
            raise SyntaxFault(*day)
        kind = str(match.lastgroup)
        if kind == "name" and match[0] in KEYWORDS:
            kind = "word"
        if kind != "space":
            tokens.append(_Token(kind, match[0], position, match.end()))
        position = match.end()
    tokens.append(_Token("end", "", len(text), len(text)))
    return tokens


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.index = 0
        self.depth = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.index]

    def parse(self) -> Syntax:
        if self.here.kind == "end":
            raise SyntaxFault(
                "expression vide", 0, 1, 'Écrivez une condition, par exemple `operateur.profil = "acheteur"`.'
            )
        tree = self.expression()
        if self.here.kind != "end":
            raise self.unexpected("un opérateur ou la fin de l'expression")
        return tree

    def unexpected(self, expected: str) -> ExpressionError:
        token = self.here
        if token.kind == "end":
            help = self.unfinished(expected)
            message = f"l'expression s'arrête trop tôt : {expected} est attendu"
            return SyntaxFault(message, token.start, token.end, help)
        before = self.tokens[self.index - 1] if self.index else None
        previous = before.text if before else ""
        if before is not None and expected.startswith("un opérateur") and (slip := relation(self.text, token.start)):
            return SyntaxFault(*slip)
        if before is not None and before.end == token.start and (hint := joined(previous + token.text)):
            return SyntaxFault(f"`{previous}{token.text}` n'est pas reconnu ici", before.start, token.end, hint)
        if before is not None and expected.startswith("un opérateur") and meant(previous, KEYWORDS):
            help = f"Écrivez `{meant(previous, KEYWORDS)}`."
            return SyntaxFault(f"`{previous}` n'est pas reconnu ici", before.start, before.end, help)
        after = self.tokens[min(self.index + 1, len(self.tokens) - 1)]
        if before is not None and article(previous) and not counted(previous, token.text, tuple(UNITS)):
            words = self.text[before.start :]
            help = "Un nom s'écrit sans article, et sans espace."
            return SentenceFault(f"`{words}` n'est pas un nom", before.start, len(self.text), help)
        if token.text == "/" and {previous, after.text} == {"et", "ou"}:
            assert before is not None
            written = self.text[before.start : after.end]
            help = "Écrivez `ou`, qui est vrai aussi quand les deux le sont ; ou `et`, s'il faut les deux."
            return SyntaxFault(f"`{written}` n'est pas reconnu ici", before.start, after.end, help)
        message = f"`{token.text}` inattendu : {expected} est attendu"
        return SyntaxFault(message, token.start, token.end, self.hint(token, before, expected))

    def unfinished(self, expected: str) -> str:
        """What to add at the end of the text; an empty string when it is not known."""
        if expected == "`)`":
            return "Fermez la parenthèse avec `)`, ou supprimez `(`."
        if expected.startswith("une valeur") and self.index:
            return f"Il manque une valeur après `{self.tokens[self.index - 1].text}`, ou ce signe est de trop."
        if expected == "`sinon`":
            return f"Ajoutez la valeur de l'autre cas : `{self.text.strip()} sinon …`."
        if expected == "`alors`":
            whole = self.tokens[0].text == "si" and not any(token.text == "si" for token in self.tokens[1:])
            bare = f"Une condition s'écrit sans `si` : `{self.text[self.tokens[0].end :].strip()}`. " if whole else ""
            return f"{bare}Une valeur qui dépend d'une condition s'écrit `si … alors … sinon …`."
        return ""

    def hint(self, token: _Token, before: _Token | None, expected: str) -> str:
        """What to write instead of an unexpected token; an empty string when it is not known."""
        previous = before.text if before else ""
        after = self.tokens[min(self.index + 1, len(self.tokens) - 1)]
        numbers = before is not None and before.kind == "number"
        if expected == PRESENCE:
            words = before is not None and relation(self.text, before.start)
            return words.help if words else presence(self.text, token.start)
        if meant(token.text, KEYWORDS):
            return f"Écrivez `{meant(token.text, KEYWORDS)}`."
        if meant(previous, KEYWORDS):
            return f"Au lieu de `{previous}`, écrivez `{meant(previous, KEYWORDS)}`."
        if token.text == "non" and previous in ("=", "!="):
            return "Écrivez `faux`."
        if previous in _KEYS and before is not None:
            return f"Supprimez `{previous}` : la clé le dit déjà."
        if token.text == "si" and expected.startswith("un opérateur"):
            condition, _, other = self.text[token.end :].partition(" sinon ")
            value = self.text[: token.start].strip()
            return f"Écrivez `si {condition.strip()} alors {value} sinon {other.strip() or '…'}`."
        if expected == "`)`" and before is not None and before.kind == "name" and first_of_list(token.text):
            return f"Écrivez `{previous} dans {after.text}`."
        if token.text in _COMPARISONS:
            return "Deux comparaisons ne s'enchaînent pas : reliez-les par `et`, ou écrivez `x entre a et b`."
        if token.text == ")" and expected.startswith("un opérateur"):
            return "Supprimez `)`, ou ouvrez `(` plus haut."
        if token.text == "," and numbers and after.kind == "number" and after.start == token.end:
            return f"Écrivez `{grouped(self.text, after.end)}` : la décimale s'écrit avec un point."
        if token.text == "," and expected in ("`alors`", "`sinon`"):
            there = after.text == expected[1:-1]
            return "Supprimez la virgule." if there else f"Écrivez {expected} au lieu de la virgule."
        names = before is not None and before.kind == after.kind == "name" and before.end == token.start
        if token.text == "," and names and after.start == token.end and expected.startswith("un opérateur"):
            return f"Écrivez `{previous}.{after.text}`, avec un point, si c'est un seul nom."
        if token.text == "," and expected.startswith("un opérateur"):
            return "Reliez deux conditions par `et` ou par `ou` ; une virgule sépare des valeurs entre parenthèses."
        if token.kind == "number" and numbers and grouped(self.text, token.end):
            return f"Écrivez `{self.groups()}` : un nombre s'écrit sans espace."
        if token.kind == "name" and numbers:
            return unit(previous, token.text, tuple(UNITS))
        if counted(previous, token.text, tuple(UNITS)):
            return counted(previous, token.text, tuple(UNITS))
        if token.kind == "name" and before is not None and before.kind == "name" and expected.startswith("un opér"):
            return f"Reliez-les par un signe (`=`, `et`…), ou écrivez `{previous}.{token.text}` si c'est un seul nom."
        if previous and expected.startswith("une valeur"):
            return f"Il manque une valeur après `{previous}`."
        return ""

    def groups(self) -> str:
        """The number whose second group of digits is here, with all its groups: `10 000`."""
        last = self.index
        while self.tokens[last + 1].kind == "number" and grouped(self.text, self.tokens[last + 1].end):
            last += 1
        comma, decimals = self.tokens[last + 1], self.tokens[min(last + 2, len(self.tokens) - 1)]
        if comma.text == "," and decimals.kind == "number" and decimals.start == comma.end:
            last += 2
        return grouped(self.text, self.tokens[last].end)

    def at(self, *texts: str) -> bool:
        return self.here.kind in ("word", "op") and self.here.text in texts

    def take(self) -> _Token:
        token = self.here
        self.index += 1
        return token

    def expect(self, text: str) -> _Token:
        if not self.at(text):
            raise self.unexpected(f"`{text}`")
        return self.take()

    def comma(self) -> None:
        """Take the comma between two values; that of a French decimal would silently make two values of one."""
        before, comma = self.tokens[self.index - 1], self.take()
        after = self.here
        if before.kind == after.kind == "number" and before.end == comma.start and comma.end == after.start:
            number = grouped(self.text, after.end) or f"{before.text}.{after.text}"
            message = f"`{before.text},{after.text}` se lirait comme deux valeurs"
            help = f"Écrivez `{number}` : la décimale s'écrit avec un point. Deux valeurs se séparent par `, `."
            raise SyntaxFault(message, before.start, after.end, help)

    def expression(self) -> Syntax:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _too_deep(self.here.start, self.here.end)
        forms = {"si": self.conditional, "soit": self.naming}
        form = forms.get(self.here.text) if self.here.kind == "word" else None
        tree = form() if form is not None else self.disjunction()
        self.depth -= 1
        return tree

    def conditional(self) -> Syntax:
        start = self.expect("si").start
        condition = self.expression()
        self.expect("alors")
        yes = self.expression()
        self.expect("sinon")
        no = self.expression()
        return Syntax("si", (condition, yes, no), None, start, no.end)

    def naming(self) -> Syntax:
        start = self.expect("soit").start
        name = self.here
        if name.kind != "name" or "." in name.text:
            raise self.unexpected("un nom sans point")
        self.take()
        self.expect("=")
        value = self.expression()
        self.expect(":")
        body = self.expression()
        return Syntax("soit", (value, body), name.text, start, body.end)

    def disjunction(self) -> Syntax:
        return self.chain("ou", self.conjunction)

    def conjunction(self) -> Syntax:
        return self.chain("et", self.negation)

    def chain(self, word: str, operand: Any) -> Syntax:
        parts = [operand()]
        while self.at(word):
            self.take()
            parts.append(operand())
        if len(parts) == 1:
            return parts[0]  # type: ignore[no-any-return]  # operand is one of the two bound methods above
        return Syntax(word, tuple(parts), None, parts[0].start, parts[-1].end)

    def negation(self) -> Syntax:
        negations = []
        while self.at("non"):
            negations.append(self.take())
        tree = self.expression() if self.at("si") else self.comparison()
        for token in reversed(negations):
            tree = Syntax("non", (tree,), None, token.start, tree.end)
        return tree

    def comparison(self) -> Syntax:
        left = self.sum()
        if self.here.kind == "op" and self.here.text in _COMPARISONS:
            op = self.take().text
            right = self.sum()
            return Syntax(op, (left, right), None, left.start, right.end)
        if self.at("dans"):
            self.take()
            if self.here.kind == "name":
                right = self.primary()
                return Syntax("parmi", (left, right), None, left.start, right.end)
            self.expect("[")
            members = [self.sum()]
            while self.at(","):
                self.comma()
                members.append(self.sum())
            end = self.expect("]").end
            return Syntax("dans", (left, *members), None, left.start, end)
        if self.at("entre"):
            self.take()
            low = self.sum()
            self.expect("et")
            high = self.sum()
            return Syntax("entre", (left, low, high), None, left.start, high.end)
        if self.at("est"):
            self.take()
            if not self.at("absent", "absente", "present", "presente"):
                raise self.unexpected(PRESENCE)
            word = self.take()
            return Syntax(word.text.removesuffix("e"), (left,), None, left.start, word.end)
        return left

    def sum(self) -> Syntax:
        left = self.product()
        while self.at("+", "-"):
            op = self.take().text
            right = self.product()
            left = Syntax(op, (left, right), None, left.start, right.end)
        return left

    def product(self) -> Syntax:
        left = self.sign()
        while self.at("*", "/"):
            op = self.take().text
            right = self.sign()
            left = Syntax(op, (left, right), None, left.start, right.end)
        return left

    def sign(self) -> Syntax:
        minuses = []
        while self.at("-"):
            minuses.append(self.take())
        tree = self.primary()
        for token in reversed(minuses):
            tree = Syntax("oppose", (tree,), None, token.start, tree.end)
        return tree

    def primary(self) -> Syntax:
        token = self.here
        if self.at("("):
            self.take()
            tree = self.expression()
            self.expect(")")
            return tree
        if self.at("vrai", "faux"):
            self.take()
            return Syntax("booleen", (), token.text == "vrai", token.start, token.end)
        if token.kind == "text":
            escape = _ESCAPE.search(token.text)
            if escape is not None:
                start = token.start + escape.start()
                help = "Écrivez le caractère lui-même."
                raise SyntaxFault(f"`{escape[0]}` se lirait lettre par lettre", start, start + len(escape[0]), help)
            self.take()
            return Syntax("texte", (), token.text[1:-1], token.start, token.end)
        if token.kind == "date":
            self.take()
            return Syntax("date", (), self.date(token), token.start, token.end)
        if token.kind == "instant":
            self.take()
            return Syntax("instant", (), token.text, token.start, token.end)
        if token.kind == "number":
            return self.number()
        if token.kind == "name":
            self.take()
            name = Syntax("nom", (), token.text, token.start, token.end)
            read = self.call(token) if self.at("(") else name
            if not self.at("au"):
                return read
            self.take()
            day = self.primary()
            return Syntax("au", (read, day), None, token.start, day.end)
        raise self.unexpected("une valeur ou un nom")

    def date(self, token: _Token) -> date:
        try:
            return parse_date(token.text)
        except ValueError as error:
            raise SyntaxFault(str(error), token.start, token.end) from None

    def number(self) -> Syntax:
        token = self.take()
        unit = self.here
        if len(token.text.replace(".", "").lstrip("0")) > MAX_DIGITS:
            help = f"Un nombre a au plus {MAX_DIGITS} chiffres : vérifiez la saisie."
            raise SyntaxFault("nombre démesuré", token.start, token.end, help)
        if unit.kind == "name" and unit.text in UNITS:
            if "." in token.text:
                raise SyntaxFault("une durée compte un nombre entier d'unités", token.start, token.end)
            self.take()
            part, factor = UNITS[unit.text]
            duration = Duration(**{part: int(token.text) * factor})
            return Syntax("duree", (), duration, token.start, unit.end)
        value = Decimal(token.text) if "." in token.text else int(token.text)
        return Syntax("nombre", (), value, token.start, token.end)

    def call(self, name: _Token) -> Syntax:
        self.expect("(")
        args: list[Syntax] = []
        variable = None
        loop = self.tokens[self.index : self.index + 3]
        if loop[0].kind == "name" and loop[1].text == "dans":
            source = loop[2]
            if source.kind == "name":
                variable = self.take().text
                self.take()
                self.take()
                args.append(Syntax("nom", (), source.text, source.start, source.end))
                kept = []
                if self.at("si"):
                    self.take()
                    kept.append(self.expression())
                self.expect(",")
                args += [self.expression(), *kept]
        if variable is None and not self.at(")"):
            args.append(self.expression())
            while self.at(","):
                self.comma()
                args.append(self.expression())
        end = self.expect(")").end
        return Syntax("appel", tuple(args), (name.text, variable), name.start, end)
