use std::borrow::Cow;

use anyhow::anyhow;
use serde::Deserialize;

use super::*;
use crate::data::text::normalise;

const LINES: [&str; 6] = [
    "Der Hund schläft unter dem Tisch.",
    "Der Tisch steht unter der Lampe.",
    "Die Hunde schlafen.",
    "The dog sleeps under the table.",
    "The table stands under the lamp.",
    "The dogs sleep.",
];

fn opened(path: &Path) -> Result<Vocabulary> {
    Vocabulary::from_text(&std::fs::read(path).unwrap(), path)
}

fn trained(size: usize, alphabet: Alphabet) -> Result<Vocabulary> {
    Vocabulary::train(LINES.iter().map(|&line| Ok(line.to_owned())), size, alphabet)
}

#[test]
fn text_survives_the_round_trip() {
    for (alphabet, size) in [(Alphabet::Characters, 70), (Alphabet::Bytes, 290)] {
        let vocabulary = trained(size, alphabet).unwrap();
        assert_eq!(vocabulary.size(), size);
        for line in LINES {
            let ids = vocabulary.encode(line).unwrap();
            assert!(ids.iter().all(|&id| id > UNK && id < size), "{ids:?}");
            assert_eq!(vocabulary.decode(&ids).unwrap(), line);
        }
    }
}

#[test]
fn bytes_write_everything_and_characters_only_what_they_know() {
    let bytes = trained(290, Alphabet::Bytes).unwrap();
    let text = "zwei Räume, 日本 und 🦀 \u{0}";
    assert_eq!(bytes.decode(&bytes.encode(text).unwrap()).unwrap(), text);
    let characters = trained(70, Alphabet::Characters).unwrap();
    assert!(characters.encode("日").unwrap().contains(&UNK));
}

/// Files of Hugging Face's often say how texts are padded and cut; one of these would take terabytes.
#[test]
fn a_text_is_neither_padded_nor_cut_whatever_a_file_says() {
    let own = trained(290, Alphabet::Bytes).unwrap().text().unwrap();
    let pads = |strategy: serde_json::Value| {
        serde_json::json!({
            "strategy": strategy, "direction": "Right", "pad_to_multiple_of": 8, "pad_id": 0, "pad_type_id": 0,
            "pad_token": "<pad>",
        })
    };
    let cuts = serde_json::json!({
        "direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0,
    });
    let fixed = |length: u64| pads(serde_json::json!({ "Fixed": length }));
    for (key, value) in [
        ("padding", pads("BatchLongest".into())),
        ("padding", fixed(64)),
        ("padding", fixed(1_000_000_000_000)),
        ("truncation", cuts),
    ] {
        let mut file: serde_json::Value = serde_json::from_str(&own).unwrap();
        file[key] = value;
        let found = Vocabulary::from_text(file.to_string().as_bytes(), Path::new("file")).unwrap();
        let lines: Vec<String> = LINES.map(str::to_owned).into();
        let expected = trained(290, Alphabet::Bytes).unwrap().encode_all(lines.clone()).unwrap();
        assert_eq!(found.encode_all(lines).unwrap(), expected, "{key}");
        assert_eq!(found.text().unwrap(), own, "{key}");
    }
}

#[test]
fn the_same_lines_give_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, trained(70, Alphabet::Characters).unwrap().text().unwrap()).unwrap();
        std::fs::read(path).unwrap()
    };
    assert_eq!(write("a"), write("b"));
    let again = opened(&folder.path().join("a")).unwrap();
    assert_eq!(again.decode(&again.encode(LINES[0]).unwrap()).unwrap(), LINES[0]);
}

#[test]
fn a_size_is_the_most_and_what_the_lines_give_is_the_same_below_it() {
    let all = trained(5_000, Alphabet::Characters).unwrap();
    assert!((5..5_000).contains(&all.size()), "{}", all.size());
    assert!(all.has_no_gaps());
    // As if that size had been asked for.
    assert_eq!(trained(all.size(), Alphabet::Characters).unwrap().text().unwrap(), all.text().unwrap());
    assert_eq!(trained(all.size() - 1, Alphabet::Characters).unwrap().size(), all.size() - 1);
}

#[test]
fn too_few_pieces_for_the_alphabet_are_an_error_that_says_how_many() {
    for (alphabet, part) in [(Alphabet::Characters, "different characters"), (Alphabet::Bytes, "256 bytes")] {
        let message = trained(10, alphabet).unwrap_err().to_string();
        assert!(message.starts_with("--vocab 10 is too small: the "), "{message}");
        assert!(message.contains(part) && message.ends_with("or more"), "{message}");
    }
    let least = trained(260, Alphabet::Bytes).unwrap();
    assert_eq!(least.encode("the").unwrap().len(), 3);
}

#[test]
fn absurd_sizes_are_refused_before_anything_is_read() {
    for size in [0, 3, MOST + 1, usize::MAX] {
        let unread = std::iter::from_fn(|| -> Option<Result<String>> { unreachable!("nothing is read") });
        let message = Vocabulary::train(unread, size, Alphabet::Bytes).unwrap_err().to_string();
        assert!(message.contains(&format!("--vocab {size} ")) && message.contains("1048576"), "{message}");
    }
}

