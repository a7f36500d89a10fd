//! Which words of a source make which operations.

/// Calls that make no operation, and whose value is what they are called on.
const PASSED_ON: [&str; 30] = [
    "clone",
    "iter",
    "iter_mut",
    "into_iter",
    "as_ref",
    "as_mut",
    "as_deref",
    "unwrap",
    "expect",
    "unwrap_or",
    "rev",
    "take",
    "cloned",
    "copied",
    "val",
    "to_owned",
    "borrow",
    "borrow_mut",
    "first",
    "last",
    "skip",
    "get",
    "get_mut",
    "insert",
    "chunks",
    "windows",
    "collect",
    "next",
    "detach",
    "to_device",
];

/// Calls that make no operation, and whose value is no tensor.
const SILENT: [&str; 16] = [
    "dims",
    "shape",
    "device",
    "len",
    "dtype",
    "num_elements",
    "num_dims",
    "is_empty",
    "is_some",
    "is_none",
    "rank",
    "is_autodiff",
    "is_require_grad",
    "num_params",
    "into",
    "to_string",
];

/// Calls that run a closure any number of times, and do nothing else.
const RUNNING: [&str; 23] = [
    "map",
    "for_each",
    "and_then",
    "fold",
    "filter",
    "filter_map",
    "flat_map",
    "then",
    "unwrap_or_else",
    "map_or",
    "map_or_else",
    "or_else",
    "inspect",
    "scan",
    "get_or_insert_with",
    "with",
    "with_borrow",
    "with_borrow_mut",
    "reduce",
    "try_fold",
    "from_fn",
    "try_for_each",
    "position",
];

