"""Files that people hand in: read once and whole, and written out again without leaving the folder that was named.

What they hold is kept to the byte.  Nothing is unpacked, run or cleaned.
"""

from __future__ import annotations

import mimetypes
import os
import pwd
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from agent.errors import OperatorError
from collectors.redaction import PATTERNS
from storage.attachments import LONGEST_NAME, Attached, Attachment, plain_name

LARGEST = 64 * 1024 * 1024
"""Bytes of the longest file that is taken."""
MOST = 50
"""Files that one statement may come with."""

_LOOKED_THROUGH = 4 * 1024 * 1024
"""Characters of a text that are searched for secrets."""
_WINDOW, _OVERLAP = 4096, 512
"""Pieces in which they are searched, so that no long line makes a pattern slow; a secret may lie on the edge of two."""
_MIB = 1024 * 1024


def read(path: Path, now: int, *, option: str = "--file", largest: int = LARGEST) -> Attachment:
    """Read one file.  Raises OperatorError when it is no plain file, empty, too large, or has a strange name.

    A change that the file system dates after `now` counts as one of now.  Times are microseconds since the epoch, UTC.
    """
    name = path.name
    if not plain_name(name):
        raise OperatorError(
            f"{option} {name!r}: the name is empty, longer than {LONGEST_NAME} bytes, or has a sign that cannot be "
            "printed; rename the file"
        )
    try:
        with open(path, "rb", opener=_without_waiting) as file:  # Path.open takes no opener
            found = os.fstat(file.fileno())
            content = file.read(largest + 1) if stat.S_ISREG(found.st_mode) else None
    except OSError as error:
        raise OperatorError(f"{option} {path}: cannot be read ({error.strerror}); name a readable file") from error
    if content is None:
        raise OperatorError(f"{option} {path}: is no plain file; name a file")
    if not content:
        raise OperatorError(f"{option} {path}: is empty, and shows nothing; name the file that holds the evidence")
    if len(content) > largest:
        raise OperatorError(
            f"{option} {path}: is larger than {largest // _MIB} MiB; split it, or hand in a list of hashes of its parts"
        )
    # Only the built-in table, so that every machine says the same.
    media = mimetypes.MimeTypes().guess_type(name)[0] or "application/octet-stream"
    return Attachment(name, media, max(0, min(found.st_mtime_ns // 1000, now)), content)


def read_all(paths: Sequence[Path], now: int) -> list[Attachment]:
    """Read several files.  Raises OperatorError as `read` does, and when there are too many or two of one name."""
    if len(paths) > MOST:
        raise OperatorError(f"--file: {len(paths)} files are more than {MOST}; put them into an archive")
    files = [read(path, now) for path in paths]
    names = [file.name for file in files]
    for name in names:
        if names.count(name) > 1:
            raise OperatorError(f"--file {name!r}: two files have this name; rename one of them")
    return files


def write(folder: Path, prefix: str, files: Iterable[tuple[Attached, bytes]]) -> list[Path]:
    """Write files into a folder, which is made where there is none, as `prefix-1-name`; return where they are.

    Nothing that exists is replaced, no link is followed, and no file is made executable.  Raises OperatorError.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, (file, content) in enumerate(files, 1):
            path = folder / f"{prefix}-{number}-{file.name}"
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(opened, "wb") as out:
                out.write(content)
            written.append(path)
    except FileExistsError as error:
        raise OperatorError(f"--out {error.filename}: exists already; name another folder, or remove it") from error
    except OSError as error:
        raise OperatorError(
            f"--out {error.filename}: cannot be written ({error.strerror}); name a folder of your own"
        ) from error
    return written


def secrets(file: Attachment) -> tuple[str, ...]:
    """Names of the redaction rules that a text's first 4 MiB would fall under.  Other formats are not looked into."""
    try:
        text = file.content.decode("utf-8")[:_LOOKED_THROUGH]
    except UnicodeDecodeError:
        return ()
    pieces = [text[start : start + _WINDOW + _OVERLAP] for start in range(0, len(text), _WINDOW)]
    return tuple(rule for rule, pattern in PATTERNS.items() if any(pattern.search(piece) for piece in pieces))


def _without_waiting(path: str, flags: int) -> int:
    """A pipe would wait for somebody to write to it."""
    return os.open(path, flags | os.O_NONBLOCK)


def uploader() -> str:
    """The system account that runs this program: a trace of its own beside the names that people give."""
    with suppress(KeyError):
        return pwd.getpwuid(os.getuid()).pw_name
    return f"uid {os.getuid()}"
