//! The book: what is put into it, how it is built and served, and what is checked of it.

mod backlinks;
pub(crate) mod browser;
mod build;
mod edition;
mod figure;
mod help;
mod highlight;
pub(crate) mod html;
mod include;
mod lines;
pub(crate) mod links;
mod listings;
mod math;
mod pages;
mod phrases;
mod pictured;
mod predict;
pub(crate) mod preprocessor;
pub(crate) mod questions;
mod recognise;
mod redraw;
pub(crate) mod results;
mod running;
mod script_tokens;
mod scripts;
pub(crate) mod serve;
mod shown;
mod sources;
mod story;
mod typed;
mod whereabouts;

pub(crate) use build::run;
