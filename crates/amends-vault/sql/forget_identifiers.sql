-- Whoever was minted since this import began was minted by it: one import is under way at a time. The erased stay known.
-- Where it is known up to which number it minted, nobody beyond that is touched.
DELETE FROM identifiers WHERE sequence > (SELECT before_identifier FROM under_way WHERE import = $1)
AND sequence <= $2
AND id NOT IN (SELECT id FROM erased)
