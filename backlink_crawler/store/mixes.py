"""What kinds of live links a target has: how many links and referring domains are of each word of each mix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.store.asking import Query, and_
from backlink_crawler.store.choosing import links_to

if TYPE_CHECKING:
    from backlink_crawler.model import Target

MIXES = ("type", "position", "anchors", "languages", "tlds", "origin")
MOST_WORDS = 20  # of a mix: pages say of themselves whatever language they like
# Links that are alike are summed up first: they are many, and each has a word of every mix. Of the position sitewide are
# links that count as well where they stand.
_COUNTED = f"""WITH
chosen AS (
    SELECT
        domain_from_id,
        domain_from,
        status,
        link_type,
        link_position,
        sitewide,
        anchor_class,
        language_from,
        link_origin
    FROM backlinks
    WHERE {{where}}{{newest}}
),

alike AS (
    SELECT
        domain_from_id,
        domain_from,
        link_type,
        nullif(link_position, 'unknown') AS position,
        sitewide AND link_position <> 'unknown' AS is_sitewide,
        anchor_class,
        language_from,
        link_origin,
        count(*) AS links
    FROM chosen
    WHERE status = 'live'
    GROUP BY domain_from_id, domain_from, link_type, position, is_sitewide, anchor_class, language_from, link_origin
),

uses AS (
    SELECT
        w.mix,
        w.word,
        a.domain_from_id,
        sum(a.links) AS links
    FROM alike AS a
    CROSS JOIN LATERAL (
        VALUES
        ('type', a.link_type),
        ('position', a.position),
        ('position', CASE WHEN a.is_sitewide THEN 'sitewide' END),
        ('anchors', a.anchor_class),
        ('languages', nullif(lower(split_part(a.language_from, '-', 1)), '')),
        ('tlds', tld_of(a.domain_from)),
        ('origin', a.link_origin)
    ) AS w (mix, word)
    WHERE w.word IS NOT NULL
    GROUP BY w.mix, w.word, a.domain_from_id
),

known AS (
    SELECT
        mix,
        count(DISTINCT word)::integer AS words,
        (sum(links) FILTER (WHERE (mix, word) <> ('position', 'sitewide')))::integer AS known_links,
        count(DISTINCT domain_from_id)::integer AS known_refdomains
    FROM uses
    GROUP BY mix
),

counted AS (
    SELECT
        mix,
        word,
        sum(links)::integer AS links,
        count(*)::integer AS refdomains,
        row_number() OVER (
            PARTITION BY mix
            ORDER BY CASE WHEN mix = 'tlds' THEN count(*) ELSE sum(links) END DESC, sum(links) DESC, word ASC
        ) AS place
    FROM uses
    GROUP BY mix, word
)

SELECT
    mix,
    word,
    links,
    refdomains,
    words,
    known_links,
    known_refdomains
FROM counted
INNER JOIN known USING (mix)
WHERE place <= {MOST_WORDS}
ORDER BY mix, place"""  # noqa: S608  our own names


def mixes(target: Target, *, newest: int | None = None) -> Query:
    """newest: of so many links, those found last; None: of all."""
    chosen = links_to(target, None, "status_id = 0")
    limit = "" if newest is None else f"\n    ORDER BY batch_id DESC, link_id DESC\n    LIMIT {int(newest)}"
    text = _COUNTED.format(where=and_(chosen.where).replace("\n", "\n    "), newest=limit)
    return Query(text, chosen.parameters, chosen.few_links, is_ordered=newest is not None)


def mixes_of_domain() -> str:
    """Of all links to the domain with the key domain_id."""
    return _COUNTED.format(where="domain_to_id = %(domain_id)s::integer AND status_id = 0", newest="")
