//! The crate as its users see it: captures of small modules, views of them, and pictures of views made by hand.
//!
//! All tests are in one program, so that there is one to link. They may run at once: a capture has a device of its own,
//! and what it hears of spans is heard on its own thread.

mod listed;
mod model;
#[path = "../modules/mod.rs"]
mod modules;
mod replay;
mod sketch;
mod words;

mod capture_declared;
mod capture_errors;
mod capture_fold;
mod capture_owners;
mod capture_reasons;
mod capture_shapes;
mod capture_silence;
mod capture_threads;
mod capture_views;
mod compare_draw;
mod compare_graphs;
mod compare_modules;
mod compare_saved;
mod compare_told;
mod draw;
mod draw_hard;
mod draw_links;
mod draw_loops;
mod draw_narrow;
mod draw_random;
mod draw_space;
mod draw_words;
mod examples;
mod first_steps;
mod fold_apart;
mod fold_blocks;
mod fold_conv;
mod fold_kin;
mod fold_places;
mod fold_time;
mod fold_weights;
mod grade;
mod grade_dot;
mod grade_shared;
mod known_models;
mod lines;
mod lines_again;
mod lines_calls;
mod lines_made;
mod lines_names;
mod lines_words;
mod overlay;
mod overlay_drawn;
mod overlay_errors;
mod page;
mod page_written;
mod player;
mod questions;
mod replay_edits;
mod replay_kinds;
mod replay_modules;
mod replay_saved;
mod replay_shown;
mod view_depth;
mod words_counts;
mod words_hues;
mod words_names;
mod words_norms;
mod words_recognised;
