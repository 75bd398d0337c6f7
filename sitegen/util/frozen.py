"""Frozen dataclasses with slots whose methods are written when they are first needed.

`dataclasses.dataclass` writes nine methods as it defines such a class, which takes half a millisecond. There are more
than two hundred of them here, and a build after an edit makes values of some forty. What is defined here is the same
to those who use it (`fields`, `replace`, `asdict`), and to a type checker. Values are made in two thirds of the time,
and pickled and unpickled in less than half, because each slot is set by its own setter and not by name.

Not for classes with an `InitVar`, nor to derive dataclasses of the library from: it takes these for changeable.
"""

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, FrozenInstanceError
from typing import TYPE_CHECKING, Any, Final, NoReturn

__all__ = ["dataclass", "is_frozen"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], type]:
        """Define a frozen class with slots. Raises TypeError for any other kind: that is the library's business."""
        if not (frozen and slots):
            raise TypeError("only frozen classes with slots are defined here")
        define = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)
        return lambda kind: _with_methods(define(kind), own=_own_methods(kind))


def is_frozen(kind: type) -> bool:
    """Whether `kind` is a dataclass, of here or of the library, whose values keep what they are made with."""
    parameters = vars(kind).get("__dataclass_params__")
    return parameters is not None and (parameters.frozen or vars(kind).get("__setattr__") is _refuse_setting)


def _own_methods(kind: type) -> frozenset[str]:
    """Return the methods that a class has itself; that it cannot be hashed, Python says of any with `__eq__` alone."""
    own = frozenset(vars(kind))
    return own - {"__hash__"} if "__eq__" in own and vars(kind)["__hash__"] is None else own


def _with_methods(kind: type, own: frozenset[str]) -> type:
    """Give a class the methods that are not its `own`."""
    for name, method in _SHARED.items():
        if name not in own:
            setattr(kind, name, method)
    for name in _WRITERS:
        if name not in own:
            setattr(kind, name, _later(kind, name))
    return kind


def _later(kind: type, name: str) -> Callable[..., Any]:
    """Return a method that puts the written one in its place and calls it."""

    def method(*arguments: Any, **named: Any) -> Any:
        written = _written(kind, name)
        setattr(kind, name, written)
        return written(*arguments, **named)

    return method


def _written(kind: Any, name: str) -> Callable[..., Any]:
    """Write a method of a class."""
    space: dict[str, Any] = {}
    exec(_WRITERS[name](kind, space), space)  # noqa: S102 - as dataclasses does: of names of fields
    written: Callable[..., Any] = space[name]
    written.__qualname__ = f"{kind.__qualname__}.{name}"
    written.__module__ = kind.__module__
    return written


def _fields(kind: Any) -> dict[str, "Field[Any]"]:
    return {item.name: item for item in dataclasses.fields(kind)}


def _setters(kind: Any, space: dict[str, Any], names: Iterable[str]) -> None:
    space |= {f"_set_{name}": getattr(kind, name).__set__ for name in names}


def _compared(kind: Any) -> list[str]:
    return [name for name, item in _fields(kind).items() if item.compare]


def _tuple(owner: str, names: Iterable[str]) -> str:
    return "(" + "".join([f"{owner}.{name}, " for name in names]) + ")"


def _init(kind: Any, space: dict[str, Any]) -> str:
    every = _fields(kind)
    ordered = sorted(every.values(), key=lambda item: bool(item.kw_only))  # a stable order
    parameters, lines = ["self"], []
    for item in ordered:
        name, value = item.name, item.name
        factory = item.default_factory is not MISSING
        if not item.init:
            if item.default is MISSING and not factory:
                continue  # __post_init__ sets it
            value = f"_factory_{name}()" if factory else f"_default_{name}"
        else:
            if item.kw_only and "*" not in parameters:
                parameters.append("*")
            if factory:
                parameters.append(f"{name}=_missing")
                value = f"_factory_{name}() if {name} is _missing else {name}"
            else:
                parameters.append(name if item.default is MISSING else f"{name}=_default_{name}")
        space |= {f"_default_{name}": item.default, f"_factory_{name}": item.default_factory, "_missing": MISSING}
        lines.append(f" _set_{name}(self, {value})")
    _setters(kind, space, every)
    if hasattr(kind, "__post_init__"):
        lines.append(" self.__post_init__()")
    return "\n".join([f"def __init__({', '.join(parameters)}):", *(lines or [" pass"])])


def _eq(kind: Any, _space: dict[str, Any]) -> str:
    names = _compared(kind)
    return (
        "def __eq__(self, other):\n if other.__class__ is not self.__class__:\n  return NotImplemented\n"
        f" return {_tuple('self', names)} == {_tuple('other', names)}"
    )


def _hash(kind: Any, _space: dict[str, Any]) -> str:
    names = [item.name for item in _fields(kind).values() if (item.compare if item.hash is None else item.hash)]
    return f"def __hash__(self):\n return hash({_tuple('self', names)})"


def _getstate(kind: Any, _space: dict[str, Any]) -> str:
    return f"def __getstate__(self):\n return [{', '.join([f'self.{name}' for name in _fields(kind)])}]"


def _setstate(kind: Any, space: dict[str, Any]) -> str:
    names = list(_fields(kind))
    _setters(kind, space, names)
    sets = [f" _set_{name}(self, {name})" for name in names]
    # A state of another shape is a ValueError.
    return "\n".join(["def __setstate__(self, state):", f" [{', '.join(names)}] = state", *sets])


_WRITERS: Final[dict[str, Callable[[Any, dict[str, Any]], str]]] = {
    "__init__": _init,
    "__eq__": _eq,
    "__hash__": _hash,
    "__getstate__": _getstate,
    "__setstate__": _setstate,
}


def _repr(self: Any) -> str:
    shown = ", ".join([f"{name}={getattr(self, name)!r}" for name, item in _fields(self).items() if item.repr])
    return f"{type(self).__qualname__}({shown})"


def _refuse_setting(_self: object, name: str, _value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(_self: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_SHARED: Final = {"__repr__": _repr, "__setattr__": _refuse_setting, "__delattr__": _refuse_deleting}
