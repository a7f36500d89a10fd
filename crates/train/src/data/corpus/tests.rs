use std::collections::HashSet;
use std::io::Write;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: AddArgs,
}

/// Files to make corpora of, and the data folder.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn add(&self, args: &[&str]) -> Result<String> {
        let args = Cli::try_parse_from([&["add"], args].concat())?.args;
        let mut output = Vec::new();
        add(&args, &self.data(), &mut output)?;
        Ok(String::from_utf8(output)?)
    }

    /// The error of adding, after which nothing is left behind.
    fn refused(&self, args: &[&str]) -> String {
        let before = self.entries();
        let message = format!("{:#}", self.add(args).unwrap_err());
        assert_eq!(self.entries(), before, "nothing is left behind by: {message}");
        assert!(!message.contains('\n'), "one line: {message}");
        message
    }

    fn entries(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.data()).into_iter().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }

    fn corpus(&self, name: &str) -> Corpus {
        Corpus::open(&self.data().join(name)).unwrap()
    }
}

fn pairs(corpus: &Corpus, split: Split) -> Vec<(String, String)> {
    corpus.pairs(split).unwrap().collect::<Result<_>>().unwrap()
}

/// Pairs as `deu.txt` has them. Some share a side, one is there twice, one is empty.
fn tatoeba(lines: usize) -> String {
    let row = |n| {
        format!("English {}\tDeutsch {}\tCC-BY 2.0 (France) Attribution: tatoeba.org #{n}\n", n / 2, n / 3)
    };
    (0..lines).map(row).chain([row(0), "\tDeutsch\tCC-BY\n".to_owned()]).collect()
}

#[test]
fn what_is_added_is_split_by_sides_and_counted() {
    let place = Place::new();
    let file = place.file("deu.txt", tatoeba(1_000));
    let said = place.add(&["t", "--tatoeba", &file]).unwrap();
    let corpus = place.corpus("t");
    let CorpusInfo { counts, dropped, .. } = *corpus.info();
    // Of six pairs in a row, two repeat the one before; four more are left over, of which one does.
    assert_eq!((dropped.empty, dropped.duplicates), (1, 166 * 2 + 1 + 1));
    assert_eq!((counts.valid, counts.test), (33, 33));
    let sum = counts.train + counts.valid + counts.test;
    assert_eq!(sum + dropped.empty + dropped.duplicates + dropped.shared_with_held_out, 1_002);
    assert!(dropped.shared_with_held_out > 0);
    for part in ["of 1002 lines\n".to_owned(), counts.described(), dropped.described()] {
        assert!(said.contains(&part), "{part}: {said}");
    }

    let splits = Split::ALL.map(|split| pairs(&corpus, split));
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        let sources: HashSet<_> = splits[one].iter().map(|pair| &pair.0).collect();
        let targets: HashSet<_> = splits[one].iter().map(|pair| &pair.1).collect();
        let shared = splits[other].iter().find(|pair| sources.contains(&pair.0) || targets.contains(&pair.1));
        assert_eq!(shared, None);
    }
    assert!(splits[0].iter().all(|(source, target)| source.starts_with("De") && target.starts_with("En")));
    assert_eq!(corpus.info().languages(), ["de", "en"]);
    assert!(corpus.info().licence.starts_with("CC BY 2.0"));
}

#[test]
fn english_comes_first_in_a_file_of_tatoeba_whichever_way_it_is_translated() {
    let place = Place::new();
    let file = place.file("deu.txt", (0..40).map(|n| format!("En {n}\tDe {n}\tCC\n")).collect::<String>());
    for (name, languages, from, into) in [("a", "de-en", "De", "En"), ("b", "en-de", "En", "De")] {
        place.add(&[name, "--tatoeba", &file, "--languages", languages]).unwrap();
        let corpus = place.corpus(name);
        assert_eq!(corpus.info().languages().join("-"), languages);
        for (source, target) in pairs(&corpus, Split::Train) {
            assert!(source.starts_with(from) && target.starts_with(into), "{languages}: {source} {target}");
        }
    }
}

#[test]
fn one_seed_makes_one_corpus_of_every_kind_of_file() {
    let place = Place::new();
    let rows: Vec<String> = (0..60).map(|n| format!("a {n}\tb {n}")).collect();
    let column = |index: usize, end: &str| -> String {
        rows.iter().map(|row| format!("{}{end}", row.split('\t').nth(index).unwrap())).collect()
    };
    let tsv = place.file("x.tsv", rows.join("\n"));
    let source = place.file("x.de", format!("\u{feff}{}", column(0, "\r\n")));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(column(1, " \n").as_bytes()).unwrap();
    let target = place.file("gzipped", encoder.finish().unwrap());
    place.add(&["one", "--tsv", &tsv]).unwrap();
    place.add(&["same", "--source", &source, "--target", &target]).unwrap();
    place.add(&["other", "--tsv", &tsv, "--seed", "2"]).unwrap();
    let [one, same, other] = ["one", "same", "other"].map(|name| place.corpus(name));
    for split in Split::ALL {
        assert_eq!(pairs(&one, split), pairs(&same, split), "{}", split.name());
        assert_ne!(pairs(&one, split), pairs(&other, split), "{}", split.name());
    }
    assert_eq!(list_folder(&place.data()).unwrap().len(), 3);
}

