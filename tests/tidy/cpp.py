"""Finds the functions of C and C++ source, well enough to measure them."""

import re

# What may hold braces, quotes or line ends that are not code; a digit separator is no quote.
_NOT_CODE = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|"""
    r"""(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'|^[ \t]*\#(?:\\\n|[^\n])*""",
    re.DOTALL | re.MULTILINE)
_SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b")
_ATTRIBUTE = re.compile(r"\b(?:alignas|[A-Z_]{3,}|__attribute__)\s*\((?:[^()]|\([^()]*\))*\)")
_ACCESS = re.compile(r"\s*(?:public|private|protected)\s*")
_MEMBER_VALUE = re.compile(r"\)[^()]*[:,]\s*\w+\s*$")
_VALUE = re.compile(r"(?:=|\breturn)\s*$")


def functions(text):
    """Yields the first and the last line of each function; what lies inside one is part of it."""
    code = _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    line, head, head_line = 1, "", None
    open_braces = []  # for each: the line its function began on, or None; and the head it interrupts
    inside = 0
    for character in code:
        if character == "{":
            value = _is_value(head)
            first = head_line if not (inside or value) and _is_function(head) else None
            open_braces.append((first, (head + "{}", head_line) if value else ("", None)))
            inside += first is not None
            head, head_line = "", None
        elif character == "}" and open_braces:
            first, (head, head_line) = open_braces.pop()
            if first is not None:
                inside -= 1
                yield first, line
        elif character == ";" or character == ":" and _ACCESS.fullmatch(head):
            head, head_line = "", None
        else:
            if head_line is None and not character.isspace():
                head_line = line
            head += character
        line += character == "\n"


def _is_value(head):
    """Whether the brace that follows opens a value: of a default argument, a member, a variable."""
    return bool(head.count("(") > head.count(")") or _VALUE.search(head) or _MEMBER_VALUE.search(head))


def _is_function(head):
    """Whether the brace that follows opens a function: there are parameters, and not of an attribute."""
    return "(" in (_ATTRIBUTE.sub("", head) if _SCOPE.search(head) else head)
