//! Who is who, as a session knows it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use amends_identity::People;
use amends_model::IdentifierId;

use super::Row;

/// The customers of a session: of everybody, or of a few identifiers alone. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Customers(Known);

#[derive(Clone, Debug)]
enum Known {
    Everybody(Arc<People>),
    Few(Arc<Few>),
}

/// Some rows, and where each identifier's stands.
#[derive(Debug)]
struct Few {
    rows: Vec<Owned>,
    places: HashMap<IdentifierId, usize>,
}

/// A row with a namespace of its own.
#[derive(Debug)]
struct Owned {
    identifier: IdentifierId,
    namespace: String,
    customer: IdentifierId,
    account: Option<IdentifierId>,
}

impl Customers {
    /// Everybody who was resolved.
    pub fn everybody(people: Arc<People>) -> Self {
        Self(Known::Everybody(people))
    }

    /// Some identifiers of those who were resolved; those never minted are absent.
    pub fn few(people: &People, identifiers: &[IdentifierId]) -> Self {
        Self::of(identifiers.iter().filter_map(|id| {
            Some(Row {
                identifier: *id,
                namespace: people.namespace(*id)?,
                customer: people.customer(*id),
                account: people.account(*id),
            })
        }))
    }

    /// Those of some rows.
    pub fn of<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> Self {
        let rows = rows.into_iter().map(|row| Owned {
            identifier: row.identifier,
            namespace: row.namespace.to_owned(),
            customer: row.customer,
            account: row.account,
        });
        let rows: Vec<Owned> = rows.collect();
        let places = rows.iter().enumerate();
        let places = places.map(|(place, row)| (row.identifier, place));
        let places = places.collect();
        Self(Known::Few(Arc::new(Few { rows, places })))
    }

    /// The customer that an identifier belongs to; `None` for one that is not known.
    pub fn customer(&self, identifier: IdentifierId) -> Option<IdentifierId> {
        match &self.0 {
            Known::Everybody(people) => people.known(identifier),
            Known::Few(few) => Some(few.row(identifier)?.customer),
        }
    }

    /// The account that an identifier belongs to; `None` where none is known.
    pub fn account(&self, identifier: IdentifierId) -> Option<IdentifierId> {
        match &self.0 {
            Known::Everybody(people) => people.account(identifier),
            Known::Few(few) => few.row(identifier)?.account,
        }
    }

    /// How many identifiers there are.
    pub(super) fn len(&self) -> usize {
        match &self.0 {
            Known::Everybody(people) => people.identifiers().len(),
            Known::Few(few) => few.rows.len(),
        }
    }

    /// The rows at some places.
    pub(super) fn rows(&self, places: Range<usize>) -> Vec<Row<'_>> {
        match &self.0 {
            Known::Everybody(people) => {
                let everyone = people.everyone(places);
                let row = |(identifier, namespace, customer, account)| Row {
                    identifier,
                    namespace,
                    customer,
                    account,
                };
                everyone.map(row).collect()
            }
            Known::Few(few) => few.rows[places].iter().map(Owned::row).collect(),
        }
    }

    /// Whether two are the same, not merely alike.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Known::Everybody(one), Known::Everybody(other)) => Arc::ptr_eq(one, other),
            (Known::Few(one), Known::Few(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Few {
    fn row(&self, id: IdentifierId) -> Option<&Owned> {
        Some(&self.rows[*self.places.get(&id)?])
    }
}

impl Owned {
    fn row(&self) -> Row<'_> {
        Row {
            identifier: self.identifier,
            namespace: &self.namespace,
            customer: self.customer,
            account: self.account,
        }
    }
}
