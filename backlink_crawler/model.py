"""The nouns of the project. Glossary: README.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Url(NamedTuple):
    """A normalised URL. host: with a port that is not the scheme's own. hash: its identity, 32 hexadecimal digits."""

    text: str
    host: str
    domain: str
    hash: str


class Scope(StrEnum):
    """How much of a site a seed means."""

    HOST = "host"
    DOMAIN = "domain"
    PREFIX = "prefix"


class PageKind(IntEnum):
    """What a url is fetched for. Stored; never renumber."""

    PAGE = 0
    SITEMAP = 1


class LinkType(IntEnum):
    """Stored; never renumber."""

    TEXT = 0
    IMAGE = 1
    REDIRECT = 2
    CANONICAL = 3
    FRAME = 4


class AnchorSource(IntEnum):
    """Where the anchor's words come from. Stored; never renumber."""

    NONE = 0
    TEXT = 1
    ALT = 2
    TITLE = 3


class LinkOrigin(IntEnum):
    """Where a link is. Stored, HTML as NULL; never renumber."""

    HTML = 0  # in the HTML; of a page that was not rendered, that is all we know
    RENDERED = 1  # only in the rendered page: scripts have added it
    BOTH = 2
    REMOVED = 3  # in the HTML, and scripts remove it


class LinkStatus(IntEnum):
    """Stored; never renumber. A live link is shown as unverified while its page is."""

    LIVE = 0
    MISSING = 1
    LOST = 2


class LostReason(IntEnum):
    """Stored; never renumber."""

    LINK_REMOVED = 0
    PAGE_GONE = 1
    PAGE_REDIRECTED = 2


class Settled(IntEnum):
    """What a conclusive visit settles about its page. Stored; never renumber."""

    READ = 0
    GONE = 1  # 404, 410
    MOVED = 2  # it redirects elsewhere


class Priority(IntEnum):
    """Lower is visited first. Stored; never renumber."""

    VERIFY = 0  # to be verified
    WATCHED = 1  # it links to a watched target
    SOURCE = 2  # its links change often; and sitemaps
    NEW = 3
    OTHER = 4


class RenderMode(StrEnum):
    """When the pages of a seed are rendered."""

    NEVER = "never"
    AUTO = "auto"
    ALWAYS = "always"


class RenderReason(IntEnum):
    """Why a page is rendered, from ALWAYS on, or why not. Stored; never renumber."""

    NEVER = 0  # its seed says so
    NO_SCRIPTS = 1
    LEADS_ELSEWHERE = 2  # by a meta refresh
    ENOUGH_HTML = 3
    HOST_GAINS_NOTHING = 4  # it seems to need it, but renderings of its host gain nothing
    BUDGET_SPENT = 5
    NO_BROWSER = 6
    NO_ROOM = 7  # too much waits for the browser
    ALWAYS = 10  # its seed says so
    PAGE_GAINED = 11  # its last rendering had links that its HTML did not have
    EMPTY_APP_ROOT = 12  # the element that an application fills is empty
    NOSCRIPT_NOTICE = 13  # it says that it needs JavaScript
    FEW_LINKS = 14
    HOST_GAINED = 15  # most renderings of its host gain something
    SAMPLE = 16  # to learn what its scripts do

    @property
    def renders(self) -> bool:
        return self >= RenderReason.ALWAYS


class Outcome(IntEnum):
    """How a visit ended. Stored; never renumber."""

    OK = 0  # an HTML page (or a sitemap) was read
    REDIRECT = 1
    GONE = 2  # 404 or 410
    FORBIDDEN = 3  # 401, 403
    RATE_LIMITED = 4  # 429
    SERVER_ERROR = 5  # 5xx
    HTTP_ERROR = 6  # any other status
    NOT_HTML = 7
    TOO_LARGE = 8
    TIMEOUT = 9
    DNS_ERROR = 10
    TLS_ERROR = 11
    CONNECTION_ERROR = 12
    INVALID_RESPONSE = 13
    ROBOTS_FORBIDDEN = 14
    ADDRESS_REFUSED = 15  # by SSRF protection
    NOT_MODIFIED = 16  # 304
    TOO_COMPLEX = 17  # reading it took too much time or memory, or a worker has died of it
    NOT_WHOLE = 18  # an answer that is no whole reading of the page


class Ending(IntEnum):
    """How a page's HTML ends. Stored; never renumber."""

    ENDED = 0  # with the end tag of body or html
    UNENDED = 1  # without
    OPEN = 2  # inside a tag, a comment, or an element that holds no others
    TOO_COMPLEX = 17  # reading it took too much time or memory


