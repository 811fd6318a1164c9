-- Topics: their seeds, and the topics of domains.

-- name: list_seeds
SELECT topic, domain FROM topic_seeds ORDER BY topic, domain;

-- name: add_seeds
INSERT INTO topic_seeds (topic, domain)
SELECT s.topic, s.domain FROM unnest(%(topics)s::text[], %(domains)s::text[]) AS s (topic, domain)
ON CONFLICT DO NOTHING;

-- name: remove_seeds
DELETE FROM topic_seeds
WHERE topic = %(topic)s AND (%(domains)s::text[] = '{}' OR domain = ANY(%(domains)s::text[]));

-- name: create_new
CREATE TEMPORARY TABLE scored_topics (domain_id integer, topic text, score real) ON COMMIT DROP;

-- name: copy_new
COPY scored_topics (domain_id, topic, score) FROM STDIN;

-- name: choose_new
-- A domain's largest, each with its share in all of them.
CREATE TEMPORARY TABLE new_topics ON COMMIT DROP AS
SELECT
    domain_id,
    topic,
    score,
    share
FROM (
    SELECT
        domain_id,
        topic,
        score,
        round((score / sum(score) OVER (PARTITION BY domain_id))::numeric, 4)::real AS share,
        row_number() OVER (PARTITION BY domain_id ORDER BY score DESC, topic ASC) AS place
    FROM scored_topics
) AS s
WHERE place <= %(most)s;

-- name: delete_gone
DELETE FROM topic_scores AS o
WHERE NOT EXISTS (SELECT 1 FROM new_topics AS n WHERE n.domain_id = o.domain_id AND n.topic = o.topic);

-- name: update_changed
UPDATE topic_scores AS o
SET score = n.score, share = n.share
FROM new_topics AS n
WHERE
    o.domain_id = n.domain_id
    AND o.topic = n.topic
    AND (o.score, o.share) IS DISTINCT FROM (n.score, n.share);

-- name: insert_new
INSERT INTO topic_scores (domain_id, topic, score, share)
SELECT
    n.domain_id,
    n.topic,
    n.score,
    n.share
FROM new_topics AS n
WHERE NOT EXISTS (SELECT 1 FROM topic_scores AS o WHERE o.domain_id = n.domain_id AND o.topic = n.topic)
ORDER BY n.domain_id, n.topic;

-- name: count
SELECT count(*) FROM new_topics;
