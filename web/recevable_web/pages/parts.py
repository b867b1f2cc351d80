"""Parts of pages that depend on nothing but what they are given: rendered once a process for the same values."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString


def part(name: str, **context: Hashable) -> SafeString:
    """A part of a page; its template knows neither the request nor who asks."""
    return _part(name, tuple(sorted(context.items())))


@lru_cache(maxsize=512)
def _part(name: str, context: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return render_to_string(f"guichet/{name}.html", dict(context))
