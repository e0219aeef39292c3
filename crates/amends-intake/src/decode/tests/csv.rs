use super::*;

#[test]
fn quotes_line_breaks_and_blank_lines() {
    let told = read(
        b"\xef\xbb\xbfid, text \r\n1,\"a \"\"b\"\"\r\nc\"\r\n\r\n2,\r\n3,\"\"\r\n4,d\"e\n",
        &csv(),
    )
    .unwrap();
    assert_eq!(told.columns, ["_line", "id", "text"]);
    assert_eq!(
        told.rows,
        [
            ["2", "1", "a \"b\"\r\nc"],
            ["5", "2", "-"],
            ["6", "3", "-"],
            ["7", "4", "d\"e"],
        ]
    );
    assert!(told.failures.is_empty());
}

#[test]
fn the_last_line_needs_no_end() {
    for end in ["", "\n", "\r\n", "\r", "\n\n\n"] {
        let told = read(format!("a,b\n1,2\n3,\"4\"{end}").as_bytes(), &csv()).unwrap();
        assert_eq!(told.rows, [["2", "1", "2"], ["3", "3", "4"]], "{end:?}");
        assert!(told.failures.is_empty());
    }
}

#[test]
fn lines_may_end_as_on_old_machines() {
    let told = read(b"a,b\r1,2\r\r3,4\r", &csv()).unwrap();
    assert_eq!(told.rows, [["2", "1", "2"], ["4", "3", "4"]]);
}

#[test]
fn any_delimiter_and_a_header_of_the_definition() {
    let mut file = csv();
    file.format = Format::Csv {
        delimiter: b'\t',
        encoding: "windows-1252".to_owned(),
        header: Some(vec!["name".to_owned(), "price".to_owned()]),
    };
    let told = read(b"caf\xe9, bar\t1 \x80\n", &file).unwrap();
    assert_eq!(told.rows, [["1", "café, bar", "1 €"]]);
}

#[test]
fn every_type_reads_its_text() {
    let mut file = csv();
    for (column, kind) in [
        ("i", ColumnType::Integer),
        ("n", ColumnType::Number),
        ("b", ColumnType::Boolean),
        ("d", ColumnType::Date),
        ("m", ColumnType::Month),
        ("t", ColumnType::Timestamp),
        ("s", ColumnType::EpochSeconds),
        ("u", ColumnType::EpochMillis),
        ("e", money("EUR")),
    ] {
        file = with(file, column, kind, None);
    }
    let told = read(
        b"i,n,b,d,m,t,s,u,e\n 7 ,1.5,no,2018-03-01,2018-03,2018-03-01 10:00:00,60,60000,1.5\n,,,,,,,, \n",
        &file,
    )
    .unwrap();
    let moment = "1970-01-01T00:01:00Z";
    assert_eq!(
        told.rows,
        [
            [
                "2",
                "7",
                "1.5",
                "false",
                "2018-03-01",
                "2018-03-01",
                "2018-03-01T10:00:00Z",
                moment,
                moment,
                "150"
            ],
            ["3", "-", "-", "-", "-", "-", "-", "-", "-", "-"],
        ]
    );
}

#[test]
fn rows_that_cannot_be_read_say_where_and_why() {
    let file = with(csv(), "when", ColumnType::Date, None);
    let told = read(
        b"id,when,text\n1,2018-03-01\n2,never,x\n3,2018-03-01,\"a\"b\n4,2018-03-01,\xff\n5,2018-03-01,\0\n6,,ok\n7,2018-03-01,\"open\n8,2018-03-01,y\n",
        &file,
    )
    .unwrap();
    assert_eq!(
        told.faults(),
        [
            "2 AM0520 -",
            "3 AM0525 when",
            "4 AM0521 text",
            "5 AM0522 text",
            "6 AM0523 text",
            "8 AM0521 text"
        ]
    );
    assert_eq!(
        told.failures[0].reason,
        "2 cells where the file has 3 columns"
    );
    assert_eq!(told.failures[1].reason, "not a date as 2018-03-01");
    let raw: Vec<_> = told
        .failures
        .iter()
        .map(|failure| failure.raw.clone().unwrap())
        .collect();
    assert_eq!(raw[1], b"2,never,x");
    assert_eq!(raw[5], b"7,2018-03-01,\"open");
    // The quote that is never closed does not swallow the row behind it.
    assert_eq!(told.rows.len(), 2);
    assert_eq!(told.rows[1][1], "8");
}

#[test]
fn a_cell_too_large_is_set_aside_and_the_next_row_read() {
    for quote in ["", "\""] {
        for size in [(4 << 20) + 1, 12 << 20] {
            let text = format!("a,b\n1,{quote}{}{quote}\n2,x\n", "y".repeat(size));
            let told = read(text.as_bytes(), &csv()).unwrap();
            assert_eq!(told.rows, [["3", "2", "x"]], "{quote:?} {size}");
            assert_eq!(told.received(), 2);
            let fault = &told.failures[0];
            // A quoted cell beyond what is held cannot be told from a quote that is never closed.
            assert!(fault.code == "AM0524" || quote == "\"" && fault.code == "AM0521");
            assert_eq!(fault.raw.as_ref().map(Vec::len), Some(1 << 20));
        }
    }
}

#[test]
fn headers_must_make_sense() {
    let code = |bytes: &[u8], file: &SourceFile| read(bytes, file).unwrap_err().code();
    assert_eq!(code(b"", &csv()), "AM0503");
    assert_eq!(code(b"\n\n", &csv()), "AM0503");
    assert_eq!(code(b"\"a\n", &csv()), "AM0503");
    assert_eq!(code(b"a,b,a\n", &csv()), "AM0504");
    assert_eq!(code(b"a,_line\n", &csv()), "AM0504");
    let missing = with(csv(), "order_dat", ColumnType::Date, None);
    let problem = read(b"id,order_date\n", &missing).unwrap_err();
    assert_eq!(problem.code(), "AM0505");
    assert_eq!(
        problem.hint_text(),
        Some("did you mean \"order_date\"? the file has: id, order_date")
    );
    assert!(read(b"id,order_dat\n", &missing).unwrap().rows.is_empty());
    let unnamed = read(b",b\n1,2\n", &csv()).unwrap();
    assert_eq!(unnamed.columns, ["_line", "column_1", "b"]);
}

#[test]
fn records_lie_across_blocks() {
    // Lines of many lengths, so that the ends of blocks fall everywhere, some inside quotes.
    let mut text = "id,text\n".to_owned();
    for number in 0..60_000 {
        let filler = "x".repeat(number % 97);
        text.push_str(&match number % 3 {
            0 => format!("{number},{filler}\n"),
            1 => format!("{number},\"{filler}\n{filler}\"\r\n"),
            _ => format!("{number},\"{filler}\"\"\"\n"),
        });
    }
    let told = read(text.as_bytes(), &csv()).unwrap();
    assert!(told.failures.is_empty());
    assert_eq!(told.rows.len(), 60_000);
    for (number, row) in told.rows.iter().enumerate() {
        assert_eq!(row[1], number.to_string());
        assert_eq!(row[0], (2 + number + (number + 1) / 3).to_string());
    }
}

#[test]
fn what_is_no_table_is_told_in_a_few_words() {
    let mut names = vec!["a".repeat(1_000_000)];
    names.extend((0..1_000).map(|number| format!("c{number}")));
    let listed = crate::decode::listed(&names);
    assert!(listed.starts_with(&format!("the file has: {}..., c0,", "a".repeat(60))));
    assert!(listed.ends_with("c38, and 961 more"), "{listed}");
}