#[test]
fn text_is_split_too_and_may_do_without_a_test() {
    let place = Place::new();
    let file = place.file("x.txt", (0..50).map(|n| format!("Line {n}.\n\n")).collect::<String>());
    place.add(&["t", "--text", &file, "--valid", "7", "--test", "0", "--licence", "mine"]).unwrap();
    let corpus = Corpus::find("t", &place.data()).unwrap();
    assert_eq!(corpus.info().counts, Counts { train: 43, valid: 7, test: 0 });
    assert_eq!((corpus.info().dropped.empty, corpus.info().licence.as_str()), (50, "mine"));
    assert_eq!(corpus.texts(Split::Train).unwrap().map(Result::unwrap).next().unwrap(), "Line 0.");
    let message = corpus.texts(Split::Test).err().unwrap().to_string();
    assert!(message.contains("has no test split"), "{message}");
    let message = corpus.pairs(Split::Train).err().unwrap().to_string();
    assert!(message.contains("holds text, but pairs of sentences"), "{message}");
}

#[test]
fn bad_files_are_named_and_leave_nothing_behind() {
    let place = Place::new();
    let good = place.file("good", "1\n2\n3\n4\n");
    let contains = |args: &[&str], parts: &[&str]| {
        let message = place.refused(&[&["x"], args].concat());
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    };
    let short = place.file("short", "1\n2\n");
    contains(&["--source", &good, "--target", &short], &["good has 4 lines", "short has 2"]);
    let latin = place.file("latin", b"1\n\xe4\n");
    contains(&["--text", &latin], &["line 2 of", "latin is not UTF-8"]);
    let empty = place.file("empty", "");
    contains(&["--text", &empty], &["empty is empty"]);
    contains(&["--source", &empty, "--target", &empty], &["empty and ", "empty are empty"]);
    let line = place.file("line", " \n");
    contains(&["--text", &line], &["line has no usable line: the only line is empty"]);
    contains(
        &["--source", &line, "--target", &line],
        &["line have no usable line: the only line is empty on"],
    );
    let blank = place.file("blank", "\n \n\t\n");
    contains(&["--tsv", &blank], &["blank has no usable line", "of 3 lines"]);
    let tsv = place.file("tsv", "1\t1\n2 2\n");
    contains(&["--tsv", &tsv], &["line 2 of", "tsv has no tab"]);
    contains(&["--text", &good], &["good: the validation split would be empty: 4 usable lines"]);
    contains(&["--text", &good, "--valid", "2", "--test", "2"], &["good: nothing would be left to train on"]);
    contains(&["--text", &good, "--valid", "1000001"], &["at most --valid 1000000", "found 1000001"]);
    contains(&["--text", "no-such-file"], &["no-such-file does not exist"]);
    let same = place.file("same", "a\t1\na\t2\na\t3\n");
    contains(&["--tsv", &same, "--valid", "1", "--test", "0"], &["same: nothing", "all the 2 other pairs"]);
}

#[test]
fn bad_names_and_options_are_refused() {
    let place = Place::new();
    let good = place.file("good", "1\n2\n3\n4\n");
    for name in ["", ".", "..", "a/b", "a\\b", ".hidden", "a b"] {
        let message = place.refused(&[name, "--text", &good, "--valid", "1"]);
        assert!(message.contains(&format!("{name:?} can't be the name")), "{message}");
    }
    let message = place.refused(&["ding", "--text", &good]);
    assert!(message.contains("ding is the name of a built-in corpus"), "{message}");
    let parse = |args: &[&str]| Cli::try_parse_from([&["add", "x"], args].concat()).map(drop);
    for wrong in [
        &[][..],
        &["--source", "a"],
        &["--target", "a"],
        &["--tsv", "a", "--text", "b"],
        &["--tsv", "a", "--target", "b"],
        &["--tsv", "a", "--languages", "de-DE"],
        &["--tsv", "a", "--languages", "../de-en"],
        &["--text", "a", "--languages", "../en"],
    ] {
        assert!(parse(wrong).is_err(), "{wrong:?}");
    }
    parse(&["--source", "a", "--target", "b", "--languages", "fr-en"]).unwrap();
    for kind in ["--tsv", "--tatoeba"] {
        let message = place.refused(&["x", kind, &good, "--languages", "deen"]);
        assert!(message.contains("--languages deen names one; give both"), "{message}");
    }
    let message = place.refused(&["x", "--text", &good, "--languages", "de-en"]);
    assert!(message.contains("--languages de-en names two; give one, such as --languages de"), "{message}");
    let message = place.refused(&["x", "--tatoeba", &good, "--languages", "fr-de"]);
    assert!(message.contains("English in its first column") && message.contains("found fr-de"), "{message}");
    parse(&["--text", "a"]).unwrap();
}

