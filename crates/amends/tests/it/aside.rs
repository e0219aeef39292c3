//! Rows set aside: an import and the list of the quarantine say the same of them.

use amends_testkit::tempfile;
use serde_json::Value;

use crate::invented::Invented;
use crate::program::{json, simulated, text};

/// How many rows of main files and of joined files an answer counts.
fn counts(answer: &Value) -> [u64; 2] {
    ["quarantined", "quarantined_joined"].map(|name| answer[name].as_u64().unwrap())
}

#[test]
fn import_and_list_count_the_same_rows_of_main_files_and_of_joined_ones() {
    let here = tempfile::tempdir().unwrap();
    let project = simulated(here.path(), 300);
    let imported = text(&project, &["import"]);
    let listed = text(&project, &["quarantine", "list"]);
    let said = |of: &str| {
        let line = of.lines().find(|line| line.starts_with("Set aside: "));
        let line = line.unwrap_or_else(|| panic!("{of}"));
        line.split(';').next().unwrap().to_owned()
    };
    assert_eq!(said(&imported), said(&listed));

    let list = json(&project, &["quarantine", "list"]);
    let items = list["items"].as_array().unwrap();
    let joined = items.iter().filter(|item| item["joined"] == true).count() as u64;
    let [of_main, of_joined] = counts(&list);
    assert!(of_main > 0 && of_joined > 0, "{list}");
    assert_eq!(
        (of_joined, of_main + of_joined),
        (joined, items.len() as u64)
    );
    assert!(
        items
            .iter()
            .all(|item| (item["joined"] == true) == (item["code"] == "AM0533"))
    );
    let many = |number: u64, of: &str| match number {
        1 => format!("1 row of a {of} file"),
        _ => format!("{number} rows of {of} files"),
    };
    let expected = [many(of_main, "main"), many(of_joined, "joined")].join(", ");
    assert_eq!(said(&listed), format!("Set aside: {expected}"));

    // The same files again are set aside again, and each import says its own.
    let again = json(&project, &["import"]);
    let sources = again["sources"].as_object().unwrap().values();
    let mut sums = [0, 0];
    for source in sources {
        let files = source["imports"].as_array().unwrap().iter().map(counts);
        let files = files.fold([0, 0], |sum, file| [sum[0] + file[0], sum[1] + file[1]]);
        assert_eq!(files, counts(source), "{source}");
        sums = [sums[0] + files[0], sums[1] + files[1]];
    }
    assert_eq!(sums, [of_main, of_joined]);
    let both = json(&project, &["quarantine", "list"]);
    assert_eq!(counts(&both), [of_main, of_joined]);
    let items = both["items"].as_array().unwrap();
    let twice = |item: &Value| item["rows"].as_array().unwrap().len() == 2;
    assert!(items.iter().all(twice), "{both}");
}

/// What became of each row, by its line when it was set aside last.
fn states(company: &Invented) -> Vec<(i64, String, usize)> {
    let list = company.json("quarantine list --all");
    let items = list["items"].as_array().unwrap().iter();
    let state = |item: &Value| {
        let times = item["rows"].as_array().unwrap().len();
        let state = item["state"].as_str().unwrap().to_owned();
        (item["line"].as_i64().unwrap(), state, times)
    };
    let mut states: Vec<_> = items.map(state).collect();
    states.sort();
    states
}

fn write(company: &Invented, rows: &[&str]) {
    let rows = rows.join("\n");
    let text = format!("id,who,started_on,ended_on,reason\n{rows}\n");
    company.write("exports/billing.csv", &text);
}

