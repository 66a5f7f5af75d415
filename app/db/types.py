"""Column types: sealed text and JSON, and the blind index beside them."""

from typing import Any

import orjson
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from app.db import sealing


class Sealed(TypeDecorator[str]):
    """Text that lies encrypted in the column; `context` is `table.column` and is bound into the seal."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else sealing.keyring().seal(value.encode(), self.context)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else sealing.keyring().open(bytes(value), self.context).decode()


class SealedJSON(TypeDecorator[Any]):
    """JSON that lies encrypted in the column."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else sealing.keyring().seal(orjson.dumps(value), self.context)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(sealing.keyring().open(bytes(value), self.context))


def blind(value: str, context: str) -> bytes:
    """The blind index of a value; the same context must be used to write and to find."""
    return sealing.keyring().index(value, context)
