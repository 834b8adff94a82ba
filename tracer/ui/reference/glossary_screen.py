"""The glossary: rules, operations and optimizers, searched as one types, each fully explained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Final

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Input

from tracer.narrative.explanation import (
    OTHER_NAMES,
    explain,
    explained_names,
    explanation_blocks,
    page_notation,
    page_title,
)
from tracer.narrative.ideas import IDEAS
from tracer.narrative.words import EXPLAINED
from tracer.operations import table
from tracer.program.optimizers import OPTIMIZERS
from tracer.render.line_writer import LineWriter
from tracer.render.mathematics import Mathematics, Words
from tracer.render.screen_lines import Line, indented
from tracer.sentences import Sentence, say
from tracer.ui.parts.dialogs import OptionList, SearchScreen
from tracer.ui.parts.host import Option
from tracer.ui.parts.tracer_screen import ScrollText
from tracer.ui.reference import GLOSSARY

OPERATIONS: Final = say("Operations")
OPTIMIZED: Final = say("Optimizers")
RULES: Final = say("Rules")
TERMS: Final = say("Words")


def glossary_options(words: Words) -> Iterator[Option]:
    """Yield what there is to explain: words and rules first, they are what a walk prints.

    Each is found by all that it is called, in English too.
    """
    names, described = explained_names(), ((OPERATIONS, table()), (OPTIMIZED, OPTIMIZERS))
    terms = [*EXPLAINED, *IDEAS]
    groups = {name: (group, rows[name]) for group, rows in described for name in rows}
    called: dict[str, list[str]] = defaultdict(list)
    for other, name in OTHER_NAMES:
        called[name] += [other.template, words(other)]
    for group in (TERMS, RULES, OPERATIONS, OPTIMIZED):
        for name in terms if group is TERMS else names:
            own, row = groups.get(name, (TERMS if name in terms else RULES, None))
            if own is group:
                spoken = page_title(name)
                title = name if row is not None else words(spoken)
                note = words(Sentence(row.words)) if row is not None else spoken.template
                also = ", ".join([name, title, *called[name]])
                yield Option(name, title, note if note != title else "", words(group), also)


@cache
def _printed_names() -> Mapping[str, str]:
    """Return the name that explains each rule a step can print: its own, or its operation's."""
    rows = [row for row in table().values() if row.words and not row.inner]
    printed = {text: row.name for row in rows for text in (row.title, row.words)}
    return {**printed, **{name: name for name in explained_names()}}


def step_names(rules: Sequence[Sentence]) -> list[str]:
    """Return the names that explain the rules of a step, where there are any."""
    names = (_printed_names().get(rule.template) for rule in rules)
    return [*dict.fromkeys(filter(None, names))]


@lru_cache(1)
def entry_lines(name: str, words: Words, room: int) -> list[Line]:
    """Return what is said of a name, as lines."""
    explanation = explain(name)
    writer = LineWriter(Mathematics(page_notation(explanation), words), room)
    return [*chain.from_iterable(map(writer.following, explanation_blocks(explanation, ())))]


class GlossaryScreen(SearchScreen, table=GLOSSARY):
    """A list to search beside what is said of the chosen name."""

    FOOTER = ("app.back",)

    def contents(self) -> ComposeResult:
        """The list at the left, the text at the right; below one another where it is narrow."""
        with Container(id="glossary"):
            with Vertical(id="names"):
                yield Input(placeholder=self.tracer.text(say("type to search")))
                yield OptionList(())
            yield ScrollText(id="told")

    sought = ""  # the word that is searched for when the screen opens

    def on_screen_resume(self) -> None:
        """Begin with what is sought, else with the rules of the step that is shown behind."""
        self.query_one(Input).value, self.sought = self.sought, ""

    def session_changed(self) -> None:
        """Fill the list in the reader's language."""
        self.show_title(say("Glossary"), say("rules, operations and optimizers"))
        self.fill(self._options())

    def _options(self) -> Iterator[Option]:
        options = {each.value: each for each in glossary_options(self.tracer.words)}
        here = step_names(self.session.step.rules) if self.tracer.has_session else []
        group = self.tracer.text(say("This step"))
        return chain((options[name]._replace(group=group) for name in here), options.values())

    def show_chosen(self) -> None:
        """Show what is said of the chosen name, for the room there is."""
        chosen, text = self.options.chosen_option, self.query_one(ScrollText)
        columns = max(text.size.width - 3, 20)
        lines = [] if chosen is None else entry_lines(chosen.value, self.tracer.words, columns)
        text.show(indented(lines))

    action_pick = show_chosen

    def on_input_submitted(self) -> None:
        """Read the text: arrows scroll it now."""
        self.query_one(ScrollText).focus()

    def action_back(self) -> None:
        """Go back: from the text to the list, from a search to all, then to where one was."""
        search = self.query_one(Input)
        if search.has_focus:
            super().action_back()
        else:
            search.focus()
