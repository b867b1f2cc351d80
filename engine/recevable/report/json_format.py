"""A decision as JSON data, described by schemas/decision.schema.json.

Amounts and rates are strings (`"86124.32"`), instants are in UTC, unknown values are null.

Most of a decision is findings that say nothing of the dossier (satisfied, not applicable), the same objects in many
decisions: the bytes of each are kept, and a decision is written by joining them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec

from recevable.decision.calculation import formula
from recevable.decision.model import (
    Action,
    AmountLine,
    AmountStep,
    AppliedVersion,
    AppraisalLine,
    Datum,
    Decision,
    Element,
    ElementLine,
    Finding,
    HouseDefault,
    Part,
    Receipt,
    RecoveryCase,
    Repair,
    RequestDecision,
    TraceLine,
)
from recevable.decision.steps import OVER_LIST
from recevable.decision.wording import cents
from recevable.inference.agreement import ALWAYS, SAMPLED, Sample
from recevable.language.calendar import Duration
from recevable.language.diagnostics import Diagnostic
from recevable.language.tables import Grid, Scale
from recevable.language.types import Kind, Type
from recevable.language.unparse import literal
from recevable.pack.model import Result, Version
from recevable.printed import in_json


def decision_data(decision: Decision) -> dict[str, Any]:
    """The JSON data of a whole decision."""
    found: dict[str, Any] = msgspec.json.decode(decision_line(decision))
    return found


def decision_line(decision: Decision, name: str | None = None) -> bytes:
    """A decision as UTF-8 JSON on one line, without a newline.

    `name`, of the input in a run over several dossiers (file, or file:line), comes first when it is given.
    """
    texts: list[bytes] = [
        b'{%b"reference":%b,"programme":{"id":%b,"titre":%b,"version":%b},"date_de_decision":"%b","acceptee":%b,"demandes":{'
        % (
            b"" if name is None else b'"dossier":%b,' % line(name),
            line(decision.reference),
            _name(decision.programme),
            _name(decision.title),
            _shared(decision.version, _version),
            decision.decided_on.isoformat().encode(),
            _truth(decision.accepted),
        )
    ]
    for rank, request in enumerate(decision.requests):
        texts.append(b"%b%b:{" % (b"," if rank else b"", _name(request.label)))
        _write_request(request, texts)
    texts.append(b'},"recouvrement":{"cas":%b,"constats":[' % line([_case(case) for case in decision.recovery]))
    _write_findings(decision.recovery_parts, texts)
    texts.append(b'],"defauts_maison":%b' % _shared(decision.recovery_defaults, _defaults))
    _write_trace(decision.recovery_trace, texts)
    rest = {
        "appreciations": [_appraisal(one) for one in decision.appraisals],
        **_evidence(decision),
        "recu": _receipt(decision.receipt),
    }
    texts += (b",", line(rest)[1:])
    return b"".join(texts)


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "moteur": receipt.engine,
        "moteur_sha256": receipt.engine_sha256,
        "paquet": receipt.programme,
        "paquet_sha256": receipt.pack_sha256,
        "schema_sha256": receipt.schema_sha256,
        "dossier_sha256": receipt.dossier_sha256,
        "versions": dict(receipt.versions),
        "date_de_decision": receipt.decided_on.isoformat(),
        "accord": _agreement(receipt.sample),
    }


def _agreement(sample: Sample | None) -> dict[str, Any]:
    """The `accord` member, which is always there: a receipt that lost it is no receipt of a full agreement."""
    return {"mode": ALWAYS} if sample is None else {"mode": SAMPLED, "un_sur": sample.one_in, "tire": sample.drawn}


def _evidence(decision: Decision) -> dict[str, Any]:
    """The `preuve` member; empty when no proof was attached."""
    if decision.evidence is None:
        return {}
    return {
        "preuve": [
            {"niveau": e.level, "champ": e.field or None, "message": e.message, "declare": e.stated, "prouve": e.proven}
            for e in decision.evidence
        ]
    }


def diagnostic_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """The JSON data of a diagnostic."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "gravite": str(diagnostic.severity),
        "fichier": span.file if span else None,
        "ligne": span.line if span else None,
        "colonne": span.column if span else None,
        "message": diagnostic.message,
        "aide": diagnostic.help,
    }


