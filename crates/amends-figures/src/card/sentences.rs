//! Three sentences to read aloud at the start of a meeting.

use std::cmp::Reverse;

use amends_project::definition::{Company, Nature};

use super::words::{alone, many, number, period};
use crate::Frame;
use crate::customer_math::{CustomerMath, Line, Refusal};
use crate::let_downs::Kept;
use crate::reasons::WhyTheyLeft;

/// What was gained and lost; why; and which promise was broken most.
pub(super) fn three(
    company: &Company,
    frame: &Frame,
    math: &CustomerMath,
    why: &WhyTheyLeft,
    kept: &[Kept],
    harmed: u64,
) -> [String; 3] {
    [
        gained_and_lost(company, frame, math),
        why_lost(company, math, why),
        promises(company, frame, kept, harmed),
    ]
}

/// The period at the beginning of a sentence.
fn when(frame: &Frame) -> String {
    let so_far = if frame.is_so_far() { " so far" } else { "" };
    format!("In {}{so_far}", period(frame.period))
}

fn gained_and_lost(company: &Company, frame: &Frame, math: &CustomerMath) -> String {
    let (one, several) = (&company.customer_word, &company.customers_word);
    let (when, counts) = (when(frame), &math.counts);
    if let Some(Refusal::Everything(reason)) = &math.refusal {
        return format!("{when} nothing can be said of {several}: {reason}.");
    }
    let gained = counts.new + counts.returned;
    let back = match (gained, counts.returned) {
        (_, 0) => String::new(),
        (1, _) => ", who had been with us before".into(),
        (all, back) if all == back => ", all of whom had been with us before".into(),
        (_, back) => format!(", {} of whom had been with us before", alone(back)),
    };
    let gained = format!("{when} we gained {}{back}", many(gained, one, several));
    let Some(lost) = math.get(Line::Lost) else {
        return format!("{gained}; how many we lost cannot be told.");
    };
    let comma = if back.is_empty() { "" } else { "," };
    let leaves = if frame.is_so_far() { "leaves" } else { "left" };
    let closing = many(counts.closing, one, several);
    format!(
        "{gained}{comma} and lost {}, which {leaves} us with {closing}.",
        alone(lost)
    )
}

fn why_lost(company: &Company, math: &CustomerMath, why: &WhyTheyLeft) -> String {
    let (one, several) = (&company.customer_word, &company.customers_word);
    let Some(lost) = math.get(Line::Lost) else {
        return match &math.refusal {
            Some(Refusal::Losses(_)) => format!(
                "An export of ours holds only active {several}, so nobody can say yet who left us, or why."
            ),
            _ => "Nobody can say yet who left us, or why.".into(),
        };
    };
    if lost == 0 {
        return "Nobody left us.".into();
    }
    let avoidable = math.counts.get(Line::LostBy(Nature::Avoidable));
    let could = match (lost, avoidable) {
        (1, 0) => format!("We do not know that we could have held the one {one} we lost"),
        (1, _) => format!("The one {one} we lost we could have held"),
        (_, 0) => format!(
            "We do not know that we could have held any of the {} we lost",
            number(lost)
        ),
        (all, held) if all == held => format!("We could have held all {} we lost", number(lost)),
        (_, held) => format!(
            "Of the {} we lost, we could have held {}",
            number(lost),
            alone(held)
        ),
    };
    match why.stated.first() {
        None => format!("{could}; nobody told us why they left."),
        Some(first) => {
            let reason = &first.reason;
            match why.stated.get(1) {
                Some(second) if second.count == first.count => {
                    format!("{could}; among the reasons we heard was \"{reason}\".")
                }
                second => {
                    let most = if second.is_some() { " most" } else { "" };
                    let count = alone(first.count);
                    format!("{could}; the reason we heard{most} was \"{reason}\", from {count}.")
                }
            }
        }
    }
}

fn promises(company: &Company, frame: &Frame, kept: &[Kept], harmed: u64) -> String {
    let (one, several) = (&company.customer_word, &company.customers_word);
    let measured: Vec<&Kept> = kept.iter().filter(|kept| kept.refused.is_none()).collect();
    if measured.is_empty() {
        return "No promise of ours is measured yet.".into();
    }
    let exposed: u64 = measured.iter().map(|kept| kept.exposed()).sum();
    if exposed == 0 {
        return format!("No promise of ours came due {}.", within(frame));
    }
    let worst = measured
        .iter()
        .max_by_key(|kept| (kept.customers(), Reverse(&kept.promise)));
    match worst {
        Some(worst) if worst.customers() > 0 => {
            let (says, all) = (&worst.says, many(harmed, one, several));
            if worst.customers() == harmed {
                format!("We did not keep our promise \"{says}\" to {all}.")
            } else {
                let of_them = alone(worst.customers());
                format!("We let {all} down, {of_them} of them over our promise \"{says}\".")
            }
        }
        _ => format!(
            "Every promise that came due {} was kept, as far as we know.",
            within(frame)
        ),
    }
}

fn within(frame: &Frame) -> String {
    let so_far = if frame.is_so_far() { " so far" } else { "" };
    format!("in {}{so_far}", period(frame.period))
}
