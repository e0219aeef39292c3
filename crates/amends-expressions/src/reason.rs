//! What DataFusion says about wrong SQL or a wrong value, turned into a sentence for the one who wrote it.

use amends_model::Problem;
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, SchemaError};
use datafusion::sql::sqlparser::parser::ParserError;

use crate::PlanError;
use crate::words::{as_sql, listed, nearest, quoted};

/// The names that a text could have meant.
pub(crate) struct Names {
    /// Columns, where they are known.
    pub(crate) columns: Vec<String>,
    /// Functions.
    pub(crate) functions: Vec<String>,
    /// Tables of a query.
    pub(crate) tables: Vec<String>,
}

/// Why a text cannot be planned.
pub(crate) fn of_planning(error: &DataFusionError, text: &str, names: &Names) -> PlanError {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => {
            of_planning(inner, text, names)
        }
        DataFusionError::Shared(inner) => of_planning(inner, text, names),
        DataFusionError::Collection(all) if !all.is_empty() => of_planning(&all[0], text, names),
        DataFusionError::External(inner) => match inner.downcast_ref::<PlanError>() {
            Some(ours) => ours.clone(),
            None => PlanError::new(tidy(&inner.to_string())),
        },
        DataFusionError::SQL(error, _) => of_parsing(error, text),
        DataFusionError::SchemaError(error, _) => of_schema(error, text, names),
        other => of_words(&tidy(&other.strip_backtrace()), text, names),
    }
}

fn of_schema(error: &SchemaError, text: &str, names: &Names) -> PlanError {
    match error {
        SchemaError::FieldNotFound {
            field,
            valid_fields,
        } => {
            let known: Vec<&str> = if names.columns.is_empty() {
                valid_fields
                    .iter()
                    .map(|field| field.name.as_str())
                    .collect()
            } else {
                names.columns.iter().map(String::as_str).collect()
            };
            column_not_found(
                field.relation.as_ref().map(ToString::to_string),
                &field.name,
                &known,
                text,
            )
        }
        SchemaError::AmbiguousReference { field } => PlanError::new(format!(
            "several tables have a column {}",
            quoted(&field.name)
        ))
        .pointing(text, &field.name)
        .suggest(format!("say which: table.{}", as_sql(&field.name))),
        SchemaError::DuplicateQualifiedField { name, .. }
        | SchemaError::DuplicateUnqualifiedField { name } => PlanError::new(format!(
            "two columns of the result are named {}",
            quoted(name)
        ))
        .pointing(text, name)
        .suggest("give one of them another name with `as`"),
    }
}

fn column_not_found(table: Option<String>, name: &str, known: &[&str], text: &str) -> PlanError {
    let dotted = table.as_ref().map(|table| format!("{table}.{name}"));
    let shown = dotted.as_deref().unwrap_or(name);
    let error =
        PlanError::new(format!("there is no column {}", quoted(shown))).pointing(text, name);
    if let Some(column) = dotted.and_then(|dotted| known.iter().find(|one| **one == dotted)) {
        return error.suggest(format!(
            "a name with a dot needs quotes: {}",
            as_sql(column)
        ));
    }
    if let Some(near) = nearest(name, known.iter().copied()) {
        return error.suggest(format!("did you mean {}?", as_sql(near)));
    }
    if error
        .words
        .as_deref()
        .is_some_and(|words| words.starts_with('"'))
    {
        return error.suggest(format!(
            "text stands in single quotes: '{}'",
            name.replace('\'', "''")
        ));
    }
    if known.is_empty() {
        return error.suggest("there are no columns here");
    }
    error.suggest(format!("the columns are {}", listed(known.iter().copied())))
}