# A visit may end so although nothing was asked for: by robots.txt, or by what like URLs of the host were.
WITHOUT_REQUEST = frozenset({Outcome.ROBOTS_FORBIDDEN, Outcome.NOT_HTML})


class Refusal(StrEnum):
    """Why a link, an address or a url was not taken. Counted as `links/…`, `scope/…`, `seeds/…`."""

    INVALID_URL = "refused_invalid_url"
    URL_TOO_LONG = "refused_url_too_long"
    SCHEME_MAILTO = "refused_mailto"
    SCHEME_TEL = "refused_tel"
    SCHEME_JAVASCRIPT = "refused_javascript"
    SCHEME_DATA = "refused_data"
    SCHEME_OTHER = "refused_other_scheme"
    TOO_MANY_LINKS = "refused_too_many_links"
    TOO_MANY_LISTED = "refused_too_many_listed"
    OTHER_HOST = "refused_other_host"
    OTHER_DOMAIN = "refused_other_domain"
    OUTSIDE_PREFIX = "refused_outside_prefix"
    TOO_DEEP = "refused_too_deep"
    NOFOLLOW = "refused_nofollow"
    NOT_HTML = "refused_not_html"
    REPEATED_SEGMENTS = "refused_repeated_segments"
    TOO_MANY_HOSTS = "refused_too_many_hosts"  # new ones of a domain, tonight


class Position(IntEnum):
    """In which part of its page a link stands. Stored; never renumber."""

    UNKNOWN = 0
    CONTENT = 1  # editorial: in the page's own text
    LIST = 2
    NAV = 3
    HEADER = 4
    FOOTER = 5
    SIDEBAR = 6
    COMMENTS = 7


class Placement(NamedTuple):
    """As it is stored. block_words: of the block it stands in; density: how many percent of them are in links; order: 0 for
    the first link of the page, of whatever kind, 1000 for the last; path: equal for links of one slot of a template, signed,
    of 16 bits. None: not known.
    """

    position: Position = Position.UNKNOWN
    block_words: int | None = None
    density: int | None = None
    order: int | None = None
    path: int | None = None


NOWHERE = Placement()  # of what is no element of the text: redirects, canonicals, frames


@dataclass(frozen=True, slots=True)
class Seed:
    """A site the user asked to crawl.

    url: the first page. bare: the user gave a domain only, so http:// is tried when https:// fails.
    max_depth: clicks from `url`; None means any. max_pages: readable pages of it at most; None means any.
    hops: how often the crawl may follow a link out to a domain that it has not seen. render: when its pages are.
    """

    url: Url
    scope: Scope = Scope.HOST
    max_depth: int | None = None
    max_pages: int | None = None
    hops: int = 0
    bare: bool = False
    render: RenderMode = RenderMode.AUTO


@dataclass(slots=True)
class Link:
    """One link of a page, filled in stage by stage.

    Extraction sets what the page says; NormalizeLinks `to` or `refused`; TagLinks rel and the flags.

    href: resolved as a browser does, before normalisation. text: as in the page, script and style left out.
    position: index among the page's links in document order. rendered_rel: what scripts make of rel; None: it stays, or
    the page was not rendered. The flags say what either of them says.
    """

    tag: str
    href: str
    link_type: LinkType
    anchor: str
    anchor_source: AnchorSource
    rel_attribute: str
    text: str = ""
    snippet_left: str = ""
    snippet_right: str = ""
    position: int = 0
    to: Url | None = None
    rel: tuple[str, ...] = ()
    is_nofollow: bool = False
    is_sponsored: bool = False
    is_ugc: bool = False
    external: bool = True
    refused: Refusal | None = None
    origin: LinkOrigin = LinkOrigin.HTML
    rendered_rel: tuple[str, ...] | None = None
    placement: Placement = NOWHERE


@dataclass(frozen=True, slots=True)
class RobotsFacts:
    """A page's own robots directives, from meta elements and X-Robots-Tag."""

    nofollow: bool = False
    noindex: bool = False


@dataclass(slots=True)
class PageFacts:
    """What a page says of itself. headings: a line each. Counts are of http(s) `a` and `area` links, each instance.

    text_simhash: links/simhash.py; None: no link leaves its domain, or it has few words.
    """

    title: str = ""
    language: str = ""
    canonical: str = ""
    robots: RobotsFacts = field(default_factory=RobotsFacts)
    links_external: int = 0
    links_internal: int = 0
    headings: str = ""
    text_simhash: int | None = None


