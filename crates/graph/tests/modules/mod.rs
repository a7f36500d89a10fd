//! Models that everybody knows, written from their papers with Burn's modules, at their true sizes. They are captured and
//! never run.

pub(crate) mod bert;
pub(crate) mod llama;
pub(crate) mod resnet;
