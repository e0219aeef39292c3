//! A small invented company, written to disk as a newcomer would write it: what a test asks for, and nothing else.

use std::path::Path;

use amends_testkit::tempfile::{TempDir, tempdir};
use serde_json::Value;

use crate::program;

/// What makes a customer of Tern & Teasel, a maker of soap by subscription.
pub(crate) const CUSTOMERS: &str = r#"
[identifier.subscriber]

[customers]
new = { on = "subscription_started" }
lost = { on = "subscription_ended" }

[leaving]
reason = "reason"
"#;

/// The company's project, in a folder of its own.
pub(crate) struct Invented(TempDir);

impl Invented {
    /// A project that counts `customers` or `accounts` and holds no definition yet.
    pub(crate) fn that_counts(counts: &str) -> Self {
        let company = format!(
            "version = 1\n[company]\nname = \"Tern & Teasel\"\nzone = \"Europe/Vienna\"\ncurrency = \"EUR\"\nperiod = \"month\"\ncounts = \"{counts}\"\n"
        );
        Self(tempdir().unwrap()).with("amends.toml", &company)
    }

    /// A project that counts customers, as [`CUSTOMERS`] says.
    pub(crate) fn with_customers() -> Self {
        Self::that_counts("customers").with("customers.toml", CUSTOMERS)
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// With one more file.
    pub(crate) fn with(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// With a source of subscriptions: rows of `id,who,started_on,ended_on,reason`, and lines of its definition such as `complete-until`.
    pub(crate) fn subscriptions(self, name: &str, says: &str, rows: &str) -> Self {
        let event = |kind: &str, at: &str| {
            format!(
                "[[source.{name}.event]]\nkind = \"{kind}\"\nat = \"{at}\"\nabout = \"id\"\nidentifiers = {{ subscriber = \"who\" }}\n"
            )
        };
        let definition = format!(
            "[source.{name}]\nsays = \"Subscriptions\"\nmain = \"rows\"\nkey = \"id\"\n{says}\n\
             [source.{name}.file.rows]\npath = \"exports/{name}.csv\"\n\
             [source.{name}.file.rows.columns]\nstarted_on = \"date\"\nended_on = \"date\"\n\
             {}{}[source.{name}.event.properties]\nreason = \"reason\"\n",
            event("subscription_started", "started_on"),
            event("subscription_ended", "ended_on"),
        );
        self.with(&format!("sources/{name}.toml"), &definition)
            .with(
                &format!("exports/{name}.csv"),
                &format!("id,who,started_on,ended_on,reason\n{rows}"),
            )
    }

    /// Imported: the project once `amends import` has read its files.
    pub(crate) fn imported(self) -> Self {
        program::text(self.path(), &["import"]);
        self
    }

    /// What a command answers in JSON.
    pub(crate) fn json(&self, command: &str) -> Value {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        program::json(self.path(), &arguments)
    }

    /// What a command answers for people.
    pub(crate) fn text(&self, command: &str) -> String {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        program::text(self.path(), &arguments)
    }

    /// The exit code of a command that fails, and what it says.
    pub(crate) fn fails(&self, command: &str) -> (i32, String) {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        let output = program::amends(self.path(), &arguments);
        let talk = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "amends {command} succeeded");
        (output.status.code().unwrap(), talk)
    }
}
