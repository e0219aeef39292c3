//! The people behind recommendations.

use amends_model::{Result, time};
use amends_query::Session;

use super::{Person, no_such, refused};
use crate::Frame;
use crate::recommend::Recommendation;

pub(super) async fn behind(session: &Session, frame: &Frame, figure: &str) -> Result<Vec<Person>> {
    let all = Recommendation::of(session, frame).await?;
    let (who, why) = match figure {
        "recommend.said" => (all.said, "said they would recommend"),
        "recommend.did" => (all.did, "recommended"),
        "recommend.kept-word" => (all.kept_word, "said they would recommend, and did"),
        _ => return Err(no_such(figure)),
    };
    let who = who.map_err(|reason| refused(figure, &reason))?;
    who.into_iter()
        .map(|(customer, at)| {
            Ok(Person {
                customer,
                identifiers: Vec::new(),
                since: None,
                at: Some(time::from_micros(at)?),
                why: why.into(),
            })
        })
        .collect()
}
