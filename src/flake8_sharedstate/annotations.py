"""What checked programs may import at run time. It imports nothing itself, so it costs them nothing."""


class GuardedBy:
    """Declares the lock that guards an attribute: `balance: Annotated[int, GuardedBy("_lock")]`."""

    __slots__ = ("lock",)

    def __init__(self, lock: str) -> None:
        self.lock = lock

    # typing compares and hashes the metadata of Annotated.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, GuardedBy) and other.lock == self.lock

    def __hash__(self) -> int:
        return hash((GuardedBy, self.lock))

    def __repr__(self) -> str:
        return f"GuardedBy({self.lock!r})"
