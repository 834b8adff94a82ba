r"""Writes formulas in lines of text, and drawn on several, as TeX, so that the judge reads them.

Nothing of the project is used here: a drawing is read as people read it, from left to right along
the line of its relations, where a bar has one number above it and another one below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from unicodedata import combining

__all__ = ["drawing_tex", "line_tex"]

RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
SIGNS: Final[Mapping[str, str]] = {
    "−": "-", "·": r"\cdot ", "⊙": r"\odot ", "⋆": r"\star ", "∗": r"\ast ", "σ": r"\sigma ",
    "∂": r"\partial ", "∑": r"\sum ", "⋯": r"\cdots ", "…": r"\cdots ", "ᵀ": r"^{\top}",
    "≈": r"\approx ", "≤": r"\le ", "←": r"\leftarrow ", "𝟎": r"\mathbf{0}", "𝟏": r"\mathbf{1}",
    "𝐞": r"\mathbf{e}", "π": r"\pi ",
}  # fmt: skip
COMMANDS: Final = ("tanh", "ln", "exp", "max")
CELL: Final = r"[^][(),\\]+"
ROW: Final = rf"{CELL}(?:, {CELL})*"
RELATION: Final = re.compile(r" [=≈←] ")
OPERATOR: Final = re.compile(r" [+−·⊙⋆∗] ")
BRACKETS: Final[Mapping[str, str]] = {"⎛⎜⎝": "⎞⎟⎠", "⎡⎢⎣": "⎤⎥⎦"}


def line_tex(text: str) -> str:
    """Return a formula on one line as TeX; lists in square brackets are rows, matrices, columns."""
    text = re.sub(r"[A-Za-z_]{2,}", name_tex, text)
    text = re.sub(r"\b1\[", r"\\mathbf{1}[", text)
    text = re.sub(r"⋯ \(= ([^()]*)\)", r"(\1)", text)
    while "√(" in text:
        begins = text.index("√(")
        ends = closing(text, begins + 1, "(", ")")
        text = rf"{text[:begins]}\sqrt{{{text[begins + 2 : ends]}}}{text[ends + 1 :]}"
    text = re.sub(r"‖([^‖]*)‖", r"\\lVert \1\\rVert ", text)
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda it: f"^{{{it[0].translate(RAISED)}}}", text)
    text = re.sub(r"\^(−?[0-9.]+)", r"^{\1}", text)
    text = re.sub(
        rf"\[\[{ROW}\](?:, \[{ROW}\])*\]", lambda it: matrix(it[0][2:-2].split("], [")), text
    )
    text = re.sub(rf"\[({ROW})\]ᵀ", lambda it: matrix(it[1].split(", ")), text)
    text = re.sub(rf"\[({CELL}(?:, {CELL})+|[−0-9.]+)\]", lambda it: matrix([it[1]]), text)
    text = re.sub(r"\[\[((?:(?!\], \[).)*?)\]\]", lambda it: matrix([it[1]]), text)  # one row
    return "".join(SIGNS.get(sign, sign) for sign in text)


def name_tex(found: re.Match[str]) -> str:
    """Return a word as a command, or as a name."""
    return rf"\{found[0]} " if found[0] in COMMANDS else rf"\mathrm{{{found[0]}}}"


def matrix(rows: Sequence[str]) -> str:
    """Return rows, the cells of each between commas, as a matrix."""
    inside = r" \cr ".join(row.replace(", ", " & ") for row in rows)
    return rf"\begin{{bmatrix}} {inside} \end{{bmatrix}}"


def drawing_tex(lines: Sequence[str]) -> str:
    """Return a formula that is drawn on several lines as TeX."""
    lines = ["".join(sign for sign in line if not combining(sign)) for line in lines]
    width = max(map(len, lines), default=0)
    block = [line.ljust(width) for line in lines if line.strip()]
    if len(block) < 2:
        return line_tex("".join(block).strip())
    return along(block, baseline(block))


def baseline(block: Sequence[str]) -> int:
    """Return the line that is read: a bar from end to end; else of those that begin the drawing,
    on which nothing is raised or lowered, that with the most relations and operators.
    """
    for place, line in enumerate(block):
        if 0 < place < len(block) - 1 and re.fullmatch(r" *─+ *", line):
            return place
    left = min(len(line) - len(line.lstrip()) for line in block)
    left += any(line[left] == "╲" for line in block)  # a root begins with its bar
    places = [place for place, line in enumerate(block) if line[left] not in " ┌"]
    counts = [[len(sign.findall(f" {line} ")) for sign in (RELATION, OPERATOR)] for line in block]
    middle = (len(block) - 1) / 2
    return max(places, key=lambda place: (*counts[place], -abs(place - middle), -place))


def along(block: Sequence[str], base: int) -> str:
    """Return what stands along a line of a block, with what is above and below it."""
    found, at, width = "", 0, len(block[base])
    text = ""  # on the line itself, alone
    while at < width:
        begins, sign = at, block[base][at]
        kind = next((kind for kind in BRACKETS if sign in kind), "")
        tall = kind and sum(line[at] in kind for line in block) > 1
        is_raised = sign == " " and any(line[at] != " " for line in block)
        is_bar = sign == "─"
        foot = next((place for place, line in enumerate(block) if line[at] == "╲"), base)
        is_root = block[base][at : at + 2] in ("╲│", " │") and block[foot][at] == "╲"
        if not (tall or is_raised or is_bar or is_root) and sign != "√":
            text += sign
            at += 1
            continue
        found += line_tex(text)
        text = ""
        if tall:
            at = closing(block[base], at, kind, BRACKETS[kind])
            inside = [line[begins + 1 : at] for line in block if line[begins] in kind]
            row = sum(line[begins] in kind for line in block[:base])
            found += matrix_tex(inside, row) if kind == "⎡⎢⎣" else f"({along(inside, row)})"
            at += 1
        elif is_bar:
            at = begins + len(block[base][begins:]) - len(block[base][begins:].lstrip("─"))
            above, below = (
                [line[begins:at] for line in part] for part in (block[:base], block[base + 1 :])
            )
            found += rf"\frac{{{drawing_tex(above)}}}{{{drawing_tex(below)}}}"
        elif is_root:  # tall: its roof, bar and foot
            top = next(place for place, line in enumerate(block) if line[at + 1] == "┌")
            at += 2 + len(block[top][at + 2 :]) - len(block[top][at + 2 :].lstrip("─"))
            inside = [line[begins + 2 : at] for line in block[top + 1 : foot + 1]]
            found += rf"\sqrt{{{along(inside, base - top - 1)}}}"
        elif sign == "√":
            roof = block[base - 1][at + 1 :]
            at += 1 + len(roof) - len(roof.lstrip("_"))
            found += rf"\sqrt{{{line_tex(block[base][begins + 1 : at])}}}"
        else:
            while (
                at < width
                and block[base][at] == " "
                and any(line[at : at + 2].strip() for line in block)
            ):
                at += 1
            above, below = (
                [line[begins:at] for line in part] for part in (block[:base], block[base + 1 :])
            )
            if "".join(above).strip():
                power = drawing_tex(above)
                found += power if power.startswith("^") else f"^{{{power}}}"
            if "".join(below).strip():
                found += f"_{{{drawing_tex(below)}}}"
            found += " "
    return found + line_tex(text)


def closing(line: str, at: int, opens: str, closes: str) -> int:
    """Return where the bracket that opens at a place closes on its line."""
    depth = 0
    for place in range(at, len(line)):
        depth += (line[place] in opens) - (line[place] in closes)
        if not depth:
            return place
    raise ValueError(line)


def columns_of(inside: Sequence[str]) -> list[list[str]]:
    """Return what stands between gaps of two blanks on every line."""
    blank = "".join(" " if not set(signs) - {" "} else "." for signs in zip(*inside, strict=True))
    return [
        [line[found.start() : found.end()] for line in inside]
        for found in re.finditer(r"\.+(?: \.+)*", blank)
    ]


def matrix_tex(inside: Sequence[str], base: int) -> str:
    """Return what stands between tall square brackets: rows of numbers, or a list of arrays."""
    if all(line.strip() and not set(line) & set("⎡⎛─,") for line in inside):
        return matrix([line_tex(re.sub(r" {2,}", ", ", line.strip())) for line in inside])
    columns = columns_of(inside)
    if len(columns) > 1 and "," not in inside[base]:  # arrays side by side
        return matrix([", ".join(along(column, base) for column in columns)])
    whole = along(inside, base).strip()
    if whole.startswith("[") and closing(whole, 0, "[", "]") == len(whole) - 1:  # one row
        return matrix([whole[1:-1]])
    return f"[{whole}]" if ", " in inside[base] else matrix([whole])
