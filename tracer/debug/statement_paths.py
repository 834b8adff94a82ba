"""What single statements of a person's code read and give, by the paths that they write."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from tracer.debug.namespaces import ValuePath

__all__ = ["is_part", "part_of", "paths_read"]


def part_of(statement: ast.stmt, path: ValuePath) -> ast.AST:
    """Return the part of a tuple or a table, as it is written, that a path is; or the statement."""
    node: ast.AST = statement
    inside = getattr(statement, "value", None)
    for key in path.parts[1:]:
        match inside:
            case ast.Tuple(elts) | ast.List(elts) if key.isdigit() and int(key) < len(elts):
                inside = node = elts[int(key)]
            case ast.Dict(keys, values):
                written = [
                    str(each.value) if isinstance(each, ast.Constant) else "" for each in keys
                ]
                inside = node = values[written.index(key)] if key in written else statement
            case _:
                break
    return node


def paths_read(node: ast.AST, entries: Container[str] = ()) -> Iterator[str]:
    """Yield the texts of the longest paths that a statement names: `self.h.T`, `grads['W1']`.

    A method may read all of its object, and an index that is no constant any entry, but where it
    gives one of a list or a table, of `entries`, a value.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from paths_read(node.func.value, entries)
        children: list[ast.AST] = [*node.args, *node.keywords]
    elif _is_path(node):
        yield ast.unparse(node)
        return
    elif isinstance(node, ast.Assign):
        parts = [part for target in node.targets for part in _stored_parts(target, entries)]
        children = [*parts, node.value]
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from paths_read(child, entries)


def _stored_parts(target: ast.expr, entries: Container[str]) -> list[ast.expr]:
    """Return what an assignment reads of its target: of an entry of a table its index alone."""
    if isinstance(target, ast.Subscript) and ast.unparse(target.value) in entries:
        return [target.slice]
    return [target]


def _is_path(node: ast.AST) -> bool:
    """Tell whether an expression is a name, or attributes and constant keys of one."""
    while not isinstance(node, ast.Name):
        is_entry = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        if not (is_entry or isinstance(node, ast.Attribute)):
            return False
        node = node.value  # type: ignore[attr-defined]
    return True


def is_part(inner: str, outer: str) -> bool:
    """Tell whether a path is another one, or a part of what that one holds."""
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))
