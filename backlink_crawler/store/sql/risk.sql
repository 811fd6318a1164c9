-- Link-scheme risk: what is known of domains beside who links to whom, and how new risks take the place of old ones.

-- name: keep_signals
-- A weight that is there is somebody's choice.
INSERT INTO risk_signals (signal, judged, weight, least, low, high, of_pair, name, policy)
SELECT
    f.signal,
    f.judged,
    f.weight,
    f.least,
    f.low,
    f.high,
    f.of_pair,
    f.name,
    f.policy
FROM jsonb_to_recordset(%(signals)s) AS f (
    signal smallint, judged int, weight real, least real, low real, high real, of_pair boolean, name text, policy text
)
ON CONFLICT (signal) DO UPDATE
SET
    judged = excluded.judged,
    least = excluded.least,
    low = excluded.low,
    high = excluded.high,
    of_pair = excluded.of_pair,
    name = excluded.name,
    policy = excluded.policy;

-- name: use_weights
UPDATE risk_signals SET used_weight = CASE WHEN low IS NOT NULL THEN weight END;

-- name: ranks
-- In the order of their keys.
SELECT
    coalesce(string_agg(int4send(r.domain_id), ''::bytea), ''::bytea),
    coalesce(string_agg(float4send(r.pagerank_ratio), ''::bytea), ''::bytea),
    coalesce(string_agg(float4send(coalesce(r.trust, 'NaN')), ''::bytea), ''::bytea)
FROM (SELECT domain_id, pagerank_ratio, trust FROM domain_ranks ORDER BY domain_id) AS r;

-- name: drop_staging
DROP TABLE IF EXISTS swaps, uses, page_links, weekly, bursting;

-- name: create_swaps
-- Pairs that link to each other, of domains that do so with ten and more.
CREATE TEMPORARY TABLE swaps (domain_id int, target_id int);

-- name: read_uses
-- By what words each domain links to each other one: text links that are followed, with the classes of their anchors.
-- Signs alone are no words.
CREATE TEMPORARY TABLE uses AS
SELECT
    l.domain_from_id AS domain_id,
    l.domain_to_id AS target_id,
    hashtextextended(l.anchor, 0) AS anchor_key,
    count(*) FILTER (WHERE l.link_position = 7)::int AS in_comments,
    count(*) FILTER (WHERE l.link_position > 0)::int AS placed,
    translate(
        min(l.anchor),
        E' .,:;!?·•*_-–—|/\\()[]<>«»‹›„“”‘’''"+#@&$=~^…→←↑↓★☆❤►✓\u00a0\u00ad\u200b\u200c\u200d\u202f\u2060\u3000\ufeff',
        ''
    ) = '' AS is_wordless,
    max(anchor_class_of(a.classes, l.id, l.anchor)) AS class
FROM links AS l
LEFT JOIN link_anchor_classes AS a ON a.block = l.id >> 6
WHERE l.status = 0 AND l.link_type = 0 AND l.is_dofollow
GROUP BY l.domain_from_id, l.domain_to_id, hashtextextended(l.anchor, 0);

-- name: read_pages
-- To how many domains each page links that links to ten or more, and how many of them link to its domain too.
CREATE TEMPORARY TABLE page_links AS
SELECT
    l.domain_id,
    count(*)::int AS targets,
    count(s.domain_id)::int AS swapped
FROM (
    SELECT DISTINCT page_id, domain_from_id AS domain_id, domain_to_id AS target_id
    FROM links
    WHERE status = 0 AND link_type IN (0, 1) AND is_dofollow
) AS l
LEFT JOIN swaps AS s ON l.domain_id = s.domain_id AND l.target_id = s.target_id
GROUP BY l.page_id, l.domain_id
HAVING count(*) >= 10;

-- name: exchange_page
SELECT domain_id, max(CASE WHEN swapped >= 10 THEN swapped::double precision / targets ELSE 0 END) AS value
FROM page_links
GROUP BY domain_id;

