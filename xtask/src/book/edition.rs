//! Which edition of the book this is: `{{#edition}}` on its last page.

use std::process::Command;

use crate::paths;

/// The models whose figures the book shows.
const MODELS: [&str; 2] = ["models/ding", "models/austen"];
/// What stands where there is no answer, as in an archive without its history.
const UNKNOWN: &str = "unknown";

/// Version, date and commit of the book, and of each model that it shows, as a table in Markdown.
///
/// The date is the commit's: the same commit gives the same book, whenever it is built.
pub(crate) fn table() -> String {
    let of = |format: &str, path: &[&str]| {
        git(&[&["log", "-1", &format!("--format={format}"), "--"], path].concat())
            .unwrap_or_else(|| UNKNOWN.into())
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some();
    let commit = format!("`{}`{}", of("%h", &[]), if changed { ", with changes since" } else { "" });
    let mut rows = vec![
        ("Edition".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("Date".to_owned(), of("%cs", &[])),
        ("Commit".to_owned(), commit),
    ];
    for model in MODELS {
        rows.push((
            format!("`{model}`"),
            format!("of {}, commit `{}`", of("%cs", &[model]), of("%h", &[model])),
        ));
    }
    rows.push(("Burn".to_owned(), burn().to_owned()));
    let rows: String = rows.iter().map(|(name, value)| format!("| {name} | {value} |\n")).collect();
    format!("| What | Which |\n|---|---|\n{rows}")
}

/// The version of Burn that the workspace asks for.
fn burn() -> &'static str {
    let line = include_str!("../../../Cargo.toml")
        .lines()
        .find_map(|line| line.strip_prefix("burn = { version = \"="));
    line.and_then(|rest| rest.split('"').next()).unwrap_or(UNKNOWN)
}

/// What git answers; none if it fails or says nothing.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).current_dir(paths::root()).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !answer.is_empty()).then_some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_name_and_a_value() {
        let table = table();
        assert_eq!(table.lines().count(), 8, "{table}");
        assert!(
            table.lines().all(|line| line.matches('|').count() == 3 && !line.contains("|  |")),
            "{table}"
        );
        assert!(table.contains("| Burn | 0."), "{table}");
    }

    #[test]
    fn what_git_does_not_know_is_none() {
        assert_eq!(git(&["rev-parse", "--verify", "--quiet", "refs/heads/there/is/none"]), None);
    }
}