class Cover(NamedTuple):
    """That a page belongs to a seed, whose scope and limits cover it. depth: clicks from the seed's start."""

    seed_id: int
    depth: int


@dataclass(frozen=True, slots=True)
class DuePage:
    """A page handed to a worker.

    covers: every seed that it belongs to, of whichever run. hop_seeds: those of them whose links to new domains are
    followed. counted: it counts against their budgets. has_room: one of them had no room for a page that this one leads
    to, and has now. render: as the seeds of the run say. gained: its last rendering had what its HTML had not.
    etag, last_modified: of the last reading, when a 304 would say all; else empty. was_settled: a visit to it was
    conclusive. doubted: its last answer that could be conclusive was in doubt. begun: how often a worker began to read
    it, its host being a suspect, and neither recorded a visit nor gave it back. is_suspect: a worker may have died of it,
    so that it is read in a child process. misses_link: one that may stand only in the rendered page. seeds: those of
    covers, unless they have been removed meanwhile.
    """

    page_id: int
    url: str
    host_id: int
    claim: int
    kind: PageKind
    visits: int
    covers: tuple[Cover, ...] = ()
    hop_seeds: tuple[int, ...] = ()
    counted: bool = True
    has_room: bool = False
    render: RenderMode = RenderMode.AUTO
    gained: bool = False
    etag: str = ""
    last_modified: str = ""
    was_settled: bool = False
    doubted: bool = False
    begun: int = 0
    is_suspect: bool = False
    misses_link: bool = False
    seeds: Mapping[Cover, Seed] = field(default_factory=dict, compare=False)

    @property
    def is_worth_rendering(self) -> bool:
        """Whatever its HTML says now."""
        return self.gained or self.misses_link


@dataclass(frozen=True, slots=True)
class Discovery:
    """A url that the frontier should know. covers: the seeds that want it. lastmod: what a sitemap says of it, a hint."""

    url: Url
    covers: tuple[Cover, ...]
    kind: PageKind = PageKind.PAGE
    lastmod: datetime | None = None


@dataclass(slots=True)
class Rendering:
    """What a browser made of a page, beside what its links say. found: pages that it led to. seconds: it took.

    gained: links, pages, or robots rules that its HTML has not. is_whole: all that its scripts asked for has come.
    """

    seconds: float
    found: list[Discovery] = field(default_factory=list)
    gained: bool = False
    is_whole: bool = True


@dataclass(slots=True)
class Visit:
    """One fetch of a page and all that it brought: the item of the pipelines.

    elapsed: seconds from request to the first byte. size: bytes of the body, decompressed.
    links: what leaves the page's domain. found: urls that the page leads to, inside the scope of a seed that covers it.
    also_found: others that the frontier should know, from robots.txt for instance. refused: counts by reason.
    etag, last_modified: as the answer says; empty: it does not. host_rests: seconds for which the host asks to be left
    alone; the page is not due before. render_reason: why it was rendered, or not; None: nobody asked. rendering: None
    when it was not, or when that failed. redirect_to: where it redirects to, on its own domain. ending: of its HTML.
    stand_in: what the answer looks like, when it may stand in for the page (manners/stand_ins.py). observed_at: when the
    answer came, by this machine's clock; of a capture, when it was taken. is_handed_over: to be recorded.
    """

    page: DuePage
    outcome: Outcome
    reason: str = ""
    http_code: int | None = None
    size: int = 0
    elapsed: float = 0.0
    facts: PageFacts | None = None
    links: list[Link] = field(default_factory=list)
    found: list[Discovery] = field(default_factory=list)
    also_found: list[Discovery] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    etag: str = ""
    last_modified: str = ""
    host_rests: float = 0.0
    render_reason: RenderReason | None = None
    rendering: Rendering | None = None
    redirect_to: Url | None = None
    ending: Ending = Ending.ENDED
    stand_in: str = ""
    observed_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_handed_over: bool = False

    @property
    def leads_on(self) -> bool:
        """To pages that may be due now."""
        return bool(self.found or self.also_found or (self.rendering and self.rendering.found))


class TargetMode(StrEnum):
    """Which URLs a target means."""

    EXACT = "exact"  # one URL
    PREFIX = "prefix"  # URLs that begin with it
    DOMAIN = "domain"  # all hosts of a registrable domain
    SUBDOMAINS = "subdomains"  # a host and its subdomains


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked about. values: a URL, URL prefixes (one a scheme), a domain, or a host."""

    mode: TargetMode
    domain: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return self.values[0]
