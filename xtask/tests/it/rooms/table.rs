//! The table of rooms: which there are, from the top down, and what none of them may touch.
//!
//! Whoever adds a room gives it a place here: below all that use it, above all that it uses.

/// A forbidden edge, with a reason.
pub(crate) struct Ban {
    /// A crate, or a room of one.
    pub(crate) from: &'static str,
    /// Rooms that may nevertheless.
    pub(crate) but: &'static [&'static str],
    /// Crates, rooms, modules, functions. `**::` is any path before the names that follow.
    pub(crate) to: &'static [&'static str],
    pub(crate) why: &'static str,
}

/// Crates with their rooms, and what is forbidden besides going upwards.
pub(crate) struct Plan {
    /// Each crate with its rooms. A root is `lib`, or `main` for a program's.
    pub(crate) crates: &'static [(&'static str, &'static str)],
    pub(crate) bans: &'static [Ban],
}

/// The house as it is. A crate uses crates below it, a room uses rooms below it.
pub(crate) const HOUSE: Plan = Plan { crates: CRATES, bans: BANS };

#[rustfmt::skip]
const CRATES: &[(&str, &str)] = &[
    ("xtask", "main ci sbom models bench cards redraw book live diagrams architecture catalogue libtorch helps process show files paths"),
    ("lab", "main lib cli book figures experiments contract"),
    ("train", "main lib doorways commands cli tasks dashboard training run data device files words"),
    ("plot", "lib drawn narrow squeeze surface contour bars heat hinton pictures chart axis legend heading panel mark frame svg text glyphs"),
    ("graph", "lib page player shortcut questions compare saved export replay capture lines grade drawing views overlay digits error graph note fold captured operation view"),
    ("model", "lib annotated decoding label_smoothing noam language_model transformer cache config generator mask decoder embedding \
               stack feed_forward positional sublayer multi_head fused attention dropout layer_norm linear sizes"),
    ("recall", "lib free chapter tsv deck card schedule"),
    ("kernels", "lib operations append attention heads label_smoothing layer_norm linear packed eight_bits kept dropout softmax ternary rows elements product"),
    ("allocator", "lib"),
    ("one_burn", "lib"),
];

pub(crate) const BANS: &[Ban] = &[
    Ban {
        from: "model",
        but: &[],
        to: &["graph", "train", "plot", "lab", "xtask"],
        why: "the model is what everything else is about, and knows nothing of it",
    },
    Ban {
        from: "model",
        but: &[],
        to: &["std::fs", "std::io", "std::net", "std::process", "std::env"],
        why: "the model does no I/O",
    },
    Ban {
        from: "model",
        but: &[],
        to: &["**::println!", "**::print!", "**::eprintln!", "**::eprint!", "**::dbg!"],
        why: "the model prints nothing",
    },
    Ban {
        from: "graph",
        but: &[],
        to: &["model", "train", "plot", "lab", "xtask"],
        why: "graph draws any module, and is to be of use without the rest",
    },
    Ban {
        from: "plot",
        but: &[],
        to: &["burn", "model", "graph", "train", "lab", "xtask"],
        why: "plot makes pictures of numbers, wherever they come from",
    },
    Ban {
        from: "plot",
        but: &[],
        to: &["std::fs", "std::io", "std::net", "std::process", "std::env", "**::println!", "**::print!"],
        why: "plot gives back text, and does no I/O",
    },
    Ban {
        from: "recall",
        but: &[],
        to: &["burn", "model", "graph", "plot", "train", "lab", "xtask"],
        why: "recall knows questions and days, whatever they are about",
    },
    Ban {
        from: "recall",
        but: &[],
        to: &[
            "std::fs",
            "std::io",
            "std::net",
            "std::process",
            "std::env",
            "std::time",
            "**::println!",
            "**::print!",
        ],
        why: "recall does no I/O, and has no clock",
    },
    Ban {
        from: "train",
        but: &[],
        to: &["graph", "lab", "xtask"],
        why: "what trains draws no diagrams of the model, and is to be compiled without that",
    },
    Ban {
        from: "train",
        but: &["device"],
        to: &[
            "burn::backend",
            "burn_flex",
            "burn_ndarray",
            "burn_dispatch",
            "**::Device::flex",
            "**::Device::ndarray",
            "**::Device::libtorch",
            "**::Device::libtorch_cuda",
            "**::Device::cuda",
            "**::Device::wgpu",
            "**::Device::remote_options",
        ],
        why: "only the room device names Burn's backends",
    },
    Ban {
        from: "train::training",
        but: &[],
        to: &["train::dashboard", "train::cli", "train::commands", "train::tasks"],
        why: "the loop trains whatever a task gives it, whoever asks and whoever watches",
    },
    Ban {
        from: "train::run",
        but: &[],
        to: &["train::training", "train::commands", "train::cli", "train::dashboard", "train::tasks"],
        why: "a run folder is what is on disk, not what is done with it",
    },
    Ban {
        from: "train::data",
        but: &[],
        to: &["train::run", "train::training", "train::commands", "train::tasks", "train::cli"],
        why: "a corpus is there before anything is trained on it",
    },
    Ban {
        from: "train::device",
        but: &[],
        to: &[
            "train::cli",
            "train::commands",
            "train::tasks",
            "train::dashboard",
            "train::training",
            "train::run",
            "train::data",
        ],
        why: "a device is the floor that everything stands on",
    },
    Ban {
        from: "xtask",
        but: &[],
        to: &["train", "lab"],
        why: "`cargo xtask book` compiles Burn with capture alone: xtask runs the programs, and doesn't link them",
    },
];
