//! The model's tests, in one binary.

mod burn_parity;
mod cases;
mod common;
mod decoding;
mod gradients;
mod parity;
mod properties;
mod sampling;
mod width;
