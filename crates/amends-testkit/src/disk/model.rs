//! What is on a disk for certain, and what may be.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::log::{Op, Step};

/// The smallest piece that a disk writes whole.
const SECTOR: u64 = 512;

/// The files below one folder.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    root: PathBuf,
    /// How many of the things taken were done to its files, folders and names.
    seen: usize,
    files: Vec<File>,
    /// Names as programs see them.
    names: BTreeMap<PathBuf, Named>,
    /// Names that a power cut leaves for certain.
    certain: BTreeMap<PathBuf, Named>,
    /// What was done to names and not synced yet, in order.
    renamed: Vec<Naming>,
    open: HashMap<u32, Open>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    File(usize),
    Folder,
}

/// The content of a file.
#[derive(Clone, Debug, Default)]
struct File {
    /// What a power cut leaves for certain.
    certain: Vec<u8>,
    /// What was done to it and not synced yet, in order, with the place in the log at which it was done.
    pending: Vec<(usize, Change)>,
    /// How long it is as programs see it.
    length: u64,
}

#[derive(Clone, Debug)]
enum Change {
    Bytes(u64, Vec<u8>),
    Length(u64),
}

/// A change to the names of one folder, which happens whole or not at all.
#[derive(Clone, Debug)]
struct Naming {
    folder: PathBuf,
    done: usize,
    gone: Option<PathBuf>,
    new: Option<(PathBuf, Named)>,
}

#[derive(Clone, Debug)]
struct Open {
    what: Target,
    position: u64,
    append: bool,
}

#[derive(Clone, Debug)]
enum Target {
    File(usize),
    Folder(PathBuf),
    Elsewhere,
}

/// Chooses: a number below the one given.
pub type Choose<'a> = dyn FnMut(u64) -> u64 + 'a;

