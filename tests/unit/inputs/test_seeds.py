"""From what the user wrote to seeds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.config import TRACKING_PARAMETERS
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seeds import MAX_HOPS, parse_seed, parse_seeds
from backlink_crawler.model import Scope, Seed
from backlink_crawler.urls.normalise import Normaliser

normalise = Normaliser(TRACKING_PARAMETERS)


def seed(text: str) -> Seed:
    return parse_seed(text, normalise)


def urls(text: str) -> list[str]:
    found = parse_seeds(text.split("\n"), normalise)
    assert found.problems == []
    return [each.url.text for each in found.seeds]


def problems(text: str) -> list[str]:
    return parse_seeds(text.split("\n"), normalise).problems


# One seed


@pytest.mark.parametrize(
    ("text", "url", "scope", "bare"),
    [
        ("example.com", "https://example.com/", Scope.DOMAIN, True),
        ("EXAMPLE.com", "https://example.com/", Scope.DOMAIN, True),
        ("example.co.uk", "https://example.co.uk/", Scope.DOMAIN, True),
        ("foo.github.io", "https://foo.github.io/", Scope.DOMAIN, True),
        ("example.com/", "https://example.com/", Scope.DOMAIN, True),
        ("example.com:8443", "https://example.com:8443/", Scope.DOMAIN, True),
        ("example.com.", "https://example.com./", Scope.DOMAIN, True),
        ("127.0.0.1:8000", "https://127.0.0.1:8000/", Scope.DOMAIN, True),
        ("www.example.com", "https://www.example.com/", Scope.HOST, True),
        ("blog.example.com", "https://blog.example.com/", Scope.HOST, True),
        ("//example.com", "https://example.com/", Scope.DOMAIN, True),
        ("https://example.com", "https://example.com/", Scope.HOST, False),
        ("http://example.com/", "http://example.com/", Scope.HOST, False),
        ("HTTPS://Example.com/Blog/", "https://example.com/Blog/", Scope.HOST, False),
        ("https://example.com/?utm_source=x#top", "https://example.com/", Scope.HOST, False),
        ("http://[2001:db8::1]:8000/", "http://[2001:db8::1]:8000/", Scope.HOST, False),
        ("http://2130706433/", "http://127.0.0.1/", Scope.HOST, False),
    ],
)
def test_a_domain_means_all_of_it_a_host_or_url_its_host(text, url, scope, bare):
    found = seed(text)
    assert (found.url.text, found.scope, found.bare) == (url, scope, bare)
    assert (found.max_depth, found.max_pages, found.hops) == (None, None, 0)


@pytest.mark.parametrize(
    ("text", "url", "scope"),
    [
        ("*.example.com", "https://example.com/", Scope.DOMAIN),
        ("*.example.com/*", "https://example.com/", Scope.DOMAIN),
        ("https://*.example.com/", "https://example.com/", Scope.DOMAIN),
        ("example.com/*", "https://example.com/", Scope.HOST),
        ("https://blog.example.com/*", "https://blog.example.com/", Scope.HOST),
        ("example.com/blog/*", "https://example.com/blog/", Scope.PREFIX),
        ("https://example.com/blog/*", "https://example.com/blog/", Scope.PREFIX),
    ],
)
def test_a_star_says_the_scope(text, url, scope):
    found = seed(text)
    assert (found.url.text, found.scope) == (url, scope)


@pytest.mark.parametrize("text", ["example.com/blog/", "www.example.com/blog/?page=2"])
def test_only_a_name_alone_is_tried_over_http_too(text):
    assert seed(text).bare is False


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("röstwerk.test", "xn--rstwerk-90a.test"),
        ("https://RÖSTWERK.test/über", "xn--rstwerk-90a.test"),
        ("xn--rstwerk-90a.test", "xn--rstwerk-90a.test"),
        ("日本語.jp", "xn--wgv71a119e.jp"),
        ("faß.de", "xn--fa-hia.de"),
        ("例え。jp", "xn--r8jz45g.jp"),
    ],
)
def test_an_internationalised_name_is_taken(text, host):
    assert seed(text).url.host == host


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exam ple.com", "'exam ple.com' has a space in it; write %20, or one seed a line"),
        ("https://example.com/a b", "'https://example.com/a b' has a space in it; write %20, or one seed a line"),
        ("a.com\tb.com", "'a.com\\tb.com' has a space in it; write %20, or one seed a line"),
        ("a.com\xa0b", "'a.com\\xa0b' has a space in it; write %20, or one seed a line"),
        ("- example.com", "'- example.com' has a space in it; write %20, or one seed a line"),
        (
            "*.blog.example.com",
            "'*.blog.example.com' means some hosts of example.com only; name that, or one host a line",
        ),
        ("a.*.example.com", "'a.*.example.com' has a host that cannot be one: 'a.*.example.com'"),
        (".example.com", "'.example.com' has a host that cannot be one: '.example.com'"),
        ("-example.com", "'-example.com' has a host that cannot be one: '-example.com'"),
        ("example-.com", "'example-.com' has a host that cannot be one: 'example-.com'"),
        ("under_score.com", "'under_score.com' has a host that cannot be one: 'under_score.com'"),
        ("a.com;host;2", "'a.com;host;2' has a host that cannot be one: 'a.com;host;2'"),
        ("a.com,b.com", "'a.com,b.com' has a host that cannot be one: 'a.com,b.com'"),
        ("http://a.com!/x", "'http://a.com!/x' has a host that cannot be one: 'a.com!'"),
        (f"{'a' * 64}.com", f"'{'a' * 64}.com' has a host that cannot be one: '{'a' * 64}.com'"),
        (
            "https//example.com",
            "'https//example.com' is neither a domain (example.com) nor a URL (https://example.com/blog/)",
        ),
        (
            "http://http://example.com/",
            "'http://http://example.com/' is neither a domain (example.com) nor a URL (https://example.com/blog/)",
        ),
        (
            "https://user:secret@example.com/",
            "it has a user name or password; the crawler logs in nowhere, leave them out",
        ),
        ("user@example.com", "it has a user name or password; the crawler logs in nowhere, leave them out"),
        ("mailto:user@example.com", "it has a user name or password; the crawler logs in nowhere, leave them out"),
        ("ftp://example.com/", "'ftp://example.com/' is not an http(s) address"),
        ("file:///etc/passwd", "'file:///etc/passwd' is not an http(s) address"),
        ("https://", "'https://' is not a valid address"),
        ("", "'' is not a valid address"),
        ("https://[::1/", "'https://[::1/' is not a valid address"),
        ("example.com:99999", "'example.com:99999' is not a valid address"),
        ("javascript:alert(1)", "'javascript:alert(1)' is not a valid address"),
        ("1.2.3.4.5", "'1.2.3.4.5' is not a valid address"),
        ("exa<mple.com", "'exa<mple.com' is not a valid address"),
        ("localhost", "'localhost' is neither a domain (example.com) nor a URL (https://example.com/blog/)"),
        (
            "http://localhost:8000/",
            "'http://localhost:8000/' is neither a domain (example.com) nor a URL (https://example.com/blog/)",
        ),
        ("com.", "'com.' is neither a domain (example.com) nor a URL (https://example.com/blog/)"),
        ("example..com", "'example..com' is neither a domain (example.com) nor a URL (https://example.com/blog/)"),
        ("word", "'word' is neither a domain (example.com) nor a URL (https://example.com/blog/)"),
        ("https://example.com/" + "a" * 2_048, f"'https://example.com/{'a' * 60}…' is too long"),
    ],
)
def test_what_is_no_seed_is_refused_with_the_reason(text, reason):
    with pytest.raises(ValueError) as refusal:
        seed(text)
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://example.com/x\xa0",
            "https://example.com/x\u200b",
            "\ufeffhttps://example.com/x",
            "\u2060https://example.com/x\xad",
        ),
        *('"https://example.com/x"', "'https://example.com/x'", "“https://example.com/x”", "„https://example.com/x“"),
        *("<https://example.com/x>", "«https://example.com/x»", "https://example.com/x,", "https://example.com/x;"),
        *('"https://example.com/x",', '"<https://example.com/x>" ;', "https://example.com/x,,,"),
    ],
)
def test_what_copying_leaves_around_an_address_is_no_part_of_it(text):
    assert seed(text).url.text == "https://example.com/x"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.com/a,b?c=1,2", "https://example.com/a,b?c=1,2"),
        ("https://example.com/a;b", "https://example.com/a;b"),
        ("https://example.com/'a'", "https://example.com/'a'"),
        ("my_blog.example.com", "https://my_blog.example.com/"),
        ("example.com.", "https://example.com./"),
        ("1.2.3.4", "https://1.2.3.4/"),
    ],
)
def test_what_belongs_to_an_address_stays(text, url):
    assert seed(text).url.text == url


# A file of lines


def test_lines_with_comments_and_blank_lines():
    text = "# my seeds\n\nexample.com  # the shop\n   https://other.example/a#b \n#example.org\n\t\n http://third.example #c"
    assert urls(text) == ["https://example.com/", "https://other.example/a", "http://third.example/"]


@pytest.mark.parametrize(
    "first", ["\ufeffexample.com", "\ufeff# comment\nexample.com", "\ufeff\nexample.com", "\ufeffurl\nexample.com"]
)
def test_the_byte_order_mark_of_windows_editors_is_no_text(first):
    assert urls(first) == ["https://example.com/"]


def test_lines_that_end_as_in_windows():
    assert urls("example.com\r\nother.example\r\n") == ["https://example.com/", "https://other.example/"]


def test_a_seed_that_is_named_twice_is_one_and_the_first_counts():
    assert urls("example.com\nhttps://EXAMPLE.com/#x\nhttps://example.com/?utm_source=a\nother.example") == [
        "https://example.com/",
        "https://other.example/",
    ]
    found = parse_seeds(["url,max_depth", "example.com,1", "example.com,2"], normalise)
    assert [each.max_depth for each in found.seeds] == [1]


def test_a_bad_line_is_reported_with_its_number_and_the_rest_goes_on():
    found = parse_seeds(
        ["# first", "example.com", "", "two words", "other.example", "user@third.example", "fourth.example"],
        normalise,
    )
    assert [each.url.host for each in found.seeds] == ["example.com", "other.example", "fourth.example"]
    assert found.problems == [
        "line 4: 'two words' has a space in it; write %20, or one seed a line",
        "line 6: it has a user name or password; the crawler logs in nowhere, leave them out",
    ]


def test_nothing_gives_nothing():
    assert parse_seeds([], normalise).seeds == []
    assert urls("\n# only comments\n") == []


# A CSV


def test_a_csv_whose_first_line_names_its_columns():
    found = parse_seeds(
        [
            "# exported",
            "URL, Scope ,max_depth,max_pages,hops",
            "https://example.com/blog/,prefix,3,500,0",
            'other.example,"HOST",,,2',
            "third.example,,,,",
            "fourth.example",
            "fifth.example , domain , 0",
        ],
        normalise,
    )
    assert found.problems == []
    assert [(each.url.text, each.scope, each.max_depth, each.max_pages, each.hops) for each in found.seeds] == [
        ("https://example.com/blog/", Scope.PREFIX, 3, 500, 0),
        ("https://other.example/", Scope.HOST, None, None, 2),
        ("https://third.example/", Scope.DOMAIN, None, None, 0),
        ("https://fourth.example/", Scope.DOMAIN, None, None, 0),
        ("https://fifth.example/", Scope.DOMAIN, 0, None, 0),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_values_are_separated_as_the_first_line_s_are(delimiter):
    lines = ["url|scope|max_depth", "https://a.example/;x|host|3", '"b.example"|"domain"|2', "c.example||"]
    found = parse_seeds([line.replace(";x", "").replace("|", delimiter) for line in lines], normalise)
    assert found.problems == []
    assert [(each.url.text, each.scope, each.max_depth) for each in found.seeds] == [
        ("https://a.example/", Scope.HOST, 3),
        ("https://b.example/", Scope.DOMAIN, 2),
        ("https://c.example/", Scope.DOMAIN, None),
    ]


def test_other_tools_call_the_column_address():
    assert urls("Address\nhttps://a.example/\nb.example") == ["https://a.example/", "https://b.example/"]


def test_columns_may_stand_in_any_order():
    found = parse_seeds(["hops,url", "1,example.com"], normalise)
    assert [(each.url.host, each.hops) for each in found.seeds] == [("example.com", 1)]


def test_a_quoted_url_may_hold_a_comma():
    found = parse_seeds(["url,scope", '"https://example.com/a,b/",prefix'], normalise)
    assert [(each.url.text, each.scope) for each in found.seeds] == [("https://example.com/a,b/", Scope.PREFIX)]


def test_a_seed_keeps_that_it_was_a_bare_name():
    assert [each.bare for each in parse_seeds(["url", "example.com", "https://a.example"], normalise).seeds] == [
        True,
        False,
    ]


def test_an_unknown_column_is_an_error_that_names_the_columns():
    with pytest.raises(InvalidInput) as error:
        parse_seeds(["url,depth", "example.com,1"], normalise)
    assert (
        str(error.value)
        == "seeds: line 1: unknown column 'depth'; the columns are url, scope, max_depth, max_pages, hops, render."
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("example.com,site", "line 2: scope 'site' is not host, domain or prefix"),
        ("example.com,,deep", "line 2: max_depth 'deep' is not a whole number of 0 or more"),
        ("example.com,,-1", "line 2: max_depth '-1' is not a whole number of 0 or more"),
        ("example.com,,1.5", "line 2: max_depth '1.5' is not a whole number of 0 or more"),
        ("example.com,,,²", "line 2: max_pages '²' is not a whole number of 0 or more"),
        ("example.com,,,٣", "line 2: max_pages '٣' is not a whole number of 0 or more"),
        ("example.com,,,1234567890", "line 2: max_pages '1234567890' is not a whole number of 0 or more"),
        ("example.com,,,,x", "line 2: hops 'x' is not a whole number of 0 or more"),
        ("example.com,,,,,", "line 2: 6 values for 5 columns"),
        (",host", "line 2: its url is empty"),
        ("two words,host", "line 2: 'two words' has a space in it; write %20, or one seed a line"),
    ],
)
def test_a_bad_row_is_reported_with_its_number_and_the_rest_goes_on(line, reason):
    found = parse_seeds(["url,scope,max_depth,max_pages,hops", line, "good.example"], normalise)
    assert [each.url.host for each in found.seeds] == ["good.example"]
    assert found.problems == [reason]


@pytest.mark.parametrize("line", ["a.example\rb.example,host", "a" * 200_000])
def test_a_row_that_is_no_csv_is_reported_and_the_rest_goes_on(line):
    found = parse_seeds(["url,scope", line, "good.example"], normalise)
    assert [each.url.host for each in found.seeds] == ["good.example"]
    assert [problem[:23] for problem in found.problems] == ["line 2: it is not CSV: "]


def test_a_first_line_that_is_no_csv_names_no_columns():
    assert problems("a\rb,url") == ["line 1: 'a\\rb,url' has a space in it; write %20, or one seed a line"]


@pytest.mark.parametrize(
    "lines",
    [
        ["Rank;Domain;Traffic;Since", "1;one.example;12.5;2026-01-02", "2;https://two.example/a;1.234,50;"],
        ["1\tone.example\t9.9", "2\thttps://two.example/a\t"],
        ["Site,Notes", '"one.example","ours, since May"', "https://two.example/a,"],
        ["URL,Title,DR,Traffic", "one.example,Hello,12,3.5", "https://two.example/a,,,"],
    ],
)
def test_the_address_of_a_spreadsheet_is_found_whatever_its_columns(lines):
    found = parse_seeds(lines, normalise)
    assert found.problems == []
    assert [each.url.text for each in found.seeds] == ["https://one.example/", "https://two.example/a"]


def test_a_line_with_two_addresses_is_refused():
    found = parse_seeds(["one.example;two.example"], normalise)
    assert found.seeds == []
    assert found.problems == [
        "line 1: 'one.example;two.example' has a host that cannot be one: 'one.example;two.example'"
    ]


def test_hops_have_a_limit():
    found = parse_seeds(["url,hops", "example.com,999"], normalise)
    assert [each.hops for each in found.seeds] == [MAX_HOPS] == [10]


_PIECES = st.sampled_from('url|scope|hops|,|"|#|https://|example.com|:|@|\r|\n| |\ufeff|\x00|\ud800|1'.split("|"))
_LINES = st.lists(st.lists(_PIECES | st.text(st.characters(), max_size=3), max_size=6).map("".join), max_size=4)


@given(_LINES)
def test_every_line_is_a_seed_a_problem_or_nothing(lines):
    try:
        found = parse_seeds(lines, normalise)
    except InvalidInput:
        return
    assert len(found.seeds) + len(found.problems) <= len(lines)
    assert len({each.url for each in found.seeds}) == len(found.seeds)
