//! What a program did to files, read from the log of `strace`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The options with which `strace` writes a log that [`read`] understands; the path of the log follows.
///
/// Copies inside the system are refused: a program then reads and writes what it copies, and the bytes are seen.
pub const STRACE: [&str; 13] = [
    "strace",
    "-f",
    "-y",
    "-xx",
    "-s",
    "100000000",
    "-e",
    "trace=openat,write,pwrite64,lseek,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,ftruncate,mkdir,mkdirat,link,linkat,writev,pwritev,pwritev2,fallocate,copy_file_range,sendfile",
    "-e",
    "inject=copy_file_range:error=ENOSYS",
    "-e",
    "inject=sendfile:error=ENOSYS",
    "-o",
];

/// One thing that was done, with the places in the log at which it was begun and done.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it was begun.
    pub begun: usize,
    /// Where it was done.
    pub done: usize,
    /// What was done.
    pub what: Op,
}

/// What was done. Files are known by their descriptor from their opening on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A file or folder was opened as a descriptor; made, emptied or written at its end, where so asked.
    Open {
        /// The descriptor.
        fd: u32,
        /// The path.
        path: PathBuf,
        /// Made where there was none.
        create: bool,
        /// Emptied.
        truncate: bool,
        /// Written at its end.
        append: bool,
    },
    /// Bytes were written, where the descriptor stood or at an offset.
    Write {
        /// The descriptor.
        fd: u32,
        /// The offset, where one was named.
        at: Option<u64>,
        /// What was written.
        bytes: Vec<u8>,
    },
    /// A descriptor was moved.
    Seek {
        /// The descriptor.
        fd: u32,
        /// Where it stands now.
        to: u64,
    },
    /// A file was given a length.
    Length {
        /// The descriptor.
        fd: u32,
        /// The length.
        bytes: u64,
    },
    /// A file or folder was synced.
    Sync {
        /// The descriptor.
        fd: u32,
    },
    /// A file got another name.
    Rename {
        /// Its name before.
        from: PathBuf,
        /// Its name now.
        to: PathBuf,
    },
    /// A name was removed.
    Remove(PathBuf),
    /// A folder was made.
    Folder(PathBuf),
}

/// Reads a log. What failed did nothing, and is left out.
///
/// # Panics
/// When the log holds a call that the model does not know: a proof that overlooked a write would prove nothing.
pub fn read(log: &Path) -> Vec<Step> {
    let text = std::fs::read_to_string(log).expect("strace wrote a log");
    let mut unfinished: HashMap<&str, (usize, &str)> = HashMap::new();
    let mut steps = Vec::new();
    for (line, said) in text.lines().enumerate() {
        let Some((process, said)) = said.split_once(' ') else {
            continue;
        };
        let said = said.trim_start();
        if let Some(first) = said.strip_suffix(" <unfinished ...>") {
            unfinished.insert(process, (line, first));
            continue;
        }
        let (begun, call) = match said.strip_prefix("<... ") {
            Some(rest) => {
                let Some((begun, first)) = unfinished.remove(process) else {
                    continue;
                };
                let rest = rest.split_once(" resumed>").map_or("", |(_, rest)| rest);
                (begun, format!("{first}{rest}"))
            }
            None => (line, said.to_owned()),
        };
        if let Some(what) = op(&call) {
            steps.push(Step {
                begun,
                done: line,
                what,
            });
        }
    }
    steps.sort_by_key(|step| match step.what {
        Op::Write { .. } => step.begun,
        _ => step.done,
    });
    steps
}

