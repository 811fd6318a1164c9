"""Animals that misbehave before their page is read: on the wire, in the head, in the length."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from backlink_crawler.model import Outcome
from tests.crawl.zoo import OK, House, Reset, answer, endless

if TYPE_CHECKING:
    from collections.abc import Iterator

WIRE = House()
MEGABYTE = 1_000_000
LINK = b'<a href="http://before.example/">before</a>'
BEFORE = ("http://before.example/",)
NOTHING_ELSE = {"/": OK, "/after": OK}


# --- Bodies -----------------------------------------------------------------------------------------------------------
@WIRE.animal(Outcome.TOO_LARGE)
def endless_body() -> Iterator[bytes]:
    yield endless() + LINK
    while True:
        yield b"<p>more" * 10_000


@WIRE.animal(Outcome.TOO_LARGE)
def endless_chunks() -> Iterator[bytes]:
    yield answer(b"", "Transfer-Encoding: chunked")
    while True:
        yield b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n"


@WIRE.animal(Outcome.TOO_LARGE)
def a_terabyte_announced() -> Iterator[bytes]:
    yield answer(b"", "Content-Length: 1000000000000")
    while True:
        yield bytes(65_536)


@WIRE.animal(Outcome.TIMEOUT)
def one_byte_a_second() -> Iterator[bytes]:
    yield answer(b"", "Content-Length: 60")
    for _ in range(60):
        yield b"<"
        time.sleep(1)


@WIRE.animal(Outcome.TIMEOUT)
def one_chunk_a_second() -> Iterator[bytes]:
    yield answer(b"", "Transfer-Encoding: chunked")
    for _ in range(60):
        yield b"1\r\n<\r\n"
        time.sleep(1)


@WIRE.animal(Outcome.TIMEOUT)
def silence() -> Iterator[bytes]:
    time.sleep(60)
    yield b""


@WIRE.animal(Outcome.TIMEOUT)
def silence_after_the_head() -> Iterator[bytes]:
    yield answer(b"", "Content-Length: 10")
    time.sleep(60)


@WIRE.animal(Outcome.INVALID_RESPONSE, "truncated")
def body_shorter_than_its_length() -> bytes:
    return answer(LINK, "Content-Length: 1000")


@WIRE.animal(Outcome.OK, links=BEFORE)
def body_longer_than_its_length() -> bytes:
    return answer(LINK + LINK, f"Content-Length: {len(LINK)}")


@WIRE.animal(Outcome.OK, links=BEFORE, keeps=True)
def a_second_answer_behind_the_first() -> bytes:
    return answer(LINK) + answer(b"<a href=http://smuggled.example/>in</a>")


@WIRE.animal(Outcome.INVALID_RESPONSE, "content_length")
def a_negative_length() -> bytes:
    return answer(LINK, "Content-Length: -5")


@WIRE.animal(Outcome.INVALID_RESPONSE, "content_length")
def a_length_that_is_no_number() -> bytes:
    return answer(LINK, "Content-Length: many")


@WIRE.animal(Outcome.INVALID_RESPONSE, "content_length")
def a_length_of_4000_digits() -> bytes:
    return answer(LINK, "Content-Length: " + "9" * 5_000)


@WIRE.animal(Outcome.INVALID_RESPONSE, "content_length")
def two_lengths() -> bytes:
    return answer(LINK, "Content-Length: 5", f"Content-Length: {len(LINK)}")


@WIRE.animal(Outcome.OK, links=BEFORE)
def two_lengths_that_agree() -> bytes:
    return answer(LINK, f"Content-Length: {len(LINK)}", f"Content-Length: {len(LINK)}")


@WIRE.animal(Outcome.INVALID_RESPONSE, "truncated")
def reset_in_the_body() -> Iterator[bytes]:
    yield answer(LINK, "Content-Length: 1000")
    time.sleep(0.2)
    raise Reset


@WIRE.animal(Outcome.CONNECTION_ERROR, "closed")
def reset_in_the_head() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-"
    time.sleep(0.2)
    raise Reset


@WIRE.animal(Outcome.CONNECTION_ERROR, "closed")
def closed_in_the_head() -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@WIRE.animal(Outcome.CONNECTION_ERROR, "closed")
def closed_without_an_answer() -> bytes:
    return b""


@WIRE.animal(Outcome.CONNECTION_ERROR, "closed")
def reset_without_an_answer() -> Iterator[bytes]:
    yield b""
    raise Reset


@WIRE.animal(Outcome.INVALID_RESPONSE, "chunks")
def a_chunk_size_that_is_no_number() -> bytes:
    return answer(b"zz\r\n" + LINK + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked")


@WIRE.animal(Outcome.INVALID_RESPONSE, "chunks")
def a_negative_chunk_size() -> bytes:
    return answer(b"-5\r\nabcde\r\n0\r\n\r\n", "Transfer-Encoding: chunked")


@WIRE.animal(Outcome.INVALID_RESPONSE, "chunks")
def a_chunk_without_its_end() -> bytes:
    return answer(b"5\r\nabcdefgh\r\n0\r\n\r\n", "Transfer-Encoding: chunked")


@WIRE.animal(Outcome.INVALID_RESPONSE, "truncated")
def no_last_chunk() -> bytes:
    return answer(b"%x\r\n%s\r\n" % (len(LINK), LINK), "Transfer-Encoding: chunked")


@WIRE.animal(Outcome.INVALID_RESPONSE, "chunks")
def trailers_that_never_end() -> Iterator[bytes]:
    yield answer(b"0\r\n", "Transfer-Encoding: chunked")
    while True:
        yield b"A: b\r\n" * 1_000


@WIRE.animal(Outcome.INVALID_RESPONSE, "transfer_encoding")
def a_transfer_encoding_that_nobody_knows() -> bytes:
    return answer(LINK, "Transfer-Encoding: gzip, chunked")


@WIRE.animal(Outcome.OK, links=BEFORE)
def a_length_beside_chunks() -> bytes:
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(LINK), LINK)
    return answer(body, "Transfer-Encoding: chunked", "Content-Length: 3")


# --- Heads ------------------------------------------------------------------------------------------------------------
@WIRE.animal(Outcome.INVALID_RESPONSE, "head_too_large")
def headers_that_never_end() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"A: b\r\n" * 1_000


@WIRE.animal(Outcome.INVALID_RESPONSE, "head_too_large")
def one_header_of_a_megabyte() -> bytes:
    return answer(LINK, "X-Long: " + "x" * MEGABYTE)


@WIRE.animal(Outcome.OK, links=BEFORE)
def one_header_of_100_kilobytes() -> bytes:
    return answer(LINK, "X-Long: " + "x" * 100_000)


@WIRE.animal(Outcome.INVALID_RESPONSE, "head_too_large")
def one_header_folded_for_ever() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX: y\r\n"
    while True:
        yield b" more\r\n" * 1_000


@WIRE.animal(Outcome.INVALID_RESPONSE, "head_too_large")
def a_hundred_thousand_headers() -> bytes:
    return answer(LINK, *(f"X-{number}: y" for number in range(100_000)))


@WIRE.animal(Outcome.INVALID_RESPONSE, "head_too_large")
def a_flood_of_cookies() -> bytes:
    return answer(LINK, *(f"Set-Cookie: c{number}={'x' * 4_000}" for number in range(1_000)))


@WIRE.animal(Outcome.OK, links=BEFORE)
def a_thousand_cookies() -> bytes:
    return answer(LINK, *(f"Set-Cookie: c{number}={'x' * 100}" for number in range(1_000)))


@WIRE.animal(Outcome.INVALID_RESPONSE, "head_too_large")
def informational_answers_for_ever() -> Iterator[bytes]:
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000


@WIRE.animal(Outcome.OK, links=BEFORE)
def a_hundred_informational_answers() -> bytes:
    return b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100 + answer(LINK)


@WIRE.animal(Outcome.TIMEOUT)
def one_header_a_second() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    for _ in range(60):
        yield b"A: b\r\n"
        time.sleep(1)


@WIRE.animal(Outcome.INVALID_RESPONSE, "not_http")
def http_0_9() -> bytes:
    return b"<html>\n" + LINK


@WIRE.animal(Outcome.INVALID_RESPONSE, "not_http")
def garbage_for_a_status_line() -> bytes:
    return bytes(range(256)) + b"\r\n\r\n"


@WIRE.animal(Outcome.INVALID_RESPONSE, "not_http")
def a_greeting_of_ssh() -> bytes:
    return b"SSH-2.0-OpenSSH_9.2\r\n"


@WIRE.animal(Outcome.INVALID_RESPONSE, "not_http")
def a_status_that_is_no_number() -> bytes:
    return answer(LINK, status="OK OK")


@WIRE.animal(Outcome.INVALID_RESPONSE)
def status_99() -> bytes:
    return answer(LINK, status="99 Red")


@WIRE.animal(Outcome.INVALID_RESPONSE)
def status_999() -> bytes:
    return answer(LINK, status="999 Denied")


@WIRE.animal(Outcome.INVALID_RESPONSE)
def status_1000() -> bytes:
    return answer(LINK, status="1000 More")


@WIRE.animal(Outcome.INVALID_RESPONSE)
def a_negative_status() -> bytes:
    return answer(LINK, status="-200 OK")


@WIRE.animal(Outcome.INVALID_RESPONSE)
def a_status_of_30_digits() -> bytes:
    return answer(LINK, status="2" * 30)


@WIRE.animal(Outcome.OK, links=BEFORE)
def lines_without_a_colon() -> bytes:
    return answer(LINK, "nonsense", "more nonsense")


@WIRE.animal(Outcome.OK, links=BEFORE)
def bytes_of_all_kinds_in_a_header() -> bytes:
    return answer(LINK, "X-Bytes: " + bytes(set(range(256)) - {10, 13}).decode("latin-1"))


@WIRE.animal(Outcome.OK, links=BEFORE)
def http_2_7() -> bytes:
    return answer(LINK).replace(b"HTTP/1.1", b"HTTP/2.7", 1)


# --- Statuses that promise no body, or another one ---------------------------------------------------------------------
@WIRE.animal(Outcome.NOT_WHOLE, "status_204", keeps=True)
def status_204_with_a_body() -> bytes:
    return answer(LINK, status="204 No Content")


@WIRE.animal(Outcome.NOT_WHOLE, "status_205")
def status_205_with_a_body() -> bytes:
    return answer(LINK, status="205 Reset Content")


@WIRE.animal(Outcome.NOT_WHOLE, "status_206")
def status_206_unasked() -> bytes:
    return answer(LINK, "Content-Range: bytes 0-42/1000", status="206 Partial Content")


@WIRE.animal(Outcome.NOT_MODIFIED, keeps=True)
def status_304_unasked_with_a_body() -> bytes:
    return answer(LINK, status="304 Not Modified")


@WIRE.animal(Outcome.OK, links=BEFORE)
def status_100_with_a_body() -> bytes:
    return answer(b"", status="100 Continue", media_type=None).replace(b"Content-Length: 0\r\n", b"") + answer(LINK)


@WIRE.animal(Outcome.INVALID_RESPONSE, "not_http")
def status_101_unasked() -> bytes:
    return b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello\r\n"
