"""What is found once: properties, and the names of a package."""

import sys
from datetime import UTC, datetime
from itertools import count
from types import ModuleType

import attrs
import pytest

from mqlkit import Lead, Qualification, attribute
from mqlkit.lazily import late_names, lazily


class Counted:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = count(1)

    @lazily
    def answer(self) -> int:
        """How often it was asked."""
        return next(self.asked)

    @lazily
    def failing(self) -> int:
        """Fails when it is first asked."""
        if next(self.asked) == 1:
            raise LookupError("not yet")
        return 7


def test_it_is_found_once() -> None:
    counted = Counted()
    assert [counted.answer, counted.answer, next(counted.asked)] == [1, 1, 2]


def test_each_has_its_own() -> None:
    one, other = Counted(), Counted()
    next(one.asked)
    assert (one.answer, other.answer) == (2, 1)


def test_nothing_is_kept_of_a_failure() -> None:
    counted = Counted()
    with pytest.raises(LookupError):
        counted.failing  # noqa: B018
    assert counted.failing == 7


def test_what_is_kept_is_an_attribute_like_others() -> None:
    counted = Counted()
    assert "answer" not in vars(counted)
    counted.answer = 42
    assert (counted.answer, vars(counted)["answer"]) == (42, 42)
    del counted.answer
    assert counted.answer == 1


def test_a_class_tells_what_it_is() -> None:
    assert Counted.answer.__doc__ == "How often it was asked."
    assert isinstance(vars(Counted)["answer"], lazily)


def test_a_subclass_may_say_otherwise() -> None:
    class Doubled(Counted):
        @lazily
        def answer(self) -> int:
            return 2

    assert (Doubled().answer, Counted().answer) == (2, 1)


def test_a_frozen_value_can_have_one() -> None:
    @attrs.frozen(slots=False)
    class Number:
        of: int

        @lazily
        def twice(self) -> int:
            return 2 * self.of

    number = Number(21)
    assert (number.twice, number.twice) == (42, 42)
    assert number == Number(21)


def test_the_lead_of_a_decision_is_the_one_given() -> None:
    lead = Lead("ada", {"employees": 80})
    model = Qualification("q", version="1", when=attribute("employees") >= 50)
    assert model.decide(lead, as_of=datetime(2026, 3, 1, tzinfo=UTC)).lead is lead


def test_a_package_gives_names_whose_modules_load_when_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = ModuleType("shop")
    goods = ModuleType("shop.goods")
    goods.__dict__["price"] = 42
    monkeypatch.setitem(sys.modules, "shop", shop)
    found, listed = late_names("shop", {"goods": ("price",), "nowhere": ("owner",)})
    assert {"owner", "price"} < set(listed())
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        found("owner")
    monkeypatch.setitem(sys.modules, "shop.goods", goods)
    assert (found("price"), vars(shop)["price"], "owner" in vars(shop)) == (42, 42, False)
    with pytest.raises(AttributeError, match=r"^module 'shop' has no attribute 'prise'$"):
        found("prise")