fn of_parsing(error: &ParserError, text: &str) -> PlanError {
    let said = match error {
        ParserError::RecursionLimitExceeded => {
            return PlanError::new("this is nested too deeply")
                .suggest("take it apart into several steps, or fewer brackets");
        }
        ParserError::TokenizerError(said) | ParserError::ParserError(said) => said.as_str(),
    };
    let (said, at) = split_place(said);
    let mut found = None;
    let message = match said
        .strip_prefix("Expected: ")
        .and_then(|said| said.split_once(", found: "))
    {
        Some((wanted, "EOF")) => format!(
            "the text ends too early: {} was expected",
            lower_first(wanted)
        ),
        Some(("end of expression", words)) => {
            found = Some(words.to_owned());
            format!("the expression is over before {}", quoted(words))
        }
        Some((wanted, words)) => {
            found = Some(words.to_owned());
            format!(
                "{} is not expected here: {} was",
                quoted(words),
                lower_first(wanted)
            )
        }
        None => lower_first(said),
    };
    let mut error = PlanError::new(message);
    error.at = at;
    match found {
        Some(words) if at.is_none() => error = error.pointing(text, &words),
        words => error.words = words,
    }
    match error.words.as_deref() {
        Some("==") => error.suggest("equality is one sign: ="),
        Some("&&" | "&") => error.suggest("write `and`"),
        Some("||" | "|") => error.suggest("write `or`"),
        Some(";") => error.suggest("leave out the semicolon"),
        _ => error,
    }
}

/// Cuts the place off `... at Line: 3, Column: 14`.
fn split_place(said: &str) -> (&str, Option<(usize, usize)>) {
    let place = said.rsplit_once(" at Line: ").and_then(|(before, place)| {
        let (line, column) = place.split_once(", Column: ")?;
        Some((
            before,
            (line.trim().parse().ok()?, column.trim().parse().ok()?),
        ))
    });
    match place {
        Some((before, at)) => (before, Some(at)),
        None => (said, None),
    }
}

/// The errors that DataFusion tells only in words.
fn of_words(said: &str, text: &str, names: &Names) -> PlanError {
    if let Some(name) = between(said, "Invalid function '", "'") {
        let error =
            PlanError::new(format!("there is no function {}", quoted(name))).pointing(text, name);
        return match nearest(name, names.functions.iter().map(String::as_str)) {
            Some(near) => error.suggest(format!("did you mean {near}?")),
            None => error,
        };
    }
    if let Some(name) = between(said, "table '", "'").filter(|_| said.contains("not found")) {
        let name = name.rsplit('.').next().unwrap_or(name);
        let error =
            PlanError::new(format!("there is no table {}", quoted(name))).pointing(text, name);
        let known = names.tables.iter().map(String::as_str);
        return match nearest(name, known.clone()) {
            Some(near) => error.suggest(format!("did you mean {}?", as_sql(near))),
            None => error.suggest(format!("the tables are {}", listed(known))),
        };
    }
    if let Some(name) =
        between(said, "table function '", "'").or_else(|| between(said, "Table function '", "'"))
    {
        return PlanError::new(format!(
            "tables cannot be made by functions such as {}",
            quoted(name)
        ))
        .pointing(text, name)
        .suggest("select from the files of the source by their aliases");
    }
    let call = between(said, "satisfy a call to '", "'")
        .or_else(|| between(said, "argument types '", "("));
    if let Some(name) = call {
        let types = between(said, "coercion from ", " to the signature")
            .or_else(|| between(said, &format!("'{name}("), ")'"))
            .unwrap_or("these values");
        return PlanError::new(format!("{} does not take {}", quoted(name), in_words(types)))
            .pointing(text, name)
            .suggest("convert them with cast(... as ...), or look up the function in DataFusion's documentation");
    }
    for (marker, end, verb) in [
        (
            "Cannot coerce arithmetic expression ",
            " to valid types",
            "cannot be combined",
        ),
        (
            "Cannot infer common argument type for comparison operation ",
            "",
            "cannot be compared",
        ),
    ] {
        if let Some(rest) = said.split_once(marker).map(|(_, rest)| rest) {
            let rest = rest.lines().next().unwrap_or(rest);
            let operation = if end.is_empty() {
                rest
            } else {
                rest.split(end).next().unwrap_or(rest)
            };
            return PlanError::new(format!("{} {verb}", in_words(operation)))
                .suggest("convert one side with cast(... as ...)");
        }
    }
    PlanError::new(lower_first(&in_words(said.lines().next().unwrap_or(said))))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inside, _)| inside)
}

