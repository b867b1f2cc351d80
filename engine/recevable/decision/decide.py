"""Decide a dossier: (dossier, compiled pack, day) gives a `Decision`, always the same for the same three inputs."""

from __future__ import annotations

import decimal
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Any

from msgspec.structs import replace

from recevable import __version__
from recevable.decision.appraisals import recorded
from recevable.decision.context_decider import ContextDecider
from recevable.decision.model import (
    AppliedVersion,
    AppraisalLine,
    Decision,
    Finding,
    HouseDefault,
    Receipt,
    RecoveryCase,
    RequestDecision,
    TraceLine,
)
from recevable.decision.receipt import deciding_versions, digest_of, engine_digest, schema_digest
from recevable.dossier.dossier import Dossier
from recevable.dossier.facts import Extractor
from recevable.inference.engine import REMEMBERED, Evaluation
from recevable.inference.forks import renewed_in_child
from recevable.inference.network import Network
from recevable.language.evaluate import EXACT, Slots
from recevable.language.types import Type, walk
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import RECOVERY, Version


class Decider:
    """Decides dossiers with one compiled pack; can be shared between threads."""

    def __init__(
        self,
        compiled: CompiledPack,
        schema: Mapping[str, Any],
        remembered: int = REMEMBERED,
        networks: Mapping[str, Network] | None = None,
        *,
        reference_only: bool = False,
    ) -> None:
        """`remembered` bounds the answers that the engines cache; `reference_only` runs without the network.

        `reference_only` is for variants of a pack under test, never for a real decision.
        """
        self.compiled = compiled
        self.pack = compiled.pack
        self.zone = self.pack.manifest.zone
        self._remembered = remembered
        self._reference_only = reference_only
        self._networks = networks or {}
        self._building = Lock()
        renewed_in_child(self)
        self._runners: dict[str, ContextDecider] = {}
        self._fills: dict[tuple[str, ...], Extractor] = {}
        self._version = lru_cache(maxsize=512)(self._version_at)
        self.pack_sha256 = digest_of(self.pack.digests)
        self._schema_sha256 = schema_digest(schema)

    def renew(self) -> None:
        """See inference.forks: a context that another thread was building is built again."""
        self._building = Lock()

    def _version_at(self, day: date) -> Version | None:
        """The version of the legal text in force on a day; None before the first."""
        return next((v for v in reversed(self.pack.manifest.versions) if v.start <= day), None)

    def paths(self) -> Iterator[tuple[str, Type]]:
        """The path and the type of every field of the dossier."""
        return walk(self.pack.facts)

    def context_decider(self, name: str) -> ContextDecider:
        """The decider of the context `name`, built on first use under a lock."""
        with self._building:
            if name not in self._runners:
                self._runners[name] = ContextDecider(
                    self.compiled,
                    name,
                    self._remembered,
                    self._networks.get(name),
                    reference_only=self._reference_only,
                )
            return self._runners[name]

    def facts(self, dossier: Dossier, contexts: Sequence[ContextDecider]) -> Slots:
        """The typed facts of a dossier that the given contexts read."""
        wanted = tuple(one.name for one in contexts)
        fill = self.compiled.extractor or self._fills.get(wanted)
        if fill is None:
            fields = {path: type_ for one in contexts for path, type_ in one.fields.items()}
            fill = self._fills[wanted] = Extractor(fields, self.compiled.facts_layout)
        slots = self.compiled.facts_layout.empty()
        fill(dossier.data, slots)
        return slots

    def evaluations(self, dossier: Dossier, today: date, requests: Sequence[str] = ()) -> Iterator[Evaluation]:
        """The evaluations behind `decide`: each request in the dossier then recovery, or only the named `requests`."""
        with decimal.localcontext(EXACT):
            answers = recorded(dossier.data, self.compiled.answers, today)
            wanted = requests or self.compiled.context_names
            known = self.pack.manifest.requests
            names = [name for name in wanted if name not in known or known[name].root in dossier.data]
            contexts = [self.context_decider(name) for name in names]
            facts = self.facts(dossier, contexts)
            for one in contexts:
                yield one.evaluate(facts, today, answers)

    def decide(self, dossier: Dossier, today: date, requests: Sequence[str] = (), *, trace: bool = False) -> Decision:
        """Decide every request in the dossier, or only the named `requests`, and look for undue payments.

        `trace` adds to the decision, for every check, the tests it passed and the values they read.
        """
        with decimal.localcontext(EXACT):
            manifest = self.pack.manifest
            answers = recorded(dossier.data, self.compiled.answers, today)
            wanted = requests or tuple(manifest.requests)
            names = [n for n, request in manifest.requests.items() if n in wanted and request.root in dossier.data]
            contexts = [self.context_decider(name) for name in names]
            recovering = self.context_decider(RECOVERY) if not requests or RECOVERY in requests else None
            facts = self.facts(dossier, [*contexts, recovering] if recovering else contexts)
            decided: list[RequestDecision] = []
            lines: dict[str, AppraisalLine] = {}
            for one in contexts:
                evaluation = one.evaluate(facts, today, answers)
                line = one.request_decision(evaluation, answers, lines)
                versions = tuple(
                    AppliedVersion(by_decision, day, None if day is None else self._version(day))
                    for by_decision, day in one.reading_days(facts, today)
                )
                decided.append(replace(line, versions=versions, trace=one.trace(evaluation) if trace else ()))
            recovery: tuple[RecoveryCase, ...] = ()
            findings: tuple[Finding, ...] = ()
            recovery_trace: tuple[TraceLine, ...] = ()
            defaults: tuple[HouseDefault, ...] = ()
            if recovering is not None:
                evaluation = recovering.evaluate(facts, today, answers)
                recovery, findings = recovering.recovery(evaluation, answers, lines)
                defaults = recovering.recovery_defaults(evaluation)
                recovery_trace = recovering.trace(evaluation) if trace else ()
        manifest = self.pack.manifest
        return Decision(
            reference=str(dossier.data.get("reference", "")),
            programme=manifest.programme,
            title=manifest.title,
            version=self._version(today),
            decided_on=today,
            requests=tuple(decided),
            recovery_asked=recovering is not None and bool(requests),
            recovery=recovery,
            recovery_findings=findings,
            appraisals=tuple(lines.values()),
            receipt=Receipt(
                f"recevable {__version__}",
                engine_digest(),
                manifest.programme,
                self.pack_sha256,
                self._schema_sha256,
                dossier.sha256,
                today,
                dict(deciding_versions()),
            ),
            parties=manifest.parties,
            recovery_trace=recovery_trace,
            recovery_defaults=defaults,
        )
