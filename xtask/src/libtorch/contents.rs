//! What a LibTorch holds, and where in the wheels it lies.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::paths;

/// Libraries in the wheels.
pub(super) const LIBRARIES: [&str; 5] = [
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libc10.so",
    "torch/lib/libgomp.so.1",
    "nvidia/cuda_runtime/lib/libcudart.so.12",
    "nvidia/cuda_cupti/lib/libcupti.so.12",
];
/// The wheel's own `libtorch.so` wants CUDA's libraries. In its place is a script for the linker.
pub(super) const LINKER_SCRIPT: (&str, &str) = ("lib/libtorch.so", "INPUT(-ltorch_cpu)\n");
/// One header that stands for all.
pub(super) const HEADER: &str = "include/torch/csrc/api/include/torch/torch.h";

/// Whether the folder holds LibTorch. A folder that holds something else is an error, since it is not ours to delete.
pub(super) fn is_complete(folder: &Path) -> Result<bool> {
    let lacking = lacking(folder);
    ensure!(
        lacking.is_empty() || !folder.exists(),
        "expected LibTorch in {}, but it lacks {}; remove it and run `cargo xtask libtorch` again",
        paths::shown(folder),
        lacking.join(", ")
    );
    Ok(lacking.is_empty())
}

/// What a folder lacks to be a LibTorch.
pub(super) fn lacking(folder: &Path) -> Vec<String> {
    let libraries = LIBRARIES.iter().filter_map(|entry| place(entry));
    let needed = libraries.chain([LINKER_SCRIPT.0.to_owned(), HEADER.to_owned()]);
    needed.filter(|file| !folder.join(file).is_file()).collect()
}

/// Where in the folder something of a wheel belongs; nowhere, if it isn't needed.
pub(super) fn place(entry: &str) -> Option<String> {
    if LIBRARIES.contains(&entry) {
        let (_, file) = entry.rsplit_once('/')?;
        return Some(format!("lib/{file}"));
    }
    let header = entry.strip_prefix("torch/include/")?;
    let is_file = header.split('/').all(|part| !["", ".", ".."].contains(&part));
    is_file.then(|| format!("include/{header}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_has_a_place() {
        let place = |entry| place(entry).unwrap_or_default();
        assert_eq!(place("torch/lib/libtorch_cpu.so"), "lib/libtorch_cpu.so");
        assert_eq!(place("nvidia/cuda_cupti/lib/libcupti.so.12"), "lib/libcupti.so.12");
        assert_eq!(place("torch/include/ATen/ATen.h"), "include/ATen/ATen.h");
        for other in [
            "torch/lib/libtorch.so",
            "torch/lib/libtorch_cuda.so",
            "torch/include/",
            "torch/include/ATen/",
            "torch/include/../../elsewhere.h",
            "torch/__init__.py",
            "nvidia/cuda_cupti/lib/__init__.py",
        ] {
            assert_eq!(place(other), "", "{other}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_error() {
        assert!(!is_complete(&tempfile::tempdir().unwrap().path().join("libtorch")).unwrap());
    }
}
