//! `cargo xtask fuzz TARGET`: searches for bytes that do harm, with libFuzzer (crates/amends-fuzz).

use std::path::Path;

use crate::program;
use crate::run::{cargo, shown};

const CRATE: &str = "crates/amends-fuzz";
const TARGETS: [&str; 6] = [
    "csv",
    "json_lines",
    "parquet",
    "xlsx",
    "project",
    "expression",
];

/// Builds a target with coverage, in a target folder of its own, and runs it. `--seconds N` ends it, `--keep` takes the inputs that reach
/// something new into the corpus. What is found stands below the target folder, in `fuzz/found`.
///
/// # Errors
/// What is wrong with the arguments, or the command that failed: also where the target has found something.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (target, seconds, keep) = match arguments[..] {
        [target] => (target, "3600", false),
        [target, "--keep"] => (target, "0", true),
        [target, "--seconds", seconds] => (target, seconds, false),
        _ => ("", "", false),
    };
    if !TARGETS.contains(&target) || seconds.parse::<u32>().is_err() {
        return Err(format!(
            "cargo xtask fuzz TARGET [--seconds N | --keep]; the targets are: {}",
            TARGETS.join(", ")
        ));
    }
    let folder = program::target_folder(root)?.join("fuzz");
    let wrapper = root.join(CRATE).join("instrument.sh");
    let (built, wrapper) = (folder.display().to_string(), wrapper.display().to_string());
    let name = format!("fuzz_{target}");
    // The whole workspace, so that features and with them DataFusion are those of every other build.
    let build = [
        "build",
        "--workspace",
        "--features",
        "amends-fuzz/libfuzzer",
        "--bin",
        &name,
    ];
    let environment = [
        ("CARGO_TARGET_DIR", built.as_str()),
        ("RUSTC_WRAPPER", &wrapper),
    ];
    shown(root, &cargo(), &build, &environment)?;
    let reached = folder.join("reached").join(target);
    let found = folder.join("found");
    for needed in [&reached, &found] {
        std::fs::create_dir_all(needed)
            .map_err(|error| format!("{}: {error}", needed.display()))?;
    }
    let program = program::below(root, &folder.join("debug").join(&name));
    let corpus = format!("{CRATE}/corpus/{target}");
    let (reached, found) = (
        reached.display().to_string(),
        format!("-artifact_prefix={}/{target}-", found.display()),
    );
    let limits = [
        "-rss_limit_mb=1024",
        "-timeout=60",
        "-max_len=16384",
        &found,
    ];
    let time = format!("-max_total_time={seconds}");
    let rest: &[&str] = match keep {
        true => &["-merge=1", &corpus, &reached],
        false => &[&time, "-print_final_stats=1", &reached, &corpus],
    };
    shown(root, &program, &[&limits[..], rest].concat(), &[])
}
