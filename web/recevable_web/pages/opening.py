"""What every page of a dossier shares: the dossier as whoever asks may open it, its tabs, what a request says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import DateTimeField, TextField
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpRequest
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.pages.common import asking, held, readable
from recevable_web.records import sql
from recevable_web.records.models import Access, Account, Dossier, DossierVersion, Role

# What was seen before this is what "since the last visit" is counted from: a visit has several pages.
VISIT: Final = timedelta(hours=1)
# Tabs of a dossier: the name of the address, what it is called, what is counted.
TABS: Final = (
    ("dossier", "Instruction", ""),
    ("pieces", "Pièces", "pieces"),
    ("versions", "Versions", "versions"),
    ("historique", "Historique", ""),
    ("notes", "Notes", "notes"),
    ("paiements-dossier", "Paiements", ""),
)

# Written as SQL: the same made of querysets takes longer to compile than to answer.
_SINCE: Final = "SELECT MAX(at) FROM records_access WHERE account_id = %s AND dossier_id = %s AND at < %s"
_NEWS: Final = (
    "SELECT COUNT(*) FROM records_event WHERE dossier_id = %s AND (account_id IS NULL OR account_id <> %s) "
    f"AND at > ({_SINCE})"
)


class Delay(NamedTuple):
    """A deadline of a dossier (`records.Deadline`)."""

    title: str
    subject: str
    begins: date | None
    day: date
    instant: datetime | None
    resumes: date | None
    source: str
    to_confirm: bool
    stands: bool


_COLUMNS: Final = "title, subject, begins, day, instant, resumes, source, to_confirm, stands"
_KEPT: Final = f"SELECT {_COLUMNS} FROM records_deadline WHERE dossier_id = %s ORDER BY day, id"
# In the question that opens the dossier: one less to ask.
_DELAYS: Final = {
    "postgresql": f"SELECT jsonb_agg(jsonb_build_array({_COLUMNS})) FROM ({_KEPT}) kept",
    "sqlite": f"SELECT json_group_array(json_array({_COLUMNS})) FROM ({_KEPT}) kept",
}


def _delays(gathered: str | None) -> tuple[Delay, ...]:
    def known(value: Any, read: Callable[[Any], Any]) -> Any:
        return None if value is None else read(value)

    found = [
        Delay(title, subject, known(begins, sql.day), sql.day(on), known(at, sql.instant), known(resumes, sql.day),
              source, bool(confirm), bool(stands))
        for title, subject, begins, on, at, resumes, source, confirm, stands in json.loads(gathered or "[]")
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.day))


@dataclass(frozen=True, slots=True)
class Opened:
    """A dossier that somebody opens: its last version, their roles, how many pieces and notes it has.

    `since` is the instant of the visit before, None at the first; `news` how many events others made since; `delays`
    its deadlines, the first day first.
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

    def may(self, *roles: Role) -> bool:
        """Whether whoever asks holds one of these roles in the programme."""
        return bool(self.roles & set(roles))

    def context(self, tab: str, **more: Any) -> dict[str, Any]:
        """What the frame of the pages of a dossier shows."""
        tabs = [(name, label, self.counts.get(counted), name == tab) for name, label, counted in TABS]
        return {
            "dossier": self.dossier,
            "version": self.version,
            "onglets": tabs,
            "depuis": self.since,
            "nouveautes": self.news,
            "moi": self.actor,
            "aujourdhui": self.today,
            "instruit": self.may(Role.INSTRUCTOR),
            "valide": self.may(Role.VALIDATOR),
            **more,
        }


def opened(request: HttpRequest, pk: int, what: str) -> Opened:
    """The dossier, in one question; that it was opened is kept.  404 for whoever may not: for them there is none."""
    actor, before = asking(request), timezone.now() - VISIT
    found = (
        DossierVersion.objects.filter(dossier=pk, dossier__programme__in=readable(request))
        .select_related("dossier__instructor", "dossier__reservation__account")
        .defer("payload", "overlay")
        .order_by("-rank")
        .annotate(
            since=RawSQL(_SINCE, [actor.pk, pk, before], output_field=DateTimeField(null=True)),
            pieces=RawSQL("SELECT COUNT(*) FROM records_piece WHERE dossier_id = %s", [pk]),
            notes=RawSQL("SELECT COUNT(*) FROM records_note WHERE dossier_id = %s", [pk]),
            news=RawSQL(_NEWS, [pk, actor.pk, actor.pk, pk, before]),
            delays=RawSQL(_DELAYS[connection.vendor], [pk], output_field=TextField(null=True)),
        )
        .first()
    )
    if found is None:
        raise Http404
    since: datetime | None = vars(found)["since"]
    counts = {"pieces": vars(found)["pieces"], "notes": vars(found)["notes"], "versions": found.rank}
    Access.objects.create(account=actor, dossier=found.dossier, what=what)
    roles = held(request)[found.dossier.programme]
    news, delays = vars(found)["news"], _delays(vars(found)["delays"])
    return Opened(actor, found.dossier, found, roles, counts, since, news, timezone.localdate(), delays)


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
