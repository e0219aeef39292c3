-- Whoever was minted since this import began was minted by it: one import is under way at a time.
DELETE FROM identifiers WHERE sequence > (SELECT before_identifier FROM under_way WHERE import = $1)
