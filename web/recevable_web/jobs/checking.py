"""Checking a proposed pack, and comparing two: by the commands of the engine, in processes of their own, under limits.

The author of a pack writes expressions, patterns and YAML that a worker must not run beside its database
connection: the commands get files in a folder and give JSON, as in continuous integration.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from django.db import transaction

import recevable
from recevable_web import packs
from recevable_web.actions import leases, publishing
from recevable_web.actions.publishing import KNOWN, PACK, SCHEMAS
from recevable_web.records.models import PackComparison, PackSubmission, PackVersion, Status

# Seconds of a command, of its processor, and bytes of its memory.
SECONDS: Final = 600
MEMORY: Final = 3_000_000_000
# What a report keeps of the faults.
MOST_FAULTS: Final = 200
_SIGN: Final = 15.0
_LIMITED: Final = (
    "import resource, runpy, sys; "
    f"resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS})); "
    f"resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY})); "
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); "
    "sys.argv[0] = 'recevable'; runpy.run_module('recevable', run_name='__main__')"
)


class Stopped(Exception):
    """The worker stops: the check is left to another."""


class Failed(Exception):
    """The command gave no answer: it took too long, too much memory, or stopped."""


def check(submission: PackSubmission, stopping: Callable[[], bool] = lambda: False) -> None:
    """Lint a proposed pack, run its trials, and keep it when everything passes.  Raises leases.Lost."""
    try:
        with tempfile.TemporaryDirectory(prefix="recevable-paquet-") as place:
            pack, known = _written(submission, Path(place))
            run = _Commands(submission, Path(place), stopping)
            report = _report(run, pack, known)
    except Stopped:
        leases.give_back(submission)
        return
    except Failed as error:
        leases.settle(submission, Status.FAILED, failure=str(error))
        return
    if not report["passe"]:
        failure = "Ces règles n'ont pas passé tous les contrôles : corrigez-les, puis déposez-les de nouveau."
        leases.settle(submission, Status.FAILED, failure=failure, report=report)
        return
    _keep(submission, report)


def _report(run: _Commands, pack: Path, known: Path) -> dict[str, Any]:
    """What lint and the trials say; the trials are run on a pack that lint accepts only."""
    lint = run("lint", str(pack), "--format", "json", "--fail-level", "avertissement")
    report: dict[str, Any] = {"passe": not lint["echec"], "fautes": _faults(lint, pack), "joues": 0}
    if lint["echec"]:
        return report
    trials = run(
        "test", str(pack), "--dossiers", str(known), "--format", "json", "--fail-level", "avertissement"
    )  # fmt: skip
    played = sum(
        one["constats"] == [] or any("ESSAI" in fault["code"] for fault in one["constats"]) for one in trials["cas"]
    )
    return {"passe": not trials["echec"] and played > 0, "fautes": _faults(trials, pack), "joues": played}


def _faults(run: Mapping[str, Any], pack: Path) -> list[dict[str, Any]]:
    found = [fault for case in run["cas"] for fault in case["constats"]]
    return [
        {
            "code": one["code"],
            "ou": f"{_inside(str(one.get('fichier') or ''), pack)}:{one.get('ligne') or ''}".rstrip(":"),
            "message": one["message"].replace(f"{pack}/", ""),
            "aide": str(one.get("aide") or "").replace(f"{pack}/", ""),
        }
        for one in found[:MOST_FAULTS]
    ]


def _inside(name: str, pack: Path) -> str:
    """A file as its author knows it; commands name files from where they run."""
    place = pack.parent.parent
    path = place / name
    for folder in (pack, place):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.name


def _keep(submission: PackSubmission, report: dict[str, Any]) -> None:
    """Store the pack that passed, and what it is compared with."""
    contents = {one.name: bytes(one.content) for one in submission.files.all()}
    files = {
        name.removeprefix(f"{PACK}/"): content for name, content in contents.items() if name.startswith(f"{PACK}/")
    }
    schemas = {
        name.removeprefix(f"{SCHEMAS}/"): content
        for name, content in contents.items()
        if name.startswith(f"{SCHEMAS}/")
    }
    try:
        programme = recevable.open_programme(recevable.MemorySource({**schemas, **files}, submission.label))
    except recevable.InvalidPack as error:
        leases.settle(submission, Status.FAILED, failure=error.diagnostics[0].message, report=report)
        return
    failure = ""
    if programme.name != submission.programme:
        failure = f"Ces règles sont celles du programme « {programme.name} », et non « {submission.programme} »."
    else:
        same = PackVersion.objects.filter(programme=programme.name, digest=programme.digest).first()
        if same is not None and packs.opened(same.pk).files() != programme.files():
            failure = (
                "Seul le schéma des dossiers change : donnez aussi une nouvelle version aux règles, "
                "pour que les deux se distinguent."
            )
    if failure:
        leases.settle(submission, Status.FAILED, failure=failure, report=report)
        return
    with transaction.atomic():
        stored = packs.store(programme, submission.label)
        base = packs.in_force(programme.name, submission.in_force_from)
        leases.settle(submission, pack=stored, report={**report, "base": None if base is None else base.pk})
        if base is not None and base.pk != stored.pk:
            publishing.compare(base, stored)


def compare(comparison: PackComparison, stopping: Callable[[], bool] = lambda: False) -> None:
    """Work out what changes in meaning from a pack to another.  Raises leases.Lost."""
    try:
        with tempfile.TemporaryDirectory(prefix="recevable-paquet-") as place:
            folders = [
                _stored(pack, Path(place) / side)
                for side, pack in (("avant", comparison.old), ("apres", comparison.new))
            ]
            nothing = Path(place) / "aucun.ndjson"
            nothing.write_bytes(b"\n")
            run = _Commands(comparison, Path(place), stopping)
            found = run("impact", *map(str, folders), str(nothing), "--format", "json")
    except Stopped:
        leases.give_back(comparison)
        return
    except Failed as error:
        leases.settle(comparison, Status.FAILED, failure=str(error))
        return
    leases.settle(comparison, changes=found["paquet"])


# --- the commands -----------------------------------------------------------------------------------------------------


class _Commands:
    """Runs commands of the engine, with signs of life, until they answer or the worker stops."""

    def __init__(self, work: PackSubmission | PackComparison, place: Path, stopping: Callable[[], bool]) -> None:
        self.work, self.place, self.stopping = work, place, stopping

    def __call__(self, *arguments: str) -> Any:
        """The JSON that a command prints.  Raises Stopped, Failed, leases.Lost."""
        if self.stopping():
            raise Stopped
        environment = {
            "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "HOME": str(self.place), "RECEVABLE_CACHE": "non",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }  # fmt: skip
        with (self.place / "reponse").open("w+b") as answer:
            running = subprocess.Popen(
                [sys.executable, "-c", _LIMITED, *arguments],
                cwd=self.place, env=environment, stdin=subprocess.DEVNULL, stdout=answer, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                self._wait(running)
            finally:
                if running.poll() is None:
                    running.kill()
                    running.wait()
            answer.seek(0)
            try:
                return json.load(answer)
            except ValueError:
                raise Failed("Les contrôles se sont arrêtés sans répondre : ces règles demandent trop.") from None

    def _wait(self, running: subprocess.Popen[bytes]) -> None:
        started = signed = time.monotonic()
        while True:
            try:
                running.wait(0.5)
            except subprocess.TimeoutExpired:
                now = time.monotonic()
                if self.stopping():
                    raise Stopped from None
                if now - started > SECONDS:
                    raise Failed("Les contrôles ont duré trop longtemps : ces règles demandent trop.") from None
                if now - signed > _SIGN:
                    signed = now
                    leases.keep(self.work)
            else:
                return


def _written(submission: PackSubmission, place: Path) -> tuple[Path, Path]:
    """The folders of a proposed pack and of the dossiers that try it: its own, else those that are shipped."""
    pack = place / "rules" / submission.programme
    known = place / "fixtures" / submission.programme
    for folder in (pack, known, place / "schemas"):
        folder.mkdir(parents=True)
    homes = {PACK: pack, KNOWN: known, SCHEMAS: place / "schemas"}
    own = False
    for one in submission.files.iterator(chunk_size=50):
        kind, _, name = one.name.partition("/")
        path = homes[kind] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(one.content))
        own = own or kind == KNOWN
    if not own and submission.programme in recevable.shipped_programmes():
        for path in recevable.sample_dossiers(submission.programme):
            for beside in (path, path.with_suffix(".attendu.yaml")):
                if beside.exists():
                    (known / beside.name).write_bytes(beside.read_bytes())
    return pack, known


def _stored(pack: PackVersion, folder: Path) -> Path:
    """A stored pack in a folder."""
    for one in pack.files.all():
        path = folder / one.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(one.content))
    return folder
