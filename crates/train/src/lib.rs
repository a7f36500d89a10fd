//! Trains a Transformer, and puts a trained one to use: the library behind the `train` command.
//!
//! Everything a command produces lies in a [run folder](run_folder). Arguments are parsed in [`args`], checked once,
//! where they become settings, and carried out by the module that bears the command's name.

pub mod args;
pub mod attention;
pub mod attention_map;
pub mod average;
pub mod axis;
pub mod bench;
pub mod bleu;
pub mod chart;
pub mod checkpoint;
pub mod copy;
pub mod corpus;
pub mod dashboard;
pub mod dataset;
pub mod decode;
pub mod device;
pub mod eval;
pub mod exact;
pub mod figures;
pub mod files;
pub mod generate;
pub mod images;
pub mod import;
pub mod in_place;
pub mod info;
pub mod label;
pub mod lines;
pub mod lm;
pub mod optimiser;
pub mod parallel;
pub mod plot;
pub mod resume;
pub mod run_config;
pub mod run_folder;
pub mod runs;
pub mod runs_plot;
pub mod score;
pub mod settings;
pub mod sum;
pub mod surprisal;
pub mod surprisal_plot;
pub mod svg;
pub mod training;
pub mod translate;
pub mod translate_text;
pub mod vocabulary;
pub mod weights;
