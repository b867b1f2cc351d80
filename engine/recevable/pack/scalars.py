"""The position in the file of each character of a YAML text, through quotes, escapes and folded lines.

libyaml gives the value of a text and its two ends; an error inside an expression needs the exact character.
"""

from __future__ import annotations

from typing import Final

_ESCAPED_DIGITS: Final = {"x": 2, "u": 4, "U": 8}


def offsets(raw: str, start: int, end: int, text: str, quoted: bool) -> list[int]:
    """The index in `raw` of each character of `text`, written at `raw[start:end]`, and of the end."""
    style = raw[start] if quoted and start < end else ""
    if style in ("|", ">"):
        found = _block(raw, start, end, text)
        last = found[-1] + 1 if found else start
    elif style in ("'", '"'):
        found = _flow(raw, start + 1, end - 1, style)
        last = end - 1
    else:
        found = _flow(raw, start, end, style)
        last = end
    # an unsupported form still gets a place: the end of the part understood
    found = (found + [last] * len(text))[: len(text)]
    return [*found, last]


def _flow(raw: str, start: int, end: int, quote: str) -> list[int]:
    """Plain and quoted texts: a line break counts as a space, an empty line as a line break."""
    found: list[int] = []
    position = start
    while position < end:
        char = raw[position]
        if char in " \r\n":
            after = _after_blanks(raw, position, end)
            breaks = raw.count("\n", position, after)
            found += range(position, after) if not breaks else [position] * max(1, breaks - 1)
            position = after
        elif char == "\\" and quote == '"':
            following = raw[position + 1 : position + 2]
            if following in ("\r", "\n"):
                position = _after_blanks(raw, position + 1, end)
                continue
            found.append(position)
            position += 2 + _ESCAPED_DIGITS.get(following, 0)
        else:
            found.append(position)
            position += 2 if char == quote == "'" else 1
    return found


def _after_blanks(raw: str, position: int, end: int) -> int:
    while position < end and raw[position] in " \r\n":
        position += 1
    return position


def _block(raw: str, start: int, end: int, text: str) -> list[int]:
    """Block texts: the header line and the indentation are not part of the text."""
    header = raw.find("\n", start, end)
    if header < 0:
        return []
    found: list[int] = []
    indent = -1
    ends = header
    position = header + 1
    while position < end and len(found) < len(text):
        stop = raw.find("\n", position, end)
        stop = end if stop < 0 else stop
        line = raw[position:stop].removesuffix("\r")
        if line.strip(" "):
            if indent < 0:
                spaces = len(line) - len(line.lstrip(" "))
                indent = max(0, spaces - _leading_spaces(text))
            content = line[indent:]
            # what folding made of the previous line ending: a space, or the remaining line breaks
            while len(found) < len(text) and not text.startswith(content, len(found)):
                found.append(ends)
            found += range(position + indent, position + len(line))
        ends, position = stop, stop + 1
    return found[: len(text)]


def _leading_spaces(text: str) -> int:
    first = text.lstrip("\n")
    return len(first) - len(first.lstrip(" "))