#[test]
fn what_cannot_be_read_is_the_error() {
    let lines = LINES.iter().map(|&line| Ok(line.to_owned())).chain([Err(anyhow!("line 7 is broken"))]);
    let message = Vocabulary::train(lines, 70, Alphabet::Characters).unwrap_err().to_string();
    assert_eq!(message, "line 7 is broken");
}

#[test]
fn special_tokens_in_a_text_are_text() {
    let tagged = "so <pad> is<pad>it, <bos>, <eos><unk> <pad>";
    for (alphabet, size) in [(Alphabet::Characters, 90), (Alphabet::Bytes, 300)] {
        let lines = LINES.iter().copied().chain([tagged; 50]).map(|line| Ok(line.to_owned()));
        let vocabulary = Vocabulary::train(lines, size, alphabet).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokenizer.json");
        std::fs::write(&path, vocabulary.text().unwrap()).unwrap();
        for vocabulary in [vocabulary, opened(&path).unwrap()] {
            let ids = vocabulary.encode(tagged).unwrap();
            assert!(ids.iter().all(|&id| id > UNK), "{ids:?}");
            assert_eq!(vocabulary.decode(&ids).unwrap(), tagged);
        }
    }
}

#[test]
fn words_are_told_by_their_first_piece() {
    let vocabulary = trained(60, Alphabet::Characters).unwrap();
    let ids = vocabulary.encode("Der Hund").unwrap();
    assert_eq!(ids.iter().filter(|&&id| vocabulary.begins_word(id)).count(), 2);
    let pieces: String = ids.iter().map(|&id| vocabulary.piece(id)).collect();
    assert_eq!(pieces, "DerHund");
}

#[test]
fn a_damaged_or_foreign_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    std::fs::write(&path, "{").unwrap();
    assert!(format!("{:#}", opened(&path).unwrap_err()).contains("is damaged"));
    std::fs::write(&path, trained(70, Alphabet::Characters).unwrap().text().unwrap()).unwrap();
    let text = std::fs::read_to_string(&path).unwrap().replace("<bos>", "<beg>");
    std::fs::write(&path, text).unwrap();
    assert!(opened(&path).unwrap_err().to_string().contains("<bos> must have the id 1"));
}

/// The crate `tokenizers` panics at some of these files.
#[test]
fn no_flipped_bit_panics() {
    let vocabulary = trained(70, Alphabet::Characters).unwrap();
    let whole = vocabulary.text().unwrap().into_bytes();
    let start = whole.windows(9).position(|part| part == b"\"decoder\"").unwrap();
    let (mut refused, mut same) = (0, 0);
    for (place, bit) in (start..start + 250).flat_map(|place| (0..8).map(move |bit| (place, bit))).step_by(3)
    {
        let mut flipped = whole.clone();
        flipped[place] ^= 1 << bit;
        let opened = Vocabulary::from_text(&flipped, Path::new("tokenizer.json"));
        match opened.and_then(|opened| opened.decode(&opened.encode(LINES[0])?)) {
            Ok(_) => same += 1,
            Err(error) => {
                let message = format!("{error:#}");
                assert!(
                    message.contains("tokenizer.json is damaged") && !message.contains('\n'),
                    "{message}"
                );
                refused += 1;
            }
        }
    }
    assert!(refused > 100 && same > 0, "{refused} were refused and {same} taken");
}

#[test]
fn the_form_of_a_text_makes_no_difference() {
    for (alphabet, size) in [(Alphabet::Characters, 70), (Alphabet::Bytes, 290)] {
        let normal = trained(size, alphabet).unwrap();
        let odd = |line: &str| format!(" {}", line.replace(' ', "\u{a0}\t").replace('ä', "a\u{308}"));
        let learnt = Vocabulary::train(LINES.iter().map(|line| Ok(odd(line))), size, alphabet).unwrap();
        assert_eq!(learnt.text().unwrap(), normal.text().unwrap());
        for line in LINES {
            assert_eq!(normal.encode(&odd(line)).unwrap(), normal.encode(line).unwrap());
        }
    }
}

/// What the Python package `tokenizers` makes of a text.
#[derive(Deserialize)]
struct Case {
    text: String,
    normal: String,
    ids: Vec<usize>,
}

#[test]
fn the_models_read_text_as_python_does() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let expected = std::fs::read_to_string(here.join("tests/tokenizers/expected.json")).unwrap();
    let expected: std::collections::BTreeMap<String, Vec<Case>> = serde_json::from_str(&expected).unwrap();
    assert_eq!(expected.keys().collect::<Vec<_>>(), ["austen", "ding"]);
    for (name, cases) in expected {
        let path = here.join("../../models").join(&name).join("tokenizer.json");
        let vocabulary = opened(&path).unwrap();
        assert!(cases.iter().filter(|case| matches!(normalise(&case.text), Cow::Owned(_))).count() > 9);
        for Case { text, normal, ids } in cases {
            assert_eq!(normalise(&text), normal, "{text:?}");
            assert_eq!(vocabulary.encode(&text).unwrap(), ids, "{name}: {text:?}");
            assert_eq!(vocabulary.encode(&normal).unwrap(), ids, "{name}: {text:?}");
        }
        assert_eq!(vocabulary.text().unwrap(), std::fs::read_to_string(&path).unwrap(), "{name}");
    }
}
