"""Tables are read faster than by docutils, and give what docutils gives."""

from __future__ import annotations

from collections.abc import Iterator

import docutils.core
import docutils.nodes
import pytest
from docutils.parsers.rst import directives, roles
from docutils.parsers.rst.directives.tables import ListTable
from hypothesis import given
from hypothesis import strategies as st
from sphinx.util.docutils import docutils_namespace

from recevable.handbook import rst
from recevable.handbook.tables import Table

MARKUP = st.sampled_from("*`|_:<>\\.-=~^+[]{}()!\"' §«»é0a1)")
TEXTS = st.text(MARKUP, min_size=1, max_size=20)
BLOCKS = st.one_of(
    TEXTS.map(rst.escape),
    TEXTS.map(rst.code),
    TEXTS.map(rst.strong),
    # what no function escaped: whatever docutils makes of it
    TEXTS.map(str.strip),
    st.lists(TEXTS.map(rst.escape), min_size=1, max_size=3).map(rst.lines),
    st.lists(TEXTS.map(rst.escape), min_size=1, max_size=3).map(rst.bullets),
    st.sampled_from(
        ["", "deux\nlignes", "un\n\ndeux", "| a\n|\n| b", "* a\n\n  b", "1. a", "a)\n", ".. note:: a", "a::"]
    ),
)


def read(markup: str, reader: type[ListTable]) -> str:
    settings = {"report_level": 5, "halt_level": 6, "raw_enabled": False, "file_insertion_enabled": False}
    with docutils_namespace():
        roles.register_generic_role("litteral", docutils.nodes.literal)
        directives.register_directive("list-table", reader)
        found = docutils.core.publish_doctree(markup, settings_overrides=settings)
    # where the faults of a text are told is not the matter
    for node in [*found.findall(docutils.nodes.system_message)]:
        node.parent.remove(node)
    return found.pformat()


@pytest.fixture(scope="module", autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    directives.register_directive("list-table", ListTable)


@given(st.lists(st.tuples(BLOCKS, BLOCKS), min_size=1, max_size=3), st.booleans())
def test_a_table_is_what_docutils_reads(rows: list[tuple[str, str]], headed: bool) -> None:
    text = rst.table(("A", "B") if headed else (), rows, "30 70")
    assert read(text, Table) == read(text, ListTable)


@pytest.mark.parametrize(
    "body", ["* a", "texte", "* - a\n  - b\n* - c", "* - a\n* - b\n  - c\n  - d", "*  - a\n   - b"]
)
def test_what_is_of_another_form_is_read_by_docutils(body: str) -> None:
    text = rst.directive("list-table", "", (), body)
    assert read(text, Table) == read(text, ListTable)
