"""A decision as JSON data, described by schemas/decision.schema.json.

Amounts and rates are strings (`"86124.32"`), instants are in UTC, unknown values are null.

Most of a decision is findings that say nothing of the dossier (satisfied, not applicable), the same objects in many
decisions: the bytes of each are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

import msgspec

from recevable.decision.calculation import formula
from recevable.decision.model import (
    Action,
    AmountLine,
    AmountStep,
    AppraisalLine,
    Datum,
    Decision,
    Element,
    ElementLine,
    Finding,
    HouseDefault,
    Part,
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
from recevable.pack.model import Version
from recevable.printed import in_json

# Makes the JSON data of one value.
_Data = Callable[[Any], Any]


class _Plainly:
    """Writes the values of which many decisions have the same as the rest."""

    def one(self, value: object, data: _Data) -> Any:
        """A value."""
        return data(value)

    def all(self, values: Sequence[object], data: _Data) -> Any:
        """A list of values."""
        return [data(value) for value in values]

    def findings(self, parts: Sequence[Part]) -> Any:
        """The findings of parts, as one list."""
        return [_finding(finding) for part in parts for finding in part.findings]


_PLAINLY: Final = _Plainly()


def decision_data(decision: Decision, listed: _Plainly = _PLAINLY) -> dict[str, Any]:
    """The JSON data of a whole decision."""
    version = decision.version
    receipt = decision.receipt
    return {
        "reference": decision.reference,
        "programme": {
            "id": decision.programme,
            "titre": decision.title,
            "version": _version(version),
        },
        "date_de_decision": decision.decided_on.isoformat(),
        "acceptee": decision.accepted,
        "demandes": {request.label: _request(request, listed) for request in decision.requests},
        "recouvrement": {
            "cas": [_case(case) for case in decision.recovery],
            "constats": listed.findings(decision.recovery_parts),
            "defauts_maison": listed.all(decision.recovery_defaults, _default),
            **_trace(decision.recovery_trace),
        },
        "appreciations": [_appraisal(line) for line in decision.appraisals],
        **_evidence(decision),
        "recu": {
            "moteur": receipt.engine,
            "moteur_sha256": receipt.engine_sha256,
            "paquet": receipt.programme,
            "paquet_sha256": receipt.pack_sha256,
            "schema_sha256": receipt.schema_sha256,
            "dossier_sha256": receipt.dossier_sha256,
            "versions": dict(receipt.versions),
            "date_de_decision": receipt.decided_on.isoformat(),
            "accord": _agreement(receipt.sample),
        },
    }


def reported(name: str, decision: Decision) -> dict[str, Any]:
    """The JSON data of a decision in a report on several dossiers: the name of the input first (file, or file:line)."""
    return {"dossier": name, **decision_data(decision)}


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


def decision_line(decision: Decision, name: str | None = None) -> bytes:
    """A decision as UTF-8 JSON on one line, without a newline: the bytes of `line`; `name` as in `reported`."""
    aside = _Aside()
    data = decision_data(decision, aside)
    encoded = msgspec.json.encode(data if name is None else {"dossier": name, **data}).decode()
    first, *others = in_json(encoded).encode().split(_MARK)
    parts = [first]
    for text, after in zip(aside.texts, others, strict=True):
        parts += (text, after)
    return b"".join(parts)


# Holds the place of what is written already; no text in JSON has this character, which is always escaped there.
_MARK: Final = b"\n"
_PLACE: Final = msgspec.Raw(_MARK)
# The bytes of values by identity, which each keeps alive: those that say nothing of the dossier, and the latest of
# those that do, which are the same for many dossiers.
_KEPT: Final[dict[int, tuple[object, bytes]]] = {}
_WRITTEN: Final[dict[int, tuple[object, bytes]]] = {}
_PARTS: Final[dict[int, tuple[object, bytes]]] = {}
_MOST: Final = 16_384
_MOST_PARTS: Final = 4_096
_MOST_WRITTEN: Final = 8_192
_TEXT: Final[Callable[[tuple[object, bytes]], bytes]] = itemgetter(1)


class _Aside(_Plainly):
    """Sets aside the bytes of the values that are kept; `texts` are those of each place."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []

    def one(self, value: object, data: _Data) -> Any:
        self.texts.append((_WRITTEN.get(id(value)) or _written(value, data))[1])
        return _PLACE

    def all(self, values: Sequence[object], data: _Data) -> Any:
        kept, said = _KEPT.get, _WRITTEN.get
        written = [kept(id(one)) or said(id(one)) or _written(one, data) for one in values]
        self.texts.append(b"[%b]" % b",".join(map(_TEXT, written)))
        return _PLACE

    def findings(self, parts: Sequence[Part]) -> Any:
        kept = _PARTS.get
        self.texts.append(b"[%b]" % b",".join([(kept(id(part)) or _part_written(part))[1] for part in parts]))
        return _PLACE


