"""Tests of Chinese words run where Chinese is complete: elsewhere English stands in for some.

`@pytest.mark.chinese` marks a test that compares with Chinese. A sentence that has no translation
yet is no fault until a release (`make release-check`), so such tests are then left out, which the
last lines say.
"""

from __future__ import annotations

from typing import Any

import pytest

LEFT_OUT = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "chinese: compares with Chinese, where that is complete")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist whether Chinese is complete: one process reads all modules."""
    from tests.narrative.messages_in_code import is_complete

    node.workerinput["is_chinese_complete"] = is_complete()


def is_chinese_complete(config: pytest.Config) -> bool:
    """Tell whether no translation is missing."""
    from tests.narrative.messages_in_code import is_complete

    worker: dict[str, Any] = getattr(config, "workerinput", {})
    return worker["is_chinese_complete"] if worker else is_complete()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of Chinese where a translation is missing."""
    marked = [item for item in items if item.get_closest_marker("chinese") is not None]
    if marked and not is_chinese_complete(config):
        items[:] = [item for item in items if item not in marked]
        config.hook.pytest_deselected(items=marked)
        config.stash[LEFT_OUT] = len(marked)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many were left out; with several workers only they know the number."""
    count = config.stash.get(LEFT_OUT, 0)
    if count:
        terminalreporter.write_line(
            f"left out: {count} tests of Chinese, which is not complete (make messages)"
        )
