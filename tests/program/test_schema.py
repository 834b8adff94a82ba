"""The rows of scenario files: what they say is what the reader does."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracer
from tracer.errors import ScenarioError
from tracer.narrative.explanation import explained_names
from tracer.program.document import (
    ChoiceType,
    Document,
    NumberType,
    ScenarioKey,
    ScenarioSection,
    TomlTable,
    WholeType,
)
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import Scenario, loads
from tracer.program.scenario_edits import editable_fields, with_optimizer
from tracer.program.schema import LANGUAGE, SECTIONS, SETTINGS, TOP, TRAINING, UPDATE
from tracer.program.value_sources import DRAW, INITS

NETWORK = "[parameters]\nw = 1\n[network]\nequations = 'loss = w**2'\n[training]\n"
ROWS = {
    f"{section.title} {key.name}": key
    for section in (TOP, *SECTIONS.values(), UPDATE, LANGUAGE, DRAW)
    for key in section.keys
}
ROWS |= {f"{init} {key.name}": key for init, row in INITS.items() for key in row.keys}
ROWS |= {f"{name} {key.name}": key for name, row in OPTIMIZERS.items() for key in row.settings}
RANGES = [
    name
    for name, key in ROWS.items()
    if isinstance(key.type, NumberType | WholeType) and key.type.low is not None
]


def with_training(lines: str) -> Scenario:
    """Return a scenario with these keys of [training]."""
    return loads(f"{NETWORK}iterations = 1\n{lines}")


def read(key: ScenarioKey, text: str) -> object:
    """Return what a row reads where a file says this."""
    content = Document(f"{key.name} = {text}", "row")
    return key.type.read(TomlTable(content, (), content.content), key.name)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_has_words_and_an_example_that_fits(name: str) -> None:
    """Example and default, where it is TOML, may stand at the key; words are no sentence."""
    key = ROWS[name]
    assert str(key.words)
    assert not str(key.words).endswith(".")
    assert str(key.type.expected())
    for text in (key.example, key.default):
        if isinstance(text, str) and text:
            read(key, text)


@pytest.mark.parametrize("name", RANGES)
def test_the_range_that_is_said_is_the_one_that_is_kept(name: str) -> None:
    """A number below or above the range is refused with the words of the row; its ends are not."""
    key = ROWS[name]
    kind = key.type
    assert isinstance(kind, NumberType | WholeType)
    assert kind.low is not None
    outside = [kind.low - 1]
    inside = [kind.low]
    if kind.high is not None:
        outside.append(kind.high + 1)
        inside.append(kind.high)
    if isinstance(kind, NumberType) and kind.below is not None:
        outside.append(kind.below)
    many = isinstance(kind, WholeType) and kind.many
    for number in outside:
        with pytest.raises(ScenarioError) as caught:
            read(key, f"[{number}]" if many else str(number))
        assert str(caught.value).endswith(f"expected {kind.expected()}")
    for number in inside:
        read(key, f"[{number}]" if many else str(number))


@pytest.mark.parametrize("section", [item for item in SECTIONS.values() if item.needs])
def test_a_key_that_is_needed_is_named_with_an_example(section: ScenarioSection) -> None:
    """The example in the message is that of the row."""
    document = Document("", "empty")
    with pytest.raises(ScenarioError) as caught:
        section.read(TomlTable(document, (), {}))
    assert f"{section.title} needs {section.needs[0][0]}" in str(caught.value)
    assert section[section.needs[0][0]].example in str(caught.value)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_is_known_everywhere_by_its_entry(optimizer: str) -> None:
    """The reader, `--set`, the play and `explain` take it, and each number that its entry lists."""
    scenario = with_training("learning_rate = 0.1").with_overrides([f"optimizer={optimizer}"])
    entry = OPTIMIZERS[optimizer]
    for name, default in entry.defaults.items():
        changed = scenario.with_overrides([f"{name}={default}"])
        assert changed.training is not None
        assert name in changed.training.settings
    shown = {field.name: field.written for field in editable_fields(scenario)}
    assert entry.defaults.items() <= shown.items()
    played = with_optimizer(with_training("learning_rate = 0.1"), optimizer).training
    assert played is not None
    assert played.optimizer == optimizer
    assert optimizer in explained_names()


@pytest.mark.parametrize("optimizer", ["nesterov", "rmsprop", "adagrad", "adamw", "nadam"])
def test_an_optimizer_is_named_in_its_entry_alone(optimizer: str) -> None:
    """Nothing else in the package knows it, so that another one is one more entry.

    The reader of PyTorch's optimizers names PyTorch's options, of which one is called so too, and a
    page of an idea may train its example with it.
    """
    folder = Path(tracer.__file__).parent
    naming = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if path.parent.name != "torch" and f'"{optimizer}"' in path.read_text("utf-8")
    }
    assert naming - {"narrative/ideas.py"} == {"program/optimizers.py"}


def test_each_number_of_an_optimizer_is_a_key_of_its_own() -> None:
    """No setting is called as a key of [training] is, and the choice lists every optimizer."""
    assert not {*SETTINGS} & {*TRAINING}
    choice = TRAINING["optimizer"].type
    assert isinstance(choice, ChoiceType)
    assert choice.options == tuple(OPTIMIZERS)
