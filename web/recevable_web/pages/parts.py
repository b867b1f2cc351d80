"""Parts of pages and addresses that depend on nothing but what they are given: made once a process for the same."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString


def part(name: str, **context: Hashable) -> SafeString:
    """A part of a page; its template knows neither the request nor who asks."""
    return _part(name, tuple(sorted(context.items())))


@lru_cache(maxsize=512)
def _part(name: str, context: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return render_to_string(f"guichet/{name}.html", dict(context))


@lru_cache(maxsize=4096, typed=True)
def address(name: str, *args: Hashable) -> SafeString:
    """The address of a named page, escaped for an attribute."""
    return escape(reverse(name, args=args))
