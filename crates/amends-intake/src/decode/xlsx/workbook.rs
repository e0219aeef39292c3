//! What a workbook says of its sheets, its shared texts, its styles and the beginning of its days.

use std::collections::HashMap;
use std::path::Path;

use amends_model::{Problem, Result};
use quick_xml::events::Event;

use super::archive::Archive;
use super::damaged;
use super::value::Days;
use super::xml::{Xml, attribute, name};
use crate::decode::nearest;

/// More sheets than this has no workbook of records.
const MOST_SHEETS: usize = 4096;

/// Where the parts of a workbook stand.
pub(super) struct Workbook {
    /// The part of the sheet that is read.
    pub(super) sheet: String,
    /// The part of the shared texts, where there are any.
    pub(super) strings: Option<String>,
    /// The part of the styles.
    pub(super) styles: Option<String>,
    /// From when its days are counted.
    pub(super) days: Days,
}

struct Sheet {
    name: String,
    relation: String,
    is_hidden: bool,
}

/// A relation: its kind and its target.
type Relations = HashMap<String, (String, String)>;

/// Finds the sheet that is asked for: by its name, else the first that is not hidden.
///
/// # Errors
/// `AM0538` where there is no such sheet; `AM0537` where it is no workbook.
pub(super) fn read(archive: &Archive, path: &Path, wanted: Option<&str>) -> Result<Workbook> {
    let package = relations(archive, path, "_rels/.rels", "")?;
    let main = package
        .values()
        .find(|(kind, _)| kind.ends_with("/officeDocument"));
    let main = main.map_or("xl/workbook.xml", |(_, target)| target.as_str());
    let (folder, file) = main.rsplit_once('/').unwrap_or(("", main));
    let beside = match folder {
        "" => format!("_rels/{file}.rels"),
        folder => format!("{folder}/_rels/{file}.rels"),
    };
    let relations = relations(archive, path, &beside, folder)?;
    let (sheets, days) = sheets(archive, path, main)?;
    let target = |sheet: &Sheet| {
        let (kind, target) = relations.get(&sheet.relation)?;
        // Charts and dialogues are sheets without cells.
        kind.ends_with("/worksheet").then(|| target.clone())
    };
    let part = |kind: &str| {
        let mut all = relations.values();
        let found = all.find(|(of, target)| of.ends_with(kind) && archive.has(target));
        found.map(|(_, target)| target.clone())
    };
    Ok(Workbook {
        sheet: chosen(&sheets, wanted, target, path)?,
        strings: part("/sharedStrings"),
        styles: part("/styles"),
        days,
    })
}

fn chosen(
    sheets: &[Sheet],
    wanted: Option<&str>,
    target: impl Fn(&Sheet) -> Option<String>,
    path: &Path,
) -> Result<String> {
    let chosen = match wanted {
        Some(name) => sheets.iter().find(|sheet| sheet.name == name),
        None => sheets
            .iter()
            .find(|sheet| !sheet.is_hidden && target(sheet).is_some()),
    };
    if let Some(target) = chosen.and_then(&target) {
        return Ok(target);
    }
    let names: Vec<String> = sheets.iter().map(|sheet| sheet.name.clone()).collect();
    let near = wanted.and_then(|name| nearest(name, &names));
    let near = near.map(|near| format!("did you mean {near:?}? "));
    let asked = wanted.map_or("a sheet that is not hidden".to_owned(), |name| {
        format!("{name:?}")
    });
    Err(Problem::new("AM0538", "the workbook has no such sheet")
        .detail(format!("{asked} in {}", path.display()))
        .hint(format!(
            "{}its sheets are: {}",
            near.unwrap_or_default(),
            names.join(", ")
        )))
}

/// The relations of a part; targets are parts of the archive.
fn relations(archive: &Archive, path: &Path, part: &str, folder: &str) -> Result<Relations> {
    let mut relations = Relations::new();
    let mut xml = Xml::new(archive.read_of_the_book(part)?, path);
    loop {
        match xml.next()? {
            Event::Eof => return Ok(relations),
            Event::Start(element) if name(&element) == "Relationship" => {
                let said = |key| attribute(&element, key).map(|value| value.into_owned());
                if let (Some(id), Some(kind), Some(target)) =
                    (said("Id"), said("Type"), said("Target"))
                {
                    relations.insert(id, (kind, resolved(folder, &target)));
                }
            }
            _ => {}
        }
        if relations.len() > MOST_SHEETS * 2 {
            return Err(damaged(path, "it has more relations than a workbook"));
        }
    }
}

/// A target as the part of an archive that it is.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

fn sheets(archive: &Archive, path: &Path, part: &str) -> Result<(Vec<Sheet>, Days)> {
    let (mut sheets, mut days) = (Vec::new(), Days::From1900);
    let mut xml = Xml::new(archive.read_of_the_book(part)?, path);
    loop {
        match xml.next()? {
            Event::Eof => return Ok((sheets, days)),
            Event::Start(element) => {
                let said = |key| attribute(&element, key).map(|value| value.into_owned());
                match name(&element) {
                    "workbookPr" if matches!(said("date1904").as_deref(), Some("1" | "true")) => {
                        days = Days::From1904;
                    }
                    "sheet" => sheets.push(Sheet {
                        name: said("name").unwrap_or_default(),
                        relation: said("id").unwrap_or_default(),
                        is_hidden: said("state").is_some_and(|state| state != "visible"),
                    }),
                    _ => {}
                }
            }
            _ => {}
        }
        if sheets.len() > MOST_SHEETS {
            return Err(damaged(path, "it has more sheets than a workbook"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_parts_of_the_archive() {
        for (target, part) in [
            ("worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("/xl/styles.xml", "xl/styles.xml"),
            ("../other/a.xml", "other/a.xml"),
            ("../../../../a.xml", "a.xml"),
        ] {
            assert_eq!(resolved("xl", target), part, "{target}");
        }
    }
}
