-- The lower end of Wilson's 95 % interval for a share: so many of so many (Wilson 1927). NULL: of none.
CREATE OR REPLACE FUNCTION wilson_lower(hits integer, trials integer) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN greatest(
    0,
    (
        hits + 1.96::double precision ^ 2 / 2
        - 1.96::double precision * sqrt(
            hits::double precision * (trials - hits) / nullif(trials, 0) + 1.96::double precision ^ 2 / 4
        )
    ) / (nullif(trials, 0) + 1.96::double precision ^ 2)
)