/// Words that don't have the name of what they make. A star: as many as need be, and others of the list too.
const MAKES: &[(&str, &[&str])] = &[
    ("+", &["add", "add_scalar"]),
    ("-", &["sub", "sub_scalar"]),
    ("*", &["mul", "mul_scalar"]),
    ("/", &["div", "div_scalar"]),
    ("%", &["rem", "rem_scalar"]),
    ("&", &["and", "bitwise_and", "bitwise_and_scalar"]),
    ("|", &["or", "bitwise_or", "bitwise_or_scalar"]),
    ("^", &["xor", "bitwise_xor", "bitwise_xor_scalar"]),
    ("!", &["not", "bitwise_not"]),
    ("neg", &["neg", "mul_scalar"]),
    ("transpose", &["swap_dims"]),
    ("t", &["swap_dims"]),
    ("movedim", &["permute"]),
    ("flatten", &["reshape"]),
    ("squeeze", &["reshape"]),
    ("squeeze_dim", &["reshape"]),
    ("squeeze_dims", &["reshape"]),
    ("unsqueeze", &["reshape"]),
    ("unsqueeze_dim", &["reshape"]),
    ("unsqueeze_dims", &["reshape"]),
    ("repeat", &["*", "repeat_dim"]),
    ("narrow", &["slice"]),
    ("slice_dim", &["slice"]),
    ("slice_fill", &["*", "slice_assign", "full", "expand"]),
    ("select_dim", &["*", "select", "slice", "reshape"]),
    ("chunk", &["*", "slice"]),
    ("split", &["*", "slice"]),
    ("split_with_sizes", &["*", "slice"]),
    ("iter_dim", &["*", "slice"]),
    ("stack", &["*", "reshape", "cat"]),
    ("select_assign", &["select_assign"]),
    ("mask_fill", &["mask_fill"]),
    ("int", &["into_int", "cast"]),
    ("float", &["into_float", "cast"]),
    ("bool", &["not_equal_elem", "equal_elem", "not", "cast"]),
    ("cast", &["cast", "into_int", "into_float"]),
    ("square", &["powi_scalar", "powf_scalar", "mul"]),
    ("powi_scalar", &["powi_scalar", "powf_scalar"]),
    ("powf_scalar", &["powf_scalar", "powi_scalar"]),
    ("equal_scalar", &["equal_elem"]),
    ("remainder", &["rem"]),
    ("remainder_scalar", &["rem_scalar"]),
    ("clamp_min", &["clamp_min"]),
    ("clamp", &["clamp"]),
    ("acos", &["arc_cos"]),
    ("acosh", &["arc_cosh"]),
    ("asin", &["arc_sin"]),
    ("asinh", &["arc_sinh"]),
    ("atan", &["arc_tan"]),
    ("atanh", &["arc_tanh"]),
    ("atan2", &["arc_tan2"]),
    ("from_data", &["constant", "cast"]),
    ("from_floats", &["constant", "cast"]),
    ("from_ints", &["constant", "cast"]),
    ("from_bool", &["constant"]),
    ("zeros", &["zeros", "full", "constant"]),
    ("zeros_like", &["zeros", "full", "constant"]),
    ("ones", &["ones", "full", "constant"]),
    ("ones_like", &["ones", "full", "constant"]),
    ("full", &["full", "constant"]),
    ("full_like", &["full", "constant"]),
    ("empty", &["empty"]),
    ("random", &["random", "int_random", "mul_scalar", "add_scalar", "constant"]),
    ("random_like", &["random", "int_random"]),
    ("arange", &["constant", "arange", "cast"]),
    ("arange_step", &["constant", "arange", "cast"]),
    ("mean", &["mean"]),
    ("mean_dim", &["mean_dim"]),
    ("max_pair", &["*", "greater", "lower", "mask_where"]),
    ("min_pair", &["*", "greater", "lower", "mask_where"]),
    ("relu", &["relu", "clamp_min"]),
    ("gelu", &["*", "gelu", "erf", "add_scalar", "mul", "mul_scalar", "div_scalar"]),
    (
        "gelu_approximate",
        &["*", "powi_scalar", "powf_scalar", "mul_scalar", "add", "add_scalar", "tanh", "mul", "mul_scalar"],
    ),
    ("silu", &["*", "sigmoid", "mul"]),
    ("glu", &["*", "slice", "sigmoid", "mul"]),
    ("mish", &["*", "exp", "log1p", "add_scalar", "log", "tanh", "mul", "softplus"]),
    (
        "softplus",
        &["*", "mul_scalar", "exp", "add_scalar", "log", "log1p", "div_scalar", "mask_where", "greater_elem"],
    ),
    ("hard_swish", &["*", "hard_sigmoid", "mul", "add_scalar", "clamp", "div_scalar"]),
    ("softmax", &["*", "softmax", "max_dim", "sub", "exp", "sum_dim", "div"]),
    ("log_softmax", &["*", "log_softmax", "max_dim", "sub", "exp", "sum_dim", "log"]),
    ("softmin", &["*", "softmin", "neg", "softmax", "mul_scalar"]),
    (
        "quiet_softmax",
        &[
            "*",
            "max_dim",
            "sub",
            "exp",
            "sum_dim",
            "add",
            "add_scalar",
            "div",
            "neg",
            "mul_scalar",
            "clamp_min",
        ],
    ),
    ("linear", &["*", "linear", "reshape", "matmul", "add", "swap_dims", "expand"]),
    ("layer_norm", &["*", "layer_norm"]),
    ("batch_norm", &["*", "batch_norm"]),
    ("embedding", &["*", "embedding", "select", "reshape"]),
    (
        "attention",
        &["*", "attention", "matmul", "swap_dims", "div_scalar", "mul_scalar", "mask_fill", "add", "softmax"],
    ),
    ("var", &["*", "mean_dim", "sub", "mul", "powi_scalar", "powf_scalar", "sum_dim", "div_scalar"]),
    ("var_bias", &["*", "mean_dim", "sub", "mul", "powi_scalar", "powf_scalar", "sum_dim", "div_scalar"]),
    ("var_mean", &["*", "mean_dim", "sub", "mul", "powi_scalar", "powf_scalar", "sum_dim", "div_scalar"]),
    (
        "var_mean_bias",
        &["*", "mean_dim", "sub", "mul", "powi_scalar", "powf_scalar", "sum_dim", "div_scalar"],
    ),
];

/// Words of Burn's tensors that make several operations, whichever they are.
const SEVERAL: [&str; 33] = [
    "tril_mask",
    "triu_mask",
    "diag_mask",
    "tril",
    "triu",
    "eye",
    "one_hot",
    "one_hot_fill",
    "cov",
    "median",
    "roll",
    "roll_dim",
    "nonzero",
    "argwhere",
    "is_close",
    "all_close",
    "is_finite",
    "contains_nan",
    "categorical",
    "dot",
    "fmod",
    "sum_dims_squeeze",
    "celu",
    "elu",
    "selu",
    "hardtanh",
    "hard_shrink",
    "soft_shrink",
    "softsign",
    "tanhshrink",
    "einsum",
    "relu6",
    "mean_dims",
];

