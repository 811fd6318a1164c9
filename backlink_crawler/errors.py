"""What can go wrong in a way that a user can mend. Each error is one sentence and an exit code.

BacklinksError                 1
├── InvalidInput               2   a seeds file, a target, an option
├── DatabaseUnavailable        3   down, refused, read-only, gone in the middle
│   ├── TookTooLong                a statement longer than the server allows
│   └── Busy                       more readers than sessions
├── SchemaMismatch             4   missing, out of date, or newer than this program
└── NothingRead                5   a run that tried, and could not read any page
"""

from backlink_crawler.terminal import escaped


class BacklinksError(Exception):
    """A sentence for the user that says what is wrong and what to do."""

    exit_code = 1

    def __str__(self) -> str:
        """What a page or a server had a say in commands no terminal."""
        return escaped(super().__str__())


class InvalidInput(BacklinksError):
    exit_code = 2


class DatabaseUnavailable(BacklinksError):
    exit_code = 3


class TookTooLong(DatabaseUnavailable):
    """statement_timeout ended a statement."""


class Busy(DatabaseUnavailable):
    """Others have all sessions that readers may have."""


class SchemaMismatch(BacklinksError):
    exit_code = 4


class NothingRead(BacklinksError):
    exit_code = 5
