"""Animals that lie about what they are: encodings, media types; and traps that go on for ever."""

from __future__ import annotations

import codecs

from backlink_crawler.model import Outcome
from tests.crawl.zoo import House, answer

LIES = House()
LINK = '<a href="http://before.example/">before é</a>'
BEFORE = ("http://before.example/",)
MEGABYTE = 1_000_000


def html(body: bytes, charset: str) -> bytes:
    return answer(body, media_type=f"text/html; charset={charset}")


# --- Encodings ----------------------------------------------------------------------------------------------------------
@LIES.animal(Outcome.OK, links=BEFORE)
def utf_16_in_the_meta() -> bytes:
    return answer(b"<meta charset=utf-16>" + LINK.encode())


@LIES.animal(Outcome.NOT_WHOLE, "encoding")
def utf_16_in_the_header_of_utf_8() -> bytes:
    return html(LINK.encode(), "utf-16")


@LIES.animal(Outcome.OK, links=BEFORE)
def utf_16_without_its_mark() -> bytes:
    return html(LINK.encode("utf-16-le"), "utf-16")


@LIES.animal(Outcome.OK, links=BEFORE)
def a_mark_of_utf_16_under_a_header_of_utf_8() -> bytes:
    return html(codecs.BOM_UTF16_BE + LINK.encode("utf-16-be"), "utf-8")


@LIES.animal(Outcome.OK, links=BEFORE)
def a_mark_of_utf_8_under_a_header_of_utf_16() -> bytes:
    return html(codecs.BOM_UTF8 + LINK.encode(), "utf-16be")


@LIES.animal(Outcome.OK, links=BEFORE)
def half_a_unit_of_utf_16() -> bytes:
    return answer(codecs.BOM_UTF16_LE + LINK.encode("utf-16-le") + b"\x00\xd8\x41")


@LIES.animal(Outcome.OK)
def utf_32_by_its_mark() -> bytes:
    return answer(codecs.BOM_UTF32_LE + LINK.encode("utf-32-le"))


@LIES.animal(Outcome.OK, links=BEFORE)
def utf_7() -> bytes:
    return html(b"+ADw-a href=http://hidden.example/+AD4-x+ADw-/a+AD4-" + LINK.encode("ascii", "ignore"), "utf-7")


@LIES.animal(Outcome.NOT_WHOLE, "encoding")
def an_encoding_that_is_replaced() -> bytes:
    return html(LINK.encode(), "iso-2022-kr")


@LIES.animal(Outcome.OK, links=BEFORE)
def a_label_that_nobody_knows() -> bytes:
    return html(b"<meta charset=klingon>" + LINK.encode(), "x-klingon")


@LIES.animal(Outcome.OK, links=BEFORE)
def a_codec_of_python_that_is_none_of_the_web() -> bytes:
    return html(b"<meta charset=rot13><meta charset=zlib><meta charset=idna>" + LINK.encode(), "unicode_escape")


@LIES.animal(Outcome.OK, links=BEFORE)
def header_and_meta_that_contradict() -> bytes:
    return html(b"<meta charset=shift_jis>" + LINK.encode("cp1251", "ignore"), "windows-1251")


@LIES.animal(Outcome.OK, links=BEFORE)
def a_character_cut_off() -> bytes:
    return html(LINK.encode() + "é".encode()[:1], "utf-8")


@LIES.animal(Outcome.OK, links=BEFORE)
def a_tag_eaten_by_half_a_character() -> bytes:
    """The lead byte takes nothing with it that is ASCII."""
    return html(b"\x81" + LINK.encode("ascii", "ignore"), "shift_jis")


@LIES.animal(Outcome.OK, links=BEFORE)
def iso_2022_jp_that_never_comes_back() -> bytes:
    return html(LINK.encode("ascii", "ignore") + b"\x1b$B" + LINK.encode("ascii", "ignore"), "iso-2022-jp")


@LIES.animal(Outcome.OK, links=BEFORE)
def three_megabytes_that_are_not_gbk() -> bytes:
    return html(LINK.encode("ascii", "ignore") + b"\xff" * 3 * MEGABYTE, "gbk")


@LIES.animal(Outcome.OK, links=BEFORE)
def six_megabytes_that_are_not_euc_jp() -> bytes:
    return html(LINK.encode("ascii", "ignore") + b"\xffa" * 3 * MEGABYTE, "euc-jp")


@LIES.animal(Outcome.OK, links=BEFORE)
def a_charset_of_100_kilobytes() -> bytes:
    return html(LINK.encode(), "x" * 100_000)


@LIES.animal(Outcome.OK, links=BEFORE)
def ten_thousand_charsets() -> bytes:
    return html(
        b"".join(b"<meta charset=x%x>" % number for number in range(10_000)) + LINK.encode(), ";charset=" * 9_000
    )


@LIES.animal(Outcome.OK, links=BEFORE)
def bytes_that_may_be_anything() -> bytes:
    return answer(LINK.encode("ascii", "ignore") + bytes(range(128, 256)) * 5_000)


# --- Media types --------------------------------------------------------------------------------------------------------
@LIES.animal(Outcome.NOT_HTML, "image/png")
def html_as_an_image() -> bytes:
    return answer(LINK.encode(), media_type="image/png")


@LIES.animal(Outcome.OK)
def a_pdf_as_html() -> bytes:
    return answer(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <</URI (http://before.example/)>> endobj")


@LIES.animal(Outcome.OK)
def an_image_as_html() -> bytes:
    return answer(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 100)


@LIES.animal(Outcome.OK, links=BEFORE)
def no_media_type() -> bytes:
    return answer(LINK.encode(), media_type=None)


@LIES.animal(Outcome.OK, links=BEFORE)
def an_empty_media_type() -> bytes:
    return answer(LINK.encode(), "Content-Type:")


@LIES.animal(Outcome.OK, links=BEFORE)
def a_media_type_of_garbage() -> bytes:
    """Of what has no media type the first bytes decide (MIME Sniffing Standard, 7.1), here as in the next."""
    return answer(LINK.encode(), media_type="\x01\x02Ã©")


@LIES.animal(Outcome.OK, links=BEFORE)
def a_media_type_of_100_kilobytes() -> bytes:
    return answer(LINK.encode(), media_type="x" * 100_000)


@LIES.animal(Outcome.NOT_HTML, "\x01\x02Ã©" + "x" * 96)
def an_image_with_a_media_type_of_garbage() -> bytes:
    return answer(b"\x89PNG\r\n\x1a\n" + LINK.encode(), media_type="\x01\x02Ã©" + "x" * 100_000)


@LIES.animal(Outcome.NOT_HTML, "multipart/mixed")
def many_parts() -> bytes:
    return answer(b"--x\r\nContent-Type: text/html\r\n\r\n" + LINK.encode(), media_type="multipart/mixed; boundary=x")


@LIES.animal(Outcome.NOT_HTML, "image/png")
def two_media_types() -> bytes:
    """The last one counts (Fetch Standard, 2.2.2 "extract a MIME type")."""
    return answer(LINK.encode(), "Content-Type: text/html; charset=utf-8", "Content-Type: image/png")


@LIES.animal(Outcome.OK, links=BEFORE)
def a_download_of_html() -> bytes:
    return answer(LINK.encode(), "Content-Disposition: attachment; filename=../../etc/passwd")


# --- Traps --------------------------------------------------------------------------------------------------------------
