//! Running cargo and other programs.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use console::style;

use crate::{paths, show};

/// Cargo in the workspace. What cargo told this program of itself is kept from it: the build script of `ring` would run
/// anew, and everything above it.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths::root());
    for (name, _) in std::env::vars_os() {
        let shown = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| shown.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Cargo that builds or runs (`task`) the program `train`, with a feature of it if one is asked for.
pub(crate) fn cargo_train(task: &str, feature: Option<&str>) -> Command {
    let mut command = cargo();
    command.args([task, "--quiet", "--package", "train"]);
    if let Some(feature) = feature {
        command.args(["--features", feature]);
    }
    command
}

/// Compiles `train`.
pub(crate) fn build_train(feature: Option<&str>) -> Result<()> {
    let step = show::step("Building train");
    ensure!(cargo_train("build", feature).status()?.success(), "`cargo build --package train` failed");
    step.done("");
    Ok(())
}

/// Runs a command and fails if it does.
pub(crate) fn call(command: &mut Command, name: &str) -> Result<()> {
    println!("{}", style(format!("$ {name}")).dim());
    let status = command.status().with_context(|| format!("cannot start `{name}`"))?;
    ensure!(status.success(), "`{name}` ended with {status}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_is_named() {
        call(&mut Command::new("true"), "true").unwrap();
        let error = call(&mut Command::new("false"), "false --all").unwrap_err().to_string();
        assert!(error.starts_with("`false --all` ended with"), "{error}");
    }

    #[test]
    fn a_feature_is_passed_on() {
        let arguments = |feature| {
            let command = cargo_train("run", feature);
            let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
            arguments.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(arguments(None), "run --quiet --package train");
        assert_eq!(arguments(Some("tch")), "run --quiet --package train --features tch");
    }
}
