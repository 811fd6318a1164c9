-- One row: the largest relevance of a live link of these domains, 0 to 100; NULL: not known. links: live ones of their
-- edge; of one that had more than a few when it was ranked it is kept.
CREATE OR REPLACE FUNCTION refdomain_relevance(domain_to integer, domain_from integer, links integer)
RETURNS TABLE (relevance integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
SELECT CASE
    WHEN refdomain_relevance.links > 16
        THEN (
            SELECT v.relevance
            FROM edge_relevance AS v
            WHERE
                v.domain_to_id = refdomain_relevance.domain_to
                AND v.domain_from_id = refdomain_relevance.domain_from
        )
    ELSE (
        SELECT max(relevance_of(k.relevance, l.id))
        FROM links AS l
        INNER JOIN link_relevance AS k ON k.block = l.id >> 6
        WHERE
            l.domain_to_id = refdomain_relevance.domain_to
            AND l.domain_from_id = refdomain_relevance.domain_from
            AND l.status = 0
    )
END;
END
