-- name: lock_crawled_hosts
-- Nobody adds hosts meanwhile: a host that does not see the new row would be left out.
LOCK TABLE crawled_hosts IN SHARE ROW EXCLUSIVE MODE;

-- name: add_optout
INSERT INTO optouts (domain, note) VALUES (%(domain)s, %(note)s)
ON CONFLICT (domain) DO UPDATE SET note = coalesce(excluded.note, optouts.note);

-- name: list_optouts
SELECT domain, note FROM optouts ORDER BY domain;

-- name: remove_optout
DELETE FROM optouts WHERE domain = %(domain)s;

-- name: opt_out_hosts
-- Those of a domain, or a host, that has opted out, and all below it. Returns them.
UPDATE crawled_hosts AS c
SET opted_out = TRUE
FROM hosts AS h
WHERE
    c.host_id = h.id
    AND NOT c.opted_out
    AND right('.' || regexp_replace(h.name, '\.?(:\d+)?$', ''), length(%(domain)s) + 1) = '.' || %(domain)s
RETURNING c.host_id;

-- name: readmit_hosts
-- Those that may be crawled again. Returns them.
UPDATE crawled_hosts AS c
SET opted_out = FALSE
FROM hosts AS h
WHERE c.host_id = h.id AND c.opted_out AND NOT has_opted_out(h.name)
RETURNING c.host_id;