#[test]
fn a_bad_row_is_listed_once_until_it_is_mended_and_again_when_that_is_undone() {
    let says = "complete-until = \"2026-03-31\"";
    let company = Invented::with_customers().subscriptions("billing", says, "");
    let good = "s-1,ana,2026-01-05,,";
    let (bad, worse, torn) = ("s-2,bo,yesterday,,", "s-3,cy,,,", "s-4,di");
    write(&company, &[good, bad, worse, torn]);
    company.json("import");
    write(&company, &[good, bad, worse, torn, "s-5,ed,2026-01-06,,"]);
    let imported = company.json("import");
    // The balance of every import stays what it is.
    assert_eq!(imported["sources"]["billing"]["quarantined"], 3);
    let expected = |states: [&str; 3], times: [usize; 3]| {
        let all = (3_i64..).zip(states).zip(times);
        all.map(|((line, state), times)| (line, state.to_owned(), times))
            .collect::<Vec<_>>()
    };
    let waiting = expected(["waiting"; 3], [2; 3]);
    assert_eq!(states(&company), waiting);
    let said = company.text("quarantine list");
    assert!(said.contains("2 times since 20"), "{said}");

    // One is mended, one is removed, and of one the key cannot be read.
    write(&company, &[good, "s-2,bo,2026-01-04,,"]);
    company.json("import");
    assert_eq!(
        states(&company),
        expected(["mended", "removed", "gone"], [2; 3])
    );
    let open = company.json("quarantine list");
    assert_eq!(
        (open["total"].as_i64(), open["settled"].as_i64()),
        (Some(0), Some(3))
    );
    let said = company.text("quarantine list");
    assert!(
        said.contains("Nothing is in quarantine") && said.contains("3 rows are settled"),
        "{said}"
    );
    let list = ["quarantine", "list", "--all"];
    let mut list = crate::program::command(company.path(), &list);
    let said = list.env("COLUMNS", "200").output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("mended: import 3 read its record"), "{said}");
    let said = company.text("quarantine explain 2/1");
    assert!(said.contains("settled: mended: import 3"), "{said}");
    company.json("import --undo 3");
    assert_eq!(states(&company), waiting);

    // It is bad in another way now: the old text is settled, the new one waits.
    write(&company, &[good, "s-2,bo,tomorrow,,", worse, torn]);
    company.json("import");
    let now: Vec<_> = states(&company);
    assert_eq!(now.len(), 4);
    assert_eq!(now.iter().filter(|row| row.1 == "waiting").count(), 3);
    let changed = (3, "changed".to_owned(), 2);
    assert!(now.contains(&changed), "{now:?}");
}

#[test]
fn a_replay_settles_a_row_however_often_it_came() {
    let says = "complete-until = \"2026-03-31\"";
    let company = Invented::with_customers().subscriptions("billing", says, "");
    write(&company, &["s-1,ana,2026-01-05,,", "s-2,bo,04.01.2026,,"]);
    company.json("import");
    company.json("import");
    let definition = std::fs::read_to_string(company.path().join("sources/billing.toml")).unwrap();
    let better = definition.replace("started_on = \"date\"\n", "").replace(
        "at = \"started_on\"",
        "at = \"coalesce(try_cast(started_on as date), to_date(started_on, '%d.%m.%Y'))\"",
    );
    assert_ne!(definition, better);
    company.write("sources/billing.toml", &better);
    assert_eq!(company.json("quarantine replay 1")["stored"], 1);
    assert_eq!(states(&company), [(3, "replayed".to_owned(), 2)]);
    let (code, talk) = company.fails("quarantine replay 2");
    assert!(code == 3 && talk.contains("AM0513"), "{talk}");
    company.json("import --undo 3");
    assert_eq!(states(&company), [(3, "waiting".to_owned(), 2)]);
}

#[test]
fn a_replay_notices_let_downs_as_an_import_does() {
    let company = crate::behind::company();
    let letters = std::fs::read_to_string(company.path().join("exports/desk.csv")).unwrap();
    let late = "l-6,dag,02.03.2026,2026-03-09 09:00:00,,,price,\n";
    company.write("exports/desk.csv", &format!("{letters}{late}"));
    let imported = company.json("import desk");
    let number = imported["sources"]["desk"]["imports"][0]["import"].clone();
    assert_eq!(imported["noticed"]["answer"], 0);
    let path = company.path().join("sources/desk.toml");
    let source = std::fs::read_to_string(&path).unwrap();
    let mended = "wrote = { type = \"timestamp\", format = \"%d.%m.%Y\" }";
    std::fs::write(&path, source.replace("wrote = \"timestamp\"", mended)).unwrap();
    let replayed = company.json(&format!("quarantine replay {number}"));
    assert_eq!(replayed["noticed"]["answer"], 1, "{replayed:#}");
}

#[test]
fn a_file_of_which_no_row_can_be_read_fails_the_import_and_the_check() {
    let rows = "s-1,ana,05.01.2026,,\ns-2,bo,06.01.2026,,\n";
    let says = "complete-until = \"2026-03-31\"";
    let company = Invented::with_customers().subscriptions("billing", says, rows);
    let output = crate::program::amends(company.path(), &["import"]);
    assert_eq!(output.status.code(), Some(1));
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(
        talk.contains("AM0540") && talk.contains("2 rows were"),
        "{talk}"
    );
    assert!(!talk.contains("it stopped"), "{talk}");
    let output = crate::program::amends(company.path(), &["check"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("2 of the first 2 rows do not fit"), "{said}");
    // One row that can be read is enough: then it is the rows that are wrong.
    let one = format!("id,who,started_on,ended_on,reason\n{rows}s-3,eve,2026-01-07,,\n");
    company.write("exports/billing.csv", &one);
    company.text("import");
}
