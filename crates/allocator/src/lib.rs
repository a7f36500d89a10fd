//! The allocator of the programs that compute, with its settings compiled in.
//!
//! Training allocates and frees the same few large sizes over and over. The system's allocator answers by giving memory
//! back to the kernel, which clears every page before it gives it out again. jemalloc can keep what it has, in large
//! pages. A program chooses it with
//!
//! ```
//! #[global_allocator]
//! static ALLOCATOR: allocator::Allocator = allocator::Allocator;
//! ```
//!
//! and `_RJEM_MALLOC_CONF` in its environment changes the settings. The settings are part of this crate, so they are the
//! same however the program is built: in the workspace, or by `cargo install` from anywhere.
//!
//! Where jemalloc can't be built, with Microsoft's compiler, [`Allocator`] is the system's.

#[cfg(not(target_env = "msvc"))]
pub use tikv_jemallocator::Jemalloc as Allocator;

#[cfg(target_env = "msvc")]
pub use std::alloc::System as Allocator;

/// Large pages, and memory that tensors leave behind stays with the process. However large a piece of it is, a small tensor
/// may take a part: otherwise, what one step gave back as a whole is no use to the parts of the next, and a process grows
/// with every step. jemalloc looks for a C string behind a symbol of this name.
#[cfg(not(target_env = "msvc"))]
#[expect(
    unsafe_code,
    reason = "no unsafe code, but a name that the linker must find only once; no one else has it"
)]
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static SETTINGS: &[u8; 75] =
    b"thp:always,dirty_decay_ms:-1,muzzy_decay_ms:-1,lg_extent_max_active_fit:16\0";
