//! The book: what is put into it, how it is built and served, and what is checked of it.

pub(crate) mod browser;
mod build;
mod edition;
mod figure;
mod help;
mod highlight;
mod html;
mod include;
pub(crate) mod links;
mod listings;
mod math;
pub(crate) mod preprocessor;
mod redraw;
mod results;
pub(crate) mod serve;
mod sources;
mod typed;

pub(crate) use build::run;
