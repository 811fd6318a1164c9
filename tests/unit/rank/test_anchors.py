"""What the words of a link are to the page they lead to."""

import tomllib
from importlib import resources
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.rank.anchors import AnchorClass, Site, TargetPage, classify, is_address, site_names, site_of

BEANS = site_of(
    "bean-shop.example",
    titles=["Cheap coffee beans | The Bean Shop", "Green tea | The Bean Shop", "Contact | The Bean Shop"],
    brands=["Bean & Sons"],
    keywords=["download"],
)
BEANS_PAGE = TargetPage(
    "https://www.bean-shop.example/beans/cheap-coffee-beans.html", "Cheap coffee beans | The Bean Shop"
)
MUNICH = site_of("xn--mnchen-3ya.de")
WIKI = TargetPage("https://de.wikipedia.org/wiki/Kaffeer%C3%B6sterei")


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        ("", "empty"),
        (" \u00a0", "empty"),
        ("https://other.example/page", "naked"),
        ("www.bean-shop.example", "naked"),
        ("bean-shop.example/beans", "naked"),
        ("(bean-shop.example)", "naked"),
        ("Bean Shop", "branded"),
        ("BEANSHOP", "branded"),
        ("the Bean Shop’s", "branded"),
        ("Bean & Sons", "branded"),
        ("Bean Shop, Inc.", "branded"),
        ("visit the Bean Shop website", "branded"),
        ("Bean Shop 2026", "branded"),
        ("coffee beans at Bean Shop", "compound"),
        ("cheap coffee beans", "exact"),
        ("Cheap-Coffee-Beans!", "exact"),
        ("the cheap coffee beans", "exact"),
        ("download", "exact"),  # the user said so: else it is a generic phrase
        ("where to buy cheap coffee beans in bulk", "partial"),
        ("beans", "partial"),
        ("click here", "generic"),
        ("Read more »", "generic"),
        ("our website", "generic"),
        ("[12]", "generic"),
        ("→", "generic"),
        ("v2.16", "generic"),
        ("1.0.0-alpha-1", "generic"),
        ("Bean Shop Services Ltd", "branded"),
        ("quarterly report of a bank", "other"),
    ],
)
def test_the_first_class_that_fits(anchor, expected):
    assert classify(anchor, BEANS, [BEANS_PAGE]).name.lower() == expected


def test_the_words_of_an_image_are_no_text():
    assert classify("Bean Shop", BEANS, is_image=True) is AnchorClass.IMAGE
    assert classify("", BEANS, is_image=True) is AnchorClass.EMPTY


