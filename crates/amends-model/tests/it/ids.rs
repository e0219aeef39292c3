use amends_model::{EventId, IdentifierId, RecordKey};
use amends_testkit::proptest::prelude::*;

proptest! {
    #[test]
    fn an_id_reads_what_it_prints_and_sorts_as_its_number(a: [u8; 16], b: [u8; 16]) {
        let (first, second) = (EventId(a), EventId(b));
        prop_assert_eq!(first.to_string().parse::<EventId>().unwrap(), first);
        prop_assert_eq!(first.cmp(&second), first.as_u128().cmp(&second.as_u128()));
        prop_assert_eq!(first.to_string().cmp(&second.to_string()), first.cmp(&second));
        prop_assert_eq!(RecordKey::from_slice(&a), Some(RecordKey(a)));
    }

    #[test]
    fn any_text_is_an_id_or_a_problem(text in ".{0,40}") {
        match text.parse::<IdentifierId>() {
            Ok(id) => prop_assert_eq!(id.to_string(), text.to_lowercase()),
            Err(problem) => prop_assert_eq!(problem.code(), "AM0001"),
        }
    }
}

#[test]
fn an_id_is_its_text_in_json() {
    let id = IdentifierId([0x0f; 16]);
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(json, format!("\"{}\"", "0f".repeat(16)));
    assert_eq!(serde_json::from_str::<IdentifierId>(&json).unwrap(), id);
    assert!(serde_json::from_str::<IdentifierId>("\"+f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\"").is_err());
    assert_eq!(IdentifierId::from_slice(&[0; 15]), None);
}