-- name: same_pairs
-- The share of its (target, anchor) pairs that two other domains have too, if those are of three targets. Names,
-- addresses and phrases that would fit any link are what everybody uses.
SELECT
    domain_id,
    CASE WHEN count(DISTINCT target_id) FILTER (WHERE users >= 3) >= 3
        THEN avg((users >= 3)::int)::double precision
        ELSE 0
    END AS value
FROM (
    SELECT domain_id, target_id, count(*) OVER (PARTITION BY target_id, anchor_key) AS users
    FROM uses
    WHERE class IN (4, 5, 6, 8) AND NOT is_wordless
) AS u
GROUP BY domain_id
HAVING count(DISTINCT target_id) >= 3;

-- name: money_anchors
-- The share of (target, anchor) pairs whose anchor is a keyword of the target, or has one among other words.
SELECT
    domain_id,
    avg((class IN (5, 6))::int)::double precision AS value
FROM uses
WHERE class IS NOT NULL AND NOT is_wordless
GROUP BY domain_id
HAVING count(DISTINCT target_id) >= 5;

-- name: same_anchors
-- 1 − entropy ÷ its largest value: 0 where each target has words of its own, 1 where all have the same.
SELECT
    domain_id,
    sum(targets * ln(targets::double precision)) / (sum(targets) * ln(sum(targets)::double precision)) AS value
FROM (
    SELECT domain_id, count(*) AS targets
    FROM uses
    WHERE coalesce(class, 8) NOT IN (2, 3, 7) AND NOT is_wordless
    GROUP BY domain_id, anchor_key
) AS u
GROUP BY domain_id
HAVING sum(targets) >= 10;

-- name: wordless_links
SELECT
    domain_id,
    avg(is_wordless::int)::double precision AS value
FROM uses
GROUP BY domain_id
HAVING count(DISTINCT target_id) >= 5;

-- name: comment_links
SELECT
    domain_id,
    sum(in_comments)::double precision / sum(placed) AS value
FROM uses
GROUP BY domain_id
HAVING sum(placed) >= 10;

-- name: sitewide_keywords
-- Of each pair with a followed link on half of a site's pages or more: on what share of them its anchor is a keyword.
SELECT
    l.domain_from_id AS domain_id,
    l.domain_to_id AS target_id,
    max(
        CASE
            WHEN anchor_class_of(a.classes, l.id, l.anchor) IN (5, 6) THEN least(s.pages::double precision / d.pages, 1)
            ELSE 0
        END
    ) AS value
FROM sitewide_links AS s
INNER JOIN sitewide_domains AS d ON s.domain_from_id = d.domain_id
INNER JOIN links AS l
    ON s.url_to_id = l.url_to_id AND s.domain_from_id = l.domain_from_id AND s.path_hash = l.path_hash
LEFT JOIN link_anchor_classes AS a ON a.block = l.id >> 6
WHERE l.status = 0 AND l.link_type = 0 AND l.is_dofollow
GROUP BY l.domain_from_id, l.domain_to_id;

-- name: read_weeks
-- How many domains the index learnt of that link to each target, by week.
CREATE TEMPORARY TABLE weekly AS
SELECT
    e.domain_to_id AS target_id,
    floor(extract(EPOCH FROM b.recorded_at) / 604800)::int AS week,
    count(*)::int AS domains
FROM domain_edges AS e
INNER JOIN batches AS b ON e.batch_id = b.id
GROUP BY e.domain_to_id, floor(extract(EPOCH FROM b.recorded_at) / 604800);

-- name: weeks
SELECT week, sum(domains)::bigint FROM weekly GROUP BY week ORDER BY week;

-- name: weeks_of_targets
-- Of those with a week of at least five.
SELECT target_id, array_agg(week), array_agg(domains)
FROM weekly
GROUP BY target_id
HAVING max(domains) >= 5
ORDER BY target_id;

-- name: create_bursting
CREATE TEMPORARY TABLE bursting (target_id int, week int, value real);

