-- Whom the events of one kind happened to.
select identifier, at from kind."{kind}" where ({condition})
