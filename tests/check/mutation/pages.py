"""Lay worked lines out as a document: headings, sentences, lists, tables, displays, notebooks.

Whatever surrounds a line is chosen by a seed of that line, so that a slip in one line changes no
word of the others.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final, NamedTuple

from tests.check.mutation.formula_trees import Figure, Name, Path, Texts, names_of
from tests.check.mutation.hands import Hand, Layout
from tests.check.mutation.symbols import WORDS
from tests.check.mutation.typesetting import Text, Typesetter, join
from tests.check.mutation.worked_networks import Network
from tests.check.mutation.working import WorkedLine

__all__ = ["Page", "Span", "lay_out"]

ROLE_WORDS: Final = {
    "input": ("input", "输入"),
    "target": ("target", "目标值"),
    "weight": ("parameter", "参数"),
    "rate": ("learning rate", "学习率"),
    "constant": ("constant", "常数"),
    "rule": ("hyperparameter", "超参数"),
    "state": ("start", "初始值"),
}
PHASES: Final = {
    "forward": (("Forward pass", "Forward", "The forward pass"), ("前向传播", "正向计算")),
    "loss": (("Loss", "The loss", "How wrong is it?"), ("损失", "计算损失")),
    "backward": (("Backward pass", "Gradients", "Backpropagation"), ("反向传播", "梯度")),
    "state": (("Moments", "The optimizer", "Running means"), ("动量", "优化器")),
    "update": (("Update", "Gradient descent step", "New parameters"), ("更新参数", "梯度下降")),
}
SHARES: Final = frozenset(("p", "q", "a", "alpha"))  # what may be said in percent
TITLES: Final = (
    ("A worked example", "Training by hand", "Exercise 3", "Lecture notes", "Homework, problem 2"),
    ("手算例题", "一步一步地训练", "练习 3", "课堂笔记"),
)
OPENINGS: Final = (
    ("The {words} is {chain}.", "So {chain}.", "We get {chain}.", "Hence {chain}.",
     "Next, {chain}.", "For the {words}: {chain}.", "This gives {chain}.", "{chain}",
     "With these numbers, {chain}.", "Now the {words}: {chain}.", "Plugging in: {chain}."),
    ("{words}为 {chain}。", "于是 {chain}。", "因此，{chain}。", "代入得 {chain}。",
     "计算{words}：{chain}。", "所以 {chain}", "接下来求{words}：{chain}。"),
)  # fmt: skip
NAMELESS: Final = (  # for lines without a name on the left
    ("{words}: {chain}", "The {words} is {chain}.", "For the {words} we get {chain}."),
    ("{words}：{chain}", "{words}为 {chain}。", "{words}是 {chain}。"),
)
REMARKS: Final = (
    (" (rounded)", " (as expected)", "  (see above)", ", as before", " (by the chain rule)"),
    ("（四舍五入）", "（链式法则）"),
)
DISTRACTIONS: Final = (
    (
        "This takes about 5 minutes by hand.",
        "See Section 1.3 and Figure 2 for a picture of the network.",
        "In practice one uses batches of 32 or 64 samples.",
        "Remember the chain rule: the outer derivative times the inner one.",
        "> Tip: check your signs twice before you go on.",
        "Most frameworks would do this in one line.",
        "Keep these numbers, we need them below.",
        "The course has 12 lectures; this is number 4.",
    ),
    (
        "手算大约需要 5 分钟。",
        "网络结构见图 2。",
        "实践中常用 32 或 64 个样本的批次。",
        "注意符号。",
    ),
)


class Span(NamedTuple):
    """A place in the text: a notebook's cell, the line (both from 1), columns from 0."""

    cell: int | None
    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Page:
    """A document, and where each part of its worked lines stands.

    A path begins with the number of the worked line; the next is its side, the rest is the way
    down its tree. The path of the number alone covers the whole line, several times if it is
    spread over lines of text.
    """

    text: str
    kind: str
    spans: Mapping[Path, Sequence[Span]]

    def lines_of(self, number: int) -> set[tuple[int | None, int]]:
        """Return the lines of text over which a worked line is spread."""
        return {(span.cell, span.line) for span in self.spans.get((number,), ())}


