//! `cargo xtask libtorch`: fetches the LibTorch that `train --features tch` is built with.
//!
//! PyTorch's wheel holds it, and 1.2 GB of CUDA beside it that a processor has no use for. What is left over is half a
//! gigabyte: the headers, three libraries, and two of CUDA's that the largest of them asks for without calling them.

mod contents;
mod pinned;
mod wheels;

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, ensure};

use crate::paths;

/// Fetches LibTorch into target/libtorch, unless it is there, and prints what to tell the shell.
pub(crate) fn run(python: &str) -> Result<()> {
    check_system(std::env::consts::OS, std::env::consts::ARCH)?;
    let folder = paths::root().join("target").join("libtorch");
    if contents::is_complete(&folder)? {
        eprintln!("{} is there already", paths::shown(&folder));
    } else {
        wheels::fetch(python, &folder)?;
    }
    print!("{}", environment(&folder));
    eprintln!(
        "After eval \"$(cargo xtask libtorch)\", all tests run on LibTorch with\n\
         TRAIN_TEST_DEVICE=tch cargo test --workspace --features model/tch,train/tch"
    );
    Ok(io::stdout().flush()?)
}

fn check_system(os: &str, arch: &str) -> Result<()> {
    ensure!(
        (os, arch) == ("linux", "x86_64"),
        "this fetches LibTorch for Linux on x86_64, and here is {os} on {arch}: `pip install torch==2.9.0` \
         instead, set LIBTORCH_USE_PYTORCH=1 to build, and have that package's folder torch/lib where programs \
         look for libraries (DYLD_LIBRARY_PATH on macOS, PATH on Windows)"
    );
    Ok(())
}

/// What to tell the shell.
fn environment(folder: &Path) -> String {
    let quoted = format!("'{}'", folder.display().to_string().replace('\'', r"'\''"));
    format!(
        "export LIBTORCH={quoted}\n\
         export LIBTORCH_BYPASS_VERSION_CHECK=1\n\
         export LD_LIBRARY_PATH={quoted}/lib\"${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\"\n"
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_environment_is_for_a_shell() {
        let text = environment(Path::new("/home/it's me/target/libtorch"));
        let script = format!("{text} printf '%s\\n' \"$LIBTORCH\" \"$LD_LIBRARY_PATH\"");
        let output =
            Command::new("sh").args(["-c", &script]).env("LD_LIBRARY_PATH", "/o ld").output().unwrap();
        let expected = "/home/it's me/target/libtorch\n/home/it's me/target/libtorch/lib:/o ld\n";
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{text}");
        assert!(text.contains("export LIBTORCH_BYPASS_VERSION_CHECK=1\n"), "{text}");
    }

    #[test]
    fn other_systems_are_told_what_to_do() {
        check_system("linux", "x86_64").unwrap();
        let error = check_system("macos", "aarch64").unwrap_err().to_string();
        assert!(error.contains("macos on aarch64") && error.contains("LIBTORCH_USE_PYTORCH=1"), "{error}");
    }
}
