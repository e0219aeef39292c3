//! The names that identifiers stand for, brought into one form.

use std::borrow::Cow;
use std::collections::HashMap;

use amends_model::{IdentifierId, Result};
use amends_project::definition::{IdentifierRule, Normalise};
use amends_vault::Incoming;

/// Mailboxes behind which stands nobody in particular (rule 10).
const GENERIC: [&str; 40] = [
    "abuse",
    "accounting",
    "accounts",
    "admin",
    "administrator",
    "billing",
    "booking",
    "bookings",
    "contact",
    "customerservice",
    "donotreply",
    "enquiries",
    "finance",
    "hello",
    "help",
    "helpdesk",
    "hostmaster",
    "hr",
    "info",
    "information",
    "invoices",
    "it",
    "jobs",
    "mail",
    "mailer-daemon",
    "marketing",
    "no-reply",
    "noreply",
    "office",
    "orders",
    "postmaster",
    "press",
    "reception",
    "root",
    "sales",
    "service",
    "shop",
    "support",
    "team",
    "webmaster",
];

/// A name in the form in which it is compared; `None` where it is empty or cannot be such a name.
pub fn normalised(name: &str, how: Normalise) -> Option<Cow<'_, str>> {
    let name = name.trim();
    if name.is_empty() {
        return None;
    }
    match how {
        Normalise::None => Some(Cow::Borrowed(name)),
        Normalise::Lower => Some(lower(name)),
        Normalise::Email => {
            let (before, behind) = name.split_once('@')?;
            let whole = !before.is_empty() && !behind.is_empty() && !behind.contains('@');
            let spaces = name.contains(char::is_whitespace);
            (whole && !spaces).then(|| lower(name))
        }
        Normalise::Phone => {
            let mut digits: String = name.chars().filter(char::is_ascii_digit).collect();
            if digits.is_empty() {
                return None;
            }
            if name.starts_with('+') {
                digits.insert(0, '+');
            }
            Some(Cow::Owned(digits))
        }
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    let is_lower = match name.is_ascii() {
        true => !name.bytes().any(|byte| byte.is_ascii_uppercase()),
        false => !name.chars().any(char::is_uppercase),
    };
    if !is_lower {
        Cow::Owned(name.to_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Whether a name, in its one form, stands for nobody in particular.
pub(crate) fn generic(name: &str, rule: &IdentifierRule) -> bool {
    if rule.generic.contains(name) {
        return true;
    }
    let Some((mailbox, _)) = name
        .split_once('@')
        .filter(|_| rule.normalise == Normalise::Email)
    else {
        return false;
    };
    is_nobody(mailbox) || rule.generic.contains(plain(mailbox))
}

/// Whether behind a mailbox, in small letters, stands nobody in particular.
pub(crate) fn is_nobody(mailbox: &str) -> bool {
    GENERIC.binary_search(&plain(mailbox)).is_ok()
}

/// What stands behind a plus is the mailbox's own affair.
fn plain(mailbox: &str) -> &str {
    mailbox.split('+').next().unwrap_or(mailbox)
}

/// Names of one batch, each once, waiting for their identifiers.
#[derive(Debug, Default)]
pub(crate) struct Names {
    places: HashMap<String, u32>,
    names: Vec<String>,
    generic: Vec<bool>,
    ids: Vec<IdentifierId>,
}

impl Names {
    /// The place of a name.
    pub(crate) fn place(&mut self, name: &str, generic: impl FnOnce() -> bool) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.names.len() as u32;
        self.places.insert(name.to_owned(), place);
        self.names.push(name.to_owned());
        self.generic.push(generic());
        place
    }

    /// The name at a place.
    pub(crate) fn name(&self, place: u32) -> &str {
        &self.names[place as usize]
    }

    /// The identifier of the name at a place, once they are minted.
    pub(crate) fn id(&self, place: u32) -> IdentifierId {
        self.ids
            .get(place as usize)
            .copied()
            .unwrap_or(IdentifierId([0; 16]))
    }

    /// Has all names minted.
    ///
    /// # Errors
    /// `AM0303` when the vault fails.
    pub(crate) async fn mint(&mut self, namespace: &str, incoming: &Incoming) -> Result<()> {
        if self.names.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        self.ids = incoming.mint(namespace, &names, &self.generic).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use amends_project::definition::Counted;

    use super::*;

    #[test]
    fn names_have_one_form() {
        let form = |name: &'static str, how| normalised(name, how).map(Cow::into_owned);
        assert_eq!(form("  Ab ", Normalise::None).as_deref(), Some("Ab"));
        assert_eq!(form("ÀB", Normalise::Lower).as_deref(), Some("àb"));
        assert_eq!(
            form(" Ada@Example.ORG ", Normalise::Email).as_deref(),
            Some("ada@example.org")
        );
        for wrong in ["", " ", "ada", "@b", "a@", "a@b@c", "a b@c"] {
            assert_eq!(form(wrong, Normalise::Email), None, "{wrong}");
        }
        assert_eq!(
            form("+43 (1) 234-56", Normalise::Phone).as_deref(),
            Some("+43123456")
        );
        assert_eq!(form("n/a", Normalise::Phone), None);
    }

    #[test]
    fn shared_mailboxes_are_nobody_in_particular() {
        let mut rule = IdentifierRule {
            name: "email".to_owned(),
            normalise: Normalise::Email,
            at_most: 5,
            generic: ["frontdesk".to_owned(), "all@example.org".to_owned()].into(),
            names: Counted::Customers,
        };
        for name in [
            "info@example.org",
            "no-reply@a.b",
            "frontdesk@example.org",
            "all@example.org",
            "support+7@a.b",
        ] {
            assert!(generic(name, &rule), "{name}");
        }
        assert!(!generic("ada@example.org", &rule));
        rule.normalise = Normalise::None;
        assert!(!generic("info@example.org", &rule));
        assert!(GENERIC.is_sorted());
    }
}
