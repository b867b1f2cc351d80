"""What a person expects of the decision on a dossier, read strictly from YAML, and held against the decision.

An expectation and a decision are both laid flat, as short texts under paths (`demandes`, `solde`, `constats`,
`SOL-RIB`), so that one comparison serves both forms in which people write: a known dossier says everything that stands
out, a scenario the rules that decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

from recevable.decision.model import AppraisalState, Decision, Finding, RequestDecision, Verdict
from recevable.language.check import parse_decimal
from recevable.language.diagnostics import Span
from recevable.language.tree import AMOUNT_NAME
from recevable.pack.compiled import CompiledPack
from recevable.pack.examples import answers
from recevable.pack.hints import did_you_mean, number
from recevable.pack.kinds.undue import BASES, MODALITIES
from recevable.pack.model import Consequence, Result, Rule
from recevable.pack.nodes import Scalar
from recevable.pack.reader import Reader

# `montants: {solde_ttc: inconnu}`: the amount cannot be told.
UNKNOWN: Final = "inconnu"
_QUIET: Final = (Result.SATISFIED, Result.NOT_APPLICABLE)
_STATES: Final = tuple(str(state) for state in AppraisalState)

Path = tuple[str, ...]


class Claim(Struct, frozen=True):
    """One thing that is expected, and where it is written."""

    text: str
    place: Span


class Expectation(Struct, frozen=True):
    """Everything that is expected of a decision.

    `claims` are by path; `complete` are the paths below which nothing may come that is not claimed, each with the place
    to point at.
    """

    claims: Mapping[Path, Claim]
    complete: Mapping[Path, Span]


class Difference(Struct, frozen=True):
    """What was expected and what came (empty: nothing), where the expectation is written, and what it is about."""

    subject: str
    expected: str
    got: str
    place: Span


def differences(expectation: Expectation, decision: Decision) -> list[Difference]:
    """Everything that is not as expected, in the order of the expectation, then what was not expected at all."""
    observed = _Observed(decision).flat
    found = [
        Difference(_subject(path), claim.text, observed.get(path, ""), claim.place)
        for path, claim in expectation.claims.items()
        if not _same(path, claim.text, observed.get(path, ""))
    ]
    for path, text in observed.items():
        if path in expectation.claims or not text:
            continue
        place = next((span for above, span in expectation.complete.items() if path[: len(above)] == above), None)
        if place is not None:
            found.append(Difference(_subject(path), "", text, place))
    return found


def _same(path: Path, expected: str, got: str) -> bool:
    if expected == got:
        return True
    if "montants" in path or path[-1] == "montant":
        return got not in ("", UNKNOWN) and expected != UNKNOWN and Decimal(expected) == Decimal(got)
    if path[-2:-1] == ("regles",):
        # a rule alone: by whatever cause
        return bool(got) and (":" not in expected or expected in got.split())
    return False


def _subject(path: Path) -> str:
    return " › ".join(path[1:] if path[0] == "demandes" else path)


# --- reading --------------------------------------------------------------------------------------------------------


class ExpectationReader:
    """Reads expectations against the names that a pack knows; faults go to the readers' diagnostics."""

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled, self.rules = compiled, compiled.pack.rules
        self.amounts = [name for name, (op, _) in compiled.names.items() if op == AMOUNT_NAME]

    def known_dossier(self, reader: Reader) -> Expectation:
        """What `.attendu.yaml` says: everything that stands out, per request and for recovery."""
        self.claims: dict[Path, Claim] = {}
        self.complete: dict[Path, Span] = {}
        for request, body in self._requests(reader, "demandes"):
            path: Path = ("demandes", request)
            self._verdict(body, path)
            self._findings(body, "constats", path)
            self._word(body, "reparation", path, ("possible", "impossible"))
            self._amounts(body, path)
            self._reserves(body, path)
            self.complete[*path, "constats"] = body.node.span
            self.complete[*path, "reparation"] = body.node.span
            body.finish()
        self.complete["presentes",] = self._place(reader, "demandes")
        for word in reader.words("a_apprecier"):
            self._rule_named(reader, word, ("a_apprecier", word.text), "ouverte")
        self.complete["a_apprecier",] = self._place(reader, "a_apprecier")
        self._states(reader)
        self._findings(reader, "constats_recouvrement", ())
        self.complete["constats_recouvrement",] = reader.node.span
        self._recovery(reader)
        if "recouvrement" in reader.node.entries:
            self.complete["recouvrement",] = self._place(reader, "recouvrement")
        return Expectation(self.claims, self.complete)

    def scenario(self, reader: Reader) -> Expectation:
        """What a scenario says of each request: verdict, deciding rules, amounts; and the cases of undue payment."""
        self.claims, self.complete = {}, {}
        for request in reader.node.keys:
            if request == "recouvrement":
                continue
            for _, body in self._request(reader, request):
                path: Path = ("demandes", request)
                verdict = self._verdict(body, path, scenario=True)
                self._deciding(body, path, verdict)
                self._amounts(body, path)
                body.finish()
        self._recovery(reader, required=False)
        reader.finish()
        return Expectation(self.claims, self.complete)

    def _requests(self, reader: Reader, key: str) -> Iterator[tuple[str, Reader]]:
        block = reader.mapping(key)
        for request in block.node.keys if block else ():
            assert block is not None
            yield from self._request(block, request)
        if block is not None:
            block.finish()

    def _request(self, block: Reader, request: str) -> Iterator[tuple[str, Reader]]:
        known = tuple(self.compiled.pack.manifest.requests)
        if request not in known:
            help = did_you_mean(request, known) or f"Demandes : {', '.join(f'`{name}`' for name in known)}."
            block.has(request)
            block.fault("ATT-DEMANDE", f"demande inconnue : `{request}`", block.node.keys[request].span, help)
            return
        body = block.mapping(request, f"la demande `{request}`")
        if body is not None:
            self.claims["presentes", request] = Claim("oui", block.node.keys[request].span)
            yield request, body

    def _verdict(self, body: Reader, path: Path, *, scenario: bool = False) -> str:
        verdict = self._word(body, "verdict", path, tuple(map(str, Verdict)), required=True)
        if body.has("provisoire") or not scenario:
            provisional = body.boolean("provisoire")
            place = body.node.entries.get("provisoire")
            span = place.span if place is not None else self._place(body, "verdict")
            self.claims[*path, "provisoire"] = Claim("true" if provisional else "false", span)
        return verdict

    def _word(self, body: Reader, key: str, path: Path, choices: tuple[str, ...], *, required: bool = False) -> str:
        word = body.choice(key, choices, required=required)
        if word:
            self.claims[*path, key] = Claim(word, body.node.entries[key].span)
        return word

    def _findings(self, body: Reader, key: str, path: Path) -> None:
        """`constats: {RULE: result}` or `{RULE: [result, result]}`."""
        block = body.mapping(key, required=False)
        for name in block.node.keys if block else ():
            assert block is not None
            rule = self._rule(block, block.node.keys[name])
            for word in block.words(name):
                known = answers(rule) if rule is not None else [word.text]
                if word.text not in known:
                    help = did_you_mean(word.text, known) or f"Résultats : {', '.join(f'`{r}`' for r in known)}."
                    block.fault("ATT-RESULTAT", f"résultat inconnu : `{word.text}`", word.span, help)
                self.claims[*path, key, name, word.text] = Claim(word.text, word.span)
        if block is not None:
            block.finish()

    def _deciding(self, body: Reader, path: Path, verdict: str) -> None:
        """`regles: [RULE, RULE:cause]`: exactly the rules from which the verdict comes."""
        words = body.words("regles", required=False)
        for word in words:
            name, _, cause = word.text.partition(":")
            rule = self._rule(body, word, name)
            if rule is not None and cause and cause not in [known.name for known in rule.causes]:
                causes = [f"{name}:{known.name}" for known in rule.causes]
                help = did_you_mean(word.text, causes) or f"Causes : {', '.join(f'`{c}`' for c in causes) or 'aucune'}."
                body.fault("ATT-RESULTAT", f"cause inconnue : `{word.text}`", word.span, help)
            self.claims[*path, "regles", name] = Claim(word.text, word.span)
        if verdict and verdict != Verdict.ACCEPT and not words:
            help = "Ajoutez `regles: [IDENTIFIANT, …]` : les règles d'où vient ce verdict."
            message = f"ce scénario attend `{verdict}` sans dire par quelle règle"
            body.fault("SCE-REGLES", message, self._place(body, "verdict"), help)
        self.complete[*path, "regles"] = self._place(body, "regles" if words else "verdict")

    def _amounts(self, body: Reader, path: Path) -> None:
        block = body.mapping("montants", required=False)
        for name, key in block.node.keys.items() if block else ():
            assert block is not None
            if name not in self.amounts:
                help = did_you_mean(name, self.amounts) or "Donnez le `nom` d'une règle `montant`."
                block.fault("ATT-MONTANT", f"montant inconnu : `{name}`", key.span, help)
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
        block = body.mapping("sous_reserve", required=False)
        for name in block.node.keys if block else ():
            assert block is not None
            self._rule(block, block.node.keys[name])
            for word in block.words(name):
                if word.text not in self.amounts:
                    help = did_you_mean(word.text, self.amounts) or "Donnez le `nom` d'une règle `montant`."
                    block.fault("ATT-MONTANT", f"montant inconnu : `{word.text}`", word.span, help)
                self.claims[*path, "sous_reserve", name, word.text] = Claim("oui", word.span)
        if block is not None:
            block.finish()

    def _states(self, reader: Reader) -> None:
        block = reader.mapping("appreciations", required=False)
        for name in block.node.keys if block else ():
            assert block is not None
            self._rule(block, block.node.keys[name])
            self._word(block, name, ("appreciations",), _STATES, required=True)
        if block is not None:
            block.finish()
        self.complete["appreciations",] = reader.node.span

    def _recovery(self, reader: Reader, *, required: bool = True) -> None:
        cases = list(reader.mappings("recouvrement", "un cas de recouvrement", required))
        if "recouvrement" in reader.node.entries:
            place = self._place(reader, "recouvrement")
            self.claims["recouvrement", "nombre"] = Claim(str(len(cases)), place)
        for rank, item in enumerate(cases, start=1):
            path: Path = ("recouvrement", str(rank))
            name = item.scalar("regle")
            if name is not None:
                rule = self._rule(item, name)
                self.claims[*path, "regle"] = Claim(name.text, name.span)
                steps = tuple(cause.name for cause in rule.causes) if rule is not None else ()
                self._word(item, "etape", path, steps)
            self._word(item, "modalite", path, MODALITIES)
            self._word(item, "assiette", path, BASES)
            self._amount(item, "montant", (*path, "montant"), required=False)
            if item.has("clos"):
                closed = "true" if item.boolean("clos") else "false"
                self.claims[*path, "clos"] = Claim(closed, item.node.entries["clos"].span)
            item.finish()

    def _rule_named(self, reader: Reader, word: Scalar, path: Path, text: str) -> None:
        self._rule(reader, word)
        self.claims[path] = Claim(text, word.span)

    def _rule(self, reader: Reader, word: Scalar, name: str = "") -> Rule | None:
        name = name or word.text
        if name not in self.rules:
            help = did_you_mean(name, self.rules) or "Donnez l'identifiant d'une règle du paquet."
            reader.fault("ATT-REGLE", f"règle inconnue : `{name}`", word.span, help)
        return self.rules.get(name)

    def _place(self, reader: Reader, key: str) -> Span:
        return reader.node.keys[key].span if key in reader.node.keys else reader.node.span


