"""Write scenarios whose expected decision is the engine's, from a known dossier and some changes."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from recevable import files
from recevable.decision.model import Decision
from recevable.dossier.limits import MAX_BYTES
from recevable.drafts.desk import MODELINE, Desk, received
from recevable.inference.definitions import Contradiction
from recevable.language.calendar import parse_date
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.edit import quoted
from recevable.pack.model import RECOVERY
from recevable.pack.nodes import to_data
from recevable.pack.yaml_strict import read_alone
from recevable.trials.expectations import expected, expected_recovery
from recevable.trials.known import EXPECTED, known_dossiers
from recevable.trials.scenarios import ABSENT, FOLDER

_SCHEMA: Final = "# yaml-language-server: $schema=../../../schemas/scenarios.schema.json\n"


class Base(Struct, frozen=True):
    """A dossier to start from: its name, its data, the day on which it is decided and what is expected of it."""

    name: str
    data: dict[str, Any]
    day: str
    expected: Mapping[str, Any]


def bases(desk: Desk) -> list[Base]:
    """The known dossiers of the pack, with their expected decisions; those that cannot be read are left out."""
    folder = known_dossiers(desk.opened)
    found = []
    for path in sorted(folder.glob(f"*{EXPECTED}")) if folder is not None else ():
        beside = path.with_name(path.name.removesuffix(EXPECTED) + ".json")
        try:
            written = to_data(read_alone(path, str(path))[1])
            data = msgspec.json.decode(files.read(beside, MAX_BYTES, beside.parent))
        except (DiagnosticError, OSError, msgspec.DecodeError):
            continue
        if isinstance(written, dict) and isinstance(data, dict) and _is_decided(written):
            found.append(Base(beside.stem, data, written["au"], written))
    return sorted(found, key=_plainness)


def _is_decided(written: Mapping[str, Any]) -> bool:
    """Whether an expected decision can be read: a day, and something of each request."""
    try:
        parse_date(str(written.get("au")))
    except ValueError:
        return False
    requests = written.get("demandes")
    return isinstance(requests, dict) and all(isinstance(body, dict) for body in requests.values())


def _plainness(one: Base) -> tuple[bool, bool, int, str]:
    """The plainest dossiers come first: no undue payment, no question, few data."""
    asked, undue = bool(one.expected.get("a_apprecier")), bool(one.expected.get(RECOVERY))
    return undue, asked, len(msgspec.json.encode(one.data)), one.name


def base(desk: Desk, request: str, *, failing: str = "", holding: str = "") -> Base | None:
    """A dossier to start from: one in which a rule fails, else one whose request is accepted without reserve.

    `holding`: preferably one that holds this datum.
    """
    known = bases(desk)
    for one in known:
        for body in one.expected.get("demandes", {}).values() if failing else ():
            if "non_satisfait" in str(body.get("constats", {}).get(failing, "")):
                return one
    if failing and request == RECOVERY:
        for one in known:
            if any(case.get("regle") == failing for case in one.expected.get(RECOVERY) or ()):
                return one
    accepted = [one for one in known if _accepted(one.expected.get("demandes", {}).get(request, {}))]
    wanted = [one for one in accepted if holding and value_at(one.data, holding) is not None]
    return next(iter([*wanted, *accepted, *(known if request == RECOVERY else ())]), None)


def _accepted(body: Mapping[str, Any]) -> bool:
    return body.get("verdict") == "accepter" and body.get("provisoire") is False


class Step(Struct, frozen=True):
    """A scenario to write: its title, its changes (None: the datum leaves), and its day if not that of the dossier."""

    title: str
    changes: Mapping[str, Any]
    day: str = ""


def add(desk: Desk, name: str, start: Base | None, request: str, steps: Sequence[Step], rule: str = "") -> None:
    """Write `scenarios/<name>.yaml`, each decision computed; what cannot be shown is noted instead.

    For the recovery, `rule` is the case that is expected.
    """
    if start is None:
        desk.notes.append(f"aucun scénario : aucun dossier connu n'a de demande `{request}` acceptée, d'où partir")
        return
    written = []
    for step in steps:
        changed = _changed(start.data, step.changes)
        day = max(start.day, step.day) if step.day else start.day
        if changed == start.data:
            continue
        try:
            dossier = desk.programme.read(msgspec.json.encode(changed), step.title)
        except DiagnosticError as error:
            desk.notes.append(f"« {step.title} » n'est pas écrit : {error.diagnostics[0].message}")
            continue
        try:
            decision = desk.programme.decide(dossier, date.fromisoformat(day), [request])
        except Contradiction as error:
            desk.notes.append(f"« {step.title} » n'est pas écrit : `{error.name}` ne peut pas être décidé")
            continue
        body = _expected(desk, decision, request, rule)
        if not body:
            desk.notes.append(f"« {step.title} » n'est pas écrit : le cas n'y est pas établi")
            continue
        lines = [f"  - titre: {quoted(step.title)}", f"    base: {start.name}", f'    au: "{day}"', "    changements:"]
        changes = {path: value for path, value in step.changes.items() if value_at(start.data, path) != value}
        lines += [f"      {path}: {_written(value)}" for path, value in changes.items()]
        written.append("\n".join([*lines, "    attendu:", f"      {body}"]))
        desk.notes.append(f"scénario « {step.title} » : {body}")
    if not written:
        return
    body, target = "\n\n".join(written) + "\n", f"{FOLDER}/{name}.yaml"
    if target in desk.contents and target not in desk.before:
        desk.put(target, desk.contents[target] + f"\n{body}".encode())
        return
    rank = 2
    while target in desk.contents:
        target, rank = f"{FOLDER}/{name}-{rank}.yaml", rank + 1
    described = any(MODELINE.match(desk.text(one)) for one in desk.before if one.endswith(".yaml"))
    head = f"{_SCHEMA if described else ''}# Décisions calculées par le moteur : relisez-les.\nscenarios:\n\n"
    desk.put(target, (head + body).encode())


def _expected(desk: Desk, decision: Decision, request: str, rule: str) -> str:
    if request == RECOVERY:
        listed = expected_recovery(decision, rule)
        return f"{RECOVERY}: {listed}" if listed else ""
    found = next((one for one in decision.requests if one.name == request), None)
    if found is None:
        return ""
    amount = desk.pack.manifest.requests[request].amount
    label = quoted(found.label) if ":" in found.label else found.label
    return f"{label}: {expected(decision, found.label, amount if found.verdict == 'accepter' else '')}"


def _written(value: Any) -> str:
    return ABSENT if value is None else json.dumps(value, ensure_ascii=False)


def _changed(data: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(data)
    for path, value in changes.items():
        *above, last = path.split(".")
        holder: Any = changed
        for part in above:
            holder = holder[int(part)] if isinstance(holder, list) else holder.setdefault(part, {})
        if value is not None:
            holder[last] = value
        else:
            holder.pop(last, None)
    return changed


def value_at(data: Any, path: str) -> Any:
    """The value at a path of a dossier; None when it is not there."""
    for part in path.split("."):
        if isinstance(data, list):
            data = data[int(part)] if part.isdigit() and int(part) < len(data) else None
        else:
            data = data.get(part) if isinstance(data, dict) else None
    return data


def moved(desk: Desk, start: Base, request: str, since: str) -> dict[str, Any]:
    """The change that makes a request received since a day, where it was received before; empty without a day."""
    path = received(desk.pack.manifest.requests[request])
    return {path: desk.moment(since)} if since and day_in(desk, value_at(start.data, path)) < since else {}


def day_in(desk: Desk, text: Any) -> str:
    """The day of a date or an instant of a dossier, in the zone of the programme."""
    if not isinstance(text, str):
        return ""
    if len(text) == len("2023-07-31"):
        return text
    moment = datetime.fromisoformat(text)
    zone = desk.pack.manifest.zone
    return (moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)).date().isoformat()
