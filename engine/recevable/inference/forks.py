"""Locks in forked processes: a lock held by another thread at the fork would stay held for ever in the child."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Renewable(Protocol):
    """An object that holds a lock."""

    def renew(self) -> None:
        """Replace the lock, and drop what another thread was changing; called in the child, in its only thread."""


_RENEWABLE: WeakSet[Renewable] = WeakSet()


def renewed_in_child(one: Renewable) -> None:
    """Call `renew` of an object, as long as it lives, in each process that is forked from this one."""
    _RENEWABLE.add(one)


def _renew() -> None:
    for one in list(_RENEWABLE):
        one.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
