"""Bad input gets one sentence and an exit code, loses nothing, and never shows a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.crawl.conftest import Crawler


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "no valid seed in the file"),
        ("comments.txt", b"# nobody\n\n", "it is empty"),
        ("binary.txt", b"\x7fELF\x02\x00\x01\xff\xfe", "is not a text file in UTF-8"),
        ("nul.txt", b"example.test\x00\n", "is a binary file"),
        ("bad.txt", b"ftp://x.test/\nhttps://user:secret@a.test/\n", "line 1: 'ftp://x.test/'"),
    ],
)
def test_a_seeds_file_with_nothing_valid_is_exit_code_2(crawler: Crawler, name: str, content: bytes, said: str) -> None:
    file = crawler.folder / name
    file.write_bytes(content)
    code, output = crawler.run("-a", f"seeds={file}")
    assert code == 2
    assert output.startswith("backlinks: seeds: ")
    assert said in output
    assert "secret" not in output


def test_a_seeds_file_that_is_missing_or_huge_is_exit_code_2(crawler: Crawler, tmp_path: Path) -> None:
    assert crawler.run("-a", "seeds=nowhere.txt") == (2, "backlinks: seeds: there is no file 'nowhere.txt'.\n")
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    code, output = crawler.run("-a", f"seeds={huge}")
    assert code == 2
    assert "has 100 MiB; the limit is 64" in output


def test_bad_lines_are_told_with_their_numbers_and_the_rest_goes_on(
    crawler: Crawler,
    connection: psycopg.Connection,
) -> None:
    """Ports and IDNs are fine; credentials and spaces are not."""
    text = "http://a.test:1/\nhttps://user:secret@b.test/\nhttp://münchen.test:1/\ntwo words\nftp://c.test/\n"
    code, output = crawler.run("-a", crawler.seeds(text))
    assert code == 5  # nobody is there
    for said in (
        "line 2: it has a user name or password",
        "line 4: 'two words' has a space",
        "line 5: 'ftp://c.test/'",
    ):
        assert said in output
    assert "secret" not in output
    hosts = connection.execute("SELECT host, outcome FROM crawled_pages ORDER BY host").fetchall()
    assert [host for host, _ in hosts] == ["a.test:1", "xn--mnchen-3ya.test:1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-a", "seeds=http://a.test/", "-a", "max_pages=many"), "max_pages=many is not a number above 0."),
        (("-a", "sedes=x"), "-a sedes: there is no such argument"),
        ((), "there are no seeds"),
    ],
)
def test_bad_arguments_are_exit_code_2(crawler: Crawler, arguments: tuple[str, ...], said: str) -> None:
    code, output = crawler.run(*arguments)
    assert code == 2
    assert said in output


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"BACKLINKS_RESOLVE": "nonsense"}, "BACKLINKS_RESOLVE: 'nonsense' is not HOST=ADDRESS"),
        ({"BACKLINKS_ALLOW_NETWORKS": "10.0.0.0/99"}, "BACKLINKS_ALLOW_NETWORKS: "),
        ({"BACKLINKS_DATABASE_URL": "mysql://x"}, "BACKLINKS_DATABASE_URL is not a PostgreSQL address"),
        ({"BACKLINKS_RESOLVE": ""}, "set BACKLINKS_CONTACT"),
    ],
)
def test_a_bad_environment_is_exit_code_2(crawler: Crawler, environment: dict[str, str], said: str) -> None:
    code, output = crawler.run("-a", "seeds=http://a.test/", **environment)
    assert code == 2
    assert said in output


def with_database(database: Database, **changes: str) -> dict[str, str]:
    return {"BACKLINKS_DATABASE_URL": make_conninfo(database.dsn, **changes)}


def test_a_database_that_is_down_or_refuses_is_exit_code_3(crawler: Crawler, database: Database) -> None:
    for changes, said in (
        ({"host": "127.0.0.1", "port": "1", "password": "hidden"}, "Connection refused"),
        ({"dbname": "no_such_database"}, "no_such_database"),
        ({"user": "nobody_here"}, "nobody_here"),
    ):
        code, output = crawler.run("-a", "seeds=http://a.test/", **with_database(database, **changes))
        assert code == 3, output
        assert said in output
        assert "hidden" not in output


def test_a_read_only_database_is_exit_code_3(crawler: Crawler, database: Database, server: Server) -> None:
    server.execute(f"ALTER DATABASE {conninfo_to_dict(database.dsn)['dbname']} SET default_transaction_read_only = on")
    code, output = crawler.run("-a", "seeds=http://a.test/")
    assert code == 3
    assert "is read-only" in output


def test_a_newer_schema_is_exit_code_4(crawler: Crawler, connection: psycopg.Connection) -> None:
    connection.execute("UPDATE alembic_version SET version_num = '29991231_2359'")
    code, output = crawler.run("-a", "seeds=http://a.test/")
    assert code == 4
    assert "is newer than this program" in output
