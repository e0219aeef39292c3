INSERT INTO identifiers (sequence, id, fingerprint, namespace, generic, sealed_name, person_key)
VALUES {rows}
