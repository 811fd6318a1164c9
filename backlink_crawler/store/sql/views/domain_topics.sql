CREATE OR REPLACE VIEW domain_topics AS
SELECT
    d.name AS domain,
    t.topic,
    t.score,
    t.share,
    t.domain_id
FROM topic_scores AS t
INNER JOIN domains AS d ON t.domain_id = d.id