impl Disk {
    /// A disk on which only this folder is looked at. It is empty, and there.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            ..Self::default()
        }
    }

    /// A disk with what stands in this folder now, all of it synced long ago.
    ///
    /// # Panics
    /// When the folder cannot be read.
    pub fn with_content_of(root: &Path) -> Self {
        let mut disk = Self::new(root);
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("the folder can be read") {
                let path = entry.expect("the folder can be read").path();
                let named = if path.is_dir() {
                    folders.push(path.clone());
                    Named::Folder
                } else {
                    let certain = fs::read(&path).expect("the file can be read");
                    disk.files.push(File {
                        length: certain.len() as u64,
                        certain,
                        pending: Vec::new(),
                    });
                    Named::File(disk.files.len() - 1)
                };
                disk.names.insert(path.clone(), named);
                disk.certain.insert(path, named);
            }
        }
        disk
    }

    /// How many of the things taken were done to files, folders and names below the folder.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Takes the next thing that was done.
    pub fn take(&mut self, step: &Step) {
        match &step.what {
            Op::Open {
                fd,
                path,
                create,
                truncate,
                append,
            } => self.open(step.done, *fd, path, *create, *truncate, *append),
            Op::Write { fd, at, bytes } => self.write(step.done, *fd, *at, bytes),
            Op::Seek { fd, to } => {
                if let Some(open) = self.open.get_mut(fd) {
                    open.position = *to;
                }
            }
            Op::Length { fd, bytes } => self.length(step.done, *fd, *bytes),
            Op::Sync { fd } => self.sync(step.begun, *fd),
            Op::Rename { from, to } => self.rename(step.done, from, to),
            Op::Remove(path) => self.remove(step.done, path),
            Op::Folder(path) => self.name(step.done, None, Some((path.clone(), Named::Folder))),
        }
    }

    fn open(
        &mut self,
        done: usize,
        fd: u32,
        path: &Path,
        create: bool,
        truncate: bool,
        append: bool,
    ) {
        let what = match self.names.get(path) {
            Some(Named::File(file)) => Target::File(*file),
            Some(Named::Folder) => Target::Folder(path.to_owned()),
            None if path == self.root => Target::Folder(path.to_owned()),
            None if create && path.starts_with(&self.root) => {
                let file = self.files.len();
                self.files.push(File::default());
                self.name(done, None, Some((path.to_owned(), Named::File(file))));
                Target::File(file)
            }
            None => Target::Elsewhere,
        };
        if let (Target::File(file), true) = (&what, truncate) {
            self.files[*file].change(done, Change::Length(0));
        }
        let open = Open {
            what,
            position: 0,
            append,
        };
        self.open.insert(fd, open);
    }

    fn write(&mut self, done: usize, fd: u32, at: Option<u64>, bytes: &[u8]) {
        let Some(open) = self.open.get_mut(&fd) else {
            return;
        };
        let Target::File(file) = open.what else {
            return;
        };
        self.seen += 1;
        let file = &mut self.files[file];
        let start = match at {
            Some(at) => at,
            None => {
                let start = if open.append {
                    file.length
                } else {
                    open.position
                };
                open.position = start + bytes.len() as u64;
                start
            }
        };
        file.change(done, Change::Bytes(start, bytes.to_vec()));
    }

    fn length(&mut self, done: usize, fd: u32, bytes: u64) {
        if let Some(Target::File(file)) = self.open.get(&fd).map(|open| &open.what) {
            self.seen += 1;
            self.files[*file].change(done, Change::Length(bytes));
        }
    }

    /// What was done before the sync began is certain from now on.
    fn sync(&mut self, begun: usize, fd: u32) {
        match self.open.get(&fd).map(|open| open.what.clone()) {
            Some(Target::File(file)) => {
                self.seen += 1;
                let file = &mut self.files[file];
                let pending = std::mem::take(&mut file.pending);
                for (done, change) in pending {
                    if done < begun {
                        change.apply(&mut file.certain);
                    } else {
                        file.pending.push((done, change));
                    }
                }
            }
            Some(Target::Folder(folder)) => {
                self.seen += 1;
                let renamed = std::mem::take(&mut self.renamed);
                for naming in renamed {
                    if naming.folder == folder && naming.done < begun {
                        naming.apply(&mut self.certain);
                    } else {
                        self.renamed.push(naming);
                    }
                }
            }
            _ => {}
        }
    }

    fn rename(&mut self, done: usize, from: &Path, to: &Path) {
        if let Some(named) = self.names.get(from).copied() {
            assert_eq!(
                from.parent(),
                to.parent(),
                "the model of a disk knows renames within one folder only"
            );
            self.name(done, Some(from.to_owned()), Some((to.to_owned(), named)));
        }
    }

    fn remove(&mut self, done: usize, path: &Path) {
        if self.names.contains_key(path) {
            self.name(done, Some(path.to_owned()), None);
        }
    }

    fn name(&mut self, done: usize, gone: Option<PathBuf>, new: Option<(PathBuf, Named)>) {
        let path = gone.as_ref().or(new.as_ref().map(|(path, _)| path));
        let Some(path) = path.filter(|path| path.starts_with(&self.root) && **path != self.root)
        else {
            return;
        };
        let naming = Naming {
            folder: path.parent().map_or_else(PathBuf::new, Path::to_path_buf),
            done,
            gone,
            new,
        };
        self.seen += 1;
        naming.apply(&mut self.names);
        self.renamed.push(naming);
    }

    /// Writes into an empty folder what a power cut now could leave.
    ///
    /// # Panics
    /// When the folder cannot be written.
    pub fn after_power_cut(&self, into: &Path, choose: &mut Choose<'_>) {
        let mut names = self.certain.clone();
        // A file system may keep the order of names and still stop anywhere, in each folder for itself.
        let mut stopped: HashMap<&Path, bool> = HashMap::new();
        for naming in &self.renamed {
            let stopped = stopped.entry(&naming.folder).or_default();
            *stopped = *stopped || choose(3) == 0;
            if !*stopped {
                naming.apply(&mut names);
            }
        }
        for (path, named) in &names {
            let mut above = path.ancestors().skip(1);
            let reached = above
                .by_ref()
                .take_while(|folder| *folder != self.root)
                .all(|folder| names.get(folder) == Some(&Named::Folder));
            if !reached {
                continue;
            }
            let path = into.join(
                path.strip_prefix(&self.root)
                    .expect("a path below the root"),
            );
            let parent = path.parent().expect("a path below a folder");
            fs::create_dir_all(parent).expect("the folder can be written");
            match named {
                Named::Folder => fs::create_dir_all(&path),
                Named::File(file) => fs::write(&path, self.files[*file].torn(choose)),
            }
            .expect("the folder can be written");
        }
    }
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<PathBuf, Named>) {
        if let Some(gone) = &self.gone {
            names.remove(gone);
        }
        if let Some((path, named)) = &self.new {
            names.insert(path.clone(), *named);
        }
    }
}

