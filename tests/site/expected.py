"""What a crawl of the little web's seeds must find, written by hand from its pages.

URLs carry the port 8000 that the sites are written with; a test puts the real one in. A crawl follows every internal
link, frame and redirect that is not rel=nofollow, and the sitemaps, but no link to a host that is not seeded. robots.txt
and sitemap files are fetched too and are in neither PAGES nor NOT_VISITED.
"""

from typing import NamedTuple


class ExpectedLink(NamedTuple):
    url_from: str
    url_to: str
    link_type: str
    rel: tuple[str, ...]
    anchor: str
    anchor_source: str
    is_dofollow: bool


class _To(NamedTuple):
    url_to: str
    anchor: str = ""
    rel: str = ""
    link_type: str = "text"
    anchor_source: str = "text"
    is_dofollow: bool = True


def _no(url_to: str, anchor: str, rel: str = "", link_type: str = "text", anchor_source: str = "text") -> _To:
    return _To(url_to, anchor, rel, link_type, anchor_source, is_dofollow=False)


def _silent(url_to: str, link_type: str) -> _To:
    return _To(url_to, "", "", link_type, "none")


_FACEBOOK = _To("https://www.facebook.com/bergkaffee.ibk", "Facebook", "noopener")
_WORDPRESS = _To("https://wordpress.org/", "WordPress")
_FOOTER = _To("http://bergkaffee.test:8000/", "Bergkaffee Innsbruck")

