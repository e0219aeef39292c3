//! The version of a promise.

use crate::definition::{
    About, Before, By, Deadline, Exposed, Lasts, Limits, Moved, Notice, On, Pause, Promise, Shape,
    ShareOf, Unmeasured,
};

use super::Form;

/// What stands in the register: its words are all that it has.
pub(super) fn version_of_unmeasured(promise: &Unmeasured) -> String {
    let mut form = Form::default();
    form.say("not measurable", &promise.name)
        .say("needs", &promise.needs)
        .say("touchpoint", &promise.touchpoint);
    form.version()
}

/// What a promise is: not its wording, who made it, or its tests.
pub(super) fn version(promise: &Promise) -> String {
    written(promise, true)
}

impl Promise {
    /// A short hash of what judges it: its version without the touchpoint at which it is felt and the attributes by which fractures are looked for.
    pub fn judging_version(&self) -> String {
        written(self, false)
    }

    /// The same judge, told as another definition tells it: by that one's words, touchpoint, standard and attributes.
    pub fn told_as(&self, other: &Promise) -> Promise {
        let mut promise = Promise {
            opens: self.opens.clone(),
            about: self.about,
            stands: self.stands.clone(),
            shape: self.shape.clone(),
            serious: self.serious.clone(),
            calendar: self.calendar.clone(),
            zone: self.zone.clone(),
            spell: self.spell,
            ..other.clone()
        };
        promise.version = version(&promise);
        promise
    }
}

fn written(promise: &Promise, is_whole: bool) -> String {
    let mut form = Form::default();
    form.say("promise", &promise.name)
        .on("opens", &promise.opens);
    if promise.about == About::Customer {
        form.say("about", "customer");
    }
    form.sql("stands on", promise.stands.as_ref());
    shape(&mut form, &promise.shape);
    if is_whole {
        form.say("touchpoint", &promise.touchpoint);
    }
    form.sql("serious", promise.serious.as_ref());
    if is_whole {
        form.say("where", &promise.attributes);
    }
    form.say("zone", promise.zone.iana_name());
    form.calendar(&promise.calendar);
    form.version()
}

fn shape(form: &mut Form, shape: &Shape) {
    match shape {
        Shape::Deadline(due) => deadline(form, due),
        Shape::Window(window) => {
            bound(form, "from", &window.from);
            deadline(form, &window.deadline);
        }
        Shape::Notice(announced) => notice(form, announced),
        Shape::Never(never) => {
            form.on("breaks", &never.breaks);
            if let Some(most) = &never.at_most {
                let within = most.within.as_ref().map(ToString::to_string);
                form.say("at most", (most.count, within));
            }
            exposure(form, never.ends.as_ref(), never.lasts.as_ref());
        }
        Shape::AtLeast(least) => {
            form.on("at least", &least.kept).say("count", least.count);
            lasts(form, "every", &least.every);
            if let Some(excused) = &least.excused {
                form.on("excused", excused);
            }
            pause(form, least.pause.as_ref());
            form.say("gives up", least.gives_up.as_ref().map(ToString::to_string));
            exposed(form, &least.exposed);
        }
        Shape::Match(compared) => {
            form.on("measures", &compared.measures)
                .sql("value", Some(&compared.value));
            match &compared.limits {
                Limits::Equal(sql, tolerance) => {
                    form.sql("equals", Some(sql)).say("tolerance", tolerance)
                }
                Limits::Between(least, most) => {
                    form.sql("least", least.as_ref()).sql("most", most.as_ref())
                }
            };
            exposed(form, &compared.exposed);
        }
        Shape::Share(share) => {
            match &share.of {
                ShareOf::Time { down, up } => form.on("down", down).on("up", up),
                ShareOf::Events { kept, of } => form.on("share kept", kept).on("share of", of),
            };
            form.say("share", share.least_ppm);
            if let Some(per) = &share.per {
                lasts(form, "per", per);
            }
            exposed(form, &share.exposed);
        }
        Shape::Normal(normal) => {
            form.on("measures", &normal.measures)
                .sql("value", normal.value.as_ref())
                .say("every", normal.every.as_ref().map(ToString::to_string))
                .say("history", normal.history)
                .say("side", normal.side);
            exposed(form, &normal.exposed);
        }
    }
}

fn exposed(form: &mut Form, exposed: &Exposed) {
    exposure(form, exposed.ends.as_ref(), exposed.lasts.as_ref());
}

fn exposure(form: &mut Form, ends: Option<&On>, until: Option<&Lasts>) {
    if let Some(ends) = ends {
        form.on("ends", ends);
    }
    if let Some(until) = until {
        lasts(form, "for", until);
    }
}

fn lasts(form: &mut Form, name: &str, of: &Lasts) {
    match of {
        Lasts::For(wait) => form.say(name, wait.to_string()),
        Lasts::Period(length) => form.say(&format!("{name} the"), length),
    };
}

fn notice(form: &mut Form, notice: &Notice) {
    form.on("kept", &notice.kept)
        .say("ahead", notice.ahead.to_string());
    match &notice.before {
        Before::Event(on) => _ = form.on("before", on),
        Before::Named(by) => bound(form, "before", by),
    }
    let waits = [("beaten", &notice.beaten), ("gives up", &notice.gives_up)];
    for (name, wait) in waits {
        form.say(name, wait.as_ref().map(ToString::to_string));
    }
    moved(form, notice.moved.as_ref());
    if let Some(excused) = &notice.excused {
        form.on("excused", excused);
    }
}

fn pause(form: &mut Form, pause: Option<&Pause>) {
    if let Some(pause) = pause {
        form.on("pause from", &pause.from).on("pause to", &pause.to);
    }
}

fn moved(form: &mut Form, moved: Option<&Moved>) {
    let Some(moved) = moved else {
        return;
    };
    form.on("moved", &moved.on).say("moved by", &moved.by);
    if let Some(from) = &moved.from {
        form.say("moved from", from);
    }
}

fn deadline(form: &mut Form, deadline: &Deadline) {
    form.on("kept", &deadline.kept);
    bound(form, "by", &deadline.by);
    let waits = [
        ("beaten", &deadline.beaten),
        ("gives up", &deadline.gives_up),
    ];
    for (name, wait) in waits {
        form.say(name, wait.as_ref().map(ToString::to_string));
    }
    moved(form, deadline.moved.as_ref());
    pause(form, deadline.pause.as_ref());
    if let Some(excused) = &deadline.excused {
        form.on("excused", excused);
    }
}

fn bound(form: &mut Form, name: &str, by: &By) {
    match by {
        By::Date(property) => form.say(&format!("{name} date"), property),
        By::Timestamp(property) => form.say(&format!("{name} timestamp"), property),
        By::Day(property, time) => form.say(&format!("{name} day"), (property, time)),
        By::After(wait) => form.say(name, wait.to_string()),
    };
}