def fault_data(name: str | None, diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """The JSON data returned instead of a decision when there is none; `name` is the name of the dossier."""
    return {"dossier": name, "erreurs": [diagnostic_data(one) for one in diagnostics]}


# The bytes of values by identity, which each keeps alive: those that say nothing of the dossier, and the latest of
# those that do, which are the same for many dossiers.
_KEPT: Final[dict[int, tuple[object, bytes]]] = {}
_WRITTEN: Final[dict[int, tuple[object, bytes]]] = {}
_PARTS: Final[dict[int, tuple[object, bytes]]] = {}
_MOST: Final = 16_384
_MOST_WRITTEN: Final = 8_192
_MOST_PARTS: Final = 4_096


def _shared(value: object, data: Callable[[Any], Any]) -> bytes:
    """The bytes of a value that many dossiers have and that says nothing of any."""
    found = _KEPT.get(id(value))
    return (found or _keep(_KEPT, _MOST, value, line(data(value))))[1]


def _said(value: object, data: Callable[[Any], Any]) -> bytes:
    """The bytes of a value that says something of a dossier."""
    found = _WRITTEN.get(id(value))
    return (found or _keep(_WRITTEN, _MOST_WRITTEN, value, line(data(value))))[1]


def _keep(known: dict[int, tuple[object, bytes]], most: int, value: object, text: bytes) -> tuple[object, bytes]:
    if len(known) >= most:
        known.clear()
    found = known[id(value)] = value, text
    return found


def _write_findings(parts: Sequence[Part], texts: list[bytes]) -> None:
    """Add the findings of parts, and what separates them."""
    comma = False
    for part in parts:
        if not part.findings:
            continue
        if comma:
            texts.append(b",")
        comma = True
        if part.notable:
            texts.append(_said(part, _findings)[1:-1])
        else:
            found = _PARTS.get(id(part))
            if found is None:
                text = b",".join([_shared(finding, _finding) for finding in part.findings])
                found = _keep(_PARTS, _MOST_PARTS, part, text)
            texts.append(found[1])


def _write_trace(lines: Sequence[TraceLine], texts: list[bytes]) -> None:
    """Add what closes an object, before it the `trace` member when a trace was requested."""
    texts.append(b',"trace":%b}' % line([_trace(one) for one in lines]) if lines else b"}")


@lru_cache(maxsize=1024)
def _name(text: str) -> bytes:
    return line(text)


@lru_cache(maxsize=1024)
def _balance(totals: tuple[int, ...]) -> bytes:
    return line({str(result): count for result, count in zip(Result, totals, strict=True)})


def _truth(value: bool | None) -> bytes:
    return b"null" if value is None else b"true" if value else b"false"


def line(data: object) -> bytes:
    """UTF-8 JSON on one line, without a newline."""
    encoded = msgspec.json.encode(data)
    # what is left of a text that nothing has to be escaped in: most names and all figures
    if encoded.isascii() and b"\x7f" not in encoded and b"##" not in encoded:
        return encoded
    return in_json(encoded.decode()).encode()


def indented(written: bytes) -> str:
    """A line of JSON on several."""
    return msgspec.json.format(written, indent=2).decode()


def dump(data: object, *, indent: bool) -> str:
    """JSON text, keys in the given order, invisible characters escaped."""
    encoded = msgspec.json.encode(data)
    return in_json((msgspec.json.format(encoded, indent=2) if indent else encoded).decode())


# The types of JSON data that have no other form.
_AS_IT_IS: Final = frozenset({str, int, bool, type(None)})


def plain(value: Any) -> Any:
    """Convert a value of the rule language to JSON data."""
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Duration):
        return {"mois": value.months, "jours": value.days, "secondes": value.seconds}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Grid | Scale):
        return literal(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _version(version: Version | None) -> dict[str, str] | None:
    if version is None:
        return None
    return {"numero": version.version, "a_partir_du": version.start.isoformat(), "source": version.source}


def _write_request(request: RequestDecision, texts: list[bytes]) -> None:
    """Add the members of a request, and what closes it."""
    payable = request.payable
    one_of_many = {"demande": request.name, "cle": request.key, "place": request.place}
    texts.append(
        b'"titre":%b,%b"recue_le":%b,"versions":%b,"verdict":"%b","provisoire":%b,"bilan":%b,"constats":['
        % (
            _name(request.title),
            line(one_of_many)[1:-1] + b"," if request.key else b"",
            line(plain(request.received)),
            _said(request.versions, _versions),
            request.verdict.encode(),
            _truth(request.provisional),
            _balance(request.totals),
        )
    )
    _write_findings(request.parts, texts)
    texts.append(
        b'],"montants":[%b],%b"montant_propose":%b,"deja_regle":%b,"montant_estime":%b,"reparation":%b,"defauts_maison":%b'
        % (
            b",".join([_said(amount, _amount) for amount in request.amounts]),
            b'"elements":%b,' % line([_element_line(one) for one in request.elements]) if request.elements else b"",
            b"null" if payable is None else _said(payable, _amount),
            b"null" if request.proposed is None else _truth(request.settled),
            b"null" if request.proposed is None else _said(request.proposed, _amount),
            line(_repair(request.repair)),
            _shared(request.defaults, _defaults),
        )
    )
    _write_trace(request.trace, texts)


def _versions(versions: Sequence[AppliedVersion]) -> list[dict[str, Any]]:
    return [
        {
            "reference": "texte" if applied.text else "decision" if applied.by_decision else "reception",
            "date": plain(applied.day),
            "version": _version(applied.version),
        }
        for applied in versions
    ]


def _defaults(defaults: Sequence[HouseDefault]) -> list[dict[str, Any]]:
    return [_default(default) for default in defaults]


def _default(default: HouseDefault) -> dict[str, Any]:
    value = {"valeur": _number(default.value, default.type)} if default.parameter else {}
    return {
        "nature": "parametre" if default.parameter else "regle",
        "nom": default.name,
        "titre": default.title,
        **value,
        "raison": default.reason,
        "source": default.source,
        "regles": list(default.rules),
    }


def _trace(line: TraceLine) -> dict[str, Any]:
    return {
        "regle": line.rule,
        **({"element": line.element} if line.element else {}),
        "cause": line.cause or None,
        "issue": line.outcome,
        "tests": [
            {"expression": t.text, "valeur": t.value, "lu": [_datum(datum) for datum in t.data]} for t in line.tests
        ],
    }


def _findings(part: Part) -> list[dict[str, Any]]:
    return [_finding(finding) for finding in part.findings]


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "regle": finding.rule,
        "titre": finding.title,
        "resultat": str(finding.result),
        "cause": finding.cause or None,
        "consequence": None if finding.consequence is None else str(finding.consequence),
        "message": finding.message,
        "source": finding.source,
        "exigences": list(finding.requirements),
        "aupres_de": finding.party or None,
        "reparation": finding.repair,
        "valeurs": [_datum(datum) for datum in finding.values],
        "manquants": [_datum(datum) for datum in finding.missing],
        **({"element": _element(finding.element)} if finding.element is not None else {}),
    }


