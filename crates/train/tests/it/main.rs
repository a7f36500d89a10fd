//! The program as its users have it: the real binary, in temporary folders. One binary for all tests, since linking
//! takes longer than most of them.

mod common;

mod bad_data;
mod bad_input;
mod copy;
mod corpora;
mod devices;
#[cfg(target_os = "linux")]
mod dry_run;
mod figures;
#[cfg(unix)]
mod full_disk;
mod import;
mod installed;
mod lines;
mod models;
mod noise;
mod settings;
#[cfg(unix)]
mod signals;
#[cfg(target_os = "linux")]
mod sizes;
mod spoken;
#[cfg(unix)]
mod survival;
mod text;
mod using;
