//! A run on disk: what its files are called, what is in them, and how they are written so that nothing is ever lost.

pub mod adam;
pub(crate) mod checkpoint;
pub mod config;
pub(crate) mod corpus_task;
mod exact;
pub mod folder;
pub mod init;
pub(crate) mod memory;
pub mod metrics;
pub mod noise;
pub mod noise_course;
pub(crate) mod optimiser;
pub mod reader;
pub mod schedule;
pub mod state;
pub mod surprisal;
pub mod training;
pub mod translator;
pub(crate) mod vocabularies;
pub(crate) mod weights;
pub mod written;
