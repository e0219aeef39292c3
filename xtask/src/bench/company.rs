//! The company whose exports are measured: simulated once for each size, with the projects that read them.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Bench;
use super::promise::Promise;

/// The zone of the simulated company.
pub(super) const ZONE: &str = "Europe/Vienna";
/// For how many months it is simulated: they end before today, so that no row is set aside as being of the future.
const MONTHS: &str = "24";
/// What customers are told apart by, the same in both dialects: five values of about the same size.
pub(super) const SEGMENT: &str = "'s' || cast(ascii(reverse(about)) % 5 as varchar)";
/// The events that a thousand customers give in that time, about.
const EVENTS_OF_A_THOUSAND: u64 = 23_572;

/// A simulated company.
pub(super) struct Company {
    /// The events that were asked for. There are about as many.
    pub(super) events: u64,
    /// Where everything of this size is kept.
    pub(super) folder: PathBuf,
    /// Its exports, with the truth and the projects beside them.
    pub(super) exports: PathBuf,
    /// The name of its folder, and so of what is made of it.
    name: &'static str,
}

#[derive(Deserialize)]
struct Manifest {
    complete_until: String,
    horizon: String,
}

impl Company {
    /// The company of a size, simulated unless it is there.
    ///
    /// # Errors
    /// When it cannot be simulated.
    pub(super) fn of(bench: &Bench, events: u64) -> Result<Self, String> {
        Self::simulated(
            bench,
            bench.out.join(events.to_string()),
            "company",
            events,
            "7",
        )
    }

    /// Another company whose exports come later: its sources have other names, and so its records other keys.
    ///
    /// # Errors
    /// When it cannot be simulated.
    pub(super) fn later(&self, bench: &Bench, events: u64) -> Result<Self, String> {
        Self::simulated(bench, self.folder.clone(), "later", events, "8")
    }

    fn simulated(
        bench: &Bench,
        folder: PathBuf,
        name: &'static str,
        events: u64,
        seed: &str,
    ) -> Result<Self, String> {
        let company = Self {
            events,
            exports: folder.join(name),
            folder,
            name,
        };
        // It is written last.
        if company.exports.join("truth/manifest.json").is_file() {
            return Ok(company);
        }
        removed(&company.exports)?;
        let customers = (events * 1_000).div_ceil(EVENTS_OF_A_THOUSAND).to_string();
        let out = company.exports.to_string_lossy();
        let arguments = ["simulate", "--customers", &customers, "--months", MONTHS];
        fs::create_dir_all(&company.folder).map_err(failed(&company.folder))?;
        bench.ours(&[&arguments[..], &["--seed", seed, "--out", &out]].concat())?;
        Ok(company)
    }

    /// Until when its exports are complete, as the program and DuckDB are told it.
    ///
    /// # Errors
    /// When the truth cannot be read.
    pub(super) fn as_of(&self) -> Result<String, String> {
        self.manifest().map(|manifest| manifest.horizon)
    }

    /// The last month of its exports.
    ///
    /// # Errors
    /// When the truth cannot be read.
    pub(super) fn last_month(&self) -> Result<String, String> {
        let day = self.manifest()?.complete_until;
        let month = day.get(..7).ok_or_else(|| format!("{day:?} is no day"))?;
        Ok(month.to_owned())
    }

    fn manifest(&self) -> Result<Manifest, String> {
        let path = self.exports.join("truth/manifest.json");
        let text = fs::read_to_string(&path).map_err(failed(&path))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// What DuckDB made of the exports.
    pub(super) fn parquet(&self) -> PathBuf {
        self.folder.join(format!("{}-duckdb", self.name))
    }

    /// The ledger and vault of the exports.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join(format!("{}-data", self.name))
    }

    /// Writes a project that reads the exports into `data`, with these promises or, given none, with those of the simulator.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn project(
        &self,
        name: &str,
        data: &Path,
        promises: Option<&[Promise]>,
    ) -> Result<String, String> {
        let project = self.exports.join(format!("bench-{name}"));
        removed(&project)?;
        copied(&self.exports.join("project"), &project, &|path, text| {
            adapted(path, text, data, self.name == "later")
        })?;
        if let Some(promises) = promises {
            let folder = project.join("promises");
            removed(&folder)?;
            fs::create_dir_all(&folder).map_err(failed(&folder))?;
            for promise in promises {
                let path = folder.join(format!("{}.toml", promise.name));
                fs::write(&path, promise.toml()).map_err(failed(&path))?;
            }
        }
        Ok(project.to_string_lossy().into_owned())
    }
}

/// A definition that keeps its data elsewhere and, for exports that come later, whose source has another name.
fn adapted(path: &Path, text: &str, data: &Path, later: bool) -> String {
    if path.ends_with("amends.toml") {
        let data = data.to_string_lossy().replace('\\', "/");
        return text.replacen("version = 1", &format!("version = 1\ndata = \"{data}\""), 1);
    }
    if path.ends_with("customers.toml") {
        return format!("{text}\n[segment.band]\nvalue = \"{SEGMENT}\"\n");
    }
    let source = path.file_stem().unwrap_or_default().to_string_lossy();
    if later
        && path
            .parent()
            .is_some_and(|folder| folder.ends_with("sources"))
    {
        let (before, after) = (format!("source.{source}"), format!("source.{source}-later"));
        return text
            .replace(&format!("[{before}]"), &format!("[{after}]"))
            .replace(&format!("[{before}."), &format!("[{after}."));
    }
    text.to_owned()
}

/// Copies a folder, its texts changed on the way.
fn copied(from: &Path, to: &Path, change: &dyn Fn(&Path, &str) -> String) -> Result<(), String> {
    fs::create_dir_all(to).map_err(failed(to))?;
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let path = entry.map_err(failed(from))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            // The project's own data is not copied.
            if path.file_name().is_some_and(|name| name != ".amends") {
                copied(&path, &target, change)?;
            }
        } else {
            let text = fs::read_to_string(&path).map_err(failed(&path))?;
            fs::write(&target, change(&path, &text)).map_err(failed(&target))?;
        }
    }
    Ok(())
}

/// Copies a folder of any files.
///
/// # Errors
/// When it cannot be read or written.
pub(super) fn cloned(from: &Path, to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(failed(to))?;
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let path = entry.map_err(failed(from))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            cloned(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(failed(&path))?;
        }
    }
    Ok(())
}

/// Removes a folder if it is there.
///
/// # Errors
/// When it cannot be removed.
pub(super) fn removed(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(failed(folder))?;
    }
    Ok(())
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_that_come_later_are_of_other_sources() {
        let text =
            "[source.shop]\n[source.shop.file.orders]\n[[source.shop.event]]\nsource.shops\n";
        let path = Path::new("project/sources/shop.toml");
        let data = Path::new("there");
        assert_eq!(
            adapted(path, text, data, true),
            "[source.shop-later]\n[source.shop-later.file.orders]\n[[source.shop-later.event]]\nsource.shops\n"
        );
        assert_eq!(adapted(path, text, data, false), text);
    }

    #[test]
    fn a_project_is_told_where_its_data_is() {
        let text = "# a\nversion = 1\n\n[company]\n";
        assert_eq!(
            adapted(
                Path::new("p/amends.toml"),
                text,
                Path::new("there/it"),
                false
            ),
            "# a\nversion = 1\ndata = \"there/it\"\n\n[company]\n"
        );
    }
}
