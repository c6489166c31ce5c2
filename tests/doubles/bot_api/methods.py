"""The list of the methods the double knows, filled by the modules that implement them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Bot API; ``function(api, parameters)`` returns the result or raises ApiError."""

    name: str
    parameters: frozenset[str]
    function: Callable[..., Any]


METHODS: dict[str, Method] = {}  # by the name in lower case: Telegram does not mind the case


def method(name: str, *parameters: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as a method that takes these parameters and no others."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        METHODS[name.lower()] = Method(name, frozenset(parameters), function)
        return function

    return register
