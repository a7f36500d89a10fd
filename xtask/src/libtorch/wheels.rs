//! Fetching the wheels from PyPI, and unpacking what is needed of them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::contents::{LINKER_SCRIPT, lacking, place};
use super::pinned;
use crate::{paths, show};

/// Size of the wheels.
const WHEELS_MB: u64 = 911;

/// Whatever Python runs pip, the wheels for this one are taken: what differs between them isn't unpacked.
const FLAGS: [&str; 14] = [
    "--require-hashes",
    "--no-deps",
    "--only-binary=:all:",
    "--implementation",
    "cp",
    "--python-version",
    "3.12",
    "--abi",
    "cp312",
    "--platform",
    "manylinux_2_28_x86_64",
    "--platform",
    "manylinux2014_x86_64",
    "--no-cache-dir",
];

/// Lists what a wheel holds.
const LIST: &str = "import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep='\\n')";
/// Writes some of it into a folder; reads pairs of names from standard input, one in the wheel and one in the folder.
const EXTRACT: &str = "
import json, pathlib, shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for entry, place in json.load(sys.stdin):
        path = pathlib.Path(sys.argv[2], place)
        path.parent.mkdir(parents=True, exist_ok=True)
        with wheel.open(entry) as source, open(path, 'wb') as file:
            shutil.copyfileobj(source, file, 1 << 20)
";

/// Works beside the folder, and moves what it made there when all of it is there.
pub(super) fn fetch(python: &str, folder: &Path) -> Result<()> {
    let work = folder.with_extension("tmp");
    remove(&work)?; // an earlier try may have been killed
    let result = fetch_by_way_of(&work, python, folder);
    result.and(remove(&work))
}

fn fetch_by_way_of(work: &Path, python: &str, folder: &Path) -> Result<()> {
    let (wheels, made) = (work.join("wheels"), work.join("libtorch"));
    for path in [&wheels, &made] {
        fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))?;
    }
    check_pip(python)?;
    download(python, &wheels)?;
    let step = show::step("Unpacking what is needed of it");
    let wheels = pinned::checked(&wheels)?;
    assemble(python, &wheels, &made)?;
    fs::rename(&made, folder).with_context(|| format!("cannot write {}", folder.display()))?;
    step.done(&paths::shown(folder));
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

fn check_pip(python: &str) -> Result<()> {
    let output = answer(Command::new(python).args(["-m", "pip", "--version"]), python)?;
    ensure!(
        output.status.success(),
        "{python} has no pip ({}); install it (on Debian, python3-pip), or name another Python with --python",
        last_line(&output.stderr)
    );
    Ok(())
}

/// Downloads the wheels. Pip keeps what it has so far in the same folder, so that we see how it is getting on.
fn download(python: &str, folder: &Path) -> Result<()> {
    let step = show::step("Downloading PyTorch 2.9.0");
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, pinned::requirements())?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]);
    pip.args(FLAGS).arg("--requirement").arg(&requirements).arg("--dest").arg(folder).env("TMPDIR", folder);
    let output = thread::scope(|scope| {
        let running = scope.spawn(|| answer(&mut pip, python));
        while !running.is_finished() {
            // Pip copies at the end, so that for a moment there is twice as much.
            let so_far = (size(folder) / 1_000_000).min(WHEELS_MB);
            step.at(&format!("{so_far} of {WHEELS_MB} MB"));
            thread::sleep(Duration::from_millis(200));
        }
        running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    ensure!(
        output.status.success(),
        "pip cannot download what is listed in {}: {}; is PyPI within reach, and is there 2 GB of room?",
        paths::shown(&requirements),
        reason(&output.stderr)
    );
    step.done(&format!("{WHEELS_MB} MB"));
    Ok(())
}

/// Bytes in a folder that is being written to.
fn size(folder: &Path) -> u64 {
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    fs::read_dir(folder).into_iter().flatten().flatten().map(of).sum()
}

/// Makes a LibTorch of the wheels.
fn assemble(python: &str, wheels: &[PathBuf], folder: &Path) -> Result<()> {
    for wheel in wheels {
        let listed = checked(answer(Command::new(python).args(["-c", LIST]).arg(wheel), python)?, wheel)?;
        let listed = String::from_utf8(listed.stdout).context("expected the names of files in UTF-8")?;
        let needed: Vec<_> = listed.lines().filter_map(|entry| Some((entry, place(entry)?))).collect();
        checked(extract(python, wheel, folder, &serde_json::to_vec(&needed)?)?, wheel)?;
    }
    let (file, script) = LINKER_SCRIPT;
    fs::create_dir_all(folder.join("lib"))?;
    fs::write(folder.join(file), script).with_context(|| format!("cannot write {file}"))?;
    let lacking = lacking(folder);
    ensure!(lacking.is_empty(), "the wheels don't hold what they did: no {}", lacking.join(", "));
    Ok(())
}

fn extract(python: &str, wheel: &Path, folder: &Path, needed: &[u8]) -> Result<Output> {
    let mut command = Command::new(python);
    command.args(["-c", EXTRACT]).arg(wheel).arg(folder);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    // A Python that fails early doesn't read its input; what it says is the better message.
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(needed));
    let output = child.wait_with_output()?;
    if output.status.success() {
        written?;
    }
    Ok(output)
}

