-- Whom the events of one kind happened to.
select cast({tag} as bigint) as tag, identifier, at from kind."{kind}" where ({condition})