@pytest.mark.parametrize(
    ("anchor", "site", "page", "expected"),
    [
        ("hier klicken", MUNICH, None, "generic"),
        ("Mehr erfahren", MUNICH, None, "generic"),
        ("zurück", MUNICH, None, "generic"),
        ("München", MUNICH, None, "branded"),
        ("MUENCHEN", MUNICH, None, "branded"),
        ("munchen", MUNICH, None, "branded"),
        ("Wetter in München", MUNICH, None, "compound"),
        ("Kaffeerösterei", site_of("wikipedia.org"), WIKI, "exact"),
        ("eine Kaffeerosterei in Wien", site_of("wikipedia.org"), WIKI, "partial"),
        ("En savoir plus…", MUNICH, None, "generic"),
        ("haz clic aquí", MUNICH, None, "generic"),
        ("saiba mais", MUNICH, None, "generic"),
        ("per saperne di più", MUNICH, None, "generic"),
        ("lees meer", MUNICH, None, "generic"),
        ("Läs mer", MUNICH, None, "generic"),
        ("læs mere", MUNICH, None, "generic"),
        ("Lue lisää", MUNICH, None, "generic"),
        ("Dowiedz się więcej", MUNICH, None, "generic"),
        ("Více informací", MUNICH, None, "generic"),
        ("bővebben", MUNICH, None, "generic"),
        ("citește mai mult", MUNICH, None, "generic"),
        ("devamını oku", MUNICH, None, "generic"),
        ("DEVAMINI OKU", MUNICH, None, "generic"),
        ("Читать далее", MUNICH, None, "generic"),
        ("дізнатися більше", MUNICH, None, "generic"),
        ("Διαβάστε περισσότερα", MUNICH, None, "generic"),
        ("続きを読む", MUNICH, None, "generic"),
        ("点击这里", MUNICH, None, "generic"),
        ("자세히 보기", MUNICH, None, "generic"),
        ("اقرأ المزيد", MUNICH, None, "generic"),
        ("קרא עוד", MUNICH, None, "generic"),
        ("और पढ़ें", MUNICH, None, "generic"),
        ("อ่านต่อ", MUNICH, None, "generic"),
        ("xem thêm", MUNICH, None, "generic"),
        ("baca selengkapnya", MUNICH, None, "generic"),
        ("珈琲店", site_of("kohi.example", brands=["珈琲店"]), None, "branded"),
        ("珈琲店の公式サイト", site_of("kohi.example", brands=["珈琲店"]), None, "branded"),
        ("珈琲店の豆", site_of("kohi.example", brands=["珈琲店"]), None, "compound"),
        ("珈琲店 公式", site_of("kohi.example", brands=["珈琲店"]), None, "branded"),
        ("京都の喫茶店", site_of("kissa.example"), TargetPage("https://kissa.example/1", "京都の喫茶店"), "exact"),
        (
            "京都の喫茶店めぐり",
            site_of("kissa.example"),
            TargetPage("https://kissa.example/1", "京都の喫茶店"),
            "partial",
        ),
        ("кофе в зёрнах", site_of("zerno.example", keywords=["кофе в зернах"]), None, "exact"),
        ("Εσπρέσο", site_of("kafes.example", keywords=["ΕΣΠΡΕΣΟ"]), None, "exact"),
    ],
)
def test_in_other_languages(anchor, site, page, expected):
    assert classify(anchor, site, [page] if page else []).name.lower() == expected


@pytest.mark.parametrize(
    ("anchor", "domain", "page", "expected"),
    [
        ("Maven", "apache.org", "https://maven.apache.org/", "branded"),
        ("Apache Maven", "apache.org", "https://maven.apache.org/", "branded"),
        ("Docs", "apache.org", "https://docs.apache.org/", "generic"),
        ("Tampa Bay Interactive", "tbi.net", "https://tbi.net/", "branded"),
        ("Sentinel", "sentinel-corp.com", "https://sentinel-corp.com/", "branded"),
        ("CVE-2015-3250", "cve.org", "https://cve.org/CVERecord?id=CVE-2015-3250", "exact"),
        ("Edo Liberty", "linkedin.com", "https://linkedin.com/in/edo-liberty-4380164/", "exact"),
        ("Dojo", "dojotoolkit.org", "https://dojotoolkit.org/", "branded"),
        ("Dojo", "dojotoolkit.org", "http://www.dojotoolkit.org/index.html", "branded"),
        ("Dojo", "dojotoolkit.org", "https://dojotoolkit.org/download", "other"),
        ("toolkit", "dojotoolkit.org", "https://dojotoolkit.org/", "other"),
        ("AbstractObserver", "a.example", "https://a.example/src/AbstractObserver.java", "exact"),
        ("AbstractObserver.java", "a.example", "https://a.example/src/AbstractObserver.java", "exact"),
        ("Node.js", "wiki.example", "https://wiki.example/Node.js", "exact"),
        ("release signing", "wiki.example", "https://wiki.example/cgi?ReleaseSigning", "exact"),
        ("notes on release signing", "wiki.example", "https://wiki.example/cgi?ReleaseSigning", "partial"),
        ("public key authentication", "a.example", "https://a.example/howto/ssh/publickey-auth/", "partial"),
        ("brewing at home", "a.example", "https://a.example/coffee/brewing/2020/31.html", "partial"),
        ("brewing tea in small kettles", "a.example", "https://a.example/coffee/brewing/2020/31.html", "other"),
        ("June 2020", "a.example", "https://a.example/2020/31.html", "other"),
        ("org.apache.data", "github.com", "https://github.com/a/b", "other"),
        ("ASP.NET", "microsoft.com", "https://microsoft.com/", "other"),
        ("A history of everything that anyone ever brewed", "b.example", "https://b.example/", "other"),
    ],
)
def test_what_the_address_says(anchor, domain, page, expected):
    assert classify(anchor, site_of(domain), [TargetPage(page)]).name.lower() == expected


