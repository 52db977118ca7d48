"""From a file's ``ast`` to its facts: lowers its functions, the module body first."""

from __future__ import annotations

import ast
from functools import partial

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, ModuleFacts
from flake8_sharedstate.facts.names import FunctionNode, ModuleBuilder
from flake8_sharedstate.facts.scopes import Scope, Scopes, all_arguments
from flake8_sharedstate.facts.statements import StatementLowering

_TYPING = ("typing", "typing_extensions")


def extract(tree: ast.Module) -> ModuleFacts:
    """The facts of one parsed file.

    Args:
        tree: the module as ``ast.parse`` gives it; it is not changed.

    Returns:
        the module's functions, the module body first.

    Raises:
        RecursionError: where the text is nested deeper than the interpreter's limit allows.
    """
    module = ModuleBuilder(Scopes(tree))
    module.globals = frozenset(module.scopes.of[tree].bindings)
    module.imports_cast = any(
        (isinstance(i, ast.ImportFrom) and i.module in _TYPING and any(a.name == "cast" for a in i.names))
        or (isinstance(i, ast.Import) and any(a.name in _TYPING for a in i.names))
        for i in tree.body
    )
    module.lower_function = partial(_lower_function, module)
    module.function(tree, "<module>", "module", None)
    for function in module.functions:
        function.uses_parameters = _used_as_object(function)
    return ModuleFacts(module.functions, module.spans)


def _used_as_object(function: Function) -> bool:
    """Whether a parameter (besides ``self``) can matter to the objects that the function touches."""
    first = 1 if function.owner_class is not None else 0
    parameters = {p.value for p in function.parameters[first:]}
    if not parameters:
        return False
    for block in function.blocks:
        for i in block.instructions:
            if isinstance(i, (model.Compute, model.Const)):
                continue
            for name in ("base", "src", "function", "manager", "source", "key"):
                if getattr(i, name, None) in parameters and not isinstance(i, model.MakeFunction):
                    return True
            if isinstance(i, model.Call) and (
                any(a in parameters for a, _ in i.args) or any(k in parameters for _, k in i.keywords)
            ):
                return True
            if isinstance(i, model.Phi) and parameters.intersection(i.sources):
                return True
            if isinstance(i, model.Build) and any(item[1] in parameters for item in i.items):
                return True
    return False


def _lower_function(module: ModuleBuilder, node: FunctionNode, function: Function, scope: Scope) -> None:
    class_name = ""
    enclosing: Scope | None = scope
    while enclosing is not None:
        if enclosing.kind == "class":
            class_name = module.functions[module.numbers[enclosing]].name
            break
        enclosing = enclosing.parent
    lowering = StatementLowering(module, function, scope, class_name)
    function.cells = tuple(sorted(scope.captured))
    if isinstance(node, ast.ClassDef):
        lowering.value()  # value 0 is the class itself
        function.names = frozenset(lowering.mangle(name) for name in scope.bindings)
        lowering.rebound = _rebound(node, scope)
        _whole_body(lowering, node.body)
    elif isinstance(node, ast.Module):
        _whole_body(lowering, node.body)
    else:
        function.is_async = isinstance(node, ast.AsyncFunctionDef)
        _parameters(lowering, node.args)
        if isinstance(node, ast.Lambda):
            lowering.at = module.place(node)
            lowering.emit(model.Return(lowering.at, lowering.lower(node.body)))
        elif _is_left_to_heirs(node.body):
            lowering.at = module.place(node)
            lowering.emit(model.Return(lowering.at, lowering.compute("Abstract")))
        else:
            _whole_body(lowering, node.body)
    lowering.finish()


def _rebound(node: ast.ClassDef, scope: Scope) -> frozenset[str]:
    """The names that a class body binds several times, but for fields that it declares."""
    targets = [statement.target for statement in node.body if isinstance(statement, ast.AnnAssign)]
    declared = {target.id for target in targets if isinstance(target, ast.Name)}
    several = {name for name, count in scope.bindings.items() if count > 1}
    return frozenset(several - declared - scope.nonlocals - scope.globals)


def _is_left_to_heirs(body: list[ast.stmt]) -> bool:
    """Whether a function only raises what says that subclasses define it: who calls it calls theirs."""
    *comments, last = body
    if not isinstance(last, ast.Raise) or not all(
        isinstance(c, ast.Expr) and isinstance(c.value, ast.Constant) for c in comments
    ):
        return False
    raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _whole_body(lowering: StatementLowering, body: list[ast.stmt]) -> None:
    if lowering.body(body):
        lowering.store_rebound()
        lowering.emit(model.Return(lowering.at, lowering.constant(None)))


def _parameters(lowering: StatementLowering, arguments: ast.arguments) -> None:
    kinds = ["positional"] * len(arguments.posonlyargs) + ["either"] * len(arguments.args)
    if arguments.vararg is not None:
        kinds.append("args")
    kinds += ["keyword"] * len(arguments.kwonlyargs)
    if arguments.kwarg is not None:
        kinds.append("kwargs")
    for argument, kind in zip(all_arguments(arguments), kinds, strict=True):
        value = lowering.value()
        lowering.function.parameters.append(model.Parameter(argument.arg, value, kind))
        lowering.store_name(argument.arg, value)
