"""The page about scenario files says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tracer.errors import TracerError
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import loads
from tracer.program.schema import SECTIONS, TOP, TRAINING_KEYS
from tracer.program.value_sources import INITS

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_there_are_examples() -> None:
    """The examples are found at all."""
    assert len(EXAMPLES) >= 8


@pytest.mark.parametrize("text", EXAMPLES)
def test_example_is_a_scenario(text: str) -> None:
    """Each example is a whole scenario, and so is each of its variants."""
    scenario = loads(text)
    for variant in scenario.variants:
        assert scenario.variant(variant.name).variant_name == variant.name


@pytest.mark.parametrize("key", [*SECTIONS, *TOP, *TRAINING_KEYS, *OPTIMIZERS, *INITS])
def test_every_key_is_on_the_page(key: str) -> None:
    """No table, key, optimizer or way to draw is left out."""
    assert re.search(rf'[`\[".]{key}[`\]".]', PAGE), (
        f"docs/scenarios.md lacks {key}; python docs/make_tables.py writes its tables"
    )


def test_only_toml_blocks_hold_scenarios() -> None:
    """A block of another kind would not be tested."""
    kinds = set(re.findall(r"^```(\w+)$", PAGE, re.MULTILINE))
    assert kinds == {"toml", "console", "text"}


def test_messages_are_the_real_ones() -> None:
    """The messages that the page shows are those of the code."""
    head = "[network]\nequations = 'loss = w'\n[parameters]\nw = 1\n[training]\niterations = 1\n"
    head += "learning_rate = 1\n"
    for text, settings in (
        (head + "momentum = 0.5", []),
        (head + "[data]\ny = [[1, 2], [3]]", []),
        (head, ["learning_rat=0.1"]),
    ):
        with pytest.raises(TracerError) as caught:
            loads(text, settings=settings)
        assert str(caught.value).partition(": ")[2] in PAGE
