//! Where mistakes are gathered, so that none of them hides another.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::Spot;
use crate::{Diagnostic, Place};

/// Every mistake found so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    found: RefCell<Vec<Diagnostic>>,
    /// Variables that paths name and that are not set, with the places: one slip of the surroundings, however many paths name it.
    unset: RefCell<BTreeMap<String, Vec<Spot>>>,
}

impl Report {
    /// Records a mistake, perhaps with what to write instead.
    pub(crate) fn mistake(
        &self,
        code: &'static str,
        spot: &Spot,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.add(code, spot, message.into(), suggestion, false);
    }

    /// Records something that is probably not meant, but stops nothing.
    pub(crate) fn warning(
        &self,
        code: &'static str,
        spot: &Spot,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.add(code, spot, message.into(), suggestion, true);
    }

    fn add(
        &self,
        code: &'static str,
        spot: &Spot,
        message: String,
        suggestion: Option<String>,
        is_warning: bool,
    ) {
        self.found.borrow_mut().push(Diagnostic {
            code,
            place: spot.place.clone(),
            words: spot.words.clone(),
            message,
            suggestion,
            is_warning,
        });
    }

    /// Records that a path names a variable that is not set.
    pub(crate) fn unset(&self, name: &str, spot: Spot) {
        let mut unset = self.unset.borrow_mut();
        unset.entry(name.to_owned()).or_default().push(spot);
    }

    /// Takes a mistake back that another one tells better.
    pub(crate) fn retract(&self, mistake: &Diagnostic) {
        let mut found = self.found.borrow_mut();
        if let Some(place) = found.iter().rposition(|one| one == mistake) {
            found.remove(place);
        }
    }

    /// The mistake recorded last.
    pub(crate) fn last(&self) -> Option<Diagnostic> {
        self.found.borrow().last().cloned()
    }

    /// How many mistakes were recorded so far: more of them after something was read tell that it holds some.
    pub(crate) fn mistakes(&self) -> usize {
        let found = self.found.borrow();
        let unset: usize = self.unset.borrow().values().map(Vec::len).sum();
        found.iter().filter(|one| !one.is_warning).count() + unset
    }

    /// How many of them are more than a key that nobody reads.
    pub(crate) fn mistakes_in_values(&self) -> usize {
        let found = self.found.borrow();
        let idle = found.iter().filter(|one| one.code == "AM0103");
        self.mistakes() - idle.count()
    }

    /// Adds what another report holds, as far as it is wanted.
    pub(crate) fn take(&self, other: Report, wanted: impl Fn(&Diagnostic) -> bool) {
        let found = other.found.into_inner().into_iter();
        self.found.borrow_mut().extend(found.filter(wanted));
        for (name, spots) in other.unset.into_inner() {
            self.unset
                .borrow_mut()
                .entry(name)
                .or_default()
                .extend(spots);
        }
    }

    /// All mistakes in the order of files and lines.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.extend(
            self.unset
                .into_inner()
                .iter()
                .filter_map(|(name, spots)| not_set(name, spots)),
        );
        found.sort_by(|one, other| {
            one.place
                .cmp(&other.place)
                .then_with(|| one.message.cmp(&other.message))
        });
        found.dedup();
        found
    }
}

/// One mistake for a variable, at the first place that names it.
fn not_set(name: &str, spots: &[Spot]) -> Option<Diagnostic> {
    let mut spots: Vec<&Spot> = spots.iter().collect();
    spots.sort_by(|one, other| one.place.cmp(&other.place));
    let (first, others) = spots.split_first()?;
    let others: Vec<String> = others.iter().map(|spot| shown(&spot.place)).collect();
    let also = match others.len() {
        0 => String::new(),
        count => format!(
            "; {count} more {} it: {}",
            if count == 1 {
                "path names"
            } else {
                "paths name"
            },
            others.join(", ")
        ),
    };
    Some(Diagnostic {
        code: "AM0109",
        place: first.place.clone(),
        words: first.words.clone(),
        message: format!("the environment variable {name} is not set{also}"),
        suggestion: Some(format!(
            "set it, as in `export {name}=/path/to/exports`, or write the path itself"
        )),
        is_warning: false,
    })
}

fn shown(place: &Place) -> String {
    format!("{}:{}:{}", place.file.display(), place.line, place.column)
}