_BY_PAGE: dict[str, list[_To]] = {
    # the target: a link to Facebook in every footer
    "http://bergkaffee.test:8000/": [_FACEBOOK],
    "http://bergkaffee.test:8000/beans/": [_FACEBOOK],
    "http://bergkaffee.test:8000/beans/?sort=price": [_FACEBOOK],
    "http://bergkaffee.test:8000/beans/yirgacheffe.html": [_FACEBOOK],
    "http://bergkaffee.test:8000/beans/huila.html": [_FACEBOOK],
    "http://bergkaffee.test:8000/beans/gipfel-espresso.html": [
        _To("http://seilbahncafe.test:8000/", "Seilbahncafé"),
        _FACEBOOK,
    ],
    "http://bergkaffee.test:8000/blog/": [_FACEBOOK],
    "http://bergkaffee.test:8000/blog/water.html": [
        _To("http://labnotes.test:8000/water-hardness.html", "Brewing Lab"),
        _To("http://kaffeelexikon.test:8000/terms/tds.html", "what TDS means"),
        _FACEBOOK,
    ],
    "http://bergkaffee.test:8000/about.html": [
        _To("http://alpineplate.test:8000/coffee/morning-in-innsbruck.html", "Alpine Plate"),
        _To("https://www.youtube.com/watch?v=B3rgK4ff33x", "A day at the drum"),
        _FACEBOOK,
    ],
    # the magazine
    "http://alpineplate.test:8000/": [_To("http://filterdiary.test:8000/", "The Filter Diary")],
    "http://alpineplate.test:8000/coffee/morning-in-innsbruck.html": [
        _To("http://bergkaffee.test:8000/", "Bergkaffee"),
        _To("http://bergkaffee.test:8000/beans/gipfel-espresso.html", "the Gipfel espresso"),
        _To("http://seilbahncafe.test:8000/", "Seilbahn Café"),
        _To("http://bergkaffee.test:8000/", "the roastery’s own shop"),
    ],
    "http://alpineplate.test:8000/coffee/water-and-beans.html": [
        _To("http://bergkaffee.test:8000/blog/water.html", "Bergkaffee’s notes on water"),
        _To("http://labnotes.test:8000/extraction.html", "Brewing Lab’s extraction diary"),
        _To("http://kaffeelexikon.test:8000/terms/extraction.html", "extraction"),
        _no("https://www.youtube.com/watch?v=w4t3rMyth01", "boiled water is dead water", "nofollow noopener"),
    ],
    "http://alpineplate.test:8000/travel/slow-train-to-the-brenner.html": [
        _To("http://gletscherbrot.test:8000/breads.html", "Gletscherbrot"),
        _To("http://pedalhuts.test:8000/routes/brenner-loop.html", "Brenner loop"),
        _To("http://xn--rstwerk-90a.test:8000/", "Röstwerk"),
    ],
    "http://alpineplate.test:8000/authors/lena-brandt.html": [
        _To("https://www.instagram.com/lena.eats.uphill/", "Instagram", "me noopener"),
    ],
    "http://alpineplate.test:8000/authors/tom-whitfield.html": [
        _To("http://bergkaffee.test:8000/about.html", "Bergkaffee"),
        _To("http://filterdiary.test:8000/", "The Filter Diary", "me"),
    ],
    "http://alpineplate.test:8000/about.html": [_To("https://www.facebook.com/alpineplate", "Facebook")],
    "http://alpineplate.test:8000/newsletter/issue-12.html": [
        _To("http://bergkaffee.test:8000/beans/huila.html", "Huila from Bergkaffee"),
    ],
    "http://recipes.alpineplate.test:8000/": [],
    "http://recipes.alpineplate.test:8000/affogato.html": [
        _To("http://bergkaffee.test:8000/beans/gipfel-espresso.html", "Gipfel"),
        _To("http://gletscherbrot.test:8000/", "Gletscherbrot’s"),
    ],
    # two blogs
    "http://filterdiary.test:8000/": [_WORDPRESS],
    "http://filterdiary.test:8000/2023/05/brewing-at-altitude/": [
        _To("http://bergkaffee.test:8000/beans/yirgacheffe.html", "Yirgacheffe from Bergkaffee"),
        _To("http://kaffeelexikon.test:8000/terms/extraction.html", "extraction yield"),
        _no("http://mugandmountain.test:8000/", "Mara", "external nofollow ugc"),
        _no("http://pedalhuts.test:8000/", "Joe at Pedal Huts", "external nofollow ugc"),
        _no("http://bergkaffee.test:8000/blog/water.html", "their water post", "nofollow ugc"),
        _WORDPRESS,
    ],
    "http://filterdiary.test:8000/2023/11/a-winter-of-naturals/": [
        _To("http://bergkaffee.test:8000/beans/huila.html", "Huila natural"),
        _To("http://bergkaffee.test:8000/beans/?sort=price", "whole shelf, cheapest first"),
        _no("http://horst-espresso.test:8000/", "Horst", "ugc nofollow"),
        _WORDPRESS,
    ],
    "http://filterdiary.test:8000/2024/02/grinder-notes/": [
        _no("http://grindermarkt.test:8000/grinders.html", "Grindermarkt", "sponsored"),
        _To(
            "https://www.youtube-nocookie.com/embed/gR1nd3rN01s",
            "Three grinders, one microphone",
            link_type="frame",
            anchor_source="title",
        ),
        _To("http://labnotes.test:8000/", "Brewing Lab"),
        _no("http://xn--rstwerk-90a.test:8000/", "Röstwerk Bozen", "nofollow ugc"),
        _WORDPRESS,
    ],
    "http://filterdiary.test:8000/about/": [
        _To("http://alpineplate.test:8000/authors/tom-whitfield.html", "Alpine Plate"),
        _To("https://github.com/filterdiary/pour-timer", "GitHub", "me noopener"),
        _WORDPRESS,
    ],
    "http://mugandmountain.test:8000/": [],
    "http://mugandmountain.test:8000/posts/sunrise-brew.html": [
        _To("http://bergkaffee.test:8000/", "Bergkaffee"),
        _To("http://seilbahncafe.test:8000/menu.html", "cable-car café"),
        _no("http://filterdiary.test:8000/", "Tom", "ugc nofollow"),
        _no("http://bergkaffee.test:8000/beans/huila.html", "this Huila", "ugc nofollow"),
        _no("http://cheap-pods.test:8000/buy?ref=spam", "CHEAP PODS", "ugc nofollow"),
    ],
    "http://mugandmountain.test:8000/posts/hut-to-hut-cups.html": [
        _To("http://pedalhuts.test:8000/map.html", "Route map by Pedal Huts", "", "frame", "title"),
        _To("https://www.youtube.com/watch?v=hUtT0hUt555", "moka pot in action"),
        _silent("https://player.vimeo.com/video/70010203", "frame"),
        _To("http://gletscherbrot.test:8000/breads.html", "glacier rye"),
    ],
    "http://mugandmountain.test:8000/blogroll.html": [
        _To("http://filterdiary.test:8000/", "The Filter Diary"),
        _To("http://alpineplate.test:8000/", "Alpine Plate"),
        _To("http://sekaicoffee.test:8000/", "Sekai Coffee"),
        _To("http://xn--rstwerk-90a.test:8000/", "röstwerk.test"),
        _To("http://kaffeelexikon.test:8000/", "Kaffeelexikon"),
        _To("http://cupandpeak.test:8000/", "Cup and Peak"),
    ],
    "http://mugandmountain.test:8000/contact.html": [_To("https://www.facebook.com/mugandmountain", "Facebook")],
    # the forum
    "http://brewforum.test:8000/": [],
    "http://brewforum.test:8000/t/101-first-machine.html": [
        _no("http://grindermarkt.test:8000/", "the Grindermarkt list", "ugc"),
        _no("https://www.youtube.com/watch?v=f1rstM4ch1n", "this", "nofollow ugc noopener"),
    ],
    "http://brewforum.test:8000/t/102-who-roasts-in-tyrol.html": [
        _no("http://bergkaffee.test:8000/", "bergkaffee.test", "ugc"),
        _no("http://bergkaffee.test:8000/beans/gipfel-espresso.html", "the Gipfel", "ugc"),
        _no("http://bergkaffee.test:8000/shop", "their shop", "ugc"),
        _no("http://xn--rstwerk-90a.test:8000/bohnen.html", "Röstwerk", "ugc"),
        _no("http://roasterlist.test:8000/austria.html", "http://roasterlist.test/austria", "ugc"),
    ],
    "http://brewforum.test:8000/t/103-descaling.html": [
        _no("http://labnotes.test:8000/water-hardness.html", "this table", "ugc"),
        _no("http://kissaten.test:8000/kyoto.html", "kissaten", "ugc nofollow"),
    ],
    "http://brewforum.test:8000/rules.html": [],
    "http://brewforum.test:8000/people/kaspar.html": [  # noindex
        _no("http://horst-espresso.test:8000/", "my neighbour Horst's page", "ugc"),
        _To("http://mugandmountain.test:8000/blogroll.html", "Mug and Mountain"),
    ],
    # the directory
    "http://roasterlist.test:8000/": [],
    "http://roasterlist.test:8000/austria.html": [
        _To("http://www.bergkaffee.test:8000/", "Bergkaffee, Innsbruck"),
        _To("http://seilbahncafe.test:8000/", "Seilbahncafé, Nordkette"),
        _To("http://kaffeehaus-chronik.test:8000/", "Kaffeehaus-Chronik, Wien"),
    ],
    "http://roasterlist.test:8000/italy.html": [
        _To("http://xn--rstwerk-90a.test:8000/", "Röstwerk, Bolzano"),
        _To("https://www.instagram.com/torrefazione.del.ponte/", "Torrefazione del Ponte, Trento"),
    ],
    "http://roasterlist.test:8000/japan.html": [
        _To("http://kissaten.test:8000/", "喫茶店 Kissaten"),
        _no("http://sekaicoffee.test:8000/ja/", "Sekai Coffee", "nofollow"),
    ],
    "http://roasterlist.test:8000/online.html": [
        _no("http://bergkaffee.test:8000/shop", "Bergkaffee online shop", "nofollow"),
        _no("http://grindermarkt.test:8000/", "Grindermarkt", "noreferrer nofollow"),
        _no("http://hofladen-inntal.test:8000/", "Hofladen Inntal", "nofollow"),
        _To(
            "http://kaffeelexikon.test:8000/search.html?tags=espresso%7Cfilter&style=%7Bdark%7D&page=%5B1%5D",
            "Look it up by tag",
        ),
    ],
    "http://roasterlist.test:8000/submit.html": [
        _To("https://github.com/roasterlist/roasterlist", "as a text file on GitHub"),
    ],
    # paid articles
    "http://breakfastreport.test:8000/": [],
    "http://breakfastreport.test:8000/reviews/toast.html": [
        _To("http://gletscherbrot.test:8000/", "Gletscherbrot"),
        _To("http://recipes.alpineplate.test:8000/", "recipes at Alpine Plate"),
    ],
    "http://breakfastreport.test:8000/sponsored/office-coffee.html": [
        _no("http://bergkaffee.test:8000/", "Bergkaffee for offices", "sponsored"),
        _no("http://bergkaffee.test:8000/beans/", "Order a tasting box", "sponsored nofollow"),
    ],
    "http://breakfastreport.test:8000/sponsored/breakfast-boxes.html": [
        _no("http://gletscherbrot.test:8000/hours.html", "Gletscherbrot in Hall", "sponsored"),
        _no("http://hofladen-inntal.test:8000/", "the Inntal farm shop", "noopener sponsored"),
    ],
    "http://breakfastreport.test:8000/advertise.html": [
        _To("https://www.facebook.com/breakfastreport", "our Facebook page"),
    ],
    # the link exchange
    "http://pedalhuts.test:8000/": [],
    "http://pedalhuts.test:8000/routes/brenner-loop.html": [
        _To("https://www.youtube.com/watch?v=br3nn3rL00p", "four minutes on video"),
        _To("http://mugandmountain.test:8000/posts/hut-to-hut-cups.html", "Mug and Mountain"),
    ],
    "http://pedalhuts.test:8000/map.html": [],
    "http://pedalhuts.test:8000/partners.html": [
        _To("http://gletscherbrot.test:8000/partners.html", "Gletscherbrot"),
        _To("http://bergkaffee.test:8000/", "Bergkaffee roastery"),
        _To("http://seilbahncafe.test:8000/", "Seilbahncafé"),
    ],
    "http://gletscherbrot.test:8000/": [],
    "http://gletscherbrot.test:8000/breads.html": [_To("http://seilbahncafe.test:8000/menu.html", "Seilbahncafé")],
    "http://gletscherbrot.test:8000/hours.html": [],
    "http://gletscherbrot.test:8000/partners.html": [
        _To("http://pedalhuts.test:8000/partners.html", "Pedal Huts"),
        _To("http://bergkaffee.test:8000/", "Bergkaffee"),
        _To("http://hofladen-inntal.test:8000/", "Hofladen Inntal"),
    ],
    # a link in every footer, an image map
    "http://seilbahncafe.test:8000/": [_FOOTER],
    "http://seilbahncafe.test:8000/menu.html": [_FOOTER],
    "http://seilbahncafe.test:8000/map.html": [
        _To("http://bergkaffee.test:8000/about.html", "Bergkaffee roastery", "", "image", "alt"),
        _no("http://gletscherbrot.test:8000/", "Gletscherbrot bakery", "nofollow", "image", "alt"),
        _To("http://pedalhuts.test:8000/map.html", "Bicycle huts", "", "image", "title"),
        _FOOTER,
    ],
    "http://seilbahncafe.test:8000/history.html": [
        _To("http://kaffeehaus-chronik.test:8000/literaten.html", "Kaffeehaus-Chronik"),
        _To("http://valleywire.test:8000/news/brenner-train.html", "Valley Wire"),
        _FOOTER,
    ],
    "http://seilbahncafe.test:8000/jobs.html": [
        _To("http://gletscherbrot.test:8000/hours.html", "Baker wanted Gletscherbrot, Hall"),
        _FOOTER,
    ],
    # links by image
    "http://latteframes.test:8000/": [],
    "http://latteframes.test:8000/series/roastery.html": [
        _To("http://bergkaffee.test:8000/about.html", "The roasting drum at Bergkaffee", "", "image", "alt"),
        _To("http://bergkaffee.test:8000/beans/", "Beans on the cooling tray", "", "image", "title"),
        _silent("http://bergkaffee.test:8000/", "image"),
    ],
    "http://latteframes.test:8000/series/cups.html": [
        _To("http://xn--rstwerk-90a.test:8000/", "Röstwerk, the blue cup"),
        _To("http://seilbahncafe.test:8000/menu.html", "Two cups on the terrace at 1,905 metres", "", "image", "alt"),
        _To("http://kissaten.test:8000/", "A siphon in Kyoto", anchor_source="title"),
        _silent("http://alpineplate.test:8000/", "text"),
        _To("https://www.instagram.com/latteframes/", "Instagram", "", "image", "alt"),
    ],
    "http://latteframes.test:8000/prints.html": [_To("http://alpineplate.test:8000/about.html", "Alpine Plate")],
    # redirects to other sites
    "http://grindermarkt.test:8000/": [],
    "http://grindermarkt.test:8000/grinders.html": [],
    "http://grindermarkt.test:8000/deals.html": [
        _no("https://www.facebook.com/grindermarkt", "Facebook", "nofollow"),
    ],
    "http://grindermarkt.test:8000/imprint.html": [],
    "http://grindermarkt.test:8000/go/bergkaffee": [_silent("http://bergkaffee.test:8000/", "redirect")],
    "http://grindermarkt.test:8000/go/bergkaffee-beans": [_silent("http://bergkaffee.test:8000/beans/", "redirect")],
    "http://grindermarkt.test:8000/go/roestwerk": [_silent("http://xn--rstwerk-90a.test:8000/", "redirect")],
    "http://grindermarkt.test:8000/go/lexikon": [_silent("http://kaffeelexikon.test:8000/", "redirect")],
    "http://cupandpeak.test:8000/": [_silent("http://mugandmountain.test:8000/", "redirect")],
    # canonical URLs on another site: by an element, by a Link header
    "http://valleywire.test:8000/": [],
    "http://valleywire.test:8000/about.html": [
        _To("http://alpineplate.test:8000/", "Alpine Plate"),
        _To("https://www.facebook.com/valleywire", "Facebook"),
    ],
    "http://valleywire.test:8000/news/brenner-train.html": [
        _To("http://seilbahncafe.test:8000/map.html", "café at the middle station"),
    ],
    "http://valleywire.test:8000/news/morning-in-innsbruck.html": [
        _silent("http://alpineplate.test:8000/coffee/morning-in-innsbruck.html", "canonical"),
        _To("http://seilbahncafe.test:8000/", "Seilbahncafé"),
    ],
    "http://valleywire.test:8000/news/water-and-beans.html": [
        _silent("http://alpineplate.test:8000/coffee/water-and-beans.html", "canonical"),
    ],
    "http://valleywire.test:8000/news/archive.html": [
        _To("http://pedalhuts.test:8000/partners.html", "New hut partners"),
    ],
    # other scripts
    "http://sekaicoffee.test:8000/": [],
    "http://sekaicoffee.test:8000/words.html": [
        _To("https://ja.wikipedia.org/wiki/%E3%82%B3%E3%83%BC%E3%83%92%E3%83%BC", "コーヒー"),
        _To("https://ru.wikipedia.org/wiki/%D0%9A%D0%BE%D1%84%D0%B5?oldformat=true", "Кофе"),
        _To("https://de.wikipedia.org/wiki/Caf%C3%A9", "Café"),
        _To("https://en.wiktionary.org/wiki/coffee-house", "coffee-house"),
        _To("http://kaffeelexikon.test:8000/search.html?q=%CE%BA%CE%B1%CF%86%CE%AD%CF%82", "καφές"),
    ],
    "http://sekaicoffee.test:8000/ja/": [
        _To("http://bergkaffee.test:8000/", "ベルクカフェー（インスブルック）"),
        _To("http://kissaten.test:8000/kyoto.html", "京都の喫茶店めぐり"),
    ],
    "http://sekaicoffee.test:8000/ar/": [
        _To("http://bergkaffee.test:8000/beans/yirgacheffe.html", "قهوة يرغاتشيف"),
        _To("http://alpineplate.test:8000/travel/slow-train-to-the-brenner.html", "مجلة جبال الألب"),
    ],
    "http://sekaicoffee.test:8000/ru/": [
        _To("http://bergkaffee.test:8000/blog/water.html", "вода для кофе"),
        _To("http://xn--rstwerk-90a.test:8000/", "«Рёстверк»"),
    ],
    "http://xn--rstwerk-90a.test:8000/": [],
    "http://xn--rstwerk-90a.test:8000/bohnen.html": [
        _To("http://grindermarkt.test:8000/grinders.html", "Grindermarkt"),
    ],
    "http://xn--rstwerk-90a.test:8000/%C3%BCber-uns.html": [
        _To("http://roasterlist.test:8000/italy.html", "Roaster List"),
    ],
    "http://xn--rstwerk-90a.test:8000/kontakt.html": [
        _To("https://www.instagram.com/roestwerk.bz/", "Instagram"),
    ],
    # windows-1252 and Shift_JIS: a raw query keeps the page's encoding, a raw path is UTF-8
    "http://kaffeehaus-chronik.test:8000/": [
        _To("http://kaffeelexikon.test:8000/search.html?q=Einsp%E4nner&lang=de", "“Einspänner” im Kaffeelexikon"),
    ],
    "http://kaffeehaus-chronik.test:8000/literaten.html": [
        _To("http://seilbahncafe.test:8000/history.html", "Seilbahncafé"),
        _To("http://kaffeelexikon.test:8000/begriffe/br%C3%BChgruppe?quelle=br%FChkopf&x=%FC", "Brühgruppe"),
    ],
    "http://kaffeehaus-chronik.test:8000/r%C3%B6ster.html": [
        _To("http://bergkaffee.test:8000/about.html", "„Bergkaffee“ – die Rösterei in Innsbruck"),
        _To("http://xn--rstwerk-90a.test:8000/%C3%BCber-uns.html", "Röstwerk’s three sisters"),
    ],
    "http://kissaten.test:8000/": [_To("http://sekaicoffee.test:8000/", "世界のコーヒー")],
    "http://kissaten.test:8000/kyoto.html": [
        _To("http://latteframes.test:8000/series/cups.html", "ソーサーとカップの表情"),
    ],
    "http://kissaten.test:8000/glossary.html": [
        _To("http://kaffeelexikon.test:8000/search.html?q=%83R%81%5B%83q%81%5B&lang=ja", "コーヒー"),
        _To("http://kaffeelexikon.test:8000/search.html?q=%83%5C%81%5B%83T%81%5B", "ソーサー"),
        _To("https://ja.wikipedia.org/wiki/%E5%96%AB%E8%8C%B6%E5%BA%97", "喫茶店"),
    ],
    # hand-made HTML
    "http://horst-espresso.test:8000/": [],
    "http://horst-espresso.test:8000/machine.html": [
        _To("https://www.youtube.com/watch?v=g4sk3t1974&feature=youtu.be", "here"),
        _To("http://kaffeelexikon.test:8000/search.html?q=crema&copy=1&lang=en", "the lexicon"),
    ],
    "http://horst-espresso.test:8000/links.html": [
        _To("http://roasterlist.test:8000/", "The Roaster List"),  # stands between rows, so moves before the table
        _To("http://bergkaffee.test:8000/beans/", "Bergkaffee beans"),
        _To("http://seilbahncafe.test:8000/", "Seilbahncafe"),
        _To("http://filterdiary.test:8000/", "The Filter Diary and"),
        _To("http://mugandmountain.test:8000/", "Mug and Mountain", "dofollow"),
        _To("http://bergkaffee.test:8000/", "Bergkaffee and"),  # never closed, so it goes on in the next paragraphs
        _To("http://bergkaffee.test:8000/", "from nobody else"),
        _To("http://bergkaffee.test:8000/", "More opinions:"),
        _To("http://brewforum.test:8000/t/103-descaling.html", "the forum"),
        _To("http://bergkaffee.test:8000/blog/", "their blog"),
    ],
    "http://horst-espresso.test:8000/guestbook.html": [
        _no("http://bergkaffee.test:8000/beans/huila.html", "Huila from Bergkaffee", "nofollow"),
        _no("http://mugandmountain.test:8000/blogroll.html", "Mine > yours", "nofollow"),
        _To("http://bergkaffee.test:8000/blog/water.html", "Water is water"),
    ],
    "http://horst-espresso.test:8000/frames.html": [
        _To("http://bergkaffee.test:8000/beans/", "The bean list", "", "frame", "title"),
    ],
    "http://horst-espresso.test:8000/menu.html": [],
    "http://horst-espresso.test:8000/mirror/": [  # <base href> is the original's
        _To("http://bergkaffee.test:8000/beans/yirgacheffe.html", "Yirgacheffe Konga"),
        _To("http://bergkaffee.test:8000/beans/huila.html", "Huila natural"),
        _To("http://bergkaffee.test:8000/about.html", "About the roasters"),
        _To("http://bergkaffee.test:8000/beans/", "Top"),
    ],
    # robots directives
    "http://labnotes.test:8000/": [_To("https://github.com/brewing-lab/refracto", "GitHub")],
    "http://labnotes.test:8000/water-hardness.html": [  # X-Robots-Tag: nofollow
        _no("http://bergkaffee.test:8000/", "Bergkaffee"),
        _no("http://alpineplate.test:8000/coffee/water-and-beans.html", "Alpine Plate"),
    ],
    "http://labnotes.test:8000/extraction.html": [  # X-Robots-Tag: otherbot: nofollow
        _To("http://bergkaffee.test:8000/beans/yirgacheffe.html", "the washed Yirgacheffe"),
        _To("http://filterdiary.test:8000/2023/05/brewing-at-altitude/", "a kettle in a hut"),
    ],
    "http://labnotes.test:8000/roast-colour.html": [  # nofollow
        _no("http://xn--rstwerk-90a.test:8000/bohnen.html", "Brennero"),
        _no("http://bergkaffee.test:8000/beans/huila.html", "a natural from Huila"),
        _no("https://www.youtube.com/embed/c0l0ur30d4y5", "", "", "frame", "none"),
    ],
    "http://labnotes.test:8000/filters.html": [  # nofollow for another bot
        _To("http://grindermarkt.test:8000/deals.html", "Grindermarkt"),
        _To("http://kissaten.test:8000/kyoto.html", "a cellar in Kyoto"),
    ],
    "http://labnotes.test:8000/old-method.html": [  # noindex
        _To("http://bergkaffee.test:8000/blog/water.html", "the roasters"),
    ],
    "http://labnotes.test:8000/draft-model.html": [  # none
        _no("http://bergkaffee.test:8000/beans/gipfel-espresso.html", "the blend it was fitted to"),
    ],
}

