use amends_model::{Evidence, Figure, Interval};

fn figure() -> Figure {
    Figure {
        id: "lost".into(),
        value: Some(12.0),
        count: 12,
        interval: None,
        period: "2018-03".into(),
        definition: "5f3a".into(),
        evidence: Evidence::Measured,
        refused: None,
        formula: None,
        source: None,
    }
}

/// Scripts read these names.
#[test]
fn a_full_count_has_no_interval_in_json() {
    assert_eq!(
        serde_json::to_string(&figure()).unwrap(),
        r#"{"id":"lost","value":12.0,"count":12,"period":"2018-03","definition":"5f3a","evidence":"measured"}"#
    );
}

#[test]
fn a_refused_figure_has_a_null_and_a_reason() {
    let refused = Figure {
        value: None,
        refused: Some("this export holds only active customers".into()),
        ..figure()
    };
    let json = serde_json::to_value(&refused).unwrap();
    assert!(json["value"].is_null());
    assert_eq!(json["refused"], "this export holds only active customers");
}

#[test]
fn an_estimate_says_how_sure_it_is_and_an_assumption_where_it_is_from() {
    let assumed = Figure {
        interval: Some(Interval {
            low: 5.0,
            high: 12.0,
            confidence: 0.95,
        }),
        evidence: Evidence::StatedByCustomers,
        source: Some("a survey".into()),
        ..figure()
    };
    let json = serde_json::to_value(&assumed).unwrap();
    assert_eq!(json["interval"]["confidence"], 0.95);
    assert_eq!(json["evidence"], "stated-by-customers");
    assert_eq!(json["source"], "a survey");
}
