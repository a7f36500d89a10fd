//! Which files are fetched, to the last bit.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use crate::paths;

/// A wheel on PyPI.
struct Wheel {
    name: &'static str,
    version: &'static str,
    /// SHA-256 of the one file for Linux on x86_64.
    sum: &'static str,
}

/// Burn's crate `tch` 0.22 is made for just this release of PyTorch. Whoever takes another finds the sums with
/// `pip install --dry-run --report - NAME==VERSION` and the flags of `wheels.rs`.
const WHEELS: [Wheel; 3] = [
    Wheel {
        name: "torch",
        version: "2.9.0",
        sum: "01cff95ecd9a212ea2f141db28acccdceb6a4c54f64e6c51091146f5e2a772c6",
    },
    Wheel {
        name: "nvidia-cuda-runtime-cu12",
        version: "12.8.90",
        sum: "adade8dcbd0edf427b7204d480d6066d33902cab2a4707dcfc48a2d0fd44ab90",
    },
    Wheel {
        name: "nvidia-cuda-cupti-cu12",
        version: "12.8.90",
        sum: "ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182",
    },
];

/// The wheels as a list for pip, which downloads no other file of that name and version.
pub(super) fn requirements() -> String {
    let line = |Wheel { name, version, sum }: &Wheel| format!("{name}=={version} --hash=sha256:{sum}\n");
    WHEELS.iter().map(line).collect()
}

/// The wheels in a folder, if all are there and each is the file that is expected. Pip looks at that, too, but which pip it
/// is, and how it is set, is not ours to say.
pub(super) fn checked(folder: &Path) -> Result<Vec<PathBuf>> {
    checked_as(&WHEELS, folder)
}

fn checked_as(wheels: &[Wheel], folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", paths::shown(folder)))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            found.push(path);
        }
    }
    found.sort();
    let mut checked = Vec::new();
    for Wheel { name, version, sum } in wheels {
        let start = format!("{}-{version}-", name.replace('-', "_"));
        let own =
            |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start));
        let Some(path) = found.iter().find(own) else { bail!("pip downloaded no {name} {version}") };
        let is = sum_of(path)?;
        ensure!(
            is == *sum,
            "{} is not what was published as {name} {version}: its SHA-256 is {is}, expected {sum}. Nothing of it \
             was unpacked; try again, and if that doesn't help, ask who is between you and PyPI",
            paths::shown(path)
        );
        checked.push(path.clone());
    }
    Ok(checked)
}

fn sum_of(path: &Path) -> Result<String> {
    let read = || -> io::Result<String> {
        let (mut file, mut sum) = (File::open(path)?, Sha256::new());
        let mut buffer = vec![0; 1 << 20];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
                count => sum.update(&buffer[..count]),
            }
        }
    };
    read().with_context(|| format!("cannot read {}", paths::shown(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_that_is_another_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        // printf abc | sha256sum
        let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let wheels = ["torch", "nvidia-cuda-cupti-cu12"].map(|name| Wheel { name, version: "1.2", sum });
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("torch-1.2-cp312.whl", "abc");
        write("nvidia_cuda_cupti_cu12-1.2-py3.whl", "abc");
        write("another-1.2-py3.whl", "not asked for");
        let checked = checked_as(&wheels, folder.path()).unwrap();
        assert_eq!(checked.len(), 2, "what wasn't asked for isn't unpacked: {checked:?}");
        write("nvidia_cuda_cupti_cu12-1.2-py3.whl", "abd");
        let error = checked_as(&wheels, folder.path()).unwrap_err().to_string();
        assert!(error.contains("nvidia_cuda_cupti_cu12-1.2") && error.contains(sum), "{error}");
        fs::remove_file(folder.path().join("torch-1.2-cp312.whl")).unwrap();
        let error = checked_as(&wheels, folder.path()).unwrap_err().to_string();
        assert_eq!(error, "pip downloaded no torch 1.2");
    }

    #[test]
    fn pip_is_told_each_sum() {
        let text = requirements();
        assert_eq!(text.lines().count(), 3);
        for line in text.lines() {
            let (name, sum) = line.split_once(" --hash=sha256:").unwrap();
            assert!(name.contains("==") && sum.len() == 64, "{line}");
            assert!(sum.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit)));
        }
    }
}
