//! Where sealed bytes stand: what they are bound to, so that a row copied over another one is found on opening.

use amends_model::{IdentifierId, RecordKey};

/// Where a sealed name stands.
pub(crate) fn name_place<'a>(
    id: &'a IdentifierId,
    namespace: &'a str,
    fingerprint: &'a [u8],
) -> [&'a [u8]; 4] {
    [b"name", &id.0, namespace.as_bytes(), fingerprint]
}

/// Where the wrapped key of a person stands.
pub(crate) fn key_place(id: &IdentifierId) -> [&[u8]; 2] {
    [b"person key", &id.0]
}

/// Where the sealed fields of a record stand.
pub(crate) fn fields_place<'a>(record: &'a RecordKey, subject: &'a IdentifierId) -> [&'a [u8]; 3] {
    [b"fields", &record.0, &subject.0]
}
