"""From a page's bytes to its text: byte order mark, header, meta, then detection.

Where a browser's answer is not plain from the Encoding Standard, it is what Chromium 156 says.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.encoding import decode

HTML = "text/html"


def encoding(body: bytes, content_type: str | None = None) -> str:
    return decode(body, content_type)[1]


# What says it first


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xef\xbb\xbf\xc3\xa4", ("ä", "utf-8")),
        (b"\xff\xfe\xe4\x00", ("ä", "utf-16-le")),
        (b"\xfe\xff\x00\xe4", ("ä", "utf-16-be")),
        (b"\xef\xbb\xbf<meta charset=koi8-r>\xc3\xa4", ("<meta charset=koi8-r>ä", "utf-8")),
        (b"\xff\xfe\x00\x00a\x00", ("\0a", "utf-16-le")),  # UTF-32 is no encoding of the web
        (b"\xef\xbb\xbf\xff", ("�", "utf-8")),
    ],
)
def test_a_byte_order_mark_beats_header_and_meta_and_is_no_text(body, expected):
    assert decode(body, "text/html; charset=windows-1251") == expected


def test_the_header_beats_the_meta():
    body = b"<meta charset=koi8-r>\xff"
    assert decode(body, "text/html; charset=windows-1251") == ("<meta charset=koi8-r>я", "cp1251")


def test_the_meta_beats_detection():
    assert decode(b"<meta charset=windows-1251>\xc3\xa4", HTML) == ("<meta charset=windows-1251>Г¤", "cp1251")


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/html; charset=koi8-r", "koi8-r"),
        ("text/html;charset=KOI8-R", "koi8-r"),
        ('text/html; charset="koi8-r"', "koi8-r"),
        ("text/html; Charset=koi8-r; boundary=x", "koi8-r"),
        ("text/html; a=b;charset=koi8-r", "koi8-r"),
        ("text/html; charset=utf-8, text/html; charset=koi8-r", "koi8-r"),
        ("text/html; charset=koi8-r, text/html", "koi8-r"),
        ("text/html charset=koi8-r", "utf-8"),
        ("text/html; charset='koi8-r'", "utf-8"),
        ("text/html; charset=iso_8859-1:1987", "cp1252"),
        ('text/html; title="; charset=koi8-r"', "utf-8"),
        ("text/html; charset=nonsense", "utf-8"),
        ("text/html; charset=", "utf-8"),
        ("text/html; charset", "utf-8"),
        ("text/html", "utf-8"),
        ("", "utf-8"),
        (None, "utf-8"),
    ],
)
def test_the_headers_charset(content_type, expected):
    assert encoding("ä".encode(), content_type) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<meta charset=koi8-r>", "koi8-r"),
        ("<META CharSet='KOI8-R'/>", "koi8-r"),
        ("<meta charset=' koi8-r '>", "koi8-r"),
        ("<meta name=x charset=koi8-r>", "koi8-r"),
        ("<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>", "koi8-r"),
        ("<meta content='text/html;charset = \"koi8-r\"' http-equiv='content-type'>", "koi8-r"),
        ("<meta content='text/html; charset=koi8-r'>", "utf-8"),
        ("<meta http-equiv=refresh content='text/html; charset=koi8-r'>", "utf-8"),
        ("<meta name=description content='charset=koi8-r'>", "utf-8"),
        ("<meta charset=nonsense><meta charset=koi8-r>", "koi8-r"),
        ("<meta charset=utf-8><meta charset=koi8-r>", "utf-8"),
        ("<meta charset='koi8-r;x'>", "utf-8"),
        ("<!-- <meta charset=koi8-r> -->", "utf-8"),
        ("<!-- <meta charset=koi8-r> --><meta charset=windows-1251>", "cp1251"),
        ("<script>'<meta charset=koi8-r>'</script>", "utf-8"),
        ("<title><meta charset=koi8-r></title>", "utf-8"),
        ("<noscript><meta charset=koi8-r></noscript>", "koi8-r"),
        ("<body><meta charset=koi8-r>", "koi8-r"),
        (f"<style>{'x' * 5_000}</style><meta charset=koi8-r>", "koi8-r"),
        (f"<p>{'x' * 1_100}<body><meta charset=koi8-r>", "utf-8"),
        (f"<body>{'x' * 900}<meta charset=koi8-r>", "koi8-r"),
        (f"<div>{'x' * 1_100}</div><meta charset=koi8-r>", "utf-8"),
        (f"{'x' * 1_100}<meta charset=koi8-r>", "koi8-r"),
        (f"<script>{'x' * 200_000}</script><meta charset=koi8-r>", "koi8-r"),
        ("<!--><meta charset=koi8-r>-->", "koi8-r"),
        ("<textarea><meta charset=koi8-r></textarea>", "utf-8"),
        ("<xmp><meta charset=koi8-r></xmp>", "utf-8"),
        ("<iframe><meta charset=koi8-r></iframe>", "utf-8"),
        ("<p title='<meta charset=koi8-r>'>", "utf-8"),
        ("<meta title='>' charset=koi8-r>", "koi8-r"),
        ("<meta charset=koi8-r<p>", "utf-8"),
        ("<meta charset='' http-equiv=content-type content='charset=koi8-r'>", "utf-8"),
        ("<meta http-equiv=' content-type' content='charset=koi8-r'>", "utf-8"),
        ("<metacharset=koi8-r>", "utf-8"),
        ("<?xml version='1.0' encoding='koi8-r'?>", "koi8-r"),
        ("<?xml version='1.0' encoding='koi8-r'?><meta charset=windows-1251>", "cp1251"),
        ("<p><?xml version='1.0' encoding='koi8-r'?>", "utf-8"),
        ("<p>the charset=koi8-r is Russian", "utf-8"),
    ],
)
def test_the_metas_charset(markup, expected):
    assert encoding((markup + "ä").encode(), HTML) == expected


@pytest.mark.parametrize("label", ["utf-16", "utf-16le", "UTF-16BE", "unicode"])
def test_a_meta_that_says_utf_16_means_utf_8(label):
    body = f"<meta charset={label}>ä".encode()
    assert decode(body, HTML) == (f"<meta charset={label}>ä", "utf-8")


def test_a_meta_that_says_x_user_defined_means_windows_1252():
    assert decode(b"<meta charset=x-user-defined>\x80", HTML) == ("<meta charset=x-user-defined>€", "cp1252")


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"\xc3\xa4", "application/xhtml+xml", ("ä", "utf-8")),
        (b"\xe4", "application/xhtml+xml", ("�", "utf-8")),
        (b"<meta charset='koi8-r'/>", "application/xhtml+xml", ("<meta charset='koi8-r'/>", "utf-8")),
        (
            b"<?xml version='1.0' encoding='koi8-r'?>\xff",
            "text/xml",
            ("<?xml version='1.0' encoding='koi8-r'?>Ъ", "koi8-r"),
        ),
        (b"\xe4", "application/xhtml+xml; charset=iso-8859-1", ("ä", "cp1252")),
    ],
)
def test_xml_says_it_at_its_beginning_or_is_utf_8(body, content_type, expected):
    assert decode(body, content_type, is_xml=True) == expected


def test_a_header_that_says_utf_16_means_it():
    assert decode(b"a\x00\xe4\x00", "text/html; charset=utf-16") == ("aä", "utf-16-le")
    assert decode(b"\x00a\x00\xe4", "text/html; charset=utf-16be") == ("aä", "utf-16-be")


# What a label means


@pytest.mark.parametrize(
    ("label", "body", "text"),
    [
        ("iso-8859-1", b"\x80\x81\x9f", "€\x81Ÿ"),
        ("us-ascii", b"\x93\x94", "“”"),
        ("iso-8859-9", b"\xfe\x80", "ş€"),
        ("euc-kr", b"\x8c\x63", "똠"),  # in windows-949 only
        ("ks_c_5601-1987", b"\x8c\x63", "똠"),
        ("gb2312", b"\x81\x40", "丂"),  # in GBK only
        ("gb2312", b"\x80", "€"),
        ("shift_jis", b"\x87\x40\xfa\xb1", "①﨑"),  # in windows-31J only
        ("x-sjis", b"\x83\x5c", "ソ"),
        ("euc-jp", b"\xad\xa1\xa1\xc1", "①～"),
        ("iso-8859-11", b"\xa1\x80", "ก€"),
        ("big5", b"\xf9\xd6\x88\x56", "碁Ā"),  # ETEN and HKSCS
        ("iso-8859-8-i", b"\xe0", "א"),
        ("x-mac-cyrillic", b"\x80", "А"),
        ("koi8-ru", b"\xae", "ў"),
        ("x-user-defined", b"\x80", "\uf780"),
    ],
)
def test_labels_mean_what_browsers_take_them_for(label, body, text):
    assert decode(body, f"text/html; charset={label}")[0] == text


def test_bytes_that_a_windows_encoding_leaves_undefined_are_c1_controls():
    assert decode(b"\x81\x8d\x8f\x90\x9d", "text/html; charset=windows-1252") == ("\x81\x8d\x8f\x90\x9d", "cp1252")
    assert decode(b"\x83\x98", "text/html; charset=windows-1251")[0] == "ѓ\x98"


@pytest.mark.parametrize("label", ["iso-2022-kr", "hz-gb-2312", "iso-2022-cn", "replacement"])
def test_an_encoding_that_is_used_for_attacks_only_is_not_read(label):
    body = b"~{<a href=https://other.example/>"
    assert decode(body, f"text/html; charset={label}") == ("�", "utf-8")
    assert decode(b"", f"text/html; charset={label}") == ("", "utf-8")


@pytest.mark.parametrize(
    "label",
    ["utf-7", "utf-32", "cp037", "unicode_escape", "raw-unicode-escape", "idna", "punycode", "rot13", "zlib", "base64"],
)
def test_a_codec_of_python_that_is_no_encoding_of_the_web_is_passed_over(label):
    body = b"\\ud800 +ADw- \xc3\xa4"
    assert decode(body, f"text/html; charset={label}") == ("\\ud800 +ADw- ä", "utf-8")


# Undeclared


def test_undeclared_valid_utf_8_is_utf_8():
    assert decode("Kaffee für alle – 日本語 😀".encode(), HTML) == ("Kaffee für alle – 日本語 😀", "utf-8")


def test_undeclared_ascii_is_windows_1252_in_which_a_query_is_encoded():
    assert decode(b"plain", None) == ("plain", "cp1252")
    assert decode(b"", None) == ("", "cp1252")


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", "<p>Привет, мир! Это страница о кофе и чае, на русском языке.</p>"),
        ("cp1251", "Кафето е вкусно. България е красива страна и хората пият много кафе."),
        ("koi8-r", "<p>Мы пьём кофе каждое утро. Это страница о кофе и чае, на русском языке.</p>" * 2),
        ("cp932", "<p>日本語のページです。コーヒーが好きです。喫茶店で本を読みます。</p>"),
        ("euc_jp", "<p>日本語のページです。コーヒーが好きです。喫茶店で本を読みます。</p>"),
        ("gb18030", "<p>这是一个关于咖啡的中文网页。我们喜欢喝咖啡和茶。今天的天气很好。</p>"),
        ("big5hkscs", "<p>這是一個關於咖啡的中文網頁。我們喜歡喝咖啡和茶。</p>"),
        ("cp949", "<p>이것은 커피에 관한 한국어 페이지입니다. 우리는 커피를 좋아합니다.</p>"),
        ("cp1253", "<p>Καλημέρα κόσμε, αυτή είναι μια σελίδα για τον καφέ.</p>"),
        ("cp1250", "<p>Příliš žluťoučký kůň úpěl ďábelské ódy. Káva je dobrá.</p>"),
        ("cp1250", "Zażółć gęślą jaźń. Kawa w Krakowie jest bardzo dobra, a pączki są świeże."),
        ("cp1252", "<p>Die Rösterei für Kaffee in Innsbruck öffnet früh. Größe und Süße.</p>"),
        ("cp1252", "Le café à la française est déjà prêt. Où êtes-vous allés hier soir?"),
        ("cp1252", "El niño comió piñas en España, mañana también irá al café. ¿Qué hora es?"),
        ("cp1252", "O café é ótimo de manhã. Não há açúcar, então bebemos chá com pão e maçã."),
        ("cp1252", "Il caffè è già pronto. Perché non c'è più zucchero?"),
        ("cp1252", "Kaffe är gott på morgonen. Vi dricker också te och äter smörgås."),
        ("cp1252", "naïve café"),
    ],
)
def test_undeclared_text_in_an_old_encoding_is_detected(codec, text):
    assert decode(text.encode(codec), None) == (text, codec)


def test_what_nothing_explains_is_windows_1252_as_in_a_browser():
    assert encoding(b"plain text and one odd byte: \x80") == "cp1252"
    assert decode(b"\xff", None)[1] == "cp1252"


def test_detection_looks_where_the_text_is_not_ascii():
    """Be it at the end of a long page, or little of it amid markup."""
    late = "<!-- " + "x" * 100_000 + " --><p>Привет, мир! Это страница о кофе и чае, на русском языке.</p>"
    assert decode(late.encode("cp1251"), None) == (late, "cp1251")
    sparse = "<div class='row wide'><a href='/page/index.html'>Страница о кофе</a><br></div>" * 20
    assert decode(sparse.encode("cp1251"), None) == (sparse, "cp1251")


@pytest.mark.parametrize(
    "piece", [b"<a", b"<!--", b"<!", b"<a b='", b"<script>", b"<title", b"<", b"=", b"<meta charset=x>"]
)
def test_a_hostile_head_takes_less_than_a_second(piece):
    start = time.process_time()
    decode(b"charset" + piece * (500_000 // len(piece)), None)
    assert time.process_time() - start < 1


# Never fails

_LABELS = st.sampled_from(
    "utf-8 utf-16 utf-16be shift_jis euc-jp iso-2022-jp gbk gb18030 big5 euc-kr windows-1252 windows-1255 "
    "iso-8859-6 x-user-defined utf-7 utf-32 unicode_escape undefined idna punycode hex replacement".split(),
)
_CONTENT_TYPES = st.none() | st.text(st.characters()) | _LABELS.map("text/html; charset={}".format)
_MARKUP = st.sampled_from(
    [
        b"<meta charset=",
        b"<meta http-equiv=content-type content='charset=",
        b"'>",
        b">",
        b"<!--",
        b"<?xml encoding='",
        b"utf-16",
    ],
)


@given(st.binary() | st.lists(_MARKUP | st.binary(max_size=5), max_size=8).map(b"".join), _CONTENT_TYPES)
def test_any_bytes_of_any_content_type_are_text_that_can_be_stored(body, content_type):
    text, codec = decode(body, content_type)
    text.encode("utf-8")
    "".encode(codec)
