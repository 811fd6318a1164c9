-- What shows the rows behind a finding: one query each, by its key, with figures of the profile as parameters.

-- name: few_domains
SELECT domain_from, links, dofollow_links, first_seen
FROM referring_domains
WHERE domain_to = %(domain_to)s AND links > 0
ORDER BY links DESC, domain_from ASC;

-- name: few_pages_read
SELECT domain, pages_known, pages_visited, newest_visit
FROM coverage
WHERE domain IN (SELECT domain_from FROM referring_domains WHERE domain_to = %(domain_to)s AND links > 0)
ORDER BY pages_known - pages_visited DESC, domain ASC;

-- name: mostly_unverified
SELECT url_from, http_code_from, last_seen
FROM backlinks
WHERE domain_to = %(domain_to)s AND status = 'unverified'
ORDER BY last_seen, url_from;

-- name: few_targets
SELECT figure, targets, p5, p25, p50, p75, p95
FROM index_percentiles
ORDER BY figure;

-- name: one_anchor
SELECT domain_from, count(*) AS links, min(url_from) AS url_from
FROM backlinks
WHERE domain_to = %(domain_to)s AND status IN ('live', 'unverified') AND anchor = %(top_keyword)s
GROUP BY domain_from
ORDER BY domain_from;

-- name: keyword_anchors
SELECT domain_from, min(anchor) AS anchor, count(*) AS links
FROM backlinks
WHERE domain_to = %(domain_to)s AND status IN ('live', 'unverified') AND anchor_class = 'exact'
GROUP BY domain_from
ORDER BY domain_from;

-- name: one_domain
SELECT url_from, anchor, url_to, is_dofollow
FROM backlinks
WHERE domain_to = %(domain_to)s AND status IN ('live', 'unverified') AND domain_from = %(top_domain)s
ORDER BY url_from;

-- name: many_links_a_domain
SELECT domain_from, links, refpages
FROM referring_domains
WHERE domain_to = %(domain_to)s AND links > 0
ORDER BY links DESC, domain_from ASC;

-- name: sitewide
SELECT domain_from, url_from, anchor, is_dofollow, link_position
FROM backlinks
WHERE domain_to = %(domain_to)s AND status IN ('live', 'unverified') AND sitewide
ORDER BY domain_from, url_from;

-- name: comments
SELECT domain_from, url_from, anchor, rel
FROM backlinks
WHERE domain_to = %(domain_to)s AND status IN ('live', 'unverified') AND link_position = 'comments'
ORDER BY domain_from, url_from;

-- name: few_content
SELECT domain_from, links, content_links
FROM referring_domains
WHERE domain_to = %(domain_to)s AND content_links > 0
ORDER BY content_links DESC, domain_from ASC;

-- name: one_tld
SELECT domain_from, links, authority, first_seen
FROM referring_domains
WHERE
    domain_to = %(domain_to)s
    AND links > 0
    AND tld_of(domain_from) = %(top_tld)s
ORDER BY domain_from;

-- name: one_network
SELECT domain_from, network, links, authority, first_seen
FROM referring_domains
WHERE domain_to = %(domain_to)s AND links > 0 AND network = %(top_network)s
ORDER BY domain_from;

-- name: reciprocal
SELECT r.domain_from, r.links AS to_us, o.links AS from_us
FROM referring_domains AS r
INNER JOIN linked_domains AS o ON r.domain_from = o.domain_to
WHERE r.domain_to = %(domain_to)s AND o.domain_from = %(domain_to)s AND r.links > 0 AND o.links > 0
ORDER BY r.domain_from;

-- name: few_dofollow
SELECT domain_from, links, dofollow_links
FROM referring_domains
WHERE domain_to = %(domain_to)s AND dofollow_links > 0
ORDER BY links DESC, domain_from ASC;

-- name: ugc
SELECT url_from, anchor, rel, first_seen
FROM backlinks
WHERE domain_to = %(domain_to)s AND status = 'live' AND is_ugc
ORDER BY url_from;

-- name: sponsored
SELECT url_from, anchor, rel, first_seen
FROM backlinks
WHERE domain_to = %(domain_to)s AND status = 'live' AND is_sponsored
ORDER BY url_from;

-- name: unknown_linkers
SELECT domain_from, links, authority, first_seen
FROM referring_domains
WHERE domain_to = %(domain_to)s AND links > 0 AND authority = 0
ORDER BY domain_from;

-- name: other_language
SELECT domain_from, min(language_from) AS language_from, min(url_from) AS url_from
FROM backlinks
WHERE
    domain_to = %(domain_to)s
    AND status IN ('live', 'unverified')
    AND lower(split_part(language_from, '-', 1)) <> %(target_language)s
GROUP BY domain_from
ORDER BY domain_from;

-- name: off_topic
SELECT domain_from, relevance, links
FROM referring_domains
WHERE domain_to = %(domain_to)s AND links > 0 AND relevance < 0.05
ORDER BY relevance, domain_from;

-- name: losing
SELECT domain_from, lost_links, lost_at, last_seen
FROM lost_referring_domains
WHERE domain_to = %(domain_to)s AND lost_at > now() - interval '28 days'
ORDER BY lost_at DESC, domain_from ASC;

-- name: unverified
SELECT url_from, http_code_from, last_seen
FROM backlinks
WHERE domain_to = %(domain_to)s AND status = 'unverified'
ORDER BY last_seen, url_from;

-- name: young
SELECT domain_from, links, first_seen
FROM referring_domains
WHERE domain_to = %(domain_to)s AND links > 0 AND first_seen > now() - interval '28 days'
ORDER BY first_seen, domain_from;

-- name: burst
SELECT domain_from, found_at, first_seen, links
FROM referring_domains
WHERE
    domain_to = %(domain_to)s
    AND links > 0
    AND found_at >= (%(busiest_week)s)::date::timestamp AT TIME ZONE 'UTC'
    AND found_at < ((%(busiest_week)s)::date + 7)::timestamp AT TIME ZONE 'UTC'
ORDER BY found_at, domain_from;

-- name: broken
SELECT url_to, http_code_to, url_from, anchor
FROM broken_backlinks
WHERE domain_to = %(domain_to)s
ORDER BY url_to, url_from;

-- name: natural_anchors
SELECT anchor, class, refdomains, links
FROM anchors
WHERE domain_to = %(domain_to)s
ORDER BY refdomains DESC, links DESC, anchor ASC;

-- name: mixed_follow
SELECT domain_from, links, dofollow_links
FROM referring_domains
WHERE domain_to = %(domain_to)s AND links > 0
ORDER BY dofollow_links > 0, links DESC, domain_from ASC;

-- name: spread
SELECT domain_from, links, authority
FROM referring_domains
WHERE domain_to = %(domain_to)s AND links > 0
ORDER BY links DESC, domain_from ASC;

-- name: steady
SELECT day, new_refdomains, lost_refdomains
FROM new_lost_daily
WHERE domain_to = %(domain_to)s
ORDER BY day DESC
LIMIT 91;
