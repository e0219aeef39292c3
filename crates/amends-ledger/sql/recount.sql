UPDATE import
SET stored = $2, duplicate = received - quarantined - $2, events = $3
WHERE import = $1
