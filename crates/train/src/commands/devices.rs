//! `train devices`: what there is to compute on, and how to get the rest.

pub(super) use crate::device::list as run;