def _element(element: Element) -> dict[str, str]:
    return {"liste": element.list, "cle": element.key, "intitule": element.label, "place": element.place}


def _element_line(line: ElementLine) -> dict[str, Any]:
    return {
        **_element(line.element),
        "ecarte": line.set_aside,
        "regles": list(line.rules),
        "montants": [_amount(amount) for amount in line.amounts],
    }


def _datum(datum: Datum) -> dict[str, Any]:
    value = {} if datum.type.kind == "objet" and datum.value is not None else plain(datum.value)
    found = {"nom": datum.name, "titre": datum.title, "type": str(datum.type.kind), "valeur": value}
    return {**found, "empechement": datum.fault} if datum.fault else found


def _amount(line: AmountLine) -> dict[str, Any]:
    return {
        "nom": line.name,
        "titre": line.title,
        "type": str(line.type.kind),
        "valeur": _number(line.value, line.type),
        "provisoire": line.provisional,
        "sous_reserve_de": list(line.subject_to),
        "regle": line.rule,
        "source": line.source,
        "etapes": [_step(step) for step in line.steps],
        "manquants": [_datum(datum) for datum in line.missing],
    }


def _step(step: AmountStep) -> dict[str, Any]:
    found = {
        "calcul": formula(step, written_operand),
        "operation": step.operation,
        "operandes": [
            written_operand(operand) if isinstance(operand, Duration) else plain(operand) for operand in step.operands
        ],
        "valeur": plain(step.value),
    }
    return {**found, "elements": step.elements} if step.operation in OVER_LIST else found


def written_operand(value: Any) -> str:
    """An operand of a step, on one line, close to the rule language."""
    return literal(value) if isinstance(value, Duration) else str(plain(value))


def _number(value: Any, type_: Type) -> Any:
    return euros(value) if isinstance(value, int | Decimal) and type_.kind is Kind.AMOUNT else plain(value)


def euros(value: int | Decimal) -> str:
    """An amount with at least two decimals; further significant decimals are kept."""
    return f"{cents(value):f}"


def _repair(repair: Repair) -> dict[str, Any]:
    return {
        "possible": repair.possible,
        "actions": [_action(action) for action in repair.actions],
        "obstacles": list(repair.obstacles),
        "nouvelle_demande": [_action(action) for action in repair.renewal],
    }


def _action(action: Action) -> dict[str, Any]:
    return {"action": action.text, "aupres_de": action.party, "regles": list(action.rules)}


def _case(case: RecoveryCase) -> dict[str, Any]:
    return {
        "regle": case.rule,
        "titre": case.title,
        "modalite": case.modality,
        "etape": case.step or None,
        "message": case.message,
        "assiette": case.basis,
        "montant": _amount(case.amount),
        "clos": case.closed,
        "source": case.source,
        "exigences": list(case.requirements),
        "manquants": [_datum(datum) for datum in case.missing],
    }


def _appraisal(line: AppraisalLine) -> dict[str, Any]:
    return {
        "regle": line.rule,
        **({"cle": line.key} if line.key else {}),
        "titre": line.title,
        "question": line.question,
        "reponses": list(line.answers),
        "demandes": list(line.requests),
        "etat": str(line.state),
        "motif_d_etat": line.reason,
        "consignee": plain(dict(line.record)) or None,
        "source": line.source,
    }
