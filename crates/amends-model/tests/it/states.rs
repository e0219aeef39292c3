use amends_model::State;

#[test]
fn each_state_says_what_it_means() {
    let table: Vec<String> = State::ALL
        .into_iter()
        .map(|state| {
            let let_down = if state.is_let_down() { " let-down" } else { "" };
            let closed = if state.is_closed() { " closed" } else { "" };
            format!("{state}{let_down}{closed}")
        })
        .collect();
    assert_eq!(
        table,
        [
            "open",
            "kept closed",
            "beaten closed",
            "unconfirmed",
            "overdue let-down",
            "late let-down closed",
            "broken let-down closed",
            "excused closed",
        ]
    );
}

#[test]
fn a_state_reads_what_it_prints() {
    for state in State::ALL {
        assert_eq!(state.to_string().parse(), Ok(state));
        assert_eq!(
            serde_json::to_string(&state).unwrap(),
            format!("\"{state}\"")
        );
    }
    assert!("Late".parse::<State>().is_err());
}
