INSERT INTO identifiers (id, fingerprint, namespace, sequence, generic, sealed_name, person_key)
VALUES {rows}
