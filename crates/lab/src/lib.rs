//! Small experiments with Transformers and their parts: the library behind the `lab` command.
//!
//! An experiment takes seconds to minutes on a processor. It measures something, and what it measured decides
//! everything else: the checks, the figures and the sentences. So a new one is a file in [`experiments`] with a type
//! that implements [`Experiment`], and a line in [`EXPERIMENTS`].
//!
//! ```no_run
//! use lab::{Experiment, Lab, Report, Target};
//!
//! /// Arguments of its own, besides those that all experiments have.
//! #[derive(clap::Args)]
//! struct Dice {
//!     /// Times that the dice are thrown.
//!     #[arg(long, default_value_t = 1_000)]
//!     throws: u32,
//! }
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Mean {
//!     mean: f64,
//! }
//!
//! impl Experiment for Dice {
//!     const NAME: &'static str = "dice";
//!     const SUMMARY: &'static str = "the mean of many throws";
//!     type Results = Mean;
//!
//!     fn measure(&self, lab: &Lab) -> anyhow::Result<Mean> {
//!         let mut random = lab.random(0);
//!         let sum: f64 = (0..self.throws).map(|_| random.die()).sum();
//!         Ok(Mean { mean: sum / f64::from(self.throws) })
//!     }
//!
//!     fn report(results: &Mean) -> Report {
//!         let mut report = Report::default();
//!         report.check("mean of a throw", results.mean, Target::Near(3.5, 0.3));
//!         report.say(format!("A throw gives {:.2} on average.", results.mean));
//!         report
//!     }
//! }
//! # trait Die { fn die(&mut self) -> f64; }
//! # impl Die for lab::Random { fn die(&mut self) -> f64 { (self.uniform() * 6.0).ceil() } }
//! ```

pub mod book;
mod cli;
pub mod contract;
pub mod experiments;
pub mod figures;

pub use contract::experiment::{Entry, Experiment, Lab};
pub use contract::random::Random;
pub use contract::report::{Check, Figure, Piece, Report, Target};
pub use contract::spread::Spread;
pub use experiments::EXPERIMENTS;

pub use cli::main;
