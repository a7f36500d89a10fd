//! Every crate is a room of the workspace, and every top-level module is a room of its crate: flow runs downwards only.
//!
//! Each path in the sources counts, not only those in `use`. What only tests compile may reach into every room, but into no
//! crate that is forbidden. Within a room, modules beside each other make no circle either.

mod check;
mod circles;
mod examples;
mod read;
mod resolve;
pub(crate) mod source;
mod table;
mod tokens;

#[test]
fn flow_runs_downwards() {
    let faults = check::faults(&source::workspace(), &table::HOUSE);
    assert!(
        faults.is_empty(),
        "{} faults (the rooms are in {}/table.rs)\n  {}",
        faults.len(),
        module_path!(),
        faults.join("\n  ")
    );
}
