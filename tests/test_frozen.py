"""Our frozen dataclasses beside those of the library: the same to everybody who uses them."""

import copy
import dataclasses
import inspect
import pickle
import pkgutil
from dataclasses import FrozenInstanceError, field
from importlib import import_module
from typing import Any, ClassVar

import pytest

import sitegen
from sitegen.util import frozen
from sitegen.util.frozen import is_frozen


@frozen.dataclass(frozen=True, slots=True)
class Ours:
    """A value."""

    name: str
    note: str = field(compare=False, default="")
    seen: list[int] = field(default_factory=list, hash=False)
    hidden: int = field(default=7, repr=False)
    size: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", len(self.name))


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """The same."""

    name: str
    note: str = field(compare=False, default="")
    seen: list[int] = field(default_factory=list, hash=False)
    hidden: int = field(default=7, repr=False)
    size: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", len(self.name))


@frozen.dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """What another class is derived from."""

    path: str
    rank: int = 0


@frozen.dataclass(frozen=True, slots=True, kw_only=True)
class Below(Above):
    """Derived."""

    extra: str


@frozen.dataclass(frozen=True, slots=True)
class Loose:
    """Equal to each of its kind."""

    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loose)

    def __hash__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return "loose"


@frozen.dataclass(frozen=True, slots=True)
class Named:  # noqa: PLW1641 - that is what the library writes
    """Equal to whatever has its name, and hashed as the library does."""

    kinds: ClassVar[int] = 1
    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named) and other.name == self.name


@frozen.dataclass(frozen=True, slots=True)
class Empty:
    """Nothing."""


def test_made_as_the_librarys() -> None:
    for kind in (Ours, Theirs):
        value = kind("ab", seen=[1])
        assert (value.name, value.note, value.seen, value.hidden, value.size) == ("ab", "", [1], 7, 2)
        assert kind("a").seen is not kind("a").seen
        with pytest.raises(TypeError):
            kind()  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            kind("a", "b", [], 1, 2)  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            kind("a", size=1)  # type: ignore[call-arg]


def test_compared_as_the_librarys() -> None:
    for kind in (Ours, Theirs):
        assert kind("a", "x") == kind("a", "y")
        assert hash(kind("a", "x", [1])) == hash(kind("a", "y", [2]))
        assert kind("a") != kind("b")
        assert kind("a", seen=[1]) != kind("a", seen=[2])
    other: object = Theirs("a")
    assert Ours("a") != other
    assert len({Ours("a"), Ours("a", "other"), Ours("b")}) == 2


def test_shown_as_the_librarys() -> None:
    assert repr(Ours("a", seen=[1])) == repr(Theirs("a", seen=[1])).replace("Theirs", "Ours")
    assert repr(Empty()) == "Empty()"


def test_taken_apart_as_the_librarys() -> None:
    ours, theirs = Ours("abc", "n"), Theirs("abc", "n")
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert dataclasses.replace(ours, name="a").size == dataclasses.replace(theirs, name="a").size == 1
    assert [item.name for item in dataclasses.fields(Ours)] == [item.name for item in dataclasses.fields(Theirs)]
    assert dataclasses.is_dataclass(Ours)
    match ours:
        case Ours(name, note):
            assert (name, note) == ("abc", "n")
        case _:
            pytest.fail("it does not match")


def test_cannot_be_changed() -> None:
    value = Ours("a")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        value.name = "b"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'name'"):
        del value.name
    with pytest.raises(FrozenInstanceError):
        value.other = 1  # type: ignore[attr-defined]
    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickled_and_copied_whole(protocol: int) -> None:
    for value in (Ours("ab", "n", [1], 3), Below(path="p", rank=2, extra="e"), Empty()):
        for again in (pickle.loads(pickle.dumps(value, protocol)), copy.deepcopy(value), copy.copy(value)):  # noqa: S301
            assert type(again) is type(value)
            assert dataclasses.asdict(again) == dataclasses.asdict(value)


@pytest.mark.parametrize("state", [[], ["a"], ["a", "", [], 7, 1, 2]])
def test_state_of_another_shape_is_refused(state: list[Any]) -> None:
    value: Any = Ours("a")
    with pytest.raises(ValueError, match="values to unpack"):
        value.__setstate__(state)


def test_derived() -> None:
    value = Below(path="p", extra="e")
    assert (value.path, value.rank, value.extra) == ("p", 0, "e")
    assert value != Above(path="p")
    with pytest.raises(TypeError):
        Below("p", 0, "e")  # type: ignore[call-arg]


def test_told_from_what_can_be_changed() -> None:
    loose = dataclasses.make_dataclass("loose", ["name"])
    assert [is_frozen(kind) for kind in (Below, Ours, Theirs, loose, str)] == [True, True, True, False, False]


def test_methods_of_its_own_are_kept() -> None:
    assert Loose("a") == Loose("b")
    assert (hash(Loose("a")), repr(Loose("a"))) == (1, "loose")
    assert Named("a") == Named("a")
    assert hash(Named("a")) == hash(Named("a")) != hash(Named("b"))


def test_what_belongs_to_the_class_is_no_field() -> None:
    assert repr(Named("a")) == "Named(name='a')"
    assert Named.kinds == 1


def test_other_kinds_are_refused() -> None:
    for wanted in ({"frozen": False, "slots": True}, {"frozen": True, "slots": False}):
        with pytest.raises(TypeError, match="only frozen classes"):
            frozen.dataclass(**wanted)


def _kinds() -> list[type]:
    """Every class of the program that is defined by it, by module and name."""
    found = set()
    for module in pkgutil.walk_packages(sitegen.__path__, "sitegen."):
        if module.name != "sitegen.__main__":
            members = vars(import_module(module.name)).values()
            found |= {item for item in members if inspect.isclass(item) and is_frozen(item)}
    return sorted(found, key=lambda kind: (kind.__module__, kind.__qualname__))


def test_every_class_of_the_program_is_made_as_the_library_would_make_it() -> None:
    kinds = _kinds()
    assert len(kinds) > 150
    for kind in kinds:
        own: Any = kind
        rows: list[Any] = []
        for item in dataclasses.fields(own):
            names = ("default", "default_factory", "init", "repr", "hash", "compare", "kw_only")
            rows.append((item.name, item.type, field(**{name: getattr(item, name) for name in names})))
        theirs: Any = dataclasses.make_dataclass(kind.__name__, rows, frozen=True, slots=True)
        signature = inspect.signature(frozen._written(own, "__init__"))
        expected = inspect.signature(theirs.__init__)
        seen, wanted = (
            [(name, item.kind, item.default is inspect.Parameter.empty) for name, item in one.parameters.items()]
            for one in (signature, expected)
        )
        assert seen == wanted, kind
        assert own.__match_args__ == theirs.__match_args__, kind