def _part_written(part: Part) -> tuple[object, bytes]:
    if part.notable:
        said = _WRITTEN.get
        written = [(said(id(one)) or _written(one, _finding))[1] for one in part.findings]
        return part, written[0] if len(written) == 1 else b",".join(written)
    kept = _KEPT.get
    text = part, b",".join([(kept(id(one)) or _written(one, _finding))[1] for one in part.findings])
    if len(_PARTS) >= _MOST_PARTS:
        _PARTS.clear()
    _PARTS[id(part)] = text
    return text


def _written(value: object, data: _Data) -> tuple[object, bytes]:
    written = (value, line(data(value)))
    kept, most = (_WRITTEN, _MOST_WRITTEN) if _says(value) else (_KEPT, _MOST)
    if len(kept) >= most:
        kept.clear()
    kept[id(value)] = written
    return written


def _says(value: object) -> bool:
    """Whether a value says something of the dossier."""
    if isinstance(value, Finding):
        return bool(value.message or value.values or value.missing)
    return not isinstance(value, HouseDefault)


def line(data: object) -> bytes:
    """UTF-8 JSON on one line, without a newline."""
    return dump(data, indent=False).encode()


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


def _request(request: RequestDecision, listed: _Plainly = _PLAINLY) -> dict[str, Any]:
    payable = request.payable
    return {
        "titre": request.title,
        **({"demande": request.name, "cle": request.key, "place": request.place} if request.key else {}),
        "recue_le": plain(request.received),
        "versions": [
            {
                "reference": "texte" if applied.text else "decision" if applied.by_decision else "reception",
                "date": plain(applied.day),
                "version": _version(applied.version),
            }
            for applied in request.versions
        ],
        "verdict": str(request.verdict),
        "provisoire": request.provisional,
        "bilan": {str(result): count for result, count in request.counts().items()},
        "constats": listed.findings(request.parts),
        "montants": listed.all(request.amounts, _amount),
        **({"elements": [_element_line(line) for line in request.elements]} if request.elements else {}),
        "montant_propose": None if payable is None else listed.one(payable, _amount),
        "deja_regle": request.settled if request.proposed is not None else None,
        "montant_estime": None if request.proposed is None else listed.one(request.proposed, _amount),
        "reparation": _repair(request.repair),
        "defauts_maison": listed.all(request.defaults, _default),
        **_trace(request.trace),
    }


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


def _trace(lines: Sequence[TraceLine]) -> dict[str, Any]:
    """The `trace` member; empty when no trace was requested."""
    if not lines:
        return {}
    return {
        "trace": [
            {
                "regle": line.rule,
                **({"element": line.element} if line.element else {}),
                "cause": line.cause or None,
                "issue": line.outcome,
                "tests": [
                    {"expression": t.text, "valeur": t.value, "lu": [_datum(datum) for datum in t.data]}
                    for t in line.tests
                ],
            }
            for line in lines
        ]
    }


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