# In the order of each page's document; the order of the pages means nothing.
LINKS: list[ExpectedLink] = [
    ExpectedLink(page, to.url_to, to.link_type, tuple(to.rel.split()), to.anchor, to.anchor_source, to.is_dofollow)
    for page, links in _BY_PAGE.items()
    for to in links
]

_NOT_200_HTML: dict[str, int] = {
    "http://www.bergkaffee.test:8000/": 301,
    "http://bergkaffee.test:8000/shop": 301,
    "http://bergkaffee.test:8000/beans/sidamo.html": 410,
    "http://bergkaffee.test:8000/blog/summer-roast-2019.html": 404,
    "http://grindermarkt.test:8000/grinders": 301,
    "http://grindermarkt.test:8000/offers": 302,
    "http://grindermarkt.test:8000/go/bergkaffee": 301,
    "http://grindermarkt.test:8000/go/bergkaffee-beans": 302,
    "http://grindermarkt.test:8000/go/roestwerk": 302,
    "http://grindermarkt.test:8000/go/lexikon": 308,
    "http://cupandpeak.test:8000/": 301,
    "http://valleywire.test:8000/news/bridge-closed.html": 410,
    "http://labnotes.test:8000/data/tds.txt": 200,
    "http://labnotes.test:8000/crema.html": 404,
}

# Every URL visited → HTTP status.
PAGES: dict[str, int] = dict.fromkeys(_BY_PAGE, 200) | _NOT_200_HTML

# Every URL that a crawl sees but must not fetch → why.
NOT_VISITED: dict[str, str] = {
    "http://bergkaffee.test:8000/basket/": "robots.txt, and rel=nofollow",
    "http://alpineplate.test:8000/drafts/winter-issue.html": "robots.txt, though a sitemap names it",
    "http://brewforum.test:8000/member/login.html": "robots.txt",
    "http://brewforum.test:8000/search?q=new": "robots.txt",
    "http://brewforum.test:8000/?sort=new": "rel=nofollow",
    "http://filterdiary.test:8000/2023/05/brewing-at-altitude/?replytocom=12": "rel=nofollow",
    "http://mugandmountain.test:8000/notes/private.html": "rel=nofollow",
    "http://grindermarkt.test:8000/go/partner": "rel=nofollow",
    "http://bergkaffee.test:8000/files/price-list.pdf": "its ending is never HTML",
    "http://labnotes.test:8000/papers/water.pdf": "its ending is never HTML",
}
