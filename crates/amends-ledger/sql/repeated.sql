SELECT sayings, body
FROM repeated
WHERE import = $1 AND part = $2 AND kind = $3