fn checked(output: Output, wheel: &Path) -> Result<Output> {
    ensure!(output.status.success(), "cannot unpack {}: {}", wheel.display(), last_line(&output.stderr));
    Ok(output)
}

fn answer(command: &mut Command, python: &str) -> Result<Output> {
    let output = command.stdin(Stdio::null()).output();
    output.with_context(|| format!("cannot start {python}; name a Python that has pip with --python"))
}

/// Why pip fails. Of a wheel that is another than expected it says so first, and then which.
fn reason(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    match text.find("DO NOT MATCH THE HASHES") {
        Some(_) => format!("these are not the files that are expected:\n{}", text.trim()),
        None => last_line(stderr),
    }
}

/// Programs say what is wrong at the end.
fn last_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    line.unwrap_or("it doesn't say why").trim_start_matches("ERROR: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::contents::{HEADER, LIBRARIES, is_complete};
    use super::*;

    /// A wheel as PyTorch's is, but for what is in its files: their names.
    fn wheel(path: &Path, entries: &[&str]) -> bool {
        const MAKE: &str = "
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    for name in sys.argv[2:]:
        wheel.writestr(name, name)
";
        let made = Command::new("python3").args(["-c", MAKE]).arg(path).args(entries).status();
        made.is_ok_and(|status| status.success())
    }

    #[test]
    fn wheels_become_a_libtorch() {
        let folder = tempfile::tempdir().unwrap();
        let [torch, nvidia, made] = ["torch.whl", "nvidia.whl", "made"].map(|name| folder.path().join(name));
        let header = "torch/include/torch/csrc/api/include/torch/torch.h";
        let others = ["torch/lib/libtorch.so", "torch/lib/libtorch_cuda.so", "torch/__init__.py"];
        let there = wheel(&torch, &[&LIBRARIES[..3], &[header], &others[..]].concat());
        if !there || !wheel(&nvidia, &LIBRARIES[3..]) {
            println!("SKIPPED: no python3 on PATH");
            return;
        }
        let error = assemble("python3", std::slice::from_ref(&torch), &made).unwrap_err().to_string();
        assert!(error.contains("no lib/libcudart.so.12, lib/libcupti.so.12"), "{error}");
        let error = is_complete(&made).unwrap_err().to_string();
        assert!(error.contains("lacks lib/libcudart.so.12") && error.contains("remove it"), "{error}");

        assemble("python3", &[torch, nvidia], &made).unwrap();
        assert!(is_complete(&made).unwrap());
        let read = |file: &str| fs::read_to_string(made.join(file)).unwrap();
        assert_eq!(read("lib/libtorch.so"), "INPUT(-ltorch_cpu)\n");
        assert_eq!(read("lib/libc10.so"), "torch/lib/libc10.so");
        assert_eq!(read(HEADER), header);
        assert_eq!(fs::read_dir(made.join("lib")).unwrap().count(), 6);
        assert_eq!(size(&made.join("lib")), LIBRARIES.concat().len() as u64 + 19);
        assert!(!made.join("include/torch/lib").exists());

        fs::write(folder.path().join("damaged.whl"), "no archive").unwrap();
        let error = assemble("python3", &[folder.path().join("damaged.whl")], &made).unwrap_err().to_string();
        assert!(error.contains("damaged.whl") && error.contains("BadZipFile"), "{error}");
    }

    #[test]
    fn a_python_that_is_not_there_is_named() {
        let error = check_pip("no-such-python").unwrap_err().to_string();
        assert!(error.contains("cannot start no-such-python") && error.contains("--python"), "{error}");
    }
}
