"""Animals that come over the wire as they should, and misbehave in what they say: redirects, markup, encodings."""

from __future__ import annotations

from backlink_crawler.model import Outcome
from tests.crawl.zoo import HONEST, OK, House, answer

PAGES = House()
MEGABYTE = 1_000_000
LINK = b'<a href="http://before.example/">before</a>'
AFTER = b'<a href="http://after.example/">after</a>'
BEFORE = ("http://before.example/",)
BOTH = ("http://before.example/", "http://after.example/")
MOVED = (Outcome.REDIRECT, "")


def moved(location: str | None, status: str = "302 Found") -> bytes:
    return answer(b"", *([] if location is None else [f"Location: {location}"]), status=status)


# --- Redirects --------------------------------------------------------------------------------------------------------
@PAGES.animal(Outcome.REDIRECT)
def a_redirect_to_itself() -> bytes:
    return moved("/it")


@PAGES.animal(Outcome.REDIRECT, others=HONEST | {"/it?2": MOVED})
def a_loop_of_two() -> bytes:
    """Both of its pages are this answer."""
    return moved("/it?2")


@PAGES.animal(Outcome.REDIRECT, "refused_invalid_url")
def a_redirect_without_a_location() -> bytes:
    return moved(None)


@PAGES.animal(Outcome.REDIRECT)
def a_redirect_to_100_kilobytes() -> bytes:
    return moved("/" + "x" * 100_000)


@PAGES.animal(Outcome.INVALID_RESPONSE, "head_too_large")
def a_redirect_to_a_megabyte() -> bytes:
    return moved("/" + "x" * MEGABYTE)


@PAGES.animal(Outcome.REDIRECT, "refused_invalid_url")
def a_redirect_to_nowhere() -> bytes:
    return moved("")


@PAGES.animal(Outcome.REDIRECT, "refused_other_scheme")
def a_redirect_to_a_file() -> bytes:
    return moved("file:///etc/passwd")


@PAGES.animal(Outcome.REDIRECT, "refused_other_scheme")
def a_redirect_to_ftp() -> bytes:
    return moved("ftp://before.example/")


@PAGES.animal(Outcome.REDIRECT, "refused_javascript")
def a_redirect_to_a_script() -> bytes:
    return moved("javascript:alert(1)")


@PAGES.animal(Outcome.REDIRECT, "refused_data")
def a_redirect_to_data() -> bytes:
    return moved("data:text/html,<a href=http://before.example/>x</a>")


@PAGES.animal(Outcome.REDIRECT, "refused_invalid_url")
def a_redirect_to_port_99999() -> bytes:
    return moved("http://before.example:99999/")


@PAGES.animal(Outcome.REDIRECT, links=["http://before.example:0/"])
def a_redirect_to_port_0() -> bytes:
    return moved("http://before.example:0/")


@PAGES.animal(Outcome.REDIRECT, "refused_invalid_url")
def a_redirect_to_a_broken_host() -> bytes:
    return moved("http://[::g]/")


@PAGES.animal(Outcome.REDIRECT, links=BEFORE)
def two_locations() -> bytes:
    return answer(b"", "Location: http://after.example/", "Location: http://before.example/", status="301 Moved")


@PAGES.animal(Outcome.REDIRECT, "refused_invalid_url")
def status_300_with_a_page() -> bytes:
    return answer(LINK, status="300 Multiple Choices")


@PAGES.animal(Outcome.OK, others=HONEST)
def a_refresh_to_itself() -> bytes:
    return answer(b"<meta http-equiv=refresh content='0;url=/it'>")


@PAGES.animal(Outcome.OK, others=HONEST | {"/it?2": OK})
def a_refresh_in_a_circle() -> bytes:
    return answer(b"<meta http-equiv=refresh content='0;url=/it?2'>")


@PAGES.animal(Outcome.OK)
def a_refresh_of_spaces() -> bytes:
    return answer(b"<meta http-equiv=refresh content='0" + b" ;" * MEGABYTE + b"'>")


# --- Much of everything -----------------------------------------------------------------------------------------------
@PAGES.animal(Outcome.TOO_COMPLEX, "memory 512 MB")
def a_million_links() -> bytes:
    """10 MB that take 640 MB."""
    return answer(b"<a href=a>" * MEGABYTE)


@PAGES.animal(Outcome.OK, links=BOTH)
def a_million_links_to_one_place() -> bytes:
    return answer(LINK + b"<a href=//after.example>" * 400_000)


@PAGES.animal(Outcome.OK, links=BOTH)
def an_anchor_of_10_megabytes() -> bytes:
    return answer(LINK + b"<a href=//after.example>" + b"word " * 2 * MEGABYTE + b"</a>")


@PAGES.animal(Outcome.OK, links=BOTH)
def an_anchor_of_10_megabytes_of_spaces() -> bytes:
    return answer(LINK + b" " * 10 * MEGABYTE + AFTER)


@PAGES.animal(Outcome.OK, links=BOTH)
def five_megabytes_and_an_emoji() -> bytes:
    return answer(LINK + "🦊".encode() + b"x" * 5 * MEGABYTE + AFTER)


@PAGES.animal(Outcome.TOO_COMPLEX, "cpu 5 s")
def two_million_nested_tags() -> bytes:
    return answer(LINK + b"<div>" * 2 * MEGABYTE + AFTER)


@PAGES.animal(Outcome.OK, links=BOTH)
def four_thousand_nested_tags() -> bytes:
    return answer(LINK + b"<div>" * 4_000 + AFTER)


@PAGES.animal(Outcome.TOO_COMPLEX, "cpu 5 s")
def a_tag_with_a_million_attributes() -> bytes:
    return answer(LINK + b"<p " + b" ".join(b"a%x" % number for number in range(MEGABYTE)) + b">" + AFTER)


