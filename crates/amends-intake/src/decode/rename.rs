//! Columns that some files call by another name are read by the name that the definition has for them.

use amends_project::definition::SourceFile;

/// The names of a file's columns as the definition has them. A column that the file has under its own name keeps it, and of several other
/// names for one column the first in the file counts.
pub(crate) fn renamed(names: &[String], file: &SourceFile) -> Vec<String> {
    if file.renamed.is_empty() {
        return names.to_vec();
    }
    let mut renamed = names.to_vec();
    for (place, name) in names.iter().enumerate() {
        if let Some(column) = file.renamed.get(name)
            && !renamed.contains(column)
        {
            renamed[place].clone_from(column);
        }
    }
    renamed
}
