"""Tracer takes a small neural network apart, one step at a time.

    import tracer
    trace = tracer.load("one_weight").run()
    trace.iteration(2)["dloss/dw"]

Importing the package loads nothing heavy: each public name is fetched when it is first used.
"""

from __future__ import annotations

from tracer.version import __version__

TYPE_CHECKING = False  # `typing` is not loaded for it: this module is part of every start
if TYPE_CHECKING:
    from typing import Any

    from tracer.errors import TracerError
    from tracer.notebook.run_pages import ShownStep as Step
    from tracer.notebook.shown_explanation import explain
    from tracer.notebook.shown_proofs import verify
    from tracer.notebook.shown_results import check_backward, check_text, compare, mark, worksheet
    from tracer.notebook.shown_run import Experiment, load, trace
    from tracer.notebook.shown_run import ShownIteration as Iteration
    from tracer.notebook.shown_run import ShownTrace as Trace
    from tracer.program.scenario import Scenario
    from tracer.torch.module_reader import from_torch
    from tracer.torch.recording import record

__all__ = [
    "Experiment",
    "Iteration",
    "Scenario",
    "Step",
    "Trace",
    "TracerError",
    "__version__",
    "check_backward",
    "check_text",
    "compare",
    "explain",
    "from_torch",
    "load",
    "mark",
    "record",
    "trace",
    "verify",
    "worksheet",
]

_PLACES = {
    "Experiment": ("tracer.notebook.shown_run", "Experiment"),
    "Iteration": ("tracer.notebook.shown_run", "ShownIteration"),
    "Scenario": ("tracer.program.scenario", "Scenario"),
    "Step": ("tracer.notebook.run_pages", "ShownStep"),
    "Trace": ("tracer.notebook.shown_run", "ShownTrace"),
    "TracerError": ("tracer.errors", "TracerError"),
    "check_backward": ("tracer.notebook.shown_results", "check_backward"),
    "check_text": ("tracer.notebook.shown_results", "check_text"),
    "compare": ("tracer.notebook.shown_results", "compare"),
    "explain": ("tracer.notebook.shown_explanation", "explain"),
    "from_torch": ("tracer.torch.module_reader", "from_torch"),
    "load": ("tracer.notebook.shown_run", "load"),
    "mark": ("tracer.notebook.shown_results", "mark"),
    "record": ("tracer.torch.recording", "record"),
    "trace": ("tracer.notebook.shown_run", "trace"),
    "verify": ("tracer.notebook.shown_proofs", "verify"),
    "worksheet": ("tracer.notebook.shown_results", "worksheet"),
}


def __getattr__(name: str) -> Any:
    try:
        module, attribute = _PLACES[name]
    except KeyError:
        raise AttributeError(f"module 'tracer' has no attribute {name!r}") from None
    from importlib import import_module

    value = getattr(import_module(module), attribute)
    if callable(value) and not isinstance(value, type):
        value = import_module("tracer.argument_types").with_checked_arguments(value)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
