use super::*;

fn json() -> SourceFile {
    SourceFile {
        format: Format::JsonLines,
        ..csv()
    }
}

#[test]
fn fields_become_columns() {
    let file = with(
        with(json(), "n", ColumnType::Integer, None),
        "paid",
        money("EUR"),
        None,
    );
    let told = read(
        br#"{"id":"a","n":1,"who":{"mail":"x@example.com","tags":["u","v"]},"paid":199.90,"ok":true}

{"id":"b\n\u00e9","who":null,"n":null,"late":1}
"#,
        &file,
    )
    .unwrap();
    assert_eq!(
        told.columns,
        [
            "_line", "id", "n", "who.mail", "who.tags", "paid", "ok", "who", "late", "_rest"
        ]
    );
    assert_eq!(
        told.rows[0],
        [
            "1",
            "a",
            "1",
            "x@example.com",
            r#"["u","v"]"#,
            "19990",
            "true",
            "-",
            "-",
            "-"
        ]
    );
    assert_eq!(
        told.rows[1],
        ["3", "b\né", "-", "-", "-", "-", "-", "-", "1", "-"]
    );
}

#[test]
fn fields_that_come_late_are_kept() {
    let mut text = String::new();
    for number in 0..200_000 {
        text.push_str(&format!(
            "{{\"id\":{number},\"filler\":\"{}\"}}\n",
            "x".repeat(40)
        ));
    }
    text.push_str(r#"{"id":"last","new":{"a":"q\"","b":[1]},"_hidden":1}"#);
    let told = read(text.as_bytes(), &json()).unwrap();
    assert_eq!(told.columns, ["_line", "id", "filler", "_rest"]);
    assert_eq!(
        told.rows[200_000],
        ["200001", "last", "-", r#"{"new.a":"q\"","new.b":[1]}"#]
    );
}

#[test]
fn declared_fields_are_columns_even_if_no_line_has_them() {
    let told = read(
        b"{}\n{\"x\":1}\n",
        &with(json(), "never", ColumnType::Date, None),
    )
    .unwrap();
    assert_eq!(told.rows, [["1", "-", "-", "-"], ["2", "1", "-", "-"]]);
    assert_eq!(told.columns, ["_line", "x", "never", "_rest"]);
}

#[test]
fn lines_that_are_no_objects_are_set_aside() {
    let told = read(
        b"[\n{\"a\":1},\n{\"a\":2}\n{\"a\":\"\xff\"}\n{\"a\":\"\\u0000\"}\n{\"a\":\"\\ud800\"}\n\"x\"\n{\"a\"",
        &json(),
    )
    .unwrap();
    assert_eq!(
        told.faults(),
        [
            "1 AM0526 -",
            "2 AM0526 -",
            "4 AM0522 -",
            "5 AM0523 a",
            "6 AM0526 a",
            "7 AM0526 -",
            "8 AM0526 -"
        ]
    );
    assert_eq!(told.rows, [["3", "2", "-"]]);
    assert_eq!(
        told.failures[1].reason,
        "not valid JSON from byte 8 of the line on"
    );
}

#[test]
fn the_last_of_two_fields_of_one_name_counts() {
    let told = read(br#"{"a":"x\n","a":"y","b":"1","b":"\t"}"#, &json()).unwrap();
    assert_eq!(told.rows, [["1", "y", "\t", "-"]]);
}
