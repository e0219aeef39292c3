//! Complaints and let-downs as they are read.

use std::collections::{BTreeSet, HashMap};

use amends_model::Result;
use amends_query::Session;
use arrow::array::{Array, Int64Array, StringArray};

use crate::let_downs::measurable;
use crate::sql::{Template, condition, quoted, typed};
use crate::validate::declared;

const COMPLAINTS: Template = Template(include_str!("complaints.sql"));
const LET_DOWNS: Template = Template(include_str!("let_downs.sql"));

/// One complaint.
pub(super) struct Complaint {
    pub(super) source: String,
    /// In microseconds of UTC.
    pub(super) at: i64,
    /// What it is about, each once; one `None` where that is not told.
    pub(super) services: Vec<Option<String>>,
}

/// One thing that was let down at one touchpoint.
pub(super) struct LetDown {
    pub(super) about: String,
    pub(super) touchpoint: Option<String>,
    /// In microseconds of UTC.
    pub(super) known_at: i64,
}

/// Every let-down of every promise that can be measured.
///
/// # Errors
/// `AM0804` and the like when reading fails.
pub(super) async fn let_downs(session: &Session) -> Result<Vec<LetDown>> {
    let promises = measurable(session).await?;
    let mut all = Vec::new();
    if promises.is_empty() {
        return Ok(all);
    }
    let text = LET_DOWNS.fill(&[("promises", promises.as_str())]);
    for batch in session.sql(&text).await? {
        let abouts = typed::<StringArray>(&batch, 0)?;
        let touchpoints = typed::<StringArray>(&batch, 1)?;
        let moments = typed::<Int64Array>(&batch, 2)?;
        all.extend((0..batch.num_rows()).map(|row| LetDown {
            about: abouts.value(row).to_owned(),
            touchpoint: text_of(touchpoints, row),
            known_at: moments.value(row),
        }));
    }
    Ok(all)
}

/// Every complaint, with its service.
///
/// # Errors
/// `AM0812` when no source of complaints is connected; `AM0803` when a condition or the service cannot be planned; `AM0804` when reading fails.
pub(super) async fn complaints(session: &Session, let_downs: &[LetDown]) -> Result<Vec<Complaint>> {
    let voice = &session.project().voice;
    let declared = declared(session)?;
    let mut of_about: HashMap<&str, Vec<&LetDown>> = HashMap::new();
    for one in let_downs {
        of_about.entry(&one.about).or_default().push(one);
    }
    let service = voice.service.as_ref();
    let service_sql = service.map_or_else(|| "null".into(), |sql| format!("({}\n)", sql.text));
    let mut all = Vec::new();
    for (kind, ons) in declared {
        let conditions: Vec<String> = ons
            .iter()
            .map(|on| format!("({})", condition(on)))
            .collect();
        let text = COMPLAINTS.fill(&[
            ("kind", &quoted(kind)),
            ("service", &service_sql),
            ("condition", &conditions.join(" or ")),
        ]);
        for batch in session.sql(&text).await? {
            let sources = typed::<StringArray>(&batch, 0)?;
            let moments = typed::<Int64Array>(&batch, 1)?;
            let abouts = typed::<StringArray>(&batch, 2)?;
            let services = typed::<StringArray>(&batch, 3)?;
            for row in 0..batch.num_rows() {
                let at = moments.value(row);
                all.push(Complaint {
                    source: sources.value(row).to_owned(),
                    at,
                    services: match service {
                        Some(_) => vec![text_of(services, row)],
                        None => touchpoints(text_of(abouts, row), at, &of_about),
                    },
                });
            }
        }
    }
    Ok(all)
}

/// The touchpoints at which the thing was let down, as far as that could have been known by a moment.
fn touchpoints(
    about: Option<String>,
    at: i64,
    let_downs: &HashMap<&str, Vec<&LetDown>>,
) -> Vec<Option<String>> {
    let of_about = about.and_then(|about| let_downs.get(about.as_str()));
    let known = of_about
        .into_iter()
        .flatten()
        .filter(|one| one.known_at <= at);
    let all: BTreeSet<&String> = known.filter_map(|one| one.touchpoint.as_ref()).collect();
    match all.is_empty() {
        true => vec![None],
        false => all.into_iter().cloned().map(Some).collect(),
    }
}

fn text_of(texts: &StringArray, row: usize) -> Option<String> {
    texts.is_valid(row).then(|| texts.value(row).to_owned())
}
