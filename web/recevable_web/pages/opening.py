"""What every page of a dossier shares: the dossier as the user may open it, its tabs, what a request says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.db import connection
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

import recevable
from recevable_web import packs
from recevable_web.pages.common import asking, held, readable
from recevable_web.pages.parts import address
from recevable_web.records import sql
from recevable_web.records.models import (
    Account,
    Dossier,
    DossierVersion,
    Evaluation,
    PackVersion,
    Reservation,
    Role,
)

# What was seen before this is what "since the last visit" is counted from: a visit has several pages.
VISIT: Final = timedelta(hours=1)
# Tabs of a dossier: the name of the address, what it is called, what is counted.
TABS: Final = (
    ("dossier", "Instruction", ""),
    ("pieces", "Pièces", "pieces"),
    ("versions", "Versions", "versions"),
    ("historique", "Historique", ""),
    ("notes", "Notes", "notes"),
    ("courriers", "Courriers", ""),
    ("paiements-dossier", "Paiements", ""),
    ("procedures-dossier", "Procédures", ""),
)

# What is counted of a dossier, and the table of which each row is one.
_COUNTED: Final = {"pieces": "records_piece", "notes": "records_note"}
# Written as SQL: the same made of querysets takes longer to compile than to answer.
_SINCE: Final = "SELECT MAX(at) FROM records_access WHERE account_id = %s AND dossier_id = d.id AND at < %s"
# The columns of a dossier, and how those that both databases do not give alike are read.
_DOSSIER: Final = tuple(field.attname for field in Dossier._meta.concrete_fields)
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "created_at": sql.instant,
    "deadline": sql.day,
    "resumes": sql.day,
    "recovery": bool,
}
# What is read with a dossier.
_MORE: Final[Mapping[str, str]] = {
    "version_pk": "v.id",
    "version_rank": "v.rank",
    "version_sha256": "v.sha256",
    "version_origin": "v.origin",
    "instructor_name": "i.name",
    "worker_id": "w.id",
    "worker_name": "w.name",
    "worker_since": "r.since",
    "worker_until": "r.until",
    "pack_pk": "k.id",
    "pack_digest": "k.digest",
    "answer_pk": "a.id",
    "answer_sha256": "a.sha256",
    **{name: f"(SELECT COUNT(*) FROM {table} c WHERE c.dossier_id = d.id)" for name, table in _COUNTED.items()},
    "since": f"({_SINCE})",
    "news": (
        "(SELECT COUNT(*) FROM records_event e WHERE e.dossier_id = d.id "
        f"AND (e.account_id IS NULL OR e.account_id <> %s) AND e.at > ({_SINCE}))"
    ),
    "delays": "({delays})",
    "has_drafts": "EXISTS (SELECT 1 FROM records_draft f WHERE f.dossier_id = d.id)",
    "has_completions": "EXISTS (SELECT 1 FROM records_completionrequest c WHERE c.dossier_id = d.id)",
}
_OPENED: Final = f"""
    SELECT {", ".join([*(f"d.{name}" for name in _DOSSIER), *_MORE.values()])}
    FROM records_dossier d
    JOIN records_dossierversion v ON v.dossier_id = d.id
    LEFT JOIN records_account i ON i.id = d.instructor_id
    LEFT JOIN records_reservation r ON r.dossier_id = d.id
    LEFT JOIN records_account w ON w.id = r.account_id
    LEFT JOIN records_packversion k ON k.id = ({packs.key_in_force("d.programme")})
    LEFT JOIN records_evaluation a ON a.version_id = v.id AND a.pack_id = k.id AND a."on" = %s
    WHERE d.id = %s AND d.programme IN ({{programmes}}) ORDER BY v.rank DESC LIMIT 1
"""

# That it was opened: for those who may, and with the question itself where a database can.
_OPENED_BY: Final = """
    INSERT INTO records_access (account_id, programme, dossier_id, what, at)
    SELECT %s, d.programme, d.id, %s, %s FROM records_dossier d WHERE d.id = %s AND d.programme IN ({programmes})
