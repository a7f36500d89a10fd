//! What every picture is to be, and one of each kind as it is committed.

mod kinds;
mod measure;
mod random;
