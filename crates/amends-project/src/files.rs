//! Where definitions stand: a folder on disk, or the texts that were once read from one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// A definition file longer than this is none.
const LONGEST: u64 = 4 << 20;

/// The files of definitions by their path below the project folder, with `/` between its parts on every system.
pub type Texts = BTreeMap<String, String>;

/// The files of a project, and what was read of them.
pub(crate) struct Files<'a> {
    root: &'a Path,
    /// What is read instead of the disk.
    given: Option<&'a Texts>,
    read: RefCell<Texts>,
}

impl<'a> Files<'a> {
    /// Those of a folder.
    pub(crate) fn on_disk(root: &'a Path) -> Self {
        Self {
            root,
            given: None,
            read: RefCell::default(),
        }
    }

    /// Texts, as if they stood in a folder.
    pub(crate) fn given(root: &'a Path, texts: &'a Texts) -> Self {
        Self {
            given: Some(texts),
            ..Self::on_disk(root)
        }
    }

    /// The project folder.
    pub(crate) fn root(&self) -> &'a Path {
        self.root
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// Whatever the system says; one of its kinds where the file is too long.
    pub(crate) fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        if let Some(texts) = self.given {
            let text = texts.get(&name(path));
            let text = text.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
            return Ok(text.clone().into_bytes());
        }
        let whole = self.root.join(path);
        if fs::metadata(&whole).is_ok_and(|data| data.len() > LONGEST) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        fs::read(whole)
    }

    /// Notes what a file said.
    pub(crate) fn note(&self, path: &Path, text: &str) {
        self.read.borrow_mut().insert(name(path), text.to_owned());
    }

    /// Whether something stands there.
    pub(crate) fn exists(&self, path: &Path) -> bool {
        match self.given {
            Some(texts) => texts.contains_key(&name(path)),
            None => self.root.join(path).exists(),
        }
    }

    /// The names in a folder, sorted; none where the folder is missing.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(crate) fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names: Vec<String> = match self.given {
            Some(texts) => {
                let paths = texts.keys().map(Path::new);
                let inside = paths.filter(|path| path.parent() == Some(folder));
                let names = inside.filter_map(|path| path.file_name()?.to_str());
                names.map(str::to_owned).collect()
            }
            None => match fs::read_dir(self.root.join(folder)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                entries => entries?
                    .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                    .collect(),
            },
        };
        names.sort_unstable();
        Ok(names)
    }

    /// Whether a folder stands there.
    pub(crate) fn is_folder(&self, path: &Path) -> bool {
        self.given.is_none() && self.root.join(path).is_dir()
    }

    /// All that was read.
    pub(crate) fn into_texts(self) -> Texts {
        self.read.into_inner()
    }
}

/// A path as the name of a text.
fn name(path: &Path) -> String {
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
