//! The vocabularies of a run, and which texts its model can read.

use anyhow::{Result, anyhow, ensure};

use super::config::{ModelConfig, RunConfig, Task};
use super::folder::RunFolder;
use crate::data::dataset::Vocabularies;
use crate::data::vocabulary::Vocabulary;

/// The vocabularies of a run, which must be as large as its model expects.
///
/// # Errors
///
/// If the run has none, or they are damaged or another model's.
pub(crate) fn open(folder: &RunFolder, config: &RunConfig) -> Result<Vocabularies> {
    let [source, target] = folder.vocabularies()?;
    let check = |vocabulary: &Vocabulary, side: &str, expected: usize| {
        let (path, found) = (folder.path().display(), vocabulary.size());
        ensure!(
            found == expected,
            "{path} can't be used: the vocabulary of its {side} has {found} pieces, but its model knows {expected}; \
             put back the vocabulary that was saved with the model"
        );
        Ok(())
    };
    if let ModelConfig::Transformer(sizes) = &config.model {
        check(&source, "source", sizes.src_vocab)?;
    }
    check(&target, "target", config.model.tgt_vocab())?;
    Ok(Vocabularies { source, target })
}

/// A model that knows as many pieces as the vocabularies of its run have, where they have fewer.
///
/// # Errors
///
/// If the run has no vocabularies, or they are damaged.
pub(crate) fn fitted(folder: &RunFolder, model: &ModelConfig) -> Result<ModelConfig> {
    let [source, target] = folder.vocabularies()?.map(|vocabulary| vocabulary.size());
    let mut model = model.clone();
    match &mut model {
        ModelConfig::Transformer(sizes) => {
            sizes.src_vocab = sizes.src_vocab.min(source);
            sizes.tgt_vocab = sizes.tgt_vocab.min(target);
        }
        ModelConfig::Language(sizes) => sizes.vocab = sizes.vocab.min(target),
    }
    Ok(model)
}

/// Checks that a text isn't far longer than those that the model was trained on: what it makes of such a text means
/// nothing, and the memory for it grows with the square of its length.
///
/// # Errors
///
/// If it is.
pub(crate) fn check_length(tokens: usize, config: &RunConfig) -> Result<()> {
    excess(tokens, config).map_or(Ok(()), |excess| Err(anyhow!("{excess}; cut the text into shorter ones")))
}

/// What is said of a text that is too long, if one of so many tokens is.
pub(crate) fn excess(tokens: usize, config: &RunConfig) -> Option<String> {
    let (trained, most) = (trained_tokens(config), most_tokens(config));
    let told = || {
        format!(
            "the text has {tokens} tokens, but the model was trained on at most {trained} and is given at most {most}"
        )
    };
    (tokens > most).then(told)
}

/// How many tokens of a text a model is given at most.
pub(crate) fn most_tokens(config: &RunConfig) -> usize {
    let trained = trained_tokens(config);
    trained.saturating_mul(4).clamp(512, 1_024).max(trained)
}

fn trained_tokens(config: &RunConfig) -> usize {
    match config.task.trained() {
        Task::Translate(task) | Task::Lm(task) => task.length,
        Task::Copy(task) => task.length,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::vocabulary::{Alphabet, BOS, EOS};
    use crate::run::config::{CorpusTask, Versions};
    use model::LanguageModelConfig;

    /// A run of a language model with so many pieces.
    fn config(vocab: usize, length: usize) -> RunConfig {
        let task = CorpusTask {
            corpus: "none".to_owned(),
            folder: Some("none".into()),
            beside: None,
            content: None,
            source: None,
            target: None,
            length,
        };
        RunConfig {
            task: Task::Lm(task),
            model: ModelConfig::Language(LanguageModelConfig::tiny(vocab)),
            bos: BOS,
            eos: Some(EOS),
            training: None,
            device: None,
            versions: Versions::current(),
        }
    }

    #[test]
    fn a_text_far_longer_than_those_trained_on_is_refused() {
        for (trained, most) in [(4, 512), (200, 800), (500, 1_024), (9_000, 9_000)] {
            check_length(most, &config(7, trained)).unwrap();
            let message = check_length(most + 1, &config(7, trained)).unwrap_err().to_string();
            assert!(message.contains(&format!("at most {most}")), "{message}");
        }
    }

    #[test]
    fn a_vocabulary_of_another_model_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(&parent.path().join("run"), &config(280, 4), false).unwrap();
        let lines = (0..90).map(|n| Ok(format!("Line {n} is the line after line {}.", n - 1)));
        folder.save_shared(&Vocabulary::train(lines, 280, Alphabet::Bytes).unwrap()).unwrap();
        assert_eq!(open(&folder, &config(280, 4)).unwrap().target.size(), 280);
        let message = open(&folder, &config(281, 4)).unwrap_err().to_string();
        assert!(message.contains("has 280 pieces, but its model knows 281"), "{message}");
    }
}