/// Words that make the operation of their name; those that have another are in [`MAKES`] too.
const SAME: &str = " abs add add_scalar all all_dim any any_dim argmax argmin argsort argtopk atan2 avg_pool1d avg_pool2d \
    adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d bitwise_and bitwise_and_scalar bitwise_not bitwise_or \
    bitwise_or_scalar bitwise_xor bitwise_xor_scalar bool_and bool_not bool_or bool_xor cat ceil clamp_max conv1d conv2d conv3d \
    conv_transpose1d conv_transpose2d conv_transpose3d cos cosh cross ctc_loss cummax cummin cumprod cumsum deform_conv2d div \
    div_scalar equal equal_elem erf exp expand flip floor gather gather_nd greater greater_elem greater_equal \
    greater_equal_elem hard_sigmoid hypot interpolate is_inf is_nan leaky_relu log log1p log_sigmoid lower lower_elem \
    lower_equal lower_equal_elem mask_where matmul max max_abs max_abs_dim max_dim max_dim_with_indices max_pool1d max_pool2d \
    max_pool1d_with_indices max_pool2d_with_indices min min_dim min_dim_with_indices mul mul_scalar not_equal not_equal_elem \
    pad permute powf powi prelu prod prod_dim recip repeat_dim reshape round scatter scatter_nd select sigmoid sign sin sinh \
    slice slice_assign sort sort_with_indices sqrt sub sub_scalar sum sum_dim sum_dims swap_dims tan tanh topk \
    topk_with_indices trunc unfold unfold4d grid_sample_2d ";

/// What is known of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It makes one operation, or as many as need be.
    Makes {
        several: bool,
    },
    /// It makes none; the value is passed on.
    PassedOn,
    /// It makes none; the value is no tensor.
    Silent,
    /// It runs closures.
    Running,
    Unknown,
}

/// What is known of a word.
pub(super) fn meaning(word: &str) -> Meaning {
    if let Some((_, kinds)) = MAKES.iter().find(|(name, _)| *name == word) {
        return Meaning::Makes { several: kinds[0] == "*" };
    }
    if SEVERAL.contains(&word) {
        return Meaning::Makes { several: true };
    }
    let padded = format!(" {word} ");
    match word {
        _ if SAME.contains(&padded) => Meaning::Makes { several: false },
        _ if PASSED_ON.contains(&word) => Meaning::PassedOn,
        _ if SILENT.contains(&word) => Meaning::Silent,
        _ if RUNNING.contains(&word) => Meaning::Running,
        _ => Meaning::Unknown,
    }
}

/// What it costs to believe that a word made an operation of a kind; none if it can't have.
pub(super) fn cost(word: &str, kind: &str) -> Option<u32> {
    if SEVERAL.contains(&word) {
        return Some(u32::from(!alike(word, kind)));
    }
    match MAKES.iter().find(|(name, _)| *name == word) {
        Some((_, kinds)) => kinds.contains(&kind).then_some(0),
        None => alike(word, kind).then_some(0),
    }
}

/// Whether a name differs from a kind only in how it is written.
fn alike(word: &str, kind: &str) -> bool {
    let letters = |name: &str| name.replace('_', "");
    let stem = |name: &str| {
        let name = name.strip_prefix("bool_").unwrap_or(name);
        let name = name.strip_suffix("_scalar").or(name.strip_suffix("_elem")).unwrap_or(name);
        letters(name)
    };
    stem(word) == stem(kind) || letters(word) == letters(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_make_what_they_are_called_or_what_the_table_says() {
        for (word, kind) in [
            ("matmul", "matmul"),
            ("transpose", "swap_dims"),
            ("+", "add_scalar"),
            ("bool_or", "or"),
            ("equal_elem", "equal_elem"),
            ("argmax", "arg_max"),
            ("prelu", "p_relu"),
            ("unsqueeze", "reshape"),
        ] {
            assert_eq!(cost(word, kind), Some(0), "{word} {kind}");
            assert!(matches!(meaning(word), Meaning::Makes { .. }), "{word}");
        }
        assert_eq!(cost("matmul", "add"), None);
        assert_eq!(cost("exp", "log"), None);
        assert_eq!(meaning("dims"), Meaning::Silent);
        assert_eq!(meaning("frobnicate"), Meaning::Unknown);
    }

    #[test]
    fn no_word_has_two_meanings() {
        let all =
            MAKES.iter().map(|(word, _)| *word).chain(SEVERAL).chain(PASSED_ON).chain(SILENT).chain(RUNNING);
        let mut seen: Vec<&str> = Vec::new();
        for word in all {
            assert!(!seen.contains(&word), "{word}");
            seen.push(word);
        }
    }
}
