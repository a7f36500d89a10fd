//! The book: what is put into it, how it is built and served, and what is checked of it.

mod backlinks;
pub(crate) mod browser;
mod build;
mod edition;
mod figure;
mod help;
mod highlight;
mod html;
mod include;
mod lines;
pub(crate) mod links;
mod listings;
mod math;
mod phrases;
mod pictured;
pub(crate) mod preprocessor;
mod recognise;
mod results;
pub(crate) mod serve;
mod sources;
mod story;
mod typed;
mod whereabouts;

pub(crate) use build::run;
