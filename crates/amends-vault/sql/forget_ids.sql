DELETE FROM by_id WHERE level IN (0, 1) AND id IN (
    SELECT id FROM identifiers WHERE sequence > (SELECT before_identifier FROM under_way WHERE import = $1)
    AND sequence <= $2
    AND id NOT IN (SELECT id FROM erased)
)
AND sequence > (SELECT before_identifier FROM under_way WHERE import = $1)
