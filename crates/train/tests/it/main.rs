//! The program as its users have it: the real binary, in temporary folders. One binary for all tests, since linking
//! takes longer than most of them.

mod common;

mod adam;
mod bad_data;
mod bad_input;
mod beginning;
mod copy;
mod corpora;
mod corpora_added;
#[cfg(target_os = "linux")]
mod corpora_killed;
#[cfg(unix)]
mod damage;
mod devices;
#[cfg(target_os = "linux")]
mod dry_run;
mod eight_bits;
mod export;
mod figures;
#[cfg(unix)]
mod full_disk;
mod import;
mod installed;
mod lines;
mod models;
mod moved;
mod noise;
#[cfg(target_os = "linux")]
mod power_cut;
#[cfg(all(unix, feature = "remote"))]
mod served;
mod settings;
#[cfg(unix)]
mod signals;
#[cfg(target_os = "linux")]
mod sizes;
mod small_text;
mod spoken;
#[cfg(unix)]
mod streams;
#[cfg(unix)]
mod survival;
mod text;
mod textbook;
#[cfg(target_os = "linux")]
mod traced;
mod translating;
mod using;
