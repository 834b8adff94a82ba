"""A module that is loaded late is loaded when something of it is used, and is the module itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tracer import sentences
from tracer.lazy_modules import LazyModule


def test_a_lazy_module_is_loaded_when_it_is_used() -> None:
    """Neither naming it nor keeping it loads it."""
    program = (
        "import sys\n"
        "from tracer.lazy_modules import LazyModule\n"
        "module = LazyModule('tracer.text_width')\n"
        "assert 'tracer.text_width' not in sys.modules\n"
        "assert module.width('ab') == 2\n"
        "assert 'tracer.text_width' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_lazy_module_has_what_the_module_has_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put in the place of something is found too: nothing is kept."""
    module = LazyModule("tracer.sentences")
    assert module.say is sentences.say
    other: object = object()
    monkeypatch.setattr(sentences, "say", other)
    assert module.say is other


def test_a_lazy_module_has_nothing_else() -> None:
    """A name or a module that is not there is the error that it always is."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = LazyModule("tracer.sentences").nothing
    with pytest.raises(ModuleNotFoundError, match=r"tracer\.nowhere"):
        _ = LazyModule("tracer.nowhere").nothing
