//! What [`normalise`](crate::data::text::normalise) does, as a `tokenizer.json` says it.

use anyhow::Result;
use tokenizers::NormalizerWrapper;
use tokenizers::normalizers::replace::{Replace, ReplacePattern};
use tokenizers::normalizers::{NFC, Sequence, Strip};

use super::plain;

/// What shows nothing and only says where a line may be broken.
const REMOVED: &str = r"[\u00AD\u200B\u2060\uFEFF]";
/// White space that isn't one space already. That could be replaced by itself, too, but nearly all is of that kind.
const WHITE: &str = r"\s{2,}|[^\S ]";

/// The steps, in the order in which they are made.
///
/// # Errors
///
/// If the crate `tokenizers` refuses a pattern.
pub(super) fn normalizer() -> Result<NormalizerWrapper> {
    let replace = |pattern: &str, content: &str| {
        Replace::new(ReplacePattern::Regex(pattern.to_owned()), content).map_err(plain)
    };
    Ok(NormalizerWrapper::Sequence(Sequence::new(vec![
        replace(REMOVED, "")?.into(),
        NFC.into(),
        replace(WHITE, " ")?.into(),
        Strip::new(true, true).into(),
    ])))
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::borrow::Cow;

    use rand::RngExt;
    use rand::seq::IndexedRandom;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;
    use tokenizers::{NormalizedString, Normalizer};
    use unicode_normalization_alignments::UnicodeNormalization;

    use crate::data::text::normalise;

    /// What a `tokenizer.json` makes of a line.
    fn by_tokenizer(normalizer: &NormalizerWrapper, line: &str) -> String {
        let mut normalized = NormalizedString::from(line);
        normalizer.normalize(&mut normalized).unwrap();
        normalized.get().to_owned()
    }

    /// Characters that mean something here, and any others.
    fn random_line(random: &mut ChaCha8Rng) -> String {
        const TELLING: [&str; 9] = [
            "  \t\r\u{b}\u{c}\u{85}\u{a0}\u{1680}\u{2002}\u{2007}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}",
            "\u{ad}\u{200b}\u{2060}\u{feff}\u{200c}\u{200d}\u{200e}\u{180e}\u{fe0f}\u{0}\u{1c}\u{7f}",
            "\u{300}\u{301}\u{308}\u{30a}\u{31b}\u{323}\u{327}\u{328}\u{338}\u{345}\u{34f}\u{5b0}\u{93c}\u{3099}",
            "aeouAnqz<ß.▁ÄéǖÅ\u{1e9b}ẛḍ̇が",
            "\u{1100}\u{1112}\u{1161}\u{1175}\u{11a7}\u{11a8}\u{11ab}\u{11c2}가각한",
            "\u{212b}\u{2126}\u{340}\u{374}\u{37e}\u{958}\u{2000}\u{2001}\u{f900}\u{fb1d}\u{2adc}\u{1d15e}",
            "\u{1f469}\u{1f467}\u{2764}\u{1f1e9}\u{1f1ea}\u{1f3fd}",
            "ﬁ²ⅣｆｕⅠ½…“„–\u{2011}",
            "\n<pad><unk>",
        ];
        (0..random.random_range(0..24))
            .map(|_| match TELLING.get(random.random_range(0..TELLING.len() + 1)) {
                Some(of) => *of.chars().collect::<Vec<_>>().choose(random).unwrap(),
                None => random.random(),
            })
            .collect()
    }

    #[test]
    fn tokenizer_json_says_the_same() {
        let normalizer = normalizer().unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let mut changed = 0;
        for _ in 0..20_000 {
            let line = random_line(&mut random);
            let normal = normalise(&line);
            assert_eq!(normal, by_tokenizer(&normalizer, &line), "{line:?}");
            assert!(matches!(normalise(&normal), Cow::Borrowed(_)), "twice does more than once: {line:?}");
            assert_eq!(by_tokenizer(&normalizer, &normal), normal, "{line:?}");
            changed += usize::from(normal != line);
        }
        assert!((10_000..19_990).contains(&changed), "{changed} of 20000 lines were changed");
    }

    #[test]
    fn every_character_is_treated_alike_by_both() {
        let normalizer = normalizer().unwrap();
        // What lies between has no characters, and what comes after is for private use.
        for c in ('\0'..='\u{33fff}').chain('\u{e0000}'..='\u{e0fff}') {
            let line = format!("a{c}b");
            assert_eq!(normalise(&line), by_tokenizer(&normalizer, &line), "{c:?}");
        }
    }

    #[test]
    fn decomposed_text_becomes_what_the_composed_one_does() {
        let mut random = ChaCha8Rng::seed_from_u64(8);
        for _ in 0..5_000 {
            let line = random_line(&mut random);
            let decomposed: String = line.chars().nfd().map(|(c, _)| c).collect();
            assert_eq!(normalise(&decomposed), normalise(&line), "{line:?}");
        }
    }
}