@PAGES.animal(Outcome.OK, links=BOTH)
def a_million_paragraphs() -> bytes:
    return answer(LINK + b"<p>" * MEGABYTE + AFTER)


@PAGES.animal(Outcome.TOO_COMPLEX, "memory 512 MB")
def formatting_that_every_paragraph_repeats() -> bytes:
    """36 kB that are 4,000,000 elements."""
    bold = b"".join(b"<b id=%x>" % number for number in range(2_000))
    return answer(LINK + b"<p>" + bold + b"</p><p>x" * 2_000 + AFTER)


@PAGES.animal(Outcome.OK, links=BOTH)
def ten_megabytes_of_comments() -> bytes:
    return answer(LINK + b"<!---->" * 1_400_000 + AFTER)


@PAGES.animal(Outcome.OK, links=BOTH)
def misnested_tags() -> bytes:
    return answer(LINK + b"<b><p>" * 50_000 + b"</b>" * 50_000 + AFTER)


@PAGES.animal(Outcome.OK, links=BEFORE)
def a_drawing_with_many_deep_titles() -> bytes:
    return answer(LINK + b"<svg>" + b"<g>" * 4_000 + b"<title></title>" * 40_000)


@PAGES.animal(Outcome.OK, links=BOTH)
def tables_in_links_in_tables() -> bytes:
    return answer(LINK + b"<a href=//after.example><table><td>" * 4_000)


@PAGES.animal(Outcome.OK, links=["http://first.example/x"])
def a_thousand_bases() -> bytes:
    return answer(b"<base href=//first.example>" + b"<base href=//other.example>" * 1_000 + b"<a href=x>x</a>")


@PAGES.animal(Outcome.OK, others=HONEST | {"/x": (Outcome.GONE, "")})
def a_script_for_a_base() -> bytes:
    return answer(b"<base href='javascript:alert(1)'><a href=x>x</a>")


@PAGES.animal(Outcome.OK, others=HONEST | {"/x": (Outcome.GONE, "")})
def data_for_a_base() -> bytes:
    return answer(b"<base href='data:text/html,x'><a href=x>x</a>")


@PAGES.animal(Outcome.OK, links=BEFORE)
def a_url_of_a_megabyte() -> bytes:
    return answer(LINK + b"<a href='http://after.example/" + b"x" * MEGABYTE + b"'>x</a>")


@PAGES.animal(Outcome.OK, links=BEFORE)
def a_query_of_a_megabyte_of_escapes() -> bytes:
    return answer(LINK + b"<a href='http://after.example/?" + b"%25" * 300_000 + b"'>x</a>")


@PAGES.animal(Outcome.OK, links=["http://before.example/", "http://after.example:0/"])
def ports_that_are_none() -> bytes:
    ports = ("0", "99999", "65536", "-1", "http", "8o")
    return answer(LINK + b"".join(b"<a href=http://after.example:%s>x</a>" % port.encode() for port in ports))


@PAGES.animal(Outcome.OK, links=BEFORE)
def hosts_that_are_none() -> bytes:
    hosts = ("a..b.%00", "[::g]", "1.2.3.4.5.6", "256.256.256.256", "a b", "%zz", "[", "")
    return answer(LINK + b"".join(b"<a href='http://%s/'>x</a>" % host.encode() for host in hosts))


@PAGES.animal(Outcome.OK, links=["http://before.example/", f"http://{'a' * 63}.example/"])
def hosts_with_long_labels() -> bytes:
    return answer(LINK + b"".join(b"<a href=http://%s.example/>x</a>" % (b"a" * length) for length in (63,)))


@PAGES.animal(Outcome.OK, links=BEFORE)
def a_rel_of_a_megabyte() -> bytes:
    rel = b" ".join(b"token%x" % number for number in range(100_000))
    return answer(b"<a rel='" + rel + b"' href=http://before.example/>x</a>")


@PAGES.animal(Outcome.OK, links=BEFORE)
def link_headers_without_end() -> bytes:
    return answer(LINK, "Link: " + "<x;" * 20_000, "Link: " + '<x>; a="' * 10_000, "X-Robots-Tag: " + "a:," * 20_000)


# --- Bytes that are no text ---------------------------------------------------------------------------------------------
@PAGES.animal(Outcome.OK, links=["http://before.example/"])
def nul_bytes() -> bytes:
    return answer(b"<title>a\0b</title>\0" + LINK.replace(b">before", b" title='\0'>be\0fore") + bytes(MEGABYTE))


@PAGES.animal(Outcome.OK, links=BEFORE)
def lone_surrogates() -> bytes:
    return answer(b"<title>&#xD800;&#xDFFF;\xed\xa0\x80</title>" + LINK.replace(b">before", b">&#xDC00;x&#55296;"))


@PAGES.animal(Outcome.OK, links=BEFORE)
def control_characters() -> bytes:
    controls = (
        b"".join(b"&#%d;" % number for number in range(160)) + bytes(range(1, 32)) + "\u202e\u200b\ufeff".encode()
    )
    return answer(b"<html lang='\x07\x1b'><title>" + controls + b"</title>" + LINK.replace(b"before<", controls + b"<"))


@PAGES.animal(Outcome.OK, links=BOTH)
def references_to_no_character() -> bytes:
    return answer(LINK + b"&#x110000;&#99999999999999999999;&#0;&#-1;&nosuch;" * 1_000 + AFTER)


@PAGES.animal(Outcome.OK)
def random_bytes() -> bytes:
    return answer(bytes((number * number * 7 + number // 13) % 251 for number in range(200_000)).replace(b"<", b""))
