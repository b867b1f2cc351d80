"""What must always or never hold, whatever the dossier: `proprietes.yaml`.

A property is written in the language of the rules, with a few words more, which say what is decided:
`verdict(solde)`, `provisoire(solde)`, `a_payer(solde)`, `constat("UNE-REGLE")`, `recouvrement("REC-X")`,
`montant_indu("REC-X")`.  It does not affect decisions: `recevable prove` (`proofs`) answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.language.check import Scope, check
from recevable.language.diagnostics import Diagnostic, DiagnosticError, suggest
from recevable.language.syntax import ExpressionError, Syntax, parse
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, FIELD, Expr, references
from recevable.language.types import AMOUNT, BOOLEAN, Kind, Type, walk
from recevable.pack.compiled import CompiledPack
from recevable.pack.compiler import Compiler
from recevable.pack.expressions import expression_fault
from recevable.pack.hints import did_you_mean
from recevable.pack.model import RECOVERY, Result
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.pack.nodes import Scalar
from recevable.pack.reader import Reader
from recevable.pack.requirements import Inventory
from recevable.pack.source import AnyPack, source_of
from recevable.pack.yaml_strict import read_file

PROPERTIES: Final = "proprietes.yaml"
# The two dossiers of a comparison.
FIRST: Final = "premier"
SECOND: Final = "second"
PAIR: Final = (FIRST, SECOND)

VERDICT: Final = "verdict"
PROVISIONAL: Final = "provisoire"
TO_PAY: Final = "a_payer"
FINDING: Final = "constat"
RECOVERED: Final = "recouvrement"
UNDUE: Final = "montant_indu"
# The words of a property, and whether they take the name of a request or the identifier of a rule.
WORDS: Final[Mapping[str, bool]] = {
    VERDICT: True,
    PROVISIONAL: True,
    TO_PAY: True,
    FINDING: False,
    RECOVERED: False,
    UNDUE: False,
}
VERDICTS: Final = ("accepter", "completer", "rejeter", "indecidable")
# What a word reads is kept under a name that no field can have: `verdict()`.
CALL: Final = "()"
# The case of a recovery that does not arise, and the one that lacks data.
NO_CASE: Final = str(Result.NOT_APPLICABLE)
MISSING_CASE: Final = str(Result.MISSING)


class Comparison(Struct, frozen=True):
    """Two dossiers with the same data, except those that `differ`; or the second with some `removed`.

    A path covers all that is below it.  `removed`: a datum of the second is one of the first; those of `kept` are
    in both or in neither.
    """

    differ: tuple[Scalar, ...] = ()
    removed: bool = False
    kept: tuple[Scalar, ...] = ()


class Property(Struct, frozen=True):
    """A property as written: of every dossier that meets `when`, `claim` is always true (or never, if `never`).

    `request` is the context in which names are read; the dossiers hold that request, unless it is recovery.
    """

    id: Scalar
    title: str
    source: Scalar
    requirements: tuple[Scalar, ...]
    request: Scalar
    when: Scalar | None
    claim: Scalar
    never: bool
    pair: Comparison | None = None


class Typed(Struct, frozen=True):
    """A property and its trees."""

    property: Property
    when: Expr | None
    claim: Expr


def trees_of(typed: Typed) -> list[Expr]:
    """The expressions of a property."""
    return [typed.claim] if typed.when is None else [typed.when, typed.claim]


def contexts_of(typed: Typed) -> list[str]:
    """The contexts that a property reads: its own, and those of its words."""
    found = {typed.property.request.text: None}
    for expr in trees_of(typed):
        for path in references(expr, FIELD):
            _, word, name = parts(path)
            if word in (VERDICT, PROVISIONAL, TO_PAY):
                found[name] = None
    return list(found)


def read(pack: AnyPack) -> tuple[Property, ...]:
    """Read the optional `proprietes.yaml` of a pack; raises DiagnosticError with every fault."""
    source = source_of(pack)
    if not source.has(PROPERTIES):
        return ()
    _, node = read_file(source, PROPERTIES)
    if not isinstance(node, YamlMapping):
        help = "Écrivez `proprietes:`, puis une propriété par tiret."
        raise DiagnosticError([Diagnostic("PAQ-BLOC", f"`{PROPERTIES}` doit contenir des clés", node.span, help)])
    diagnostics: list[Diagnostic] = []
    reader = Reader(node, diagnostics, f"`{PROPERTIES}`")
    found: dict[str, Property] = {}
    for item in reader.mappings("proprietes", "une propriété"):
        one = _property(item)
        if one is None:
            continue
        first = found.setdefault(one.id.text, one)
        if first is not one:
            message = f"l'identifiant `{one.id.text}` figure déjà ligne {first.id.span.line}"
            item.fault("PAQ-DOUBLON", message, one.id.span, "Donnez-lui un autre identifiant.")
    reader.finish()
    if diagnostics:
        raise DiagnosticError(diagnostics)
    return tuple(found.values())


def _property(reader: Reader) -> Property | None:
    identifier = reader.identifier("id")
    if identifier is not None:
        reader.what = f"la propriété `{identifier.text}`"
    title, source = reader.text("titre"), reader.scalar("source")
    requirements = reader.words("exigences", required=False)
    request = reader.scalar("demande")
    when = reader.scalar("quand", required=False)
    always, never = reader.scalar("toujours", required=False), reader.scalar("jamais", required=False)
    pair = _pair(reader.mapping("deux_dossiers", required=False))
    before = len(reader.diagnostics)
    reader.finish()
    claim = never if always is None else always
    if (always is None) is (never is None) or claim is None:
        # one of them with a slip in its name is unknown: that is reported, and is enough
        if len(reader.diagnostics) == before:
            help = "Écrivez `toujours`, ou `jamais`, suivi d'une expression."
            reader.fault("PAQ-CLE-MANQUANTE", "une propriété a `toujours` ou `jamais`", reader.node.span, help)
        return None
    if identifier is None or source is None or request is None:
        return None
    return Property(identifier, title, source, requirements, request, when, claim, always is None, pair)


def _pair(reader: Reader | None) -> Comparison | None:
    if reader is None:
        return None
    removed = reader.boolean("donnees_otees")
    differ = reader.words("different", required=not removed)
    kept = reader.words("sauf", required=False)
    reader.finish()
    if removed and differ:
        help = "Gardez l'un des deux."
        reader.fault("PAQ-BLOC", "`different` et `donnees_otees` ne vont pas ensemble", reader.node.span, help)
    if kept and not removed:
        help = "Ôtez `sauf` : ce qui n'est pas dans `different` est le même."
        reader.fault("PAQ-BLOC", "`sauf` ne s'emploie qu'avec `donnees_otees`", reader.node.span, help)
    return Comparison(differ, removed, kept)


def verify(source: AnyPack, compiled: CompiledPack, inventory: Inventory | None) -> list[Diagnostic]:
    """The faults of the `proprietes.yaml` of a pack, reading faults included; the file is optional."""
    try:
        found = read(source)
    except DiagnosticError as error:
        return list(error.diagnostics)
    faults: list[Diagnostic] = []
    for one in found:
        faults += Properties(compiled).faults(one)
        for word in one.requirements if inventory is not None else ():
            assert inventory is not None
            if word.text not in inventory.requirements:
                help = (
                    did_you_mean(word.text, inventory.requirements) or "Ajoutez-la à `exigences.yaml`, ou retirez-la."
                )
                message = f"exigence inconnue : `{word.text}`"
                faults.append(Diagnostic("TRA-EXIGENCE", message, word.span, help, subject=word.text))
    return faults


def covering(found: tuple[Property, ...]) -> dict[str, list[str]]:
    """The properties that cite each requirement, in the order of the file."""
    cited: dict[str, list[str]] = {}
    for one in found:
        for word in one.requirements:
            cited.setdefault(word.text, []).append(one.id.text)
    return cited


class Properties:
    """Types the properties of a pack."""

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled, self.pack = compiled, compiled.pack
        self._faults: list[Diagnostic] = []

    def typed(self, one: Property) -> Typed:
        """The trees of a property; raises DiagnosticError."""
        found = self._typed(one)
        if self._faults or found is None:
            faults, self._faults = self._faults, []
            raise DiagnosticError(faults)
        return found

    def faults(self, one: Property) -> list[Diagnostic]:
        """What is wrong in a property."""
        self._typed(one)
        faults, self._faults = self._faults, []
        return faults

    def _typed(self, one: Property) -> Typed | None:
        if one.request.text not in self.compiled.context_names:
            known = ", ".join(f"`{name}`" for name in self.compiled.context_names)
            help = did_you_mean(one.request.text, self.compiled.context_names) or f"Demandes : {known}."
            message = f"demande inconnue : `{one.request.text}`"
            self._faults.append(Diagnostic("PAQ-DEMANDE", message, one.request.span, help))
            return None
        for path in (*one.pair.differ, *one.pair.kept) if one.pair is not None else ():
            if not _names_datum(self.pack.facts, path.text):
                help = "Donnez le chemin d'une donnée du dossier."
                message = f"`{path.text}` n'est pas une donnée du schéma"
                self._faults.append(Diagnostic("PAQ-CHAMP", message, path.span, help, subject=path.text))
        scope = self._scope(one)
        when = self._expression(one.when, scope, one) if one.when is not None else None
        claim = self._expression(one.claim, scope, one)
        if claim is None or (one.when is not None and when is None):
            return None
        return Typed(one, when, claim)

    def _scope(self, one: Property) -> Scope:
        scope = Compiler(self.compiled, one.request.text).scope
        facts = {**scope.facts.fields, **self._calls()}
        if one.pair is None:
            return replace(scope, facts=Type(Kind.OBJECT, fields=facts))
        # in a comparison, what is computed is read of one dossier or of the other
        context = self.compiled.context(one.request.text)
        computed = {d.name: self.compiled.names[d.name][1] for d in context.definitions}
        parameters = {name: one for name, one in scope.names.items() if one[0] not in (AMOUNT_NAME, DEDUCTION)}
        whole = Type(Kind.OBJECT, fields={**computed, **facts})
        pair = Type(Kind.OBJECT, fields=dict.fromkeys(PAIR, whole))
        return replace(scope, facts=pair, names=parameters, aliases={})

    def _calls(self) -> dict[str, Type]:
        """What the words read, as fields."""
        pack = self.pack
        verdict, finding = Type(Kind.TEXT, values=VERDICTS), Type(Kind.TEXT, values=tuple(map(str, Result)))
        requests = {name: request for name, request in pack.manifest.requests.items() if not request.each}
        cases = {rule.id: rule for rule in pack.rules.values() if rule.claim is not None}
        steps = {name: (*(cause.name for cause in rule.causes), NO_CASE, MISSING_CASE) for name, rule in cases.items()}
        return {
            VERDICT + CALL: Type(Kind.OBJECT, fields=dict.fromkeys(requests, verdict)),
            PROVISIONAL + CALL: Type(Kind.OBJECT, fields=dict.fromkeys(requests, BOOLEAN)),
            TO_PAY + CALL: Type(Kind.OBJECT, fields={n: AMOUNT for n, request in requests.items() if request.amount}),
            FINDING + CALL: Type(Kind.OBJECT, fields=dict.fromkeys(pack.rules, finding)),
            RECOVERED + CALL: Type(
                Kind.OBJECT, fields={name: Type(Kind.TEXT, values=values) for name, values in steps.items()}
            ),
            UNDUE + CALL: Type(Kind.OBJECT, fields=dict.fromkeys(cases, AMOUNT)),
        }

    def _expression(self, text: Scalar, scope: Scope, one: Property) -> Expr | None:
        try:
            syntax = _named(parse(text.text), scope.facts, pair=one.pair is not None)
            expr = check(syntax, scope)
            if expr.type.kind is not Kind.BOOLEAN:
                message = f"`{Kind.BOOLEAN}` attendu ici, `{expr.type.kind}` trouvé"
                raise ExpressionError(message, expr.start, expr.end, "Écrivez une comparaison.")
            self._computed(expr, one)
        except ExpressionError as error:
            self._faults.append(
                expression_fault(
                    text, error, [path for path, type_ in walk(scope.facts) if type_.kind is not Kind.OBJECT]
                )
            )
            return None
        return expr

    def _computed(self, expr: Expr, one: Property) -> None:
        """Refuse a name that the context does not compute, and a finding that it does not give."""
        context = self.compiled.context(one.request.text)
        known = {definition.name for definition in context.definitions}
        for name in references(expr, AMOUNT_NAME, DEDUCTION):
            if name not in known:
                message = f"`{name}` ne se calcule pas pour `{context.name}`"
                help = suggest(name, known) or "Donnez une autre `demande`, ou un nom que ses règles emploient."
                raise ExpressionError(message, expr.start, expr.end, help)
        for path in references(expr, FIELD):
            _, word, rule = parts(path)
            if word == FINDING and rule not in context.rules:
                message = f"la règle `{rule}` ne porte pas sur `{context.name}`"
                raise ExpressionError(message, expr.start, expr.end, "Donnez l'une de ses demandes à la propriété.")
            if word in (RECOVERED, UNDUE) and context.name != RECOVERY:
                message = f"`{word}(…)` se lit au recouvrement"
                raise ExpressionError(message, expr.start, expr.end, f"Écrivez `demande: {RECOVERY}`.")


def _named(node: Syntax, facts: Type, *, pair: bool) -> Syntax:
    """The calls of the words of a property as names: `verdict(solde)` is read as a field."""
    args = tuple(_named(arg, facts, pair=pair) for arg in node.args)
    word = node.value[0] if node.op == "appel" else ""
    if word not in WORDS:
        return replace(node, args=args)
    by_request = WORDS[word]
    written = str(args[0].value) if len(args) == 1 and args[0].op in ("nom", "texte") else ""
    side = ""
    if pair:
        side, _, written = written.partition(".")
    elif not by_request and args and args[0].op == "nom":
        written = ""
    example = (
        f"{word}({'premier.' if pair else ''}solde)" if by_request else f'{word}("{"premier." if pair else ""}ID")'
    )
    if not written or (pair and side not in PAIR):
        raise ExpressionError(f"`{word}` s'emploie autrement", node.start, node.end, f"Écrivez `{example}`.")
    whole = facts.fields[side] if pair else facts
    known = whole.fields[word + CALL].fields
    if written not in known:
        help = suggest(written, known) or f"Possibles : {', '.join(f'`{name}`' for name in list(known)[:8])}."
        raise ExpressionError(f"`{word}` ne connaît pas `{written}`", node.start, node.end, help, written)
    path = f"{side}.{word}{CALL}.{written}" if pair else f"{word}{CALL}.{written}"
    return Syntax("nom", (), path, node.start, node.end)


def _names_datum(facts: Type, path: str) -> bool:
    current: Type | None = facts
    for part in path.split("."):
        current = current.fields.get(part) if current is not None and current.kind is Kind.OBJECT else None
    return current is not None


def parts(path: str) -> tuple[str, str, str]:
    """The dossier, the word and its operand of a path such as `premier.verdict().solde`; an empty word for a field.

    The dossier is empty in a property about one, and the operand is the path of the field.
    """
    side, _, rest = path.partition(".")
    if side not in PAIR:
        side, rest = "", path
    word, call, operand = rest.partition(f"{CALL}.")
    return (side, word, operand) if call else (side, "", rest)
