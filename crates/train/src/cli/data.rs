//! Arguments of `train data`.

use std::path::PathBuf;

use crate::data::corpus::AddArgs;

/// The arguments of `train data`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DataArgs {
    /// Folder of the corpora.
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,
    /// What to do with them.
    #[command(subcommand)]
    pub(crate) command: DataCommand,
}

/// What can be done with corpora.
#[derive(Clone, Debug, clap::Subcommand)]
pub(crate) enum DataCommand {
    /// Make a corpus of text files: cleaned, pairs without duplicates, split into training, validation and test.
    Add(Box<AddArgs>),
    /// List the corpora, built-in ones first.
    List,
    /// Show what a corpus is and some of its lines.
    Show {
        /// Name or folder of the corpus.
        name: String,
    },
}
