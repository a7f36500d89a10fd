//! The crate as its users see it: captures of small modules, views of them, and pictures of views made by hand.
//!
//! All tests are in one program, so that there is one to link. They may run at once: a capture has a device of its own,
//! and what it hears of spans is heard on its own thread.

mod model;
mod sketch;

mod capture_errors;
mod capture_fold;
mod capture_owners;
mod capture_shapes;
mod capture_threads;
mod capture_views;
mod compare_draw;
mod compare_graphs;
mod compare_modules;
mod compare_saved;
mod draw;
mod draw_hard;
mod draw_random;
mod examples;