fn op(call: &str) -> Option<Op> {
    let (name, rest) = call.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let arguments = arguments.trim_end().trim_end_matches(')');
    let result = result.split(['<', ' ']).next()?;
    let result: i64 = result.parse().ok()?;
    if result < 0 {
        return None;
    }
    let arguments: Vec<&str> = arguments.split(", ").collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse().ok());
    let fd = || arguments.first()?.split('<').next()?.parse().ok();
    Some(match name {
        "openat" => {
            let flags = arguments.get(2)?;
            Op::Open {
                fd: u32::try_from(result).ok()?,
                path: below(arguments.first()?, arguments.get(1)?),
                create: flags.contains("O_CREAT"),
                truncate: flags.contains("O_TRUNC"),
                append: flags.contains("O_APPEND"),
            }
        }
        "write" | "pwrite64" => {
            let mut bytes = unescaped(arguments.get(1)?);
            bytes.truncate(usize::try_from(result).ok()?);
            let at = if name == "write" { None } else { number(3) };
            Op::Write {
                fd: fd()?,
                at,
                bytes,
            }
        }
        "lseek" => Op::Seek {
            fd: fd()?,
            to: u64::try_from(result).ok()?,
        },
        "ftruncate" => Op::Length {
            fd: fd()?,
            bytes: number(1)?,
        },
        "fsync" | "fdatasync" => Op::Sync { fd: fd()? },
        "rename" => Op::Rename {
            from: path(arguments.first()?),
            to: path(arguments.get(1)?),
        },
        "renameat" | "renameat2" => Op::Rename {
            from: below(arguments.first()?, arguments.get(1)?),
            to: below(arguments.get(2)?, arguments.get(3)?),
        },
        "unlink" => Op::Remove(path(arguments.first()?)),
        "unlinkat" => Op::Remove(below(arguments.first()?, arguments.get(1)?)),
        "mkdir" => Op::Folder(path(arguments.first()?)),
        "mkdirat" => Op::Folder(below(arguments.first()?, arguments.get(1)?)),
        // Talk: a test program prints with it.
        "writev" if fd()? <= 2 => return None,
        other => panic!("the model of a disk does not know {other}: {call:.200}"),
    })
}

/// A path from a folder that is open: `5<\x2f\x61>, "\x62"`.
fn below(folder: &str, text: &str) -> PathBuf {
    let folder = folder.split_once('<').map_or("", |(_, path)| path);
    path(folder.trim_end_matches('>')).join(path(text))
}

fn path(text: &str) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&unescaped(text)).into_owned())
}

/// The bytes of `"\x61\x62"`.
fn unescaped(text: &str) -> Vec<u8> {
    let pairs = text.trim_matches('"').split("\\x").skip(1);
    pairs
        .filter_map(|pair| u8::from_str_radix(pair.get(..2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_others_interrupt_are_put_together() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let text = r#"7 openat(AT_FDCWD<\x2f>, "\x2f\x61", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 5<\x2f\x61>
7 pwrite64(5<\x2f\x61>, "\x68\x69", 2, 30 <unfinished ...>
8 fsync(5<\x2f\x61> <unfinished ...>
7 <... pwrite64 resumed>) = 2
8 <... fsync resumed>) = 0
8 fsync(5<\x2f\x61>) = -1 EIO (Input/output error) (INJECTED)
7 rename("\x2f\x61", "\x2f\x62") = 0
7 unlinkat(6<\x2f\x63>, "\x64", 0) = 0
"#;
        std::fs::write(&log, text).unwrap();
        let steps = read(&log);
        let write = Op::Write {
            fd: 5,
            at: Some(30),
            bytes: b"hi".to_vec(),
        };
        assert_eq!(steps.len(), 5);
        assert_eq!(
            (steps[1].begun, steps[1].done, &steps[1].what),
            (1, 3, &write)
        );
        assert_eq!(
            (steps[2].begun, steps[2].done, &steps[2].what),
            (2, 4, &Op::Sync { fd: 5 })
        );
        let rename = Op::Rename {
            from: "/a".into(),
            to: "/b".into(),
        };
        assert_eq!(steps[3].what, rename);
        assert_eq!(steps[4].what, Op::Remove("/c/d".into()));
    }
}
