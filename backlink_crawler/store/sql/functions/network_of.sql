-- The network that an address is in: of IPv4 the /24, of IPv6 the /48. address: as crawled_hosts has it.
CREATE OR REPLACE FUNCTION network_of(address text) RETURNS cidr
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN set_masklen(address::cidr, CASE family(address::inet) WHEN 4 THEN 24 ELSE 48 END)
