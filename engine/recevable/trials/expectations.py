"""Read the expected decision on a dossier from YAML, and compare it with the actual decision.

An expectation and a decision are both flattened to short texts by path (`demandes`, `solde`, `constats`, `SOL-RIB`), so
that one comparison serves both file formats: a known dossier lists every notable finding, a scenario only the rules
that decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.decision.calculation import sentence
from recevable.decision.model import AmountLine, AppraisalState, Decision, Finding, RequestDecision, Verdict
from recevable.language.check import parse_decimal
from recevable.language.diagnostics import Span
from recevable.language.tree import AMOUNT_NAME
from recevable.pack.compiled import CompiledPack
from recevable.pack.edit import quoted
from recevable.pack.examples import answers
from recevable.pack.hints import did_you_mean, nearest, number
from recevable.pack.model import BASES, MODALITIES, RECOVERY, Consequence, Result, Rule
from recevable.pack.nodes import Scalar
from recevable.pack.reader import Reader

# `montants: {a_verser: inconnu}`: the amount cannot be determined.
UNKNOWN: Final = "inconnu"
NOTHING: Final = "rien"
_QUIET: Final = (Result.SATISFIED, Result.NOT_APPLICABLE)
_STATES: Final = tuple(str(state) for state in AppraisalState)
DECIDES: Final = "décide"
_SAYS: Final = "se fait entendre"
_STEPS: Final = 3

Path = tuple[str, ...]


class Claim(Struct, frozen=True):
    """One expected text and its place."""

    text: str
    place: Span


class Expectation(Struct, frozen=True):
    """The expected decision.

    `claims` are by path.  `complete` lists the paths below which every text must be claimed, each with the place for
    diagnostics; `requests` are the contexts concerned (empty: all).
    """

    claims: Mapping[Path, Claim]
    complete: Mapping[Path, Span]
    requests: tuple[str, ...] = ()

    def rules(self) -> Iterator[str]:
        """The rules that it names."""
        for path in self.claims:
            if path[2:3] in (("constats",), ("regles",)):
                yield path[3].partition(":")[0]
            elif path[0] in ("constats_recouvrement", "cas", "a_apprecier", "appreciations"):
                yield _name(path[1])

    def amounts(self) -> Iterator[str]:
        """The numbers whose value it gives."""
        yield from (path[3] for path in self.claims if path[2:3] == ("montants",))


class Difference(Struct, frozen=True):
    """A difference between expected and actual, in words, with its place and subject.

    `code` is the category of the difference; `notes` explain the actual result, for instance with messages of rules.
    """

    code: str
    subject: str
    expected: str
    got: str
    place: Span
    notes: tuple[str, ...] = ()


def differences(expectation: Expectation, decision: Decision) -> list[Difference]:
    """Every difference, in the order of the expectation, then whatever was not expected."""
    observed = Observed(decision)
    return [
        _difference(path, claim.text, observed, claim.place) for path, claim in disagreements(expectation, observed)
    ]


def disagreements(expectation: Expectation, observed: Observed) -> Iterator[tuple[Path, Claim]]:
    """What differs, by path, with the expected text; `rien` for what was not expected."""
    for path, claim in expectation.claims.items():
        if not observed.agrees(path, claim.text):
            yield path, claim
    for path, text in observed.flat.items():
        if text == UNKNOWN or path in expectation.claims:
            continue
        if path[2:3] == ("regles",) and (text != DECIDES or (*path[:3], _rule(path)) in expectation.claims):
            # a finding with no effect, or a rule expected with any cause
            continue
        place = next((span for above, span in expectation.complete.items() if path[: len(above)] == above), None)
        if place is not None:
            yield path, Claim(NOTHING, place)


def consistent(expectations: Sequence[Expectation]) -> list[Expectation]:
    """The expectations, each required to give every amount that any of them gives for the same request, where known.

    The authors choose which amounts to check; forgetting one of them in some expectation is reported.
    """
    paths = {path for expectation in expectations for path in expectation.claims if path[2:3] == ("montants",)}
    found = []
    for expectation in expectations:
        complete = dict(expectation.complete)
        for path in sorted(paths):
            place = complete.get((*path[:2], "constats"))
            if place is not None:
                complete[path] = complete[*path[:2], "sous_reserve", path[3]] = place
        found.append(replace(expectation, complete=complete))
    return found


# --- reading --------------------------------------------------------------------------------------------------------


class ExpectationReader:
    """Reads expectations and checks their names against a pack; faults are added to the readers' diagnostics.

    What only `before`, an earlier pack, could answer is read too: it is no fault of an expectation to be out of date.
    """

    def __init__(self, compiled: CompiledPack, before: CompiledPack | None = None) -> None:
        packs = [one for one in (compiled, before) if one is not None]
        self.requests = tuple(compiled.pack.manifest.requests)
        # as each pack has it, the latest first
        self.rules: dict[str, list[Rule]] = {}
        for pack in packs:
            for rule in pack.pack.rules.values():
                self.rules.setdefault(rule.id, []).append(rule)
        self.each = {name: one.each for name, one in compiled.pack.manifest.requests.items() if one.each}
        names = {name: op for one in packs for name, (op, _) in one.names.items()}
        self.amounts = [name for name, op in names.items() if op == AMOUNT_NAME]
        self.claims: dict[Path, Claim] = {}
        self.complete: dict[Path, Span] = {}

    def known_dossier(self, reader: Reader) -> Expectation:
        """Read a `.attendu.yaml`: every notable finding, per request and for recovery."""
        self.claims, self.complete = {}, {}
        block = reader.mapping("demandes")
        for request, body in self._requests(block) if block is not None else ():
            path: Path = ("demandes", request)
            self._verdict(body, path)
            self._findings(body, "constats", path)
            self._word(body, "reparation", path, ("possible", "impossible"), required=False)
            self._amounts(body, path)
            self._reserves(body, path)
            place = _place(body, "verdict")
            self.complete |= {(*path, "constats"): place, (*path, "reparation"): place}
            body.finish()
        if block is not None:
            block.finish()
        self.complete["presentes",] = _place(reader, "demandes")
        for word in reader.words("a_apprecier"):
            self._named_rule(reader, word)
            self.claims["a_apprecier", word.text] = Claim("ouverte", word.span)
        self.complete["a_apprecier",] = _place(reader, "a_apprecier")
        self._states(reader)
        self._findings(reader, "constats_recouvrement", ())
        self.complete["constats_recouvrement",] = _place(reader, "recouvrement")
        self._recovery(reader, complete=True)
        return Expectation(self.claims, self.complete)

    def scenario(self, reader: Reader) -> Expectation:
        """Read what a scenario expects: verdict, deciding rules and amounts per request; cases of undue payment."""
        self.claims, self.complete = {}, {}
        for request, body in self._requests(reader):
            path: Path = ("demandes", request)
            verdict = self._verdict(body, path)
            self._deciding(body, path, verdict)
            self._amounts(body, path)
            body.finish()
        asked = {_name(label) for label in reader.node.keys}
        requests = tuple(name for name in self.requests if name in asked)
        if RECOVERY in reader.node.keys:
            self._recovery(reader, complete=False)
            self.complete["constats_recouvrement",] = _place(reader, RECOVERY)
            requests = (*requests, RECOVERY)
        reader.finish()
        return Expectation(self.claims, self.complete, requests)

    def _requests(self, block: Reader) -> Iterator[tuple[str, Reader]]:
        known = self.requests if block.key == "demandes" else (*self.requests, RECOVERY)
        for label, key in block.node.keys.items():
            request = _name(label)
            if request in self.requests and (label != request) is (request in self.each):
                body = block.mapping(label, f"la demande `{label}`")
                if body is not None:
                    self.claims["presentes", label] = Claim("présente", key.span)
                    yield label, body
            elif request in self.each:
                help = f'Écrivez par exemple `"{request}:1"` : chaque élément de `{self.each[request]}` a sa demande.'
                block.has(label)
                block.fault("ATT-DEMANDE", f"la demande `{request}` s'écrit avec sa clé", key.span, help)
            elif label not in known:
                help = did_you_mean(label, known) or f"Demandes : {', '.join(f'`{name}`' for name in known)}."
                block.has(label)
                block.fault("ATT-DEMANDE", f"demande inconnue : `{label}`", key.span, help)

    def _verdict(self, body: Reader, path: Path) -> str:
        """The verdict, and whether it is provisional; by default it must not be."""
        verdict = self._word(body, "verdict", path, tuple(map(str, Verdict)), required=True)
        provisional = body.boolean("provisoire")
        place = body.node.entries["provisoire"].span if body.has("provisoire") else _place(body, "verdict")
        self.claims[*path, "provisoire"] = Claim("true" if provisional else "false", place)
        return verdict

    def _word(self, body: Reader, key: str, path: Path, choices: tuple[str, ...], *, required: bool) -> str:
        word = body.choice(key, choices, required=required)
        if word:
            self.claims[*path, key] = Claim(word, body.node.entries[key].span)
        return word

    def _findings(self, body: Reader, key: str, path: Path) -> None:
        """`constats: {RULE: result}` or `{RULE: [result, result]}`."""
        block = body.mapping(key, required=False)
        for name in block.node.keys if block else ():
            assert block is not None
            rule = self._named_rule(block, block.node.keys[name])
            for word in block.words(name):
                self._finding(block, rule, word, (*path, key, name, word.text))
        if block is not None:
            block.finish()

    def _finding(self, reader: Reader, rule: Rule | None, word: Scalar, path: Path) -> None:
        known = self._answers(rule) if rule is not None else [word.text]
        if word.text not in known:
            help = did_you_mean(word.text, known) or f"Résultats : {', '.join(f'`{r}`' for r in known)}."
            reader.fault("ATT-RESULTAT", f"résultat inconnu : `{word.text}`", word.span, help)
        self.claims[path] = Claim(word.text, word.span)

    def _deciding(self, body: Reader, path: Path, verdict: str) -> None:
        """`regles: [RULE, RULE:cause]`: all the rules that decide the verdict; others may be added."""
        words = body.words("regles", required=False)
        for word in words:
            name, _, cause = word.text.partition(":")
            rule = self._named_rule(body, word, name)
            if rule is not None and cause:
                causes = [f"{name}:{known.name}" for one in self.rules[rule.id] for known in one.causes]
                known = [*causes, f"{name}:{Result.MISSING}", f"{name}:{Result.TO_APPRAISE}"]
                if word.text not in known:
                    help = did_you_mean(word.text, known) or f"Causes : {', '.join(f'`{c}`' for c in known)}."
                    body.fault("ATT-RESULTAT", f"cause inconnue : `{word.text}`", word.span, help)
            self.claims[*path, "regles", word.text] = Claim(word.text, word.span)
        misspelt = any(nearest(key, ["regles"]) for key in body.node.keys if key not in body.asked)
        if verdict and verdict != Verdict.ACCEPT and not words and not misspelt:
            help = "Ajoutez `regles: [IDENTIFIANT, …]` : les règles d'où vient ce verdict."
            message = f"ce scénario attend `{verdict}` sans dire par quelle règle"
            body.fault("SCE-REGLES", message, body.node.entries["verdict"].span, help)
        self.complete[*path, "regles"] = _place(body, "regles" if words else "verdict")

    def _amounts(self, body: Reader, path: Path) -> None:
        block = body.mapping("montants", required=False)
        for name, key in block.node.keys.items() if block else ():
            assert block is not None
            self._named_amount(block, name, key.span)
            self._amount(block, name, (*path, "montants", name))
        if block is not None:
            block.finish()

    def _amount(self, reader: Reader, key: str, path: Path, *, required: bool = True) -> None:
        node = reader.scalar(key, required)
        if node is None:
            return
        try:
            valid = node.text == UNKNOWN or (node.quoted and parse_decimal(node.text).is_finite())
        except ValueError:
            valid = False
        if not valid:
            help = f'Écrivez `"{number(node.text) or "8000.00"}"`, entre guillemets, ou `{UNKNOWN}`.'
            reader.fault("ATT-MONTANT", f"`{node.text}` n'est pas un montant", node.span, help)
            return
        self.claims[path] = Claim(node.text, node.span)

    def _reserves(self, body: Reader, path: Path) -> None:
        """`sous_reserve: {QUESTION: [amount, amount]}`."""
        block = body.mapping("sous_reserve", required=False)
        for name in block.node.keys if block else ():
            assert block is not None
            self._named_rule(block, block.node.keys[name])
            for word in block.words(name):
                self._named_amount(block, word.text, word.span)
                self.claims[*path, "sous_reserve", word.text, name] = Claim("sous réserve", word.span)
        if block is not None:
            block.finish()

    def _states(self, reader: Reader) -> None:
        block = reader.mapping("appreciations", required=False)
        for name in block.node.keys if block else ():
            assert block is not None
            self._named_rule(block, block.node.keys[name])
            self._word(block, name, ("appreciations",), _STATES, required=True)
        if block is not None:
            block.finish()
        self.complete["appreciations",] = _place(reader, "appreciations")

    def _recovery(self, reader: Reader, *, complete: bool) -> None:
        """`recouvrement: [{regle, etape, modalite, assiette, montant, clos}]`; every case is listed when `complete`.

        A rule of the context that is not a case of undue payment has `resultat` instead of a step, and may have
        `consequence`.
        """
        for item in reader.mappings(RECOVERY, "un cas de recouvrement"):
            name = item.scalar("regle")
            rule = self._named_rule(item, name) if name is not None else None
            if rule is not None and name is not None:
                if ("cas", rule.id) in self.claims:
                    help = "Gardez-en une seule description."
                    item.fault("PAQ-DOUBLON", f"`{rule.id}` est déjà attendue", name.span, help)
                if rule.claim is not None:
                    self._case(item, rule, name, required=complete)
                else:
                    for word in item.words("resultat"):
                        self._finding(item, rule, word, ("constats_recouvrement", rule.id, word.text))
                    # it gives no verdict, but decides whether something is left to do
                    path: Path = ("consequences_recouvrement", rule.id)
                    self._word(item, "consequence", path, tuple(map(str, Consequence)), required=False)
                item.finish()
        self.complete["cas",] = _place(reader, RECOVERY)
        if complete:
            self.complete[RECOVERY,] = _place(reader, RECOVERY)

    def _case(self, item: Reader, rule: Rule, name: Scalar, *, required: bool) -> None:
        path: Path = (RECOVERY, rule.id)
        self.claims["cas", rule.id] = Claim("ouvert", name.span)
        steps = dict.fromkeys(cause.name for one in self.rules[rule.id] for cause in one.causes)
        self._word(item, "etape", path, (*steps, UNKNOWN), required=True)
        self._word(item, "modalite", path, tuple(MODALITIES), required=required)
        self._word(item, "assiette", path, tuple(BASES), required=required)
        self._amount(item, "montant", (*path, "montant"), required=False)
        if item.node_at("clos", required) is not None:
            closed = "true" if item.boolean("clos") else "false"
            self.claims[*path, "clos"] = Claim(closed, item.node.entries["clos"].span)

    def _named_rule(self, reader: Reader, word: Scalar, name: str = "") -> Rule | None:
        name = name or _name(word.text)
        if name not in self.rules:
            help = did_you_mean(name, self.rules) or "Donnez l'identifiant d'une règle du paquet."
            reader.fault("ATT-REGLE", f"règle inconnue : `{name}`", word.span, help)
        return next(iter(self.rules.get(name, ())), None)

    def _answers(self, rule: Rule) -> list[str]:
        return [*dict.fromkeys(word for one in self.rules[rule.id] for word in answers(one))]

    def _named_amount(self, reader: Reader, name: str, place: Span) -> None:
        if name not in self.amounts:
            help = did_you_mean(name, self.amounts) or "Donnez le `nom` d'une règle `montant`."
            reader.fault("ATT-MONTANT", f"montant inconnu : `{name}`", place, help)


def _name(label: str) -> str:
    """The request of a label `embauche:3`, or the rule of `APP-CONTRAT:3`, without the key."""
    return label.partition(":")[0]


def _place(reader: Reader, key: str) -> Span:
    return reader.node.keys[key].span if key in reader.node.keys else reader.node.span


def expected(decision: Decision, label: str, amount: str = "") -> str:
    """What a scenario expects to get this decision on a request, in YAML: verdict, rules that decide, an amount."""
    flat = Observed(decision).flat
    path: Path = ("demandes", label)
    parts = [f"verdict: {flat[*path, 'verdict']}"]
    if flat[*path, "provisoire"] == "true":
        parts.append("provisoire: true")
    rules = [one[3] for one, text in flat.items() if one[:3] == (*path, "regles") and text == DECIDES]
    if rules:
        parts.append(f"regles: [{', '.join(quoted(rule) for rule in rules)}]")
    value = flat.get((*path, "montants", amount), "")
    if value:
        parts.append(f"montants: {{{amount}: {UNKNOWN if value == UNKNOWN else quoted(value)}}}")
    return f"{{{', '.join(parts)}}}"


def expected_recovery(decision: Decision, rule: str) -> str:
    """What a scenario expects to get this decision on the recovery, in YAML; empty without the case of this rule.

    Every case that is established is listed, and every finding: what a scenario leaves out is not expected.
    """
    flat = Observed(decision).flat
    if (RECOVERY, rule, "etape") not in flat:
        return ""
    items = []
    for name in dict.fromkeys([rule, *(case.rule for case in decision.recovery)]):
        values = {key: flat[RECOVERY, name, key] for key in ("etape", "modalite", "assiette")}
        amount = flat.get((RECOVERY, name, "montant"), "")
        parts = [f"{key}: {text}" for key, text in ({"regle": name} | values).items()]
        items.append([*parts, *([f"montant: {quoted(amount)}"] if amount else [])])
    found = [path for path in flat if path[0] == "constats_recouvrement"]
    items += [[f"regle: {path[1]}", f"resultat: {quoted(path[2])}"] for path in found]
    return "[" + ", ".join("{" + ", ".join(parts) + "}" for parts in items) + "]"


# --- the decision, laid flat ----------------------------------------------------------------------------------------


class Observed:
    """A decision as texts by path, and what there is to say about each of them."""

    def __init__(self, decision: Decision) -> None:
        self.flat: dict[Path, str] = {}
        # the result of every rule, the messages of notable ones, and the amounts, below `demandes › request`
        self.results: dict[Path, str] = {}
        self.messages: dict[Path, list[str]] = {}
        self.lines: dict[Path, AmountLine] = {}
        for request in decision.requests:
            self._request(request, ("demandes", request.label))
        for line in decision.appraisals:
            if line.state is not AppraisalState.RECORDED:
                self.flat["a_apprecier", line.label] = "ouverte"
            if line.state is not AppraisalState.OPEN:
                self.flat["appreciations", line.label] = str(line.state)
        self._findings(decision.recovery_findings, (), "constats_recouvrement")
        for finding in decision.recovery_findings:
            if finding.result is Result.FAILED and finding.consequence is not None:
                self.flat["consequences_recouvrement", finding.rule, "consequence"] = str(finding.consequence)
        for case in decision.recovery:
            self.flat["cas", case.rule] = "ouvert"
            values = {"etape": case.step or UNKNOWN, "modalite": case.modality, "assiette": case.basis}
            for key, text in {**values, "clos": "true" if case.closed else "false"}.items():
                self.flat[RECOVERY, case.rule, key] = text
            if case.amount.value is not None:
                self.flat[RECOVERY, case.rule, "montant"] = f"{case.amount.value:f}"
            self.lines[RECOVERY, case.rule, "montant"] = case.amount
            self.messages["cas", case.rule] = [_sentence(case.rule, case.step, case.message)]

    def _request(self, request: RequestDecision, path: Path) -> None:
        self.flat["presentes", request.label] = "présente"
        self.flat[*path, "verdict"] = str(request.verdict)
        self.flat[*path, "provisoire"] = "true" if request.provisional else "false"
        self._findings(request.findings, path, "constats")
        if request.verdict is not Verdict.ACCEPT:
            self.flat[*path, "reparation"] = "possible" if request.repair.possible else "impossible"
        for line in request.amounts:
            self.lines[*path, "montants", line.name] = line
            self.flat[*path, "montants", line.name] = UNKNOWN if line.value is None else f"{line.value:f}"
            for question in line.subject_to if line.value is not None else ():
                self.flat[*path, "sous_reserve", line.name, question] = "sous réserve"
        for finding in request.findings:
            if finding.result not in _QUIET:
                decides = _decides(finding, request)
                word = finding.cause or str(finding.result)
                self.flat[*path, "regles", f"{finding.rule}:{word}"] = DECIDES if decides else _SAYS
                if decides:
                    sentence = _sentence(finding.rule, word, finding.message)
                    self.messages.setdefault((*path, "verdict"), []).append(sentence)

    def _findings(self, findings: Iterable[Finding], path: Path, key: str) -> None:
        for finding in findings:
            text = f"{finding.result}:{finding.cause}" if finding.cause else str(finding.result)
            known = self.results.get((*path, finding.rule))
            self.results[*path, finding.rule] = f"{known}, {text}" if known else text
            if finding.result not in _QUIET:
                self.flat[*path, key, finding.rule, text] = text
                if finding.message:
                    self.messages.setdefault((*path, finding.rule), []).append(finding.message)

    def agrees(self, path: Path, expected: str) -> bool:
        """Whether the decision has the expected text at a path."""
        if path[2:3] == ("regles",):
            # a rule alone: with any cause
            return path in self.flat or any(known[:3] == path[:3] and _rule(known) == path[3] for known in self.flat)
        got = self.flat.get(path, "")
        if path[2:3] == ("montants",) or path[-1] == "montant":
            if expected != UNKNOWN and got not in ("", UNKNOWN):
                return Decimal(expected) == Decimal(got)
            return expected == (got or UNKNOWN) and (path in self.lines)
        return expected == got

    def got(self, path: Path) -> str:
        """The actual content at a path, in words."""
        if path[2:3] in (("regles",), ("constats",)):
            return self.results.get((*path[:2], _rule(path)), "la règle ne concerne pas cette demande")
        if path[0] == "constats_recouvrement":
            return self.results.get((path[1],), NOTHING)
        return self.flat.get(path) or ("absente du dossier" if path[0] == "presentes" else NOTHING)

    def notes(self, path: Path) -> tuple[str, ...]:
        """The explanation of a path: messages of rules, or the last operations of an amount."""
        if path[2:3] in (("regles",), ("constats",)):
            return tuple(self.messages.get((*path[:2], _rule(path)), ()))
        if path[0] in ("constats_recouvrement", RECOVERY, "cas") and path not in self.lines:
            key = ("cas", path[1]) if path[0] != "constats_recouvrement" else (path[1],)
            return tuple(self.messages.get(key, ()))
        line = self.lines.get(path)
        if line is None:
            return tuple(self.messages.get(path, ()))
        if line.value is None:
            return tuple(f"il manque : {datum.title or datum.name}" for datum in line.missing)
        steps = [text for text in map(sentence, line.steps) if text]
        return tuple(f"{line.rule} : {text}" for text in steps[-_STEPS:])


def _decides(finding: Finding, request: RequestDecision) -> bool:
    """Whether a finding decides the verdict, or makes it provisional."""
    if finding.result is Result.TO_APPRAISE:
        return True
    if request.verdict is Verdict.ACCEPT:
        return False
    heaviest = Consequence.REJECT if request.verdict is Verdict.REJECT else Consequence.COMPLETE
    return finding.consequence is heaviest


def _sentence(rule: str, cause: str, message: str) -> str:
    return f"{rule}:{cause} : {message}" if cause else f"{rule} : {message}"


def _rule(path: Path) -> str:
    """The rule concerned by a path under `regles` or `constats`."""
    return path[3].partition(":")[0]


# --- words ----------------------------------------------------------------------------------------------------------

_KEYS: Final = {
    "verdict": ("ESSAI-VERDICT", "verdict de `{}`"),
    "provisoire": ("ESSAI-VERDICT", "`provisoire` de `{}`"),
    "reparation": ("ESSAI-REPARATION", "réparation de `{}`"),
    "constats": ("ESSAI-REGLE", "`{1}` pour `{0}`"),
    "regles": ("ESSAI-REGLE", "`{1}` pour `{0}`"),
    "montants": ("ESSAI-MONTANT", "`{1}` de `{0}`"),
    "sous_reserve": ("ESSAI-RESERVE", "`{1}` de `{0}`, sous réserve de `{2}`"),
}
_ROOTS: Final = {
    "presentes": ("ESSAI-DEMANDE", "demande `{}`"),
    "a_apprecier": ("ESSAI-APPRECIATION", "question `{}`"),
    "appreciations": ("ESSAI-APPRECIATION", "réponse consignée à `{}`"),
    "constats_recouvrement": ("ESSAI-RECOUVREMENT", "`{}` pour le recouvrement"),
    "consequences_recouvrement": ("ESSAI-RECOUVREMENT", "conséquence de `{}`"),
    "cas": ("ESSAI-RECOUVREMENT", "cas `{}`"),
    RECOVERY: ("ESSAI-RECOUVREMENT", "`{1}` du cas `{0}`"),
}


def _difference(path: Path, expected: str, observed: Observed, place: Span) -> Difference:
    code, words = _KEYS[path[2]] if path[0] == "demandes" else _ROOTS[path[0]]
    names = [path[1], *path[3:]] if path[0] == "demandes" else [*path[1:]]
    subject = words.format(*(name.partition(":")[0] for name in names))
    if path[2:3] == ("regles",) and expected != NOTHING:
        expected = f"la cause `{expected.partition(':')[2]}`" if ":" in expected else _SAYS
    return Difference(code, subject, expected, observed.got(path), place, observed.notes(path))
