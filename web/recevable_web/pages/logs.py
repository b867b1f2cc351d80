"""Logs as lines of JSON, without anything that people wrote or that names them.

A line says where it was written and what our own code chose to tell (`extra={"facts": ...}`): never a formatted
message, the text of an exception, an address as it was asked for or a parameter, which can hold anything.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final

_OURS: Final = "recevable_web"
# More frames say no more.
_FRAMES: Final = 20


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line: no value of an argument, no message that was put together elsewhere."""
        line: dict[str, Any] = {
            "instant": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "niveau": record.levelname,
            "source": record.name,
            "ou": f"{record.module}:{record.lineno}",
        }
        ours = record.name == _OURS or record.name.startswith(f"{_OURS}.")
        if isinstance(record.msg, str) and (ours or record.args):
            # the template, whose words are those of a program
            line["message"] = record.msg
        request = getattr(record, "request", None)
        if request is not None:
            line |= of(request)
        status = getattr(record, "status_code", None)
        if isinstance(status, int):
            line["statut"] = status
        facts = getattr(record, "facts", None)
        if ours and isinstance(facts, dict):
            line |= facts
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-_FRAMES:]
            line["pile"] = [f"{PurePath(one.filename).name}:{one.lineno} {one.name}" for one in frames]
        return json.dumps(line, ensure_ascii=True, default=lambda value: type(value).__name__)


def of(request: Any) -> dict[str, Any]:
    """What is logged of a request: its method, the pattern of its address, its number."""
    match = getattr(request, "resolver_match", None)
    method = getattr(request, "method", None)
    return {
        "methode": method if method in ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH") else "autre",
        "route": "aucune" if match is None else match.route,
        "requete": getattr(request, "number", ""),
    }