"""
_WITH: Final = "WITH opened_by AS ({opened_by}) {opened}"


class Delay(NamedTuple):
    """A deadline of a dossier (`records.Deadline`)."""

    kind: str
    title: str
    subject: str
    begins: date | None
    day: date
    instant: datetime | None
    counted: date | None
    resumes: date | None
    source: str
    to_confirm: bool
    stands: bool
    letter: int | None


_COLUMNS: Final = "kind, title, subject, begins, day, instant, counted, resumes, source, to_confirm, stands, letter_id"
_KEPT: Final = f"SELECT {_COLUMNS} FROM records_deadline WHERE dossier_id = %s ORDER BY day, id"
# In the question that opens the dossier: one less to ask.
_DELAYS: Final = {
    "postgresql": f"SELECT jsonb_agg(jsonb_build_array({_COLUMNS})) FROM ({_KEPT}) kept",
    "sqlite": f"SELECT json_group_array(json_array({_COLUMNS})) FROM ({_KEPT}) kept",
}


def _delays(gathered: str | None) -> tuple[Delay, ...]:
    def known(value: Any, read: Callable[[Any], Any]) -> Any:
        return None if value is None else read(value)

    rows = json.loads(gathered or "[]")
    found = [
        Delay(kind, title, subject, known(begins, sql.day), sql.day(on), known(at, sql.instant),
              known(counted, sql.day), known(resumes, sql.day), source, bool(confirm), bool(stands), letter)
        for kind, title, subject, begins, on, at, counted, resumes, source, confirm, stands, letter in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.day))


@dataclass(frozen=True, slots=True)
class Opened:
    """A dossier that somebody opens: its last version, their roles, how many pieces and notes it has.

    What the version holds is read when it is asked for.  `since` is the instant of the visit before, None at the first;
    `news` how many events others made since; `delays` its deadlines, the first day first; `reservation` says who works
    on the dossier, or did last; `pack` is in force today, and `evaluation` what it answers about the version if that is
    stored; `drafts` says whether something was ever prepared, `completions` whether it was ever to be completed.
    """

    actor: Account
    dossier: Dossier
    version: DossierVersion
    roles: frozenset[str]
    counts: dict[str, int]
    since: datetime | None
    news: int
    today: date
    delays: tuple[Delay, ...]
    reservation: Reservation | None
    pack: PackVersion | None
    evaluation: Evaluation | None
    drafts: bool
    completions: bool

    def may(self, *roles: Role) -> bool:
        """Whether the user holds one of these roles in the programme."""
        return bool(self.roles & set(roles))

    def context(self, tab: str, **more: Any) -> dict[str, Any]:
        """What the frame of the pages of a dossier shows."""
        tabs = [
            _tab(self.dossier.pk, name, label, self.counts.get(counted), name == tab) for name, label, counted in TABS
        ]
        return {
            "dossier": self.dossier,
            "version": self.version,
            "onglets": SafeString("".join(tabs)),
            "depuis": self.since,
            "nouveautes": self.news,
            "moi": self.actor,
            "aujourdhui": self.today,
            "instruit": self.may(Role.INSTRUCTOR),
            "valide": self.may(Role.VALIDATOR),
            **more,
        }


def _tab(pk: int, name: str, label: str, count: int | None, here: bool) -> str:
    current, counted = ' aria-current="page"' if here else "", f" ({count})" if count else ""
    return f'<li><a class="fr-tag" href="{address(name, pk)}"{current}>{label}{counted}</a></li>'


def opened(request: HttpRequest, pk: int, what: str) -> Opened:
    """The dossier, in one question; that it was opened is kept.  404 for those who may not: for them there is none."""
    actor, before, programmes = asking(request), sql.written(timezone.now() - VISIT), readable(request)
    if not programmes:
        raise Http404
    today = timezone.localdate()
    day = today.isoformat()
    marks = sql.marks(programmes)
    asked = _OPENED.format(programmes=marks, delays=_DELAYS[connection.vendor])
    given = [actor.pk, before, actor.pk, actor.pk, before, pk, day, day, pk, *programmes]
    kept, opening = _OPENED_BY.format(programmes=marks), [actor.pk, what, sql.written(timezone.now()), pk, *programmes]
    if connection.vendor == "postgresql":
        rows = sql.prepared(_WITH.format(opened_by=kept, opened=asked), [*opening, *given])
    else:
        rows = sql.fetched(asked, given)
        sql.run(kept, opening)
    if not rows:
        raise Http404
    own = [
        value if value is None else _READ.get(name, _same)(value)
        for name, value in zip(_DOSSIER, rows[0], strict=False)
    ]
    found = Dossier.from_db("default", _DOSSIER, own)
    more = dict(zip(_MORE, rows[0][len(_DOSSIER) :], strict=True))
    names = ("id", "dossier_id", "rank", "sha256", "origin")
    values = (more["version_pk"], pk, more["version_rank"], more["version_sha256"], more["version_origin"])
    version = DossierVersion.from_db("default", names, values)
    version.dossier = found
    if found.instructor_id is not None:
        found.instructor = _named(found.instructor_id, more["instructor_name"])
    reservation = None
    if more["worker_id"] is not None:
        reservation = Reservation(
            dossier=found,
            account=_named(more["worker_id"], more["worker_name"]),
            since=sql.instant(more["worker_since"]),
            until=sql.instant(more["worker_until"]),
        )
    pack = evaluation = None
    if more["pack_pk"] is not None:
        named = (more["pack_pk"], found.programme, more["pack_digest"])
        pack = PackVersion.from_db("default", ("id", "programme", "digest"), named)
    if more["answer_pk"] is not None:
        evaluation = Evaluation(
            pk=more["answer_pk"], sha256=more["answer_sha256"], on=today, version=version, pack=pack
        )
    since = None if more["since"] is None else sql.instant(more["since"])
    counts = {"versions": version.rank, **{name: more[name] for name in _COUNTED}}
    roles = held(request)[found.programme]
    return Opened(
        actor, found, version, roles, counts, since, more["news"], today, _delays(more["delays"]), reservation,
        pack, evaluation, bool(more["has_drafts"]), bool(more["has_completions"]),
    )  # fmt: skip


def _same(value: Any) -> Any:
    return value


def _named(pk: int, name: str) -> Account:
    """An account of which only the name is read."""
    return Account.from_db("default", ("id", "name"), (pk, name))


def undecided(error: recevable.Contradiction | recevable.InvalidDossier) -> str:
    """Why the rules in force decide nothing about a dossier, and what to do."""
    if isinstance(error, recevable.InvalidDossier):
        return f"Ce dossier ne suit pas le schéma en vigueur : {error.diagnostics[0].message}."
    rules = " et ".join(error.rules)
    return (
        f"Les règles {rules} se contredisent sur ce dossier (« {error.name} ») : rien ne peut être proposé. "
        "Prévenez la personne qui tient les règles."
    )


# --- what a request says ----------------------------------------------------------------------------------------------


def request_view(programme: recevable.Programme, pack: int, decision: recevable.Decision, one: Any) -> dict[str, Any]:
    """What is shown of a request, in the words of the engine and in its order."""
    sections = recevable.sections
    warnings = sections.warnings(one.findings)
    aside = sections.set_aside(one)
    heading, amounts = sections.amounts(one)
    return {
        "decision": one,
        "id": f"{one.name}-{one.key}" if one.key else one.name,
        "verdict": sections.VERDICTS[one.verdict],
        "montant": sections.payable(one) if one.verdict == "accepter" and one.proposed else "",
        "reglee": sections.settled(one),
        "detail": sections.detail(one),
        "controles": sections.counts(one),
        "textes": sections.applied(one.versions) if any(v.version != decision.version for v in one.versions) else "",
        "contre": [_section(programme, pack, one.name, section) for section in sections.against(one)],
        "demander": sections.repairs(one, decision.parties),
        "signale": [] if warnings is None else [_section(programme, pack, one.name, warnings)],
        "appreciations": [line for line in decision.appraisals if one.label in line.requests],
        "choix": sections.DEFAULTS,
        "titre_montants": heading,
        "ecarte": [] if aside is None else [_section(programme, pack, one.name, aside)],
        "elements": [(line, steps(line), note) for line, note in sections.of_elements(one)],
        "montants": [(line, steps(line)) for line in amounts],
        "satisfait": [f for f in one.findings if str(f.result) == "satisfait"],
        "sans_objet": [f for f in one.findings if str(f.result) == "sans_objet"],
    }


def steps(line: Any) -> str:
    """The calculation of an amount on a line."""
    return " ; ".join(text for text in map(recevable.step_words, line.steps) if text)


def _section(programme: recevable.Programme, pack: int, request: str, section: Any) -> dict[str, Any]:
    return {
        "heading": section.heading,
        "first": section.first,
        "note": section.note,
        "points": [
            {
                "message": point.message,
                "references": [(source, ", ".join(rules)) for source, rules in point.references.items()],
                "causes": [cause(programme, pack, request, one) for one in point.findings],
            }
            for point in section.points
        ],
    }


def cause(programme: recevable.Programme, pack: int, request: str, finding: Any) -> dict[str, Any]:
    """Why a finding: what the rule tests in words, the values that it compared, what it misses, its document."""
    return {
        "finding": finding,
        "conditions": _conditions(pack, request, finding.rule, finding.cause),
        "manque": [datum.title or datum.name for datum in finding.missing],
        "place": document(programme, pack, finding),
        "document": document_title(finding.source, programme.manifest.documents),
    }


def document(programme: recevable.Programme, pack: int, finding: Any) -> str:
    """The place of the document that a finding is about; empty when it is about none."""
    read = [datum.name for datum in (*finding.missing, *finding.values)]
    places = _places(pack)
    found = next((place for place in places for name in read if name == place or name.startswith(f"{place}.")), "")
    return _document_of(pack, finding.rule) or found


def document_title(source: str, documents: Iterable[Any]) -> str:
    """The whole title of the legal document that a source cites by its name."""
    return next((one.title for one in documents if source.startswith(one.name.text)), "")


@lru_cache(maxsize=4096)
def _conditions(pack: int, request: str, rule: str, cause: str) -> tuple[str, ...]:
    return packs.opened(pack).conditions(request, rule, cause)


@lru_cache(maxsize=2048)
def _document_of(pack: int, rule: str) -> str:
    return packs.opened(pack).document_of(rule)


@lru_cache(maxsize=packs.KEPT)
def _places(pack: int) -> tuple[str, ...]:
    return tuple(field.path for field in packs.opened(pack).documents())
