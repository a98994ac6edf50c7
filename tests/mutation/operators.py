"""Small changes of a program, one at a time: what a mutation tool may do to one node of the syntax tree."""

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy

Change = tuple[str, ast.AST]
"""The operator's name, and the node that takes the place of the old one."""

_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
_TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}


def _compare(node: ast.Compare) -> Iterator[Change]:
    for index, operator in enumerate(node.ops):
        for other in _COMPARE[type(operator)]:
            changed = deepcopy(node)
            changed.ops[index] = other()
            yield "comparison", changed


def _is_type(node: ast.AST) -> bool:
    """Whether this is the name of a class or a union of such: no value, and a change of it never runs."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr) and _is_type(node.left) and _is_type(node.right)
    return isinstance(node, ast.Name) and not node.id.isupper() and node.id[0].isupper()


def _arithmetic(node: ast.BinOp | ast.AugAssign) -> Iterator[Change]:
    if type(node.op) in _ARITHMETIC and not _is_type(node):
        changed = deepcopy(node)
        changed.op = _ARITHMETIC[type(node.op)]()
        yield "arithmetic", changed
    if isinstance(node, ast.AugAssign):
        yield from _no_statement(node)


def _logic(node: ast.BoolOp) -> Iterator[Change]:
    changed = deepcopy(node)
    changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "and/or", changed
    for value in node.values:
        yield "one operand alone", deepcopy(value)


def _not(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield "operator left out", deepcopy(node.operand)


def _constant(node: ast.Constant) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield "constant", ast.Constant(node.value + 1)
        if node.value:
            yield "constant", ast.Constant(node.value - 1)
    elif isinstance(node.value, float):
        yield "constant", ast.Constant(node.value * 2 or 1.0)
        if node.value:
            yield "constant", ast.Constant(node.value / 2)


def _condition(node: ast.If | ast.IfExp | ast.While) -> Iterator[Change]:
    for value in (True, False) if not isinstance(node, ast.While) else (False,):
        changed = deepcopy(node)
        changed.test = ast.Constant(value)
        yield f"condition is {value}", changed


def _filter(node: ast.comprehension) -> Iterator[Change]:
    for index in range(len(node.ifs)):
        changed = deepcopy(node)
        del changed.ifs[index]
        yield "filter left out", changed


def _call(node: ast.Call) -> Iterator[Change]:
    if isinstance(node.func, ast.Name) and node.func.id in _TWINS:
        changed = deepcopy(node)
        changed.func = ast.Name(_TWINS[node.func.id], ast.Load())
        yield f"{node.func.id}/{_TWINS[node.func.id]}", changed
    if isinstance(node.func, ast.Name) and node.func.id == "replace":
        for index in range(len(node.keywords)):
            changed = deepcopy(node)
            del changed.keywords[index]
            yield "field not replaced", changed


def _return(node: ast.Return) -> Iterator[Change]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield "nothing returned", ast.Return(ast.Constant(None))


def _no_statement(_: ast.AST) -> Iterator[Change]:
    yield "statement left out", ast.Pass()


def _no_call(node: ast.Expr) -> Iterator[Change]:
    if not isinstance(node.value, ast.Constant):  # a docstring
        yield from _no_statement(node)


def _no_assignment(node: ast.Assign) -> Iterator[Change]:
    if not all(isinstance(target, ast.Name) for target in node.targets):
        yield from _no_statement(node)


_OPERATORS: dict[type[ast.AST], Callable[..., Iterator[Change]]] = {
    ast.Compare: _compare,
    ast.BinOp: _arithmetic,
    ast.AugAssign: _arithmetic,
    ast.BoolOp: _logic,
    ast.UnaryOp: _not,
    ast.Constant: _constant,
    ast.If: _condition,
    ast.IfExp: _condition,
    ast.While: _condition,
    ast.comprehension: _filter,
    ast.Call: _call,
    ast.Return: _return,
    ast.Expr: _no_call,
    ast.Assign: _no_assignment,
    ast.Delete: _no_statement,
    ast.Raise: _no_statement,
    ast.Continue: _no_statement,
    ast.Break: _no_statement,
}


def changes(node: ast.AST) -> Iterator[Change]:
    """Yield each change of this node itself; none if its kind is not one that is mutated."""
    operator = _OPERATORS.get(type(node))
    if operator is not None:
        yield from operator(node)