#[test]
fn only_a_corpus_is_replaced_and_only_when_asked() {
    let place = Place::new();
    let lines = |count| (0..count).map(|n| format!("{n}\n")).collect::<String>();
    let (old, new) = (place.file("old", lines(40)), place.file("new", lines(50)));
    place.add(&["x", "--text", &old]).unwrap();
    let message = place.refused(&["x", "--text", &new]);
    assert!(message.contains("x is a corpus already") && message.contains("--force"), "{message}");
    let bad = place.file("bad", b"\xff");
    place.refused(&["x", "--text", &bad, "--force"]);
    assert_eq!(place.corpus("x").info().counts.train, 36);
    place.add(&["x", "--text", &new, "--force"]).unwrap();
    assert_eq!(place.corpus("x").info().counts.train, 46);
    assert_eq!(place.entries(), [place.data().join("x")], "the old one is gone");

    fs::write(place.data().join("x/notes.md"), "mine").unwrap();
    let message = place.refused(&["x", "--text", &new, "--force"]);
    assert!(message.contains("notes.md besides the corpus"), "{message}");
    fs::remove_file(place.data().join("x").join(INFO)).unwrap();
    let message = place.refused(&["x", "--text", &new, "--force"]);
    assert!(message.contains("no corpus (it has no corpus.json)"), "{message}");
}

#[test]
fn a_damaged_corpus_is_named_by_file_and_line() {
    let place = Place::new();
    let file = place.file("x.tsv", (0..40).map(|n| format!("a{n}\tb{n}\n")).collect::<String>());
    place.add(&["x", "--tsv", &file]).unwrap();
    let corpus = place.corpus("x");
    let path = |name: &str| corpus.folder().join(name);
    let message = || format!("{:#}", corpus.pairs(Split::Train).unwrap().find_map(Result::err).unwrap());
    let [source, target] = ["train.de", "train.en"].map(|name| fs::read_to_string(path(name)).unwrap());

    fs::write(path("train.de"), source.replacen("\n", "\n\n", 1)).unwrap();
    assert!(message().contains("train.de is empty") && message().contains("line 2 of"), "{}", message());
    fs::write(path("train.de"), &source[..source.len() - 4]).unwrap();
    assert!(message().contains("train.de has 35 lines, but") && message().contains("36"), "{}", message());
    fs::write(path("train.en"), &target[..target.len() - 4]).unwrap();
    assert!(message().contains("has 35 lines, but corpus.json beside it counts 36"), "{}", message());

    fs::remove_file(path("test.en")).unwrap();
    let message = Corpus::find("x", &place.data()).unwrap_err().to_string();
    assert!(message.contains("neither test.en nor test.en.gz"), "{message}");
    fs::write(path(INFO), "{}").unwrap();
    let message = format!("{:#}", Corpus::open(corpus.folder()).unwrap_err());
    assert!(message.contains("corpus.json is damaged: missing field"), "{message}");
}

#[test]
fn a_corpus_is_found_by_folder_by_name_and_built_in() {
    let place = Place::new();
    let message = Corpus::find("none", &place.data()).unwrap_err().to_string();
    assert!(message.contains("found no corpus \"none\"") && message.contains("train data list"), "{message}");
    assert!(Corpus::find("", &place.data()).is_err());
    let message = Corpus::find("no/such", &place.data()).unwrap_err().to_string();
    assert!(message.contains("no/such is no corpus"), "{message}");
    let built_in = Corpus::find("ding", &place.data()).unwrap();
    let folder = built_in.folder().to_str().unwrap();
    assert_eq!(Corpus::find(folder, &place.data()).unwrap().info(), built_in.info());
}

#[test]
fn a_description_that_makes_no_sense_is_refused() {
    let mut info = Corpus::find("ding", Path::new("none")).unwrap().info().clone();
    info.source = Some("../de".to_owned());
    assert!(info.validate().unwrap_err().to_string().contains("two different languages"));
    info.source = None;
    assert!(info.validate().unwrap_err().to_string().contains("pairs need a source and a target"));
    info.kind = Kind::Text;
    assert!(info.validate().unwrap_err().to_string().contains("text has one language at most"));
    (info.source, info.target) = (Some("../en".to_owned()), None);
    assert!(info.validate().is_err());
    info.source = Some("en".to_owned());
    info.validate().unwrap();
}
