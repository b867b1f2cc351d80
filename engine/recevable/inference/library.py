"""Load the C module of durable_rules, which was built for Python before 3.13."""

from __future__ import annotations

from typing import Any, Final

NAME: Final = "durable_rules_engine"
# The function removed in Python 3.13, mapped to its equivalent; .ci/environnement does the same.
BUILD: Final = (
    "CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject pip install --no-cache-dir --force-reinstall --no-deps "
    "--no-binary durable-rules durable-rules==2.0.28"
)


class NotLoaded(ImportError):
    """The module cannot be loaded; the message says what to do, in French."""


def load() -> Any:
    """The module; raises NotLoaded."""
    try:
        import durable_rules_engine
    except ImportError as error:
        raise NotLoaded(
            f"durable_rules ne se charge pas avec ce Python ({error}) : prenez Python 3.11 ou 3.12, ou compilez-le par "
            f"`{BUILD}`.",
            name=NAME,
        ) from error
    return durable_rules_engine


rete: Final = load()