-- name: burst
-- Of the domains that were new in such a week, those with the anchor that most of them use, if half of them do.
SELECT domain_id, target_id, max(value) AS value
FROM (
    SELECT
        n.domain_id,
        n.target_id,
        n.value,
        n.domains,
        count(*) OVER (PARTITION BY n.target_id, n.week, n.anchor_key) AS users
    FROM (
        SELECT DISTINCT
            u.domain_id,
            u.target_id,
            u.anchor_key,
            g.week,
            g.value,
            w.domains
        FROM bursting AS g
        INNER JOIN weekly AS w ON g.target_id = w.target_id AND g.week = w.week
        INNER JOIN domain_edges AS e ON g.target_id = e.domain_to_id
        INNER JOIN batches AS b ON e.batch_id = b.id
        INNER JOIN uses AS u ON e.domain_to_id = u.target_id AND e.domain_from_id = u.domain_id
        WHERE
            floor(extract(EPOCH FROM b.recorded_at) / 604800) = g.week
            AND coalesce(u.class, 8) IN (4, 5, 6, 8)
            AND NOT u.is_wordless
    ) AS n
) AS c
WHERE users >= 5 AND users * 2 >= domains
GROUP BY domain_id, target_id;

-- name: create_found
CREATE TEMPORARY TABLE found_factors (
    domain_id int, target_id int, signal int, value real, percentile real, factor real
) ON COMMIT DROP;

-- name: find_risks
-- 1 − Π (1 − weight × factor). What is against a pair comes to what is against its source.
CREATE TEMPORARY TABLE found_risks ON COMMIT DROP AS
WITH
weighed AS (
    SELECT f.domain_id, f.target_id, s.name, (s.weight * f.factor)::double precision AS part
    FROM found_factors AS f
    INNER JOIN risk_signals AS s ON f.signal = s.signal
    WHERE s.weight > 0
),

reasons AS (
    SELECT domain_id, target_id, name, part
    FROM weighed
    UNION ALL
    SELECT p.domain_id, p.target_id, w.name, w.part
    FROM (SELECT DISTINCT domain_id, target_id FROM weighed WHERE target_id <> 0) AS p
    INNER JOIN weighed AS w ON p.domain_id = w.domain_id AND w.target_id = 0
)

SELECT
    domain_id,
    target_id,
    -- a factor that is 1 with a weight of 1 leaves nothing
    round((1 - exp(sum(ln(greatest(1 - part, 1e-12)))))::numeric, 3)::real AS risk,
    (array_agg(name ORDER BY part DESC, name ASC))[:3] AS reasons
FROM reasons
GROUP BY domain_id, target_id;

-- name: delete_factors
DELETE FROM risk_factors AS o
WHERE NOT EXISTS (
    SELECT 1
    FROM found_factors AS n
    WHERE n.domain_id = o.domain_id AND n.target_id = o.target_id AND n.signal = o.signal
);

-- name: write_factors
INSERT INTO risk_factors AS o (domain_id, target_id, signal, value, percentile, factor)
SELECT domain_id, target_id, signal, value, percentile, factor
FROM found_factors
ORDER BY domain_id, target_id, signal
ON CONFLICT (domain_id, target_id, signal) DO UPDATE
SET value = excluded.value, percentile = excluded.percentile, factor = excluded.factor
WHERE (o.value, o.percentile, o.factor) IS DISTINCT FROM (excluded.value, excluded.percentile, excluded.factor);

-- name: delete_risks
DELETE FROM domain_risks AS o
WHERE NOT EXISTS (
    SELECT 1
    FROM found_risks AS n
    WHERE n.domain_id = o.domain_id AND n.target_id = o.target_id
);

-- name: write_risks
INSERT INTO domain_risks AS o (domain_id, target_id, risk, reasons)
SELECT domain_id, target_id, risk, reasons
FROM found_risks
ORDER BY domain_id, target_id
ON CONFLICT (domain_id, target_id) DO UPDATE
SET risk = excluded.risk, reasons = excluded.reasons
WHERE (o.risk, o.reasons) IS DISTINCT FROM (excluded.risk, excluded.reasons);

-- name: figures
SELECT
    (SELECT count(*) FROM found_factors),
    (SELECT count(*) FROM found_risks WHERE target_id = 0),
    (SELECT count(*) FROM found_risks WHERE target_id <> 0);
