//! What is kept, as rows of so many bytes each: numbers are little-endian, and a row is the same wherever it is written.

/// A row of a section of the file. Rows of a section stand in order of their keys.
pub(super) trait Row: Copy {
    /// How many bytes it takes.
    const WIDTH: usize;
    /// By what it is found.
    type Key: Copy + Ord;

    fn key(&self) -> Self::Key;
    /// Adds its bytes.
    fn put(&self, bytes: &mut Vec<u8>);
    /// Takes it off the bytes in front.
    fn take(bytes: &mut &[u8]) -> Option<Self>;
}

/// An identifier by its number: the oldest is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identifier {
    pub(super) number: u32,
    pub(super) id: [u8; 16],
    /// A place in the list of namespaces.
    pub(super) kind: u16,
    pub(super) generic: bool,
    /// The number of the oldest of its customer.
    pub(super) root: u32,
}

/// The number of an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) id: [u8; 16],
    pub(super) number: u32,
}

/// An identifier that is not the oldest of its customer, by the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Younger {
    pub(super) root: u32,
    pub(super) number: u32,
}

/// An account of a person, and how many events name both, as in [`crate::accounts::Memberships`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) person: u32,
    pub(super) account: u32,
    pub(super) events: u64,
}

/// A person of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) account: u32,
    pub(super) person: u32,
}

impl Row for Identifier {
    const WIDTH: usize = 27;
    type Key = u32;

    fn key(&self) -> u32 {
        self.number
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.number.to_le_bytes());
        bytes.extend(self.id);
        bytes.extend(self.kind.to_le_bytes());
        bytes.push(u8::from(self.generic));
        bytes.extend(self.root.to_le_bytes());
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            number: number(bytes)?,
            id: some(bytes)?,
            kind: u16::from_le_bytes(some(bytes)?),
            generic: some::<1>(bytes)? != [0],
            root: number(bytes)?,
        })
    }
}

impl Row for Numbered {
    const WIDTH: usize = 20;
    type Key = [u8; 16];

    fn key(&self) -> [u8; 16] {
        self.id
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.id);
        bytes.extend(self.number.to_le_bytes());
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            id: some(bytes)?,
            number: number(bytes)?,
        })
    }
}

impl Row for Younger {
    const WIDTH: usize = 8;
    type Key = u32;

    fn key(&self) -> u32 {
        self.root
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.root.to_le_bytes());
        bytes.extend(self.number.to_le_bytes());
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            root: number(bytes)?,
            number: number(bytes)?,
        })
    }
}

impl Row for Account {
    const WIDTH: usize = 16;
    type Key = u32;

    fn key(&self) -> u32 {
        self.person
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.person.to_le_bytes());
        bytes.extend(self.account.to_le_bytes());
        bytes.extend(self.events.to_le_bytes());
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            person: number(bytes)?,
            account: number(bytes)?,
            events: u64::from_le_bytes(some(bytes)?),
        })
    }
}

impl Row for Person {
    const WIDTH: usize = 8;
    type Key = u32;

    fn key(&self) -> u32 {
        self.account
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.account.to_le_bytes());
        bytes.extend(self.person.to_le_bytes());
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            account: number(bytes)?,
            person: number(bytes)?,
        })
    }
}

fn number(bytes: &mut &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(some(bytes)?))
}

/// The bytes in front, which are taken off.
pub(super) fn some<const SO_MANY: usize>(bytes: &mut &[u8]) -> Option<[u8; SO_MANY]> {
    let (some, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*some)
}
