"""The SDK's descriptions of the services: read once in a process, and kept without what a reader never needs."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from collectors.aws.session import is_read

CREDENTIALS = frozenset({"signin", "sso", "sso-oidc", "sts"})
"""Services that the SDK itself asks for credentials, which it does with operations that are no reads."""
_INNER = ("member", "key", "value")

Model = dict[str, Any]


@cache
def service_models() -> Any:
    """One loader of service models for all sessions of this process: each session would keep them for itself.

    Botocore reads a file into ordered dictionaries by a function of Python for each object.  Plain ones keep their
    order too.  Over fifty services that and `only_reads` save 0.4 s and half of the memory, 90 MB.
    """
    import orjson  # noqa: PLC0415  # only who reads AWS needs it here
    from botocore.loaders import JSONFileLoader, Loader  # noqa: PLC0415  # the SDK is an extra

    kept: dict[Path, frozenset[str]] = {}

    class Files(JSONFileLoader):  # type: ignore[misc]  # botocore has no types
        def load_file(self, file_path: str) -> Any:
            """What a file holds, whose ending is not given; None when there is no such file."""
            found = None
            with suppress(FileNotFoundError), gzip.open(f"{file_path}.json.gz") as packed:
                found = orjson.loads(packed.read())
            if found is None:
                with suppress(FileNotFoundError):
                    found = orjson.loads(Path(f"{file_path}.json").read_bytes())
            path = Path(file_path)
            if found is None or not path.name.startswith("service-2") or path.parent.parent.name in CREDENTIALS:
                return found
            if path.name != "service-2":
                return _amending(found, kept[path.parent])
            model = only_reads(found)
            kept[path.parent] = frozenset(model["shapes"])
            return model

    class Shared(Loader):  # type: ignore[misc]  # botocore has no types
        @property
        def search_paths(self) -> list[str]:
            """A copy, since boto3 appends a folder of its own for each session."""
            return list(self._search_paths)

    return Shared(file_loader=Files())


def only_reads(model: Model) -> Model:
    """A service model with the operations that a session may send, the shapes that they need, and no prose."""
    operations = {name: _bare(operation) for name, operation in model["operations"].items() if is_read(name)}
    shapes: Model = {}
    todo = [name for operation in operations.values() for name in _of_operation(operation)]
    while todo:
        name = todo.pop()
        if name not in shapes:
            shapes[name] = _bare_shape(model["shapes"][name])
            todo += _of_shape(shapes[name])
    return {**_bare(model), "operations": operations, "shapes": shapes}


def _amending(extras: Model, shapes: frozenset[str]) -> Model:
    """What the SDK adds to a model, which it reads after that, as far as it is about shapes that were kept.

    A shape that consisted of nothing but an addition would have no type, and break the reading of every error.
    """
    added = extras.get("merge", {})
    about = {name: shape for name, shape in added.get("shapes", {}).items() if name in shapes}
    return {**extras, "merge": {**added, **({"shapes": about} if "shapes" in added else {})}}


def _bare(described: Model) -> Model:
    return {key: value for key, value in described.items() if key != "documentation"}


def _bare_shape(shape: Model) -> Model:
    bare = _bare(shape)
    if "members" in bare:
        bare["members"] = {name: _bare(member) for name, member in bare["members"].items()}
    return {**bare, **{key: _bare(bare[key]) for key in _INNER if key in bare}}


def _of_operation(operation: Model) -> Iterator[str]:
    yield from (operation[key]["shape"] for key in ("input", "output") if key in operation)
    yield from (error["shape"] for error in operation.get("errors", ()))


def _of_shape(shape: Model) -> Iterator[str]:
    yield from (member["shape"] for member in shape.get("members", {}).values())
    yield from (shape[key]["shape"] for key in _INNER if key in shape)