impl File {
    fn change(&mut self, done: usize, change: Change) {
        self.length = match &change {
            Change::Bytes(at, bytes) => self.length.max(at + bytes.len() as u64),
            Change::Length(length) => *length,
        };
        self.pending.push((done, change));
    }

    /// The content after a power cut: each change that is not certain is there, missing, or there in part.
    fn torn(&self, choose: &mut Choose<'_>) -> Vec<u8> {
        let mut content = self.certain.clone();
        for (_, change) in &self.pending {
            match (choose(4), change) {
                (0, _) => {}
                (1, Change::Bytes(at, bytes)) => {
                    let sectors = (bytes.len() as u64).div_ceil(SECTOR);
                    let kept = choose(sectors.max(1)) * SECTOR;
                    let kept = bytes.len().min(kept as usize);
                    Change::Bytes(*at, bytes[..kept].to_vec()).apply(&mut content);
                }
                _ => change.apply(&mut content),
            }
        }
        content
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Length(length) => content.resize(*length as usize, 0),
            Self::Bytes(at, bytes) => {
                let (start, end) = (*at as usize, *at as usize + bytes.len());
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[start..end].copy_from_slice(bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(ops: Vec<Op>) -> Vec<Step> {
        let numbered = ops.into_iter().enumerate();
        numbered
            .map(|(place, what)| Step {
                begun: place,
                done: place,
                what,
            })
            .collect()
    }

    fn open(fd: u32, path: &str, create: bool) -> Op {
        Op::Open {
            fd,
            path: path.into(),
            create,
            truncate: false,
            append: false,
        }
    }

    fn write(fd: u32, bytes: &[u8]) -> Op {
        Op::Write {
            fd,
            at: None,
            bytes: bytes.to_vec(),
        }
    }

    /// What is in the file `/d/x` after a power cut in which nothing happens that was not synced; `None` if there is no such file.
    fn least(ops: Vec<Op>) -> Option<Vec<u8>> {
        let mut disk = Disk::new(Path::new("/d"));
        steps(ops).iter().for_each(|step| disk.take(step));
        let folder = tempfile::tempdir().unwrap();
        disk.after_power_cut(folder.path(), &mut |_| 0);
        fs::read(folder.path().join("x")).ok()
    }

    #[test]
    fn only_what_was_synced_is_certain_and_a_name_only_with_its_folder() {
        let made = vec![open(3, "/d/y", true), write(3, b"one"), Op::Sync { fd: 3 }];
        let named = vec![Op::Rename {
            from: "/d/y".into(),
            to: "/d/x".into(),
        }];
        let folder = vec![open(4, "/d", false), Op::Sync { fd: 4 }];
        let more = vec![write(3, b"two")];
        assert_eq!(least([made.clone(), named.clone()].concat()), None);
        let all = [made, named, folder, more].concat();
        assert_eq!(least(all.clone()).unwrap(), b"one");
        let synced = [all, vec![Op::Sync { fd: 3 }]].concat();
        assert_eq!(least(synced).unwrap(), b"onetwo");
    }

    #[test]
    fn a_write_that_is_not_synced_may_be_there_missing_or_torn() {
        let mut disk = Disk::new(Path::new("/d"));
        let ops = vec![
            open(3, "/d/x", true),
            open(4, "/d", false),
            Op::Sync { fd: 4 },
            write(3, &[7; 2_000]),
        ];
        steps(ops).iter().for_each(|step| disk.take(step));
        let mut lengths = Vec::new();
        for seed in 0..40_u64 {
            let folder = tempfile::tempdir().unwrap();
            let mut drawn = seed;
            disk.after_power_cut(folder.path(), &mut |below| {
                drawn = drawn
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (drawn >> 33) % below
            });
            lengths.push(fs::read(folder.path().join("x")).unwrap().len());
        }
        lengths.sort_unstable();
        lengths.dedup();
        assert_eq!(lengths, [0, 512, 1_024, 1_536, 2_000]);
    }
}
