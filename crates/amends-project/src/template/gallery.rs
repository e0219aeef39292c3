//! The gallery of `amends init --gallery`: projects of six sectors with promises of every shape, to start from.

/// The files of a project, by their paths below its folder.
type Files = &'static [(&'static str, &'static str)];

macro_rules! files {
    ($name:literal: $($path:literal),+ $(,)?) => {
        ($name, &[$(($path, include_str!(concat!("../../gallery/", $name, "/", $path)))),+])
    };
}

/// The projects by name.
const GALLERY: [(&str, Files); 6] = [
    files!("telecom": "amends.toml", "customers.toml", "exports/events.csv", "journey.toml", "promises/line-up.toml", "promises/mended-at-once.toml", "promises/price-notice.toml", "promises/speed-as-sold.toml", "sources/events.toml"),
    files!("saas": "amends.toml", "customers.toml", "exports/events.csv", "journey.toml", "promises/first-answer.toml", "promises/reviewed-every-quarter.toml", "promises/service-up.toml", "promises/use-did-not-collapse.toml", "sources/events.toml"),
    files!("shop": "amends.toml", "customers.toml", "exports/events.csv", "journey.toml", "promises/charged-as-shown.toml", "promises/charged-once.toml", "promises/delivery-date.toml", "promises/parcel-unharmed.toml", "promises/refund-in-time.toml", "sources/events.toml"),
    files!("field-service": "amends.toml", "customers.toml", "exports/events.csv", "journey.toml", "promises/call-ahead.toml", "promises/engineer-window.toml", "promises/mended-for-good.toml", "sources/events.toml"),
    files!("office": "amends.toml", "customers.toml", "exports/events.csv", "journey.toml", "promises/bill-as-quoted.toml", "promises/calls-answered.toml", "promises/letter-answered.toml", "sources/events.toml"),
    files!("charity": "amends.toml", "customers.toml", "exports/events.csv", "journey.toml", "promises/gift-arrives.toml", "promises/help-that-helped.toml", "promises/not-asked-too-often.toml", "promises/thanked-in-a-week.toml", "sources/events.toml"),
];

/// The names of the gallery's projects.
pub fn names() -> impl Iterator<Item = &'static str> {
    GALLERY.iter().map(|(name, _)| *name)
}

/// The files of one of them; `None` where there is no such project.
pub(super) fn files(name: &str) -> Option<Files> {
    let found = GALLERY.iter().find(|(known, _)| *known == name);
    found.map(|(_, files)| *files)
}
