//! `train serve-device`: lends this machine's device to other processes.

pub(super) use crate::device::serve as run;