def test_an_anchor_that_several_domains_use_is_a_keyword():
    called = site_of(
        "beans.example", common_anchors=["buy cheap coffee", "click here", "Beans", "https://beans.example/"]
    )
    assert classify("Buy cheap coffee", called) is AnchorClass.EXACT
    assert classify("click here", called) is AnchorClass.GENERIC
    assert classify("Beans", called) is AnchorClass.BRANDED
    assert classify("Buy cheap coffee", site_of("beans.example")) is AnchorClass.OTHER


def test_a_headline_is_no_keyword():
    page = TargetPage("https://news.example/1", "Seven things nobody told you about coffee beans")
    assert (
        classify("Seven things nobody told you about coffee beans", site_of("news.example"), [page]).name == "PARTIAL"
    )


def test_the_name_of_a_site_is_what_most_titles_share():
    assert site_names(["Beans | Bean Shop", "Tea | Bean Shop", "Bean Shop"]) == ["Bean Shop"]
    assert site_names(["Beans - Bean Shop", "Tea - Bean Shop"]) == []  # too few to tell


def test_an_address_of_another_site_is_one_too():
    assert is_address("https://elsewhere.example/…", "beans.example")
    assert is_address("elsewhere.com", "beans.example")
    assert not is_address("Node.js", "nodejs.org")
    assert not is_address("see beans.example", "beans.example")


def test_every_phrase_of_the_list_is_generic_in_capitals_and_with_signs_too():
    text = resources.files("backlink_crawler.rank").joinpath("generic_phrases.toml").read_text("utf-8")
    languages = tomllib.loads(text)["phrases"]
    assert len(languages) >= 15
    site = site_of("kxq.example")
    for language, lines in languages.items():
        for phrase in lines.split("\n")[1:-1]:
            shouted = f"» {phrase.upper()} …"
            assert classify(phrase, site) is classify(shouted, site) is AnchorClass.GENERIC, (language, phrase)


ANCHORS = st.text(max_size=80)


@given(ANCHORS, st.booleans())
def test_every_anchor_has_exactly_one_class(anchor, is_image):
    assert classify(anchor, BEANS, [BEANS_PAGE], is_image=is_image) in AnchorClass


@given(st.one_of(ANCHORS, st.sampled_from(["Bean Shop", "ΕΣΠΡΈΣΟ ς", "İstanbul’da", "straße", "www.ẞ.de", "ǰ ﬁ ŉ"])))
def test_capitals_and_white_space_do_not_matter(anchor):
    plain = classify(" ".join(anchor.split()), BEANS, [BEANS_PAGE])
    for other in (anchor.upper(), anchor.lower(), anchor.swapcase(), f"\t {anchor}\n", anchor.replace(" ", "\u00a0 ")):
        assert classify(" ".join(other.split()), BEANS, [BEANS_PAGE]) is plain


@given(st.from_regex(r"[a-z0-9.-]{1,40}", fullmatch=True), st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_site_is_called(domain, title, keyword):
    site = site_of(domain, titles=[title] * 3, common_anchors=[keyword], brands=[title], keywords=[keyword])
    assert isinstance(site, Site)
    assert classify(title, site, [TargetPage(f"https://{domain}/{quote(keyword)}", title)]) in AnchorClass
