"""Fixed ids of the demonstration data, so that named examples can speak of them."""

from uuid import UUID, uuid5

NAMESPACE = UUID("5f0c1f4e-4f1a-5b0e-9d3c-140881000000")


def demo_id(kind: str, code: str) -> UUID:
    """The id of one demonstration row: the same in every installation."""
    return uuid5(NAMESPACE, f"{kind}/{code}")
