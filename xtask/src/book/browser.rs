//! A browser opens every page of the book; see `xtask/browser/test.mjs`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{links, serve};
use crate::paths;
use crate::process::call;

const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Opens every page, light and dark, narrow and wide.
pub(crate) fn run() -> Result<()> {
    let folder = paths::root().join("xtask/browser");
    links::html_files(&paths::book())?;
    let missing = [("Chromium", find(BROWSERS)), ("npm", find(&["npm"])), ("node", find(&["node"]))];
    if let Some((name, _)) = missing.iter().find(|(_, found)| found.is_none()) {
        let hint = "`apt-get install chromium nodejs npm` brings all that the browser test needs";
        ensure!(std::env::var_os("CI").is_none(), "no {name} on PATH; {hint}");
        println!("SKIPPED: no {name} on PATH; {hint}");
        return Ok(());
    }
    let browser = find(BROWSERS).context("no Chromium on PATH")?;
    let install = ["ci", "--no-audit", "--no-fund"];
    call(Command::new("npm").args(install).current_dir(&folder), &format!("npm {}", install.join(" ")))?;
    let mut test = Command::new("node");
    test.arg("test.mjs").arg(paths::book()).arg(paths::root().join("target/screenshots")).arg(browser);
    // Pages are opened under the policy that the book's own server sends.
    test.env("SERVED", format!("http://{}/", serve::beside(&paths::book())?));
    call(test.current_dir(&folder), "node xtask/browser/test.mjs")
}

/// The first of these programs on the path.
fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|candidate| candidate.is_file())
}
