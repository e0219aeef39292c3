-- Whoever was minted since this import began was minted by it: one import is under way at a time. The erased stay known.
DELETE FROM identifiers WHERE sequence > (SELECT before_identifier FROM under_way WHERE import = $1)
AND id NOT IN (SELECT id FROM erased)