/// Takes off the labels that DataFusion and Arrow put before a message.
fn tidy(said: &str) -> String {
    const LABELS: &[&str] = &[
        "Error during planning: ",
        "This feature is not implemented: ",
        "Execution error: ",
        "Optimizer rule 'simplify_expressions' failed",
        "type_coercion",
        "caused by",
        "Arrow error: ",
        "Cast error: ",
        "Compute error: ",
        "Parser error: ",
        "Invalid argument error: ",
        "Arithmetic overflow: ",
        "External error: ",
        "Schema error: ",
        "SQL error: ",
        "Internal error: ",
        "Error: ",
    ];
    let mut rest = said.trim();
    while let Some(shorter) = LABELS.iter().find_map(|label| rest.strip_prefix(label)) {
        rest = shorter.trim_start();
    }
    // Its own advice to file a bug against it is no advice for whoever wrote the expression.
    let rest = rest
        .split("\nThis issue was likely caused by a bug")
        .next()
        .unwrap_or(rest);
    rest.trim().trim_end_matches('.').to_owned()
}

fn lower_first(said: &str) -> String {
    let mut letters = said.chars();
    match letters.next() {
        // A word in capitals is SQL's own and stays.
        Some(first) if !letters.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => said.to_owned(),
    }
}

/// Replaces the names of Arrow's types by words.
fn in_words(said: &str) -> String {
    const TYPES: &[(&str, &str)] = &[
        ("LargeUtf8", "text"),
        ("Utf8View", "text"),
        ("Utf8", "text"),
        ("Boolean", "true/false"),
        ("Float64", "number"),
        ("Float32", "number"),
        ("UInt64", "integer"),
        ("UInt32", "integer"),
        ("UInt16", "integer"),
        ("UInt8", "integer"),
        ("Int64", "integer"),
        ("Int32", "integer"),
        ("Int16", "integer"),
        ("Int8", "integer"),
        ("Date32", "date"),
        ("Date64", "date"),
        ("Interval(MonthDayNano)", "interval"),
    ];
    let mut words = said.to_owned();
    for (name, word) in TYPES {
        words = words.replace(name, word);
    }
    for (start, word) in [("Timestamp(", "moment"), ("Duration(", "length of time")] {
        while let Some(from) = words.find(start) {
            let Some(length) = closing(&words[from + start.len()..]) else {
                break;
            };
            words.replace_range(from..from + start.len() + length + 1, word);
        }
    }
    words
}

/// How far the bracket that is open at the start of this text reaches.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A type in words, such as "text".
pub(crate) fn type_in_words(of: &DataType) -> String {
    match of {
        DataType::Null => "nothing".into(),
        DataType::List(_) | DataType::LargeList(_) => "a list".into(),
        other => in_words(&other.to_string()),
    }
}

/// Why a row's value cannot be computed.
pub(crate) fn of_running(error: &DataFusionError) -> String {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => {
            of_running(inner)
        }
        DataFusionError::Shared(inner) => of_running(inner),
        other => {
            let said = tidy(&other.strip_backtrace());
            match value_in_words(&said) {
                Some(better) => better,
                None => lower_first(&in_words(said.lines().next().unwrap_or(&said))),
            }
        }
    }
}

/// `Cannot cast string 'abc' to value of Int64 type` and its like.
fn value_in_words(said: &str) -> Option<String> {
    let value = between(said, "Cannot cast string '", "' to value of ")?;
    let kind = between(said, "' to value of ", " type")?;
    Some(format!("'{value}' cannot be read as {}", in_words(kind)))
}

/// A problem that came up while a query ran: our own where one of our streams failed, else what DataFusion says.
pub(crate) fn problem(error: DataFusionError) -> Problem {
    let mut inner = &error;
    loop {
        match inner {
            DataFusionError::Context(_, next) | DataFusionError::Diagnostic(_, next) => {
                inner = next
            }
            DataFusionError::Shared(next) => inner = next,
            DataFusionError::ArrowError(arrow, _) => {
                let arrow::error::ArrowError::ExternalError(next) = arrow.as_ref() else {
                    break;
                };
                let Some(next) = next.downcast_ref() else {
                    break;
                };
                inner = next;
            }
            DataFusionError::External(next) => {
                if let Some(ours) = next.downcast_ref::<Problem>() {
                    return again(ours);
                }
                break;
            }
            _ => break,
        }
    }
    Problem::new("AM0202", "a query failed while it ran").detail(of_running(&error))
}

/// The same problem once more: an error behind a shared reference cannot be moved out.
fn again(problem: &Problem) -> Problem {
    let mut same = Problem::new(problem.code(), problem.message());
    if let Some(detail) = problem.detail_text() {
        same = same.detail(detail);
    }
    match problem.hint_text() {
        Some(hint) => same.hint(hint),
        None => same,
    }
}
