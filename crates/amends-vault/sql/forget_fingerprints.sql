DELETE FROM by_fingerprint WHERE level IN (0, 1) AND fingerprint IN (
    SELECT fingerprint FROM identifiers WHERE sequence > (SELECT before_identifier FROM under_way WHERE import = $1)
    AND sequence <= $2
    AND id NOT IN (SELECT id FROM erased)
)
AND sequence > (SELECT before_identifier FROM under_way WHERE import = $1)
