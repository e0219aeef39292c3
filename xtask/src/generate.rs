//! `cargo xtask gen`: writes again what is made from the program. Tests fail where it has drifted.

use std::path::Path;

use crate::program;
use crate::run::answer;

/// What is made: a file, and the arguments with which the program writes it.
const MADE: &[(&str, &[&str])] = &[("docs/commands.md", &["help", "--markdown"])];

/// Writes every file that is made from the program.
///
/// # Errors
/// The command that failed, or the file that could not be written.
pub(crate) fn run(root: &Path, _arguments: &[String]) -> Result<(), String> {
    let program = program::build(root, &program::target_folder(root)?)?;
    for (path, arguments) in MADE {
        let text = answer(root, &program, arguments)?;
        let text = format!("{}\n", text.trim_end());
        std::fs::write(root.join(path), text)
            .map_err(|error| format!("cannot write {path}: {error}"))?;
        println!("wrote {path}");
    }
    Ok(())
}
