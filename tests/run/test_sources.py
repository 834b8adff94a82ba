"""What is compiled is our own text: no word of a scenario is in it."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

from tracer.cli import main

SCENARIO = """
title = "Zebra"
description = "zebra"

[data]
zebra_x = [[1, 2], [3, 5], [5, 9]]
zebra_y = [2, 4, 6]

[parameters]
zebra_w = SHAPE

[network]
equations = '''
zebra_a = tanh(zebra_x @ zebra_w)
zebra_loss = mse(ZEBRA, zebra_y)
'''
loss = "zebra_loss"

[notation]
zebra_a = "zebrafont"

[training]
learning_rate = 0.1
iterations = 60
"""


@pytest.mark.parametrize("width", [0, 400], ids=["scalars", "arrays"])
def test_no_word_of_a_scenario_is_compiled(
    width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names and texts stay keys of tables, in the run and in a long derivation."""
    weights = "[0.1, 0.2]" if not width else f"[{[0.1] * width}, {[0.2] * width}]"
    predicted = "zebra_a" if not width else "mean(zebra_a, axis=1)"
    path = tmp_path / "zebra.toml"
    path.write_text(SCENARIO.replace("SHAPE", weights).replace("ZEBRA", predicted), "utf-8")
    sources: list[str] = []
    own = {name: getattr(builtins, name) for name in ("compile", "exec")}

    def watched(name: str) -> Any:
        def call(source: Any, *arguments: Any, **keywords: Any) -> Any:
            if isinstance(source, str):
                sources.append(source)
            return own[name](source, *arguments, **keywords)

        return call

    for name in own:
        monkeypatch.setattr(builtins, name, watched(name))
    assert main(["derive", str(path), "--format", "markdown", "--lang", "en"]) == 0
    assert "zebra" in capsys.readouterr().out
    assert any("def " in source for source in sources)
    assert not [source for source in sources if "zebra" in source.lower()]
