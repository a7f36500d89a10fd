//! What is tested of the repository as a whole: its diagrams, its rooms, its files, and what ARCHITECTURE says of it.

mod architecture;
mod claims;
mod files;
#[cfg(target_os = "linux")]
mod killed;
#[cfg(target_os = "linux")]
mod libtorch;
#[cfg(target_os = "linux")]
mod one_burn;
mod renderers;
mod rooms;
mod sbom;