class _Writer:
    """Lays out one document."""

    def __init__(self, network: Network, hand: Hand, seed: str) -> None:
        self.network, self.hand, self.seed = network, hand, seed
        self.language = int(hand.is_chinese)
        self.setter = Typesetter(hand.style, network.zero_based)
        self.cells: list[tuple[str, list[Text]]] = [("markdown", [])]
        self.is_latex = hand.style.notation == "latex"
        self.is_markdown = hand.kind in ("md", "ipynb")
        source = random.Random(f"{seed}/page")
        self.heading_share = source.choice((0.0, 0.5, 1.0))
        self.label_form = source.choice(("{}", "**{}**", "{}", "({})"))
        self.blank_lines = source.random() < 0.8
        self.splits_cells = source.random() < 0.7
        self.entry_givens = source.random() < 0.75
        self.title = source.random() < 0.7

    def _dice(self, *what: object) -> random.Random:
        return random.Random("/".join(map(str, (self.seed, *what))))

    def say(self, *lines: Text | str, blank: bool = True) -> None:
        """Add lines of text, and an empty one after them."""
        target = self.cells[-1][1]
        target += [Text(line) if isinstance(line, str) else line for line in lines]
        if blank:
            target.append(Text(""))

    def new_cell(self, kind: str = "markdown") -> None:
        if self.hand.kind == "ipynb":
            self.cells.append((kind, []))

    # ---- the whole

    def write(self, lines: Sequence[WorkedLine]) -> Page:
        source = self._dice("title")
        if self.title:
            self._heading(source.choice(TITLES[self.language]), 1)
        if source.random() < self.hand.distraction_share:
            self._distract(source)
        self._givens()
        if not self.hand.targets:  # a value alone, without a name, says nothing
            lines = [line for line in lines if len(line.sides) > 1]
        count = len(self.network.iterations)
        for iteration, members in groupby(lines, key=lambda line: line.iteration):
            if count > 1:
                self._iteration(iteration)
            for phase, group in groupby(members, key=lambda line: line.step.phase):
                self._section(iteration, phase, list(group))
        self._outputs(lines)
        return self._page()

    def _heading(self, words: str, level: int) -> None:
        if self.is_markdown:
            self.say(f"{'#' * level} {words}")
        elif self.hand.kind == "tex":
            command = "section*" if level == 1 else "subsection*"
            self.say(rf"\{command}{{{words}}}")
        else:
            self.say(words, *(["=" * len(words)] if level == 1 else []))

    def _distract(self, source: random.Random) -> None:
        words = source.choice(DISTRACTIONS[self.language])
        self.say(words.lstrip("> ") if not self.is_markdown else words)

    def _iteration(self, iteration: int) -> None:
        source = random.Random(f"{self.seed}/iterations")  # one form for all of them
        forms = (
            (f"Iteration {iteration}", f"Step {iteration}", f"Iteration {iteration}")
            if not self.language
            else (f"第 {iteration} 次迭代", f"迭代 {iteration}")
        )
        form = source.choice(forms)
        if source.random() < 0.7:
            self._heading(form, 2)
        else:
            self.say(f"**{form}**" if self.is_markdown else f"{form}:")

    def _section(self, iteration: int, phase: str, lines: list[WorkedLine]) -> None:
        source = self._dice("section", iteration, phase)
        if self.splits_cells:
            self.new_cell()
        if source.random() < self.heading_share:
            self._heading(source.choice(PHASES[phase][self.language]), 3)
        if source.random() < self.hand.distraction_share:
            self._distract(source)
        layout = source.choice(self.hand.layouts)
        for line in lines:
            self.setter.versions = line.versions
        self.layouts()[layout](lines)

    def layouts(self) -> Mapping[Layout, Callable[[list[WorkedLine]], None]]:
        return {
            "lines": self._lines,
            "sentences": self._sentences,
            "continued": self._continued,
            "separate": self._separate,
            "fence": self._fence,
            "table": self._table,
            "display": self._display,
            "aligned": self._aligned,
            "together": self._together,
        }

    # ---- a worked line

    def _pieces(self, line: WorkedLine) -> tuple[Text, list[Text]]:
        """Return the left side, and each other side with the sign before it."""
        self.setter.versions = line.versions
        target, first_sign = Text(""), ""
        key = line.step.target.key
        after = {name: count + (name == key) for name, count in line.versions.items()}
        if self.hand.targets:
            self.setter.versions = after
            if line.step.is_update and line.step.phase == "update":
                left, first_sign = self.setter.new_value(line.step.target)
            else:
                left = self.setter.name(line.step.target)
            self.setter.versions = line.versions
            target = Text(left)
        sides = []
        for place, (node, sign) in enumerate(zip(line.sides, line.signs, strict=True)):
            text = self.setter.side(node).below((line.number, place))
            is_arrow = place == 0 and first_sign != self.hand.style.equals and first_sign
            if is_arrow and len(line.sides) > 1:
                sign = first_sign
            is_last = place == len(line.sides) - 1
            if is_last and self.hand.numerals == "percent":
                text = text + self._as_percent(line)
            if is_last and self.hand.boxed and line.step.phase == "update":
                text = self._boxed(text)
            sides.append((sign + " " + text) if place or self.hand.targets else text)
        return target, sides

    def _as_percent(self, line: WorkedLine) -> str:
        """Return what is said besides of a probability with three digits or more: ` = 73.1 %`."""
        texts, key = line.result.texts, line.step.target.key
        if key not in SHARES or not isinstance(texts, str) or len(texts.partition(".")[2]) < 3:
            return ""
        sign = r"\%" if self.is_latex else "%"
        return f" {self.hand.style.equals} {Decimal(texts).scaleb(2)}{sign}"

    def _boxed(self, text: Text) -> Text:
        if self.is_latex:
            return r"\boxed{" + text + "}"
        if self.is_markdown and not self.hand.inline:
            return "**" + text + "**"
        return text

    def _whole(self, text: Text, line: WorkedLine) -> Text:
        return text.marked((line.number,))

    def _chain(self, line: WorkedLine) -> Text:
        target, sides = self._pieces(line)
        pieces = [target, *sides] if target.string else sides
        return self._whole(join(pieces, " "), line)

    def _inline(self, text: Text) -> Text:
        return self.hand.inline + text + self.hand.inline

    def _words(self, line: WorkedLine) -> str:
        key = line.step.target.key
        options = WORDS.get(key, WORDS.get(line.step.phase, (("value",), ("值",))))
        source = random.Random(f"{self.seed}/words/{key}")
        words = source.choice(options[self.language])
        if key.startswith("d:") or line.step.phase == "update":
            name = self.setter.name(Name(key.removeprefix("d:"), line.step.target.index))
            name = f"${name}$" if self.is_latex else name
            return f"{words} of {name}" if not self.language else f"{name} 的{words}"
        return words

    def _label(self, line: WorkedLine, source: random.Random) -> str:
        """Return what stands before a line, or nothing."""
        if source.random() >= self.hand.label_share and self.hand.targets:
            return ""
        words = self._words(line)
        if source.random() < 0.5 and not self.language:
            words = words[0].upper() + words[1:]
        form = self.label_form if self.is_markdown else "{}"
        return form.format(words) + ("：" if self.language else ": ")

    def _remark(self, source: random.Random) -> str:
        if source.random() < self.hand.remark_share:
            return source.choice(REMARKS[self.language])
        return ""

    # ---- layouts

    def _lines(self, lines: list[WorkedLine]) -> None:
        for line in lines:
            source = self._dice("line", line.number)
            label = self._label(line, source)
            text = self.hand.bullet + label + self._inline(self._chain(line))
            is_last = line is lines[-1]
            is_listed = bool(self.hand.bullet) or self.hand.kind == "txt"
            self.say(text + self._remark(source), blank=is_last or not is_listed)

    def _sentences(self, lines: list[WorkedLine]) -> None:
        for line in lines:
            source = self._dice("sentence", line.number)
            template = source.choice(OPENINGS[self.language])
            if not self.hand.targets:
                template = source.choice(NAMELESS[self.language])
            before, _, after = template.partition("{chain}")
            before = before.format(words=self._words(line))
            text = before + self._inline(self._chain(line))
            self.say(text + after, blank=self.blank_lines or line is lines[-1])

    def _continued(self, lines: list[WorkedLine]) -> None:
        fenced = self.is_markdown and not self.is_latex
        if fenced:
            self.say("```", blank=False)
        for line in lines:
            target, sides = self._pieces(line)
            if not target.string and not self.is_latex:
                target = Text(f"{self._words(line)}:")
            if self.is_latex:
                self.say("$$", blank=False)
            first = target + (" " if target.string else "") + sides[0]
            self.say(self._whole(first, line), blank=False)
            for side in sides[1:]:
                indent = " " * (len(target.string) + 1)
                self.say(indent + self._whole(side, line), blank=False)
            self.say(*(["$$"] if self.is_latex else []), blank=not fenced or line is not lines[-1])
        if fenced:
            self.say("```")

    def _separate(self, lines: list[WorkedLine]) -> None:
        """The formula stands on a line of its own, the figures follow on the next."""
        for line in lines:
            target, sides = self._pieces(line)
            source = self._dice("separate", line.number)
            label = self._label(line, source)
            if line.roles[0] != "formula" or len(sides) < 3 or not target.string:
                self.say(self.hand.bullet + label + self._inline(self._chain(line)))
                continue
            formula = self._whole(target + " " + sides[0], line)
            figures = self._whole(join([target, *sides[1:]], " "), line)
            self.say(self.hand.bullet + label + self._inline(formula), blank=self.blank_lines)
            self.say(("  " if self.hand.bullet else "") + self._inline(figures))

    def _fence(self, lines: list[WorkedLine]) -> None:
        source = self._dice("fence", lines[0].number)
        self.say("```" + source.choice(("", "", "text")), blank=False)
        for line in lines:
            label = self._label(line, source) if not self.hand.targets else ""
            self.say(label.replace("*", "") + self._chain(line), blank=False)
        self.say("```")

    def _table(self, lines: list[WorkedLine]) -> None:
        head = ("quantity", "calculation") if not self.language else ("量", "计算")
        self.say(f"| {head[0]} | {head[1]} |", "|---|---|", blank=False)
        for line in lines:
            row = f"| {self._words(line)} | " + self._inline(self._chain(line)) + " |"
            self.say(row, blank=line is lines[-1])

    def _display(self, lines: list[WorkedLine]) -> None:
        source = self._dice("display", lines[0].number)
        opening, closing = source.choice((("$$", "$$"), ("$$", "$$"), (r"\[", r"\]")))
        one_line = source.random() < 0.5
        for line in lines:
            label = self._label(line, self._dice("line", line.number))
            if label:
                self.say(label.rstrip())
            if one_line:
                self.say(opening + self._chain(line) + closing)
            else:
                self.say(opening, self._chain(line), closing)

    def _environment(self) -> tuple[list[str], list[str]]:
        if self.hand.kind == "tex":
            return [r"\begin{align*}"], [r"\end{align*}"]
        source = self._dice("environment")
        if source.random() < 0.3:
            return [r"\begin{align}"], [r"\end{align}"]
        return ["$$", r"\begin{aligned}"], [r"\end{aligned}", "$$"]

    def _aligned(self, lines: list[WorkedLine]) -> None:
        """Each line of its own, a side on each row."""
        begin, end = self._environment()
        for line in lines:
            target, sides = self._pieces(line)
            self.say(*begin, blank=False)
            for place, side in enumerate(sides):
                left = target if not place else Text("")
                tail = r" \\" if place < len(sides) - 1 else ""
                self.say(self._whole(left + " &" + side, line) + tail, blank=False)
            self.say(*end)

    def _together(self, lines: list[WorkedLine]) -> None:
        """All lines of a section in one environment."""
        begin, end = self._environment()
        self.say(*begin, blank=False)
        for line in lines:
            target, sides = self._pieces(line)
            text = self._whole(target + " &" + join(sides, " "), line)
            self.say(text + (r" \\" if line is not lines[-1] else ""), blank=False)
        self.say(*end)

    # ---- what is given

    def _assignments(self) -> list[tuple[str, str, str]]:
        """Return name, value and role of each given number, entries one by one where they are."""
        depths: dict[str, int] = {}
        for steps in self.network.iterations:
            for step in steps:
                for name in names_of(step.formula):
                    depths[name.key] = max(depths.get(name.key, 0), len(name.index))
        found: list[tuple[str, str, str]] = []
        for given in self.network.givens:
            depth = depths.get(given.key, 0)
            is_row_names = depth == 1 and isinstance(given.texts[0], tuple)
            if given.key in self.network.zero_based or is_row_names:
                pass
            elif not self.entry_givens:
                depth = 0
            for index, texts in _entries(given.texts, depth):
                symbol = self.setter.name(Name(given.key, index))
                value = self.setter.side(Figure(texts)).string
                found.append((symbol, value, given.role))
        return found

    def _givens(self) -> None:
        hand, source = self.hand, self._dice("givens")
        if hand.givens == "none":
            return
        assignments = self._assignments()
        equal = [f"{name} = {value}" for name, value, _ in assignments]
        if hand.kind == "ipynb" and hand.style.notation == "ascii" and source.random() < 0.4:
            self.new_cell("code")
            self.say(*equal)
            self.new_cell()
        elif hand.givens == "sentence":
            self._given_sentence(assignments, source)
        elif hand.givens == "table" and self.is_markdown:
            head = "| 量 | 值 |" if self.language else "| name | value |"
            marks = hand.inline.replace("`", "")
            rows = [f"| {marks}{n}{marks} | {marks}{v}{marks} |" for n, v, _ in assignments]
            self.say(head, "|---|---|", *rows)
        elif hand.givens == "lines" and not self.is_latex:
            fence = ["```"] if self.is_markdown else []
            self.say(*fence, *equal, *fence)
        else:
            self.say("已知：" if self.language else source.choice(("Given:", "We start with:")))
            with_role = source.random() < 0.4
            for text, (_, _, role) in zip(equal, assignments, strict=True):
                label = ROLE_WORDS[role][self.language] + ("：" if self.language else ": ")
                self.say(
                    f"- {label if with_role else ''}{hand.inline}{text}{hand.inline}", blank=False
                )
            self.say("", blank=False)

    def _given_sentence(
        self, assignments: list[tuple[str, str, str]], source: random.Random
    ) -> None:
        parts = []
        for name, value, role in assignments:
            words = ROLE_WORDS[role][self.language]
            marked = f"{self.hand.inline}{name} = {value}{self.hand.inline}"
            if role == "rate":
                marked = f"{words} {marked}" if self.language else f"the {words} {marked}"
            parts.append(marked)
        if self.language:
            self.say(source.choice(("已知 ", "设 ", "给定 ")) + "，".join(parts) + "。")
            return
        opening = source.choice(("Let ", "Given ", "We start from ", "Suppose "))
        self.say(opening + ", ".join(parts[:-1]) + f" and {parts[-1]}.")

    # ---- the end

    def _outputs(self, lines: Sequence[WorkedLine]) -> None:
        """Let some notebooks print the last new value."""
        if self.hand.kind != "ipynb" or self.hand.style.notation != "ascii":
            return
        source, last = self._dice("outputs"), lines[-1]
        if (
            source.random() < 0.5
            and isinstance(last.result.texts, str)
            and not last.step.target.index
        ):
            name = self.setter.name(last.step.target)
            self.new_cell("code")
            self.say(f'print("{name} =", {name})', blank=False)
            self.new_cell("output")
            self.say(f"{name} = {last.result.texts}", blank=False)

    def _page(self) -> Page:
        spans: dict[Path, list[Span]] = {}
        cells = [cell for cell in self.cells if cell[1]]
        number = 0
        for kind, lines in cells:
            number += kind != "output"
            for row, text in enumerate(lines, 1):
                for path, start, end in text.marks:
                    cell = number if self.hand.kind == "ipynb" else None
                    spans.setdefault(path, []).append(Span(cell, row, start, end))
        if self.hand.kind == "ipynb":
            return Page(_notebook(cells), "ipynb", spans)
        if self.hand.kind == "tex":
            head = [r"\documentclass{article}", r"\usepackage{amsmath}", r"\begin{document}"]
            moved = {
                path: [Span(None, span.line + len(head), span.start, span.end) for span in places]
                for path, places in spans.items()
            }
            body = [text.string for text in cells[0][1]]
            return Page("\n".join([*head, *body, r"\end{document}", ""]), "tex", moved)
        return Page("\n".join(text.string for text in cells[0][1]) + "\n", self.hand.kind, spans)


