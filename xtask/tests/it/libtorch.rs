//! What `cargo xtask libtorch` downloads is what was published, or nothing of it is used.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// The files that pip would choose.
const WHEELS: [&str; 3] = [
    "torch-2.9.0-cp312-cp312-manylinux_2_28_x86_64.whl",
    "nvidia_cuda_runtime_cu12-12.8.90-py3-none-manylinux2014_x86_64.whl",
    "nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.whl",
];

/// The task in a workspace of its own, with this Python, which finds wheels in the folder `published` alone.
fn fetched(folder: &Path, python: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["libtorch", "--python", python]).env("CARGO_MANIFEST_DIR", folder.join("xtask"));
    command.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", folder.join("published")).output().unwrap()
}

/// Wheels of the right names, with something else in them.
fn publish(folder: &Path) -> bool {
    const MAKE: &str = "
import sys, zipfile
for path in sys.argv[1:]:
    name, version = path.rsplit('/', 1)[1].split('-')[:2]
    with zipfile.ZipFile(path, 'w') as wheel:
        wheel.writestr('torch/lib/libtorch_cpu.so', 'something else')
        wheel.writestr(f'{name}-{version}.dist-info/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n')
        wheel.writestr(f'{name}-{version}.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        wheel.writestr(f'{name}-{version}.dist-info/RECORD', '')
";
    let published = folder.join("published");
    fs::create_dir(&published).unwrap();
    let paths = WHEELS.map(|name| published.join(name));
    Command::new("python3").args(["-c", MAKE]).args(paths).status().is_ok_and(|status| status.success())
}

fn refused(folder: &Path, output: &Output, parts: &[&str]) {
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    for part in parts {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(
        !folder.join("target/libtorch").exists() && !folder.join("target/libtorch.tmp").exists(),
        "{message}"
    );
}

#[cfg(target_arch = "x86_64")]
#[test]
fn pip_takes_no_wheel_of_another_sum() {
    let folder = tempfile::tempdir().unwrap();
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    if !pip.is_ok_and(|output| output.status.success()) || !publish(folder.path()) {
        println!("SKIPPED: no python3 with pip on PATH");
        return;
    }
    let output = fetched(folder.path(), "python3");
    refused(folder.path(), &output, &["not the files that are expected", "torch==2.9.0", "01cff95ecd9a212e"]);
}

/// A pip that looks at no sums, such as one whose settings say so.
#[cfg(target_arch = "x86_64")]
#[test]
fn a_wheel_of_another_sum_is_not_unpacked_whatever_pip_says() {
    let folder = tempfile::tempdir().unwrap();
    if !publish(folder.path()) {
        println!("SKIPPED: no python3 on PATH");
        return;
    }
    let python = folder.path().join("python");
    let script = "#!/bin/sh\nif [ \"$1 $2 $3\" = '-m pip download' ]; then\n\
                  while [ \"$1\" != --dest ]; do shift; done\nexec cp \"$PIP_FIND_LINKS\"/*.whl \"$2\"\nfi\n\
                  [ \"$1\" = -m ] || echo \"unpacked $*\" >> \"$PIP_FIND_LINKS/unpacked\"\n";
    fs::write(&python, script).unwrap();
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    let output = fetched(folder.path(), python.to_str().unwrap());
    refused(
        folder.path(),
        &output,
        &["torch-2.9.0", "expected 01cff95ecd9a212e", "Nothing of it was unpacked"],
    );
    assert!(!folder.path().join("published/unpacked").exists());
}