# --- the decision, laid flat ----------------------------------------------------------------------------------------


class _Observed:
    def __init__(self, decision: Decision) -> None:
        self.flat: dict[Path, str] = {}
        for request in decision.requests:
            self._request(request, ("demandes", request.name))
        for line in decision.appraisals:
            if line.state is not AppraisalState.RECORDED:
                self.flat["a_apprecier", line.rule] = "ouverte"
            if line.state is not AppraisalState.OPEN:
                self.flat["appreciations", line.rule] = str(line.state)
        self._findings(decision.recovery_findings, ("constats_recouvrement",))
        self.flat["recouvrement", "nombre"] = str(len(decision.recovery))
        for rank, case in enumerate(decision.recovery, start=1):
            path = ("recouvrement", str(rank))
            told = {"regle": case.rule, "etape": case.step, "modalite": case.modality, "assiette": case.basis}
            for key, text in {**told, "clos": "true" if case.closed else "false"}.items():
                self.flat[*path, key] = text
            if case.amount.value is not None:
                self.flat[*path, "montant"] = f"{case.amount.value:f}"

    def _request(self, request: RequestDecision, path: Path) -> None:
        self.flat["presentes", request.name] = "oui"
        self.flat[*path, "verdict"] = str(request.verdict)
        self.flat[*path, "provisoire"] = "true" if request.provisional else "false"
        self._findings(request.findings, (*path, "constats"))
        if request.verdict is not Verdict.ACCEPT:
            self.flat[*path, "reparation"] = "possible" if request.repair.possible else "impossible"
        for line in request.amounts:
            self.flat[*path, "montants", line.name] = UNKNOWN if line.value is None else f"{line.value:f}"
            for question in line.subject_to:
                self.flat[*path, "sous_reserve", question, line.name] = "oui"
        for finding in _deciding(request):
            said = f"{finding.rule}:{finding.cause}" if finding.cause else finding.rule
            key = (*path, "regles", finding.rule)
            self.flat[key] = f"{self.flat[key]} {said}" if key in self.flat else said

    def _findings(self, findings: Iterable[Finding], path: Path) -> None:
        for finding in findings:
            if finding.result not in _QUIET:
                text = f"{finding.result}:{finding.cause}" if finding.cause else str(finding.result)
                self.flat[*path, finding.rule, text] = text


def _deciding(request: RequestDecision) -> Iterator[Finding]:
    """The findings from which the verdict of a request comes."""
    rejected = request.verdict is Verdict.REJECT
    for finding in request.findings:
        if finding.result in _QUIET or request.verdict is Verdict.ACCEPT:
            continue
        if finding.consequence is (Consequence.REJECT if rejected else Consequence.COMPLETE):
            yield finding