def _entries(texts: Texts, depth: int) -> Iterator[tuple[tuple[int, ...], Texts]]:
    if depth == 0 or isinstance(texts, str):
        yield (), texts
        return
    for place, entry in enumerate(texts):
        for index, inner in _entries(entry, depth - 1):
            yield (place, *index), inner


def _source(lines: Iterable[Text]) -> list[str]:
    rows = [text.string for text in lines]
    while rows and not rows[-1]:
        rows.pop()
    return [row + "\n" for row in rows[:-1]] + rows[-1:]


def _notebook(cells: Sequence[tuple[str, list[Text]]]) -> str:
    """Return the JSON of a notebook; what is printed belongs to the code cell before it."""
    made: list[dict[str, object]] = []
    for kind, lines in cells:
        if kind == "output":
            made[-1]["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": _source(lines)}
            ]
        elif kind == "code":
            made.append(
                {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [],
                 "source": _source(lines)}
            )  # fmt: skip
        else:
            made.append({"cell_type": "markdown", "metadata": {}, "source": _source(lines)})
    whole = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def lay_out(network: Network, hand: Hand, seed: str, lines: Sequence[WorkedLine]) -> Page:
    """Return worked lines as a document of the writer's kind."""
    return _Writer(network, hand, seed).write(lines)
