"""The choice of a scenario: the bundled ones in groups, recent files, and a file by its path."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from tracer.narrative.overview import first_sentence
from tracer.program.scenario import Scenario, bundled, load
from tracer.sentences import Sentence, say
from tracer.ui.parts.dialogs import OptionList, SearchScreen
from tracer.ui.parts.host import Option
from tracer.ui.parts.reader_files import typed_path
from tracer.ui.parts.tracer_screen import content
from tracer.ui.scenarios import SCENARIOS

GROUPS: Final[tuple[tuple[Sentence, tuple[str, ...]], ...]] = (
    (
        say("First steps"),
        (
            "one_weight",
            "one_weight_all_samples",
            "one_weight_sum",
            "linear_regression",
            "neuron",
            "perceptron",
        ),
    ),
    (
        say("Layers"),
        (
            "mlp_2_2_2",
            "xor",
            "no_activation",
            "deep_sigmoid",
            "batch_norm",
            "digit_mlp",
            "four_layer_classifier",
            "digit_cnn",
        ),
    ),
    (
        say("Parts: activations, losses, optimizers"),
        (
            "activations",
            "softmax_example",
            "losses",
            "optimizers",
            "optimizers_side_by_side",
        ),
    ),
    (
        say("Sequences"),
        ("rnn_step", "rnn_language_model", "ngram_cnn", "seq2seq", "seq2seq_attention"),
    ),
    (
        say("Attention and Transformers"),
        (
            "self_attention",
            "cross_attention",
            "multi_head_attention",
            "position_wise_ffn",
            "position_wise_ffn_full",
            "gpt2_mlp",
            "gpt2_mlp_full",
            "transformer_block",
        ),
    ),
)


def next_scenario(name: str) -> str | None:
    """Return the bundled scenario that follows one; None after the last, and of a file."""
    names = [each for _, group in GROUPS for each in group]
    following = names.index(name) + 1 if name in names else len(names)
    return names[following] if following < len(names) else None


def length_words(scenario: Scenario) -> Sentence:
    """Return how long a scenario trains."""
    training = scenario.training
    if training is None:
        return say("No training: it only computes.")
    if training.epochs is not None:
        return say("Epochs: {number}.", number=training.epochs)
    return say("Iterations: {number}.", number=training.iterations or 1)


class ScenariosScreen(SearchScreen, table=SCENARIOS):
    """Type to search; a path that ends in .toml opens a file."""

    FOOTER = ("app.back", "app.palette")

    def contents(self) -> ComposeResult:
        """A line to type into above the list."""
        with Vertical(id="scenarios"):
            yield Input(
                placeholder=self.tracer.text(say("type to search, or the path of a .toml file")),
                id="search",
            )
            yield OptionList((), id="options")
            yield Static("", id="about")

    def session_changed(self) -> None:
        """Fill the list in the reader's language."""
        self.show_title(say("Scenarios"), say("Enter opens, Esc goes back"))
        if self.tracer.has_session:
            self.present = self.session.scenario.name
        self.fill(self._options())

    def _options(self) -> Iterator[Option]:
        for path in self.tracer.preferences.recent:
            yield Option(Path(path), path, "", self.tracer.text(say("Recent files")))
        scenarios = bundled()
        grouped = {name for _, names in GROUPS for name in names}
        rest = (say("More"), tuple(name for name in scenarios if name not in grouped))
        longest = max(map(len, scenarios))
        for title, names in (*GROUPS, rest):
            for name in names:
                if name in scenarios:
                    scenario = load(name)
                    count = sum(math.prod(each.shape) for each in scenario.parameters.values())
                    size = say("{count} {count:parameter|parameters}", count=f"{count:,}")
                    heading = scenario.heading
                    text = f"{name.ljust(longest)}  {heading.text_in(self.tracer.words.translate)}"
                    yield Option(
                        name,
                        text,
                        self.tracer.text(size),
                        self.tracer.text(title),
                        " ".join((heading.text, *heading.others.values())),
                    )

    def show_chosen(self) -> None:
        """Say what the chosen scenario is for, and how long its walk is."""
        chosen = self.options.chosen_option
        text = ""
        if chosen is not None and isinstance(chosen.value, str):
            scenario = load(chosen.value)
            purpose = first_sentence(scenario).text_in(self.tracer.words.translate)
            text = f"{self.tracer.text(length_words(scenario))} {purpose}"
        self.query_one("#about", Static).update(content(self.tracer.text(text)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open the file that is typed, or the scenario that is chosen."""
        chosen = self.options.chosen_option
        typed = event.value.strip()
        if typed.endswith(".toml") or (chosen is None and typed):
            self.tracer.open_scenario(typed_path(typed))
        else:
            self.action_pick()

    def action_back(self) -> None:
        """Go back; where there is nothing to go back to, leave."""
        if self.tracer.has_session or self.query_one(Input).value:
            super().action_back()
        else:
            self.tracer.exit()

    def action_pick(self) -> None:
        """Open what is clicked."""
        if self.options.chosen_option is not None:
            self.tracer.open_scenario(self.options.chosen_option.value)
