//! Trains a Transformer, and puts a trained one to use: the library behind the `train` command.
//!
//! Everything a command produces lies in a [run folder](run_folder). Arguments are parsed in [`args`], checked once,
//! where they become settings, and carried out by the module that bears the command's name.

pub mod args;
pub mod bench;
pub mod chart;
pub mod copy;
pub mod decode;
pub mod device;
pub mod figures;
pub mod files;
pub mod import;
pub mod info;
pub mod lines;
pub mod optimiser;
pub mod parallel;
pub mod plot;
pub mod progress;
pub mod run_folder;
pub mod score;
pub mod svg;
pub mod training;
pub mod weights;
